"""K-medoids: a segment is the customers nearest to one typical customer, who exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from payseg_widgets._compiled import compiled
from payseg_widgets.segmentation.model import (
    MODELS,
    ClusteringModel,
    FittedModel,
    Setting,
    canonical,
    in_original_order,
    nearest_centre_model,
)

#: A swap must shorten the mean distance by more than this share, or rounding could swap for ever.
_LEAST_GAIN = 1e-9


@dataclass(frozen=True)
class KMedoidsModel(ClusteringModel):
    """Partitioning around medoids: the customers whose choice as centres makes the distances to them shortest.

    Distances are not squared, so that a few extreme customers pull less than in k-means. Medoids are chosen one by
    one, each the best addition; then the best swap of a medoid for another customer is made for as long as one gains,
    all swaps being weighed at once. All distances between the customers are held in memory.

    References
    ----------
    L. Kaufman, P. J. Rousseeuw (1990). Finding groups in data. Chapter 2.

    E. Schubert, P. J. Rousseeuw (2021). Fast and eager k-medoids clustering.
    """

    def fit_each(self, rows: np.ndarray, settings: Sequence[Setting], seed: int = 0) -> list[FittedModel]:
        """Use the same distances for every number of segments."""
        if len(rows) > self.max_fit:
            return super().fit_each(rows, settings, seed)
        ks = [k or 2 for _, k in settings]
        order, ordered = canonical(rows, max(ks))
        between = self.distances(ordered)
        begun = _one_by_one(between, max(ks))
        fits = [self._around(ordered, ordered[_improved(between, begun[:k])]) for k in ks]
        return [in_original_order(fitted, order) for fitted in fits]

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> FittedModel:
        return self._around(ordered, ordered[medoids(self.distances(ordered), n_segments or 2)])

    def _around(self, ordered: np.ndarray, medoids: np.ndarray) -> FittedModel:
        return nearest_centre_model(ordered, medoids)


def medoids(between: np.ndarray, k: int) -> np.ndarray:
    """Return the positions of ``k`` customers such that no single swap shortens the sum of all distances to them.

    Parameters
    ----------
    between : numpy.ndarray, shape (n, n)
        Distances of any kind, the same in both directions.
    k : int

    Examples
    --------
    >>> places = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])
    >>> medoids(np.abs(places - places.T), 2).tolist()
    [1, 4]
    """
    return _improved(between, _one_by_one(between, k))


def _improved(between: np.ndarray, begun: np.ndarray) -> np.ndarray:
    chosen = begun.copy()
    while True:
        shorter, slot, candidate = _best_swap(between, chosen)
        if shorter >= -_LEAST_GAIN * between[chosen].min(axis=0).sum():
            return np.sort(chosen)
        chosen[slot] = candidate


def _one_by_one(between: np.ndarray, k: int) -> np.ndarray:
    chosen = [int(between.sum(axis=1).argmin())]
    nearest = between[chosen[0]]
    for _ in range(k - 1):
        chosen.append(int(np.minimum(between, nearest[:, None]).sum(axis=0).argmin()))
        nearest = np.minimum(nearest, between[chosen[-1]])
    return np.array(chosen)


def _best_swap(between: np.ndarray, chosen: np.ndarray) -> tuple[float, int, int]:
    """Return the change of the summed distance by the best swap, whose place it takes, and who takes it.

    A candidate draws those nearer to it than to their medoid, whichever medoid leaves. Those whose own medoid leaves go
    to the candidate or to their second nearest medoid.
    """
    to_medoids = between[chosen].T
    ranked = np.argsort(to_medoids, axis=1, kind="stable")
    rows = np.arange(len(between))
    own = ranked[:, 0]
    first = to_medoids[rows, own]
    second = to_medoids[rows, ranked[:, 1]] if len(chosen) > 1 else np.full(len(between), np.inf)
    change = np.zeros((len(between), len(chosen)))
    _weigh_swaps(between, own, first, second, change)
    candidate, slot = np.unravel_index(int(change.argmin()), change.shape)
    return float(change[candidate, slot]), int(slot), int(candidate)


@compiled
def _weigh_swaps(between, own, first, second, change):  # type: ignore[no-untyped-def]  # numba infers
    for candidate in range(len(between)):
        drawn = 0.0
        for i in range(len(own)):
            distance = between[candidate, i]
            gain = min(distance - first[i], 0.0)
            drawn += gain
            # where the own medoid leaves: the nearer of candidate and second, less what is counted already
            change[candidate, own[i]] += min(distance, second[i]) - first[i] - gain
        for slot in range(change.shape[1]):
            change[candidate, slot] += drawn


MODELS.add(
    "kmedoids",
    KMedoidsModel(
        name="kmedoids", label="K-medoids", max_fit=3_000, bytes_per_pair=17, size_criterion="silhouette", restarts=1,
        idea="the customers nearest to one typical customer",
        weakness="It cuts long or wide crowds through the middle, and takes a typical customer of their border for a kind.",
    ),
)  # fmt: skip
