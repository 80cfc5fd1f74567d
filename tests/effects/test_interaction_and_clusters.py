"""Whether differences depend on a second column, and whether groups and ways of paying go together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import simulate_ledger
from payseg_widgets.effects.clusters import GroupClusters, _gain, _holm, _tie, do_groups_cluster
from payseg_widgets.effects.estimate import estimate_effects
from payseg_widgets.effects.published import EXPERIAN_REGIONS
from payseg_widgets.errors import EffectError
from tests.effects.worlds import draw, table_of, who


def two_kinds(rng, extra):
    """Two regions and two sectors; ``extra`` days for the second region in the second sector only."""
    region, sector = rng.integers(0, 2, 160), rng.integers(0, 2, 160)
    counts, delays = draw(rng, region, [0, 4], extra=6 * sector + extra * region * sector)
    people = who(region, sector=[f"S{code}" for code in sector])
    return estimate_effects(
        table_of(counts, delays, rng), people, adjust_for=("sector",), interaction="sector"
    )


def test_a_difference_that_depends_on_the_sector_is_found_and_another_is_not():
    met = two_kinds(np.random.default_rng(1), 25).interaction
    assert met.p_value < 1e-6
    assert met.sentence("region").startswith("Differences by region depend on sector (p = 0.001 or less)")
    cell = met.cells.set_index(["group", "sector"])["estimate"]
    gaps = cell["G01"] - cell["G00"]
    assert gaps["S1"] - gaps["S0"] == pytest.approx(25, abs=8)
    p = [two_kinds(np.random.default_rng(seed), 0).interaction.p_value for seed in range(40)]
    assert np.mean(np.array(p) <= 0.05) <= 0.15
    assert 0.3 <= np.mean(p) <= 0.7


def test_cells_too_few_to_tell_are_said():
    region = np.repeat([0, 1], 20)
    people = who(region, kind=[f"K{k}" for k in range(40)])
    rng = np.random.default_rng(1)
    report = estimate_effects(
        table_of(*draw(rng, region, [0, 0]), rng), people, adjust_for=(), interaction="kind"
    )
    assert np.isnan(report.interaction.p_value)
    assert report.interaction.sentence("region").endswith("too few customers of each pair.")


# ---- do groups form clusters ---------------------------------------------------------------------------------------


def test_groups_that_decide_how_one_pays_are_found_and_groups_drawn_by_lot_are_not():
    ledger, truth = simulate_ledger(160, seed=3)
    kinds = truth.customers.set_index("customer_id")["segment_name"]
    rng = np.random.default_rng(0)
    customers = pd.DataFrame(
        {"guild": kinds, "colour": rng.choice(["red", "blue"], len(kinds))}, index=kinds.index
    )
    told = do_groups_cluster(ledger, customers, by=("guild", "colour"), n_permutations=199)
    assert told.verdict == "clusters"
    assert told.association.loc["guild", "ami"] > 0.4
    assert told.association.loc["guild", "p_value"] == pytest.approx(1 / 200)
    assert told.association.loc["colour", "p_adjusted"] > 0.05
    assert told.gain_low > 0
    assert told.counts["guild"].to_numpy().sum() == told.association.loc["guild", "n_customers"]
    assert told.sentence.startswith(
        "Ways of paying go together with guild; no tie with colour can be shown: "
    )
    assert told.tied == ("guild",)
    none = do_groups_cluster(ledger, customers, by=("colour",), n_permutations=199)
    assert none.verdict == "no tie shown"
    assert none.sentence.startswith("No tie between ways of paying and colour can be shown: ")
    assert none.gain_low < 0.05


def test_chance_ties_as_strongly_as_often_as_it_should():
    rng = np.random.default_rng(5)
    p = [_tie(rng.integers(0, 3, 60), rng.integers(0, 4, 60), 99, rng, None)[1] for _ in range(200)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 200)
    assert np.mean(p) == pytest.approx(0.5, abs=0.07)


def test_holm_is_the_textbook_one():
    np.testing.assert_allclose(_holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])


def test_a_group_that_says_which_segment_saves_nearly_all_the_bits_of_it():
    ids = pd.Index([f"C{k}" for k in range(200)])
    labels = pd.Series(np.arange(200) % 2, ids)
    same = {"size": pd.Series(1.0, ids), "terms": pd.Series(30.0, ids)}
    saved, low, _ = _gain(labels, {"guild": labels.map({0: "a", 1: "b"})}, same, 0)
    assert 0.8 < saved <= 1  # one bit, less what the ridge keeps back
    assert low > 0.7


def test_a_column_of_one_value_is_refused():
    ledger = simulate_ledger(60, seed=3).ledger
    customers = pd.DataFrame({"colour": "red"}, index=ledger.customers["customer_id"])
    with pytest.raises(EffectError, match="by='colour' has 1 groups"):
        do_groups_cluster(ledger, customers, by=("colour",))


# ---- published figures ---------------------------------------------------------------------------------------------


def test_published_figures_are_laid_beside_ones_own_and_sides_are_not_mixed():
    groups = pd.DataFrame(
        {"group": ["London", "South West", "Mars"], "estimate": [12.0, 6, 99], "n_customers": [10, 10, 5]}
    )
    beside = EXPERIAN_REGIONS.beside(groups)
    assert beside["own"].to_dict() == {"London": 3.0, "South West": -3.0}
    assert beside["published"].round(1).to_dict() == {"London": 3.0, "South West": -4.8}
    assert EXPERIAN_REGIONS.caption.endswith("first quarter of 2010 (Experian): the side that pays.")
    with pytest.raises(EffectError, match="not the same and are not laid beside each other"):
        EXPERIAN_REGIONS.beside(groups, side="is paid")
    with pytest.raises(EffectError, match="side='both'"):
        EXPERIAN_REGIONS.beside(groups, side="both")


def test_a_tie_whose_worth_cannot_be_told_is_said_to_be_one():
    association = pd.DataFrame(
        {"ami": [0.4, -0.001], "p_adjusted": [0.002, 0.4]}, index=pd.Index(["sector", "region"], name="by")
    )
    told = GroupClusters(association, {}, np.nan, np.nan, np.nan, np.nan, 3)
    assert told.verdict == "a tie"
    assert told.sentence == (
        "Ways of paying have something to do with sector; no tie with region can be shown: adjusted mutual information with "
        "segments of a later period: sector 0.40 (p = 0.002), region 0.00 (p = 0.400); what knowing sector and region adds "
        "cannot be told: a segment has fewer than 5 customers."
    )
    worse = replace(told, gain=-0.09, gain_low=-0.18, gain_high=-0.001)
    assert worse.verdict == "a weak tie"
    assert worse.sentence.endswith("makes the segment no less surprising (-0.09 bits, -0.18 to +0.00).")
