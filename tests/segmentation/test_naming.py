from __future__ import annotations

import math

import pandas as pd
import pytest

from payseg_widgets.features.presets import RECOMMENDED, TEN_AR_FEATURES
from payseg_widgets.segmentation.cards import ACTIONS, letter
from payseg_widgets.segmentation.naming import distinctions, in_words, segment_names


def profile(**effects: float) -> pd.DataFrame:
    """A segment on the effect's side of the portfolio's median of 1, not far enough for any plain word."""
    rows = {
        name: row(effect, median=1 + math.copysign(0.1, effect), q25=0.1, q75=9.0)
        for name, effect in effects.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def row(
    effect: float, *, median: float, q25: float, q75: float, portfolio_median: float = 1.0
) -> dict[str, float]:
    return {
        "median": median, "q25": q25, "q75": q75, "portfolio_median": portfolio_median, "effect": effect,
    }  # fmt: skip


def test_risk_and_value_make_the_name():
    assert segment_names(["low", "high"], ["high", "low"], [profile(overdue_ratio=1.0)] * 2, {}) == [
        "Low-Risk High-Value",
        "High-Risk Low-Value",
    ]


def test_without_money_the_name_is_the_risk():
    assert segment_names(["low"], [None], [profile(overdue_ratio=1.0)], {}) == ["Low-Risk"]


def test_segments_that_would_share_a_name_are_set_apart_by_what_is_special():
    profiles = [
        profile(payment_consistency=2.0),
        profile(mean_days_late=1.5),
        profile(payment_consistency=1.0),
    ]
    names = segment_names(["high"] * 3, ["low"] * 3, profiles, {})
    assert names == [
        "High-Risk Low-Value, less steady",
        "High-Risk Low-Value, later",
        "High-Risk Low-Value 1",
    ]


def test_names_are_unique_even_when_nothing_is_special():
    nothing = profile(overdue_ratio=0.1)
    names = segment_names(["medium"] * 5, ["medium"] * 5, [nothing] * 5, {})
    assert len(set(names)) == 5


def test_every_risk_and_value_has_an_action():
    levels = ("low", "medium", "high")
    assert set(ACTIONS) == {(risk, value) for risk in levels for value in levels}
    assert len(set(ACTIONS.values())) == 9


def test_letters_are_unique():
    assert len({letter(k) for k in range(-1, 800)}) == 801


@pytest.mark.parametrize(
    ("feature", "figures", "words"),
    [
        # one in ten later than 30 days is more than most, and not "very late"
        ("late_by_30_ratio", row(0.8, q25=0.02, median=0.1, q75=0.2, portfolio_median=0.03), "more often very late than most"),
        ("late_by_30_ratio", row(5.7, q25=0.8, median=1.0, q75=1.0, portfolio_median=0.03), "mostly very late"),
        ("late_by_30_ratio", row(-0.9, q25=0.0, median=0.0, q75=0.0, portfolio_median=0.03), "never very late"),
        ("late_by_30_ratio", row(-0.9, q25=0.0, median=0.0, q75=0.1, portfolio_median=0.03), "less often very late than most"),
        ("median_days_late", row(2.0, q25=5.0, median=7.0, q75=9.0, portfolio_median=2.0), "later than most"),
        ("median_days_late", row(2.0, q25=55.0, median=70.0, q75=90.0, portfolio_median=2.0), "weeks late"),
        ("days_late_trend", row(-0.6, q25=1.0, median=2.0, q75=4.0, portfolio_median=6.0), "trend better than most"),
        ("days_late_trend", row(-0.6, q25=-9.0, median=-6.0, q75=-3.0, portfolio_median=1.0), "getting faster"),
        ("days_late_trend", row(0.6, q25=-4.0, median=-1.0, q75=0.5, portfolio_median=-3.0), "trend worse than most"),
        ("on_time_ratio", row(-2.0, q25=0.3, median=0.4, q75=0.5, portfolio_median=0.8), "less often on time than most"),
        # the mean is moved by a few; the segment's middle customer is no different
        ("dispute_ratio", row(0.9, q25=0.0, median=0.0, q75=0.1, portfolio_median=0.0), ""),
    ],
)  # fmt: skip
def test_words_say_no_more_than_the_figures_bear_out(feature, figures, words):
    assert in_words(feature, figures, {}) == words


@pytest.mark.parametrize("feature", sorted({*RECOMMENDED, *TEN_AR_FEATURES}))
@pytest.mark.parametrize("effect", [-1.0, 1.0])
def test_opposite_segments_never_share_a_word(feature, effect):
    here, there = profile(**{feature: effect}), profile(**{feature: -effect})
    assert distinctions(here, {}) != distinctions(there, {})
    assert distinctions(here, {})[0].endswith(" than most")
