from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.segmentation.gain import prediction_gain


def records(mean: np.ndarray, variance: float) -> pd.DataFrame:
    index = pd.Index([f"C{i}" for i in range(len(mean))])
    return pd.DataFrame({"mean": mean, "variance": variance, "n": 10}, index=index)


def test_a_segment_that_is_all_there_is_to_know_removes_what_it_explains():
    """Two kinds, 0 and 10 days, later means with noise of variance 4: 4 of 29 remain."""
    rng = np.random.default_rng(0)
    codes = np.arange(4000) % 2
    true = 10.0 * codes
    earlier = records(true + rng.normal(size=4000) * 5, 25.0)
    later = records(true + rng.normal(size=4000) * 2, 4.0)
    labels = pd.Series(codes, index=earlier.index)
    found = prediction_gain(labels, earlier, later)
    assert found["gain_over_none"] == pytest.approx(25 / 29, abs=0.01)
    assert found["gain_low"] < 25 / 29 < found["gain_high"]
    assert found["gain_over_own"] > 0.5  # the own record adds only noise
    assert found["gain_added"] > 0.5


def test_arbitrary_segments_remove_nothing_and_add_nothing():
    """True means of variance 25, seen with variance 5: the own record leaves 25 / 6 + 1, none leaves 26."""
    rng = np.random.default_rng(1)
    true = rng.normal(size=4000) * 5
    earlier = records(true + rng.normal(size=4000) * np.sqrt(5), 5.0)
    later = records(true + rng.normal(size=4000), 1.0)
    labels = pd.Series(rng.integers(0, 3, 4000), index=earlier.index)
    found = prediction_gain(labels, earlier, later)
    assert found["gain_over_none"] == pytest.approx(0, abs=0.01)
    assert found["gain_added"] == pytest.approx(0, abs=0.01)
    assert found["gain_over_own"] == pytest.approx(1 - 26 / (25 / 6 + 1), abs=0.4)


def test_customers_without_a_segment_are_predicted_by_the_portfolio():
    mean = np.repeat([0.0, 10, 20], 20)
    labels = pd.Series(np.repeat([0, -1, 1], 20), index=records(mean, 1.0).index)
    found = prediction_gain(labels, records(mean, 1.0), records(mean, 1.0))
    assert found["gain_over_none"] == pytest.approx(1)  # the portfolio's mean is theirs, 10


def test_too_few_customers_tell_no_gain():
    few = records(np.arange(19.0), 1.0)
    assert all(np.isnan(v) for v in prediction_gain(pd.Series(0, index=few.index), few, few).values())
