"""Which features say the same: rank correlation of every pair over the customers for whom both are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Two features with a rank correlation of at least this size say the same.
SAME = 0.9
#: Correlations are read off at most this many customers, drawn at random with a fixed seed.
SAMPLE = 20_000
#: With fewer customers for whom both are known, nothing is said of a pair.
MIN_CUSTOMERS = 10


@dataclass(frozen=True)
class Twins:
    """Two features that order customers in the same way, or in opposite ways.

    Attributes
    ----------
    first, second : int
        Columns, ``first < second``.
    rho : float
        Spearman's rank correlation.
    """

    first: int
    second: int
    rho: float


def twins_among(values: np.ndarray) -> tuple[Twins, ...]:
    """Return the pairs of columns that say the same, the closest first.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_customers, n_features)
        Missing and infinite values are left out pair by pair.
    """
    if len(values) > SAMPLE:
        chosen = np.random.default_rng(0).choice(len(values), SAMPLE, replace=False)
        values = values[np.sort(chosen)]
    rho = rank_correlations(values)
    pairs = [Twins(i, j, float(rho[i, j])) for i, j in np.argwhere(np.abs(np.triu(rho, 1)) >= SAME).tolist()]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.rho)))


def rank_correlations(values: np.ndarray) -> np.ndarray:
    """Return Spearman's rank correlation of every pair of columns over the rows where both are finite.

    Returns
    -------
    numpy.ndarray of float64, shape (n_features, n_features)
        NaN where one of the two does not vary or fewer than ten rows have both.
    """
    finite = pd.DataFrame(np.where(np.isfinite(values), values, np.nan))
    return finite.corr(method="spearman", min_periods=MIN_CUSTOMERS).to_numpy()
