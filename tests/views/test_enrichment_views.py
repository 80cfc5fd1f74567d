"""Enrichment in sentences, tables, pages of rows and questions: everybody counted once, nobody named where it is kept."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from payseg_widgets.enrichment.enrich import enrich
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.review import Review
from payseg_widgets.errors import EnrichmentError
from payseg_widgets.views.enrichment import coverage_rows, enrichment_sentence, enrichment_view, state_counts
from payseg_widgets.views.enrichment_question import question_card
from payseg_widgets.views.enrichment_rows import ROWS_A_PAGE, PageAsked, rows_page
from tests.enrichment.scripted import CUSTOMERS, ScriptedSource


@pytest.fixture(scope="module")
def review():
    with Journal() as journal:
        source = ScriptedSource()
        enrich(CUSTOMERS, source, journal=journal)
        yield Review(CUSTOMERS, journal, source=source)


def page(review, **asked):
    return rows_page(review.enrichment, review.records, PageAsked(**asked))


def places(review, **asked):
    return [row[0] for row in page(review, **asked)["rows"]]


def test_counts_and_coverage_count_everybody_once_and_name_nobody(review):
    made = review.enrichment
    view = enrichment_view(made)
    assert state_counts(made) == {"matched": 1, "needs review": 4, "no match": 1}
    assert view.table.groupby("by")["customers"].sum().to_dict() == {"region": 6, "sector": 6, "state": 6}
    assert "registered office" in view.sentence
    assert enrichment_sentence(made) == (
        "6 customers: 1 matched, 4 to be reviewed, 1 without a match. "
        "The region is known of 5 (83%). The sector is known of 2 (33%)."
    )
    said = view.table.to_csv() + view.sentence
    assert not any(text in said for text in ("Oak", "OAK", "C1", "00000001"))


def test_coverage_says_on_whose_word(review):
    assert coverage_rows(review.enrichment, "region")[0] == [
        "South West",
        2,
        pytest.approx(2 / 6),
        "2 ledger postcode",
    ]
    rows = {row[0]: row for row in coverage_rows(review.enrichment, "region")}
    assert rows["London"][3] == "1 registered office"
    assert rows["unknown"][3] == "1 on nobody's word"


def test_a_ledger_nobody_was_asked_about_says_so():
    assert enrichment_sentence(enrich(CUSTOMERS)).startswith("6 customers; no register was asked.")


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"state": "no match"}, [3]),
        ({"text": "oak"}, [0]),
        ({"text": " OKA "}, [5]),
        ({"text": "00000001"}, [0]),
        ({"text": "(sole"}, [3]),
        ({"sort": "name"}, [2, 1, 4, 3, 0, 5]),
        ({"sort": "name", "is_down": True}, [5, 0, 3, 4, 1, 2]),
        ({"sort": "match_probability"}, [0, 1, 2, 3, 4, 5]),
        ({"sort": "state"}, [1, 2, 4, 5, 0, 3]),
        ({"state": "failed"}, []),
        ({"start": 400}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_rows_are_filtered_and_sorted(review, asked, wanted):
    assert places(review, **asked) == wanted


def test_every_row_is_on_one_page(review):
    made = review.enrichment
    many = [r for _ in range(20) for r in review.records]
    table = pd.concat([made.table] * 20)
    whole = type(made)(table=table, fields=made.fields, candidates=made.candidates, as_of=made.as_of)
    starts, seen = range(0, 200, ROWS_A_PAGE), []
    for start in starts:
        told = rows_page(whole, many, PageAsked(start=start))
        if told["start"] == start:
            seen += [row[0] for row in told["rows"]]
    assert seen == list(range(120))
    assert told["start"] == 100  # beyond the end: the last page


def test_what_goes_to_the_page_is_plain(review):
    told = json.loads(json.dumps(page(review), allow_nan=False))
    assert told["rows"][0] == [
        0, "matched", "Oak Joinery Ltd", "OAK JOINERY LIMITED", "00000001", 1.0, "London", "Construction",
        "The names are the same.", "",
    ]  # fmt: skip
    assert told["rows"][3][5] is None
    card = json.loads(json.dumps(question_card(review.question("C6")), allow_nan=False))
    assert [c["number"] for c in card["candidates"]] == ["00000001", "00000002"]
    assert card["candidates"][0]["facts"] == ["active", "incorporated 04 March 2012"]
    assert (card["candidates"][0]["against"], card["decision"]) == (["another postcode"], None)


def test_a_decision_is_shown_with_who_and_when(review):
    review.accept("C6", review.company("C6", "00000002"), who="Kim")
    decided = question_card(review.question("C6"))["decision"]
    assert (decided["choice"], decided["who"], decided["company"]["number"]) == (
        "accepted",
        "Kim",
        "00000002",
    )
    review.undo(who="Kim")


def test_an_unknown_column_is_quoted():
    with pytest.raises(EnrichmentError, match="sort='moon'"):
        PageAsked.from_message({"sort": "moon"})
