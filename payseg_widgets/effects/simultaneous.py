"""Intervals and ranks that hold together, however many groups are compared."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy import stats

_DRAWS, _SEED = 60_000, 20_061


def all_pairs(n_groups: int, n_coefficients: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return the contrasts of every two of the first coefficients, the first less the second.

    Returns
    -------
    numpy.ndarray, shape (n_pairs, n_coefficients)
    list of (first, second)
    """
    pairs = list(combinations(range(n_groups), 2))
    contrasts = np.zeros((len(pairs), n_coefficients))
    rows = np.arange(len(pairs))
    contrasts[rows, [a for a, _ in pairs]] = 1.0
    contrasts[rows, [b for _, b in pairs]] = -1.0
    return contrasts, pairs


def critical_value(contrasts: np.ndarray, covariance: np.ndarray, df: float, *, level: float = 0.95) -> float:
    """Return how many standard errors every contrast keeps within, with the probability ``level`` for all together.

    Quantile of the largest of correlated t statistics, by simulation from a fixed seed: to about 0.007.

    References
    ----------
    Hothorn, Bretz and Westfall (2008), Biometrical Journal 50, 346-363.
    """
    if len(contrasts) == 1:
        return float(stats.t.ppf((1 + level) / 2, df))
    spread = contrasts @ covariance @ contrasts.T
    error = np.sqrt(np.diag(spread))
    correlation = spread / np.outer(error, error)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0))
    kept = values > values.max() * 1e-9  # pairs of k groups have k - 1 dimensions
    rng = np.random.default_rng(_SEED)
    normal = rng.standard_normal((_DRAWS, int(kept.sum()))) @ root[:, kept].T
    scale = np.sqrt(rng.chisquare(df, _DRAWS) / df)
    return float(np.quantile(np.abs(normal).max(axis=1) / scale, level))


def at_other_df(critical: float, df: float, other: np.ndarray) -> np.ndarray:
    """Return the critical values at other degrees of freedom that are passed as rarely by a single t statistic."""
    tail = stats.t.sf(critical, df)
    return np.asarray(stats.t.isf(tail, other))


def rank_intervals(
    estimate: np.ndarray, low: np.ndarray, high: np.ndarray, pairs: list[tuple[int, int]]
) -> np.ndarray:
    """Return which ranks each group may have, 1 for the smallest, all groups together.

    Parameters
    ----------
    estimate : numpy.ndarray, shape (n_groups,)
    low, high : numpy.ndarray, shape (n_pairs,)
        Simultaneous intervals of the differences ``pairs``.

    Returns
    -------
    numpy.ndarray of int, shape (n_groups, 2)

    References
    ----------
    Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91, 476-518.
    """
    ranks = np.tile([1, len(estimate)], (len(estimate), 1))
    for (first, second), below, above in zip(pairs, low, high, strict=True):
        if below > 0:  # the first is larger for sure
            ranks[first, 0] += 1
            ranks[second, 1] -= 1
        elif above < 0:
            ranks[second, 0] += 1
            ranks[first, 1] -= 1
    return ranks


def pooled(estimate: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return estimates pulled towards their mean, the more the less is known of each.

    References
    ----------
    Paule and Mandel (1982), Journal of Research of the National Bureau of Standards 87, 377-385.
    """
    if len(estimate) < 3:
        return estimate

    def excess(between: float) -> float:
        w = 1 / (error**2 + between)
        return float(w @ (estimate - (w @ estimate) / w.sum()) ** 2) - (len(estimate) - 1)

    low, high = 0.0, float(np.ptp(estimate) ** 2) + 1e-12
    if excess(low) <= 0:
        between = 0.0
    else:
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        between = (low + high) / 2
    w = 1 / (error**2 + between)
    mean = (w @ estimate) / w.sum()
    keep = between / (between + error**2)
    return np.asarray(mean + keep * (estimate - mean))
