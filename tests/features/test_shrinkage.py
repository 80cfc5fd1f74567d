"""Intervals cover, shrinkage helps, and the naive interval fails: a world whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, norm

from payseg_widgets.features.compute import compute_features
from payseg_widgets.features.measures.payment_consistency import NORMAL, small_sample_factor
from payseg_widgets.features.share_prior import N_CELLS, posterior
from payseg_widgets.features.shrinkage import moderate, shrink_means, shrink_shares
from payseg_widgets.ledger.schema import Ledger, assemble

START = np.datetime64("2022-01-01")
N_DAYS = 730


def known_world(seed: int, n_customers: int = 120) -> tuple[Ledger, np.ndarray, np.ndarray]:
    """A ledger with invoices open at the cut; the customers' true on-time ratio and true mean delay."""
    rng = np.random.default_rng(seed)
    sizes = 2 + rng.geometric(1 / 12, n_customers)
    who = np.repeat(np.arange(n_customers), sizes)
    mean, sd = rng.normal(8, 10, n_customers), np.exp(rng.normal(np.log(10), 0.3, n_customers))
    issued = rng.integers(0, N_DAYS, len(who))
    paid = issued + 30 + np.maximum(np.rint(rng.normal(mean[who], sd[who])), -30).astype(int)

    def dates(days: np.ndarray) -> pd.Series:
        return pd.Series(START + days, dtype="datetime64[s]")

    shared = {
        "invoice_id": pd.Series([f"I{i:05d}" for i in range(len(who))], dtype="str"),
        "customer_id": pd.Series([f"C{c:04d}" for c in who], dtype="str"),
        "amount_minor": rng.integers(1000, 90000, len(who)),
    }
    nothing = {"closed_on": pd.NaT, "closed_reason": None}
    invoices = pd.DataFrame({**shared, "issued_on": dates(issued), "due_on": dates(issued + 30), **nothing})
    ledger = assemble(
        customers=pd.DataFrame({"customer_id": pd.Series([], dtype="str")}),
        invoices=invoices.astype({"closed_on": "datetime64[s]", "closed_reason": "str"}),
        payments=pd.DataFrame({**shared, "paid_on": dates(paid)})[paid <= N_DAYS],
        as_of=pd.Timestamp(START) + pd.Timedelta(days=N_DAYS),
        currency="GBP",
    )
    days = np.arange(-30, 300)
    upper = norm.cdf((days + 0.5 - mean[:, None]) / sd[:, None])
    chance = np.diff(upper, axis=1, prepend=0)
    return ledger, chance[:, days <= 0].sum(axis=1), chance @ days


def study(n_worlds: int) -> pd.Series:
    """Coverage and error over worlds, averaged over customers."""
    rows = []
    for seed in range(n_worlds):
        ledger, on_time, mean = known_world(seed)
        table = compute_features(ledger, ["on_time_ratio", "mean_days_late"])
        row = {}
        for name, truth in (("on_time_ratio", on_time), ("mean_days_late", mean)):
            raw = table.frame[name].to_numpy()
            known = np.isfinite(raw)
            inside = (table.conf_low[name] <= truth) & (truth <= table.conf_high[name])
            row[f"{name} covers"] = inside[known].mean()
            row[f"{name} raw"] = np.sqrt(np.mean((raw - truth)[known] ** 2))
            row[f"{name} shrunken"] = np.sqrt(np.mean((table.shrunken[name] - truth)[known] ** 2))
            row[f"{name} bias"] = (raw - truth)[known].mean()
        raw, n = table.frame["on_time_ratio"], table.counts["on_time_ratio"]
        wald = 1.96 * np.sqrt(raw * (1 - raw) / n)
        row["wald covers"] = ((raw - on_time).abs() <= wald)[raw.notna()].mean()
        rows.append(row)
    return pd.DataFrame(rows).mean()


def check(result: pd.Series) -> None:
    for name in ("on_time_ratio", "mean_days_late"):
        assert 0.925 <= result[f"{name} covers"] <= 0.975
        assert result[f"{name} shrunken"] < 0.95 * result[f"{name} raw"]
    assert abs(result["mean_days_late bias"]) < 0.3
    assert result["wald covers"] < 0.8


def test_intervals_cover_and_shrinkage_helps_where_the_naive_interval_fails() -> None:
    check(study(12))


@pytest.mark.slow
def test_intervals_cover_over_four_hundred_worlds() -> None:
    result = study(400)
    print(result.round(4).to_string())
    check(result)


def test_facts_are_neither_shrunk_nor_given_an_interval() -> None:
    ledger, _, _ = known_world(0, n_customers=20)
    table = compute_features(ledger, ["total_invoiced", "on_time_ratio"])
    pd.testing.assert_series_equal(table.shrunken["total_invoiced"], table.frame["total_invoiced"])
    assert table.conf_low["total_invoiced"].isna().all()
    assert (table.conf_low["on_time_ratio"] < table.shrunken["on_time_ratio"]).all()


def test_few_invoices_are_pulled_further_than_many() -> None:
    rng = np.random.default_rng(0)
    n = np.array([1, 1000] + [20] * 60)
    value = np.concatenate(([1.0, 1.0], rng.binomial(20, rng.beta(2, 8, 60)) / 20))
    shrunken = shrink_shares(value, n)
    assert shrunken.value[0] < 0.5
    assert shrunken.value[1] > 0.95
    assert shrunken.low[0] < shrunken.low[1]


KINDS = {
    "one": [(1.0, 10, 9, 9)],
    "four": [(0.4, -2, 1, 3), (0.3, 20, 1.5, 4), (0.2, 17, 2, 20), (0.1, 60, 5, 14)],
    "two": [(0.95, -2, 1, 3), (0.05, 60, 5, 14)],
}


@pytest.mark.parametrize("kinds", KINDS)
def test_intervals_of_shares_cover_however_many_kinds_of_customer_there_are(kinds: str) -> None:
    """A beta distribution alone covers 0.92 of "two" and nobody of its second kind."""
    share, middle, differ, spread = np.array(KINDS[kinds]).T
    covers, covers_last = [], []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        n = 2 + rng.geometric(1 / 12, 120)
        kind = rng.choice(len(share), 120, p=share)
        true = norm.cdf((0.5 - rng.normal(middle[kind], differ[kind])) / spread[kind])
        shrunken = shrink_shares(rng.binomial(n, true) / n, n)
        inside = (shrunken.low <= true) & (true <= shrunken.high)
        covers.append(inside.mean())
        covers_last.extend(inside[kind == len(share) - 1])
    assert 0.93 <= np.mean(covers) <= 0.98
    assert np.mean(covers_last) >= 0.9


def test_a_portfolio_of_prompt_customers_does_not_excuse_a_chronic_one() -> None:
    n = np.full(200, 15)
    hits = np.random.default_rng(3).binomial(n, 0.85)
    hits[:8] = 0
    shrunken = shrink_shares(hits / n, n)
    assert (shrunken.value[:8] < 0.06).all()
    assert (shrunken.high[:8] < 0.25).all()
    assert (shrunken.value[8:] > 0.7).all()


def test_the_posterior_is_that_of_numerical_integration() -> None:
    weights = np.random.default_rng(0).dirichlet(np.full(N_CELLS, 0.2)) + 1e-6
    hits, size = np.array([0, 3, 9, 40, 700]), np.array([4, 3, 20, 50, 2000])
    mean, low, high = posterior(hits, size, weights / weights.sum())
    angle = (np.arange(2_000_000) + 0.5) / 2_000_000 * np.pi / 2
    share = np.sin(angle) ** 2
    prior = np.repeat(weights, len(angle) // N_CELLS)
    for k, n, *found in zip(hits, size, mean, low, high, strict=True):
        log_likelihood = k * np.log(share) + (n - k) * np.log1p(-share)
        density = prior * np.exp(log_likelihood - log_likelihood.max())
        below = np.cumsum(density) / density.sum()
        expected = [share @ density / density.sum(), *share[np.searchsorted(below, [0.025, 0.975])]]
        expected[1], expected[2] = expected[1] * (k > 0), expected[2] if k < n else 1.0
        assert found == pytest.approx(expected, abs=2e-6)


def test_few_customers_get_jeffreys_s_interval() -> None:
    shrunken = shrink_shares(np.array([0.3, 0.0]), np.array([10, 4]))
    own = beta(3.5, 7.5)
    assert shrunken.value == pytest.approx([own.mean(), 0.1])
    assert [shrunken.low[0], shrunken.high[0]] == pytest.approx(own.ppf([0.025, 0.975]))
    assert shrunken.low[1] == 0


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 3000)), min_size=5, max_size=30))
@settings(max_examples=30, deadline=None)
def test_a_shrunken_share_lies_within_its_interval(counts: list[tuple[int, int]]) -> None:
    hits, more = np.array(counts).T
    shrunken = shrink_shares(hits / (hits + more), hits + more)
    assert (shrunken.low >= 0).all()
    assert (shrunken.low <= shrunken.value).all()
    assert (shrunken.value <= shrunken.high).all()
    assert (shrunken.high <= 1).all()


def test_equal_customers_are_all_put_at_the_mean() -> None:
    rng = np.random.default_rng(1)
    shrunken = shrink_means(np.full(50, 3.0) + rng.normal(0, 0.1, 50), np.full(50, 1.0))
    assert np.ptp(shrunken.value) == 0


def test_a_missing_value_stays_missing() -> None:
    for shrunken in (
        shrink_shares(np.array([np.nan] + [0.5] * 9), np.full(10, 4)),
        shrink_means(np.array([np.nan] + [1.0, 2.0] * 5), np.ones(11)),
    ):
        assert np.isnan([shrunken.value[0], shrunken.low[0], shrunken.high[0]]).all()
        assert np.isfinite(shrunken.value[1:]).all()


def test_a_customer_without_a_variance_of_his_own_gets_the_portfolio_s() -> None:
    steadied = moderate(np.array([np.nan, 4.0, 4.0]), np.array([0, 9, 9]), np.array([2, 10, 10]))
    assert steadied == pytest.approx([20.0, 4.0, 4.0])


@pytest.mark.parametrize("n", [3, 4, 5, 6, 8, 9, 15])
def test_the_robust_spread_is_that_of_normal_delays_however_few(n: int) -> None:
    x = np.random.default_rng(n).normal(0, 7, (40_000, n))
    mad = np.median(np.abs(x - np.median(x, axis=1, keepdims=True)), axis=1)
    assert np.mean(mad) * NORMAL * small_sample_factor(np.array([n]))[0] == pytest.approx(7, rel=0.015)
