"""Features that say the same, held to scipy pair by pair."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from payseg_widgets.views.twins import MIN_CUSTOMERS, SAMPLE, rank_correlations, twins_among

CELLS = st.sampled_from([0.0, 1.0, 2.0, 3.5, -1.0, 1e9, np.nan, np.inf, -np.inf]) | st.floats(-5, 5)


@given(arrays.arrays(np.float64, st.tuples(st.integers(0, 40), st.integers(1, 4)), elements=CELLS))
def test_each_correlation_is_scipy_s_over_the_rows_that_have_both(values):
    rho = rank_correlations(values)
    for i in range(values.shape[1]):
        for j in range(values.shape[1]):
            both = np.isfinite(values[:, i]) & np.isfinite(values[:, j])
            a, b = values[both, i], values[both, j]
            if len(a) < MIN_CUSTOMERS or np.ptp(a) == 0 or np.ptp(b) == 0:
                assert np.isnan(rho[i, j])
            else:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    assert rho[i, j] == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


def test_the_same_order_and_the_opposite_order_are_told_the_closest_first():
    x = np.arange(50.0)
    nearly = x.copy()
    nearly[:10] = nearly[:10][
        ::-1
    ]  # 1 - 6 * sum(d^2) / (n^3 - n), sum(d^2) = 2 * (1 + 9 + 25 + 49 + 81) = 330
    values = np.column_stack([x, nearly, -np.exp(x / 10), np.random.default_rng(0).random(50)])
    first, *others = twins_among(values)
    assert (first.first, first.second, first.rho) == (0, 2, pytest.approx(-1))
    found = {(t.first, t.second): t.rho for t in others}
    rho = 1 - 6 * 330 / (50**3 - 50)
    assert found == {(0, 1): pytest.approx(rho), (1, 2): pytest.approx(-rho)}


def test_more_customers_than_the_sample_are_judged_by_it():
    x = np.random.default_rng(1).random(SAMPLE + 5_000)
    [pair] = twins_among(np.column_stack([x, x**3]))
    assert pair.rho == pytest.approx(1)
