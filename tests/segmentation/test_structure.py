from __future__ import annotations

import numpy as np
import pytest

from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.structure import (
    OneCrowd,
    check_structure,
    ground_between,
    largest_fall_p_value,
    one_hump_width,
)


def verdict(rows: np.ndarray, k: int) -> str:
    model = MODELS["kmeans"].quick()
    return check_structure(
        model, rows, model.fit(rows, k).labels, seed=0, step=lambda: None, n_references=19
    ).verdict


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("world", ["normal", "correlated", "heavy tailed"])
def test_one_crowd_is_never_called_segments(world, seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(120, 4))
    if world == "correlated":
        rows = rows + 1.5 * rng.normal(size=(120, 1))
    if world == "heavy tailed":
        rows = np.arcsinh(rng.standard_t(3, size=(120, 4)))
    assert verdict(rows, 3) != "segments"


def test_separate_crowds_are_called_segments():
    rng = np.random.default_rng(2)
    rows = np.concatenate(
        [rng.normal(size=(70, 4)) + shift for shift in ([0] * 4, [6, 0, 0, 0], [0, 6, 6, 0])]
    )
    assert verdict(rows, 3) == "segments"


def test_an_even_gradient_is_a_continuum():
    rng = np.random.default_rng(3)
    position = rng.uniform(-3, 3, size=(250, 1))
    assert verdict(position * [1, -1, 0.8] + rng.normal(size=(250, 3)) * 0.3, 4) == "continuum"


def test_a_handful_of_customers_shows_nothing():
    assert verdict(np.random.default_rng(0).normal(size=(9, 2)), 2) == "no structure"


def test_ground_is_empty_between_far_crowds_and_full_within_one():
    rng = np.random.default_rng(5)
    crowd = rng.normal(size=(400, 2))
    far = np.concatenate([crowd, crowd + 20])
    assert ground_between(far, np.repeat([0, 1], 400)) < 0.01
    assert ground_between(crowd, (crowd[:, 0] > 0).astype(int)) > 0.9
    assert ground_between(crowd, np.zeros(400, dtype=int)) == 1


def test_the_p_value_counts_references_as_extreme_as_the_customers():
    far_below = np.concatenate([[[0.0, 0.0]], np.random.default_rng(0).normal(10, 1, size=(19, 2))])
    assert largest_fall_p_value(far_below) == 1 / 20
    assert largest_fall_p_value(np.array([[5.0], [1.0], [2.0], [3.0]])) == 1.0


def test_the_reference_keeps_spread_and_correlation():
    rng = np.random.default_rng(6)
    rows = rng.multivariate_normal([0, 5], [[1, 0.7], [0.7, 4]], size=2000)
    drawn = OneCrowd.fit(rows).sample(20000, rng)
    np.testing.assert_allclose(drawn.std(axis=0), rows.std(axis=0), rtol=0.05)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(0.7 / (1 * 2), abs=0.05)


def test_two_humps_need_more_smoothing_than_one():
    rng = np.random.default_rng(7)
    one = rng.normal(size=300)
    two = np.concatenate([one, one + 8])
    assert one_hump_width(two) > 3 * one_hump_width(one)
