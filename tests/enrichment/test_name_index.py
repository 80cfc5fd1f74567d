"""The index of names: both engines find the same."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

from payseg_widgets.enrichment.company import Company, PreviousName
from payseg_widgets.enrichment.name_index import NameIndex, _packed, pieces_of
from payseg_widgets.enrichment.names import parse_name
from payseg_widgets.enrichment.register import write_register
from payseg_widgets.enrichment.testing.simulated_register import simulate_register
from payseg_widgets.errors import Cancelled, EnrichmentError

ENGINES = ("tantivy", "sqlite")
COMPANIES = [
    Company("00000001", "ACORN PRINT LIMITED"),
    Company("00000002", "BEECH LABELS LIMITED", previous_names=(PreviousName("QUINTESSA FOODS LIMITED"),)),
    Company("00000003", "CEDAR HAULAGE LLP"),
    Company("00000004", "ACORN PRINTERS LIMITED"),
]


@pytest.fixture(scope="module", params=ENGINES)
def small(request, tmp_path_factory):
    return NameIndex(write_register(COMPANIES, tmp_path_factory.mktemp(request.param)), engine=request.param)


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("Acorn Print Ltd", 0),
        ("Haulage Cedar", 2),
        ("Acrn Printers", 3),
        ("Quintessa Foods", 1),
        ("Bech Labels", 1),
    ],
)
def test_the_company_meant_comes_first(small, name, position):
    assert small.candidates(parse_name(name), 3)[0] == position


def test_the_very_name_comes_before_any_alike(small):
    assert small.exact(parse_name("Acorn Print")) == [0]
    assert set(small.candidates(parse_name("Acorn Print"), 3)) >= {0, 3}


@pytest.mark.parametrize("name", ["", "!!!", "Zzyzx"])
def test_a_name_that_nobody_has_finds_nobody(small, name):
    assert small.candidates(parse_name(name)).tolist() == []


def test_words_are_cut_into_pieces_each_by_itself():
    assert pieces_of("OAK CO") == ["_OA", "OAK", "AK_", "_CO", "CO_"]
    assert set(pieces_of("CO OAK")) == set(pieces_of("OAK CO"))


def test_easy_names_of_a_larger_register_are_found_by_both_engines(tmp_path):
    table = simulate_register(400, seed=5)
    register = write_register(table, tmp_path)
    first = {engine: NameIndex(register, engine=engine) for engine in ENGINES}
    for place in range(0, 400, 8):
        parsed = parse_name(table["name"][place].title())
        tops = {engine: place in index.candidates(parsed, 5) for engine, index in first.items()}
        assert tops == dict.fromkeys(ENGINES, True)


def test_an_index_is_kept_and_made_anew_when_the_register_changes(tmp_path):
    made = NameIndex(write_register(COMPANIES[:1], tmp_path)).folder / "stamp.json"
    written = made.stat().st_mtime_ns
    again = NameIndex(write_register(COMPANIES, tmp_path))
    assert again.candidates(parse_name("Cedar Haulage")).tolist() == [2]
    after = made.stat().st_mtime_ns
    assert after > written
    NameIndex(again.register)
    assert made.stat().st_mtime_ns == after


def test_an_unknown_engine_is_refused(tmp_path):
    with pytest.raises(EnrichmentError, match="sqlite, tantivy"):
        NameIndex(write_register(COMPANIES, tmp_path), engine="lucene")


def test_sqlite_takes_over_where_tantivy_cannot_be_imported(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tantivy", None)
    assert NameIndex(write_register(COMPANIES, tmp_path)).engine == "sqlite"


def test_more_companies_than_three_bytes_can_count_are_refused():
    with pytest.raises(EnrichmentError, match="16,777,217 companies is too large"):
        _packed(np.array([1]), np.array([1 << 24]))


@pytest.mark.parametrize("engine", ENGINES)
def test_making_an_index_can_be_stopped_and_leaves_nothing_to_be_read(tmp_path, engine):
    register, stop, told = write_register(COMPANIES, tmp_path), threading.Event(), []
    stop.set()
    with pytest.raises(Cancelled, match="begins it anew"):
        NameIndex(register, engine=engine, cancel=stop)
    assert not list(tmp_path.glob("names.*"))
    index = NameIndex(register, engine=engine, tell=lambda *at: told.append(at))
    assert told == [("indexing the register's names", 0, 4)]
    assert index.candidates(parse_name("Acorn Print Ltd"))[0] == 0
