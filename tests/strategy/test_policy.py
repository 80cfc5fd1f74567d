"""A policy as a file: read back as written, refused with the line and the next step."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets import default_policy, parse_policy, read_policy
from payseg_widgets.errors import StrategyError, UnknownNameError
from payseg_widgets.strategy import policy as policy_module

TEXT = default_policy().to_yaml()


def line_of(part: str, text: str = TEXT) -> int:
    """Return the line a part of a text begins on, from 1."""
    return text[: text.index(part)].count("\n") + 1


def test_the_default_file_is_what_the_policy_writes():
    file = Path(policy_module.__file__).with_name("policy.yaml")
    assert file.read_text(encoding="utf-8") == TEXT


@settings(max_examples=30)
@given(st.floats(0, 1), st.floats(0, 3650), st.sampled_from(["low", "medium", "high"]))
def test_a_policy_is_read_back_as_it_was_written(share, days, level):
    policy = (
        default_policy()
        .changed("customers", "unlikely_to_pay", min_loss_ratio=share, min_days_overdue=days)
        .changed("customers", "risky_and_valued", min_value=level)
    )
    assert parse_policy(policy.to_yaml()) == policy


def test_segments_whose_risk_is_set_are_read_back():
    text = TEXT.replace("segment_risk: {}", "segment_risk: {N: high, –: low}")
    policy = parse_policy(text)
    assert policy.segment_risk == {"N": "high", "–": "low"}
    assert parse_policy(policy.to_yaml()) == policy


def test_thresholds_that_are_left_out_are_those_of_the_rule():
    text = TEXT.replace("      min_loss_ratio: 0.5\n", "")
    assert parse_policy(text) == default_policy()


WRONG = [
    ("min_loss_ratio: 0.5", "min_loss_ratio: 1.5", "1.5 is no number from 0 to 1"),
    ("min_loss_ratio: 0.5", "min_loss_ratio: yes", "True is no number"),
    ("min_loss_ratio: 0.5", "min_loss_ratio: .nan", "nan is no number"),
    ("min_loss_ratio: 0.5", "min_los_ratio: 0.5", "'min_los_ratio' is unknown here. Did you mean 'min_loss_ratio'"),
    ("min_loss_ratio: 0.5", "min_loss_ratio: [0.5]", "a single value is expected, not a sequence"),
    ("rule: often_late", "rule: often_lat", "no rule is called 'often_lat'. Did you mean 'often_late'"),
    ("action: prepayment", "action: prepay", "no action for customers is called 'prepay'. Did you mean 'prepayment'"),
    ("min_segment_risk: high", "min_segment_risk: hgh", "'hgh' is no level. Did you mean 'high'"),
    ("loss_days: 180", "loss_days: 0", "is no whole number of days"),
    ("loss_days: 180", "loss_day: 180", "'loss_day' is unknown here. Did you mean 'loss_days'"),
    ("value: {high: 0.8, medium: 0.5}", "value: {high: 0.5, medium: 0.5}", "high must be the larger"),
    ("value: {high: 0.8, medium: 0.5}", "value: high", "stands where names with values are expected"),
    ("value: {high: 0.8, medium: 0.5}", "value: {high: 0.8, high: 0.9, medium: 0.5}", "'high' is there twice"),
    ("    prepayment: 20", "    prepayment: -1", "-1 is no number from 0 to 10000"),
    ("    prepayment: 20", "    prepayment: 20: 3", "this is not YAML"),
    ("segment_risk: {}", "segment_risk: {[a]: high}", "a name is expected before the colon, not a sequence"),
    ("segment_risk: {}", "segment_risk: [a]", "a sequence stands where names with values are expected"),
    ("loss_days: 180", "loss_days: !foo 3", "'3' cannot be read (could not determine a constructor"),
    ("loss_days: 180", "loss_days: 2024-13-45", "'2024-13-45' cannot be read (month must be in 1..12"),
    ("loss_days: 180", "loss_days: !!int abc", "'abc' cannot be read"),
    ("loss_days: 180", "loss_days: !!bool abc", "'abc' cannot be read"),
    ("rule: often_late", "rule: !!binary AAAA", "no rule is called"),
    ("rule: often_late", "rule: [x]", "a single value is expected, not a sequence"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "message"), WRONG, ids=[wrong for _, wrong, _ in WRONG])
def test_a_mistake_is_told_with_its_line_and_value(right, wrong, message):
    text = TEXT.replace(right, wrong, 1)
    with pytest.raises(StrategyError) as refused:
        parse_policy(text, "mine.yaml")
    assert str(refused.value).startswith(f"mine.yaml, line {line_of(wrong, text)}: ")
    assert message in str(refused.value)


PLACES = (
    "loss_days: 180",
    "{high: 0.8, medium: 0.5}",
    "segment_risk: {}",
    "0.25",
    "prepayment",
    "customers:",
    "- rule: past_due",
)


@settings(max_examples=150)
@given(
    st.sampled_from(PLACES), st.booleans(),
    st.text(max_size=12) | st.text(alphabet="{}[]!&*:- #\n\"'|>%@,?~<=.0129aexy", max_size=12),
)  # fmt: skip
def test_whatever_is_typed_is_a_policy_or_told_as_a_mistake(place, beside, typed):
    text = TEXT.replace(place, f"{place} {typed}" if beside else typed, 1)
    for written in (text, typed):
        with suppress(StrategyError, UnknownNameError):
            parse_policy(written)


def test_a_rule_that_is_there_twice_is_refused():
    text = TEXT.replace("rule: often_late", "rule: sometimes_late", 1)
    with pytest.raises(StrategyError, match=r"line \d+: rule 'sometimes_late' is there twice; leave one out"):
        parse_policy(text)


def test_a_rule_for_invoices_is_refused_among_those_for_customers():
    old = "- rule: long_overdue\n      action: restrict_exposure\n      min_days_overdue: 60\n      min_overdue_rank: 0.25"
    text = TEXT.replace(old, "- rule: overdue_of_risky\n      action: restrict_exposure", 1)
    with pytest.raises(
        StrategyError, match=f"line {line_of('- rule: overdue_of', text)}: rule .* is for invoices alone"
    ):
        parse_policy(text)


def test_what_is_missing_is_named():
    with pytest.raises(StrategyError, match="'loss_days' is missing; add it"):
        parse_policy(TEXT.replace("loss_days: 180", ""))
    with pytest.raises(StrategyError, match="policy is empty"):
        parse_policy("# nothing")
    with pytest.raises(
        StrategyError, match=r"no policy can be read from .*FileNotFoundError.* Write one with"
    ):
        read_policy("there/is/none.yaml")


def test_a_policy_is_read_from_a_file(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT.replace("loss_days: 180", "loss_days: 90"), encoding="utf-8")
    assert read_policy(file).loss_days == 90


ORDERS = [
    ("customers", "unlikely_to_pay", "keep_as_is", "more risk would bring a milder action: 'unlikely_to_pay' .keep_as_is."),
    ("customers", "reliable", "follow_up", "milder action: 'reliable' .follow_up. stands before 'otherwise'"),
    ("customers", "watched_and_valued", "better_terms", "stands before 'otherwise' .keep_as_is."),
    ("invoices", "past_due", "reminder_before_due", "what is past due could get reminder_before_due; put rule 'past_due'"),
    ("customers", "past_due", "reminder_before_due", "what is past due could get reminder_before_due; put rule 'past_due'"),
]  # fmt: skip


@pytest.mark.parametrize(("scope", "rule", "action", "message"), ORDERS)
def test_an_order_by_which_more_risk_is_treated_more_mildly_is_refused(scope, rule, action, message):
    with pytest.raises(StrategyError, match=message):
        default_policy().changed(scope, rule, action=action)


def test_a_rule_for_cases_without_risk_does_not_stand_before_one_for_cases_with():
    head, tail = TEXT.split("    # A customer that matters, in a segment without risk")
    reliable, rest = tail.split("  otherwise:", 1)
    first, others = head.split("customers:\n  rules:\n")
    text = f"{first}customers:\n  rules:\n    # {reliable}{others}  otherwise:{rest}"
    with pytest.raises(StrategyError, match="'watched_and_valued' must stand before 'reliable'"):
        parse_policy(text)


def test_grace_before_what_is_past_due_is_taken_is_no_gap():
    for scope in ("customers", "invoices"):
        with pytest.raises(StrategyError, match="with min_days_past_due: 1 before it"):
            default_policy().changed(scope, "past_due", min_days_past_due=5)


def test_changes_name_what_is_not_there():
    with pytest.raises(UnknownNameError, match="Did you mean 'customers'"):
        default_policy().changed("customer", "overdue")
    with pytest.raises(UnknownNameError, match="no rule for customers is called 'often_lates'"):
        default_policy().changed("customers", "often_lates")
    with pytest.raises(UnknownNameError, match="Did you mean 'min_late_probability'"):
        default_policy().changed("customers", "often_late", late_probability=0.2)
    with pytest.raises(UnknownNameError, match="no action for invoices is called 'prepayment'"):
        default_policy().changed("invoices", "long_overdue", action="prepayment")


@pytest.mark.parametrize("text", ["[" * 3000, "? " * 3000, "{a: " * 3000, "- " * 3000, "a: b\n" * 50_000])
def test_what_is_too_long_or_nested_too_deep_is_refused(text):
    with pytest.raises(StrategyError, match=r"nested too deep|characters"):
        parse_policy(text)
