from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.features.measure import MEASURES
from payseg_widgets.segmentation.rules import MOST_CONDITIONS, Condition, Rule, learn_rule

numbers = st.integers(-(10**7), 10**7).map(lambda i: i / 1000) | st.sampled_from([0.0, 1.0, np.nan])


def crowd(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {"days": rng.uniform(0, 100, n), "share": rng.uniform(size=n), "noise": rng.normal(size=n)}
    )


def test_a_box_in_two_features_is_found_with_round_bounds():
    frame = crowd()
    is_in = ((frame["days"] > 30) & (frame["share"] <= 0.5)).to_numpy()
    rule = learn_rule(frame, is_in)
    assert rule.features == {"days", "share"}
    bounds = {condition.feature: condition.value for condition in rule.conditions}
    assert bounds == {"days": pytest.approx(30, abs=1), "share": pytest.approx(0.5, abs=0.02)}
    assert (rule.picks(frame) == is_in).mean() > 0.98


def test_a_band_of_one_feature_takes_two_conditions():
    frame = crowd()
    rule = learn_rule(frame, frame["days"].between(40, 60).to_numpy())
    assert {(c.feature, c.operator) for c in rule.conditions} == {("days", ">"), ("days", "<=")}


def test_one_condition_is_enough_where_it_says_all():
    frame = crowd()
    assert len(learn_rule(frame, (frame["days"] > 70).to_numpy()).conditions) == 1


def test_a_value_that_many_share_can_be_told_from_both_sides():
    frame = pd.DataFrame({"share": np.repeat([0.0, 0.25, 0.5], [60, 60, 60])})
    for value, operator in ((0.0, "<="), (0.5, ">")):
        rule = learn_rule(frame, (frame["share"] == value).to_numpy())
        assert [condition.operator for condition in rule.conditions] == [operator]
        assert (rule.picks(frame) == (frame["share"] == value)).all()


def test_features_that_are_the_same_for_all_give_no_condition():
    frame = pd.DataFrame({"days": np.ones(20), "share": np.nan})
    assert learn_rule(frame, np.arange(20) < 10) == Rule(())


def test_a_missing_value_fails_every_condition():
    frame = pd.DataFrame({"days": [np.nan, 1.0]})
    for operator in (">", "<="):
        assert not Rule((Condition("days", operator, -5.0 if operator == ">" else 5.0),)).picks(frame)[0]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 60).flatmap(
        lambda n: st.tuples(
            st.lists(numbers, min_size=n, max_size=n),
            st.lists(numbers, min_size=n, max_size=n),
            st.lists(st.booleans(), min_size=n, max_size=n).filter(any),
        )
    )
)
def test_a_rule_is_short_follows_the_customers_and_is_scored_as_printed(drawn):
    a, b, group = drawn
    frame, is_in = pd.DataFrame({"mean_days_late": a, "days_late_trend": b}), np.array(group)
    rule = learn_rule(frame, is_in)
    assert len(rule.conditions) <= MOST_CONDITIONS
    assert len({(c.feature, c.operator) for c in rule.conditions}) == len(rule.conditions)
    order = np.random.default_rng(0).permutation(len(frame))
    assert learn_rule(frame.iloc[order], is_in[order]) == rule
    words = rule.in_words(MEASURES.values()).replace(",", "")
    for condition in rule.conditions:
        printed = [float(word) for word in words.split() if word.lstrip("-").replace(".", "").isdigit()]
        assert any(value == pytest.approx(condition.value, rel=1e-11) for value in printed)


def test_nothing_is_said_of_less_than_nothing():
    rule = Rule((Condition("dispute_ratio", "<=", 0.0), Condition("mean_days_late", "<=", 0.0)))
    assert rule.in_words(MEASURES.values()) == (
        "disputed invoices exactly 0 %, and mean days late at most 0 days"
    )
