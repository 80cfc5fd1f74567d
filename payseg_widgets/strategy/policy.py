"""Which action each customer and each open invoice gets: rules in order, the first that applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import StrategyError, UnknownNameError
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.strategy.actions import ACTIONS, SCOPES, Action, action_for
from payseg_widgets.strategy.rule import RULES, Rule, condition
from payseg_widgets.strategy.rule_order import fault_in
from payseg_widgets.strategy.signals import Threshold


@dataclass(frozen=True)
class PolicyRule:
    """One rule as a policy has it.

    Attributes
    ----------
    name, action : str
    thresholds : Mapping of str to float or str
        One for each of the rule's.
    """

    name: str
    action: str
    thresholds: Mapping[str, Threshold]

    @property
    def rule(self) -> Rule:
        """The rule behind it."""
        return RULES[self.name]


@dataclass(frozen=True)
class RuleList:
    """What decides on one scope.

    Attributes
    ----------
    scope : {"customers", "invoices"}
    rules : tuple of PolicyRule
        In the order they are tried.
    otherwise : str
        Action where none applies.
    minutes : Mapping of str to float
        Minutes of a clerk that each action takes: a month for a customer, once for an invoice.
    """

    scope: str
    rules: tuple[PolicyRule, ...]
    otherwise: str
    minutes: Mapping[str, float]

    def __post_init__(self) -> None:
        fault = fault_in(self.scope, [(r.rule, r.action, r.thresholds) for r in self.rules], self.otherwise)
        if fault is not None:
            raise StrategyError(f"{self.scope}: {fault.text}")
        lacking = [action.name for action in actions_of(self.scope) if action.name not in self.minutes]
        if lacking:
            raise StrategyError(f"{self.scope}: minutes has no {lacking[0]!r}; give 0 if it takes none.")

    @property
    def actions(self) -> tuple[str, ...]:
        """Actions it can choose, the mildest first."""
        can = {rule.action for rule in self.rules} | {self.otherwise}
        return tuple(sorted(can, key=lambda name: ACTIONS[name].severity))


@dataclass(frozen=True, repr=False)
class Policy:
    """Rules for customers and for open invoices.

    Attributes
    ----------
    customers, invoices : RuleList
    value_high, value_medium : float
        A customer's value is high if more was invoiced to it than to this share of the others, else medium or low.
    loss_days : int
        An amount expected to be unpaid still so many days after its due date is expected to be lost.
    segment_risk : Mapping of str to str
        Risk of segments, by letter, where it is to differ from what the segmentation says.
    """

    customers: RuleList
    invoices: RuleList
    value_high: float
    value_medium: float
    loss_days: int
    segment_risk: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.value_medium < self.value_high:
            raise StrategyError(
                f"value: high is {self.value_high:g} and medium {self.value_medium:g}; high must be the larger."
            )

    def rules_of(self, scope: str) -> RuleList:
        """Return what decides on ``customers`` or on ``invoices``.

        Raises
        ------
        UnknownNameError
            For any other scope.
        """
        if scope not in SCOPES:
            raise UnknownNameError(f"{scope!r} is no scope of a policy. {did_you_mean(scope, SCOPES)}")
        return self.customers if scope == "customers" else self.invoices

    def changed(self, scope: str, rule: str, *, action: str | None = None, **thresholds: Threshold) -> Policy:
        """Return the policy with other thresholds, or another action, for one rule.

        Parameters
        ----------
        scope : {"customers", "invoices"}
        rule : str
        action : str, optional
        **thresholds : float or str

        Raises
        ------
        UnknownNameError
            For a rule, threshold or action the policy does not have.
        StrategyError
            For a threshold out of its range, or where more risk would bring a milder action.

        Examples
        --------
        >>> stricter = default_policy().changed("customers", "often_late", min_late_probability=0.4)
        >>> [dict(rule.thresholds) for rule in stricter.customers.rules if rule.name == "often_late"]
        [{'min_late_probability': 0.4}]
        """
        old = self.rules_of(scope)
        names = [entry.name for entry in old.rules]
        if rule not in names:
            raise UnknownNameError(f"no rule for {scope} is called {rule!r}. {did_you_mean(rule, names)}")
        at = names.index(rule)
        given = {name: checked_threshold(RULES[rule], name, value) for name, value in thresholds.items()}
        entry = replace(
            old.rules[at],
            action=old.rules[at].action if action is None else action_for(scope, action).name,
            thresholds={**old.rules[at].thresholds, **given},
        )
        new = replace(old, rules=(*old.rules[:at], entry, *old.rules[at + 1 :]))
        return replace(self, customers=new) if scope == "customers" else replace(self, invoices=new)

    def check_segments(self, segmentation: Segmentation) -> None:
        """Raise `UnknownNameError` where ``segment_risk`` names a segment that there is not."""
        there = [card.letter for card in segmentation.cards if card.segment >= 0]
        for letter in self.segment_risk:
            if letter not in there:
                raise UnknownNameError(
                    f"segment_risk names segment {letter!r}. {did_you_mean(letter, there)}"
                )

    def to_yaml(self) -> str:
        """Return the policy as text that `parse_policy` reads back, with a comment for each rule.

        Comments of a file it was read from are not kept.
        """
        from payseg_widgets.strategy.policy_file import written

        return written(self)

    def __repr__(self) -> str:
        return f"Policy({len(self.customers.rules)} rules for customers, {len(self.invoices.rules)} for invoices)"


def actions_of(scope: str) -> list[Action]:
    """Return the actions for customers or for invoices, the mildest first."""
    return [action for action in ACTIONS.values() if scope in action.scopes]


def checked_threshold(rule: Rule, name: str, value: object) -> Threshold:
    """Return a threshold of a rule if it is one.

    Raises
    ------
    UnknownNameError
        If the rule has none of that name.
    StrategyError
        If the value is none.
    """
    if name not in rule.thresholds:
        raise UnknownNameError(
            f"rule {rule.name!r} has no threshold {name!r}. {did_you_mean(name, rule.thresholds)}"
        )
    return condition(name)[1].threshold(value)


def parse_policy(text: str, source: str = "policy") -> Policy:
    """Read a policy from text.

    Parameters
    ----------
    text : str
        YAML as `Policy.to_yaml` writes it.
    source : str
        What messages call it.

    Raises
    ------
    StrategyError
        For what cannot be understood, or a policy by which more risk could bring a milder action; with the line.

    Examples
    --------
    >>> parse_policy(default_policy().to_yaml()) == default_policy()
    True
    """
    from payseg_widgets.strategy.policy_file import parsed

    return parsed(text, source)


def read_policy(path: str | Path) -> Policy:
    """Read a policy from a file: see `parse_policy`.

    Raises
    ------
    StrategyError
        Also for a file that cannot be read.
    """
    return parse_policy(read_policy_text(path), Path(path).name)


def read_policy_text(path: str | Path) -> str:
    """Return the text of a policy's file, or raise `StrategyError` where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StrategyError(
            f"no policy can be read from {str(path)!r} ({type(error).__name__}). Write one with "
            "default_policy().to_yaml() and edit it."
        ) from error


@cache
def default_policy() -> Policy:
    """Return the policy that comes with the package, ``strategy/policy.yaml``."""
    return read_policy(Path(__file__).with_name("policy.yaml"))
