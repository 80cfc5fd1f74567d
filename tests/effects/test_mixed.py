"""The mixed model against closed forms and statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from payseg_widgets.effects.mixed import Measured, fit, weighted
from payseg_widgets.effects.simultaneous import all_pairs, at_other_df, critical_value, pooled, rank_intervals


def measured_of(frame):
    by = frame.groupby("customer")["y"]
    within = by.apply(lambda y: ((y - y.mean()) ** 2).sum())
    return Measured(by.mean().to_numpy(), by.size().to_numpy(float), within=within.to_numpy())


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_statsmodels(seed):
    rng = np.random.default_rng(seed)
    n = 40
    counts = rng.integers(2, 30, n)
    group, size = rng.integers(0, 3, n), rng.standard_normal(n)
    own = np.array([0.0, 4, 9])[group] + 2 * size + 5 * rng.standard_normal(n)
    frame = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(n), counts),
            "group": np.repeat(group, counts),
            "size": np.repeat(size, counts),
        }
    )
    frame["y"] = np.repeat(own, counts) + 8 * rng.standard_normal(len(frame))
    ours = fit(measured_of(frame), np.column_stack([*(group == np.arange(3)[:, None]).astype(float), size]))
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # it tries several optimisers; the last must converge, see below
        theirs = smf.mixedlm("y ~ 0 + C(group) + size", frame, groups="customer").fit(reml=True)
    assert theirs.converged
    np.testing.assert_allclose(ours.coefficients, theirs.fe_params, atol=1e-3)
    np.testing.assert_allclose(
        np.sqrt(np.diag(ours.covariance)), theirs.bse_fe, rtol=5e-3
    )  # theirs by differences
    owner = np.repeat(np.arange(n), counts)
    x = np.column_stack([*(group == np.arange(3)[:, None]).astype(float), size])[owner]
    v = ours.sigma2 * np.eye(len(frame)) + ours.tau2 * (owner[:, None] == owner)
    np.testing.assert_allclose(ours.covariance, np.linalg.inv(x.T @ np.linalg.solve(v, x)), rtol=1e-6)
    assert ours.sigma2 == pytest.approx(theirs.scale, rel=1e-3)
    assert ours.tau2 == pytest.approx(float(theirs.cov_re.iloc[0, 0]), rel=1e-2, abs=1e-3)


def test_the_robust_covariance_is_that_of_statsmodels():
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(30), rng.standard_normal((30, 2))])
    y, w = x @ [1, 2, 3] + rng.standard_normal(30), rng.uniform(0.5, 2, 30)
    ours = weighted(y, x, w, tau2=0, sigma2=1)
    theirs = sm.WLS(y, x, weights=w).fit(cov_type="HC2")
    np.testing.assert_allclose(ours.robust, theirs.cov_params(), rtol=1e-9)
    # a customer's pull is what leaving it out takes away
    c = np.array([[0.0, 1, -1]])
    for k in (0, 7):
        rest = np.arange(30) != k
        without = sm.WLS(y[rest], x[rest], weights=w[rest]).fit().params
        assert (c @ (ours.coefficients - without))[0] == pytest.approx(ours.pulls(c)[0, k])


def test_balanced_customers_give_the_textbook_components():
    # means 0, 2, 4 and 6; two invoices each, one to either side of the mean
    measured = Measured(np.array([0.0, 2, 4, 6]), np.full(4, 2.0), within=np.full(4, 2.0))
    found = fit(measured, np.ones((4, 1)))
    # within: 8 / 4 = 2; between means: 20 / 3, less 2 / 2
    assert found.sigma2 == pytest.approx(2, rel=1e-4)
    assert found.tau2 == pytest.approx(20 / 3 - 1, rel=1e-4)
    assert found.coefficients[0] == pytest.approx(3)
    assert found.covariance[0, 0] == pytest.approx(20 / 3 / 4, rel=1e-4)


def test_no_difference_between_customers_beyond_chance_is_none():
    rng = np.random.default_rng(1)
    same = np.array([1.0, 1.01, 0.99, 1.0, 1.02, 0.98])
    found = fit(Measured(same, np.full(6, 10.0), within=rng.uniform(80, 120, 6)), np.ones((6, 1)))
    assert found.tau2 == 0


def test_known_sampling_variances_give_the_difference_between_customers():
    value = np.array([0.0, 2, 4, 6])
    found = fit(Measured(value, np.ones(4), variance=np.full(4, 1.0)), np.ones((4, 1)))
    assert found.tau2 == pytest.approx(20 / 3 - 1, rel=1e-4)


# ---- intervals that hold together ----------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [2, 3, 6, 12])
def test_critical_values_for_equal_groups_are_those_of_tukey(k):
    contrasts, _ = all_pairs(k, k)
    critical = critical_value(contrasts, np.eye(k), 40)
    assert critical == pytest.approx(stats.studentized_range.ppf(0.95, k, 40) / np.sqrt(2), abs=0.02)


def test_other_degrees_of_freedom_are_as_rare():
    assert at_other_df(stats.t.ppf(0.975, 50), 50, np.array([5.0])) == pytest.approx(stats.t.ppf(0.975, 5))


def test_ranks_are_as_wide_as_what_cannot_be_told_apart():
    # C above A for sure; B anywhere
    _, pairs = all_pairs(3, 3)
    ranks = rank_intervals(np.array([0.0, 5, 9]), np.array([-9.0, -15, -9]), np.array([3.0, -2, 2]), pairs)
    assert ranks.tolist() == [[1, 2], [1, 3], [2, 3]]


def test_groups_known_badly_are_pulled_to_the_mean_and_those_known_well_are_not():
    estimate, error = np.array([0.0, 10, 20, 40]), np.array([0.1, 0.1, 0.1, 50])
    made = pooled(estimate, error)
    np.testing.assert_allclose(made[:3], estimate[:3], atol=0.05)
    assert 10 < made[3] < 20
    assert np.ptp(pooled(np.array([1.0, 1.1, 0.9]), np.ones(3))) == pytest.approx(0)
