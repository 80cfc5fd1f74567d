"""Whether rules stand in an order by which more risk never brings a milder action.

Rules that risk brings a case under ("up") come first, the most severe first: more risk keeps every one of them that was
kept, so the first that is kept is the same or a more severe one. Then come those that risk takes a case out of
("down"), the mildest first, and last what is done otherwise, neither milder than those nor more severe than the first ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from payseg_widgets.strategy.actions import ACTIONS
from payseg_widgets.strategy.rule import Rule
from payseg_widgets.strategy.signals import Threshold

Entry = tuple[Rule, str, Mapping[str, Threshold]]
"""A rule with the policy's action and thresholds."""


class Fault(NamedTuple):
    """What is wrong with an order.

    Attributes
    ----------
    at : int
        Position of the rule; -1 for what is done otherwise.
    text : str
    """

    at: int
    text: str


def fault_in(scope: str, entries: Sequence[Entry], otherwise: str) -> Fault | None:
    """Return the first fault of an order, ``None`` where there is none.

    Parameters
    ----------
    scope : {"customers", "invoices"}
    entries : sequence of (Rule, str, Mapping)
    otherwise : str
        Action where no rule applies.
    """
    return (
        _twice_or_out_of_place(scope, entries)
        or _not_monotone(entries, otherwise)
        or _too_late_to_remind(entries, otherwise)
    )


def _twice_or_out_of_place(scope: str, entries: Sequence[Entry]) -> Fault | None:
    seen: set[str] = set()
    for at, (rule, _, _) in enumerate(entries):
        if rule.name in seen:
            return Fault(at, f"rule {rule.name!r} is there twice; leave one out.")
        if scope not in rule.scopes:
            return Fault(at, f"rule {rule.name!r} is for {rule.scopes[0]} alone; move or remove it.")
        seen.add(rule.name)
    return None


def _not_monotone(entries: Sequence[Entry], otherwise: str) -> Fault | None:
    """Compare each rule with the next of its direction, the last of each direction with what is done otherwise."""
    directions = [rule.direction for rule, _, _ in entries]
    if directions != sorted(directions, reverse=True):  # "up" before "down"
        at = max(n for n, direction in enumerate(directions) if direction == "up")
        down = entries[directions.index("down")][0].name
        return Fault(
            at,
            f"rule {entries[at][0].name!r} must stand before {down!r}, which only less risk brings a case under.",
        )
    for wanted in ("up", "down"):
        steps = [
            (at, rule.name, action)
            for at, (rule, action, _) in enumerate(entries)
            if rule.direction == wanted
        ]
        for (at, name, action), (_, other, other_action) in pairwise([*steps, (-1, "otherwise", otherwise)]):
            rise = ACTIONS[other_action].severity - ACTIONS[action].severity
            if (rise > 0) if wanted == "up" else (rise < 0):
                return Fault(
                    at, f"more risk would bring a milder action: {name!r} ({action}) stands before {other!r} ({other_action}). "
                    "Swap them or change an action.",
                )  # fmt: skip
    return None


def _too_late_to_remind(entries: Sequence[Entry], otherwise: str) -> Fault | None:
    """Nothing past its due day is reminded before it is due: a rule for all that is past due stands before."""
    for at, action in [*enumerate(action for _, action, _ in entries), (-1, otherwise)]:
        if at >= 0 and _takes_all_past_due(entries[at][2]) and action != "reminder_before_due":
            return None
        if action == "reminder_before_due":
            return Fault(
                at,
                "what is past due could get reminder_before_due; put rule 'past_due' with min_days_past_due: 1 before it.",
            )
    return None


def _takes_all_past_due(thresholds: Mapping[str, Threshold]) -> bool:
    return set(thresholds) == {"min_days_past_due"} and float(thresholds["min_days_past_due"]) <= 1
