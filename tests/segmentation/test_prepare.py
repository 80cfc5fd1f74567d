from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.gaps import GapFiller
from payseg_widgets.segmentation.prepare import prepare


def frame_of(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    days = rng.normal(10, 5, size=n)
    shares = rng.dirichlet([2, 1, 1], size=n)
    return pd.DataFrame(
        {
            "days": days,
            "twin": days * 2 + 1,
            "same": 3.0,
            "a": shares[:, 0],
            "b": shares[:, 1],
            "c": shares[:, 2],
        },
        index=[f"K{i:02d}" for i in range(n)],
    )


UNITS = {
    "days": ("days", "higher", ""), "twin": ("days", "higher", ""), "same": ("index", "", ""),
    "a": ("ratio", "", "ageing"), "b": ("ratio", "", "ageing"), "c": ("ratio", "", "ageing"),
}  # fmt: skip


def test_constant_and_repeated_features_are_dropped_and_said(table_of):
    preparation, prepared = prepare(table_of(frame_of(), UNITS), tuple(UNITS), 5)
    assert preparation.columns == ("days", "ageing log-ratio 1", "ageing log-ratio 2")
    assert prepared.rows.shape == (60, 3)
    assert any("twin was left out: it says the same as days" in note for note in preparation.notes)
    assert any(note.startswith("same left out") for note in preparation.notes)
    assert any("ageing (a, b, c) is a composition" in note for note in preparation.notes)


def test_another_table_is_prepared_by_what_was_learnt_from_the_first(table_of):
    features = table_of(frame_of(), UNITS)
    preparation, prepared = prepare(features, tuple(UNITS), 5)
    few = table_of(frame_of().iloc[7:9], UNITS)
    np.testing.assert_allclose(preparation.transform(few).rows, prepared.rows[7:9])


def test_features_that_tell_nobody_apart_are_an_error(table_of):
    with pytest.raises(SegmentationError, match="no feature tells customers apart"):
        prepare(table_of(frame_of(), UNITS), ("same",), 5)


def test_gaps_are_filled_by_what_the_other_features_predict():
    x = np.random.default_rng(1).normal(size=500)
    rows = np.column_stack([x, x])
    rows[:50, 1] = np.nan
    filled = GapFiller.fit(rows).fill(rows)
    assert np.corrcoef(filled[:50, 1], x[:50])[0, 1] > 0.999
    np.testing.assert_allclose(filled[:50, 1], x[:50], atol=0.2)
    np.testing.assert_array_equal(filled[50:], rows[50:])


def test_a_customer_of_whom_nothing_is_known_is_put_in_the_middle():
    rows = np.array([[1.0, 2.0], [-1.0, 0.5], [np.nan, np.nan]])
    np.testing.assert_array_equal(GapFiller.fit(rows).fill(rows)[2], [0, 0])


def test_values_of_few_observations_are_pulled_in_and_it_is_said():
    features = compute_features(simulate_ledger(80, seed=2).ledger)
    names = ("median_days_late", "on_time_ratio", "payment_consistency")
    preparation, prepared = prepare(features, names, 5)
    assert any("counts half at this many observations" in note for note in preparation.notes)
    np.testing.assert_allclose(preparation.transform(features).rows, prepared.rows)
