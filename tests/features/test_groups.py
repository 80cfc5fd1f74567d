"""The group algebra gives what pandas and numpy give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.features.groups import Groups

sizes = st.lists(st.integers(0, 60), min_size=1, max_size=6)


def groups_of(sizes: list[int]) -> tuple[Groups, np.ndarray, np.ndarray, np.random.Generator]:
    """Groups, the group of each row, values, and the generator they came from."""
    rng = np.random.default_rng(sum(sizes))
    start = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return Groups(start), np.repeat(np.arange(len(sizes)), sizes), rng.integers(-50, 50, sum(sizes)), rng


def by_pandas(statistic: str, values: np.ndarray, group: np.ndarray, n: int, **options: float) -> np.ndarray:
    grouped = pd.Series(values, dtype=float).groupby(group)
    return getattr(grouped, statistic)(**options).reindex(range(n)).to_numpy()


@given(sizes)
@settings(max_examples=60, deadline=None)
def test_statistics_agree_with_pandas(sizes: list[int]) -> None:
    groups, group, values, rng = groups_of(sizes)
    where = rng.random(len(values)) < 0.7
    picked, of = values[where], group[where]
    n = len(sizes)
    np.testing.assert_array_equal(groups.sum(values), np.bincount(group, values, n))
    np.testing.assert_array_equal(groups.count(where), np.bincount(of, minlength=n))
    np.testing.assert_allclose(groups.mean(values, weights=where), by_pandas("mean", picked, of, n))
    np.testing.assert_allclose(groups.sd(values, where=where), by_pandas("std", picked, of, n), atol=1e-12)
    np.testing.assert_allclose(
        groups.quantile(values, 0.3, where=where), by_pandas("quantile", picked, of, n, q=0.3)
    )


@given(sizes)
@settings(max_examples=40, deadline=None)
def test_slope_and_absolute_deviation_agree_with_numpy(sizes: list[int]) -> None:
    groups, group, values, rng = groups_of(sizes)
    at = rng.integers(0, 400, len(values))
    slope, mad = groups.slope(values, at), groups.mad(values)
    for g in range(len(sizes)):
        x, y = at[group == g], values[group == g]
        if len(x) and np.ptp(x):
            assert slope[g] == pytest.approx(np.polyfit(x, y, 1)[0], abs=1e-9)
            assert mad[g] == np.median(np.abs(y - np.median(y)))
        elif not len(x):
            assert np.isnan([slope[g], mad[g]]).all()


def test_money_is_summed_without_rounding() -> None:
    large = np.array([2**53, 1, 1], dtype=np.int64)
    assert Groups(np.array([0, 3])).sum(large)[0] == 2**53 + 2


def test_gaps_stay_within_their_group() -> None:
    steps, between = Groups(np.array([0, 3, 3, 4, 6])).gaps(np.array([1, 4, 9, 100, 7, 7]))
    assert steps.tolist() == [3, 5, 0]
    assert between.sizes.tolist() == [2, 0, 0, 1]
