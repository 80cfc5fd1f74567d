"""A forecast reconciles to the penny, sees nothing later, and comes true as often as it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import read_ledger, simulate_ledger
from payseg_widgets.errors import Cancelled, ForecastError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.dates import ENDS, fit_dates, paid_by_quantiles, unpaid_after
from payseg_widgets.prediction.dependence import dependence
from payseg_widgets.prediction.forecast import STEPS, predict_payments


@pytest.fixture(scope="module")
def simulated_world():
    return simulate_ledger(250, seed=9, world="realistic")


@pytest.fixture(scope="module")
def forecast(simulated_world):
    return predict_payments(simulated_world.ledger, "2024-08-31")


def test_it_adds_up_to_the_open_balance(forecast, simulated_world):
    then = simulated_world.ledger.until("2024-08-31")
    balance = int(SettledInvoices.from_ledger(then).outstanding.sum())
    assert forecast.balance_minor == balance
    assert forecast.weeks["expected_minor"].sum() == balance
    assert forecast.ageing["now_minor"].sum() == balance
    assert forecast.customers.to_numpy().sum() == pytest.approx(balance)
    assert (forecast.weeks[["p10_minor", "p50_minor", "p90_minor"]].diff(axis=1).iloc[:, 1:] >= 0).all(
        axis=None
    )
    assert forecast.weeks.index[0] == pd.Timestamp("2024-09-01")


def test_chances_and_days_are_in_order(forecast):
    table = forecast.invoices
    assert (table["p_paid_7"] <= table["p_paid_30"] + 1e-12).all()
    assert (table["p_paid_30"] <= table["p_paid_60"] + 1e-12).all()
    known = table.dropna(subset=["paid_q90"])
    assert (known["paid_q10"] <= known["paid_q50"]).all()
    assert (known["paid_q50"] <= known["paid_q90"]).all()
    assert (known["paid_q10"] >= forecast.as_of).all()
    assert (table.loc[table["days_past_due"] > 0, "p_late"] == 1).all()


def test_what_comes_after_the_day_changes_nothing(forecast, simulated_world):
    again = predict_payments(simulated_world.ledger.until("2024-08-31"))
    pd.testing.assert_frame_equal(again.invoices, forecast.invoices)
    pd.testing.assert_frame_equal(again.weeks, forecast.weeks)


def test_what_was_said_comes_true_as_often(forecast, simulated_world):
    later = features_at_issue(simulated_world.ledger)
    place = later.frame.index.get_indexer(forecast.invoices.index)
    settled = later.settled_on[place].astype(np.int64)
    now = int(forecast.as_of.to_datetime64().astype("datetime64[D]").astype(int))
    for days in (7, 30, 60):
        said, was = forecast.invoices[f"p_paid_{days}"], settled <= now + days
        error = 3 * np.sqrt((said * (1 - said)).mean() / len(said)) + 0.05  # the world has shocks of its own
        assert was.mean() == pytest.approx(said.mean(), abs=error), days


def test_the_distribution_of_a_plain_world_is_found():
    rng = np.random.default_rng(1)
    n = 6_000
    issued = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    due = issued + pd.Timedelta(days=30)
    took = np.round(rng.exponential(20, n))  # from the due date: a constant hazard
    rows = pd.DataFrame(
        {
            "invoice_id": [f"I{k}" for k in range(n)], "customer_id": [f"C{k % 300}" for k in range(n)], "invoice_date": issued,
            "due_date": due, "amount": 100.0, "paid_date": due + pd.to_timedelta(took, unit="D"),
        }
    )  # fmt: skip
    as_of = pd.Timestamp("2023-06-30")
    rows["paid_date"] = rows["paid_date"].where(rows["paid_date"] <= as_of)
    at = features_at_issue(read_ledger(rows, as_of=as_of))
    dates = fit_dates(at)
    unpaid = dates.unpaid(at.frame)
    assert (np.diff(unpaid, axis=1) <= 0).all()
    wanted = np.exp(-(ENDS + 0.5) / 20)  # days are rounded
    for end in (0, 7, 30, 60):
        column = list(ENDS).index(end)
        assert unpaid[:, column].mean() == pytest.approx(wanted[column], abs=0.03)
    middle = paid_by_quantiles(unpaid, np.full(len(at), -30.0), np.array([0.5]))[:, 0]
    assert np.median(middle) == pytest.approx(20 * np.log(2), abs=1.5)
    far = unpaid_after(unpaid, np.full(len(at), 10_000.0))
    assert far == pytest.approx(unpaid[:, -1])
    together = dependence(at, dates)
    assert together.common < 0.02
    assert together.own < 0.05


def test_common_shocks_are_seen():
    ledger = simulate_ledger(200, seed=2, world="realistic").ledger
    at = features_at_issue(ledger)
    dates = fit_dates(at)
    score = dependence(at, dates)
    assert 0 <= score.common < 0.3
    month = at.due // 30
    late_months = np.isin(month, np.unique(month)[::2])  # every other month everybody pays 15 days later
    moved = np.where(at.settled_on == NEVER, NEVER, at.settled_on + 15 * late_months.astype(np.int32)).astype(
        np.int32
    )
    shaken = type(at)(
        at.frame,
        at.customer_id,
        at.issued,
        at.due,
        at.overdue_on,
        moved,
        moved,
        at.is_late,
        at.is_owed,
        at.as_of,
    )
    assert dependence(shaken, dates).common > score.common + 0.1


def test_progress_stops_and_bad_input():
    ledger = simulate_ledger(40, seed=1).ledger
    steps = []
    predict_payments(ledger, progress=lambda *told: steps.append(told))
    assert steps == [(name, k, len(STEPS)) for k, name in enumerate(STEPS)]

    class Stop:
        def is_set(self):
            return True

    with pytest.raises(Cancelled, match="stopped before reading the invoices"):
        predict_payments(ledger, cancel=Stop())
    with pytest.raises(ForecastError, match="n_weeks=0"):
        predict_payments(ledger, n_weeks=0)
    with pytest.raises(ForecastError, match=r"no invoice is open|were paid"):
        predict_payments(ledger, "2022-01-05")
