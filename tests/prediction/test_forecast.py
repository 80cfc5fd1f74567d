"""A forecast reconciles to the penny, sees nothing later, and comes true as often as it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets import read_ledger, simulate_ledger
from payseg_widgets.errors import Cancelled, ForecastError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.dates import ENDS, Unpaid, fit_dates
from payseg_widgets.prediction.dependence import correlations, dependence
from payseg_widgets.prediction.forecast import HORIZON_DAYS, STEPS, expected_days, predict_payments
from payseg_widgets.prediction.history import outcomes
from payseg_widgets.prediction.landmarks import landmark_days, on_days, open_on


@pytest.fixture(scope="module")
def simulated_world():
    return simulate_ledger(250, seed=9, world="realistic")


@pytest.fixture(scope="module")
def forecast(simulated_world):
    return predict_payments(simulated_world.ledger, "2024-08-31")


@pytest.fixture(scope="module")
def small():
    ledger = simulate_ledger(25, seed=4, world="realistic").ledger
    return ledger, {day: predict_payments(ledger, day, n_draws=100) for day in ("2023-12-29", "2024-05-31")}


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


@settings(max_examples=5, derandomize=True)
@given(seed=st.integers(0, 10**6), day=st.sampled_from(["2023-12-29", "2024-05-31"]))
def test_whatever_else_had_come_after_the_day_nothing_would_have_been_told_differently(small, seed, day):
    ledger, told = small
    rng = np.random.default_rng(seed)
    payments, invoices = ledger.payments, ledger.invoices.copy()
    later = (payments["paid_on"] > pd.Timestamp(day)).to_numpy()
    on = payments["paid_on"] + pd.to_timedelta(
        np.where(later, rng.integers(0, 60, len(payments)), 0), unit="D"
    )
    amount = payments["amount_minor"].to_numpy().copy()
    amount[later] = rng.integers(1, 10**6, later.sum())
    kept = ~later | (rng.random(len(payments)) < 0.6)
    other = payments.assign(paid_on=on.astype("datetime64[s]"), amount_minor=amount)[
        kept & (on <= ledger.as_of)
    ]
    other = other.sort_values(
        ["customer_id", "paid_on", "invoice_row"], kind="stable"
    )  # as a ledger keeps them
    issued_later = (invoices["issued_on"] > pd.Timestamp(day)).to_numpy()
    invoices.loc[issued_later, "amount_minor"] = rng.integers(1, 10**6, issued_later.sum())
    changed = replace(ledger, payments=other.reset_index(drop=True), invoices=invoices)
    again = predict_payments(changed, day, n_draws=100)
    pd.testing.assert_frame_equal(again.invoices, told[day].invoices)
    pd.testing.assert_frame_equal(again.weeks, told[day].weeks)
    pd.testing.assert_frame_equal(again.customer_weeks, told[day].customer_weeks)


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
    unpaid = dates.unpaid(at)
    assert (np.diff(unpaid.at_ends, axis=1) <= 0).all()
    wanted = np.exp(-(ENDS + 0.5) / 20)  # days are rounded
    for end in (0, 7, 30, 60):
        column = list(ENDS).index(end)
        assert unpaid.at_ends[:, column].mean() == pytest.approx(wanted[column], abs=0.03)
    assert np.median(unpaid.paid_by(0.5)) == pytest.approx(20 * np.log(2), abs=1.5)


def test_chances_of_being_unpaid_are_read_off_straight_lines():
    ends = np.where(ENDS < 10, 1.0, np.where(ENDS < 30, 0.5, 0.1))
    unpaid = Unpaid(np.array([8.0, 400.0]), np.vstack([ends, np.ones(len(ENDS))]))
    assert unpaid.after(np.array([5.0, 5.0])) == pytest.approx([1, 1])  # before now
    assert unpaid.after(np.array([10.0, 0.0]))[0] == pytest.approx(0.75)  # between 9, unpaid for sure, and 11
    assert unpaid.after(np.array([29.25, 0.0]))[0] == pytest.approx(0.5 - 0.4 / 4)  # between 29 and 30
    assert unpaid.after(np.array([1e4, 1e4])) == pytest.approx([0.1, 1.0])  # beyond the last: as at its end
    assert unpaid.ahead(3.0)[0] == pytest.approx(0.5)
    assert unpaid.paid_by(0.25)[0] == pytest.approx(10.0)
    assert np.isinf(unpaid.paid_by(0.95)).all()
    assert unpaid.take(np.array([1])).paid_by(0.1) == pytest.approx(np.inf)


def test_expected_days_are_the_mean_of_the_days():
    lives = 25.0
    days = np.concatenate([[0.0], ENDS[ENDS > 0]]).astype(float)
    at_ends = np.where(ENDS <= 0, 1.0, np.exp(-np.maximum(ENDS, 0) / lives))
    found = expected_days(Unpaid(np.zeros(1), at_ends[None, :]))[0]
    straight = np.interp(np.arange(HORIZON_DAYS + 1), days, np.exp(-days / lives))
    assert found == pytest.approx(np.trapezoid(straight), abs=0.2)
    assert found == pytest.approx(lives * (1 - np.exp(-HORIZON_DAYS / lives)), rel=0.02)


def test_what_was_known_on_a_past_day_is_what_the_ledger_of_that_day_tells(simulated_world):
    whole = SettledInvoices.from_ledger(simulated_world.ledger)
    names = pd.Index(simulated_world.ledger.invoices["invoice_id"].astype(str))
    day = landmark_days(whole)[10]
    then = simulated_world.ledger.until(pd.Timestamp(int(day), unit="D"))
    cut = SettledInvoices.from_ledger(then)
    now = open_on(whole, outcomes(whole), names, np.array([day], np.int32), most=10**6)
    rows = np.flatnonzero(cut.outstanding > 0)
    known = pd.Index(then.invoices["invoice_id"].astype(str))
    seen = on_days(cut, outcomes(cut), known, rows, np.full(len(rows), day, np.int32))
    both = now.frame.index.intersection(seen.frame.index)
    assert len(both) > 0.97 * len(seen)  # the others are credited or cancelled later
    pd.testing.assert_frame_equal(now.frame.loc[both], seen.frame.loc[both])


def test_customers_bands_hold_one_invoice_each_way(forecast):
    bands = forecast.customer_weeks
    assert (bands["p10_minor"] <= bands["p50_minor"]).all()
    assert (bands["p50_minor"] <= bands["p90_minor"]).all()
    owed = forecast.invoices.groupby("customer_id")["outstanding_minor"].sum()
    assert (bands["p90_minor"] <= owed.reindex(bands.index.get_level_values(0)).to_numpy()).all()
    # a sure invoice is the band itself
    weeks = forecast.weeks.index[:-1]
    assert list(bands.loc[bands.index[0][0]].index) == list(weeks)


def test_known_correlations_are_found():
    rng = np.random.default_rng(4)
    day, customer = np.repeat(np.arange(400), 40), np.tile(np.repeat(np.arange(10), 4), 400)
    common, own = rng.standard_normal(400)[day], rng.standard_normal((400, 10))[day, customer]
    score = np.sqrt(0.1) * common + np.sqrt(0.3) * own + np.sqrt(0.6) * rng.standard_normal(len(day))
    found = correlations(score, day, customer)
    assert found.common == pytest.approx(0.1, abs=0.025)  # four standard errors
    assert found.own == pytest.approx(0.3, abs=0.03)
    alone = correlations(rng.standard_normal(len(day)), day, customer)
    assert alone.common < 0.01
    assert alone.own < 0.02


def test_common_shocks_are_seen(simulated_world):
    ledger = simulated_world.ledger
    names = pd.Index(ledger.invoices["invoice_id"].astype(str))
    quiet = SettledInvoices.from_ledger(ledger)
    marks = open_on(quiet, outcomes(quiet), names, landmark_days(quiet), most=10**6)
    shaken = marks.settled_on // 56 % 2 == 0  # in every other eight weeks everybody pays 20 days later
    moved = np.where(marks.settled_on == NEVER, NEVER, marks.settled_on + 20 * shaken.astype(np.int32))
    moved = moved.astype(np.int32)
    loud = replace(marks, settled_on=moved, ended_on=moved)
    assert dependence(loud).common > dependence(marks).common + 0.05


def test_it_says_how_much_came_otherwise_than_in_cash_on_one_day():
    plain = predict_payments(simulate_ledger(40, seed=3).ledger, n_draws=100)
    assert plain.notes == ()
    mixed = simulate_ledger(40, seed=3, part_payments=0.4).ledger
    invoices = SettledInvoices.from_ledger(mixed)
    done = invoices.settled_on != NEVER
    share = invoices.amount[done & (invoices.n_payments > 1)].sum() / invoices.amount[done].sum()
    assert share > 0.1
    told = predict_payments(mixed, n_draws=100)
    assert f"{share:.0%} of what was settled came in several payments" in told.notes[0]
    assert told.notes[0] in told.sentence


def test_what_is_cancelled_brings_no_cash():
    ledger = simulate_ledger(80, seed=5, world="realistic").ledger
    rng, invoices = np.random.default_rng(0), ledger.invoices
    gone = rng.random(len(invoices)) < 0.3
    day = invoices["issued_on"] + pd.Timedelta(days=10)
    gone &= (day <= ledger.as_of).to_numpy() & invoices["closed_on"].isna().to_numpy()
    changed = replace(
        ledger, payments=ledger.payments[~gone[ledger.payments["invoice_row"]]].reset_index(drop=True),
        invoices=invoices.assign(closed_on=invoices["closed_on"].where(~gone, day),
                                 closed_reason=invoices["closed_reason"].where(~gone, "cancelled")),
    )  # fmt: skip
    told = predict_payments(changed, "2024-05-31", n_draws=100)
    fresh = told.invoices[told.invoices["days_past_due"] < -25].index
    names = pd.Index(invoices["invoice_id"].astype(str))
    never = gone[
        names.get_indexer(fresh)
    ].mean()  # of those issued lately three in ten are yet to be cancelled
    assert never > 0.15
    still = 1 - told.invoices.loc[fresh, "p_paid_60"].mean()
    plain = predict_payments(ledger, "2024-05-31", n_draws=100).invoices
    assert still > 1 - plain.loc[fresh, "p_paid_60"].mean() + never / 2


def test_progress_stops_and_bad_input():
    ledger = simulate_ledger(40, seed=1).ledger
    steps = []
    predict_payments(ledger, progress=lambda *told: steps.append(told))
    assert steps == [(name, k, len(STEPS)) for k, name in enumerate(STEPS)]

    class Stop:
        def is_set(self):
            return True

    with pytest.raises(Cancelled, match="stopped before looking at the invoices"):
        predict_payments(ledger, cancel=Stop())
    with pytest.raises(ForecastError, match="n_weeks=0"):
        predict_payments(ledger, n_weeks=0)
    with pytest.raises(ForecastError, match=r"no invoice is open|were paid"):
        predict_payments(ledger, "2022-01-05")
