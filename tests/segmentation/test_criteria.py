from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_samples

from payseg_widgets.segmentation.criteria import (
    elbow,
    gap_statistic,
    inertia,
    silhouette,
    silhouettes,
)
from payseg_widgets.segmentation.model import MODELS


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate(
        [rng.normal(size=(40, 3)), rng.normal(size=(30, 3)) + 6, rng.normal(size=(1, 3)) - 9]
    )


def test_silhouettes_agree_with_scikit_learn(rows):
    labels = np.repeat([0, 1, 2], [40, 30, 1])
    np.testing.assert_allclose(silhouettes(cdist(rows, rows), labels), silhouette_samples(rows, labels))


def test_noise_has_no_silhouette_and_does_not_count(rows):
    labels = np.repeat([0, 1, -1], [40, 30, 1])
    widths = silhouettes(cdist(rows, rows), labels)
    assert np.isnan(widths[-1])
    np.testing.assert_allclose(widths[:-1], silhouette_samples(rows[:-1], labels[:-1]))


def test_one_segment_has_no_silhouette(rows):
    assert np.isnan(silhouette(cdist(rows, rows), np.zeros(71, dtype=int)))


def test_inertia_of_one_segment_is_the_total_sum_of_squares():
    assert inertia(np.array([[0.0], [2.0], [9.0]]), np.array([0, 0, -1])) == pytest.approx(2.0)


def test_no_elbow_without_a_bend():
    assert elbow([2, 3], [5.0, 4.0]) is None
    assert elbow([2, 3, 4], [5.0, 5.0, 5.0]) is None


def test_the_gap_is_near_nought_for_even_customers_and_large_for_two_crowds(rows):
    even = np.random.default_rng(1).uniform(size=(200, 2))
    model = MODELS["kmeans"].quick()
    for data, expected in ((even, False), (rows[:70], True)):
        inertias = [inertia(data, model.fit(data, k).labels) for k in (1, 2)]
        gaps, _ = gap_statistic(model, data, [1, 2], inertias, seed=0)
        assert (gaps[1] - gaps[0] > 0.3) == expected
