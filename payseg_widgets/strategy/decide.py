"""Choose the action of each case, and say why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from payseg_widgets.strategy.policy import RuleList
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
    told = []
    for case, at, amount in zip(cases.to_dict("records"), chosen, money, strict=True):
        if at == len(rules.rules):
            told.append(_no_rule(case["late_probability"], case["segment_risk"]))
        else:
            entry = rules.rules[at]
            told.append(entry.rule.why({str(k): v for k, v in case.items()}, entry.thresholds, amount))
    return pd.Series(told, index=cases.index, dtype="str")


def _no_rule(late: float, risk: float) -> str:
    known = [] if np.isnan(risk) else [f"segment risk {LEVELS[int(risk)]}"]
    known += [] if np.isnan(late) else [f"late probability {late:.2f}"]
    return f"no rule applies ({', '.join(known) or 'too little is known'})"
