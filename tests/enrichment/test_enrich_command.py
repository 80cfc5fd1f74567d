"""`payseg enrich`: from a customer table and a register to files, resumable, naming nobody unless asked."""

from __future__ import annotations

import pandas as pd
import pytest

from payseg_widgets.cli import main
from payseg_widgets.enrichment.testing import register_server
from payseg_widgets.enrichment.testing.server import TEST_KEY
from tests.enrichment.sources.test_companies_house_bulk import CUSTOMERS, bulk_file

__all__ = ["bulk_file"]  # a fixture


@pytest.fixture
def table(tmp_path):
    CUSTOMERS.rename(columns={"name": "Customer Name", "customer_id": "Customer No"}).to_csv(
        tmp_path / "c.csv", index=False
    )
    return tmp_path / "c.csv"


def test_customers_are_enriched_from_a_bulk_file(table, bulk_file, tmp_path, capsys):
    assert (
        main(["enrich", str(table), "--register", str(bulk_file), "--out", str(tmp_path / "out"), "--quiet"])
        == 0
    )
    said = capsys.readouterr().out
    assert "registered office" in said
    written = pd.read_csv(tmp_path / "out" / "enrichment.csv", index_col="customer_id")
    assert written.loc["C2", "region"] == "Yorkshire and The Humber"
    everything = "".join(path.read_text() for path in (tmp_path / "out").glob("*.csv")) + said
    assert "OAK" not in everything
    assert "00012345" not in everything
    assert (
        main(
            [
                "enrich",
                str(table),
                "--register",
                str(bulk_file),
                "--out",
                str(tmp_path / "out"),
                "--names",
                "--quiet",
            ]
        )
        == 0
    )
    assert 'OAK ""TREE""' in (tmp_path / "out" / "enrichment.csv").read_text()


def test_the_api_is_asked_once_and_its_key_is_nowhere(table, companies, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COMPANIES_HOUSE_API_KEY", TEST_KEY)
    with register_server(companies) as server:
        command = ["enrich", str(table), "--api", server.url, "--out", str(tmp_path / "out")]
        assert main(command) == 0
        n = len(server.requests)
        assert n >= len(CUSTOMERS)
        assert main(command) == 0
        assert len(server.requests) == n
    told = capsys.readouterr()
    assert TEST_KEY not in told.out + told.err
    assert all(TEST_KEY.encode() not in path.read_bytes() for path in (tmp_path / "out").iterdir())


def test_without_a_key_the_ways_to_give_one_are_said(table, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("COMPANIES_HOUSE_API_KEY", raising=False)
    assert main(["enrich", str(table), "--api", "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert "COMPANIES_HOUSE_API_KEY" in capsys.readouterr().err
