"""Hierarchical clustering: segments are merged step by step from single customers; here by Ward's rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import linkage

from payseg_widgets.segmentation.linkage_tree import LinkageTree, cut_height
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
class LinkageModel(ClusteringModel):
    """Agglomerative clustering.

    New customers go to the nearest centre. All distances between customers are held in memory (400 MB for
    10,000), hence the sample above ``max_fit``.

    Attributes
    ----------
    linkage : {"ward", "average"}
        Which two groups are joined next: those that add least variance within the segments, or those whose
        customers are nearest on average.

    References
    ----------
    J. H. Ward (1963). Hierarchical grouping to optimize an objective function.

    R. R. Sokal, C. D. Michener (1958). A statistical method for evaluating systematic relationships.
    """

    linkage: str = "ward"

    def fit_each(self, rows: np.ndarray, settings: Sequence[Setting], seed: int = 0) -> list[FittedModel]:
        """Cut one tree at every number of segments: the tree is the costly part."""
        if len(rows) > self.max_fit:
            return super().fit_each(rows, settings, seed)
        ks = [k or 2 for _, k in settings]
        order, ordered = canonical(rows, max(ks))
        return [in_original_order(fitted, order) for fitted in self._cut(ordered, ks)]

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> CentroidModel:
        return self._cut(ordered, [n_segments or 2])[0]

    def tree(self, rows: np.ndarray, n_segments: int | None) -> LinkageTree:
        """Return the tree and its cut into ``n_segments`` branches."""
        k = n_segments or 2
        order, ordered = canonical(rows, k)
        merges = linkage(ordered, method=self.linkage)
        segments = np.empty(len(rows), np.int64)
        segments[order] = branches(merges[:, :2].astype(np.int64), k)
        nodes = np.r_[order, np.arange(len(rows), 2 * len(rows) - 1)]
        merges[:, :2] = nodes[merges[:, :2].astype(np.int64)]
        return LinkageTree(self.label, merges, cut_height(merges, k), segments)

    def _cut(self, ordered: np.ndarray, ks: list[int]) -> list[CentroidModel]:
        tree = linkage(ordered, method=self.linkage)[:, :2].astype(np.int64)
        return [centroid_model(ordered, branches(tree, k)) for k in ks]


def branches(tree: np.ndarray, k: int) -> np.ndarray:
    """Return the labels, from 0, after undoing the last ``k - 1`` merges.

    Parameters
    ----------
    tree : numpy.ndarray of int, shape (n - 1, 2)
        The two nodes joined at each step; step i makes node n + i.
    k : int

    Examples
    --------
    >>> branches(np.array([[0, 1], [2, 4], [3, 5]]), 2).tolist()
    [1, 1, 1, 0]
    """
    n = len(tree) + 1
    branch = np.arange(2 * n - 1)
    for node in range(2 * n - 1 - k, n - 1, -1):  # from the top down, the nodes that stay joined
        branch[tree[node - n]] = branch[node]
    return np.unique(branch[:n], return_inverse=True)[1]


MODELS.add(
    "hierarchical",
    LinkageModel(
        name="hierarchical", label="Hierarchical (Ward)", max_fit=10_000, bytes_per_pair=10, restarts=1,
        idea="a branch of the tree that joins customers step by step, the most alike first",
        weakness="Customers joined early stay together, so that chance among the nearest decides the upper branches.",
    ),
)  # fmt: skip
