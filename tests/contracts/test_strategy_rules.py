"""What every rule must keep, and every order of rules a policy may have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.errors import StrategyError
from payseg_widgets.strategy.actions import ACTIONS, SCOPES
from payseg_widgets.strategy.decide import decide
from payseg_widgets.strategy.policy import PolicyRule, RuleList, actions_of, default_policy
from payseg_widgets.strategy.rule import RULES, condition
from payseg_widgets.strategy.signals import LEVELS, SIGNALS

RISKS = [name for name, signal in SIGNALS.items() if signal.is_risk]


def values(signal):
    if signal.is_level:
        return st.sampled_from([0.0, 1.0, 2.0])
    most = min(signal.most, 400.0)
    return st.sampled_from([0.0, 0.1, 0.5, 1.0]) | st.floats(0, most) if most <= 1 else st.floats(0, most)


@st.composite
def cases_with_more_risk(draw):
    """A case, and one with as much at stake and no less risk."""
    case = {name: draw(values(signal)) for name, signal in SIGNALS.items()}
    more = {name: max(case[name], draw(values(SIGNALS[name]))) for name in RISKS}
    for name in draw(st.sets(st.sampled_from(sorted(SIGNALS)))):  # unknown in both
        case[name] = more[name] = float("nan")
    return pd.DataFrame([case, case | more])


@st.composite
def policies(draw, scope):
    """Any rules in any order with any thresholds and actions, if they are taken."""
    names = [name for name, rule in RULES.items() if scope in rule.scopes]
    actions = st.sampled_from([action.name for action in actions_of(scope)])
    entries = []
    for name in draw(st.lists(st.sampled_from(names), unique=True, max_size=4)):
        thresholds = {}
        for key in RULES[name].thresholds:
            signal = condition(key)[1]
            level = st.sampled_from(LEVELS)
            thresholds[key] = draw(level if signal.is_level else st.floats(0, min(signal.most, 100)))
        entries.append(PolicyRule(name, draw(actions), thresholds))
    minutes = {action.name: 1.0 for action in actions_of(scope)}
    try:
        return RuleList(scope, tuple(entries), draw(actions), minutes)
    except StrategyError:
        return None


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_explains_itself_with_every_threshold(name):
    rule = RULES[name]
    assert rule.meaning.endswith(".")
    assert len(set(rule.inputs)) == len(rule.inputs)
    at = {condition(key)[1].name: condition(key)[1].code(value) for key, value in rule.thresholds.items()}
    why = rule.why(at, rule.thresholds, "1")
    assert why.count("=") == len(rule.thresholds)
    assert all(SIGNALS[signal].label in why for signal in rule.inputs)


@pytest.mark.parametrize("name", sorted(RULES))
@settings(max_examples=25)
@given(cases=cases_with_more_risk())
def test_more_risk_brings_a_case_under_a_rule_or_out_of_it_as_the_rule_declares(name, cases):
    before, after = RULES[name].applies(cases, RULES[name].thresholds)
    assert before <= after if RULES[name].direction == "up" else before >= after


@pytest.mark.parametrize("name", sorted(RULES))
def test_what_is_not_known_brings_no_case_under_a_rule(name):
    unknown = pd.DataFrame([dict.fromkeys(SIGNALS, np.nan)])
    assert not RULES[name].applies(unknown, RULES[name].thresholds).any()


@pytest.mark.parametrize("scope", SCOPES)
@settings(max_examples=150)
@given(data=st.data())
def test_every_case_gets_one_action_and_more_risk_never_a_milder_one(scope, data):
    rules = default_policy().rules_of(scope) if data.draw(st.booleans()) else data.draw(policies(scope))
    cases = data.draw(cases_with_more_risk())
    if rules is None:
        return
    chosen = decide(cases, rules, ["1", "1"])
    assert chosen.notna().all(axis=None)
    before, after = (ACTIONS[name].severity for name in chosen["action"])
    assert before <= after


@pytest.mark.parametrize("scope", SCOPES)
@settings(max_examples=50)
@given(data=st.data())
def test_the_rule_that_is_named_is_the_first_that_applies(scope, data):
    rules, cases = default_policy().rules_of(scope), data.draw(cases_with_more_risk())
    for row, told in enumerate(decide(cases, rules, ["1", "1"]).itertuples()):
        case = cases.iloc[[row]]
        kept = [e for e in rules.rules if e.rule.applies(case, e.thresholds)[0]]
        expected = (kept[0].name, kept[0].action) if kept else ("otherwise", rules.otherwise)
        assert (told.rule, told.action) == expected


def test_an_overdue_invoice_is_never_reminded_before_it_is_due():
    cases = pd.DataFrame([dict.fromkeys(SIGNALS, 0.0) | {"days_past_due": 1.0, "late_probability": 0.6}])
    for scope in SCOPES:
        assert decide(cases, default_policy().rules_of(scope))["action"].tolist() == ["automated_reminders"]


def test_each_rule_has_a_place_in_the_default_policy():
    used = {rule.name for scope in SCOPES for rule in default_policy().rules_of(scope).rules}
    assert used == set(RULES)
    chosen = {action for scope in SCOPES for action in default_policy().rules_of(scope).actions}
    assert chosen == set(ACTIONS)
