"""Reasons add up to the chance told, and are those that a plain model really has."""

from __future__ import annotations

from itertools import permutations
from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets import simulate_ledger
from payseg_widgets.errors import UnknownNameError
from payseg_widgets.prediction.at_issue import FEATURES
from payseg_widgets.prediction.explain import _GIVEN, REASONS, _shapley, explain_invoice
from payseg_widgets.prediction.forecast import predict_payments


@pytest.fixture(scope="module")
def forecast():
    return predict_payments(simulate_ledger(120, seed=5, world="realistic").ledger, "2024-08-31")


def test_every_feature_is_a_reason_once_or_given():
    assert sorted([*_GIVEN, *(name for names in REASONS.values() for name in names)]) == sorted(FEATURES)


@given(st.lists(st.floats(-1, 1), min_size=8, max_size=8))
def test_reasons_are_means_over_all_orders(told):
    values = np.zeros(3)
    orders = list(permutations(range(3)))
    for order in orders:
        taken = 0
        for one in order:
            values[one] += (told[taken | 1 << one] - told[taken]) / len(orders)
            taken |= 1 << one
    assert _shapley(np.array(told), 3) == pytest.approx(values, abs=1e-9)


def test_they_add_up_from_the_typical_customer_to_the_chance_told(forecast):
    table = forecast.invoices
    fresh, overdue = table.index[table["days_past_due"] <= 0][0], table.index[table["days_past_due"] > 5][0]
    for invoice, column, what in ((fresh, "p_late", "late"), (overdue, "p_paid_30", "paid within 30 days")):
        told = explain_invoice(forecast, invoice)
        assert told.what == what
        assert told.chance == pytest.approx(table.loc[invoice, column])
        assert told.table["points"].sum() == pytest.approx(100 * (told.chance - told.typical))
        assert (told.curve["p_paid"].diff().dropna() >= -1e-12).all()
        assert told.curve["p_paid"].iloc[0] == pytest.approx(0)
        assert told.curve.index[0] == forecast.as_of
        assert f"{told.chance:.0%}" in told.sentence
        assert invoice not in repr(told)


def test_a_slow_payer_has_its_own_history_to_blame(forecast):
    table = forecast.invoices
    fresh = table.index[table["days_past_due"] <= 0]
    delays = forecast.seen.frame.loc[fresh, "late_ratio"]
    worst, best = delays.idxmax(), delays.idxmin()
    about = ["How often the customer paid late", "How many days late it paid"]
    assert explain_invoice(forecast, worst).table.loc[about, "points"].sum() > 5
    assert explain_invoice(forecast, best).table.loc[about, "points"].sum() < 0


def test_what_is_drawn_as_typical_is_decided_by_the_seed(forecast):
    invoice = forecast.invoices.index[0]
    first, again = (explain_invoice(forecast, invoice, seed=3) for _ in range(2))
    assert first.table.equals(again.table)
    other = explain_invoice(forecast, invoice, seed=4)
    assert isclose(first.chance, other.chance)


def test_an_unknown_invoice_is_refused(forecast):
    with pytest.raises(UnknownNameError, match="'nothing' is not among the"):
        explain_invoice(forecast, "nothing")
