"""What the page of a strategy board is told: tiles, overviews, what a policy changes, a scenario, whom to call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from payseg_widgets.ledger.amounts import amount, percent
from payseg_widgets.strategy.actions import ACTIONS
from payseg_widgets.strategy.key_figures import KeyFigures
from payseg_widgets.strategy.plan import Plan
from payseg_widgets.strategy.plan_change import PlanChange
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.strategy.self_check import Finding
from payseg_widgets.strategy.worklist import Worklist
from payseg_widgets.views.strategy_cash import scenario_table
from payseg_widgets.views.strategy_trend import figure_text, trend_words

#: Width and height of a sparkline, whose points are told in these units.
SPARK = (120, 28)
_EDGE = 3
#: Rows of the worklist that the page shows; the file has all.
MOST_LISTED = 100

#: What the two ends of a figure are where they are no 95 % interval.
_BANDS = {"working_capital_top10_delay": "8 in 10 draws:"}
#: How customers are called: by id, by id and name, or by neither.
Caller = Callable[[str], str]
_ACTION_COLUMNS = ("Share", "Open balance", "Share of it", "Late probability", "Expected loss", "Minutes")


def tile_rows(figures: KeyFigures) -> dict[str, Any]:
    """Return a tile for each key figure, with its trend where there is one."""
    return {
        "sentence": figures.sentence,
        "notes": list(figures.notes),
        "size": list(SPARK),
        "tiles": [_tile(str(name), dict(row), figures) for name, row in figures.table.iterrows()],
    }


def _tile(name: str, row: Mapping[Any, Any], figures: KeyFigures) -> dict[str, Any]:
    unit, currency = str(row["unit"]), figures.currency
    ends = [figure_text(row[end], unit, currency) for end in ("conf_low", "conf_high")]
    told: dict[str, Any] = {
        "name": name, "label": str(row["label"]), "value": figure_text(row["value"], unit, currency),
        "interval": "" if "–" in ends else f"{_BANDS.get(name, '95% interval')} {ends[0]} to {ends[1]}",
        "definition": str(row["definition"]), "formula": str(row["formula"]), "sentence": str(row["sentence"]),
    }  # fmt: skip
    if name in figures.trend:
        trend = figures.trend[name]
        told["trend"] = {
            "points": spark_points(trend),
            "words": trend_words(trend, unit, currency),
            "rows": [[f"{day:%Y-%m-%d}", figure_text(value, unit, currency)] for day, value in trend.items()],
        }
    return told


def spark_points(trend: pd.Series) -> list[list[float]]:
    """Return the corners of a sparkline, in units of ``SPARK`` from the upper left; missing values are left out."""
    (width, height), known = SPARK, trend.dropna()
    if known.empty:
        return []
    low, high = float(known.min()), float(known.max())
    last = max(len(trend) - 1, 1)
    at = {day: k for k, day in enumerate(trend.index)}
    spread = high - low
    return [
        [
            round(_EDGE + at[day] / last * (width - 2 * _EDGE), 1),
            round(
                height - _EDGE - (value - low) / spread * (height - 2 * _EDGE) if spread else height / 2, 1
            ),
        ]
        for day, value in known.items()
    ]


def plan_rows(
    plan: Plan, figures: KeyFigures | None, findings: Iterable[Finding], called: Caller
) -> dict[str, Any]:
    """Return the overviews of a plan, what is wrong with them, and the customers expected to lose most.

    Parameters
    ----------
    plan : Plan
    figures : KeyFigures or None
        Of the same plan.
    findings : iterable of Finding
        What is wrong with the figures.
    called : callable
        What to call a customer.
    """
    told: dict[str, Any] = {
        "sentence": plan.sentence,
        "findings": [str(finding) for finding in findings],
        "tables": [
            {"caption": "Segments", "is_worded": True,
             "columns": ["Segment", "Customers", "Invoices", "Late probability", "Share of amount",
             "Share of the open balance", "Risk", "Remark"],
             "rows": [_cluster(dict(row)) for _, row in plan.clusters.iterrows()]},
            {"caption": "Customers by action, a month", "columns": ["Action", "Customers", *_ACTION_COLUMNS],
             "rows": _actions(plan.actions, "n_customers", plan.currency)},
            {"caption": "Open invoices by action, once", "columns": ["Action", "Invoices", *_ACTION_COLUMNS],
             "rows": _actions(plan.invoice_actions, "n_invoices", plan.currency)},
        ],
    }  # fmt: skip
    if figures is not None and len(figures.riskiest):
        told["riskiest"] = {
            "caption": "Customers of the largest expected loss",
            "columns": [
                "Segment",
                "Owes",
                "Expected loss",
                "Share of all",
                "Late probability",
                "Action",
                "Why",
            ],
            "rows": [_risky(k, str(name), plan, called) for k, name in enumerate(figures.riskiest.index, 1)],
        }
    return told


def _cluster(row: Mapping[Any, Any]) -> list[str]:
    name = f"{row['letter']} {row['name']}".strip()
    return [
        name, f"{row['n_customers']:,}", f"{row['n_invoices']:,}", share_text(row["late_probability"]),
        share_text(row["invoiced_share"]), share_text(row["outstanding_share"]), str(row["risk"]), str(row["remark"]),
    ]  # fmt: skip


def _actions(table: pd.DataFrame, n: str, currency: str) -> list[list[str]]:
    return [
        [
            str(row["label"]), f"{row[n]:,}", share_text(row["share"]), amount(float(row["outstanding_minor"]), currency),
            share_text(row["outstanding_share"]), share_text(row["late_probability"]),
            money_text(row["expected_loss_minor"], currency), f"{row['minutes']:,.0f}",
        ]
        for row in table.to_dict("records")
    ]  # fmt: skip


def _risky(rank: int, customer: str, plan: Plan, called: Caller) -> dict[str, Any]:
    row: Any = plan.customers.loc[customer]
    whole = float(plan.customers["expected_loss_minor"].sum())
    loss = float(row["expected_loss_minor"])
    return {
        "name": str(rank), "label": called(customer) or f"No. {rank}",
        "cells": [
            str(row["letter"]) or "–", amount(float(row["outstanding_minor"]), plan.currency), amount(loss, plan.currency),
            share_text(loss / whole if whole else float("nan")), share_text(row["late_probability"]),
            ACTIONS[row["action"]].label, str(row["why"]),
        ],
    }  # fmt: skip


def change_rows(change: PlanChange, currency: str) -> dict[str, Any]:
    """Return who moves from which action to which when a policy takes the place of another."""
    rows = [
        [what, ACTIONS[before].label, ACTIONS[after].label, f"{row['n']:,}", amount(float(row["outstanding_minor"]), currency),
         "more severe" if row["is_more_severe"] else "milder"]
        for what, moves in (("Customers", change.moves), ("Open invoices", change.invoice_moves))
        for (before, after), row in zip(moves.index, moves.to_dict("records"), strict=True)
    ]  # fmt: skip
    return {
        "sentence": change.sentence,
        "caption": "Who moves", "is_worded": True,
        "columns": ["What", "From", "To", "How many", "They owe", "Which is"], "rows": rows,
    }  # fmt: skip


_IMPACTS = {
    "money_days": "Money × days missing within the weeks", "peak_gap_minor": "Most missing at the end of a day",
    "lost_minor": "Lost", "discount_minor": "Discount",
}  # fmt: skip


def scenario_rows(scenario: Scenario) -> dict[str, Any]:
    """Return what a scenario comes to, and its weeks."""
    weeks = scenario_table(scenario)
    impact = [
        [
            _IMPACTS[str(name)],
            *(amount(float(row[q]), scenario.currency) for q in ("expected", "p10", "p50", "p90")),
        ]
        for name, row in scenario.impact.iterrows()
    ]
    return {
        "sentence": scenario.sentence,
        "impact": {
            "caption": "What it comes to",
            "columns": ["Figure", "Expected", "10%", "50%", "90%"],
            "rows": impact,
        },
        "weeks": {
            "caption": "Cash by week, as forecast and if it holds",
            "columns": [name[:1].upper() + name[1:] for name in weeks.columns],
            "rows": weeks.to_numpy().tolist(),
        },
    }


def call_rows(listed: Worklist, called: Caller) -> dict[str, Any]:
    """Return whom to call, each with the reason."""
    rows = []
    for rank, row in zip(listed.calls.index, listed.calls.to_dict("records"), strict=True):
        money = [
            amount(float(row[name]), listed.currency)
            for name in ("balance_minor", "overdue_minor", "value_minor")
        ]
        cells = [f"{row['day']}", *money, str(row["reason"])]
        rows.append(
            {"name": str(rank), "label": called(str(row["customer_id"])) or f"No. {rank}", "cells": cells}
        )
    left = (
        f" The first {MOST_LISTED} of {len(rows):,} are shown; the file has all."
        if len(rows) > MOST_LISTED
        else ""
    )
    return {
        "sentence": listed.sentence, "caption": f"Whom to call from {listed.as_of:%Y-%m-%d} on", "notes": left.strip(),
        "columns": ["Day", "Owes", "Overdue", "A call is worth", "Reason"], "rows": rows[:MOST_LISTED],
    }  # fmt: skip


def share_text(share: Any) -> str:
    """Write a share in whole per cent; "–" where it is missing."""
    return "–" if pd.isna(share) else percent(float(share))


def money_text(minor: Any, currency: str) -> str:
    """Write an amount that may be missing."""
    return "–" if pd.isna(minor) else amount(float(minor), currency)
