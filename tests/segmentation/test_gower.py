from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from payseg_widgets.segmentation.gower import GowerScale

# days late, invoices, region, sector: three customers, the sector of the last not known
THREE = np.array([[0.0, 10, 0, 0], [10, 30, 1, 0], [20, 10, 0, -1]])


def test_distances_are_gowers_by_hand():
    scale = GowerScale(ranges=np.array([20.0, 20.0]), steps=np.ones(2))
    by_hand = {
        (0, 1): (10 / 20 + 20 / 20 + 1 + 0) / 4,
        (0, 2): (20 / 20 + 0 + 0) / 3,  # the sector takes no part
        (1, 2): (10 / 20 + 20 / 20 + 1) / 3,
    }
    found = scale.distances(THREE, THREE)
    for (one, other), distance in by_hand.items():
        assert found[one, other] == pytest.approx(distance)
        assert found[other, one] == pytest.approx(distance)
    np.testing.assert_allclose(np.diag(found), 0)


def test_a_weight_counts_in_the_sum_and_in_what_it_is_divided_by():
    scale = GowerScale(ranges=np.array([20.0, 20.0]), steps=np.ones(2), weight=3.0)
    found = scale.distances(THREE, THREE)
    assert found[0, 1] == pytest.approx((10 / 20 + 20 / 20 + 3) / (2 + 6))
    assert found[1, 2] == pytest.approx((10 / 20 + 20 / 20 + 3) / (2 + 3))


def test_ranges_are_those_of_the_customers_and_a_constant_column_counts_nothing():
    rows = np.column_stack([[1.0, 4, 9], [5.0, 5, 5]])
    scale = GowerScale.of(rows, 0)
    np.testing.assert_array_equal(scale.ranges, [8, np.inf])
    assert scale.distances(rows, np.array([[1.0, 77]]))[0, 0] == 0


def pair_means(rows: np.ndarray, scale: GowerScale) -> np.ndarray:
    """Return what each column adds to a distance, on average over all pairs, by looking at every pair."""
    n = len(scale.ranges)
    first, second = np.triu_indices(len(rows), 1)
    numbers = np.abs(rows[first, :n] - rows[second, :n]) / scale.ranges
    codes = (rows[first, n:] != rows[second, n:]) * scale.steps
    return np.hstack([numbers, codes]).mean(axis=0)


@pytest.mark.parametrize("n_levels", [2, 3, 12])
def test_each_category_adds_on_average_as_much_as_a_feature(n_levels):
    rng = np.random.default_rng(n_levels)
    rows = np.column_stack([rng.normal(size=(120, 3)), np.arange(120) % n_levels])
    means = pair_means(rows, GowerScale.of(rows, 1))
    assert means[3] == pytest.approx(means[:3].mean())


def test_a_rare_category_counts_less_and_a_difference_never_more_than_two_features():
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.normal(size=(200, 2)), np.arange(200) < 4])
    scale = GowerScale.of(rows, 1)
    means = pair_means(rows, scale)
    assert scale.steps[0] == pytest.approx(2 * means[:2].mean())
    assert means[2] < 0.1 * means[:2].mean()


def test_what_is_not_known_makes_customers_neither_nearer_nor_farther_on_average():
    rng = np.random.default_rng(1)
    rows = np.column_stack([rng.normal(size=(400, 3)), rng.integers(0, 4, 400)])
    unknown = rows.copy()
    unknown[:, 3] = -1
    scale = GowerScale.of(rows, 1)
    whole, part = (scale.distances(some, some).sum() for some in (rows, unknown))
    assert whole == pytest.approx(part, rel=0.02)


@given(
    arrays(np.float64, (7, 2), elements=st.floats(-100, 100, width=32)),
    arrays(np.int64, (7, 2), elements=st.integers(-1, 3)),
)
def test_distances_are_symmetric_nought_to_oneself_and_bounded(numbers, codes):
    rows = np.column_stack([numbers, codes]).astype(float)
    spans = np.ptp(numbers, axis=0)
    scale = GowerScale(ranges=np.where(spans > 0, spans, np.inf), steps=np.ones(2))
    found = scale.distances(rows, rows)
    np.testing.assert_array_equal(found, found.T)
    assert (np.diag(found) == 0).all()
    assert ((found >= 0) & (found <= 1 + 1e-12)).all()
