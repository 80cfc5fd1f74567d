"""What a forecaster is, and the register of all of them (one a file in ``models/``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets._registry import Registry

#: Takes features at issue, whether each invoice was late, and a seed; returns what tells the probability of being late.
Fit = Callable[[pd.DataFrame, np.ndarray, int], Callable[[pd.DataFrame], np.ndarray]]


@dataclass(frozen=True)
class Forecaster:
    """A way to tell how likely an invoice is to be late.

    Attributes
    ----------
    name, label : str
        Key in the registry; what an analyst calls it.
    idea : str
        What it goes by, as the end of "it goes by ...".
    weakness : str
        What it does wrong where it fails, as a sentence.
    is_baseline : bool
        Whether others have to beat it.
    fit : callable
        ``fit(frame, is_late, seed)`` returns a function of a frame that returns probabilities, shape (n_invoices,).
    """

    name: str
    label: str
    idea: str
    weakness: str
    fit: Fit
    is_baseline: bool = False


#: Every forecaster there is, by name.
FORECASTERS: Registry[Forecaster] = Registry("forecaster", "payseg_widgets.prediction.models")


def forecaster(
    name: str, *, label: str, idea: str, weakness: str, is_baseline: bool = False
) -> Callable[[Fit], Fit]:
    """Register a function that fits as a forecaster."""

    def register(fit: Fit) -> Fit:
        FORECASTERS.add(name, Forecaster(name, label, idea, weakness, fit, is_baseline))
        return fit

    return register


def figures(frame: pd.DataFrame) -> np.ndarray:
    """Return the features to learn from; one that nobody has becomes 0 for all, which no tree can tell apart."""
    values = frame.to_numpy(dtype=float, copy=True)
    values[:, np.isnan(values).all(axis=0)] = 0.0
    return values
