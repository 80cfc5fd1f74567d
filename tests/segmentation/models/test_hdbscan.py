from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.model import MODELS

MODEL = MODELS["hdbscan"]


@pytest.fixture(scope="module")
def crowds() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 15])


def test_it_finds_the_number_of_crowds_itself(crowds):
    assert MODEL.fit(crowds, None).n_segments == 2


def test_a_customer_out_of_reach_is_placed_nowhere(crowds):
    labels, probabilities = MODEL.fit(crowds, None).assign(np.array([[0.0, 0.0], [7.5, 7.5]]))
    assert labels[0] >= 0
    assert (labels[1], probabilities[1]) == (-1, 0)


def test_nine_customers_cannot_hold_two_segments_of_five():
    rows = np.random.default_rng(3).normal(size=(9, 2))
    fitted = MODEL.fit(rows, None)
    labels, _ = fitted.assign(rows)
    assert fitted.n_segments == 0
    assert (labels == -1).all()


def test_a_number_it_never_finds_is_an_error(crowds):
    with pytest.raises(SegmentationError, match="never 60"):
        MODEL.fit(crowds, 60)


@pytest.mark.parametrize("asked", [None, 2])
def test_the_tree_holds_the_segments_of_the_fit_in_the_order_of_the_customers(crowds, asked):
    rows = np.random.default_rng(7).permutation(crowds)
    labels, tree = MODEL.fit(rows, asked).labels, MODEL.tree(rows, asked)
    assert tree.crowds["is_chosen"].sum() == 2
    np.testing.assert_array_equal(labels < 0, tree.segments < 0)
    assert adjusted_rand_score(labels, tree.segments) == 1
    last = tree.crowds["segment"].reindex(tree.last["crowd"]).to_numpy()
    assert ((last == tree.segments) | (last == -1)).all()


def test_a_number_it_never_finds_has_no_tree(crowds):
    assert MODEL.tree(crowds, 60) is None
