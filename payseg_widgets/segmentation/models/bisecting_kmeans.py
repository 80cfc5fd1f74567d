"""Bisecting k-means: the loosest group is split in two, again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import BisectingKMeans

from payseg_widgets.segmentation.model import MODELS, CentroidModel, ClusteringModel, centroid_model


@dataclass(frozen=True)
class BisectingKMeansModel(ClusteringModel):
    """Two-means of the group with the largest sum of squares, until there are as many groups as asked for.

    The groups of k + 1 segments are those of k with one of them split, which makes them easy to explain. Customers near
    a border go to the nearest centre in the end.

    References
    ----------
    M. Steinbach, G. Karypis, V. Kumar (2000). A comparison of document clustering techniques.
    """

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> CentroidModel:
        estimator = BisectingKMeans(n_segments or 2, n_init=self.restarts, random_state=seed)
        return centroid_model(ordered, estimator.fit_predict(ordered))


MODELS.add(
    "bisecting_kmeans",
    BisectingKMeansModel(
        name="bisecting_kmeans", label="Bisecting k-means", max_fit=2_000_000, restarts=5,
        idea="what is left after splitting the loosest group of customers in two, again and again",
        weakness="A first cut through the middle of a crowd is never mended by the later ones.",
    ),
)  # fmt: skip
