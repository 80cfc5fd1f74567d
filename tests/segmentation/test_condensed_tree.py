"""The condensed tree: by hand, and against scikit-learn, which keeps its own to itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import is_valid_linkage, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import HDBSCAN
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.segmentation.condensed_tree import condense, reachability_merges

# 3, 4 join at 0.5 and 0, 1 at 1; each pair takes in a third customer, at 1 and 2; the triples join at 4
TRIPLES = np.array([[3, 4, 0.5, 2], [0, 1, 1, 2], [6, 5, 1, 3], [7, 2, 2, 3], [8, 9, 4, 6]])


def test_two_triples_by_hand():
    tree = condense(TRIPLES, 3)
    crowds = tree.crowds
    assert crowds["parent"].tolist() == [-1, 0, 0]
    assert crowds["customers"].tolist() == [6, 3, 3]
    assert crowds["born"].tolist() == [0, 1 / 4, 1 / 4]
    assert crowds["ended"].tolist() == [1 / 4, 1, 1 / 2]
    assert crowds["mass"].tolist() == [6 / 4, 3 * (1 - 1 / 4), 3 * (1 / 2 - 1 / 4)]
    assert crowds["persistence"].tolist() == [1 / 4, 3 / 4, 1 / 4]
    assert crowds["is_chosen"].tolist() == [False, True, True]
    assert tree.segments.tolist() == [1, 1, 1, 0, 0, 0]
    assert tree.last["until"].tolist() == [1 / 2, 1 / 2, 1 / 2, 1, 1, 1]


def test_a_crowd_that_outlasts_its_parts_is_kept_whole():
    # two triples of density 1/0.9 join at 1, a third one at 10
    merges = np.array(
        [[0, 1, 0.9, 2], [9, 2, 0.9, 3], [3, 4, 0.9, 2], [11, 5, 0.9, 3], [10, 12, 1, 6], [6, 7, 1, 2], [14, 8, 1, 3],
         [13, 15, 10, 9]]
    )  # fmt: skip
    crowds = condense(merges, 3).crowds
    whole = crowds[crowds["customers"] == 6].iloc[0]
    parts = crowds[crowds["parent"] == whole.name]
    assert whole["mass"] == pytest.approx(6 * (1 - 0.1))
    assert parts["mass"].sum() == pytest.approx(6 * (1 / 0.9 - 1))
    assert whole["is_chosen"]
    assert not parts["is_chosen"].any()


@given(
    seed=st.integers(0, 10_000), n=st.integers(12, 160), columns=st.integers(1, 4), least=st.integers(3, 20),
    kind=st.sampled_from(["smooth", "rounded", "repeated"]),
)  # fmt: skip
@settings(max_examples=60)
def test_chosen_crowds_and_strengths_are_those_of_scikit_learn(seed, n, columns, least, kind):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, columns)) * rng.uniform(0.2, 1.5, size=(n, 1))
    rows += 3 * rng.normal(size=(4, columns))[rng.integers(4, size=n)]
    if kind == "rounded":
        rows = np.round(rows, 1)
    if kind == "repeated":
        rows[: n // 4] = rows[0]
    least = min(least, n)
    with np.errstate(all="ignore"):  # its own infinite densities
        theirs = HDBSCAN(min_cluster_size=least, min_samples=5, copy=True).fit(rows)
    tree = condense(reachability_merges(rows, 5), least)
    np.testing.assert_array_equal(theirs.labels_ < 0, tree.segments < 0)
    assert adjusted_rand_score(theirs.labels_, tree.segments) == 1
    ended = tree.crowds[tree.crowds["is_chosen"]].set_index("segment")["ended"]
    placed = np.flatnonzero(tree.segments >= 0)
    full = ended[tree.segments[placed]].to_numpy()
    until = np.minimum(tree.last["until"].to_numpy()[placed], full)
    finite = np.isfinite(full) & np.isfinite(tree.last["until"].to_numpy()[placed])
    np.testing.assert_allclose(theirs.probabilities_[placed][finite], until[finite] / full[finite], rtol=1e-9)


def test_heights_are_those_of_single_linkage_of_mutual_reachability():
    rows = np.random.default_rng(2).normal(size=(80, 3))
    between = squareform(pdist(rows))
    reach = np.sort(between, axis=1)[:, 4]  # the fifth nearest, itself counted
    mutual = np.maximum(between, np.maximum.outer(reach, reach))
    np.fill_diagonal(mutual, 0)
    mine = reachability_merges(rows, 5)
    assert is_valid_linkage(mine)
    np.testing.assert_allclose(mine[:, 2], linkage(squareform(mutual, checks=False), "single")[:, 2])


def test_customers_who_are_all_the_same_are_one_crowd():
    tree = condense(reachability_merges(np.zeros((12, 2)), 5), 5)
    assert not tree.crowds["is_chosen"].any()
    assert not np.isnan(tree.crowds[["mass", "persistence"]].to_numpy()).any()


def test_the_repr_is_one_short_line_without_ids():
    assert (
        repr(condense(TRIPLES, 3, "HDBSCAN")) == "CondensedTree('HDBSCAN', customers=6, crowds=3, chosen=2)"
    )
