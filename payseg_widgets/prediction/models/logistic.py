"""Logistic regression on features at issue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from payseg_widgets.prediction.forecaster import forecaster

#: Grow as time goes by: a line drawn through the past would be followed beyond it.
_GROWING = ["n_before", "n_known", "n_late", "tenure_days"]


@forecaster(
    "logistic",
    label="Logistic regression",
    idea="a weighted sum of what is known at issue",
    weakness="What counts only together with something else it does not see.",
)
def fit_logistic(frame: pd.DataFrame, is_late: np.ndarray, seed: int) -> Callable[[pd.DataFrame], np.ndarray]:
    """Fit on normal scores of the features, so that no extreme value decides; missing ones have a flag of their own."""
    n = len(frame)
    used = frame.columns.difference(_GROWING, sort=False)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(
            n_quantiles=min(200, n), output_distribution="normal", subsample=100_000, random_state=seed
        ),
        LogisticRegression(C=0.1, max_iter=2_000),
    )
    pipeline.fit(frame[used].to_numpy(), is_late)
    return lambda asked: np.asarray(pipeline.predict_proba(asked[used].to_numpy())[:, 1])
