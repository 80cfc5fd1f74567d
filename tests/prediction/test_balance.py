"""Balancing tells too many late ones and finds no more of them: the wrong ways beside the right one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from payseg_widgets import balance_harm, simulate_ledger
from payseg_widgets.errors import UnknownNameError
from payseg_widgets.ledger.schema import LateRule
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.balance import balanced
from payseg_widgets.prediction.compare import compare_forecasters
from payseg_widgets.prediction.forecaster import FORECASTERS
from payseg_widgets.prediction.models.base_rate import fit_base_rate


def rare(seed):
    """A world in which one invoice in eight or so is late: late begins two weeks after the due date."""
    rule = LateRule(grace_days=14)
    return features_at_issue(simulate_ledger(150, seed=seed, world="realistic", late_rule=rule).ledger)


@pytest.fixture(scope="module")
def worlds():
    return [rare(seed) for seed in (1, 2, 3)]


@pytest.fixture(scope="module")
def harms(worlds):
    return [balance_harm(at) for at in worlds]


def test_weights_and_smote_tell_far_too_many_late_ones_and_rank_no_better(harms):
    for harm in harms:
        assert harm.late_ratio < 0.2
        assert (harm.table["mean_ratio"][["weights", "smote"]] > 1.8).all(), harm.sentence
        assert (harm.table["brier"][["weights", "smote"]] > harm.table["brier"]["none"]).all()
    mean = sum(harm.table for harm in harms) / len(harms)
    assert mean["mean_ratio"]["none"] == pytest.approx(1, abs=0.15)
    assert (mean["auc"][["weights", "smote"]] <= mean["auc"]["none"] + 0.01).all()


def test_the_sentence_tells_the_figures_of_the_table(harms):
    harm = harms[0]
    assert f"with SMOTE {harm.table.at['smote', 'mean_ratio']:.2f} times" in harm.sentence
    assert f"with class weights {harm.table.at['weights', 'mean_ratio']:.2f} times" in harm.sentence
    assert repr(harm) == f"BalanceHarm(Logistic regression, {harm.late_ratio:.0%} late)"


def test_smote_before_the_split_reports_what_no_later_invoice_bears_out(worlds):
    at = worlds[0]
    known = at.take(at.is_mature)
    filled = SimpleImputer(strategy="median", keep_empty_features=True).fit_transform(known.frame)
    x, is_late = SMOTE(random_state=0).fit_resample(filled, known.is_late)
    fitted, judged, y_fitted, y_judged = train_test_split(x, is_late, random_state=0)
    forest = RandomForestClassifier(100, random_state=0).fit(fitted, y_fitted)
    claimed = roc_auc_score(y_judged, forest.predict_proba(judged)[:, 1])
    honest = compare_forecasters(at, ["random_forest"], balance="smote").table.at["random_forest", "auc"]
    assert claimed > honest + 0.08
    assert claimed > 0.9


def test_balanced_means_that_half_are_late():
    frame = pd.DataFrame({"a": np.arange(40.0), "b": np.nan})
    frame.loc[3, "a"] = np.nan
    is_late = np.arange(40) < 8
    for balance, share in (("none", 0.2), ("weights", 0.5), ("smote", 0.5)):
        told = balanced(fit_base_rate, balance)(frame, is_late, 0)(frame)
        np.testing.assert_allclose(told, share)
    weights = np.where(is_late, 4.0, 1.0)  # half and half already
    np.testing.assert_allclose(balanced(fit_base_rate, "weights")(frame, is_late, 0, weights)(frame), 0.5)
    smote = balanced(fit_base_rate, "smote")(frame, is_late, 0, weights)(frame)
    np.testing.assert_allclose(smote, 4 / 5)  # 32 late ones of weight 4 beside 32 of weight 1


def test_baselines_are_left_as_they_are(worlds):
    plain, weighted = (
        compare_forecasters(worlds[0], ["logistic"], balance=balance).probabilities
        for balance in ("none", "weights")
    )
    names = [name for name, one in FORECASTERS.items() if one.is_baseline]
    pd.testing.assert_frame_equal(plain[names], weighted[names])
    assert (weighted["logistic"] > plain["logistic"]).mean() > 0.95


def test_another_balance_is_refused(worlds):
    with pytest.raises(UnknownNameError, match=r"balance='smoke' is not known\. Did you mean 'smote'"):
        compare_forecasters(worlds[0], ["logistic"], balance="smoke")
