"""A random forest on features at issue."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from payseg_widgets.prediction.forecaster import Predict, figures, forecaster, lasting

#: Each tree sees at most so many invoices: more make it slower, not better.
_MOST = 50_000


@forecaster(
    "random_forest",
    label="Random forest",
    idea="what most of many decision trees say, each grown on other invoices and features",
    weakness="Probabilities are drawn to the middle, and it is large.",
)
def fit_random_forest(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Predict:
    """Fit 200 trees with leaves of 15 invoices or more."""
    forest = RandomForestClassifier(
        200, min_samples_leaf=15, max_samples=min(_MOST, len(frame)), random_state=seed, n_jobs=-1
    )
    forest.fit(figures(lasting(frame)), is_late, sample_weight=weights)
    return lambda asked: np.asarray(forest.predict_proba(lasting(asked).to_numpy(dtype=float))[:, 1])
