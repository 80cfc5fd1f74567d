"""Criteria that speak for or against a number of segments, as plain array functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from payseg_widgets.segmentation.model import ClusteringModel


def silhouettes(between: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how much nearer each customer is to its own segment than to the next, in [-1, 1].

    Parameters
    ----------
    between : numpy.ndarray, shape (n, n)
        Distances between the customers.
    labels : numpy.ndarray of int, shape (n,)

    Returns
    -------
    numpy.ndarray, shape (n,)
        0 for a segment of one; NaN for noise, and for everyone where there are fewer than two segments.

    References
    ----------
    P. J. Rousseeuw (1987). Silhouettes: a graphical aid to the interpretation and validation of cluster
    analysis.
    """
    widths = np.full(len(labels), np.nan)
    placed = np.flatnonzero(labels >= 0)
    used, mine = np.unique(labels[placed], return_inverse=True)
    if len(used) < 2:
        return widths
    membership = np.eye(len(used))[mine]
    sizes = membership.sum(axis=0)
    sums = between[np.ix_(placed, placed)] @ membership
    rows = np.arange(len(placed))
    own = sums[rows, mine] / np.maximum(sizes[mine] - 1, 1)
    others = sums / sizes
    others[rows, mine] = np.inf
    nearest = others.min(axis=1)
    larger = np.maximum(own, nearest)
    width = np.divide(nearest - own, larger, out=np.zeros(len(placed)), where=larger > 0)
    widths[placed] = np.where(sizes[mine] > 1, width, 0.0)
    return widths


def silhouette(between: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean silhouette of the placed customers; NaN where there are fewer than two segments."""
    widths = silhouettes(between, labels)
    placed = labels >= 0
    return float(widths[placed].mean()) if placed.any() else float("nan")


def inertia(rows: np.ndarray, labels: np.ndarray) -> float:
    """Return the sum of squared distances of the placed customers to the mean of their segment."""
    total = 0.0
    for label in np.unique(labels[labels >= 0]):
        mine = rows[labels == label]
        total += float(((mine - mine.mean(axis=0)) ** 2).sum())
    return total


def elbow(ks: Sequence[int], inertias: Sequence[float]) -> int | None:
    """Return the k after which the inertia falls least: the point furthest below the chord.

    ``None`` for fewer than three values, which have no elbow.

    References
    ----------
    V. Satopaa et al. (2011). Finding a "kneedle" in a haystack.

    Examples
    --------
    >>> elbow([1, 2, 3, 4, 5], [100, 60, 20, 18, 16])
    3
    """
    if len(ks) < 3:
        return None
    x = (np.asarray(ks, float) - ks[0]) / (ks[-1] - ks[0])
    y = np.asarray(inertias, float)
    span = y.max() - y.min()
    if span <= 0:
        return None
    below = (1 - x) - (y - y.min()) / span
    return int(ks[int(below.argmax())])


def gap_statistic(
    model: ClusteringModel,
    rows: np.ndarray,
    ks: Sequence[int],
    inertias: Sequence[float],
    *,
    seed: int,
    n_references: int = 10,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gap of each k and its standard error, against an even crowd in the principal box.

    References
    ----------
    R. Tibshirani, G. Walther, T. Hastie (2001). Estimating the number of clusters in a data set via the gap
    statistic.
    """
    rng = np.random.default_rng(seed)
    middle = rows.mean(axis=0)
    axes = np.linalg.svd(rows - middle, full_matrices=False)[2]
    scores = (rows - middle) @ axes.T
    low, high = scores.min(axis=0), scores.max(axis=0)
    logs = np.empty((n_references, len(ks)))
    for b in range(n_references):
        reference = rng.uniform(low, high, size=scores.shape)
        fits = model.fit_each(reference, [(model, k) for k in ks], seed)
        spreads = [inertia(reference, fit.labels) for fit in fits]
        logs[b] = np.log(np.maximum(spreads, np.finfo(float).tiny))  # none where every point is a segment
    with np.errstate(divide="ignore"):  # identical customers within every segment: the gap is then infinite
        gaps = logs.mean(axis=0) - np.log(np.asarray(inertias, float))
    return gaps, logs.std(axis=0) * np.sqrt(1 + 1 / n_references)


def gap_choice(ks: Sequence[int], gaps: np.ndarray, errors: np.ndarray) -> int:
    """Return the smallest k whose gap is within one standard error of the next; the best where none is.

    Examples
    --------
    >>> gap_choice([1, 2, 3, 4], np.array([0.1, 0.3, 0.9, 0.91]), np.array([0.02, 0.02, 0.02, 0.02]))
    3
    """
    for i in range(len(ks) - 1):
        if gaps[i] >= gaps[i + 1] - errors[i + 1]:
            return int(ks[i])
    return int(ks[int(np.argmax(gaps))])
