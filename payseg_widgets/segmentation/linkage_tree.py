"""The tree of a hierarchical clustering: who was joined with whom, at which height, and where it was cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, repr=False)
class LinkageTree:
    """A dendrogram of at most 1,500 customers, and the cut that made the segments.

    Attributes
    ----------
    label : str
        What the model is called.
    merges : numpy.ndarray of float64, shape (n - 1, 4)
        As `scipy.cluster.hierarchy.linkage` gives it; leaf i is the i-th customer of the sample.
    cut : float
        Half-way between the highest join that was kept and the lowest that was undone.
    segments : numpy.ndarray of int, shape (n,)
        Branch below the cut of each customer, numbered as the segment that it became.
    agreement : float
        Share of the sample whose segment is that of their branch; the others lie nearer another segment's centre.
    """

    label: str
    merges: np.ndarray
    cut: float
    segments: np.ndarray
    agreement: float = 1.0

    @property
    def joined(self) -> np.ndarray:
        """The branch that each node of the tree lies in, shape (2 n - 1,); -1 for joins of several, above the cut."""
        branch = np.r_[self.segments, np.full(len(self.merges), -1)]
        for node, (left, right) in enumerate(self.merges[:, :2].astype(np.int64), start=len(self.segments)):
            branch[node] = branch[left] if branch[left] == branch[right] else -1
        return branch

    def numbered(self, numbers: Mapping[int, int], agreement: float) -> LinkageTree:
        """Return the tree with other numbers for its branches."""
        segments = np.array([numbers[branch] for branch in self.segments.tolist()])
        return replace(self, segments=segments, agreement=agreement)

    def __repr__(self) -> str:
        n_branches = len(np.unique(self.segments))
        return f"LinkageTree({self.label!r}, customers={len(self.segments)}, branches={n_branches})"


def cut_height(merges: np.ndarray, k: int) -> float:
    """Return a height at which the tree has ``k`` branches.

    Examples
    --------
    >>> cut_height(np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]]), 2)
    2.5
    """
    heights = np.r_[0.0, merges[:, 2], 1.1 * merges[-1, 2]]
    kept = len(merges) + 1 - k
    return float(heights[kept : kept + 2].mean())
