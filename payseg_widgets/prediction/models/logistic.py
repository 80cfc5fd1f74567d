"""Logistic regression on features at issue."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from payseg_widgets.prediction.forecaster import Predict, forecaster, lasting
from payseg_widgets.prediction.models.own_history import fit_own_history

#: Invoices that it is fitted on, at most.
_MOST = 300_000


@forecaster(
    "logistic",
    label="Logistic regression",
    idea="a weighted sum of what is known at issue, the customer's own history among it",
    weakness="What counts only together with something else it does not see.",
)
def fit_logistic(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Predict:
    """Fit on normal scores of the features, so that no extreme value decides; missing ones have a flag of their own.

    What the customer's own history tells stands beside them as log-odds, which is how it counts. Of many invoices some are
    drawn: three hundred thousand tell the weights of forty columns as well as millions.
    """
    if len(frame) > _MOST:
        drawn = np.sort(np.random.default_rng(seed).choice(len(frame), _MOST, replace=False))
        frame, is_late, weights = (
            frame.iloc[drawn],
            is_late[drawn],
            None if weights is None else weights[drawn],
        )
    own = fit_own_history(frame, is_late, seed, weights)
    scores = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(
            n_quantiles=min(200, len(frame)),
            output_distribution="normal",
            subsample=100_000,
            random_state=seed,
        ),
    ).fit(lasting(frame).to_numpy(dtype=float))

    def design(asked: pd.DataFrame) -> np.ndarray:
        history = [special.logit(np.clip(own(asked), 1e-4, 1 - 1e-4)), asked["late_odds"]]
        return np.column_stack([scores.transform(lasting(asked).to_numpy(dtype=float)), *history])

    regression = LogisticRegression(C=0.1, max_iter=2_000).fit(design(frame), is_late, sample_weight=weights)
    return lambda asked: np.asarray(regression.predict_proba(design(asked))[:, 1])
