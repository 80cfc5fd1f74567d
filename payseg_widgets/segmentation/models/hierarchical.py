"""Hierarchical clustering (Ward): segments are merged step by step from single customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import cut_tree, linkage

from payseg_widgets.segmentation.model import (
    MODELS,
    CentroidModel,
    ClusteringModel,
    FittedModel,
    Setting,
    canonical,
    centroid_model,
    in_original_order,
)


@dataclass(frozen=True)
class WardModel(ClusteringModel):
    """Agglomerative clustering, merging the pair that adds least variance within the segments.

    New customers go to the nearest centre. All distances between customers are held in memory (400 MB for
    10,000), hence the sample above ``max_fit``.

    References
    ----------
    J. H. Ward (1963). Hierarchical grouping to optimize an objective function.
    """

    def fit_each(self, rows: np.ndarray, settings: Sequence[Setting], seed: int = 0) -> list[FittedModel]:
        """Cut one tree at every number of segments: the tree is the costly part."""
        if len(rows) > self.max_fit:
            return super().fit_each(rows, settings, seed)
        ks = [k or 2 for _, k in settings]
        order, ordered = canonical(rows, max(ks))
        return [in_original_order(fitted, order) for fitted in _cut(ordered, ks)]

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> CentroidModel:
        return _cut(ordered, [n_segments or 2])[0]


def _cut(ordered: np.ndarray, ks: list[int]) -> list[CentroidModel]:
    cuts = cut_tree(linkage(ordered, method="ward"), n_clusters=ks)
    return [centroid_model(ordered, np.unique(labels, return_inverse=True)[1]) for labels in cuts.T]


MODELS.add(
    "hierarchical",
    WardModel(
        name="hierarchical", label="Hierarchical (Ward)", max_fit=10_000, restarts=1,
        idea="a branch of the tree that joins customers step by step, the most alike first",
    ),
)  # fmt: skip
