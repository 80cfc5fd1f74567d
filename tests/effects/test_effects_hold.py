"""Known answers: intervals hold what is true as often as they say, and the usual way beside them does not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from payseg_widgets.effects.estimate import estimate_effects
from tests.effects.worlds import draw, naive_interval, table_of, who


def balanced(rng):
    groups = rng.permutation(np.repeat([0, 1], 60))
    return groups, *draw(rng, groups, [0, 5], counts=20), {}


def unbalanced(rng):
    groups = rng.permutation(np.repeat([0, 1], [40, 90]))
    counts = np.rint(np.exp(rng.uniform(np.log(3), np.log(300), len(groups)))).astype(int)
    return groups, *draw(rng, groups, [0, 5], counts=counts), {}


def dominated(rng):
    groups = rng.permutation(np.repeat([0, 1], 50))
    counts = np.full(len(groups), 12)
    counts[np.flatnonzero(groups == 1)[0]] = 3_000
    return groups, *draw(rng, groups, [0, 5], counts=counts), {}


def open_ones(rng):
    groups = rng.permutation(np.repeat([0, 1], 60))
    counts, delays = draw(rng, groups, [0, 5], counts=20, base=10)
    return groups, counts, delays, {"never": rng.random(len(delays)) < 0.2}


def spreads_differ(rng):
    groups = rng.permutation(np.repeat([0, 1], [30, 100]))
    return groups, *draw(rng, groups, [0, 5], between=np.where(groups == 0, 16, 5), within=12), {}


#: How far the second group's customers pay later in truth. An invoice never paid counts as 120 days whoever owes it.
WORLDS = {balanced: 5.0, unbalanced: 5.0, dominated: 5.0, open_ones: 0.8 * 5.0, spreads_differ: 5.0}


def coverage(world, seeds):
    """How often our interval, and that of the invoices, holds the truth."""
    ours, naive = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        groups, counts, delays, options = world(rng)
        told = estimate_effects(
            table_of(counts, delays, rng, **options), who(groups), adjust_for=()
        ).contrast("G01", "G00")
        low, high = naive_interval(counts, delays, groups)
        ours.append(told["conf_low"] <= WORLDS[world] <= told["conf_high"])
        naive.append(low <= 5.0 <= high)
    return np.mean(ours), np.mean(naive)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)
def test_intervals_hold_the_truth_and_those_of_invoices_do_not(world):
    ours, naive = coverage(world, range(60))
    assert ours >= 0.88  # 95 %, less two and a half standard errors of 60 draws
    assert naive <= 0.75


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)
def test_intervals_hold_the_truth_in_400_draws(world):
    ours, naive = coverage(world, range(1000, 1400))
    print(f"\n{world.__name__}: ours {ours:.3f}, invoices {naive:.3f}")
    assert 0.925 <= ours <= 0.975
    assert naive <= 0.75


# ---- confounding, many groups, wrong groups ------------------------------------------------------------------------


def confounded(seeds):
    """Region does nothing, sector does, and sectors are not spread evenly over regions."""
    adjusted, raw = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        groups = rng.permutation(np.repeat([0, 1], 80))
        sector = (rng.random(160) < np.where(groups == 1, 0.8, 0.2)).astype(int)
        counts, delays = draw(rng, groups, [0, 0], extra=12.0 * sector)
        people = who(groups, sector=[f"S{code}" for code in sector])
        told = estimate_effects(table_of(counts, delays, rng), people, adjust_for=("sector",)).contrast(
            "G01", "G00"
        )
        adjusted.append((told["estimate"], bool(told["is_shown"])))
        raw.append((told["raw"], told["raw_low"] > 0 or told["raw_high"] < 0))
    return np.array(adjusted, float), np.array(raw, float)


def test_what_sector_does_is_not_told_of_region():
    adjusted, raw = confounded(range(40))
    assert abs(adjusted[:, 0].mean()) <= 0.5 + 2 * adjusted[:, 0].std() / np.sqrt(40)
    assert adjusted[:, 1].mean() <= 0.15
    assert raw[:, 0].mean() == pytest.approx(0.6 * 12, abs=1)
    assert raw[:, 1].mean() >= 0.9


@pytest.mark.slow
def test_what_sector_does_is_not_told_of_region_in_400_draws():
    adjusted, raw = confounded(range(1000, 1400))
    (days, shown), (raw_days, raw_shown) = adjusted.mean(axis=0), raw.mean(axis=0)
    print(f"\nadjusted {days:.2f} days, shown {shown:.3f}; raw {raw_days:.2f}, {raw_shown:.3f}")
    assert abs(adjusted[:, 0].mean()) <= 0.5
    assert adjusted[:, 1].mean() <= 0.075
    assert raw[:, 1].mean() >= 0.9


def twelve_alike(seeds):
    any_shown, any_naive = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        groups = rng.integers(0, 12, 360)
        counts, delays = draw(rng, groups, np.zeros(12), counts=rng.integers(3, 40, 360))
        told = estimate_effects(table_of(counts, delays, rng), who(groups), adjust_for=()).contrasts
        any_shown.append(told["is_shown"].any())
        any_naive.append((told["p_alone"] < 0.05).any())
    return np.mean(any_shown), np.mean(any_naive)


def test_twelve_groups_that_are_alike_are_seldom_told_apart():
    ours, naive = twelve_alike(range(40))
    assert ours <= 0.15
    assert naive >= 0.4


@pytest.mark.slow
def test_twelve_groups_that_are_alike_are_seldom_told_apart_in_400_draws():
    ours, naive = twelve_alike(range(1000, 1400))
    print(f"\nany of 66 pairs shown: {ours:.3f}; by single tests {naive:.3f}")
    assert ours <= 0.075
    assert naive >= 0.5


def wrong_groups(seeds):
    rows = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        groups = rng.permutation(np.repeat([0, 1], 150))
        counts, delays = draw(rng, groups, [0, 15])
        # whoever is matched to the wrong company is in the region of a company at large
        said = np.where(rng.random(300) < 0.2, rng.permutation(groups), groups)
        payments = table_of(counts, delays, rng)
        sure = estimate_effects(payments, who(said), adjust_for=()).contrast("G01", "G00")
        told = estimate_effects(payments, who(said, region_probability=0.8), adjust_for=()).contrast(
            "G01", "G00"
        )
        rows.append((told["estimate"], told["conf_low"] <= 15 <= told["conf_high"], sure["estimate"]))
    return np.array(rows, float).mean(axis=0)


def test_a_fifth_of_wrong_regions_draws_them_together_and_their_probability_undoes_it():
    estimate, held, naive = wrong_groups(range(30))
    assert estimate == pytest.approx(15, abs=0.8)
    assert naive == pytest.approx(12, abs=0.8)
    assert held >= 0.83


@pytest.mark.slow
def test_a_fifth_of_wrong_regions_in_400_draws():
    estimate, held, naive = wrong_groups(range(1000, 1400))
    print(f"\ncorrected {estimate:.2f} days, held {held:.3f}; taken as sure {naive:.2f}")
    assert 0.925 <= held <= 0.975
    assert estimate == pytest.approx(15, abs=0.3)
    assert naive == pytest.approx(12, abs=0.3)


# ---- predictability ------------------------------------------------------------------------------------------------


def spread_gap(shape, seeds):
    """Delays of the second group vary 1.3 times as much; its customers have few invoices."""
    ours, naive = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        groups = rng.permutation(np.repeat([0, 1], 80))
        within = 10.0 * np.where(groups == 1, 1.3, 1.0) * np.exp(0.3 * rng.standard_normal(160))
        counts = np.where(groups == 1, 7, 40)
        counts, delays = draw(rng, groups, [0, 5], counts=counts, within=within, shape=shape)
        told = estimate_effects(
            table_of(counts, delays, rng), who(groups), outcome="spread", adjust_for=()
        ).contrast("G01", "G00")
        ours.append(told["conf_low"] <= np.log(1.3) <= told["conf_high"])
        ends = np.concatenate(([0], np.cumsum(counts)))
        plain = np.array([np.log(delays[a:b].std(ddof=1)) for a, b in pairwise(ends)])
        one, other = plain[groups == 1], plain[groups == 0]
        half = 1.96 * np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
        naive.append(abs(one.mean() - other.mean() - np.log(1.3)) <= half)
    return np.mean(ours), np.mean(naive)


@pytest.mark.parametrize("shape", ["normal", "t5", "log-normal"])
def test_who_pays_less_predictably_is_told_by_as_much_as_it_is(shape):
    ours, _ = spread_gap(shape, range(40))
    assert ours >= 0.83


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["normal", "t5", "log-normal"])
def test_who_pays_less_predictably_in_400_draws(shape):
    ours, naive = spread_gap(shape, range(1000, 1400))
    print(f"\n{shape}: ours {ours:.3f}, standard deviations compared {naive:.3f}")
    assert 0.925 <= ours <= 0.985
    assert naive <= ours
