"""The chances of being late come true on worlds whose later months are known, and in use as well as on paper.

    uv run pytest -m slow -n 0 -s tests/prediction/test_chances_hold.py

is the study; the fast form of it runs with the other tests.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from payseg_widgets import simulate_ledger
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.compare import compare_forecasters
from payseg_widgets.prediction.forecaster import FORECASTERS
from payseg_widgets.prediction.scores import scores

#: What is judged; segments and baselines are printed beside them.
MODELS = ["average", "boosting", "logistic", "random_forest", "xgboost"]
_DAYS = 30


def ledger_of(seed):
    return simulate_ledger(250, seed=seed, world="realistic").ledger


def pooled(compared, names):
    """Scores over all worlds' later invoices together, a row a forecaster."""
    together = pd.concat([one.probabilities for one in compared])
    is_late = together["is_late"].to_numpy()
    return pd.DataFrame({name: scores(together[name].to_numpy(), is_late) for name in names}).T


def deployed(ledger, compared, name):
    """AUC in use: every thirty days a fit on the ledger as it was, then the invoices of the next thirty days as they came."""
    whole = features_at_issue(ledger)
    told, last = {}, int(whole.issued[whole.is_mature].max())
    for day in range(compared.split_on.to_datetime64().astype("datetime64[D]").astype(int), last, _DAYS):
        then = features_at_issue(ledger.until(np.datetime64(day, "D").astype("datetime64[s]").item()))
        fitted = then.take(then.is_mature)
        predict = FORECASTERS[name].fit(fitted.frame, fitted.is_late, 0)
        end = min(day + _DAYS, whole.as_of)
        later = features_at_issue(ledger.until(np.datetime64(end, "D").astype("datetime64[s]").item()))
        fresh = later.take(later.issued > day)
        told |= dict(zip(fresh.frame.index, predict(fresh.frame), strict=True))
    judged = compared.probabilities["is_late"]
    return roc_auc_score(judged, [told[invoice] for invoice in judged.index])


def gap(ledger, compared, name):
    return compared.table.at[name, "auc"] - deployed(ledger, compared, name)


def test_a_few_worlds_chances_come_true_and_hold_in_use():
    ledgers = [ledger_of(seed) for seed in (1, 2)]
    compared = [compare_forecasters(ledger, ["logistic"]) for ledger in ledgers]
    table = pooled(compared, ["logistic"])
    assert table["calibration_slope"].between(0.85, 1.2).all(), table
    assert table["mean_ratio"].between(0.9, 1.1).all(), table
    gaps = [gap(*pair, "logistic") for pair in zip(ledgers, compared, strict=True)]
    assert np.mean(gaps) <= 0.01


def test_an_invoice_in_use_has_the_features_of_the_ledger_on_its_day():
    ledger = ledger_of(1)
    whole = features_at_issue(ledger)
    for row in np.random.default_rng(0).choice(len(whole), 6, replace=False):
        day = np.datetime64(int(whole.issued[row]), "D").astype("datetime64[s]").item()
        invoice = whole.frame.index[row]
        of_day = features_at_issue(ledger.until(day)).frame.loc[invoice]
        pd.testing.assert_series_equal(of_day, whole.frame.loc[invoice])


@pytest.mark.slow
def test_many_worlds_chances_come_true_and_hold_in_use():
    gaps, compared, alarms, best = [], [], [], []
    for seed in range(600, 624):
        ledger = ledger_of(seed)
        compared.append(compare_forecasters(ledger))
        table = compared[-1].table
        best.append(compared[-1].probabilities.assign(best=lambda p, name=table.index[0]: p[name]))
        gaps.append({name: gap(ledger, compared[-1], name) for name in ("average", "logistic")})
        alarms.append({name: compared[-1].months(name)["is_drifting"].any() for name in table.index})
    table = pooled(compared, list(FORECASTERS)).join(pd.DataFrame(alarms).mean().rename("months_alarm"))
    chosen = pd.concat(best)
    of_best = scores(chosen["best"].to_numpy(), chosen["is_late"].to_numpy())
    with pd.option_context("display.width", 160, "display.max_columns", 20):
        print("\n", table.round(4), "\n the best of each world:", of_best)
    print("AUC offline less deployed:", pd.DataFrame(gaps).mean().round(4).to_dict())
    assert table.loc[MODELS, "calibration_slope"].between(0.9, 1.1).all()
    assert table.loc[MODELS, "mean_ratio"].between(0.95, 1.05).all()
    assert 0.9 <= of_best["calibration_slope"] <= 1.1
    assert 0.95 <= of_best["mean_ratio"] <= 1.05
    assert (pd.DataFrame(gaps).mean() <= 0.01).all()
    assert table.loc[MODELS, "months_alarm"].max() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 24)
