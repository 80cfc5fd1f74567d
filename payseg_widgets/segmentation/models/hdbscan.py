"""HDBSCAN: a segment is a dense crowd of customers; those between crowds stay unplaced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import KDTree
from sklearn.cluster import HDBSCAN

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.condensed_tree import CondensedTree, condense, reachability_merges
from payseg_widgets.segmentation.model import (
    MODELS,
    ClusteringModel,
    FittedModel,
    Setting,
    canonical,
    means_of,
)

#: Least size of a segment as a share of the customers: what is tried.
SHARES = (0.02, 0.04, 0.08, 0.15)
_NEIGHBOURS = 5
#: Prepared rows nearer than this are the same customer's.
_SAME = 1e-9


@dataclass(frozen=True, kw_only=True, repr=False)
class DensityModel(FittedModel):
    """The customers it was fitted on, each with its reach.

    Attributes
    ----------
    known : numpy.ndarray, shape (n_fitted, n_columns)
    known_labels, known_probabilities : numpy.ndarray, shape (n_fitted,)
    reach : numpy.ndarray, shape (n_fitted,)
        Distance to the fifth nearest customer of the same segment; 0 without a segment.
    """

    known: np.ndarray
    known_labels: np.ndarray
    known_probabilities: np.ndarray
    reach: np.ndarray

    @property
    def middles(self) -> np.ndarray:
        """The means of the known customers, each crowd's own."""
        is_in = self.known_labels >= 0
        return means_of(self.known[is_in], self.known_labels[is_in])

    def assign(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the segment of the nearest known customer if the row lies within its reach, else -1.

        The probability is the known customer's, halved at the edge of its reach: a customer fitted on keeps its own.
        """
        distance, nearest = KDTree(self.known).query(rows)
        reach = self.reach[nearest]
        # the last digit of a feature may depend on how many customers are prepared at once
        distance = np.where(distance <= _SAME, 0.0, distance)
        closeness = 1 - 0.5 * np.divide(distance, reach, out=np.zeros(len(rows)), where=reach > 0)
        inside = distance <= reach
        labels = np.where(inside, self.known_labels[nearest], -1)
        return labels, np.where(inside, self.known_probabilities[nearest] * closeness, 0.0)


@dataclass(frozen=True)
class HdbscanModel(ClusteringModel):
    """Hierarchical density-based clustering; it finds the number of segments itself.

    Attributes
    ----------
    share : float
        Least size of a segment as a share of the customers (never below 5).

    References
    ----------
    R. J. G. B. Campello, D. Moulavi, J. Sander (2013). Density-based clustering based on hierarchical
    density estimates.
    """

    share: float = SHARES[0]

    def settings(self, ks: Sequence[int]) -> list[Setting]:
        """Return one setting per least size: the numbers of segments follow from the data."""
        return [(replace(self, share=share), None) for share in SHARES]

    def _sizes(self, n: int, n_segments: int | None) -> list[int]:
        """Return the least sizes of a segment to try among ``n`` customers."""
        if n_segments is None:
            return [max(_NEIGHBOURS, math.ceil(self.share * n))]
        sizes = np.unique(np.geomspace(_NEIGHBOURS, max(n / 3, _NEIGHBOURS), 12).astype(int))
        return [int(size) for size in sizes]

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> DensityModel:
        fits = [self._fit_size(ordered, size) for size in self._sizes(len(ordered), n_segments)]
        wanted = [fit for fit in fits if n_segments in (None, fit.n_segments)]
        if not wanted:
            found = sorted({fit.n_segments for fit in fits})
            raise SegmentationError(
                f"HDBSCAN finds {', '.join(map(str, found))} segments here, depending on their least size, "
                f"never {n_segments}. Leave n_segments out, or take another model such as 'kmeans'."
            )
        return min(wanted, key=lambda fit: int((fit.labels < 0).sum()))

    def tree(self, rows: np.ndarray, n_segments: int | None) -> CondensedTree | None:
        """Return the condensed tree behind the segments; ``None`` where it never holds ``n_segments`` of them."""
        order, ordered = canonical(rows, n_segments)
        merges = reachability_merges(ordered, min(_NEIGHBOURS, len(ordered)))
        sizes = self._sizes(len(ordered), n_segments)
        trees = [condense(merges, min(size, len(ordered)), self.label) for size in sizes]
        wanted = [tree for tree in trees if n_segments in (None, tree.crowds["is_chosen"].sum())]
        fewest_out = min(wanted, key=lambda tree: int((tree.segments < 0).sum()), default=None)
        return fewest_out and fewest_out.in_order(order)

    def _fit_size(self, ordered: np.ndarray, size: int) -> DensityModel:
        estimator = HDBSCAN(
            min_cluster_size=min(size, len(ordered)), min_samples=min(_NEIGHBOURS, len(ordered)), copy=True
        )
        labels = estimator.fit_predict(ordered)
        probabilities = np.where(labels >= 0, np.clip(estimator.probabilities_, 0, 1), 0.0)
        placed = labels >= 0
        note = f"HDBSCAN: a segment needed at least {size} customers; the number of segments followed."
        reach = np.zeros(len(ordered))
        reach[placed] = _reach(ordered[placed], labels[placed])
        return DensityModel(
            labels=labels, probabilities=probabilities, notes=(note,), reach=reach,
            known=ordered, known_labels=labels, known_probabilities=probabilities,
        )  # fmt: skip


def _reach(members: np.ndarray, labels: np.ndarray) -> np.ndarray:
    reach = np.zeros(len(members))
    for label in np.unique(labels):
        mine = labels == label
        neighbours = min(_NEIGHBOURS + 1, int(mine.sum()))  # the nearest is the customer itself
        reach[mine] = KDTree(members[mine]).query(members[mine], k=[neighbours])[0][:, 0]
    return reach


MODELS.add(
    "hdbscan",
    HdbscanModel(
        name="hdbscan", label="HDBSCAN", max_fit=5_000, size_criterion="", restarts=1,
        idea="a dense crowd of customers with emptier space around it",
        weakness="Where no emptier ground lies between crowds it takes a few dense spots and leaves everybody else out.",
    ),
)  # fmt: skip
