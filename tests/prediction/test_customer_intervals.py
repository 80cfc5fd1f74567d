"""Intervals with customers as units cover what they should; those of single invoices do not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from payseg_widgets.prediction.customer_intervals import mean_interval, share_interval


def test_customers_with_one_invoice_each_have_the_textbook_s_intervals():
    rng = np.random.default_rng(0)
    values, who = rng.normal(size=30), np.arange(30)
    found = mean_interval(values, who)
    wanted = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found[:3] == pytest.approx((values.mean(), wanted.low, wanted.high))
    is_true = values > 0.3
    worth = 29 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 29)) ** 2  # the variance is divided by n - 1
    share = share_interval(is_true, who)
    wanted = proportion_confint(is_true.mean() * worth, worth, method="beta")
    assert share[1:3] == pytest.approx(wanted)


def test_invoices_told_many_times_over_are_worth_no_more():
    rng = np.random.default_rng(1)
    is_true, who = rng.random(40) < 0.3, np.arange(40)
    often, told = np.repeat(is_true, 9), np.repeat(who, 9)
    assert share_interval(often, told)[:3] == pytest.approx(share_interval(is_true, who)[:3])
    assert mean_interval(often * 1.0, told)[:3] == pytest.approx(mean_interval(is_true * 1.0, who)[:3])


def test_where_nothing_or_one_customer_was_seen_there_is_no_interval():
    nothing = share_interval(np.array([], bool), np.array([]))
    assert np.isnan(nothing.value)
    assert nothing.n == 0
    assert np.isnan(mean_interval(np.array([]), np.array([])).value)
    for found in (
        share_interval(np.array([True, False]), np.array(["A", "A"])),
        mean_interval(np.ones(2), np.zeros(2)),
    ):
        assert np.isnan(found.conf_low)
        assert found.n_customers == 1


def test_agreement_of_all_is_no_certainty():
    none = share_interval(np.zeros(50, bool), np.arange(50))
    assert none.conf_low == 0
    assert none.conf_high == pytest.approx(
        stats.beta.ppf(0.975, 1, 50 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 49)) ** 2)
    )
    rare = share_interval(np.zeros(50, bool), np.arange(50), expected=np.full(50, 0.01))
    assert rare.conf_low <= 0.01 <= rare.conf_high


def coverage(n, seed):
    """How often intervals of a share, of a mean, and the usual one of single invoices hold the truth."""
    rng = np.random.default_rng(seed)
    inside = np.zeros(3)
    for _ in range(n):
        sizes = 1 + rng.geometric(0.15, 80)
        who = np.repeat(np.arange(80), sizes)
        is_late = rng.random(len(who)) < np.repeat(rng.beta(1.2, 2.8, 80), sizes)  # 0.3 on average
        share, mean = share_interval(is_late, who), mean_interval(is_late * 1.0, who)
        usual = proportion_confint(is_late.sum(), len(who), method="beta")
        inside += [low <= 0.3 <= high for low, high in (share[1:3], mean[1:3], usual)]
    return inside / n


def test_they_cover_the_truth_and_those_of_single_invoices_do_not():
    share, mean, usual = coverage(400, 2)
    assert 0.925 <= share <= 0.975
    assert 0.925 <= mean <= 0.975
    assert usual < 0.8


@pytest.mark.slow
def test_study_of_coverage():
    share, mean, usual = coverage(2_000, 31)
    print(
        f"\n95 % intervals cover: shares {share:.1%}, means {mean:.1%}; single invoices as units {usual:.1%}"
    )
    assert min(share, mean) >= 0.925
    assert max(share, mean) <= 0.975
