from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.confidence import LEAST_SURE, Calibration, with_confidence
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.segmentation.store import load_segmentation, save_segmentation
from tests.segmentation.confidence_worlds import NAMES, by_bin, placed_and_true


@pytest.fixture(scope="module")
def sure():
    ledger, _ = simulate_ledger(200, seed=3, world="realistic")
    features = compute_features(ledger, NAMES)
    plain = segment(features, n_segments=4, k_range=(4, 4), compare=False, names=NAMES)
    return features, plain, with_confidence(plain, features)


def test_the_logistic_curve_is_the_textbook_one():
    calibration = Calibration(np.array([1.0, 2.0, 0.0, -1.0]), 100, 0)
    # 1 + 2 * 0.5 - 2 = 0, whose odds are even; 1 + 2 * 0 - 0 = 1
    evidence = np.array([[0.5, 9.0, 2.0], [0.0, 9.0, 0.0]])
    np.testing.assert_allclose(calibration.confidence(evidence), [0.5, 1 / (1 + np.exp(-1))])


def test_whoever_is_not_sure_enough_is_in_no_segment_and_told_why(sure):
    features, plain, made = sure
    before, placed = plain.assign(features), made.assign(features)
    pd.testing.assert_series_equal(placed["likely"], before["segment"], check_names=False)
    unsure = (placed["likely"] >= 0) & (placed["confidence"] < LEAST_SURE)
    assert unsure.any()
    assert (placed.loc[unsure, "segment"] == -1).all()
    assert placed.loc[unsure, "status"].str.startswith("not enough yet: the segment that fits best").all()
    rest = placed[~unsure]
    pd.testing.assert_frame_equal(rest[["segment", "status"]], before.loc[rest.index, ["segment", "status"]])
    assert (placed.loc[placed["likely"] < 0, "confidence"] == 0).all()


def test_no_label_is_given_that_the_model_does_not_have(sure):
    _, plain, made = sure
    strangers = compute_features(simulate_ledger(80, seed=9, world="easy").ledger, NAMES)
    assert set(made.assign(strangers)["segment"]) <= {-1, *plain.labels_}


def test_the_same_table_gives_the_same_confidence_also_from_a_file(sure, tmp_path):
    features, _, made = sure
    first = made.assign(features)
    pd.testing.assert_frame_equal(made.assign(features), first)
    pd.testing.assert_frame_equal(
        load_segmentation(save_segmentation(made, tmp_path)).assign(features), first
    )


def test_a_table_without_invoices_cannot_be_resampled(sure):
    features, plain, made = sure
    bare = replace(features, _invoices=None)
    for ask in (lambda: with_confidence(plain, bare), lambda: made.assign(bare)):
        with pytest.raises(SegmentationError, match="has no invoices to resample"):
            ask()


def test_too_few_long_histories_are_said(sure):
    _, plain, _ = sure
    few = compute_features(simulate_ledger(20, seed=3, invoices_per_year=3).ledger, NAMES)
    with pytest.raises(SegmentationError, match=r"histories could be cut.*Read a longer period"):
        with_confidence(plain, few)


# Known answer: the same strangers with a hundred times as many invoices ---------------------------------------------


def test_what_is_stated_comes_true_and_the_strength_of_membership_does_not():
    placed = pd.concat([placed_and_true(seed) for seed in (1, 2)])
    right = placed["likely"] == placed["true"]
    # 500 customers: two standard errors are 0.04, and customers of one world share a calibration
    assert abs(placed["confidence"].mean() - right.mean()) <= 0.07
    assert placed["probability"].mean() - right.mean() >= 0.1
    halves = placed["confidence"] >= LEAST_SURE
    for part in (halves, ~halves):
        assert abs(placed.loc[part, "confidence"].mean() - right[part].mean()) <= 0.1


@pytest.mark.slow
@pytest.mark.usefixtures("no_gate")
def test_in_400_portfolios_what_is_stated_comes_true_in_every_bin():
    placed = pd.concat([placed_and_true(seed) for seed in range(1000, 1400)])
    table = by_bin(placed)
    print("\n" + table.round(3).to_string())
    assert (table["stated"] - table["actual"]).abs().max() <= 0.05
    assert (table["strength of membership"] - table["actual"]).max() > 0.1
