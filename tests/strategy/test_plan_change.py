"""What another policy changes: who moves, with what money, and the minutes it takes."""

from __future__ import annotations

import numpy as np
import pytest

from payseg_widgets import compare_plans, default_policy, make_plan
from payseg_widgets.errors import StrategyError
from tests.strategy.plan_worlds import book, day, forecast_of, segmented

#: Four customers of a low-risk segment with one invoice each that is not due: late with 10, 30, 45 and 60 %.
ROWS = [(name, day(5), day(-25), 1_000 * (n + 1), [], None) for n, name in enumerate("ABCD")]
LATE = np.array([0.1, 0.3, 0.45, 0.6])


@pytest.fixture(scope="module")
def make():
    ledger = book(ROWS)
    segmentation = segmented(ledger, dict.fromkeys("ABCD", 0))
    return lambda policy: make_plan(
        ledger, segmentation, forecast_of(ledger, LATE, np.zeros(4)), policy=policy
    )


def test_nobody_moves_under_the_same_policy(make):
    change = compare_plans(make(None), make(default_policy()))
    assert change.customers.empty
    assert change.moves.empty
    assert change.sentence.startswith("0 customers move, 0 of them")
    assert change.minutes["change"].tolist() == [0, 0]


def test_a_lower_threshold_moves_who_lies_between(make):
    change = compare_plans(
        make(None), make(default_policy().changed("customers", "often_late", min_late_probability=0.4))
    )
    assert change.customers.index.tolist() == ["C"]
    assert change.customers.loc["C", ["action_before", "action_after"]].tolist() == [
        "reminder_before_due", "automated_reminders",
    ]  # fmt: skip
    assert change.customers.at["C", "why_after"] == "late probability 0.45 >= 0.40"
    [move] = change.moves.reset_index().to_dict("records")
    assert move == {
        "action_before": "reminder_before_due", "action_after": "automated_reminders", "n": 1,
        "outstanding_minor": 3_000, "is_more_severe": True,
    }  # fmt: skip
    # D, with the largest balance, is followed up: 15 minutes; C takes one of automated reminders
    assert change.minutes.loc["customers"].tolist() == [15, 16, 1]
    assert change.invoices.empty


def test_the_way_back_is_the_same_moves_reversed(make):
    other = make(default_policy().changed("invoices", "often_late", min_late_probability=0.25))
    there, back = compare_plans(make(None), other), compare_plans(other, make(None))
    assert there.invoice_moves["n"].tolist() == back.invoice_moves["n"].tolist() == [2]
    assert there.invoice_moves.index[0] == back.invoice_moves.index[0][::-1]
    assert there.invoice_moves["is_more_severe"].tolist() == [True]
    assert back.invoice_moves["is_more_severe"].tolist() == [False]
    assert (there.minutes["change"] == -back.minutes["change"]).all()


def test_plans_of_other_customers_are_not_compared(make):
    ledger = book(ROWS[:3])
    other = make_plan(ledger, segmented(ledger, dict.fromkeys("ABC", 0)))
    with pytest.raises(
        StrategyError, match=r"not of the same customers: 4 on 2024-12-31 and 3 on .* from one ledger"
    ):
        compare_plans(make(None), other)


def test_a_change_is_told_without_names(make):
    change = compare_plans(
        make(None), make(default_policy().changed("customers", "often_late", min_late_probability=0.4))
    )
    assert repr(change) == "PlanChange(1 customer and 0 open invoices)"
    assert change.sentence == (
        "1 customer moves, 1 of them to a more severe action, and 0 open invoices; it takes +1 minutes a month for customers "
        "and +0 once for open invoices."
    )
