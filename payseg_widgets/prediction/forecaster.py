"""What a forecaster is, and the register of all of them (one a file in ``models/``)."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from payseg_widgets._registry import Registry
from payseg_widgets.errors import MissingDependencyError

#: Takes features at issue; returns the probability of being late, shape (n_invoices,).
Predict = Callable[[pd.DataFrame], np.ndarray]

#: Features that grow as time goes by: what is learnt of them is asked beyond where it was learnt.
GROWING = ("n_before", "n_known", "n_late", "tenure_days")


class Fit(Protocol):
    """Fits a forecaster: the second argument says which invoices were late, the third is a seed."""

    def __call__(
        self, frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
    ) -> Predict:
        """Return what tells the probability of being late.

        ``weights``, shape (n_invoices,), say how much each invoice counts; all alike where not given.
        """


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
        ``fit(frame, is_late, seed, weights=None)`` returns a function of a frame that returns probabilities, shape
        (n_invoices,). Weights, shape (n_invoices,), say how much each invoice counts.
    needs : str
        Module that must be installed; empty where none is.
    """

    name: str
    label: str
    idea: str
    weakness: str
    fit: Fit
    is_baseline: bool = False
    needs: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        return not self.needs or importlib.util.find_spec(self.needs) is not None


#: Every forecaster there is, by name.
FORECASTERS: Registry[Forecaster] = Registry("forecaster", "payseg_widgets.prediction.models")


def forecaster(
    name: str, *, label: str, idea: str, weakness: str, is_baseline: bool = False, needs: str = ""
) -> Callable[[Fit], Fit]:
    """Register a function that fits as a forecaster."""

    def register(fit: Fit) -> Fit:
        FORECASTERS.add(name, Forecaster(name, label, idea, weakness, fit, is_baseline, needs))
        return fit

    return register


def missing(what: str, module: str) -> MissingDependencyError:
    """Return the error that says which extra to install."""
    return MissingDependencyError(
        f"{what} needs {module}, which is not installed. Install the extra: "
        "python3 -m pip install 'payseg-widgets[forecasters]'."
    )


def figures(frame: pd.DataFrame) -> np.ndarray:
    """Return the features to learn from; one that nobody has becomes 0 for all, which no tree can tell apart."""
    values = frame.to_numpy(dtype=float, copy=True)
    values[:, np.isnan(values).all(axis=0)] = 0.0
    return values


def lasting(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the features that do not grow as time goes by."""
    return frame[frame.columns.difference(list(GROWING), sort=False)]
