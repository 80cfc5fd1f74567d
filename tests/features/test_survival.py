"""Curves of delays, some still running, against statsmodels and against paper."""

from __future__ import annotations

import numpy as np
import pytest

from payseg_widgets.features.groups import Groups


def curve(
    durations: list[int], observed: list[bool], weights: list[float] | None = None, **options: float
) -> tuple:
    options = {"horizon": 180, "max_unknown": 20, **options}
    groups = Groups(np.array([0, len(durations)]))
    given = None if weights is None else np.array(weights, float)
    done = groups.survival(np.array(durations, np.int32), np.array(observed), weights=given, **options)
    return done.mean[0], done.median[0]


@pytest.mark.parametrize("seed", range(5))
def test_mean_and_median_are_those_of_statsmodels(seed: int) -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    rng = np.random.default_rng(seed)
    delay, censored = rng.integers(1, 60, 80), rng.integers(20, 100, 80)
    time, observed = np.minimum(delay, censored), delay <= censored
    time[0], observed[0] = 99, True  # the curve ends at nought
    oracle = SurvfuncRight(time, observed)
    area = oracle.surv_times[0] + np.sum(np.diff(oracle.surv_times) * oracle.surv_prob[:-1])
    mean, median = curve(time.tolist(), observed.tolist())
    assert mean == pytest.approx(area)
    # statsmodels takes the right end where the curve is flat at one half; the middle is usual (and R's)
    assert median == (oracle.quantile(0.5 - 1e-9) + oracle.quantile(0.5 + 1e-9)) / 2


def test_without_open_invoices_they_are_the_plain_mean_and_median() -> None:
    assert curve([-5, 0, 10, 30], [True] * 4) == (8.75, 5.0)


def test_an_open_invoice_counts_for_as_long_as_it_was_seen() -> None:
    # S = 2/3 from day 10; the invoice open since day 20 leaves; S = 0 at day 40
    assert curve([10, 20, 40], [True, False, True])[0] == pytest.approx(10 + 30 * 2 / 3)


def test_delays_beyond_the_horizon_count_as_the_horizon() -> None:
    assert curve([0, 500], [True, True])[0] == 90
    assert curve([400, 300], [False, False]) == (180, 180)


def test_what_is_open_too_early_gives_no_mean() -> None:
    assert np.isnan(curve([3, 10], [False, False])).all()


def test_a_short_unknown_tail_is_completed_exponentially() -> None:
    mean, _ = curve([0] * 19 + [100], [True] * 19 + [False])
    rate = -np.log(1 / 20) / 100
    assert mean == pytest.approx(100 / 20 + (1 / 20) * (1 - np.exp(-rate * 80)) / rate)


def test_weights_count_as_repeated_rows() -> None:
    weighted = curve([0, 10, 30], [True, False, True], [1, 2, 3])
    assert weighted == pytest.approx(curve([0, 10, 10, 30, 30, 30], [True, False, False, True, True, True]))


def test_rows_without_weight_are_left_out() -> None:
    assert curve([0, 99], [True, True], [1, 0]) == (0, 0)
