"""Gradient boosted trees on features at issue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from payseg_widgets.prediction.forecaster import figures, forecaster


@forecaster(
    "boosting",
    label="Boosted trees",
    idea="many small decision trees, each mending what those before got wrong",
    weakness="With few invoices it learns their accidents.",
)
def fit_boosting(frame: pd.DataFrame, is_late: np.ndarray, seed: int) -> Callable[[pd.DataFrame], np.ndarray]:
    """Fit slowly, with small trees and large leaves; missing values go their own way."""
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=150, max_leaf_nodes=15, min_samples_leaf=max(20, len(frame) // 2_000),
        l2_regularization=1.0, early_stopping=False, random_state=seed,
    )  # fmt: skip
    trees.fit(figures(frame), is_late)
    return lambda asked: np.asarray(trees.predict_proba(asked.to_numpy())[:, 1])
