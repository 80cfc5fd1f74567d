"""Gradient boosted trees of the XGBoost library on features at issue."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.prediction.forecaster import Predict, figures, forecaster, lasting, missing


@forecaster(
    "xgboost",
    label="XGBoost",
    idea="many small decision trees, each mending what those before got wrong, and each shown a part of the invoices",
    weakness="With few invoices it learns their accidents.",
    needs="xgboost",
)
def fit_xgboost(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Predict:
    """Fit slowly, with trees of three questions; missing values go their own way.

    Raises
    ------
    MissingDependencyError
        If XGBoost is not installed.

    References
    ----------
    Chen and Guestrin (2016), Proceedings of KDD 22, 785-794.
    """
    try:
        from xgboost import XGBClassifier
    except ModuleNotFoundError as error:
        raise missing("the forecaster 'xgboost'", "xgboost") from error
    trees = XGBClassifier(
        n_estimators=120, learning_rate=0.05, max_depth=3, min_child_weight=20, reg_lambda=5.0, subsample=0.7,
        colsample_bytree=0.5, tree_method="hist", random_state=seed,
    )  # fmt: skip
    trees.fit(figures(lasting(frame)), is_late, sample_weight=weights)
    return lambda asked: trees.predict_proba(lasting(asked).to_numpy(dtype=float))[:, 1].astype(float)
