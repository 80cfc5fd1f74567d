"""How the customer has paid so far, shrunk towards everybody: what a model has to beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import optimize

from payseg_widgets.prediction.forecaster import forecaster

_LOG_WEIGHTS = (-3.0, 8.0)  # of the prior, in invoices, as logarithms


@forecaster(
    "own_history",
    label="Own history",
    idea="the customer's share of late invoices so far, drawn towards everybody's the more the fewer they are",
    weakness="It knows nothing of the invoice, nor of what has changed lately.",
    is_baseline=True,
)
def fit_own_history(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int
) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return the posterior mean of a beta-binomial; how much the prior weighs is what predicts these invoices best."""
    share = float(np.clip(np.mean(is_late), 1e-6, 1 - 1e-6))

    def at(asked: pd.DataFrame, weight: float) -> np.ndarray:
        n_late, n_known = asked["n_late"].to_numpy(), asked["n_known"].to_numpy()
        return np.asarray((n_late + weight * share) / (n_known + weight))

    def loss(log_weight: float) -> float:
        p = np.clip(at(frame, np.exp(log_weight)), 1e-9, 1 - 1e-9)
        return -float(np.mean(np.where(is_late, np.log(p), np.log1p(-p))))

    weight = float(np.exp(optimize.minimize_scalar(loss, bounds=_LOG_WEIGHTS, method="bounded").x))
    return lambda asked: at(asked, weight)
