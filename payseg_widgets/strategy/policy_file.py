"""A policy as text: YAML that says which line is wrong, and is written with its meaning."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import yaml

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import StrategyError, UnknownNameError
from payseg_widgets.strategy.actions import SCOPES, action_for
from payseg_widgets.strategy.policy import Policy, PolicyRule, RuleList, actions_of, checked_threshold
from payseg_widgets.strategy.rule import RULES, Rule
from payseg_widgets.strategy.rule_order import fault_in
from payseg_widgets.strategy.signals import SIGNALS, number

#: Most minutes of a clerk an action can take; most days after which an amount counts as lost.
_MOST_MINUTES, _MOST_DAYS = 10_000, 365
#: A policy has four lists and mappings in one another, and some thousand characters.
_MOST_NESTED, _MOST_CHARACTERS = 20, 200_000
_Made = TypeVar("_Made")


def parsed(text: str, source: str) -> Policy:
    """Read a policy: see `payseg_widgets.strategy.policy.parse_policy`."""
    if len(text) > _MOST_CHARACTERS:
        raise StrategyError(
            f"{source} has {len(text):,} characters; a policy has at most {_MOST_CHARACTERS:,}. Shorten it."
        )
    try:
        _check_nesting(text, source)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = "" if mark is None else f", line {mark.line + 1}"
        raise StrategyError(
            f"{source}{line}: this is not YAML ({error.problem}). Mind indents and colons."
        ) from error
    except yaml.YAMLError as error:
        raise StrategyError(f"{source}: this is not YAML ({error}).") from error
    if root is None:
        raise StrategyError(f"{source} is empty. Begin with default_policy().to_yaml().")
    return _Reader(source).policy(root)


def _check_nesting(text: str, source: str) -> None:
    """Refuse what is nested so deep that composing it would exhaust the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_NESTED:
            line = event.start_mark.line + 1
            raise StrategyError(
                f"{source}, line {line}: lists and mappings are nested too deep for a policy."
            )


@dataclass(frozen=True)
class _Reader:
    """Turns nodes into parts of a policy; each message names the line of its node."""

    source: str

    def policy(self, root: yaml.Node) -> Policy:
        keys = self.mapping(root, ("value", "loss_days", "segment_risk", *SCOPES), needed=True)
        value = self.mapping(keys["value"], ("high", "medium"), needed=True)
        levels = [self.checked(value[name], lambda given: number(given, 1.0)) for name in ("high", "medium")]
        risks = self.mapping(keys["segment_risk"], None)
        rules = [self.rule_list(scope, keys[scope]) for scope in SCOPES]
        days = self.checked(keys["loss_days"], lambda given: number(given, _MOST_DAYS))
        if days != int(days) or days < 1:
            raise self.fault(keys["loss_days"], f"{days!r} is no whole number of days from 1.")
        segments = {
            k: str(self.checked(node, SIGNALS["segment_risk"].threshold)) for k, node in risks.items()
        }
        if levels[0] <= levels[1]:
            raise self.fault(
                keys["value"], f"high is {levels[0]:g} and medium {levels[1]:g}; high must be the larger."
            )
        return Policy(rules[0], rules[1], levels[0], levels[1], int(days), segments)

    def rule_list(self, scope: str, node: yaml.Node) -> RuleList:
        keys = self.mapping(node, ("rules", "otherwise", "minutes"), needed=True)
        if not isinstance(keys["rules"], yaml.SequenceNode):
            raise self.fault(
                keys["rules"],
                f"rules must be a list, each beginning '- rule:'; this is a {keys['rules'].id}.",
            )
        entries = [self.rule(scope, entry) for entry in keys["rules"].value]
        otherwise = self.checked(keys["otherwise"], lambda given: action_for(scope, given).name)
        fault = fault_in(scope, [(e.rule, e.action, e.thresholds) for e in entries], otherwise)
        if fault is not None:
            raise self.fault(keys["otherwise"] if fault.at < 0 else keys["rules"].value[fault.at], fault.text)
        minutes = self.mapping(keys["minutes"], [action.name for action in actions_of(scope)], needed=True)
        took = {
            name: self.checked(n, lambda given: number(given, _MOST_MINUTES)) for name, n in minutes.items()
        }
        return RuleList(scope, tuple(entries), otherwise, took)

    def rule(self, scope: str, node: yaml.Node) -> PolicyRule:
        keys = self.mapping(node, None)
        if "rule" not in keys:
            raise self.fault(node, "this entry names no rule; begin it '- rule:' and a name.")
        rule: Rule = self.checked(keys["rule"], lambda given: RULES[given])
        self.known(node, ("rule", "action", *rule.thresholds))
        action = rule.action
        if "action" in keys:
            action = self.checked(keys["action"], lambda given: action_for(scope, given).name)
        thresholds = dict(rule.thresholds)
        for name in rule.thresholds:
            if name in keys:
                thresholds[name] = self.checked(keys[name], partial(checked_threshold, rule, name))
        return PolicyRule(rule.name, action, thresholds)

    def mapping(
        self, node: yaml.Node, known: Sequence[str] | None, *, needed: bool = False
    ) -> dict[str, yaml.Node]:
        """Return the values of a mapping by key; ``known`` keys alone, and all of them where they are needed."""
        if not isinstance(node, yaml.MappingNode):
            told = repr(node.value) if isinstance(node, yaml.ScalarNode) else f"a {node.id}"
            raise self.fault(node, f"{told} stands where names with values are expected.")
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.fault(key, f"a name is expected before the colon, not a {key.id}.")
        if known is not None:
            self.known(node, known)
        values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value in values:
                raise self.fault(key, f"{key.value!r} is there twice; leave one out.")
            values[str(key.value)] = value
        missing = [name for name in known or () if needed and name not in values]
        if missing:
            raise self.fault(node, f"{missing[0]!r} is missing; add it as in default_policy().to_yaml().")
        return values

    def known(self, node: yaml.MappingNode, names: Sequence[str]) -> None:
        for key, _ in node.value:
            if key.value not in names:
                raise self.fault(key, f"{key.value!r} is unknown here. {did_you_mean(str(key.value), names)}")

    def checked(self, node: yaml.Node, check: Callable[[Any], _Made]) -> _Made:
        """Return what ``check`` makes of a single value, its complaint with the line."""
        if not isinstance(node, yaml.ScalarNode):
            raise self.fault(node, f"a single value is expected, not a {node.id}.")
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError, TypeError, ArithmeticError, LookupError) as error:
            raise self.fault(
                node, f"{node.value!r} cannot be read ({_first_line(error)}). Write it plainly."
            ) from error
        try:
            return check(value)
        except (StrategyError, UnknownNameError) as error:
            raise self.fault(node, str(error)) from error

    def fault(self, node: yaml.Node, text: str) -> StrategyError:
        return StrategyError(f"{self.source}, line {node.start_mark.line + 1}: {text}")


def _first_line(error: Exception) -> str:
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
    return str(problem).split("\n")[0]


_HEAD = """\
# What to do with each customer and each open invoice.
# Rules are tried from the top; the first whose thresholds are all kept chooses the action, and says so with its figures.
# Those that risk brings a case under stand first, the most severe action first; then those for cases without risk; last
# what is done otherwise. Another order is refused where more risk would bring a milder action.
# What is not known keeps no threshold.
#
# Thresholds are min_ (no less) or max_ (no more) and one of:
"""
_VALUE = "A customer's value is high if more was invoiced to it than to this share of the others, else medium, else low."
_LOSS = "An amount expected to be unpaid still so many days after its due date is expected to be lost."
_RISK = "Risk of segments where it is to differ from the segmentation's, such as {C: high}."
_MINUTES = {
    "customers": "Minutes of a clerk a month for one customer. Made up: put in your own.",
    "invoices": "Minutes of a clerk for one open invoice. Made up: put in your own.",
}


def written(policy: Policy) -> str:
    """Return a policy as text: see `payseg_widgets.strategy.policy.Policy.to_yaml`."""
    signals = "\n".join(_comment(f"{signal.name}: {signal.meaning}", "#   ") for signal in SIGNALS.values())
    value = {"high": policy.value_high, "medium": policy.value_medium}
    parts = [
        f"# {_VALUE}\nvalue: {_flow(value)}",
        f"# {_LOSS}\nloss_days: {policy.loss_days}",
        f"# {_RISK}\nsegment_risk: {_flow(policy.segment_risk)}",
        *(_rule_list(policy.rules_of(scope)) for scope in SCOPES),
    ]
    return f"{_HEAD}{signals}\n" + "".join(f"\n{part}\n" for part in parts)


def _rule_list(rules: RuleList) -> str:
    lines = [f"{rules.scope}:", "  rules:"]
    for entry in rules.rules:
        lines += [f"    # {entry.rule.meaning}", f"    - rule: {entry.name}", f"      action: {entry.action}"]
        lines += [f"      {name}: {_scalar(value)}" for name, value in entry.thresholds.items()]
    lines += [f"  otherwise: {rules.otherwise}", f"  # {_MINUTES[rules.scope]}", "  minutes:"]
    lines += [f"    {name}: {_scalar(value)}" for name, value in rules.minutes.items()]
    return "\n".join(lines)


def _comment(text: str, begin: str) -> str:
    return textwrap.fill(text, 110, initial_indent=begin, subsequent_indent=f"{begin}  ")


def _flow(values: Mapping[str, float | str]) -> str:
    return "{" + ", ".join(f"{_scalar(name)}: {_scalar(value)}" for name, value in values.items()) + "}"


def _scalar(value: float | str) -> str:
    """Return a value as YAML reads it back, whole numbers without a point."""
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    return str(yaml.safe_dump(plain, allow_unicode=True)).split("\n")[0]
