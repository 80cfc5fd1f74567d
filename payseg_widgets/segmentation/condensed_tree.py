"""The condensed tree of HDBSCAN: how crowds part and thin out as the density asked for grows, and which are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.metrics import DistanceMetric


@dataclass(frozen=True, repr=False)
class CondensedTree:
    """Crowds of at least a least size among at most 1,500 customers, from all of them to the densest.

    Density is 1 / distance (lambda), the distance being that of mutual reachability.

    Attributes
    ----------
    label : str
        What the model is called.
    least_size : int
        Customers a crowd needs.
    crowds : pandas.DataFrame
        Index ``crowd``, 0 being everybody. ``parent`` (-1 for everybody); ``born`` and ``ended``, the densities at which
        it parts from its parent and at which it parts in two or loses its last customer; ``customers`` at its birth;
        ``mass``, the excess of mass, summed over its customers how much denser than its birth each still belongs to it;
        ``persistence``, that as a share in [0, 1] of what it would be if all stayed up to the greatest density of the
        tree; ``is_chosen``; ``segment``, the number of a chosen crowd as a segment, -1 of the others.
    last : pandas.DataFrame
        One row a customer of the sample: the last ``crowd`` it belongs to, and the density ``until`` which it does;
        infinite where customers are the same.
    segments : numpy.ndarray of int, shape (n,)
        Segment of the chosen crowd of each customer, -1 for those in none.
    agreement : float
        Share of the sample whose segment by the model is this one.

    References
    ----------
    R. J. G. B. Campello, D. Moulavi, A. Zimek, J. Sander (2015). Hierarchical density estimates for data clustering,
    visualization, and outlier detection.

    L. McInnes, J. Healy (2017). Accelerated hierarchical density based clustering.
    """

    label: str
    least_size: int
    crowds: pd.DataFrame
    last: pd.DataFrame
    segments: np.ndarray
    agreement: float = 1.0

    def numbered(self, numbers: Mapping[int, int], agreement: float) -> CondensedTree:
        """Return the tree with other numbers for its segments."""
        number = pd.Series({-1: -1, **numbers})
        crowds = self.crowds.assign(segment=number[self.crowds["segment"]].to_numpy())
        return replace(self, crowds=crowds, segments=number[self.segments].to_numpy(), agreement=agreement)

    def in_order(self, order: np.ndarray) -> CondensedTree:
        """Return the tree of the customers put back to where they came from: the i-th of them was ``order[i]``."""
        back = np.argsort(order)
        return replace(self, last=self.last.iloc[back].reset_index(drop=True), segments=self.segments[back])

    def __repr__(self) -> str:
        chosen = int(self.crowds["is_chosen"].sum())
        n = len(self.segments)
        return f"CondensedTree({self.label!r}, customers={n}, crowds={len(self.crowds)}, chosen={chosen})"


def reachability_merges(rows: np.ndarray, neighbours: int) -> np.ndarray:
    """Return the single linkage of the distances of mutual reachability, as SciPy's linkage matrix.

    Such distances are often equal, and which of equal joins comes first decides what a crowd is. So they are taken in
    the order in which scikit-learn takes them (Prim's algorithm from the first row), and its crowds come out.

    Parameters
    ----------
    rows : numpy.ndarray, shape (n, n_columns)
    neighbours : int
        A customer reaches as far as its so many nearest, itself counted, as in scikit-learn.
    """
    between = DistanceMetric.get_metric("euclidean").pairwise(rows)
    reach = np.partition(between, neighbours - 1, axis=1)[:, neighbours - 1]
    mutual = np.maximum(np.maximum(reach[:, None], reach[None, :]), between)
    ends, length = _spanning_tree(mutual)
    order = np.argsort(length)
    return _joins(ends[order], length[order])


def _spanning_tree(mutual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges of a minimum spanning tree, shape (n - 1, 2), and their lengths, in the order they were found."""
    n = len(mutual)
    ends, length = np.empty((n - 1, 2), np.int64), np.empty(n - 1)
    nearest, source = np.full(n, np.inf), np.zeros(n, np.int64)
    is_out, new = np.ones(n, bool), 0
    for step in range(n - 1):
        is_out[new] = False
        closer = is_out & (mutual[new] < nearest)
        nearest[closer], source[closer] = mutual[new, closer], new
        new = int(np.where(is_out, nearest, np.inf).argmin())
        ends[step], length[step] = (source[new], new), nearest[new]
    return ends, length


def _joins(ends: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Join the ends of edges, shortest first, as a linkage matrix."""
    n = len(length) + 1
    above, size = np.arange(2 * n - 1), np.ones(2 * n - 1)
    merges = np.empty((n - 1, 4))
    for node, pair in enumerate(ends.tolist(), start=n):
        tops = [_top(above, customer) for customer in pair]
        above[tops], size[node] = node, size[tops].sum()
        merges[node - n] = (*tops, length[node - n], size[node])
    return merges


def _top(above: np.ndarray, node: int) -> int:
    while above[node] != node:
        above[node] = above[above[node]]  # halves the way for the next one
        node = above[node]
    return int(node)


def condense(merges: np.ndarray, least_size: int, label: str = "") -> CondensedTree:
    """Keep of a tree of joins only the partings of crowds, and choose the crowds of most excess of mass.

    Parameters
    ----------
    merges : numpy.ndarray, shape (n - 1, 4)
        See `reachability_merges`.
    least_size : int
        2 or more.
    label : str

    Returns
    -------
    CondensedTree
        Chosen crowds are segments in the order of their numbers.
    """
    parents, born, sizes, last = _partings(merges, least_size)
    crowds = pd.DataFrame(
        {"parent": parents, "born": born, "customers": sizes}, index=pd.RangeIndex(len(parents), name="crowd")
    )
    ended = crowds[1:].groupby("parent")["born"].first().reindex(crowds.index)
    crowds["ended"] = ended.fillna(last.groupby("crowd")["until"].max())
    crowds["mass"] = _mass(crowds, last)
    finite = np.r_[last["until"], born][np.isfinite(np.r_[last["until"], born])]
    full = crowds["customers"] * finite.max()
    crowds["persistence"] = np.where(
        np.isinf(crowds["mass"]), 1.0, crowds["mass"] / full.replace(0.0, np.inf)
    )
    chosen, owner = _chosen(crowds)
    number = np.where(chosen, np.cumsum(chosen) - 1, -1)
    crowds["is_chosen"], crowds["segment"] = chosen, number
    columns = ["parent", "born", "ended", "customers", "mass", "persistence", "is_chosen", "segment"]
    return CondensedTree(
        label, least_size, crowds[columns], last, np.r_[number, -1][owner[last["crowd"].to_numpy()]]
    )


def _partings(merges: np.ndarray, least_size: int) -> tuple[list[int], list[float], list[int], pd.DataFrame]:
    """Walk down from everybody: a join of two crowds large enough makes two new ones, any other loses customers."""
    n = len(merges) + 1
    size = np.r_[np.ones(n), merges[:, 3]]
    density = np.divide(1.0, merges[:, 2], out=np.full(n - 1, np.inf), where=merges[:, 2] > 0)
    home, until = np.zeros(2 * n - 1, np.int64), np.full(2 * n - 1, np.nan)
    parents, born, sizes = [-1], [0.0], [n]
    for node in range(2 * n - 2, n - 1, -1):
        pair = merges[node - n, :2].astype(np.int64)
        home[pair], until[pair] = home[node], until[node]
        if not np.isnan(until[node]):  # it left with all below it
            continue
        is_large = size[pair] >= least_size
        if is_large.all():
            home[pair] = len(parents), len(parents) + 1
            parents += [int(home[node])] * 2
            born += [float(density[node - n])] * 2
            sizes += size[pair].astype(int).tolist()
        else:
            until[pair[~is_large]] = density[node - n]
    return parents, born, sizes, pd.DataFrame({"crowd": home[:n], "until": until[:n]})


def _mass(crowds: pd.DataFrame, last: pd.DataFrame) -> np.ndarray:
    """Return how long customers stay, summed over those who leave one by one and those who go on in smaller crowds."""
    born = crowds["born"].to_numpy()
    mass = np.zeros(len(crowds))
    leaving = (last["crowd"].to_numpy(), last["until"].to_numpy(), np.ones(len(last)))
    parting = tuple(crowds[name].to_numpy()[1:] for name in ("parent", "born", "customers"))
    for crowd, until, customers in (leaving, parting):
        # of customers that are the same both are infinite: a crowd that is born and ends there has no mass
        stayed = np.where(until > born[crowd], until, 0.0) - np.where(until > born[crowd], born[crowd], 0.0)
        np.add.at(mass, crowd, stayed * customers)
    return mass


def _chosen(crowds: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which crowds are kept, none within another, and of each crowd the kept one it lies in, else -1."""
    parent, best = crowds["parent"].to_numpy(), crowds["mass"].to_numpy().copy()
    below = np.zeros(len(crowds))
    wanted = np.ones(len(crowds), bool)
    for crowd in range(len(crowds) - 1, 0, -1):  # crowds within others have higher numbers
        if below[crowd] > best[crowd]:
            wanted[crowd], best[crowd] = False, below[crowd]
        below[parent[crowd]] += best[crowd]
    owner = np.full(len(crowds), -1)
    for crowd in range(1, len(crowds)):
        within = owner[parent[crowd]]
        owner[crowd] = within if within >= 0 else crowd if wanted[crowd] else -1
    return owner == np.arange(len(crowds)), owner
