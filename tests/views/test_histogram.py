"""Small pictures of a distribution: counts by hand, words where there is nothing to draw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.views.histogram import N_BINS, spread_of

NAN, INF = float("nan"), float("inf")


def test_evenly_spread_values_fill_the_bars_evenly_and_the_greatest_is_in_the_last():
    spread = spread_of(np.arange(N_BINS + 1.0))  # 0, 1, ..., 24 over bars of width 1
    assert spread.counts == (1,) * (N_BINS - 1) + (2,)
    assert (spread.low, spread.high) == (0, N_BINS)
    assert spread.quartiles == (6, 12, 18)
    assert spread.instead == ""


def test_the_picture_ends_three_interquartile_ranges_beyond_the_quartiles():
    spread = spread_of(np.array([*range(101), -1e6, 1e9, 1e9]))
    q25, _, q75 = np.quantile([*range(101), -1e6, 1e9, 1e9], [0.25, 0.5, 0.75])
    assert spread.low == q25 - 3 * (q75 - q25)
    assert spread.high == q75 + 3 * (q75 - q25)
    assert (spread.n_below, spread.n_above) == (1, 2)


def test_where_most_are_zero_one_outlier_does_not_hide_the_others():
    spread = spread_of(np.array([0.0] * 900 + [1.0] * 99 + [1e9]))
    assert (spread.low, spread.high, spread.n_above) == (0, 3, 1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "There are no customers."),
        ([NAN, NAN], "No customer has a value."),
        ([INF, NAN, -INF], "Every known value is infinite."),
        ([3.0, NAN], "One customer has a value."),
        ([3.0, 3.0, 3.0, INF], "All 3 customers with a value have the same."),
        ([-1.7e308, 1.7e308], "The values lie too far apart to be drawn."),
    ],
)
def test_without_a_picture_there_are_words(values, said):
    spread = spread_of(np.array(values))
    assert spread.instead == said
    assert spread.counts == ()


@given(st.lists(st.floats(), max_size=60))
def test_every_customer_is_counted_once(values):
    spread = spread_of(np.array(values, dtype=float))
    known = np.isfinite(values)
    assert spread.n_missing == np.isnan(values).sum()
    assert spread.n_infinite == len(values) - known.sum() - spread.n_missing
    if spread.counts:
        assert sum(spread.counts) + spread.n_below + spread.n_above == known.sum()
    else:
        assert spread.instead
