from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.later import later_separation, separation
from payseg_widgets.segmentation.periods import behaviour, later_invoices, split_periods
from tests.segmentation.later_worlds import N_CUSTOMERS, WAYS, WORLDS, later, world_of


def rejected(way: str, world: str, n: int, *, apart: float = 0.0) -> float:
    return float(
        np.mean([WAYS[way](world_of(world, s, apart=apart)[0], seed=s).is_separated for s in range(n)])
    )


@pytest.mark.parametrize("world", WORLDS)
def test_the_later_period_keeps_quiet_on_noise_where_the_same_data_do_not(world):
    """Of 12 tests of size 5 % more than 3 reject once in 500 times."""
    assert rejected("later period", world, 12) <= 0.25
    assert rejected("same data", world, 4) == 1


def test_every_second_invoice_rejects_noise_paid_in_batches():
    assert rejected("odd against even", "batches", 4) == 1


def test_ten_days_between_kinds_of_customer_are_found():
    assert rejected("later period", "serial", 6, apart=10.0) >= 5 / 6


@pytest.mark.slow
def test_size_power_and_coverage_at_400_replicates():
    n = 400
    print("\n| delays | test | rejects noise | finds 10 days |\n|---|---|---|---|")
    for world in WORLDS:
        for way in WAYS:
            size = rejected(way, world, n if way == "later period" else 100)
            power = rejected(way, world, n if way == "later period" else 20, apart=10.0)
            print(f"| {world} | {way} | {size:.1%} | {power:.1%} |", flush=True)
            if way == "later period":
                assert 0.03 <= size <= 0.075
                assert power >= 0.9
            elif way == "same data" or world != "independent":
                assert size >= 0.5


def three_groups(seed: int, spreads: tuple[float, ...]) -> tuple[pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    codes = np.repeat([0, 1, 2], [40, 60, 20])
    values = np.array([0.0, 3, 8])[codes] + rng.normal(size=120) * np.array(spreads)[codes]
    index = pd.Index([f"C{i}" for i in range(120)])
    return pd.Series(codes, index=index), pd.DataFrame({"x": values}, index=index)


def test_with_equal_spread_the_p_value_is_that_of_the_f_test():
    rng = np.random.default_rng(1)
    index = pd.RangeIndex(90)
    labels = pd.Series(np.repeat([0, 1, 2], 30), index=index)
    x = rng.normal(size=90) + 0.35 * labels.to_numpy()
    found = separation(labels, pd.DataFrame({"x": x}, index=index), n_permutations=4999).tests.loc["x"]
    expected = stats.f_oneway(*(x[labels == k] for k in range(3))).pvalue
    assert found["p_value"] == pytest.approx(expected, abs=0.015)
    assert found["p_adjusted"] == found["p_value"]  # a family of one


def test_more_outcomes_make_each_p_value_larger_but_copies_do_not():
    labels, one = three_groups(3, (9.0, 9.0, 9.0))
    one["x"] *= 0.3
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(120, 8)), index=one.index, columns=[f"n{i}" for i in range(8)])
    alone = separation(labels, one).tests.loc["x", "p_adjusted"]
    copies = separation(labels, one.assign(y=one["x"] * 2 + 1)).tests.loc["x", "p_adjusted"]
    among = separation(labels, one.join(noise)).tests.loc["x", "p_adjusted"]
    assert copies == alone
    assert among >= alone


def test_omega_squared_is_that_of_the_textbook():
    labels, values = three_groups(0, (4.0, 4.0, 4.0))
    x = values["x"].to_numpy()
    groups = [x[labels == k] for k in range(3)]
    between = sum(len(g) * (g.mean() - x.mean()) ** 2 for g in groups)
    within = sum(((g - g.mean()) ** 2).sum() for g in groups) / 117
    expected = (between - 2 * within) / (between + within * 117 + within)
    row = separation(labels, values, n_permutations=49).tests.loc["x"]
    assert row["explained"] == pytest.approx(expected)
    assert row["explained_low"] < expected < row["explained_high"]


def test_differences_are_welch_intervals_made_simultaneous():
    labels, values = three_groups(0, (1.0, 4.0, 8.0))
    row = separation(labels, values, n_permutations=49).effects.set_index("segment").loc[2]
    own, others = values["x"][labels == 2], values["x"][labels != 2]
    level = 1 - 0.95 ** (1 / 3)
    interval = stats.ttest_ind(own, others, equal_var=False).confidence_interval(1 - level)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((interval.low, interval.high))
    assert row["difference"] == pytest.approx(own.mean() - others.mean())


def test_an_outcome_in_which_one_customer_differs_has_an_interval():
    labels, values = three_groups(0, (1.0, 1.0, 1.0))
    values["x"] = 0.0
    values.loc["C3", "x"] = 1e-3
    row = separation(labels, values, n_permutations=49).tests.loc["x"]
    assert 0 <= row["explained_low"] <= row["explained"] <= row["explained_high"] <= 1


@pytest.mark.parametrize("code", [-1, 0], ids=["nobody in a segment", "one segment"])
def test_without_two_segments_nothing_can_be_told(code):
    labels, values = three_groups(0, (1.0, 1.0, 1.0))
    found = separation(labels * 0 + code, values, n_permutations=9)
    assert found.tests["p_adjusted"].isna().all()
    assert not found.is_separated
    assert "cannot be told" in found.sentence


@pytest.mark.slow
def test_intervals_hold_what_they_promise_at_400_replicates():
    """The truth: omega squared of the population, and the differences, with unequal spreads."""
    codes, spreads = np.repeat([0, 1, 2], [40, 60, 20]), np.array([3.0, 4, 6])
    means = np.array([0.0, 3, 8])
    shares = np.array([40, 60, 20]) / 120
    between = shares @ (means - shares @ means) ** 2
    truth = between / (between + shares @ spreads**2)
    held, together = [], []
    for seed in range(400):
        labels, values = three_groups(seed, tuple(spreads))
        found = separation(labels, values, n_permutations=1)
        row = found.tests.loc["x"]
        held.append(row["explained_low"] <= truth <= row["explained_high"])
        others = [means[codes[codes != k]].mean() for k in range(3)]
        true = means - others
        together.append(((found.effects["conf_low"] <= true) & (true <= found.effects["conf_high"])).all())
    print(f"\nomega squared covered {np.mean(held):.1%}, all differences at once {np.mean(together):.1%}")
    assert 0.925 <= np.mean(held) <= 0.975
    assert 0.925 <= np.mean(together) <= 0.99


def test_segments_of_the_easy_world_still_differ_later():
    ledger, _ = simulate_ledger(200, seed=2, world="easy")
    found = later_separation(ledger, n_segments=4, seed=1)
    assert found.is_separated
    assert found.tests.loc["days_late", "explained"] > 0.5
    assert "still differ in" in found.sentence
    assert found.periods.later_from - found.periods.until == pd.Timedelta(days=61)
    assert len(repr(found)) <= 110


def test_without_a_difference_it_says_what_would_have_been_seen():
    found = later(world_of("independent", 0)[0], seed=0)
    assert not found.is_separated
    assert "no difference between the segments can be shown" in found.sentence
    row = found.tests.loc["days_late"]
    n = row["n_customers"]
    critical = stats.f.isf(0.05 / 4, 2, n - 3)
    strength = row["detectable"] / (1 - row["detectable"]) * n
    assert n == N_CUSTOMERS
    assert stats.ncf.sf(critical, 2, n - 3, strength) == pytest.approx(0.8, abs=0.01)


def test_the_segments_see_nothing_of_the_later_block():
    """Whatever is paid after the cut, the earlier block's ledger is the same."""
    ledger, _ = simulate_ledger(60, seed=3, world="easy")
    periods = split_periods(ledger)
    later_on = ledger.payments["paid_on"] > periods.until
    assert later_on.any()
    moved = ledger.payments.assign(
        paid_on=ledger.payments["paid_on"].mask(later_on, ledger.as_of),
    )
    again = replace(ledger, payments=moved)
    pd.testing.assert_frame_equal(
        compute_features(again.until(periods.until)).frame,
        compute_features(ledger.until(periods.until)).frame,
    )
    block = later_invoices(ledger, periods)
    assert block.issued.min() >= (periods.later_from - pd.Timestamp("1970-01-01")).days


def test_nobody_drops_out_of_the_capped_mean_for_not_paying():
    ledger, truth = simulate_ledger(200, seed=4, world="easy")
    never = truth.customers.loc[truth.customers["never_pays"], "customer_id"]
    paid = behaviour(later_invoices(ledger, split_periods(ledger)))
    worst = paid.loc[paid.index.intersection(never), "days_late"].dropna()
    assert len(worst) > 0
    assert (worst == 60).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gap_days": -1}, "gap_days=-1"),
        ({"gap_days": 2000}, "does not hold two blocks"),
        ({"until": "2024-12-30"}, "when it is cut on 2024-12-30"),
    ],
)
def test_what_cannot_be_split_is_said_with_the_next_step(options, message):
    ledger, _ = simulate_ledger(20, seed=0)
    with pytest.raises(SegmentationError, match=message):
        split_periods(ledger, **options)
