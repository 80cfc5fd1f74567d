from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree, linkage
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
