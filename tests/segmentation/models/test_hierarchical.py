from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, cut_tree, fcluster, linkage, to_tree
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.models.hierarchical import branches


@pytest.mark.parametrize("k", [1, 2, 5, 40])
def test_branches_agree_with_scipy(k):
    tree = linkage(np.random.default_rng(0).normal(size=(40, 3)), "ward")
    mine = branches(tree[:, :2].astype(int), k)
    assert len(np.unique(mine)) == k
    assert adjusted_rand_score(cut_tree(tree, k)[:, 0], mine) == 1


def test_one_tree_gives_what_single_fits_give():
    rows, model = np.random.default_rng(1).normal(size=(60, 3)), MODELS["hierarchical"]
    for fitted, k in zip(model.fit_each(rows, [(model, 2), (model, 4)]), (2, 4), strict=True):
        np.testing.assert_array_equal(fitted.labels, model.fit(rows, k).labels)


@pytest.mark.parametrize("name", ["hierarchical", "average_linkage"])
@pytest.mark.parametrize("k", [1, 2, 5, 40])
def test_the_tree_is_scipy_s_of_the_customers_as_they_came_and_its_cut_gives_the_branches(name, k):
    rows, model = np.random.default_rng(3).normal(size=(40, 3)), MODELS[name]
    tree = model.tree(rows, k)
    theirs = linkage(rows, model.linkage)
    np.testing.assert_allclose(cophenet(tree.merges), cophenet(theirs))
    cut = fcluster(theirs, tree.cut, "distance")
    assert len(np.unique(tree.segments)) == k
    assert adjusted_rand_score(cut, tree.segments) == 1


def test_a_join_lies_in_a_branch_where_all_its_customers_do():
    rows = np.random.default_rng(4).normal(size=(30, 2))
    tree = MODELS["hierarchical"].tree(rows, 4)
    for node in to_tree(tree.merges, rd=True)[1]:
        found = set(tree.segments[node.pre_order()])
        assert tree.joined[node.id] == (found.pop() if len(found) == 1 else -1)
    assert repr(tree) == "LinkageTree('Hierarchical (Ward)', customers=30, branches=4)"
