"""How the customer has paid so far, shrunk towards everybody: what a model has to beat."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize

from payseg_widgets.prediction.forecaster import Predict, forecaster

_LOG_PRIORS = (-3.0, 8.0)  # how many invoices the prior is worth, as logarithms


@forecaster(
    "own_history",
    label="Own history",
    idea="the customer's share of late invoices so far, drawn towards everybody's the more the fewer they are",
    weakness="It knows nothing of the invoice, nor of what has changed lately.",
    is_baseline=True,
)
def fit_own_history(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Predict:
    """Return the posterior mean of a beta-binomial; how much the prior weighs is what predicts these invoices best."""
    share = float(np.clip(np.average(is_late, weights=weights), 1e-6, 1 - 1e-6))

    def at(asked: pd.DataFrame, prior: float) -> np.ndarray:
        n_late, n_known = asked["n_late"].to_numpy(), asked["n_known"].to_numpy()
        return np.asarray((n_late + prior * share) / (n_known + prior))

    def loss(log_prior: float) -> float:
        p = np.clip(at(frame, np.exp(log_prior)), 1e-9, 1 - 1e-9)
        return -float(np.average(np.where(is_late, np.log(p), np.log1p(-p)), weights=weights))

    prior = float(np.exp(optimize.minimize_scalar(loss, bounds=_LOG_PRIORS, method="bounded").x))
    return lambda asked: at(asked, prior)
