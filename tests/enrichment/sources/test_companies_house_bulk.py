"""A register's bulk file as a source: indexed once, asked without any network."""

from __future__ import annotations

import csv
import threading
from datetime import date

import pandas as pd
import pytest

from payseg_widgets.enrichment.enrich import enrich
from payseg_widgets.enrichment.sources.companies_house_bulk import BulkRegister
from payseg_widgets.errors import Cancelled, EnrichmentError
from tests.enrichment.test_bulk import ELM, HEADER, OAK


@pytest.fixture
def bulk_file(tmp_path):
    file = tmp_path / "BasicCompanyDataAsOneFile-2026-11-01.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([HEADER, OAK, ELM])
    return file


CUSTOMERS = pd.DataFrame({
    "customer_id": ["C1", "C2", "C3", "C4"],
    "name": ["Acorn Ltd", "Oak Tree", "Zebra Holdings Ltd", "Elm"],
    "company_number": [None, "12345", None, "OC300001"],
    "postcode": ["LS1 1AA", None, None, None],
})  # fmt: skip


def test_a_bulk_file_answers_by_number_and_by_name(bulk_file):
    made = enrich(CUSTOMERS, bulk_file, as_of="2026-11-27").table
    assert made["state"].tolist()[1:] == ["matched", "no match", "matched"]
    assert made.loc[["C2", "C4"], "company_number"].tolist() == ["00012345", "OC300001"]
    assert made.loc["C2", ["region", "sector"]].tolist() == [
        "Yorkshire and The Humber",
        "Information and communication",
    ]
    assert made.loc["C4", "sector"] == "unknown"  # the register says "None Supplied"


def test_fields_are_of_the_day_of_the_file(bulk_file):
    fields = enrich(CUSTOMERS, bulk_file, as_of="2026-11-27").fields
    registered = fields[fields["source"].isin(["companies_house_bulk", "registered office"])]
    assert set(registered["as_of"].dt.date) == {date(2026, 11, 1)}


def test_the_file_is_read_once_and_again_when_it_changes(bulk_file):
    told = []
    BulkRegister.open(bulk_file, tell=lambda what, *_: told.append(what))
    BulkRegister.open(bulk_file, tell=lambda what, *_: told.append(what))
    assert told.count("reading the register") == 1
    with bulk_file.open("a", newline="", encoding="utf-8") as out:
        csv.writer(out).writerow(["FIR LTD", "00099999", *OAK[2:]])
    source = BulkRegister.open(bulk_file, tell=lambda what, *_: told.append(what))
    assert told.count("reading the register") == 2
    assert source.company("00099999").name == "FIR LTD"
    folder = bulk_file.with_name(f"{bulk_file.name}.register")
    assert BulkRegister.open(folder).as_of == date(2026, 11, 1)


def test_a_look_up_stops_when_asked(bulk_file):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled, match="0 customers are answered"):
        enrich(CUSTOMERS, bulk_file, cancel=stop)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(EnrichmentError, match=r"no file 'absent\.csv'"):
        enrich(CUSTOMERS, tmp_path / "absent.csv")
