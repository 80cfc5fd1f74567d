from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.segmentation.model import MODELS


def rings() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1], 200)
    angle = rng.uniform(0, 2 * np.pi, 400)
    radius = np.where(truth == 0, 1.0, 4.0) + rng.normal(size=400) * 0.1
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), truth


def test_a_ring_around_a_ring_is_told_apart_where_centres_fail():
    rows, truth = rings()
    assert adjusted_rand_score(truth, MODELS["spectral"].fit(rows, 2).labels) == 1
    assert adjusted_rand_score(truth, MODELS["kmeans"].fit(rows, 2).labels) < 0.1


def test_new_customers_on_a_ring_join_it_and_between_rings_votes_are_split():
    rows, truth = rings()
    fitted = MODELS["spectral"].fit(rows, 2)
    inner, outer = (fitted.labels[truth == ring][0] for ring in (0, 1))
    labels, probabilities = fitted.assign(np.array([[0.0, 1.02], [0, -4.05]]))
    assert labels.tolist() == [inner, outer]
    np.testing.assert_allclose(probabilities, 1)
    along = np.column_stack([np.linspace(1, 4, 400), np.zeros(400)])
    assert fitted.assign(along)[1].min() < 0.7
