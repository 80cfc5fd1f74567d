from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.export import decimal_text, write_export
from payseg_widgets.ledger.read import read_ledger
from payseg_widgets.ledger.simulate import simulate_ledger


@pytest.fixture(scope="module")
def ledger():
    return simulate_ledger(60, world="realistic", seed=5).ledger


@given(st.lists(st.none() | st.integers(-(10**12), 10**12)), st.sampled_from([0, 2, 3]))
def test_money_is_written_exactly(minor, digits):
    text = decimal_text(pd.Series(minor, dtype="Int64"), digits)
    for written, expected in zip(text, minor, strict=True):
        assert pd.isna(written) if expected is None else Decimal(written) == Decimal(expected).scaleb(-digits)


def test_every_table_becomes_a_file_with_its_rows_and_money(ledger, tmp_path):
    paths = write_export(ledger, tmp_path)
    assert [p.name for p in paths] == [
        "customers.csv", "invoices.csv", "payments.csv", "credit_notes.csv", "reminders.csv", "disputes.csv",
    ]  # fmt: skip
    for path in paths:
        written, table = pd.read_csv(path, dtype="str"), getattr(ledger, path.stem)
        assert len(written) == len(table)
        if "amount_minor" in table:
            assert (
                sum(Decimal(x) for x in written["Amount"]) == Decimal(int(table["amount_minor"].sum())) / 100
            )


def test_what_is_exported_is_read_back(ledger, tmp_path):
    paths = {p.stem: p for p in write_export(ledger, tmp_path)}
    back = read_ledger(**paths, as_of=ledger.as_of, currency="GBP")
    assert len(back.rejected) == 0
    for table, columns in {
        "invoices": ["invoice_id", "issued_on", "due_on", "amount_minor", "closed_on", "closed_reason"],
        "payments": ["paid_on", "amount_minor"], "reminders": ["invoice_row", "sent_on"],
        "credit_notes": ["invoice_row", "issued_on", "amount_minor"],
        "disputes": ["invoice_row", "opened_on"],
    }.items():  # fmt: skip
        pd.testing.assert_frame_equal(getattr(back, table)[columns], getattr(ledger, table)[columns])


def test_the_flat_layout_holds_one_line_an_invoice_with_what_was_paid_on_it(ledger, tmp_path):
    (path,) = write_export(ledger, tmp_path, layout="flat")
    flat = pd.read_csv(path, dtype="str")
    assert len(flat) == len(ledger)
    named = ledger.payments[ledger.payments["invoice_row"] >= 0]
    assert sum(Decimal(x) for x in flat["Paid Amount"]) == Decimal(int(named["amount_minor"].sum())) / 100
    net = ledger.invoices["amount_minor"].sum() - ledger.credit_notes["amount_minor"].sum()
    assert sum(Decimal(x) for x in flat["Amount"]) == Decimal(int(net)) / 100
    assert (flat["Disputed"] == "yes").sum() == ledger.disputes["invoice_row"].nunique()
    assert (flat["Payment Date"].notna() == (flat["Paid Amount"] != "0.00")).all()


def test_cells_that_a_spreadsheet_would_run_are_defused(ledger, tmp_path):
    names = ledger.customers["name"].copy()
    names.iloc[:4] = ["=HYPERLINK(1)", "+44 Ltd", "-Dash", "@Home"]
    write_export(replace(ledger, customers=ledger.customers.assign(name=names)), tmp_path)
    written = pd.read_csv(tmp_path / "customers.csv", dtype="str")["Customer Name"]
    assert written.iloc[:4].tolist() == ["'=HYPERLINK(1)", "'+44 Ltd", "'-Dash", "'@Home"]
    assert not written.str.startswith(("=", "+", "-", "@"), na=False).any()


def test_an_unknown_layout_or_a_folder_in_the_way_is_an_error(ledger, tmp_path):
    with pytest.raises(LedgerError, match="layout='wide' is not a layout: give 'tables' or 'flat'"):
        write_export(ledger, tmp_path, layout="wide")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match="cannot write to"):
        write_export(ledger, tmp_path / "file")
