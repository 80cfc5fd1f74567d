"""Forecasts that hold are let alone however often one looks; forecasts that do not are found soon."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from payseg_widgets.prediction.drift import find_drift

N_CUSTOMERS = 80
FIRST = pd.Timestamp("2024-01-31")


def world(rng, n_looks, *, shock=0.0, later_from=None, later_days=0.0):
    """Customers whose invoices are paid around a day of their own; chances are those of a world without change.

    Invoices of a customer within a look share a draw, those of all customers a shock of the month: both were forecast
    in the chances, neither in what comes.
    """
    own_mean, spread = rng.normal(-6, 10, N_CUSTOMERS), 9.0
    parts = []
    for look in range(n_looks):
        who = rng.integers(0, N_CUSTOMERS, 160)
        chance = stats.norm.cdf(own_mean[who] / spread)
        together = np.sqrt(0.3) * rng.normal(size=N_CUSTOMERS)[who] + np.sqrt(shock) * rng.normal()
        delay = own_mean[who] + spread * (together + np.sqrt(0.7 - shock) * rng.normal(size=len(who)))
        if later_from is not None and look >= later_from:
            delay += later_days
        day = FIRST + pd.Timedelta(days=30 * look)
        parts.append(
            pd.DataFrame(
                {"as_of": day, "customer_id": who.astype(str), "p_late": chance, "is_late": delay > 0,
                 "overdue_on": day + pd.Timedelta(days=10)}
            )
        )  # fmt: skip
    judged = pd.concat(parts)
    return judged, pd.Series(shock, index=judged["as_of"].unique())


def naive(judged):
    """Whether any look is found off with the usual interval of that look's single invoices."""
    for _, part in judged.groupby("as_of"):
        p = part["p_late"]
        if abs((part["is_late"] - p).sum()) > 1.96 * np.sqrt((p * (1 - p)).sum()):
            return True
    return False


@pytest.mark.parametrize("shock", [0.0, 0.1])
def test_while_nothing_changes_it_is_silent_however_often_one_looks(shock):
    rng = np.random.default_rng(3)
    alarms, fooled, n = 0, 0, 200
    for _ in range(n):
        judged, common = world(rng, 8, shock=shock)
        alarms += find_drift(judged, common).table["is_drifting"].any()
        fooled += naive(judged)
    assert alarms / n <= 0.05
    assert fooled / n > 0.25  # the usual test of each look


@pytest.mark.parametrize("shock", [0.0, 0.1])
def test_when_everybody_pays_ten_days_later_it_is_found_within_three_looks(shock):
    rng = np.random.default_rng(4)
    found = 0
    for _ in range(60):
        judged, common = world(rng, 7, shock=shock, later_from=4, later_days=10.0)
        drift = find_drift(judged, common)
        seen = drift.first_seen
        found += seen is not None and seen >= FIRST + pd.Timedelta(days=120)
    assert found / 60 >= 0.9


def test_a_slow_drift_is_found_by_looks_taken_together():
    rng = np.random.default_rng(5)
    judged, common = world(rng, 16, later_from=0, later_days=1.5)
    table = find_drift(judged, common).table
    assert table["n_together"].max() > 1


def test_its_words_follow_its_figures():
    rng = np.random.default_rng(6)
    judged, common = world(rng, 4, later_from=2, later_days=15.0)
    drift = find_drift(judged, common)
    assert drift.is_drifting
    assert drift.first_seen == FIRST + pd.Timedelta(days=60)
    assert "drift" in drift.sentence
    assert "first seen on 2024-03-31" in drift.sentence
    assert repr(drift) == "Drift(4 forecasts, is_drifting=True)"
    first = find_drift(judged[judged["as_of"] <= FIRST + pd.Timedelta(days=30)], common)
    assert first.first_seen is None
    assert first.sentence.startswith("No drift in 2 forecasts")
    one = judged[judged["as_of"] == FIRST]
    assert drift.table["observed"].iloc[0] == one["is_late"].mean()
    assert drift.table["predicted"].iloc[0] == pytest.approx(one["p_late"].mean())
    none = find_drift(judged.iloc[:0], common)
    assert not none.is_drifting
    assert none.sentence.startswith("No forecast is old enough")


def test_few_customers_tell_nothing():
    few = pd.DataFrame(
        {
            "as_of": FIRST,
            "customer_id": [str(k) for k in range(9)] * 5,
            "p_late": 0.05,
            "is_late": True,
            "overdue_on": FIRST,
        }
    )
    drift = find_drift(few, pd.Series({FIRST: 0.0}))
    assert not drift.is_drifting
    assert not drift.table["is_judged"].any()
    assert drift.table["conf_low"].isna().all()
    assert drift.sentence == "Too few customers (9; 10 are needed) to tell whether the forecasts drift."


def looks_of(*looks):
    """Looks of ``(customers, share late)``; all were told 30 %."""
    parts = [
        pd.DataFrame(
            {"as_of": FIRST + pd.Timedelta(days=30 * k), "customer_id": [str(one) for one in who], "p_late": 0.3,
             "is_late": np.arange(len(who)) < late * len(who), "overdue_on": FIRST + pd.Timedelta(days=30 * k)}
        )
        for k, (who, late) in enumerate(looks)
    ]  # fmt: skip
    judged = pd.concat(parts)
    return find_drift(judged, pd.Series(0.0, index=judged["as_of"].unique()))


def test_forecasts_of_too_few_customers_are_neither_held_nor_drifting():
    quiet = looks_of((range(3), 0.3), (range(100), 0.3))
    assert quiet.table["is_judged"].tolist() == [False, True]
    assert quiet.sentence == (
        "No drift in 1 forecast that could be judged: after the last, 30% of the invoices due were late, 30% were forecast, no "
        "more apart than chance allows. 1 forecast had too few customers to tell."
    )
    loud = looks_of((range(3), 0.0), (range(100), 0.9))
    assert loud.is_drifting
    assert loud.sentence.startswith("The last forecast that could be judged drifts, first seen on 2024-03-01")
    assert repr(looks_of((range(3), 0.3))) == "Drift(1 forecast, is_drifting=False)"


def test_forecasts_of_few_customers_each_are_judged_together():
    drift = looks_of((range(9), 1.0), (range(9, 18), 1.0))
    assert drift.table["conf_low"].isna().all()
    assert drift.table["is_judged"].tolist() == [False, True]
    assert drift.table["n_together"].tolist() == [0, 2]
    assert drift.sentence.startswith(
        "The last 2 forecasts together drift, up to the last that could be judged, first"
    )


def test_shocks_widen_intervals_by_what_one_factor_brings():
    """A portfolio of very many invoices of chance p: its late share has the Vasicek variance, here by simulation."""
    rng = np.random.default_rng(7)
    n, p, rho = 4_000, 0.3, 0.1
    shocks = rng.normal(size=200_000)
    share = stats.norm.cdf((stats.norm.ppf(p) + np.sqrt(rho) * shocks) / np.sqrt(1 - rho))
    judged = pd.DataFrame(
        {
            "as_of": FIRST,
            "customer_id": np.arange(n).astype(str),
            "p_late": p,
            "is_late": np.arange(n) < p * n,
            "overdue_on": FIRST,
        }
    )
    row = find_drift(judged, pd.Series({FIRST: rho})).table.iloc[0]
    worth = p * (1 - p) / (share.var() + p * (1 - p) / n)
    wanted = stats.beta.ppf(
        [0.0125, 0.9875], [p * worth, p * worth + 1], [(1 - p) * worth + 1, (1 - p) * worth]
    )
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(wanted), abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("shock", [0.0, 0.1])
def test_study_of_false_alarms_and_of_what_is_found(shock):
    rng = np.random.default_rng(11)
    quiet = [world(rng, 12, shock=shock) for _ in range(400)]
    alarms = np.mean([find_drift(*one).first_seen is not None for one in quiet])
    fooled = np.mean([naive(judged) for judged, _ in quiet])
    loud = [
        find_drift(*world(rng, 10, shock=shock, later_from=6, later_days=10.0)).first_seen for _ in range(400)
    ]
    looks = np.array([99 if day is None else (day - FIRST).days // 30 - 6 for day in loud])
    at_once, soon = np.mean(looks == 0), np.mean((looks >= 0) & (looks <= 2))
    print(
        f"\nshock {shock}: false alarms {alarms:.2%} (naive {fooled:.1%}); found at once {at_once:.1%}, in 3 {soon:.1%}"
    )
    assert alarms <= 0.05
    assert soon >= 0.8
