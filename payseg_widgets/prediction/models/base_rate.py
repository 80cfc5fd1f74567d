"""The same for everybody: the share of late invoices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.prediction.forecaster import Predict, forecaster


@forecaster(
    "base_rate",
    label="Base rate",
    idea="the share of late invoices, the same for everybody",
    weakness="It tells nobody apart.",
    is_baseline=True,
)
def fit_base_rate(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Predict:
    """Return the share of late invoices, whatever the invoice."""
    share = float(np.average(is_late, weights=weights))
    return lambda asked: np.full(len(asked), share)
