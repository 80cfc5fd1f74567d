from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.identity import Overlap, carry_on
from payseg_widgets.segmentation.prepare import prepare
from payseg_widgets.segmentation.result import no_lineage
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.views.exploration import segment_names
from payseg_widgets.views.selection import Selection

NAMES = ["mean_days_late", "on_time_ratio", "payment_consistency", "total_invoiced"]


@pytest.fixture(scope="module")
def four(four_kinds):
    return segment(four_kinds[0], n_segments=4, names=NAMES, compare=False)


def labelled(four, labels):
    """The same segmentation with other labels: what a refit might have returned."""
    lookup = dict(zip(four.labels_, labels, strict=True))
    cards = tuple(replace(c, segment=lookup.get(c.segment, c.segment)) for c in four.cards)
    return replace(four, labels_=pd.Series(labels, index=four.labels_.index, name="segment"), cards=cards)


def series(*labels):
    return pd.Series(labels, index=[f"C{i}" for i in range(len(labels))])


def test_pairs_are_those_with_the_largest_common_part():
    # old 0 -> new 1 (3 of 3), old 1 -> new 0 (2 of 3)
    overlap = Overlap.of(series(0, 0, 0, 1, 1, 1), series(1, 1, 1, 0, 0, 1))
    assert overlap.matched() == {1: 0, 0: 1}


def test_the_best_whole_is_taken_not_the_best_first_pair():
    # the largest pair, 6 customers from 0 to 0, would leave nothing for the other; 4 and 4 keep their label
    old = series(*[0] * 10, *[1] * 4)
    new = series(*[0] * 6, *[1] * 4, *[0] * 4)
    assert Overlap.of(old, new).matched() == {1: 0, 0: 1}


def test_segments_left_over_are_not_matched():
    # five of old 0's seven are in new 0, as are both of old 1's: 5 keep their label this way, 4 the other,
    # though the Jaccard similarities add up to 5/9 + 0 this way and 2/7 + 2/7 the other
    overlap = Overlap.of(series(0, 0, 0, 0, 0, 0, 0, 1, 1), series(0, 0, 0, 0, 0, 1, 1, 0, 0))
    assert overlap.matched() == {0: 0}


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), min_size=30, max_size=60))
def test_a_mere_renaming_is_always_undone(order, labels):
    old = series(*labels)
    new = old.map(dict(enumerate(order)))
    assert Overlap.of(old, new).matched() == {order[k]: k for k in set(labels)}


def test_number_letter_name_and_colour_carry_on_through_a_shuffled_refit(four):
    shuffled = labelled(four, four.labels_.map({0: 2, 1: 0, 2: 3, 3: 1}).to_numpy())
    again = carry_on(shuffled, four)
    pd.testing.assert_series_equal(again.labels_, four.labels_)
    assert segment_names(again) == segment_names(four)
    assert again.lineage["event"].tolist() == ["continued"] * 4
    assert (again.lineage["share"] == 1).all()


def test_a_selection_of_a_segment_by_name_still_selects_it_after_a_refit(four_kinds, four):
    features, kind = four_kinds
    kept = features.frame.index[np.random.default_rng(2).random(len(features)) < 0.9]
    without_best = features.frame.loc[kept].drop(features.frame.index[kind == 0], errors="ignore")
    # without the best payers every letter would move up by one
    again = segment(
        replace(features, frame=without_best), n_segments=3, names=NAMES, compare=False, previous=four
    )
    called = segment_names(four)
    chosen = Selection.parse(f'segment == "{called[2]}"')
    table = pd.DataFrame({"segment": again.labels_.map(segment_names(again)).astype("category")})
    assert set(chosen.customers(table)) == set(kept[kind[features.frame.index.isin(kept)] == 2])
    assert sorted(card.letter for card in again.cards) == ["B", "C", "D"]
    assert again.lineage.set_index("called").loc[called[0], "event"] == "died"


def test_customers_placed_later_get_the_numbers_carried_on(four_kinds, four):
    features, kind = four_kinds
    bad = replace(features, frame=features.frame[kind >= 2])
    again = segment(bad, n_segments=2, names=NAMES, compare=False, previous=four)
    assert set(again.labels_) == {2, 3}
    pd.testing.assert_series_equal(again.assign(bad)["segment"], again.labels_)
    assert again.quality["stability_by_segment"].index.tolist() == [2, 3]


def test_a_split_a_merger_and_a_birth_are_recorded_and_no_number_is_given_twice(four_kinds, four):
    _, kind = four_kinds
    merged = labelled(four, np.array([0, 1, 1, 2])[kind])
    merged = replace(merged, cards=tuple(replace(c, segment=i) for i, c in enumerate(four.cards[:3])))
    once = carry_on(merged, four)
    assert set(once.labels_) == {0, 1, 3}
    event = once.lineage.set_index("event").loc["merged"]
    # 50 erratic customers, all now with the 60 slow ones
    assert (event["segment"], event["other"], event["n_customers"], event["share"]) == (2, 1, 50, 1.0)
    assert "merged into B" in event["sentence"]
    twice = carry_on(four, once)
    assert set(twice.labels_) == {0, 1, 3, 4}
    split = twice.lineage[twice.lineage["event"] == "split"].iloc[0]
    assert (split["segment"], split["other"], split["n_customers"]) == (4, 1, 50)
    assert len({card.name for card in twice.cards}) == 4
    assert len(twice.lineage) > len(once.lineage)


def test_a_segment_of_customers_from_everywhere_is_born(four):
    labels = np.where(np.arange(len(four)) % 3 > 0, four.labels_, 4)
    crowd = replace(
        four,
        labels_=pd.Series(labels, index=four.labels_.index),
        cards=(*four.cards, replace(four.cards[0], segment=4)),
        _assigner=replace(four._assigner, numbering=np.arange(5)),
    )
    born = carry_on(crowd, four).lineage.set_index("event").loc["born"]
    assert born["segment"] == 4
    assert born["other"] == -1


def test_a_kept_name_whose_risk_is_no_longer_true_is_said(four):
    worse = replace(four, cards=(replace(four.cards[0], risk="high"), *four.cards[1:]))
    drifted = carry_on(worse, four).lineage.set_index("event").loc["drifted"]
    assert drifted["sentence"].endswith(f"its risk is now high, it was {four.cards[0].risk}.")


def test_segmentations_without_a_common_customer_cannot_carry_on(four):
    strangers = replace(four, labels_=four.labels_.rename(lambda name: f"X{name}"))
    with pytest.raises(SegmentationError, match="none of the 220 customers"):
        carry_on(four, strangers)


def test_a_first_segmentation_has_no_lineage(four):
    pd.testing.assert_frame_equal(four.lineage, no_lineage())


def test_lineage_holds_no_customer_id(four):
    assert not carry_on(four, four).lineage["sentence"].str.contains("C0").any()


# Known answer: the same customers, refitted without a tenth of them ------------------------------------------------


CLEAR = ("mean_days_late", "on_time_ratio", "payment_consistency")
"""By these the simulator's four types are four crowds, so that any change of label is the naming's fault."""


def identity_study(n_worlds: int, n_refits: int) -> pd.DataFrame:
    """Share of the customers seen again whose label is the one they had: the model's own, and carried on."""
    rows = []
    for world in range(n_worlds):
        ledger, _ = simulate_ledger(300, seed=5000 + world)
        features = compute_features(ledger, CLEAR)
        first = _raw_labels(features, 0)
        for refit in range(n_refits):
            rng = np.random.default_rng([world, refit])
            part = replace(features, frame=features.frame[rng.random(len(features)) < 0.9], _invoices=None)
            raw = _raw_labels(part, refit + 1)
            matched = Overlap.of(first, raw).matched()
            before = first.reindex(raw.index)
            rows.append({"raw": (raw == before).mean(), "carried on": (raw.map(matched) == before).mean()})
    return pd.DataFrame(rows)


def _raw_labels(features, seed: int) -> pd.Series:
    """Labels as scikit-learn numbers them."""
    _, prepared = prepare(features, CLEAR, 5)
    fit = KMeans(4, n_init=10, random_state=seed).fit(prepared.rows)
    return pd.Series(fit.labels_, index=prepared.index)


def test_a_refit_on_nine_tenths_keeps_the_labels_which_raw_ones_do_not():
    agreement = identity_study(2, 5).mean()
    assert agreement["carried on"] >= 0.99
    assert agreement["raw"] <= 0.75


@pytest.mark.slow
def test_labels_keep_their_meaning_in_400_refits():
    table = identity_study(20, 20)
    print("\n" + table.describe().loc[["count", "mean", "min"]].round(4).to_string())
    assert table["carried on"].mean() >= 0.99
    assert table["raw"].mean() <= 0.6
