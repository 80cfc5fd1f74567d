"""The worklist as a file: money in units, ids alone unless asked, and nothing a spreadsheet runs."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from payseg_widgets import predict_payments, record_contacts, simulate_ledger, worklist, write_worklist
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
    table = record_contacts(listed, filled.dropna(subset="contacted_on"), ledger)
    assert table["n_contacts"].tolist() == [1, 0, 0, 0, 0, 0]


def test_another_ending_and_a_place_that_is_not_there_are_refused(listed, tmp_path):
    with pytest.raises(SelectionError, match=r"neither \.csv nor \.xlsx"):
        write_worklist(listed, tmp_path / "calls.pdf")
    for ending in ("csv", "xlsx"):
        with pytest.raises(SelectionError, match="cannot write"):
            write_worklist(listed, tmp_path / "no" / f"calls.{ending}")
