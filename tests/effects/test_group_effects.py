"""What a study says of region and sector: differences that are there, none that are not, and why something is missing."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import Cancelled, compute_features, estimate_effects, simulate_ledger
from payseg_widgets.effects.groups import LEVEL, compare_groups
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
    assert "99%" in found.notes[-1]
    assert "4 comparisons hold together with 96%" in found.notes[-1]


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
        ({"region": "Wales", "sector": "unknown"}, "of all 240 customers of whom it is known is the same"),
    ],
)
def test_what_cannot_be_compared_is_said(people, says):
    features, index = world(3, [0, 0])
    told = compare_groups(features, NO_LEDGER, pd.DataFrame(people, index=index.index), tie=True)
    assert not told.effects
    assert told.clusters is None
    assert says in told.notes[0]
    assert "payseg enrich" in told.notes[0]
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


@pytest.mark.slow
def test_where_nothing_differs_few_studies_claim_anything():
    n_worlds = 300
    claimed = [
        any(len(report.shown) for report in compare_groups(*_nothing(seed), tie=False).effects.values())
        for seed in range(n_worlds)
    ]
    print(f"studies that claim a difference: {np.mean(claimed):.3f} of {n_worlds}")
    assert np.mean(claimed) <= 0.04 + 2 * np.sqrt(0.04 * 0.96 / n_worlds)


def _nothing(seed):
    features, people = world(1_000 + seed, [0] * 8, n=200)
    return features, NO_LEDGER, people
