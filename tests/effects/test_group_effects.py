"""What a study says of region and sector: differences that are there, none that are not, and why something is missing."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import Cancelled, EffectError, compute_features, enrich, estimate_effects, simulate_ledger
from payseg_widgets.effects.groups import LEVEL, compare_groups, known_groups
from payseg_widgets.enrichment.from_ledger import said_by_ledger
from tests.effects.worlds import draw, named, table_of

NO_LEDGER = SimpleNamespace()  # asked only whether groups form clusters


def world(seed, gaps, n=240):
    """Customers in regions that pay so many days apart, and in sectors drawn by lot."""
    rng = np.random.default_rng(seed)
    region, sector = rng.integers(0, len(gaps), n), rng.integers(0, 4, n)
    features = table_of(*draw(rng, region, gaps), rng)
    people = pd.DataFrame(
        {"region": named(region), "sector": named(sector, "S")},
        index=pd.Index([f"C{k:05d}" for k in range(n)], name="customer_id"),
    )
    return features, people


@pytest.fixture(scope="module")
def found():
    features, people = world(3, [0, 12])
    return compare_groups(features, NO_LEDGER, people, tie=False)


def test_a_true_gap_is_told_by_region_and_nothing_by_sector(found):
    shown = {key: len(report.shown) for key, report in found.effects.items()}
    assert shown == {
        ("region", "days_late"): 1,
        ("region", "spread"): 0,
        ("sector", "days_late"): 0,
        ("sector", "spread"): 0,
    }
    row = found.contrasts.query("by == 'region' and outcome == 'days_late'").iloc[0]
    assert row["conf_low"] < -12 < row["conf_high"] < 0  # first less second
    assert found.sentences[0].startswith("Customers with region G01 pay")


def test_each_comparison_is_the_one_that_can_be_made_alone(found):
    features, people = world(3, [0, 12])
    alone = estimate_effects(features, people, "sector", "spread", level=LEVEL)
    pd.testing.assert_frame_equal(found.effects["sector", "spread"].contrasts, alone.contrasts)
    own = found.contrasts.query("by == 'sector' and outcome == 'spread'")["estimate"]
    assert own.tolist() == alone.contrasts["estimate"].tolist()


def test_how_sure_the_whole_is_is_said(found):
    assert "of 99%" in found.notes[-1]
    assert "those of 4 comparisons hold together with 96% at least" in found.notes[-1]
    assert set(found.contrasts["interval_of"]) == {"all pairs together"}
    assert set(found.groups["level"]) == {LEVEL}
    assert found.contrasts.groupby("by")["adjusted_for"].first().to_dict() == {
        "region": "sector",
        "sector": "region",
    }


def test_more_differences_than_are_told_are_counted():
    features, people = world(5, [0, 25, 50, 75, 100], n=400)
    told = compare_groups(features, NO_LEDGER, people, tie=False)
    report = told.effects["region", "days_late"]
    assert len(report.shown) == 10
    assert report.told()[3:] == ("7 more differences by region in “Days late” can be shown.",)
    assert len(report.told(10)) == 10


@pytest.mark.parametrize(
    ("people", "says"),
    [
        ({"region": None, "sector": None}, "of none of 240 customers"),
        ({"region": "Wales", "sector": " "}, "240 customers of whom the region is known all have the same"),
    ],
)
def test_what_cannot_be_compared_is_said(people, says):
    features, index = world(3, [0, 0])
    told = compare_groups(features, NO_LEDGER, pd.DataFrame(people, index=index.index), tie=True)
    assert not told.effects
    assert told.clusters is None
    assert says in told.notes[0]
    assert "payseg enrich" in told.notes[1]  # of the sector
    assert told.is_known == (people["region"] == "Wales")


def test_customers_of_whom_nothing_is_told_are_counted_and_unknown():
    features, people = world(3, [0, 12])
    told = compare_groups(features, NO_LEDGER, people.iloc[:-7].reset_index(), tie=False)
    assert told.notes[0] == "Nothing is told of 7 of 240 customers with invoices."
    coverage = told.coverage.set_index(["by", "basis"])["n_customers"]
    assert coverage["region", "nobody"] == 7
    assert coverage["region", "not told by whom"] == 233


def test_nothing_that_tells_who_customers_are_comes_along():
    features, people = world(3, [0, 12])
    told = compare_groups(features, NO_LEDGER, people.assign(company_name="Geheim Ltd", state="matched"), tie=False)  # fmt: skip
    assert list(told.customers) == ["region", "sector"]
    assert len(repr(told)) <= 110


def test_cancelled_keeps_the_comparisons_made():
    features, people = world(3, [0, 12])
    cancel = threading.Event()

    def stop(_step, done, _total):
        if done >= 50:
            cancel.set()

    with pytest.raises(Cancelled) as stopped:
        compare_groups(features, NO_LEDGER, people, progress=stop, cancel=cancel)
    made = list(stopped.value.finished.effects)
    assert 1 <= len(made) < 4
    assert made[0] == ("region", "days_late")


def test_the_tie_is_asked_of_the_ledger_and_doubtful_ledgers_say_why():
    ledger, _ = simulate_ledger(80, seed=2)
    known = said_by_ledger(ledger)
    told = compare_groups(compute_features(ledger), ledger, known)
    assert set(told.clusters.counts) == {"region", "sector"}
    assert told.clusters.sentence in told.sentences
    short = ledger.until(ledger.invoices["issued_on"].min() + pd.Timedelta(days=40))
    none = compare_groups(compute_features(short), short, known)
    assert none.clusters is None
    assert none.notes[-1].startswith("Whether groups and ways of paying go together cannot be told")


def test_a_table_as_pandas_may_hold_it_is_taken():
    features, people = world(3, [0, 12])
    plain = compare_groups(features, NO_LEDGER, people.mask(people == "G00"), tie=False)
    held = (
        people.mask(people == "G00")
        .astype({"region": "category"})
        .assign(sector=people["sector"].astype("category"))
    )
    assert compare_groups(features, NO_LEDGER, held, tie=False).sentences == plain.sentences
    codes = people.assign(region=people["region"].map({"G00": 1, "G01": 2}).astype("Int64")).iloc[5:]
    told = compare_groups(features, NO_LEDGER, codes, tie=False)
    assert set(told.customers["region"]) == {"1", "2", "unknown"}


def test_an_enrichment_is_taken_and_what_cannot_be_is_unknown(simulated):
    found = enrich(simulated.ledger)
    table = found.table.copy()
    table.iloc[:9, table.columns.get_loc("region_probability")] = 0.0
    features = compute_features(simulated.ledger)
    assert compare_groups(features, NO_LEDGER, found, tie=False).is_known
    told = compare_groups(features, NO_LEDGER, table, tie=False)
    assert (told.customers["region"] == "unknown").sum() == 9
    assert ("region", "days_late") in told.effects


def test_customers_of_another_ledger_or_twice_are_refused():
    features, people = world(3, [0, 12])
    with pytest.raises(EffectError, match="none of the 240 customers with invoices is among the 240 told of"):
        compare_groups(features, NO_LEDGER, people.set_axis([f"X{k}" for k in range(240)]))
    with pytest.raises(EffectError, match="1 customer more than once"):
        known_groups(features, pd.concat([people, people.iloc[:1]]))


def test_where_sector_follows_from_region_each_is_compared_by_itself_and_it_is_said():
    features, people = world(3, [0, 12])
    people["sector"] = people["region"].map({"G00": "S", "G01": "T"})
    told = compare_groups(features, NO_LEDGER, people, tie=False)
    assert len(told.effects) == 4
    assert told.effects["region", "days_late"].adjusted_for == ()  # all are of one size
    assert any(note.startswith("Days late by region is not adjusted for sector: ") for note in told.notes)


def test_differences_of_customers_not_known_are_told_last():
    features, people = world(5, [0, 25, 50, 200], n=400)
    people["region"] = people["region"].replace("G03", "unknown")
    report = compare_groups(features, NO_LEDGER, people, tie=False).effects["region", "days_late"]
    assert len(report.shown) == 6
    assert "unknown" in report.sentences[0]
    assert not any("unknown" in sentence for sentence in report.told(3))
    assert sorted(report.told(6)) == sorted(report.sentences)


@pytest.mark.slow
def test_where_nothing_differs_few_studies_claim_anything():
    n_worlds = 400
    claimed = [
        any(len(report.shown) for report in compare_groups(*_nothing(seed), tie=False).effects.values())
        for seed in range(n_worlds)
    ]
    print(f"studies that claim a difference: {np.mean(claimed):.3f} of {n_worlds}")
    assert np.mean(claimed) <= 0.04 + 2 * np.sqrt(0.04 * 0.96 / n_worlds)


def _nothing(seed):
    features, people = world(1_000 + seed, [0] * 8, n=200)
    return features, NO_LEDGER, people
