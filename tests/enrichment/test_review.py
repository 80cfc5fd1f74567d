"""`Review`: the most doubtful first, decisions kept and taken back, the enrichment as if made anew."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.enrich import enrich
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.review import Review
from payseg_widgets.errors import EnrichmentError
from tests.enrichment.scripted import CUSTOMERS, REGISTER, ScriptedSource


@pytest.fixture
def journal():
    with Journal() as journal:
        yield journal


@pytest.fixture
def review(journal):
    source = ScriptedSource()
    enrich(CUSTOMERS, source, journal=journal)
    return Review(CUSTOMERS, journal, source=source)


def same(one, other):
    key = ["customer_id", "field", "source", "value"]
    assert_frame_equal(one.table, other.table)
    for name, by in (("fields", key), ("candidates", ["customer_id", "rank"])):
        tables = [getattr(made, name).sort_values(by).reset_index(drop=True) for made in (one, other)]
        assert_frame_equal(*tables)


def test_questions_come_the_most_doubtful_first_and_keep_their_place_when_decided(review):
    queue = review.queue()
    doubt = [abs(review.question(name).candidates[0].probability - 0.5) for name in queue]
    assert queue == ["C6", "C5", "C2", "C3"]
    assert doubt == sorted(doubt)
    review.refuse("C6", "no match", who="Kim")
    assert review.queue() == queue
    assert review.n_left == 3
    review.skip("C3", who="Kim")
    assert review.n_left == 3


def test_a_customer_is_accepted_as_its_likeliest_as_another_or_as_any_of_the_register(review):
    review.accept("C6", review.company("C6"), who="Kim")
    assert review.enrichment.table.loc["C6", "company_number"] == "00000001"
    review.accept("C6", review.company("C6", "00000002"), who="Kim")
    assert review.source.numbers == []  # it was among those weighed
    assert review.enrichment.table.loc["C6", "company_number"] == "00000002"
    review.accept("C4", review.company("C4", " 00000005"), who="Kim")
    assert review.source.numbers == ["00000005"]
    row = review.enrichment.table.loc["C4", ["state", "region", "match_probability", "decided_by"]]
    assert row.tolist() == ["matched", "Wales", 1.0, "Kim"]


STEPS = st.sampled_from(["accept", "no match", "not a company", "skip", "undo"])


@settings(max_examples=8)
@given(
    st.lists(st.tuples(STEPS, st.sampled_from(CUSTOMERS["customer_id"].tolist())), max_size=4),
    st.sampled_from(["registered office", "ledger"]),
)
def test_after_any_decisions_the_enrichment_is_as_if_made_anew(steps, region_from):
    source = ScriptedSource()
    with Journal() as journal:
        enrich(CUSTOMERS, source, journal=journal)
        review = Review(CUSTOMERS, journal, source=source, region_from=region_from)
        for step, name in steps:
            if step == "undo":
                review.undo(who="Kim")
            elif step == "skip":
                review.skip(name, who="Kim")
            elif step == "accept":
                review.accept(name, review.company(name, "00000004"), who="Kim")
            else:
                review.refuse(name, step, who="Kim")
        same(review.enrichment, enrich(CUSTOMERS, source, journal=journal, region_from=region_from))


def test_answers_that_come_one_by_one_are_as_all_at_once(journal):
    source = ScriptedSource()
    review = Review(CUSTOMERS, journal, source=source)
    assert (review.enrichment.table["state"] == "pending").all()
    for record in review.records:
        answer = source.answer(record)
        journal.write(record, answer)
        review.take([answer])
    same(review.enrichment, enrich(CUSTOMERS, source, journal=journal))


def test_undo_takes_back_one_s_own_latest_decision_only(review):
    review.accept("C6", review.company("C6"), who="Kim")
    review.refuse("C3", "no match", who="Kim")
    review.refuse("C2", "no match", who="Sam")
    assert review.undo(who="Kim") == "C3"
    assert (review.question("C3").decision, review.question("C2").decision.who) == (None, "Sam")
    assert review.enrichment.table.loc["C3", ["state", "decided_by"]].tolist() == ["needs review", ""]
    assert review.undo(who="Kim") == "C6"
    assert review.undo(who="Kim") is None


def test_what_was_decided_while_a_run_went_on_is_not_lost_with_its_result(review, journal):
    made = enrich(CUSTOMERS, review.source, journal=journal)
    review.refuse("C2", "no match", who="Kim")
    review.adopt(made)
    assert review.enrichment.table.loc["C2", "decided_by"] == "Kim"
    review.read(review.source, region_from="ledger")
    review.adopt(made)
    assert review.enrichment.table.loc["C1", "region_basis"] == "ledger postcode"


def test_decisions_are_written_without_names_unless_asked_and_run_nothing(journal, tmp_path):
    people = CUSTOMERS.assign(customer_id=["=1+1", "C2", "C3", "C4", "C5", "C6"])
    review = Review(people, journal, source=ScriptedSource())
    review.accept("=1+1", Company("00000001", "=OAK"), who="@Kim")
    plain = review.decisions_to_csv(tmp_path / "plain.csv").read_text()
    assert plain.splitlines()[0] == "customer_id,choice,who,decided_at"
    assert plain.splitlines()[1].startswith("'=1+1,accepted,'@Kim,20")
    assert "OAK" not in plain
    named = review.decisions_to_csv(tmp_path / "named.csv", names=True)
    assert pd.read_csv(named, dtype=str).loc[0, ["company_number", "company_name"]].tolist() == [
        "00000001",
        "'=OAK",
    ]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.company("C4"), "give the number of one"),
        (lambda r: r.company("C4", "hello"), "'hello' is no company number"),
        (lambda r: r.company("C4", "87654321"), "no such company"),
        (lambda r: r.question("C9"), "no customer 'C9'"),
        (
            lambda r: r.refuse("C1", "accepted", who="Kim"),
            "choice='accepted' is none of: not a company, no match",
        ),
    ],
)
def test_what_cannot_be_decided_is_refused_with_a_next_step(review, ask, says):
    with pytest.raises(EnrichmentError, match=says):
        ask(review)


def test_nobody_to_look_up_is_said(journal):
    with pytest.raises(EnrichmentError, match="no customers"):
        Review(CUSTOMERS.head(0), journal)


def test_reprs_hold_neither_names_nor_ids(review):
    said = repr(review) + repr(review.question("C1")) + repr(review.records) + repr(REGISTER[0])
    assert not any(text in said for text in ("C1", "Oak", "OAK"))
