"""What a clustering model is, and the register of all of them (one a file in ``models/``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.distance import cdist

from payseg_widgets._registry import Registry
from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.condensed_tree import CondensedTree
from payseg_widgets.segmentation.linkage_tree import LinkageTree

Tree = LinkageTree | CondensedTree


@dataclass(frozen=True, kw_only=True, repr=False)
class FittedModel:
    """A model fitted on prepared customers: plain arrays, nothing executable.

    Attributes
    ----------
    labels : numpy.ndarray of int, shape (n_customers,)
        Contiguous from 0; -1 where no segment fits.
    probabilities : numpy.ndarray of float, shape (n_customers,)
        Strength of membership in [0, 1]; 0 for label -1.
    bic : float
        Bayesian information criterion, lower is better; NaN for models without a likelihood.
    notes : tuple of str
        What the fit had to decide, in sentences.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    bic: float = float("nan")
    notes: tuple[str, ...] = ()

    @property
    def n_segments(self) -> int:
        """Number of segments, noise not counted."""
        return int(self.labels.max(initial=-1)) + 1

    def assign(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return labels and probabilities of prepared customers, seen or new, without refitting."""
        raise NotImplementedError

    @property
    def middles(self) -> np.ndarray:
        """Middle of each segment among prepared customers, shape (n_segments, n_columns)."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(segments={self.n_segments}, customers={len(self.labels)})"


#: Sorted rows, distances to centres and the like, for each prepared value.
_BYTES_PER_CELL = 64


@dataclass(frozen=True)
class ClusteringModel:
    """A way to group prepared customers.

    Attributes
    ----------
    name, label : str
        Key in the registry; what an analyst calls it.
    idea : str
        What it takes a segment to be, as the end of "a segment is ...".
    weakness : str
        What it does wrong where it fails, as a sentence.
    max_fit : int
        Above this many customers it is fitted on a sample of that size and the others are assigned.
    size_criterion : {"gap", "bic", "silhouette", ""}
        The criterion of its own for the number of segments, beside silhouette and stability; ``""`` for a model
        that finds the number itself.
    restarts : int
        Starts from other random centres; the best is kept.
    bytes_per_pair : float
        Memory of a fit for each pair of customers it is fitted on; 0 for a model that compares no pairs.
    needs_categories : bool
        Whether it takes categories of the customers, such as their region, beside the features.
    n_categories : int
        How many of the last columns of the rows are codes of categories, -1 where missing.
    """

    name: str
    label: str
    idea: str
    weakness: str
    max_fit: int
    size_criterion: str = "gap"
    restarts: int = 10
    bytes_per_pair: float = 0.0
    needs_categories: bool = False
    n_categories: int = 0

    def memory_mb(self, n_customers: int, n_columns: int) -> float:
        """Return about how much memory one fit takes, in MB, known before it is begun.

        Examples
        --------
        >>> round(MODELS["spectral"].memory_mb(100_000, 10))
        164
        """
        n_fitted = min(n_customers, self.max_fit)
        return (self.bytes_per_pair * n_fitted**2 + _BYTES_PER_CELL * n_customers * n_columns) / 1e6

    def with_categories(self, n: int) -> ClusteringModel:
        """Return the model for rows with so many categories where it takes any, else the model as it is.

        Raises
        ------
        SegmentationError
            If it needs some and there are none.
        """
        if not self.needs_categories:
            return self
        if not n:
            raise SegmentationError(
                f"{self.label} needs categorical columns: pass categories=, a DataFrame of texts by customer id, or take "
                "another model such as 'kmedoids'."
            )
        return replace(self, n_categories=n)

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """Return the columns that are numbers, without the codes of categories."""
        return rows[:, : rows.shape[1] - self.n_categories]

    def distances(self, rows: np.ndarray) -> np.ndarray:
        """Return the distances between all customers that the model goes by, shape (n, n): here, Euclidean."""
        return cdist(rows, rows)

    def quick(self) -> ClusteringModel:
        """Return the model with few restarts, for fits that are repeated many times."""
        return replace(self, restarts=min(self.restarts, 2))

    def pinned(self, fitted: FittedModel) -> ClusteringModel:
        """Return the model with what it decided in that fit held fixed, for refits on other customers."""
        return self

    def fit(self, rows: np.ndarray, n_segments: int | None, seed: int = 0) -> FittedModel:
        """Group the customers; the result follows them whatever their order.

        Parameters
        ----------
        rows : numpy.ndarray, shape (n_customers, n_columns)
            Prepared features, no missing values.
        n_segments : int or None
            ``None`` only for a model that finds the number itself.
        seed : int

        Raises
        ------
        SegmentationError
            If there are fewer different customers than segments.
        """
        order, ordered = canonical(rows, n_segments)
        if len(ordered) <= self.max_fit:
            fitted = self._fit(ordered, n_segments, seed)
        else:
            fitted = self._fit_sample(ordered, n_segments, seed)
        return in_original_order(fitted, order)

    def fit_each(self, rows: np.ndarray, settings: Sequence[Setting], seed: int = 0) -> list[FittedModel]:
        """Fit every setting on the same customers."""
        return [model.fit(rows, k, seed) for model, k in settings]

    def settings(self, ks: Sequence[int]) -> list[Setting]:
        """Return what to try when the number of segments is open: here, each number."""
        return [(self, k) for k in ks]

    def tree(self, rows: np.ndarray, n_segments: int | None) -> Tree | None:
        """Return the tree that the model makes of the customers on its way to segments; ``None`` if it makes none."""
        return None

    def _fit_sample(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> FittedModel:
        chosen = np.sort(np.random.default_rng(seed).choice(len(ordered), self.max_fit, replace=False))
        fitted = self._fit(ordered[chosen], n_segments, seed)
        labels, probabilities = fitted.assign(ordered)
        note = (
            f"{self.label} was fitted on a random sample of {self.max_fit:,} of {len(ordered):,} customers; "
            "every customer was then placed by the fitted model."
        )
        return replace(fitted, labels=labels, probabilities=probabilities, notes=(*fitted.notes, note))

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> FittedModel:
        raise NotImplementedError


Setting = tuple[ClusteringModel, int | None]
"""A model with its options, and the number of segments asked of it."""

MODELS: Registry[ClusteringModel] = Registry("clustering model", "payseg_widgets.segmentation.models")


def canonical(rows: np.ndarray, n_segments: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the order that sorts the rows by their values, and the sorted rows, after checking them.

    Sorting first makes every model independent of the order of the customers.
    """
    if n_segments is not None and n_segments < 1:
        raise SegmentationError(f"n_segments={n_segments} was asked for; give 1 or more.")
    order = np.lexsort(rows.T[::-1])
    ordered = np.ascontiguousarray(rows[order])
    n_different = min(len(rows), 1) + int(np.any(ordered[1:] != ordered[:-1], axis=1).sum())
    needed = max(2, n_segments or 2)
    if n_different < needed:
        raise SegmentationError(
            f"{len(rows)} customers with {n_different} different feature values make no {needed} segments. "
            "Ask for fewer segments (n_segments=), lower min_invoices, or read a longer period."
        )
    return order, ordered


def in_original_order(fitted: FittedModel, order: np.ndarray) -> FittedModel:
    """Return the fit with labels and probabilities put back where the customers came from."""
    labels, probabilities = np.empty_like(fitted.labels), np.empty_like(fitted.probabilities)
    labels[order], probabilities[order] = fitted.labels, fitted.probabilities
    return replace(fitted, labels=labels, probabilities=probabilities)


@dataclass(frozen=True, kw_only=True, repr=False)
class CentroidModel(FittedModel):
    """Segments known by their centres; a customer belongs to the nearest.

    The membership probability is that of equally large, round Gaussian segments around the centres with the
    pooled variance within the segments: a customer half-way between two centres has 0.5 in each.

    Attributes
    ----------
    centres : numpy.ndarray, shape (n_segments, n_columns)
    variance : float
        Pooled variance within the segments, per column.
    """

    centres: np.ndarray
    variance: float

    @property
    def middles(self) -> np.ndarray:
        """The centres."""
        return self.centres

    def assign(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the nearest centre and its membership probability."""
        labels = squared_distances(rows, self.centres).argmin(axis=1)
        return labels, self.membership(rows, labels)

    def membership(self, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the probability of the given labels."""
        closeness = -squared_distances(rows, self.centres) / (2 * self.variance)
        closeness -= closeness.max(axis=1, keepdims=True)
        weights = np.exp(closeness)
        return weights[np.arange(len(rows)), labels] / weights.sum(axis=1)


def centroid_model(rows: np.ndarray, labels: np.ndarray) -> CentroidModel:
    """Return the model whose centres are the means of the given groups; every customer goes to the nearest.

    So a customer near the border of two groups may change sides: the segments shown are those that customers seen
    again are placed in. A group that is nobody's nearest is dropped.
    """
    return nearest_centre_model(rows, means_of(rows, np.unique(labels, return_inverse=True)[1]))


def means_of(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the mean of each group, shape (n_groups, n_columns); labels are contiguous from 0."""
    sizes = np.bincount(labels)
    return np.column_stack([np.bincount(labels, weights=column) for column in rows.T]) / sizes[:, None]


def nearest_centre_model(rows: np.ndarray, centres: np.ndarray) -> CentroidModel:
    """Return the model with these centres, those dropped that are nobody's nearest."""
    used, labels = np.unique(squared_distances(rows, centres).argmin(axis=1), return_inverse=True)
    centres = centres[used]
    within = ((rows - centres[labels]) ** 2).sum()
    free = max(rows.size - centres.size, 1)
    # identical customers within every segment would divide by zero: any tiny variance then means "certain"
    variance = max(float(within / free), 1e-9)
    model = CentroidModel(labels=labels, probabilities=np.ones(len(rows)), centres=centres, variance=variance)
    return replace(model, probabilities=model.membership(rows, labels))


def squared_distances(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return squared Euclidean distances, shape (n_rows, n_centres)."""
    distances = (rows**2).sum(axis=1)[:, None] - 2 * rows @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(distances, 0.0)
