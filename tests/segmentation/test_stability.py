from __future__ import annotations

import numpy as np

from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.stability import VALID, best_jaccard, bootstrap_jaccard


def test_the_best_overlap_is_counted_against_the_union():
    # old 0 = {a, b, c}, old 1 = {d}; new 0 = {a, b}, new 1 = {c, d}
    best, present = best_jaccard(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 2)
    np.testing.assert_allclose(best, [2 / 3, 1 / 2])
    assert present.all()


def test_noise_lowers_the_overlap_but_is_no_segment():
    best, present = best_jaccard(np.array([0, 0, -1]), np.array([0, -1, -1]), 2)
    np.testing.assert_allclose(best, [1 / 2, 0])
    assert present.tolist() == [True, False]


def test_separate_crowds_come_back_and_an_arbitrary_cut_does_not():
    rng = np.random.default_rng(4)
    rows = np.concatenate([rng.normal(size=(80, 2)), rng.normal(size=(80, 2)) + 12])
    model = MODELS["kmeans"]
    settings = [(model, 2), (model, 5)]
    fits = model.fit_each(rows, settings)
    calls = []
    two, five = bootstrap_jaccard(rows, settings, fits, n_resamples=10, seed=0, step=lambda: calls.append(1))
    np.testing.assert_allclose(two, 1)
    assert five.min() < VALID
    assert len(calls) == 10
