from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import Cancelled, SegmentationError, UnknownNameError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.segment import segment, segment_unchecked

NAMES = ["mean_days_late", "on_time_ratio", "payment_consistency", "total_invoiced"]


@pytest.fixture(scope="module")
def four(four_kinds):
    return segment(four_kinds[0], names=NAMES)


@pytest.fixture(scope="module")
def easy():
    ledger, truth = simulate_ledger(300, seed=11, world="easy")
    features = compute_features(ledger)
    return features, truth.customers.set_index("customer_id")["segment"].reindex(features.frame.index)


# the gap statistic alone lets Ward split the chronic payers into those who pay in the end and those who never do
@pytest.fixture(scope="module", params=[("kmeans", None), ("gaussian_mixture", None), ("hierarchical", 4)])
def easy_segments(request, easy):
    model, n_segments = request.param
    return segment(easy[0], model, n_segments, compare=False)


def test_the_easy_world_is_recovered(easy, easy_segments):
    assert adjusted_rand_score(easy[1], easy_segments.labels_) >= 0.9
    assert easy_segments.quality["structure"] == "segments"


def test_segments_of_the_easy_world_are_numbered_from_least_to_most_risky(easy, easy_segments):
    usual = easy[1].groupby(easy_segments.labels_).agg(lambda kinds: kinds.mode()[0])
    assert usual[usual.index >= 0].is_monotonic_increasing


def test_a_world_without_structure_is_not_presented_as_segments():
    ledger, _ = simulate_ledger(300, seed=4, world="structureless")
    result = segment(compute_features(ledger), compare=False)
    assert result.quality["structure"] in ("continuum", "no structure")
    assert result.quality["structure_sentence"] in result.notes
    assert "not kinds of customer" in result.quality["structure_sentence"]


def test_the_attempts_on_one_crowd_say_so_for_every_model(one_crowd):
    result = segment(one_crowd, names=NAMES)
    assert result.quality["structure"] != "segments"
    found = result.attempts[result.attempts["n_segments"] >= 2]
    assert found["account"].str.contains("no kinds of customer").all()


def test_planted_kinds_are_found_in_order_of_risk(four_kinds, four):
    np.testing.assert_array_equal(four.labels_, four_kinds[1])
    assert [card.segment for card in four.cards] == [0, 1, 2, 3]
    assert [card.letter for card in four.cards] == list("ABCD")


def test_rows_in_another_order_give_each_customer_the_same_segment(four_kinds, four):
    features, _ = four_kinds
    shuffled = replace(features, frame=features.frame.sample(frac=1, random_state=2))
    again = segment(shuffled, names=NAMES, compare=False)
    pd.testing.assert_series_equal(again.labels_, four.labels_)
    pd.testing.assert_series_equal(again.probabilities_, four.probabilities_)


def test_the_number_asked_for_is_given_and_the_criteria_still_speak(four_kinds):
    result = segment(four_kinds[0], n_segments=3, names=NAMES, compare=False)
    assert result.n_segments == 3
    assert result.criteria.index[result.criteria["chosen"]].tolist() == [3]
    assert "as asked for" in result.why_k
    assert "4 segments" in result.why_k


def test_the_criteria_are_shown_together(four):
    assert {"inertia", "silhouette", "gap", "stability", "chosen"} <= set(four.criteria)
    assert four.criteria.index.tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert four.criteria["chosen"].sum() == 1


def test_every_model_is_tried_and_accounted_for(four):
    assert set(four.attempts["model"]) == set(MODELS)
    assert four.attempts["model"].iloc[0] == "kmeans"
    assert (four.attempts["account"].str.len() > 80).all()
    assert four.attempts["account"].is_unique


def test_comparison_can_be_left_out(four_kinds):
    result = segment(four_kinds[0], names=NAMES, compare=False)
    assert result.attempts.empty
    assert "account" in result.attempts


def test_quality_reports_stability_of_each_segment(four):
    stability = four.quality["stability_by_segment"]
    assert stability.index.tolist() == [0, 1, 2, 3]
    assert stability.between(0.95, 1).all()
    assert four.quality["stability"] == pytest.approx(stability.mean())


def test_customers_with_too_few_invoices_are_left_out_and_said(four_kinds):
    features, _ = four_kinds
    frame = features.frame.copy()
    frame.iloc[:3, frame.columns.get_loc("n_invoices")] = 2
    result = segment(replace(features, frame=frame), names=NAMES, compare=False)
    assert (result.labels_.iloc[:3] == -1).all()
    assert (result.probabilities_.iloc[:3] == 0).all()
    assert (result.labels_.iloc[3:] >= 0).all()
    assert any(note.startswith("3 of 220 customers were left out") for note in result.notes)
    assert result.cards[-1].segment == -1
    assert result.cards[-1].n_customers == 3


def test_assigning_the_same_table_gives_the_same_segments(four_kinds, four):
    placed = four.assign(four_kinds[0])
    pd.testing.assert_series_equal(placed["segment"], four.labels_)
    assert (placed["status"] == "assigned").all()


def test_new_customers_are_placed_even_with_gaps(table_of, four):
    new = pd.DataFrame(
        [
            [-4, 0.95, 2, 9e5, 12], [70, np.nan, 15, 2e4, 12], [3, 0.9, 2, 1e5, 2],
            [np.nan, np.nan, np.nan, 1e5, 30],
        ],
        index=["N1", "N2", "N3", "N4"], columns=[*NAMES, "n_invoices"], dtype=float,
    )  # fmt: skip
    placed = four.assign(table_of(new))
    assert placed["segment"].tolist() == [0, 3, -1, -1]
    assert placed["status"].tolist()[:3] == ["assigned", "assigned", "not enough yet: 2 invoices, 5 needed"]
    assert placed["status"].iloc[3] == "not enough yet: 3 of 4 features cannot be told"
    assert placed["probability"].between(0, 1).all()


def test_nobody_to_place_is_an_empty_table(four_kinds, four):
    features, _ = four_kinds
    assert four.assign(replace(features, frame=features.frame.iloc[:0])).empty


def test_assigning_without_a_feature_names_it(four_kinds, four):
    features, _ = four_kinds
    with pytest.raises(SegmentationError, match="no 'on_time_ratio'"):
        four.assign(replace(features, frame=features.frame.drop(columns="on_time_ratio")))


def test_progress_goes_through_every_stage(four_kinds):
    told = []
    segment(four_kinds[0], names=NAMES, compare=False, progress=lambda *step: told.append(step))
    assert [stage for stage, _, _ in told[:-1]] == [
        "prepare",
        "choose",
        "fit",
        "structure",
        "compare",
        "describe",
    ]
    assert told[-1] == ("describe", 6, 6)


def test_it_stops_when_asked_and_says_what_was_finished(four_kinds):
    cancel = threading.Event()

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "structure":
            cancel.set()

    with pytest.raises(Cancelled, match="prepare, choose, fit") as caught:
        segment(four_kinds[0], names=NAMES, progress=stop, cancel=cancel)
    assert caught.value.finished == ("prepare", "choose", "fit")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_segments": 500}, "500 segments were asked for, but only 220"),
        ({"k_range": (5, 3)}, r"k_range=\(5, 3\)"),
        ({"names": []}, "at least one feature"),
        ({"names": ["on_time"]}, "no 'on_time'"),
        ({"min_invoices": 100}, "none of the 220 customers"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_next_step(four_kinds, options, message):
    with pytest.raises(SegmentationError, match=message):
        segment(four_kinds[0], **{"names": NAMES, **options})


def test_an_unknown_model_suggests_one(four_kinds):
    with pytest.raises(UnknownNameError, match="kmeans"):
        segment(four_kinds[0], "kmean", names=NAMES)


def test_a_handful_of_customers_is_still_segmented(four_kinds):
    features, _ = four_kinds
    result = segment(replace(features, frame=features.frame.iloc[:8]), names=NAMES)
    assert result.n_segments >= 2
    assert result.quality["structure"] == "no structure"


def test_reprs_are_short_and_hold_no_ids(four):
    for thing in (four, four._assigner, four._assigner.preparation, four._assigner.fitted):
        assert len(repr(thing)) <= 110
        assert "C0" not in repr(thing)


@pytest.mark.parametrize("model", ["kmeans", "kmedoids"])
def test_without_the_question_whether_there_are_segments_labels_are_the_same(easy, model):
    checked = segment(easy[0], model, seed=3, compare=False)
    unchecked = segment_unchecked(easy[0], model, seed=3)
    assert unchecked.labels_.equals(checked.labels_)
    assert unchecked.n_segments == checked.n_segments
    assert unchecked.gate is None
    assert checked.gate is not None


def test_two_customers_are_segmented_and_a_model_that_cannot_be_fitted_says_so():
    ledger, _ = simulate_ledger(2, seed=1)
    made = segment(compute_features(ledger), n_segments=2)
    told = made.attempts.set_index("model").loc["bayesian_mixture"]
    assert told["n_segments"] == 0
    assert "cannot be fitted to 2 customers" in told["account"]
