"""Choose the action of each case, and say why."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from payseg_widgets.strategy.policy import RuleList
from payseg_widgets.strategy.rule import condition
from payseg_widgets.strategy.signals import LEVELS

#: Name of the rule where none applies.
OTHERWISE = "otherwise"


def decide(cases: pd.DataFrame, rules: RuleList, money: Sequence[str] | None = None) -> pd.DataFrame:
    """Choose for each case the action of the first rule that applies.

    Parameters
    ----------
    cases : pandas.DataFrame
        One column a signal, levels as 0, 1, 2; NaN where it is missing.
    rules : RuleList
    money : sequence of str, optional
        Open balance of each case as it is to be printed; without it no reasons are given.

    Returns
    -------
    pandas.DataFrame
        Index of the cases: ``action``, ``rule`` (``otherwise`` where none applies) and, with ``money``, ``why``; none is missing.
    """
    chosen = np.full(len(cases), len(rules.rules))
    for at, entry in reversed(list(enumerate(rules.rules))):
        chosen[entry.rule.applies(cases, entry.thresholds)] = at
    actions = np.array([*(entry.action for entry in rules.rules), rules.otherwise], dtype=object)
    names = np.array([*(entry.name for entry in rules.rules), OTHERWISE], dtype=object)
    table = pd.DataFrame({"action": actions[chosen], "rule": names[chosen]}, index=cases.index, dtype="str")
    return table if money is None else table.assign(why=_reasons(cases, rules, chosen, money))


def _reasons(cases: pd.DataFrame, rules: RuleList, chosen: np.ndarray, money: Sequence[str]) -> pd.Series:
    """Say of each case why, rule by rule: of each only the signals that it looks at are taken."""
    told, printed = np.empty(len(cases), object), np.array(money, object)
    for at, entry in enumerate(rules.rules):
        rows = np.flatnonzero(chosen == at)
        names = [condition(threshold)[1].name for threshold in entry.thresholds]
        figures = zip(*(cases[name].to_numpy(dtype=float)[rows].tolist() for name in names), strict=True)
        told[rows] = [
            entry.rule.why(dict(zip(names, values, strict=True)), entry.thresholds, amount)
            for amount, values in zip(printed[rows], figures, strict=True)
        ]
    rows = np.flatnonzero(chosen == len(rules.rules))
    known = (
        cases[name].to_numpy(dtype=float)[rows].tolist() for name in ("late_probability", "segment_risk")
    )
    told[rows] = [_no_rule(late, risk) for late, risk in zip(*known, strict=True)]
    return pd.Series(told, index=cases.index, dtype="str")


def _no_rule(late: float, risk: float) -> str:
    known = [] if math.isnan(risk) else [f"segment risk {LEVELS[int(risk)]}"]
    known += [] if math.isnan(late) else [f"late probability {late:.2f}"]
    return f"no rule applies ({', '.join(known) or 'too little is known'})"
