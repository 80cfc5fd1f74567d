"""What selected customers have in common: by hand, by brute force over all pairs, and by scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from payseg_widgets import SelectionError
from payseg_widgets.features.measure import Measure
from payseg_widgets.views.contrast import (
    cliffs_delta,
    describe_selection,
    selection_money,
    selection_sentence,
    size_of,
)

VALUES = st.lists(st.integers(-5, 5) | st.floats(-1e6, 1e6), min_size=2, max_size=25).map(
    lambda values: np.array(values, dtype=float)
)


def measure(name, label, unit="days"):
    return Measure(name, label, unit, "higher", False, lambda invoices: invoices, "")


DELAY = measure("mean_days_late", "Mean days late")
SHARE = measure("late_ratio", "Paid late", "ratio")
NOISE = measure("n_invoices", "Invoices", "count")


@pytest.fixture
def table():
    """Twenty customers: the first eight are late and owe a third of the money."""
    late = np.arange(20) < 8
    return pd.DataFrame(
        {
            "mean_days_late": np.where(late, 30.0, 9.0) + np.arange(20) % 3,
            "late_ratio": np.where(late, 0.9, 0.1),
            "n_invoices": [5.0, 6, 7, 8] * 5,
            "total_invoiced": np.where(late, 100.0, 50.0),
            "outstanding": np.where(late, 30.0, 40.0),
            "overdue": 0.0,
        },
        index=pd.Index([f"C{i}" for i in range(20)], name="customer_id"),
    )


LATE = np.arange(20) < 8


def test_the_published_example_gives_its_published_figures():
    """Hogarty and Kromrey (1999), Using SAS to calculate tests of Cliff's delta; the interval as R's effsize prints it."""
    treatment = np.array([10, 10, 20, 20, 20, 30, 30, 30, 40, 50], dtype=float)
    control = np.array([10, 20, 30, 40, 40, 50], dtype=float)
    found = cliffs_delta(treatment, control)
    assert found.delta == pytest.approx(-0.25)
    assert (found.conf_low, found.conf_high) == pytest.approx((-0.7265846, 0.3890062), abs=1e-7)


def test_delta_counts_pairs_above_less_pairs_below():
    assert cliffs_delta(np.array([1.0, 2.0, 3.0]), np.array([0.0, 0.0, 2.0])).delta == pytest.approx(
        (7 - 1) / 9
    )


@given(VALUES, VALUES)
def test_delta_is_that_of_scipy_s_rank_test(first, second):
    u = stats.mannwhitneyu(first, second, method="asymptotic").statistic
    assert cliffs_delta(first, second).delta == pytest.approx(
        2 * u / (len(first) * len(second)) - 1, abs=1e-12
    )


@given(VALUES, VALUES)
def test_the_interval_is_the_formula_written_out_over_all_pairs(first, second):
    above = np.sign(first[:, None] - second[None, :])
    (n, m), d = above.shape, above.mean()
    rows, columns = above.mean(axis=1), above.mean(axis=0)
    variance = (
        m**2 * ((rows - d) ** 2).sum() + n**2 * ((columns - d) ** 2).sum() - ((above - d) ** 2).sum()
    ) / (n * m * (n - 1) * (m - 1))
    variance = max(variance, (1 - d**2) / (n * m - 1))
    z = stats.t.ppf(0.975, n + m - 2)
    found = cliffs_delta(first, second)
    assert -1 <= found.conf_low <= found.delta + 1e-12
    assert found.delta - 1e-12 <= found.conf_high <= 1
    if abs(d) < 1 - 1e-12:
        reach = z * np.sqrt(variance) * np.sqrt((1 - d**2) ** 2 + z**2 * variance)
        wanted = np.array([d - d**3 - reach, d - d**3 + reach]) / (1 - d**2 + z**2 * variance)
        np.testing.assert_allclose([found.conf_low, found.conf_high], wanted, atol=1e-9)


def test_the_interval_holds_the_true_delta_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    true = 2 * stats.norm.cdf(0.8 / np.sqrt(2)) - 1  # of two normals 0.8 apart
    held = [
        (e := cliffs_delta(rng.normal(0.8, 1, 20), rng.normal(0, 1, 30))).conf_low <= true <= e.conf_high
        for _ in range(1_500)
    ]
    assert 0.93 <= np.mean(held) <= 0.975


def test_groups_that_do_not_overlap_are_bounded_by_the_smaller():
    found = cliffs_delta(np.arange(10.0, 20.0), np.arange(10.0))
    z2 = stats.t.ppf(0.975, 18) ** 2
    assert (found.delta, found.conf_low, found.conf_high) == pytest.approx((1, (10 - z2) / (10 + z2), 1))
    mirrored = cliffs_delta(np.arange(10.0), np.arange(10.0, 20.0))
    assert (mirrored.conf_low, mirrored.conf_high) == pytest.approx((-1, -found.conf_low))


def test_nobody_gives_no_effect_and_one_gives_no_interval():
    nobody = cliffs_delta(np.array([]), np.array([1.0]))
    assert np.isnan([nobody.delta, nobody.conf_low, nobody.conf_high]).all()
    one = cliffs_delta(np.array([2.0]), np.array([1.0, 3.0, 0.0]))
    assert one.delta == pytest.approx(1 / 3)
    assert np.isnan([one.conf_low, one.conf_high]).all()


def test_the_words_for_effects_are_those_of_romano():
    words = [size_of(e) for e in (0.1, -0.146, 0.147, -0.32, 0.33, 0.473, -0.474, 1.0, np.nan)]
    assert words == ["negligible"] * 2 + ["small"] * 2 + ["medium"] * 2 + ["large"] * 2 + [""]


def test_medians_counts_and_order_are_those_found_by_hand(table):
    table.loc["C0", "late_ratio"] = np.nan
    described = describe_selection(table, LATE, [NOISE, DELAY, SHARE])
    assert described.index.tolist()[2] == "n_invoices"
    row = described.loc["late_ratio"]
    assert (row["median_selected"], row["median_rest"], row["effect"], row["size"]) == (
        0.9,
        0.1,
        1.0,
        "large",
    )
    assert (row["n_selected"], row["n_rest"]) == (7, 12)
    delay = described.loc["mean_days_late"]
    assert delay["median_selected"] == np.median([30, 31, 32, 30, 31, 32, 30, 31])
    assert described.loc["n_invoices", "effect"] == 0


def test_the_order_of_customers_and_the_kind_of_mask_change_nothing(table):
    mask = pd.Series(LATE, index=table.index)
    order = np.random.default_rng(0).permutation(20)
    pd.testing.assert_frame_equal(
        describe_selection(table, LATE, [NOISE, DELAY]),
        describe_selection(table.iloc[order], mask.iloc[order], [NOISE, DELAY]),
    )


def test_a_measure_nobody_has_comes_last_without_an_effect(table):
    described = describe_selection(table.assign(late_ratio=np.nan), LATE, [SHARE, NOISE])
    assert described.index.tolist() == ["n_invoices", "late_ratio"]
    assert np.isnan(described.loc["late_ratio", "effect"])


def test_the_money_is_summed_and_shared(table):
    money = selection_money(table, LATE)
    assert money.loc["invoiced"].tolist() == pytest.approx([800, 1400, 800 / 1400])
    assert money.loc["outstanding"].tolist() == pytest.approx([240, 720, 1 / 3])
    assert money.loc["overdue", ["selected", "total"]].tolist() == [0, 0]
    assert np.isnan(money.loc["overdue", "share"])
    assert selection_money(table[["late_ratio"]], LATE).empty


def say(table, chosen, measures, **options):
    return selection_sentence(describe_selection(table, chosen, measures), chosen, **options)


def test_the_sentence_says_plainly_how_many_days_and_in_what_else(table):
    assert say(table, LATE, [DELAY, SHARE, NOISE]) == (
        "The 8 selected customers pay 21 days later than the rest (large); "
        "lie higher in “Paid late”: median 90% against 10% (large)."
    )
    assert "pay 21 days earlier than the rest" in say(table, ~LATE, [DELAY])


def test_a_measure_the_selection_was_made_on_is_no_finding(table):
    assert say(table, LATE, [DELAY, SHARE], made_on={"late_ratio"}) == (
        "The 8 selected customers pay 21 days later than the rest (large). "
        "Circular: they were selected by “Paid late”, so that a difference there is no finding."
    )
    both = say(table, LATE, [DELAY, SHARE], made_on={"late_ratio", "mean_days_late"})
    assert both.startswith(
        "The 8 selected customers differ clearly from the rest in nothing else. Circular: "
    )


def test_too_few_everybody_and_nobody_are_said(table):
    assert say(table, LATE, [NOISE]) == "The 8 selected customers differ clearly from the rest in nothing."
    assert "Caution: only 2 selected" in say(table, np.arange(20) < 2, [DELAY])
    assert "Caution: only 3 not selected" in say(table, np.arange(20) < 17, [DELAY])
    assert say(table, np.arange(20) < 1, [DELAY]).startswith("The selected customer differs clearly")
    assert say(table, np.ones(20, bool), [DELAY]).startswith("All 20 customers are selected")
    assert say(table, np.zeros(20, bool), [DELAY]).startswith("No customer is selected")


def test_a_mask_of_another_table_is_refused(table):
    for wrong in (LATE[:5], LATE.astype(int), pd.Series(LATE, index=table.index[::-1])):
        with pytest.raises(SelectionError, match="is_selected"):
            describe_selection(table, wrong, [DELAY])
    with pytest.raises(SelectionError, match="no column for gone"):
        describe_selection(table, LATE, [measure("gone", "Gone")])
