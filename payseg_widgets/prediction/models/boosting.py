"""Gradient boosted trees on features at issue."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from payseg_widgets.prediction.forecaster import Predict, figures, forecaster, lasting


@forecaster(
    "boosting",
    label="Boosted trees",
    idea="many small decision trees, each mending what those before got wrong",
    weakness="With few invoices it learns their accidents.",
)
def fit_boosting(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Predict:
    """Fit slowly, with small trees and large leaves; missing values go their own way."""
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=120, max_leaf_nodes=8, min_samples_leaf=max(50, len(frame) // 2_000),
        l2_regularization=5.0, max_features=0.5, early_stopping=False, random_state=seed,
    )  # fmt: skip
    trees.fit(figures(lasting(frame)), is_late, sample_weight=weights)
    return lambda asked: np.asarray(trees.predict_proba(lasting(asked).to_numpy(dtype=float))[:, 1])
