from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.model import MODELS

MODEL = MODELS["gower_kmedoids"].with_categories(1)


@pytest.fixture(scope="module")
def alike() -> tuple[np.ndarray, np.ndarray]:
    """Return customers who pay alike, of two sectors, and the sector of each."""
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 200)
    return np.column_stack([rng.normal(size=(200, 4)), truth]), truth


def test_the_category_tells_groups_that_numbers_do_not(alike):
    rows, truth = alike
    assert adjusted_rand_score(truth, MODEL.fit(rows, 2).labels) == 1
    assert adjusted_rand_score(truth, MODELS["kmedoids"].fit(rows[:, :4], 2).labels) < 0.05


def test_clear_kinds_of_payer_outweigh_a_category(alike):
    rows, truth = alike
    kind = np.random.default_rng(3).integers(0, 2, 200)
    shifted = rows + 8 * np.column_stack([*[kind] * 4, np.zeros(200)])
    labels = MODEL.fit(shifted, 2).labels
    assert adjusted_rand_score(kind, labels) == 1
    heavy = replace(MODEL, category_weight=20.0)
    assert adjusted_rand_score(truth, heavy.fit(shifted, 2).labels) == 1


def test_labels_follow_the_customers_when_rows_are_shuffled_and_codes_renamed(alike):
    rows, _ = alike
    rows = rows.copy()
    rows[::7, 4] = -1
    order = np.random.default_rng(4).permutation(len(rows))
    fitted, shuffled = MODEL.fit(rows, 3), MODEL.fit(rows[order], 3)
    np.testing.assert_array_equal(fitted.labels[order], shuffled.labels)
    renamed = rows.copy()
    renamed[:, 4] = np.where(rows[:, 4] >= 0, 1 - rows[:, 4], -1)
    assert adjusted_rand_score(fitted.labels, MODEL.fit(renamed, 3).labels) == 1


def test_whoever_lacks_the_category_is_placed_by_numbers_alone():
    rng = np.random.default_rng(5)
    kind = np.repeat([0, 1], 60)
    rows = np.column_stack([rng.normal(size=(120, 3)) + 4 * kind[:, None], kind])
    fitted = MODEL.fit(rows, 2)
    unknown = rows.copy()
    unknown[:, 3] = -1
    labels, probabilities = fitted.assign(unknown)
    np.testing.assert_array_equal(labels, fitted.labels)
    assert (probabilities <= fitted.probabilities + 1e-9).mean() > 0.9  # knowing less is being less sure


def test_half_way_between_two_typical_customers_is_a_half_in_each():
    fitted = MODEL.fit(np.array([[0.0, 0], [1, 0], [-1, 0], [10, 0], [11, 0], [9, 0]]), 2)
    assert fitted.assign(fitted.medoids.mean(axis=0)[None])[1] == pytest.approx(0.5)


def test_the_memory_stated_is_about_that_taken():
    import tracemalloc

    rows = np.column_stack([np.random.default_rng(6).normal(size=(1000, 6)), np.arange(1000) % 5])
    tracemalloc.start()
    try:
        MODEL.fit(rows, 4)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert 0.7 * MODEL.memory_mb(*rows.shape) <= peak <= 1.05 * MODEL.memory_mb(*rows.shape)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_a_weight_that_weighs_nothing_is_refused(weight):
    with pytest.raises(SegmentationError, match="give a number above 0"):
        replace(MODEL, category_weight=weight)
