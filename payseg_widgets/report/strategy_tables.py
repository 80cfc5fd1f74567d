"""What to do and what it comes to, as tables of the page: every cell finished text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from payseg_widgets.ledger.amounts import amount
from payseg_widgets.ledger.findings import counted
from payseg_widgets.report.page_table import Table
from payseg_widgets.report.sparkline import bar, sparkline
from payseg_widgets.report.text import figure
from payseg_widgets.strategy.actions import ACTIONS
from payseg_widgets.strategy.advice import Strategy
from payseg_widgets.strategy.figure_words import told
from payseg_widgets.strategy.key_figures import KeyFigures
from payseg_widgets.strategy.overview import ALL
from payseg_widgets.strategy.plan import Plan
from payseg_widgets.strategy.reserves import Reserves
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.strategy.worklist import Worklist

#: Calls shown on the page; the workbook has all.
MOST_CALLS = 25
_Called = Callable[[str], str]


def strategy_tables(strategy: Strategy, called: _Called) -> Mapping[str, Table]:
    """Return the tables of the section by the name its template calls them; none without a plan.

    Parameters
    ----------
    strategy : Strategy
    called : callable
        What a customer is called, from its id.
    """
    plan, figures = strategy.plan, strategy.key_figures
    if plan is None or figures is None:
        return {}
    tables = {
        "clusters": _clusters(plan), "actions": _actions(plan, "customers"), "invoice_actions": _actions(plan, "invoices"),
        "figures": _figures(figures), "trend": _trend(figures), "by_segment": _by_segment(figures),
        "distribution": _distribution(figures),
    }  # fmt: skip
    if figures.ageing is not None and figures.scenario is not None:
        tables |= {
            "riskiest": _riskiest(figures, called), "ageing": _ageing(figures), "weeks": _weeks(figures.scenario, figures)
        }  # fmt: skip
    if strategy.reserves is not None:
        tables["reserves"] = _reserves(strategy.reserves, figures.minor_per_unit)
    if strategy.worklist is not None:
        tables["worklist"] = _worklist(strategy.worklist, figures.minor_per_unit, called)
    return tables


def interest_sentence(strategy: Strategy) -> str:
    """Say what the law gives on overdue invoices; empty where it is not known."""
    plan, claims = strategy.plan, strategy.interest
    if plan is None or claims is None:
        return ""
    owed, interest, fixed = (
        amount(int(claims[name].sum()), plan.currency)
        for name in ("outstanding_minor", "interest_minor", "compensation_minor")
    )
    return (
        f"{counted(len(claims), 'invoice')} past due, {owed} open: the Late Payment of Commercial Debts (Interest) Act 1998 "
        f"gives {interest} of interest and {fixed} of compensation, where it applies to the contract."
    )


def _money(minor: float, minor_per_unit: int) -> str:
    return figure(float("nan") if pd.isna(minor) else float(minor) / minor_per_unit, "money")


def _clusters(plan: Plan) -> Table:
    unit = plan.minor_per_unit
    rows = [
        (f"{row['letter']} {row['name']}".strip(), f"{row['n_customers']:,}", figure(row["share"], "ratio"),
         f"{row['n_invoices']:,}", figure(row["invoice_share"], "ratio"), figure(row["invoiced_share"], "ratio"),
         _money(row["outstanding_minor"], unit),
         figure(row["outstanding_share"], "ratio"), figure(row["late_probability"], "ratio"),
         _money(row["expected_loss_minor"], unit), row["risk"] or "–", row["remark"])
        for row in plan.clusters.to_dict("records")
    ]  # fmt: skip
    headings = (
        "segment", "customers", "share", "invoices", "share", "share of amount", "outstanding", "share",
        "mean late probability", "expected loss", "risk", "remark",
    )  # fmt: skip
    return Table(headings, rows)


def _actions(plan: Plan, scope: str) -> Table:
    unit = plan.minor_per_unit
    table = plan.actions if scope == "customers" else plan.invoice_actions
    rows = [
        (row["label"], f"{row[f'n_{scope}']:,}", figure(row["share"], "ratio"), _money(row["outstanding_minor"], unit),
         figure(row["outstanding_share"], "ratio"), figure(row["late_probability"], "ratio"),
         _money(row["expected_loss_minor"], unit), f"{row['minutes'] / 60:,.1f}")
        for row in table.to_dict("records")
    ]  # fmt: skip
    hours = "hours a month" if scope == "customers" else "hours, once"
    said = ("share", "outstanding", "share", "mean late probability", "expected loss", hours)
    return Table(("action", scope, *said), rows)


def _figures(figures: KeyFigures) -> Table:
    def money(minor: float) -> str:
        return amount(minor, figures.currency)

    rows = []
    for name, row in figures.table.iterrows():
        low, high = (told(row[end], row["unit"], money) for end in ("conf_low", "conf_high"))
        interval = "" if pd.isna(row["conf_low"]) else f"{low} to {high}"
        course = sparkline(figures.trend[name], row["sentence"]) if name in figures.trend.columns else ""
        meant = f"{row['definition']} Formula: {row['formula']}."
        rows.append((row["label"], told(row["value"], row["unit"], money), interval, course, meant))
    return Table(("figure", "value", "interval", "last year", "definition"), rows)


def _trend(figures: KeyFigures) -> Table:
    def money(minor: float) -> str:
        return amount(minor, figures.currency)

    meant = figures.table.loc[figures.trend.columns]
    rows = [
        (
            f"{day:%Y-%m-%d}",
            *(told(value, unit, money) for value, unit in zip(row, meant["unit"], strict=True)),
        )
        for day, row in zip(figures.trend.index, figures.trend.to_numpy(), strict=True)
    ]
    return Table(("day", *meant["label"]), rows)


def _by_segment(figures: KeyFigures) -> Table:
    days = {
        "dso_count_back": "DSO, count-back", "dso_classic": "DSO, classic", "dso_best": "best possible DSO",
        "days_delinquent": "days delinquent", "days_beyond_terms": "days beyond terms",
    }  # fmt: skip
    rows = [
        (f"{'' if letter == ALL else letter} {row['name']}".strip(), "yes" if row["is_high_risk"] else "no",
         figure(row["average_outstanding"], "money"), figure(row["average_owed"], "money"),
         *(figure(row[name], "days") for name in days))
        for letter, row in figures.by_segment.iterrows()
    ]  # fmt: skip
    rows[-1] = (rows[-1][0], "", *rows[-1][2:])
    said = ("segment", "high risk", "average outstanding", "of those who owe")
    return Table((*said, *days.values()), rows)


def _riskiest(figures: KeyFigures, called: _Called) -> Table:
    rows = [
        (called(str(name)), row["letter"], row["risk"] or "–", figure(row["outstanding"], "money"),
         figure(row["expected_loss"], "money"), figure(row["expected_loss_share"], "ratio"),
         figure(row["late_probability"], "ratio"), ACTIONS[row["action"]].label, row["why"])
        for name, row in figures.riskiest.iterrows()
    ]  # fmt: skip
    said = ("outstanding", "expected loss", "of all", "late probability", "action", "why")
    return Table(("customer", "segment", "risk", *said), rows)


def _ageing(figures: KeyFigures) -> Table:
    assert figures.ageing is not None  # noqa: S101  asked before
    rows = [
        (f"{name} days past due" if name not in ("not due", "paid") else str(name),
         _money(row["now_minor"], figures.minor_per_unit), figure(row["now_share"], "ratio"),
         _money(row["in_30_days_minor"], figures.minor_per_unit), figure(row["in_30_days_share"], "ratio"))
        for name, row in figures.ageing.iterrows()
    ]  # fmt: skip
    return Table(("age", "now", "share", "expected in 30 days", "share"), rows)


def _distribution(figures: KeyFigures) -> Table:
    table = figures.risk_distribution
    rows = [
        (f"{100 * row['low']:.0f} to {100 * row['high']:.0f} %", f"{row['n_customers']:,.0f}", figure(row["share"], "ratio"),
         bar(row["share"], table["share"].max()), _money(row["outstanding_minor"], figures.minor_per_unit),
         figure(row["outstanding_share"], "ratio"))
        for row in table.reset_index().to_dict("records")
    ]  # fmt: skip
    return Table(("late probability", "customers", "share", "as a bar", "outstanding", "share"), rows)


def _weeks(scenario: Scenario, figures: KeyFigures) -> Table:
    def four(row: Mapping[Any, Any], prefix: str) -> tuple[str, ...]:
        return tuple(
            _money(row[f"{prefix}{name}_minor"], figures.minor_per_unit)
            for name in ("expected", "p10", "p50", "p90")
        )

    rows = [
        ("later or never" if pd.isna(week) else f"{week:%Y-%m-%d}", *four(row, "base_"), *four(row, ""),
         four(row, "change_")[0])
        for week, row in zip(scenario.weeks.index, scenario.weeks.to_dict("records"), strict=True)
    ]  # fmt: skip
    bands = ("expected", "10 %", "50 %", "90 %")
    late = tuple(f"late: {name}" for name in bands)
    return Table(("week beginning", *bands, *late, "change"), rows)


def _reserves(reserves: Reserves, minor_per_unit: int) -> Table:
    by_age = reserves.by_bucket
    parts = {
        str(segment): part.droplevel("segment")
        for segment, part in reserves.matrix.groupby(level="segment", sort=False)
    }
    rows = [_reserve_row(segment, part, minor_per_unit) for segment, part in parts.items()]
    rows.append(_reserve_row("All", by_age.drop(index=ALL), minor_per_unit))
    ages = [str(age).replace("over_", "over ").replace("not_due", "not due") for age in by_age.index[:-1]]
    return Table(("segment", "outstanding", *(age.replace("_", " to ") for age in ages), "all ages"), rows)


def _reserve_row(called: str, ages: pd.DataFrame, minor_per_unit: int) -> tuple[str, ...]:
    balance, provided = int(ages["balance_minor"].sum()), int(ages["provision_minor"].sum())
    cells = [(row["rate"], row["provision_minor"]) for row in ages.to_dict("records")]
    cells.append((provided / balance if balance else float("nan"), provided))
    said = (_provision(rate, minor, minor_per_unit) for rate, minor in cells)
    return (called, _money(balance, minor_per_unit), *said)


def _provision(rate: float, provided: float, minor_per_unit: int) -> str:
    return f"{figure(rate, 'ratio')}: {_money(provided, minor_per_unit)}"


def _worklist(listed: Worklist, minor_per_unit: int, called: _Called) -> Table:
    rows = [
        (f"{rank}", f"{row['day']}", called(str(row["customer_id"])), _money(row["balance_minor"], minor_per_unit),
         _money(row["overdue_minor"], minor_per_unit), _money(row["value_minor"], minor_per_unit), row["reason"])
        for rank, row in listed.calls.head(MOST_CALLS).iterrows()
    ]  # fmt: skip
    return Table(("rank", "day", "customer", "outstanding", "overdue", "worth of a call", "reason"), rows)
