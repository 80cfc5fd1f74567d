"""Logistic regression and a random forest, meeting half-way."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from payseg_widgets.prediction.forecaster import Predict, forecaster
from payseg_widgets.prediction.models.logistic import fit_logistic
from payseg_widgets.prediction.models.random_forest import fit_random_forest


@forecaster(
    "average",
    label="Average of two",
    idea="the mean of the log-odds that logistic regression and the random forest tell",
    weakness="Why it says what it says is twice as long to tell.",
)
def fit_average(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Predict:
    """Fit both; one is right about sums, the other about what counts only together.

    References
    ----------
    Genest and Zidek (1986), Statistical Science 1, 114-135: the logarithmic opinion pool.
    """
    parts = [fit(frame, is_late, seed, weights) for fit in (fit_logistic, fit_random_forest)]

    def told(asked: pd.DataFrame) -> np.ndarray:
        odds = [special.logit(np.clip(part(asked), 1e-4, 1 - 1e-4)) for part in parts]
        return np.asarray(special.expit(np.mean(odds, axis=0)))

    return told
