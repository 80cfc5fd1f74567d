"""Which features say the same: rank correlation of every pair over the customers for whom both are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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

    Every column is sorted once; the ranks among fewer rows are read off that order.

    Returns
    -------
    numpy.ndarray of float64, shape (n_features, n_features)
        NaN where one of the two does not vary or fewer than ten rows have both.
    """
    is_known = np.isfinite(values)
    order = np.argsort(values, axis=0)
    rho = np.full((values.shape[1],) * 2, np.nan)
    # columns that are known for the same rows go together
    patterns: dict[bytes, list[int]] = {}
    for column in range(values.shape[1]):
        patterns.setdefault(is_known[:, column].tobytes(), []).append(column)
    groups = list(patterns.values())
    for a, mine in enumerate(groups):
        for theirs in groups[a:]:
            rows = is_known[:, mine[0]] & is_known[:, theirs[0]]
            if rows.sum() < MIN_CUSTOMERS:
                continue
            first, second = (
                np.stack([_unit_ranks(values[:, c], order[:, c], rows) for c in columns])
                for columns in (mine, theirs)
            )
            block = np.clip(first @ second.T, -1.0, 1.0)
            rho[np.ix_(mine, theirs)] = block
            rho[np.ix_(theirs, mine)] = block.T
    return rho


def _unit_ranks(column: np.ndarray, order: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the ranks among the chosen rows, ties sharing their mean, centred and of length 1."""
    kept = order[rows[order]]
    in_order = column[kept]
    begins = np.concatenate([[True], in_order[1:] != in_order[:-1]])
    start = np.flatnonzero(begins)
    ends = np.append(start[1:], len(kept))
    ranks = np.empty(len(column))
    ranks[kept] = ((start + ends - 1) / 2)[np.cumsum(begins) - 1]
    ranks = ranks[rows] - (len(kept) - 1) / 2
    length = np.linalg.norm(ranks)
    return ranks / length if length > 0 else np.full(len(kept), np.nan)
