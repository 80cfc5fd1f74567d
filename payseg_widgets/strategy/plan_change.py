"""What another policy would change: who moves from which action to which, and what that takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets.errors import StrategyError
from payseg_widgets.ledger.findings import counted
from payseg_widgets.strategy.actions import ACTIONS, SCOPES
from payseg_widgets.strategy.plan import Plan


@dataclass(frozen=True, eq=False, repr=False)
class PlanChange:
    """Two plans for the same customers side by side.

    What an action brings is not told: that takes a trial in which some are left out by chance.

    Attributes
    ----------
    customers, invoices : pandas.DataFrame
        Who moves; index as in the plans: ``action_before, action_after, rule_before, rule_after, why_after,
        outstanding_minor``.
    moves, invoice_moves : pandas.DataFrame
        Index ``action_before, action_after``, the mildest first: ``n``, ``outstanding_minor``, ``is_more_severe``.
    minutes : pandas.DataFrame
        Index scope (``customers``: a month; ``invoices``: once): ``before, after, change``, minutes of a clerk, each plan by
        its own policy's minutes.
    """

    customers: pd.DataFrame
    invoices: pd.DataFrame
    moves: pd.DataFrame
    invoice_moves: pd.DataFrame
    minutes: pd.DataFrame

    @property
    def sentence(self) -> str:
        """How many move, and what that takes."""
        harder = int(self.moves.loc[self.moves["is_more_severe"], "n"].sum())
        change = self.minutes["change"]
        return (
            f"{counted(len(self.customers), 'customer')} {'moves' if len(self.customers) == 1 else 'move'}, {harder:,} of them "
            f"to a more severe action, and {counted(len(self.invoices), 'open invoice')}; it takes "
            f"{change['customers']:+,.0f} minutes a month for customers and "
            f"{change['invoices']:+,.0f} once for open invoices."
        )

    def __repr__(self) -> str:
        return f"PlanChange({counted(len(self.customers), 'customer')} and {counted(len(self.invoices), 'open invoice')})"


def compare_plans(plan: Plan, other: Plan) -> PlanChange:
    """Say what changes from one plan to another.

    Parameters
    ----------
    plan, other : Plan
        Of the same ledger, by different policies (or with another forecast or segmentation).

    Returns
    -------
    PlanChange

    Raises
    ------
    StrategyError
        If they are not of the same customers and open invoices.

    Examples
    --------
    >>> from payseg_widgets import compare_plans, default_policy, recommend, run_study, simulate_ledger
    >>> study = run_study(simulate_ledger(60, seed=1).ledger, compare=False, forecast=False)
    >>> stricter = default_policy().changed("customers", "often_late", min_late_probability=0.3)
    >>> compare_plans(recommend(study), recommend(study, stricter)).invoices.empty
    True
    """
    tables: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {
        "customers": (plan.customers, other.customers),
        "invoices": (plan.invoices, other.invoices),
    }
    for scope, (before, after) in tables.items():
        same = before.index.equals(after.index) and before["outstanding_minor"].equals(
            after["outstanding_minor"]
        )
        if not same:
            raise StrategyError(
                f"the plans are not of the same {scope}: {len(before):,} on {plan.as_of:%Y-%m-%d} and {len(after):,} on "
                f"{other.as_of:%Y-%m-%d}, or of other amounts. Make both from one ledger."
            )
    moved = {scope: _moved(*pair) for scope, pair in tables.items()}
    return PlanChange(
        moved["customers"], moved["invoices"], _moves(moved["customers"]), _moves(moved["invoices"]),
        _minutes({"customers": (plan.actions, other.actions), "invoices": (plan.invoice_actions, other.invoice_actions)}),
    )  # fmt: skip


def _moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "action_before": before["action"], "action_after": after["action"],
            "rule_before": before["rule"], "rule_after": after["rule"], "why_after": after["why"],
            "outstanding_minor": after["outstanding_minor"],
        }
    )  # fmt: skip
    return table[table["action_before"] != table["action_after"]]


def _moves(moved: pd.DataFrame) -> pd.DataFrame:
    by = moved.groupby(["action_before", "action_after"])["outstanding_minor"]
    table = pd.DataFrame({"n": by.size(), "outstanding_minor": by.sum()})
    severity = [[ACTIONS[name].severity for name in pair] for pair in table.index]
    table["is_more_severe"] = np.array([after > before for before, after in severity], dtype=bool)
    return table.iloc[sorted(range(len(table)), key=severity.__getitem__)]


def _minutes(actions: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> pd.DataFrame:
    rows = {scope: [float(table["minutes"].iloc[-1]) for table in actions[scope]] for scope in SCOPES}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["before", "after"]).rename_axis("scope")
    return table.assign(change=table["after"] - table["before"])
