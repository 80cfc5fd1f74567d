"""What is said of each feature, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from payseg_widgets import FeatureError, UnknownNameError
from payseg_widgets.features.presets import RECOMMENDED, TEN_AR_FEATURES
from payseg_widgets.views.feature_rows import (
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_TEXT,
    checked_names,
    feature_rows,
    feature_twins,
    presets,
    rows_table,
)
from tests.feature_tables import measure, table_of

NAN, INF = float("nan"), float("inf")


def row_of(values, **options):
    [row] = feature_rows(table_of({"m": values}, measure("m", "Measure", **options)))
    return row


def test_a_row_says_what_a_feature_is_and_how_it_is_spread():
    row = row_of([1.0, 2.0, 3.0, 4.0, 5.0, NAN, NAN, NAN], reason="nothing was paid")
    assert (row.label, row.unit, row.kind, row.worse) == ("Measure", "days", "Days", "higher is worse")
    assert row.distribution == "Median 3 days, middle half 2 days to 4 days."
    assert row.missing == "38% missing: nothing was paid"
    assert row.share_missing == 3 / 8
    assert math.isnan(row.reliability)  # no invoices behind the table


def test_money_is_in_the_ledger_s_currency():
    row = row_of([1000.0, 1000.0], unit="money")
    assert row.unit == "GBP"
    assert row.distribution == "All 2 customers with a value have the same. Value: GBP 1,000."


def test_what_is_not_drawn_is_said():
    row = row_of([*range(101), -1e6, 1e9, 1e9, INF, NAN])
    assert "1 below -" in row.distribution
    assert "2 above " in row.distribution
    assert "1 infinite, left out." in row.distribution
    assert row.missing == "under 1% missing: no payment"


@pytest.mark.parametrize(
    ("values", "said", "missing"),
    [
        ([], "There are no customers.", "none missing"),
        ([NAN], "No customer has a value.", "100% missing: no payment"),
        ([7.0], "One customer has a value. Value: 7 days.", "none missing"),
        ([INF, INF], "Every known value is infinite. 2 infinite, left out.", "none missing"),
    ],
)
def test_tables_with_little_in_them_are_described_in_words(values, said, missing):
    row = row_of(values)
    assert (row.distribution, row.missing) == (said, missing)


def test_the_commonest_of_two_reasons_is_named(study):
    table = study.features
    for row, m in zip(feature_rows(table), table.measures, strict=True):
        reasons = table.reasons[m.name]
        given = reasons[reasons != ""].str.removeprefix("not estimable: ").value_counts()
        if len(given):
            assert row.missing.endswith(given.index[0]) or given.iloc[0] == given.iloc[1]
            assert ("mostly: " in row.missing) == (len(given) > 1)
        assert row.reliability == pytest.approx(table.reliability[m.name], nan_ok=True)


def test_text_of_any_length_is_cut():
    long = "x" * 1_000_000
    table = table_of({long: [1.0, 2.0]}, measure(long, long, meaning=long, reason=long))
    [row] = feature_rows(table)
    assert (len(row.name), len(row.label), len(row.meaning)) == (LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT)
    with pytest.raises(UnknownNameError) as raised:
        checked_names(["y" * 1_000_000], table)
    assert len(str(raised.value)) < 1_000


def test_twins_are_found_by_name_in_the_order_of_the_measures():
    x = np.arange(30.0)
    table = table_of({"a": x, "b": np.random.default_rng(0).random(30), "c": -(x**2)})
    [pair] = feature_twins(table)
    assert (pair.first, pair.second, pair.rho) == (0, 2, pytest.approx(-1))


def test_presets_hold_what_the_table_has_and_say_so():
    table = table_of({"outstanding": [1.0], "on_time_ratio": [1.0], "own": [1.0]})
    assert presets(table) == {
        f"Recommended (1 of {len(RECOMMENDED)})": ("on_time_ratio",),
        f"The ten AR features (2 of {len(TEN_AR_FEATURES)})": ("outstanding", "on_time_ratio"),
        "All": ("outstanding", "on_time_ratio", "own"),
    }
    assert list(presets(table_of({"own": [1.0]}))) == ["All"]


@pytest.mark.parametrize(
    ("names", "error", "said"),
    [
        (["late_ration"], UnknownNameError, "Did you mean 'late_ratio'?"),
        ([], FeatureError, "at least one"),
        ("late_ratio", FeatureError, "no list of names"),
        (None, FeatureError, "no list of names"),
        (["late_ratio", "late_ratio"], FeatureError, "twice"),
        ([3], UnknownNameError, "no feature is called 3"),
    ],
)
def test_a_choice_that_cannot_be_is_explained(names, error, said):
    with pytest.raises(error, match=said.replace("?", r"\?")):
        checked_names(names, table_of({"late_ratio": [1.0], "other": [1.0]}))


def test_the_table_to_print_has_the_chosen_first():
    rows = feature_rows(table_of({"a": [1.0], "b": [1.0]}))
    table = rows_table(rows, [False, True])
    assert table["feature"].tolist() == ["b", "a"]
    assert table["chosen"].tolist() == ["yes", "no"]
