"""Decisions recalibrate what the matcher stated, and settle open questions only as far as they are evidence for it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from payseg_widgets.enrichment.answer import NOT_SURE_ENOUGH, Answer, Candidate
from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.enrich import enrich
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.recalibration import Recalibration
from payseg_widgets.enrichment.review import Review
from tests.enrichment.test_review import same


def test_without_decisions_what_is_stated_stands_and_nothing_is_settled():
    by = Recalibration.fit([])
    assert by.probability(0.9) == pytest.approx(0.9)
    # the prior alone: sd of the log-odds 4.595 is sqrt((0.25 * 4.595)^2 + 0.75^2) = 1.372; 4.595 - 1.645 * 1.372 = 2.338
    assert by.at_least(0.99) == pytest.approx(expit(2.338), abs=1e-4)
    assert by.sentence(0) == ""


def test_reviewers_who_find_half_of_the_sure_ones_wrong_lower_the_probability():
    by = Recalibration.fit([(0.88, k % 2 == 0) for k in range(400)])
    assert by.probability(0.88) == pytest.approx(0.5, abs=0.03)
    assert (by.n_decisions, by.n_right, round(by.n_expected)) == (400, 200, 352)


def test_few_decisions_move_little():
    assert 0.75 < Recalibration.fit([(0.88, False)]).probability(0.88) < 0.88


def test_decisions_in_line_with_the_probabilities_change_nothing_to_speak_of():
    right = [(0.88, True)] * 88 + [(0.88, False)] * 12 + [(0.12, True)] * 12 + [(0.12, False)] * 88
    assert Recalibration.fit(right).probability(0.88) == pytest.approx(0.88, abs=0.005)


def worlds(slope, offset, *, n=60, repeats=200):
    """Recalibrations on n decisions each, where what is stated comes true as logistic(slope * log-odds + offset)."""
    rng = np.random.default_rng(4)
    for _ in range(repeats):
        stated = rng.uniform(0.1, 0.97, n)
        yield Recalibration.fit(
            zip(stated, rng.random(n) < expit(slope * logit(stated) + offset), strict=True)
        )


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (1.1, 0.4), (0.9, -0.4)])
def test_the_lower_bound_is_one_in_95_of_100(slope, offset):
    truth = expit(slope * logit(0.96) + offset)
    held = np.mean([by.at_least(0.96) <= truth for by in worlds(slope, offset)])
    assert held >= 0.92  # 95 %, less two standard errors of 200 repeats


def test_too_much_doubt_settles_questions_and_too_little_none():
    shy, bold = (
        np.mean([by.at_least(0.96) >= 0.97 for by in worlds(1.3, offset, n=200)]) for offset in (1.5, -1.0)
    )
    assert shy >= 0.9
    assert bold == 0.0


class Stated:
    """Every customer's likeliest company is stated to be its own with the probability written in its address."""

    name, label, batch, accept_from = "stated", "As written", 1_000, 0.97

    def look_up(self, customers, on_answer, *, tell, cancel, pause, n_after):
        for customer in customers:
            on_answer(customer, self.answer(customer))
            tell("", 0, 1)

    def answer(self, customer):
        p = float(customer.address)
        company = Company(customer.customer_id[1:].rjust(8, "0"), "ANY LIMITED", postcode="LS1 4AP")
        state, reason = (
            ("matched", "Sure.") if p >= self.accept_from else ("needs review", f"{NOT_SURE_ENOUGH} (p).")
        )
        return Answer(
            customer.customer_id, state, reason, (Candidate(company, p),), self.name, date(2026, 11, 1)
        )

    def company(self, number):
        return Company(number, "ANOTHER LIMITED")


CROWD = pd.DataFrame({
    "customer_id": [f"C{n}" for n in range(90)],
    "name": "Any Ltd",
    "address": [f"{p:.3f}" for p in np.tile([0.5, 0.7, 0.9, 0.95, 0.96, 0.98], 15)],
})  # fmt: skip


@pytest.fixture
def reviewed():
    with Journal() as journal:
        source = Stated()
        enrich(CROWD, source, journal=journal)
        review = Review(CROWD, journal, source=source)
        for name in CROWD.loc[:59, "customer_id"]:
            review.accept(name, review.company(name), who="Kim")
        yield review, journal


def test_open_questions_are_settled_by_decisions_and_open_again_without_them(reviewed):
    review, journal = reviewed
    table = review.enrichment.table
    open_ones = CROWD[(CROWD.index >= 60) & (CROWD["address"] < "0.97")].set_index("customer_id")["address"]
    sure = table.loc[open_ones.index, "state"] == "matched"
    assert sure.any()
    assert not sure.all()
    assert open_ones[sure].min() > open_ones[~sure].max()  # the likeliest first
    name = sure.idxmax()
    assert table.loc[name, "reason"].startswith("Sure enough (9")
    assert table.loc[name, "decided_by"] == ""
    assert table.loc[name, "match_probability"] > float(open_ones[name])
    assert name not in review.queue()
    assert review.learnt == (
        f"The likeliest company was right for 50 of 50 doubtful customers decided on (40 by the stated probabilities). "
        f"By that {sure.sum()} of the others are sure enough."
    )
    made = enrich(CROWD, review.source, journal=journal)
    same(review.enrichment, made)
    assert made.notes == (review.learnt,)
    for _ in range(60):
        review.undo(who="Kim")
    assert (review.enrichment.table.loc[open_ones.index, "state"] == "needs review").all()
    same(review.enrichment, enrich(CROWD, review.source, journal=journal))


def test_each_decision_leaves_the_enrichment_as_if_made_anew(reviewed):
    review, journal = reviewed
    before = enrich(CROWD, review.source, journal=journal)
    review.refuse("C60", "no match", who="Kim")  # 0.5
    review.accept(
        "C64", review.company("C64", "09999999"), who="Kim"
    )  # not the likeliest, stated at 0.96: that was wrong
    same(review.enrichment, enrich(CROWD, review.source, journal=journal))
    assert review.recalibration.n_right == 50
    review.adopt(before)  # a run that ended meanwhile had not heard of these
    same(review.enrichment, enrich(CROWD, review.source, journal=journal))
    review.skip("C65", who="Kim")
    assert review.recalibration.n_decisions == 52
