from __future__ import annotations

import pandas as pd

from payseg_widgets.segmentation.cards import ACTIONS, letter
from payseg_widgets.segmentation.naming import segment_names


def profile(**effects: float) -> pd.DataFrame:
    return pd.DataFrame({"effect": effects})


def test_risk_and_value_make_the_name():
    assert segment_names(["low", "high"], ["high", "low"], [profile(), profile()], {}) == [
        "Low-Risk High-Value",
        "High-Risk Low-Value",
    ]


def test_without_money_the_name_is_the_risk():
    assert segment_names(["low"], [None], [profile()], {}) == ["Low-Risk"]


def test_segments_that_would_share_a_name_are_set_apart_by_what_is_special():
    profiles = [
        profile(payment_consistency=2.0),
        profile(mean_days_late=1.5),
        profile(payment_consistency=1.0),
    ]
    names = segment_names(["high"] * 3, ["low"] * 3, profiles, {})
    assert names == ["High-Risk Low-Value, erratic", "High-Risk Low-Value, slow", "High-Risk Low-Value 1"]


def test_names_are_unique_even_when_nothing_is_special():
    names = segment_names(["medium"] * 5, ["medium"] * 5, [profile()] * 5, {})
    assert len(set(names)) == 5


def test_every_risk_and_value_has_an_action():
    levels = ("low", "medium", "high")
    assert set(ACTIONS) == {(risk, value) for risk in levels for value in levels}
    assert len(set(ACTIONS.values())) == 9


def test_letters_are_unique():
    assert len({letter(k) for k in range(-1, 800)}) == 801
