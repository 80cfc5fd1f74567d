"""Each forecaster: weights count as copies, what is asked needs no order, segments are shares counted by hand."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from scipy import special

from payseg_widgets import simulate_ledger
from payseg_widgets.errors import MissingDependencyError
from payseg_widgets.prediction import forecaster as register
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.compare import compare_forecasters
from payseg_widgets.prediction.forecaster import FORECASTERS

#: Those whose trees are drawn by lot see other draws when a row stands twice.
BY_LOT = {"average", "random_forest", "xgboost", "boosting", "segment_only"}


@pytest.fixture(scope="module")
def at():
    return features_at_issue(simulate_ledger(80, seed=4, world="realistic").ledger)


@pytest.fixture(scope="module")
def known(at):
    return at.take(np.flatnonzero(at.is_mature)[:1_500])


def told(name, part, weights=None, rows=None):
    rows = np.arange(len(part)) if rows is None else rows
    predict = FORECASTERS[name].fit(part.frame.iloc[rows], part.is_late[rows], 0, weights)
    return predict(part.frame)


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_an_invoice_of_weight_two_counts_as_two(name, known):
    weights = np.where(known.is_late, 2.0, 1.0)
    twice = np.repeat(np.arange(len(known)), weights.astype(int))
    weighted, copied = told(name, known, weights), told(name, known, rows=twice)
    plain = told(name, known)
    exact = name in {"base_rate", "own_history"}
    if name in BY_LOT:
        assert weighted.mean() == pytest.approx(copied.mean(), abs=0.03)
        assert np.corrcoef(weighted, copied)[0, 1] > 0.9
    else:  # logistic regression: quantiles of rows that stand twice lie a little elsewhere
        np.testing.assert_allclose(weighted, copied, atol=1e-6 if exact else 0.03)
        np.testing.assert_allclose(told(name, known, np.ones(len(known))), plain, atol=1e-6)
    assert weighted.mean() > plain.mean() + 0.05


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_each_invoice_is_told_by_itself(name, known):
    predict = FORECASTERS[name].fit(known.frame, known.is_late, 0)
    rows = np.random.default_rng(0).permutation(len(known))[:40]
    np.testing.assert_allclose(predict(known.frame.iloc[rows]), predict(known.frame)[rows], atol=1e-6)
    assert FORECASTERS[name].weakness.endswith(".")


def test_segments_tell_the_share_of_their_invoices_drawn_to_everybodys(known):
    p = told("segment_only", known)
    assert 4 <= len(np.unique(p)) <= 7
    new = known.frame["n_known"].to_numpy() == 0
    assert len(np.unique(p[new])) == 1
    for one in np.unique(p):  # the 20 invoices of the prior
        of = p == one
        assert one == pytest.approx((known.is_late[of].sum() + 20 * known.is_late.mean()) / (of.sum() + 20))


def test_with_no_history_at_all_the_segment_is_everybody(known):
    frame = known.frame.assign(n_known=0.0, n_late=0.0)
    p = FORECASTERS["segment_only"].fit(frame, known.is_late, 0)(frame)
    np.testing.assert_allclose(p, known.is_late.mean())


def test_the_average_is_the_mean_of_log_odds(known):
    odds = [special.logit(told(name, known)) for name in ("logistic", "random_forest")]
    np.testing.assert_allclose(special.logit(told("average", known)), np.mean(odds, axis=0), atol=1e-9)


# ---- what is not installed -----------------------------------------------------------------------------------------


@pytest.fixture
def _without_extras(monkeypatch):
    find = register.importlib.util.find_spec
    monkeypatch.setattr(
        register.importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "xgboost" else find(name, *rest),
    )
    for name in ("xgboost", "imblearn", "imblearn.over_sampling"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("_without_extras")
def test_what_is_not_installed_is_left_out_and_said_or_refused_when_asked_for(at, known, monkeypatch):
    with pytest.raises(
        MissingDependencyError, match=r"'xgboost' needs xgboost.*payseg-widgets\[forecasters\]"
    ):
        compare_forecasters(at, ["xgboost"])
    with pytest.raises(MissingDependencyError, match="needs xgboost"):
        FORECASTERS["xgboost"].fit(known.frame, known.is_late, 0)
    with pytest.raises(MissingDependencyError, match="balance='smote' needs imbalanced-learn"):
        compare_forecasters(at, ["logistic"], balance="smote")
    for name in ("average", "boosting", "random_forest"):  # quick: what is left out is asked here
        monkeypatch.delitem(FORECASTERS._parts, name)
    compared = compare_forecasters(at)
    assert compared.not_installed == ("xgboost",)
    assert "xgboost" not in compared.table.index
    assert compared.sentence.endswith("Left out, since not installed: XGBoost (extra 'forecasters').")


def test_a_frame_with_a_feature_that_nobody_has_is_no_obstacle(known):
    part = known.take(np.arange(400))
    part.frame["credit_use"] = np.nan
    for name, one in FORECASTERS.items():
        p = one.fit(part.frame, part.is_late, 0)(known.frame.head(20))
        assert np.isfinite(p).all(), name
        assert isinstance(p, np.ndarray), name
        assert pd.Series(p).between(0, 1).all(), name
