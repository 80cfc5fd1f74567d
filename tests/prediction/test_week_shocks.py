"""Weeks in which everybody pays, or nobody: how much they vary is found where it is known, and is in the bands."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from payseg_widgets.prediction.cash import draw_bands, drawn_together, ends_of, hazards_of, week_paces
from payseg_widgets.prediction.dependence import Dependence, weekly_variance

N_DAYS, N_CUSTOMERS, N_EACH, N_WEEKS = 400, 15, 4, 2
STILL = np.array([1.0, 0.8, 0.55])


def world(pairs: Dependence, seed: int):
    """Weeks of payment of invoices open on many days, whose dependence is known."""
    rng = np.random.default_rng(seed)
    shape = (N_DAYS, N_CUSTOMERS, N_EACH)
    day, customer, _ = (axis.ravel() for axis in np.indices(shape))
    common, own = rng.standard_normal((N_DAYS, 1, 1)), rng.standard_normal((N_DAYS, N_CUSTOMERS, 1))
    rest = 1 - pairs.common - pairs.own
    score = (
        np.sqrt(pairs.common) * common + np.sqrt(pairs.own) * own + np.sqrt(rest) * rng.standard_normal(shape)
    )
    unpaid_at = stats.norm.sf(score).ravel()
    variance = np.log1p(pairs.weekly)
    pace = np.exp(np.sqrt(variance) * rng.standard_normal((N_DAYS, N_WEEKS)) - variance / 2)
    left = np.column_stack([np.ones(N_DAYS), np.exp(-np.cumsum(-np.diff(np.log(STILL)) * pace, axis=1))])[day]
    week = (unpaid_at[:, None] <= left[:, 1:]).sum(axis=1)
    still = np.broadcast_to(STILL, (len(day), N_WEEKS + 1))
    return still, week, day, day * N_CUSTOMERS + customer


@pytest.mark.parametrize("made", [
    Dependence(0.0, 0.0, 0.0), Dependence(0.0, 0.0, 0.1), Dependence(0.0, 0.0, 0.4), Dependence(0.1, 0.2, 0.0),
    Dependence(0.1, 0.2, 0.1), Dependence(0.1, 0.2, 0.4), Dependence(0.3, 0.4, 0.0),
])  # fmt: skip
def test_a_known_variance_of_weeks_is_found_beside_the_correlations_of_pairs(made):
    found = [weekly_variance(*world(made, seed), made) for seed in range(12)]
    assert np.mean(found) == pytest.approx(made.weekly, abs=0.02 + 0.25 * made.weekly)


def test_where_pairs_go_together_closely_too_little_is_found_as_its_docstring_says():
    made = Dependence(0.3, 0.4, 0.4)
    found = np.mean([weekly_variance(*world(made, seed), made) for seed in range(12)])
    assert found == pytest.approx(0.4 * 2 / 3, abs=0.06)


def test_nothing_expected_nothing_found():
    still = np.ones((5, 3))
    same = np.zeros(5, int)
    assert weekly_variance(still, np.full(5, 7), same, np.arange(5), Dependence(0, 0)) == 0


def test_the_factors_have_mean_one_their_variance_and_do_not_move_with_the_horizon():
    together = Dependence(0.0, 0.0, 0.5)
    paces = week_paces(together, 8, n_draws=40_000, seed=3)
    assert paces.mean() == pytest.approx(1, abs=0.01)
    assert paces.var() == pytest.approx(0.5, rel=0.1)
    assert np.abs(np.corrcoef(paces.T) - np.eye(8)).max() < 0.05
    np.testing.assert_array_equal(week_paces(together, 3, n_draws=40_000, seed=3), paces[:, :3])
    assert (week_paces(Dependence(0.3, 0.3), 8, n_draws=100, seed=3) == 1).all()


@pytest.mark.parametrize("weekly", [0.0, 0.4, 1.5])
@pytest.mark.parametrize("per_week", [1, 7])
def test_over_the_factors_of_weeks_chances_come_out_as_they_were_told(weekly, per_week):
    together, n_draws, n_weeks = Dependence(0.0, 0.0, weekly), 40_000, 3
    still = np.concatenate(
        [[1.0], np.exp(-np.cumsum(np.linspace(0.6, 0.1, n_weeks * per_week) / per_week**0.7))]
    )
    paces = np.repeat(week_paces(together, n_weeks, n_draws=n_draws, seed=1), per_week, axis=1)
    [(_, draws)] = drawn_together(np.zeros(1, int), together, n_draws=n_draws, seed=1)
    ends = ends_of(next(draws), hazards_of(still[None, :], together, per_week=per_week)[0], paces)
    share = np.bincount(ends, minlength=len(still)) / n_draws
    np.testing.assert_allclose(share, -np.diff([*still, 0.0]), atol=0.009)  # three and a half standard errors


def test_days_and_weeks_are_drawn_alike_and_what_is_certain_comes_on_its_day():
    together = Dependence(0.0, 0.0, 1.5)
    by_day = np.concatenate([[1.0], np.exp(-0.05 * np.arange(1, 15))])
    paces = week_paces(together, 2, n_draws=5_000, seed=2)
    endured = np.random.default_rng(0).exponential(size=5_000)
    days = ends_of(endured, hazards_of(by_day[None, :], together, per_week=7)[0], np.repeat(paces, 7, axis=1))
    weeks = ends_of(endured, hazards_of(by_day[None, ::7], together)[0], paces)
    np.testing.assert_array_equal(days // 7, weeks)
    by_day[10:] = 0.0
    days = ends_of(endured, hazards_of(by_day[None, :], together, per_week=7)[0], np.repeat(paces, 7, axis=1))
    assert days.max() == 9


@pytest.mark.parametrize("seed", range(5))
def test_an_invoice_is_paid_in_the_stretch_after_which_more_are_paid_than_its_share(seed):
    rng = np.random.default_rng(seed)
    still = np.concatenate([[1.0], np.sort(rng.random(6))[::-1], [0.0]])
    unpaid_at = rng.random(500)
    alone = Dependence(0.0, 0.0)
    ends = ends_of(-np.log(unpaid_at), hazards_of(still[None, :], alone)[0], np.ones((500, 7)))
    np.testing.assert_array_equal(ends, [next(k for k in range(7) if still[k + 1] < u) for u in unpaid_at])
    nobody = hazards_of(np.ones((1, 8)), alone)[0]
    assert (ends_of(-np.log(unpaid_at), nobody, np.ones((500, 7))) == 7).all()


def test_many_customers_do_not_average_a_shared_week_away():
    still, money = np.broadcast_to(np.array([1.0, 0.7, 0.5]), (2_000, 3)), np.ones(2_000)
    widths = []
    for together in (Dependence(0, 0), Dependence(0, 0, 0.3)):
        weeks = draw_bands(still, money, np.arange(2_000), together, n_draws=500, seed=0).weeks
        widths.append(weeks[0, 2] - weeks[0, 0])
    assert widths[0] < 0.05 * 2_000
    # a tenth of the weeks has a factor below, and a tenth above, these quantiles of the lognormal distribution
    variance = np.log1p(0.3)
    factor = stats.lognorm(np.sqrt(variance), scale=np.exp(-variance / 2))
    low, high = factor.ppf([0.1, 0.9])

    def left(hazard):
        return integrate.quad(lambda m: np.exp(-hazard * m) * factor.pdf(m), 0, 40)[0]

    hazard = optimize.brentq(lambda h: left(h) - 0.7, 0, 2)  # so that 70 % are left on average
    assert widths[1] == pytest.approx(2_000 * (np.exp(-hazard * low) - np.exp(-hazard * high)), rel=0.1)
