"""Gower k-medoids: a segment is the customers nearest to one typical customer, in payment and in region, sector and the like."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.gower import GowerScale
from payseg_widgets.segmentation.model import MODELS, FittedModel
from payseg_widgets.segmentation.models.kmedoids import KMedoidsModel


@dataclass(frozen=True, kw_only=True, repr=False)
class GowerModel(FittedModel):
    """Typical customers, one a segment; everybody belongs to the nearest.

    The membership probability is that of equally large Laplace-distributed segments around them with the pooled spread
    within the segments: a customer half-way between two has 0.5 in each.

    Attributes
    ----------
    medoids : numpy.ndarray, shape (n_segments, n_columns)
        Numbers, then codes of categories, -1 where missing.
    scale : GowerScale
    spread : float
        Mean distance to the own medoid.
    """

    medoids: np.ndarray
    scale: GowerScale
    spread: float

    def assign(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the nearest typical customer and its membership probability."""
        distances = self.scale.distances(rows, self.medoids)
        nearest = distances.min(axis=1, keepdims=True)
        columns = len(self.scale.ranges) + self.scale.weight * len(self.scale.steps)
        closeness = np.exp((nearest - distances) * columns / self.spread)
        return distances.argmin(axis=1), 1 / closeness.sum(axis=1)


@dataclass(frozen=True)
class GowerKMedoidsModel(KMedoidsModel):
    """Partitioning around medoids in Gower's distance, so that categories take part beside the features.

    Attributes
    ----------
    category_weight : float
        How many features each category counts as: see `payseg_widgets.segmentation.gower.GowerScale.of`.

    References
    ----------
    J. C. Gower (1971). A general coefficient of similarity and some of its properties. Biometrics 27, 857-871.

    L. Kaufman, P. J. Rousseeuw (1990). Finding groups in data. Chapters 1 and 2.
    """

    category_weight: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.category_weight < float("inf"):
            raise SegmentationError(
                f"category_weight={self.category_weight!r} weighs nothing; give a number above 0, such as 1."
            )

    def distances(self, rows: np.ndarray) -> np.ndarray:
        """Return Gower distances in the scale of these customers."""
        return self._scale(rows).distances(rows, rows)

    def _scale(self, rows: np.ndarray) -> GowerScale:
        return GowerScale.of(rows, self.n_categories, self.category_weight)

    def _around(self, ordered: np.ndarray, medoids: np.ndarray) -> GowerModel:
        scale = self._scale(ordered)
        used, labels = np.unique(scale.distances(ordered, medoids).argmin(axis=1), return_inverse=True)
        medoids = medoids[used]
        within = scale.distances(ordered, medoids)[np.arange(len(ordered)), labels].sum()
        model = GowerModel(
            labels=labels, probabilities=np.ones(len(ordered)), medoids=medoids, scale=scale,
            spread=max(float(within) / max(len(ordered) - len(medoids), 1), 1e-9),
        )  # fmt: skip
        return replace(model, probabilities=model.assign(ordered)[1])


MODELS.add(
    "gower_kmedoids",
    GowerKMedoidsModel(
        name="gower_kmedoids", label="K-medoids (Gower)", max_fit=3_000, bytes_per_pair=19, size_criterion="silhouette",
        restarts=1, needs_categories=True,
        idea="the customers nearest to one typical customer, in how they pay and in what they are",
        weakness="It parts customers who pay alike because they are of different categories.",
    ),
)  # fmt: skip
