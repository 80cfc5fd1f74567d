"""K-means: a segment is the customers nearest to one centre."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans

from payseg_widgets.segmentation.model import MODELS, CentroidModel, ClusteringModel, centroid_model


@dataclass(frozen=True)
class KMeansModel(ClusteringModel):
    """K-means with k-means++ starts, Lloyd's algorithm.

    References
    ----------
    D. Arthur, S. Vassilvitskii (2007). k-means++: the advantages of careful seeding.
    """

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> CentroidModel:
        restarts = self.restarts if len(ordered) <= 20_000 else min(self.restarts, 3)
        estimator = KMeans(n_segments or 2, n_init=restarts, random_state=seed, algorithm="lloyd")
        return centroid_model(ordered, estimator.fit_predict(ordered))


MODELS.add(
    "kmeans",
    KMeansModel(
        name="kmeans",
        label="K-means",
        idea="a round group of customers about one centre",
        weakness="It cuts long or wide crowds through the middle and lends its far customers to small neighbours.",
        max_fit=2_000_000,
    ),
)
