"""Making late invoices count as much as those in time: by weights, or by made-up ones (SMOTE)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import UnknownNameError
from payseg_widgets.prediction.forecaster import Fit, Predict, missing

#: What can be done about rare late invoices.
BALANCES = ("none", "weights", "smote")


def balanced(fit: Fit, balance: str) -> Fit:
    """Return a fit for which late invoices and those in time count the same in all.

    Both ways tell too high a chance of being late where late ones are rare: see `balance_harm`.

    Parameters
    ----------
    fit : callable
        Of a `Forecaster`.
    balance : {"none", "weights", "smote"}
        ``"weights"``: each of the rarer kind counts for more. ``"smote"``: more of the rarer kind are made up between
        neighbours, of the invoices that are fitted alone; missing features become medians first.

    Returns
    -------
    callable
        As ``fit``.

    Raises
    ------
    UnknownNameError
        For another ``balance``.
    MissingDependencyError
        If imbalanced-learn is not installed, which SMOTE needs.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer (2002), Journal of Artificial Intelligence Research 16, 321-357: SMOTE.
    """
    if balance not in BALANCES:
        raise UnknownNameError(f"balance={balance!r} is not known. {did_you_mean(balance, BALANCES)}")
    if balance == "none":
        return fit
    return _weighted(fit) if balance == "weights" else _oversampled(fit)


def _weighted(fit: Fit) -> Fit:
    def fit_weighted(
        frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
    ) -> Predict:
        counts = np.ones(len(frame)) if weights is None else weights
        late = counts @ is_late / counts.sum()
        return fit(frame, is_late, seed, counts * np.where(is_late, 0.5 / late, 0.5 / (1 - late)))

    return fit_weighted


def _oversampled(fit: Fit) -> Fit:
    try:
        from imblearn.over_sampling import SMOTE
    except ModuleNotFoundError as error:
        raise missing("balance='smote'", "imbalanced-learn") from error

    def fit_oversampled(
        frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
    ) -> Predict:
        impute = SimpleImputer(strategy="median", keep_empty_features=True).set_output(transform="pandas")
        filled = impute.fit_transform(frame)
        more, is_late_too = SMOTE(random_state=seed).fit_resample(filled, is_late)
        if weights is not None:  # those made up count as those of their kind do on average
            rarer = is_late if is_late_too[len(frame) :].any() else ~is_late
            weights = np.append(weights, np.full(len(more) - len(frame), weights[rarer].mean()))
        predict = fit(more, is_late_too, seed, weights)
        return lambda asked: predict(impute.transform(asked))

    return fit_oversampled
