"""Scores of probabilities against closed forms and other libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import roc_auc_score

from payseg_widgets.prediction.scores import (
    auc_interval,
    cheapest_threshold,
    confusion,
    customer_covariance,
    gains,
    reliability,
    scores,
)


def test_perfect_useless_and_hand_made_probabilities():
    is_late = np.array([True, True, False, False])
    assert scores(np.array([1.0, 1.0, 0.0, 0.0]), is_late)["auc"] == 1
    flat = scores(np.full(4, 0.5), is_late)
    assert (flat["auc"], flat["brier"], flat["mean_ratio"]) == (0.5, 0.25, 1.0)
    assert flat["log_loss"] == pytest.approx(np.log(2))
    assert scores(np.array([0.9, 0.3, 0.6, 0.2]), is_late)["brier"] == pytest.approx(
        (0.01 + 0.49 + 0.36 + 0.04) / 4
    )
    assert np.isnan(scores(np.array([0.2, 0.3]), np.array([False, False]))["auc"])


def test_true_probabilities_are_calibrated_and_bolder_ones_are_not():
    rng = np.random.default_rng(1)
    odds = rng.normal(-1, 1.5, 40_000)
    p = 1 / (1 + np.exp(-odds))
    is_late = rng.random(len(p)) < p
    assert scores(p, is_late)["calibration_slope"] == pytest.approx(1, abs=0.04)
    assert scores(1 / (1 + np.exp(-2 * odds)), is_late)["calibration_slope"] == pytest.approx(0.5, abs=0.02)
    table = reliability(p, is_late, np.arange(len(p)))
    assert ((table["conf_low"] <= table["predicted"]) & (table["predicted"] <= table["conf_high"])).sum() >= 8
    assert table["n_invoices"].sum() == len(p)


def test_intervals_of_a_calibration_curve_hold_with_customers_as_units_and_not_with_invoices():
    rng, inside = np.random.default_rng(3), {"customers": [], "invoices": []}
    for _ in range(200):
        chance, who = (
            np.repeat(rng.beta(2, 2, 40), 25),
            np.repeat(np.arange(40), 25),
        )  # each customer has its own, told is 1/2
        is_late, p = rng.random(len(who)) < chance, np.full(len(who), 0.5)
        for unit, ids in (("customers", who), ("invoices", np.arange(len(who)))):
            row = reliability(p, is_late, ids, 1).iloc[0]
            inside[unit].append(row["conf_low"] <= 0.5 <= row["conf_high"])
    assert np.mean(inside["customers"]) == pytest.approx(0.95, abs=0.05)
    assert np.mean(inside["invoices"]) < 0.7


def test_the_interval_of_the_auc_covers_it_with_customers_as_units_and_not_with_invoices():
    rng = np.random.default_rng(2)
    inside = {"customers": 0, "invoices": 0}
    truth = None
    for draw in range(-1, 200):
        n = 4_000 if draw < 0 else 60
        own = np.repeat(rng.normal(0, 1, n), 20)  # a customer's invoices share its habits
        is_late = rng.random(len(own)) < 1 / (1 + np.exp(-1.5 * own))
        p, who = own + 0.3 * rng.normal(size=len(own)), np.repeat(np.arange(n), 20)
        if draw < 0:
            truth = roc_auc_score(is_late, p)
            continue
        for unit, ids in (("customers", who), ("invoices", np.arange(len(own)))):
            low, high = auc_interval(p, is_late, ids)
            inside[unit] += low <= truth <= high
    assert 0.89 <= inside["customers"] / 200 <= 0.99
    assert inside["invoices"] / 200 < 0.85


def test_the_cheapest_threshold_is_the_cheapest():
    rng = np.random.default_rng(3)
    p = rng.random(20_000)
    is_late = rng.random(len(p)) < p
    at = cheapest_threshold(cost_of_missing=4, cost_of_flagging=1)

    def cost(threshold):
        cells = confusion(p, is_late, threshold)
        return 4 * cells.loc["not flagged", "late"] + cells.loc["flagged", "in time"]

    assert confusion(p, is_late, at).to_numpy().sum() == len(p)
    assert all(cost(at) <= cost(other) for other in (at - 0.1, at + 0.1, 0.5))


def test_the_error_of_a_mean_with_customers_as_units_is_statsmodels():
    rng = np.random.default_rng(4)
    who = rng.integers(0, 30, 400)
    values = rng.normal(0, 1, 30)[who] + rng.normal(size=400)
    covariance, k = customer_covariance(((values - values.mean()) / 400)[:, None], who.astype(str))
    fitted = sm.OLS(values, np.ones(400)).fit(
        cov_type="cluster", cov_kwds={"groups": who, "use_correction": False}
    )
    assert k == 30
    assert covariance[0, 0] == pytest.approx(fitted.bse[0] ** 2 * 30 / 29)


def forecasts(rng, n_customers):
    """One knows the truth, one knows nothing, and three are as good as the one beside which they are judged."""
    own = np.repeat(rng.normal(-0.5, 1.2, n_customers), 15)
    is_late = rng.random(len(own)) < 1 / (1 + np.exp(-own))
    told = {name: 1 / (1 + np.exp(-own - np.repeat(rng.normal(0, 0.5, n_customers), 15))) for name in "habcd"}
    frame = pd.DataFrame({**told, "truth": 1 / (1 + np.exp(-own)), "nothing": 0.4})
    return frame, is_late, np.repeat(np.arange(n_customers), 15).astype(str)


def test_intervals_of_the_gain_hold_together_and_those_of_invoices_do_not():
    rng = np.random.default_rng(5)
    truth = gains(*forecasts(rng, 30_000), "h")["gain"]
    truth[list("abcd")] = 0.0  # as good, by their making
    held, naive, n = 0, 0, 100
    for _ in range(n):
        frame, is_late, who = forecasts(rng, 60)
        table = gains(frame, is_late, who, "h")
        held += bool(((table["gain_low"] <= truth) & (truth <= table["gain_high"])).all())
        less = (frame["h"] - is_late) ** 2 - (frame["nothing"] - is_late) ** 2
        naive += abs(less.mean() - truth["nothing"]) <= stats.norm.ppf(0.975) * less.sem()
    assert table.loc["h"].tolist() == [0, 0, 0]
    assert 0.88 <= held / n <= 0.99
    assert naive / n < 0.85
