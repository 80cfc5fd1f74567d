"""What a rule of a policy is, and the register of all of them (one a file in ``rules/``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets._registry import Registry
from payseg_widgets.strategy.actions import SCOPES, action_for
from payseg_widgets.strategy.signals import SIGNALS, TESTS, Signal, Threshold


@dataclass(frozen=True)
class Rule:
    """A condition that chooses an action: all of its thresholds are kept.

    Attributes
    ----------
    name : str
    meaning : str
        One sentence: whom it is for.
    action : str
        What it chooses unless the policy says otherwise.
    thresholds : Mapping of str to float or str
        Default of each: ``min_`` or ``max_`` and the name of a signal. ``min_late_probability`` is kept where the late
        probability is no less; a signal that is missing keeps none.
    scopes : tuple of str
        What it can decide on: ``customers``, ``invoices`` or both.

    Raises
    ------
    ValueError
        If it is kept by more risk and by less: a mistake in the package.

    Examples
    --------
    >>> RULES["often_late"].direction, RULES["reliable"].direction
    ('up', 'down')
    """

    name: str
    meaning: str
    action: str
    thresholds: Mapping[str, Threshold]
    scopes: tuple[str, ...] = SCOPES

    def __post_init__(self) -> None:
        for scope in self.scopes:
            action_for(scope, self.action)
        kinds = {kind for kind, signal in map(condition, self.thresholds) if signal.is_risk}
        if len(kinds) != 1:
            raise ValueError(f"rule {self.name!r} must look at risk in one direction; it has {sorted(kinds)}")

    @property
    def direction(self) -> str:
        """``"up"`` if more risk can only bring a case under the rule, ``"down"`` if less can."""
        kinds = {kind for kind, signal in map(condition, self.thresholds) if signal.is_risk}
        return "up" if kinds == {"min"} else "down"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signals it looks at."""
        return tuple(condition(name)[1].name for name in self.thresholds)

    def applies(self, cases: pd.DataFrame, thresholds: Mapping[str, Threshold]) -> np.ndarray:
        """Return which cases keep all thresholds.

        Parameters
        ----------
        cases : pandas.DataFrame
            One column a signal, levels as 0, 1, 2; NaN where it is missing.
        thresholds : Mapping
            The policy's, one for each of the rule's.

        Returns
        -------
        numpy.ndarray of bool, shape (n_cases,)
        """
        kept = np.ones(len(cases), bool)
        for name, threshold in thresholds.items():
            kind, signal = condition(name)
            kept &= TESTS[kind][1](cases[signal.name].to_numpy(dtype=float), signal.code(threshold))
        return kept

    def why(self, case: Mapping[str, float], thresholds: Mapping[str, Threshold], money: str) -> str:
        """Say which figures kept which thresholds.

        Parameters
        ----------
        case : Mapping of str to float
            The signals of one case that keeps them.
        thresholds : Mapping
        money : str
            Its open balance.

        Examples
        --------
        >>> rule = RULES["large_and_late"]
        >>> rule.why({"late_probability": 0.62, "balance_rank": 0.934}, rule.thresholds, "12,400")
        'late probability 0.62 >= 0.50 and open balance 12,400 above 93 % of those open (>= 90 %)'
        """
        told = []
        for name, threshold in thresholds.items():
            kind, signal = condition(name)
            if signal.name == "overdue_rank" and not signal.code(threshold):
                continue  # every case keeps it
            value = signal.told(float(case[signal.name]), threshold, money)
            limit = f"{TESTS[kind][0]} {signal.told_threshold(threshold)}"
            told.append(f"{value} ({limit})" if signal.name.endswith("_rank") else f"{value} {limit}")
        return " and ".join(told)


def condition(name: str) -> tuple[str, Signal]:
    """Return what a threshold's name stands for: its kind and its signal.

    >>> condition("min_days_overdue")[0], condition("min_days_overdue")[1].label
    ('min', 'days overdue')
    """
    kind, _, signal = name.partition("_")
    return kind, SIGNALS[signal]


RULES: Registry[Rule] = Registry("rule", "payseg_widgets.strategy.rules")


def add_rule(
    name: str, meaning: str, *, action: str, scopes: tuple[str, ...] = SCOPES, **thresholds: Threshold
) -> None:
    """Register a rule; the parameters are the attributes of `Rule`, each threshold by its name."""
    RULES.add(name, Rule(name, meaning, action, thresholds, scopes))
