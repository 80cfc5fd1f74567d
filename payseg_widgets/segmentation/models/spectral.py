"""Spectral clustering: a segment is customers joined by chains of near neighbours, whatever its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import eigh
from scipy.spatial import KDTree
from sklearn.cluster import KMeans

from payseg_widgets.segmentation.model import (
    MODELS,
    ClusteringModel,
    FittedModel,
    Setting,
    canonical,
    in_original_order,
    means_of,
)

_NEIGHBOURS = 10
#: Neighbours who vote on the segment of a customer.
_VOTERS = 5


@dataclass(frozen=True, kw_only=True, repr=False)
class NeighbourModel(FittedModel):
    """The customers it was fitted on, who vote.

    Attributes
    ----------
    known : numpy.ndarray, shape (n_fitted, n_columns)
    known_labels : numpy.ndarray of int, shape (n_fitted,)
    typical : float
        Median distance of a known customer to its nearest neighbour: nearer ones all vote alike.
    """

    known: np.ndarray
    known_labels: np.ndarray
    typical: float

    @property
    def middles(self) -> np.ndarray:
        """The means of the known customers."""
        return means_of(self.known, self.known_labels)

    def assign(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the segment with most votes among the five nearest known customers, and its share of the votes.

        A vote weighs less the further away the voter is. The customer itself votes if it is known.
        """
        distance, nearest = KDTree(self.known).query(rows, k=range(1, min(_VOTERS, len(self.known)) + 1))
        # the last digit of a feature may depend on how many customers are prepared at once
        weight = 1 / (np.round(distance, 9) + self.typical)
        votes = np.zeros((len(rows), int(self.known_labels.max()) + 1))
        np.add.at(votes, (np.arange(len(rows))[:, None], self.known_labels[nearest]), weight)
        labels = votes.argmax(axis=1)
        return labels, votes[np.arange(len(rows)), labels] / votes.sum(axis=1)


@dataclass(frozen=True)
class SpectralModel(ClusteringModel):
    """Normalised cuts of the graph of nearest neighbours: k-means of the rows of its leading eigenvectors.

    Two customers are joined if either is among the ten nearest of the other, more strongly if both are. New customers
    are placed by the vote of the nearest known ones. The eigenvectors of a dense matrix are computed, hence the small
    sample above ``max_fit``.

    References
    ----------
    A. Y. Ng, M. I. Jordan, Y. Weiss (2001). On spectral clustering: analysis and an algorithm.
    """

    def fit_each(self, rows: np.ndarray, settings: Sequence[Setting], seed: int = 0) -> list[FittedModel]:
        """Use the same eigenvectors for every number of segments: they are the costly part."""
        if len(rows) > self.max_fit:
            return super().fit_each(rows, settings, seed)
        ks = [k or 2 for _, k in settings]
        order, ordered = canonical(rows, max(ks))
        vectors = _leading_vectors(ordered, max(ks))
        return [in_original_order(self._cut(ordered, vectors, k, seed), order) for k in ks]

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> NeighbourModel:
        k = n_segments or 2
        return self._cut(ordered, _leading_vectors(ordered, k), k, seed)

    def _cut(self, ordered: np.ndarray, vectors: np.ndarray, k: int, seed: int) -> NeighbourModel:
        rows = vectors[:, -k:]
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        found = KMeans(k, n_init=self.restarts, random_state=seed).fit_predict(rows).astype(np.int64)
        return _as_voted(ordered, np.unique(found, return_inverse=True)[1])


def _leading_vectors(rows: np.ndarray, k: int) -> np.ndarray:
    """Return the eigenvectors of the k largest eigenvalues of the normalised graph, the largest last."""
    n = len(rows)
    nearest = KDTree(rows).query(rows, k=min(_NEIGHBOURS + 1, n))[1]
    joined = np.zeros((n, n))
    joined[np.arange(n)[:, None], nearest] = 0.5
    joined += joined.T
    np.fill_diagonal(joined, 0)
    degree = np.maximum(joined.sum(axis=1), 1e-12)
    vectors = eigh(joined / np.sqrt(np.outer(degree, degree)), subset_by_index=(n - k, n - 1))[1]
    largest = np.abs(vectors).argmax(axis=0)
    return vectors * np.sign(vectors[largest, np.arange(k)])  # else a sign could turn with the machine


def _as_voted(rows: np.ndarray, found: np.ndarray) -> NeighbourModel:
    """Return the model in which everybody, seen again, is placed where he is shown.

    Whoever is outvoted changes sides; a segment that wins no vote at all is dropped.
    """
    gaps = KDTree(rows).query(rows, k=2)[0][:, 1]
    model = NeighbourModel(
        labels=found, probabilities=np.ones(len(rows)), known=rows, known_labels=found,
        typical=max(float(np.median(gaps)), 1e-6),
    )  # fmt: skip
    labels, probabilities = model.assign(rows)
    while len(used := np.unique(labels)) < len(np.unique(model.known_labels)):
        kept = np.where(np.isin(model.known_labels, used), model.known_labels, labels)
        model = replace(model, known_labels=np.searchsorted(used, kept))
        labels, probabilities = model.assign(rows)
    return replace(model, labels=labels, probabilities=probabilities)


MODELS.add(
    "spectral",
    SpectralModel(
        name="spectral", label="Spectral", max_fit=2_000, bytes_per_pair=25, size_criterion="silhouette", restarts=5,
        idea="customers joined by chains of near neighbours, whatever shape they form",
        weakness="Where crowds touch, chains of neighbours run from one into the other; it cuts where they are thin by chance.",
    ),
)  # fmt: skip
