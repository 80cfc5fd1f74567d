"""Curves against scikit-learn and hand counts; a month drifts where it does, and seldom where it does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from payseg_widgets.errors import ForecastError
from payseg_widgets.prediction.curves import by_month, precision_recall, roc, threshold_costs
from payseg_widgets.prediction.scores import confusion

P = np.array([0.9, 0.8, 0.8, 0.3, 0.1])
IS_LATE = np.array([True, True, False, False, True])


def test_the_curves_enclose_what_scikit_learn_finds_and_begin_and_end_where_they_should():
    curve = roc(P, IS_LATE)
    assert auc(curve["false_positive_rate"], curve["true_positive_rate"]) == pytest.approx(
        roc_auc_score(IS_LATE, P)
    )
    assert curve.iloc[0].tolist() == [0, 0, np.inf]
    assert curve.iloc[-1].tolist() == [1, 1, 0.1]
    other = precision_recall(P, IS_LATE)
    steps = -np.diff(other["recall"]) * other["precision"].iloc[:-1]
    assert steps.sum() == pytest.approx(average_precision_score(IS_LATE, P))
    assert other.iloc[-1].tolist() == [0, 1, np.inf]


@pytest.mark.parametrize("curve", [roc, precision_recall])
def test_a_curve_of_one_kind_of_invoice_is_refused(curve):
    with pytest.raises(ForecastError, match="0 of 5 invoices are late"):
        curve(P, np.zeros(5, bool))


def test_costs_are_those_of_the_counts_by_hand():
    table = threshold_costs(P, IS_LATE, cost_of_missing=5, cost_of_flagging=1).set_index("threshold")
    assert table.loc[0.8].tolist() == [2, 1, 1, 1, 5 + 1]  # 0.9, 0.8 and 0.8 are flagged
    assert table.loc[0.1].tolist() == [3, 2, 0, 0, 2]
    assert table.loc[np.inf].tolist() == [0, 0, 3, 2, 15]
    with pytest.raises(ForecastError, match="cost_of_missing=-1"):
        threshold_costs(P, IS_LATE, cost_of_missing=-1, cost_of_flagging=1)


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0]), st.booleans()), min_size=1, max_size=30)
)
def test_every_threshold_s_counts_are_those_of_the_confusion_matrix(pairs):
    p, is_late = (np.array(column) for column in zip(*pairs, strict=True))
    for row in threshold_costs(p, is_late, cost_of_missing=3, cost_of_flagging=2).itertuples():
        cells = confusion(p, is_late, row.threshold).to_numpy()
        assert cells.ravel().tolist() == [
            row.late_flagged,
            row.timely_flagged,
            row.late_missed,
            row.timely_passed,
        ]
        assert row.cost == 3 * row.late_missed + 2 * row.timely_flagged


# ---- months --------------------------------------------------------------------------------------------------------


def invoices_of_months(rng, n_months=6, n_customers=80, shift=0.0):
    """Customers with habits of their own, known to the forecaster; in the last month log-odds are shifted."""
    who = np.repeat(np.arange(n_customers), n_months * 3)
    month = np.tile(np.repeat(np.arange(n_months), 3), n_customers)
    own = np.repeat(rng.normal(-1, 1.2, n_customers), n_months * 3)
    common = np.repeat(rng.normal(0, 0.6, (n_customers, n_months)), 3)  # unknown to the forecaster
    odds = own + common + shift * (month == n_months - 1)
    is_late = rng.random(len(who)) < 1 / (1 + np.exp(-odds))
    p = 1 / (1 + np.exp(-own / np.sqrt(1 + 0.35 * 0.6**2)))  # the mean over what is unknown
    issued_on = np.datetime64("2024-01", "M") + month
    return p, is_late, issued_on.astype("datetime64[s]"), who.astype(str)


def test_a_month_s_figures_are_means_over_its_invoices():
    days = pd.to_datetime(["2024-01-03", "2024-01-30", "2024-03-01"]).to_numpy()
    table = by_month(
        np.array([0.2, 0.4, 0.5]), np.array([False, True, False]), days, np.array(["a", "b", "a"])
    )
    assert table.index.tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-03-01")]
    first = table.iloc[0]
    assert first[["n_invoices", "predicted", "observed"]].tolist() == pytest.approx([2, 0.3, 0.5])
    assert first["brier"] == pytest.approx((0.2**2 + 0.6**2) / 2)
    assert table["n_customers"].tolist() == [2, 1]
    assert table["conf_low"].isna().all()  # too few customers to tell
    assert not table["is_drifting"].any()


def test_drift_is_flagged_where_it_is_and_seldom_where_it_is_not():
    rng = np.random.default_rng(1)
    tables = [by_month(*invoices_of_months(rng)) for _ in range(60)]
    assert np.mean([table["is_drifting"].any() for table in tables]) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 60)
    shifted = [by_month(*invoices_of_months(rng, shift=1.5)) for _ in range(30)]
    assert np.mean([table["is_drifting"].iloc[-1] for table in shifted]) >= 0.9
    assert np.mean([table["is_drifting"].iloc[:-1].any() for table in shifted]) <= 0.2
