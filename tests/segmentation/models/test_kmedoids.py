from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.models.kmedoids import medoids


def cost(between: np.ndarray, chosen: tuple[int, ...]) -> float:
    return float(between[:, list(chosen)].min(axis=1).sum())


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, (9, 2), elements=st.floats(-50, 50, width=32), unique=True),
    st.integers(1, 4),
)
def test_no_single_swap_of_a_medoid_shortens_the_distances(rows, k):
    between = cdist(rows, rows)
    found = tuple(medoids(between, k))
    assert len(set(found)) == k
    swaps = [
        (*found[:slot], other, *found[slot + 1 :])
        for slot, other in itertools.product(range(k), set(range(9)) - set(found))
    ]
    assert cost(between, found) <= min(cost(between, swap) for swap in swaps) * (1 + 1e-6) + 1e-9


def test_two_pairs_far_apart_have_the_medoids_found_by_trying_all():
    rows = np.array([[0.0, 0], [1, 0], [0, 1], [20, 20], [21, 20], [20, 22]])
    between = cdist(rows, rows)
    best = min(itertools.combinations(range(6), 2), key=lambda chosen: cost(between, chosen))
    assert tuple(medoids(between, 2)) == best


def test_the_centres_are_customers():
    rows = np.random.default_rng(0).normal(size=(80, 3))
    centres = MODELS["kmedoids"].fit(rows, 4).centres
    assert all((rows == centre).all(axis=1).any() for centre in centres)
