"""The worklist as a file: money in units, ids alone unless asked, and nothing a spreadsheet runs."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from payseg_widgets import (
    predict_payments,
    read_contacts,
    record_contacts,
    simulate_ledger,
    worklist,
    write_worklist,
)
from payseg_widgets.errors import SelectionError


@pytest.fixture(scope="module")
def ledger():
    return simulate_ledger(30, seed=1).ledger


@pytest.fixture(scope="module")
def listed(ledger):
    return worklist(predict_payments(ledger, "2024-09-30", n_draws=100), calls_a_day=3, days=2)


@pytest.fixture
def dangerous(listed):
    calls = listed.calls.assign(customer_id=["=1+1", "@x", "+44", "-5", "C", "D"])
    return replace(listed, calls=calls)


def test_csv_and_excel_hold_the_same_calls_in_units(listed, tmp_path):
    csv = pd.read_csv(write_worklist(listed, tmp_path / "calls.csv"), encoding="utf-8-sig")
    excel = pd.read_excel(write_worklist(listed, tmp_path / "calls.xlsx"), engine="openpyxl")
    assert csv["balance"].tolist() == (listed.calls["balance_minor"] / 100).tolist()
    assert excel["balance"].tolist() == csv["balance"].tolist()
    assert list(excel.columns) == list(csv.columns)
    assert "name" not in csv
    assert csv["assumption"].str.startswith("Assumed, not measured").all()


def test_nothing_is_run_by_a_spreadsheet(dangerous, tmp_path):
    text = write_worklist(dangerous, tmp_path / "calls.csv").read_text(encoding="utf-8-sig")
    assert all(f"'{cell}" in text for cell in ("=1+1", "@x", "+44", "-5"))
    sheet = openpyxl.load_workbook(write_worklist(dangerous, tmp_path / "calls.xlsx")).active
    cells = [sheet.cell(row, 3) for row in range(2, 6)]
    assert [cell.value for cell in cells] == ["'=1+1", "'@x", "'+44", "'-5"]
    assert {cell.data_type for cell in cells} == {"s"}


def test_names_come_along_if_asked(listed, ledger, tmp_path):
    named = pd.read_csv(
        write_worklist(listed, tmp_path / "calls.csv", names_from=ledger), encoding="utf-8-sig"
    )
    called = ledger.customers.set_index("customer_id")["name"]
    assert named["name"].str.lstrip("'").tolist() == called[named["customer_id"]].tolist()


def test_a_filled_in_file_is_what_contacts_are_read_from(listed, ledger, tmp_path):
    filled = pd.read_csv(
        write_worklist(listed, tmp_path / "calls.csv"), encoding="utf-8-sig", dtype={"result": "str"}
    )
    filled["contacted_on"] = pd.Series(["2024-10-01"] + [None] * 5, dtype="str")
    table = record_contacts(listed, filled, ledger)  # rows without a day are of nobody who was contacted
    assert table["n_contacts"].tolist() == [1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_worklist_filled_in_is_read_back_with_its_ids_and_who_was_contacted(
    listed, ledger, tmp_path, ending
):
    ids = ["00042", "-7", "=1+1", "42", "NA", "É"]
    mine = dict(zip(listed.calls["customer_id"], ids, strict=True))
    known = replace(
        listed, calls=listed.calls.assign(customer_id=ids),
        invoices=listed.invoices.assign(customer_id=listed.invoices["customer_id"].map(mine)),
    )  # fmt: skip
    path = write_worklist(known, tmp_path / f"calls.{ending}")
    assert (
        record_contacts(known, read_contacts(path), ledger)["n_contacts"].tolist() == [0] * 6
    )  # nobody was called
    if ending == "csv":
        heading, *lines = path.read_text(encoding="utf-8-sig").splitlines()
        lines = [line.removesuffix(",,") + ",2024-10-01,-promised" for line in lines[:5]] + lines[5:]
        path.write_text("\n".join([heading, *lines]), encoding="utf-8-sig")
    else:
        book = openpyxl.load_workbook(path)
        for row in range(2, 7):
            book.active.cell(row, 11).value = pd.Timestamp("2024-10-01").to_pydatetime()
            book.active.cell(row, 12).value = "-promised"
        book.save(path)
    contacts = read_contacts(path)
    assert contacts["customer_id"].tolist() == ids[:5]
    assert contacts["contacted_on"].tolist() == [pd.Timestamp("2024-10-01")] * 5
    assert contacts["result"].tolist() == ["-promised"] * 5
    assert record_contacts(known, contacts, ledger)["n_contacts"].tolist() == [1] * 5 + [0]


def test_contacts_that_cannot_be_read_are_refused(listed, tmp_path):
    path = write_worklist(listed, tmp_path / "calls.csv")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([lines[0], lines[1].removesuffix(",,") + ",31/12/2024,"]), encoding="utf-8")
    with pytest.raises(SelectionError, match="contacted_on '31/12/2024' is no date"):
        read_contacts(path)
    path.write_text("customer_id;result\nC1;x", encoding="utf-8")
    with pytest.raises(SelectionError, match="no column 'contacted_on'; there are: customer_id, result"):
        read_contacts(path)
    for name in ("calls.pdf", "none.csv", "none.xlsx"):
        with pytest.raises(SelectionError, match=r"neither|cannot read"):
            read_contacts(tmp_path / name)
    (tmp_path / "broken.xlsx").write_bytes(b"PK no workbook")
    with pytest.raises(SelectionError, match="cannot read"):
        read_contacts(tmp_path / "broken.xlsx")


def test_money_has_as_many_decimals_as_its_currency(listed, tmp_path):
    calls = listed.calls.assign(balance_minor=[1_234_565, 1_234_575, 1_234_585, 1, 2, 3])
    text = write_worklist(replace(listed, calls=calls, currency="KWD"), tmp_path / "calls.csv")
    told = pd.read_csv(text, dtype="str", encoding="utf-8-sig")["balance"].tolist()
    assert told == ["1234.565", "1234.575", "1234.585", "0.001", "0.002", "0.003"]


def test_another_ending_and_a_place_that_is_not_there_are_refused(listed, tmp_path):
    with pytest.raises(SelectionError, match=r"neither \.csv nor \.xlsx"):
        write_worklist(listed, tmp_path / "calls.pdf")
    for ending in ("csv", "xlsx"):
        with pytest.raises(SelectionError, match="cannot write"):
            write_worklist(listed, tmp_path / "no" / f"calls.{ending}")
