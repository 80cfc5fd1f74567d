"""The register: written, opened, and rows fetched."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from payseg_widgets.enrichment.company import Company, PreviousName
from payseg_widgets.enrichment.register import SCHEMA, Register, write_register
from payseg_widgets.errors import EnrichmentError

ACORN = Company(
    "00000001", "ACORN PRINT LIMITED", "active", "ltd", date(2001, 2, 3), None, "1 High Street", "LS1 1AA", "England",
    ("18129", "62020"), (PreviousName("OLD ACORN LIMITED", None, date(2010, 1, 1)),),
)  # fmt: skip
BEECH = Company("SC000002", "BEECH LABELS PLC", postcode="LS1 1AA")


def test_what_is_written_is_what_is_read(tmp_path):
    register = write_register([ACORN, BEECH], tmp_path)
    assert register.companies(["SC000002", "00000001", "99999999"]) == [BEECH, ACORN, None]
    assert Register(tmp_path / "companies.parquet").company("00000001") == ACORN


def test_rows_are_found_by_number_by_postcode_and_by_position(tmp_path):
    register = write_register([ACORN, BEECH], tmp_path)
    assert register.positions_of(["SC000002", "nonsense", "", "00000001"]).tolist() == [1, -1, -1, 0]
    assert sorted(register.positions_at("ls11aa")) == [0, 1]
    assert register.positions_at("M1 1AA").tolist() == []
    assert [company.name for company in register.matched_by([1, 0])] == [BEECH.name, ACORN.name]
    assert register.names_at([0]) == [("ACORN PRINT LIMITED", "OLD ACORN LIMITED")]


def test_a_table_may_leave_columns_out(tmp_path):
    register = write_register(pd.DataFrame({"number": ["00000001"], "name": ["ACORN LTD"]}), tmp_path)
    assert register.company("00000001") == Company("00000001", "ACORN LTD")


def test_an_empty_register_answers(tmp_path):
    register = write_register([], tmp_path)
    assert (len(register), register.positions_of(["00000001"]).tolist(), register.company("00000001")) == (
        0,
        [-1],
        None,
    )


def test_a_number_twice_is_refused(tmp_path):
    with pytest.raises(EnrichmentError, match="1 company numbers stand more than once"):
        write_register([ACORN, ACORN], tmp_path)


def test_a_folder_without_a_register_is_refused(tmp_path):
    with pytest.raises(EnrichmentError, match="write_register"):
        Register(tmp_path)


def test_a_file_that_lacks_a_column_is_refused(tmp_path):
    pq.write_table(pa.table({"number": ["1"]}), tmp_path / "companies.parquet")
    with pytest.raises(EnrichmentError, match=f"{len(SCHEMA) - 1} missing"):
        Register(tmp_path)


def test_a_table_without_names_is_refused(tmp_path):
    with pytest.raises(EnrichmentError, match="lacks the column 'name'"):
        write_register(pd.DataFrame({"number": ["1"]}), tmp_path)
