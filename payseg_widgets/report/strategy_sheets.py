"""What to do and what it comes to, as sheets of the workbook: money in units of the currency."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.report.worklist_file import worklist_table
from payseg_widgets.strategy.advice import Strategy
from payseg_widgets.strategy.key_figures import KeyFigures
from payseg_widgets.strategy.overview import ALL
from payseg_widgets.strategy.plan import Plan


def strategy_sheets(strategy: Strategy, *, names_from: Ledger | None = None) -> Mapping[str, pd.DataFrame]:
    """Return the sheets by name; none without a plan.

    Parameters
    ----------
    strategy : Strategy
    names_from : Ledger, optional
        Where customers' names come from; without, there are ids only.
    """
    plan, figures = strategy.plan, strategy.key_figures
    if plan is None or figures is None:
        return {}
    unit = plan.minor_per_unit
    sheets = {
        "Clusters": _in_units(plan.clusters.reset_index(drop=True), unit),
        "Actions": _actions(plan),
        "Risk figures": _figures(figures),
        "Trend": _trend(figures),
        "DSO by segment": _in_units(figures.by_segment.reset_index(), unit),
        "Risk distribution": _in_units(figures.risk_distribution.reset_index(), unit),
        "Invoice actions": _invoice_actions(plan),
        "Self-check": pd.DataFrame([vars(finding) for finding in strategy.findings], columns=["table", "column", "row", "text"]),
    }  # fmt: skip
    if figures.ageing is not None and figures.scenario is not None:
        riskiest = figures.riskiest.reset_index()
        if names_from is not None:
            names = names_from.customers.set_index("customer_id")["name"]
            riskiest.insert(1, "name", riskiest["customer_id"].map(names))
        weeks = figures.scenario.weeks.reset_index()
        week = weeks["week"].dt.strftime("%Y-%m-%d").fillna("later or never")
        sheets |= {
            "Riskiest": riskiest, "Ageing to come": _in_units(figures.ageing.reset_index(), unit),
            "Delay scenario": _in_units(weeks.assign(week=week), unit),
        }  # fmt: skip
    if strategy.reserves is not None:
        sheets["Reserves"] = _in_units(strategy.reserves.matrix.reset_index(), unit)
    if strategy.worklist is not None:
        sheets["Worklist"] = worklist_table(strategy.worklist, names_from)
    if strategy.interest is not None:
        sheets["Statutory interest"] = _in_units(strategy.interest.reset_index(), unit)
    return sheets


def _in_units(table: pd.DataFrame, minor_per_unit: int) -> pd.DataFrame:
    """Return money in units, to the penny, under names without ``_minor``."""
    money = [name for name in table.columns if str(name).endswith("_minor")]
    units = {name: table[name].astype("Float64") / minor_per_unit for name in money}
    return table.assign(**units).rename(columns={name: name.removesuffix("_minor") for name in money})


def _actions(plan: Plan) -> pd.DataFrame:
    parts = [
        plan.actions.rename(columns={"n_customers": "n"}).assign(scope="customers"),
        plan.invoice_actions.rename(columns={"n_invoices": "n"}).assign(scope="open invoices"),
    ]
    table = pd.concat(parts).drop(index=ALL).reset_index()
    return _in_units(table[["scope", *table.columns.drop("scope")]], plan.minor_per_unit)


def _figures(figures: KeyFigures) -> pd.DataFrame:
    table = figures.table.reset_index(drop=True)
    is_money = table["unit"] == "minor"
    for name in ("value", "conf_low", "conf_high"):
        table[name] = table[name].where(~is_money, table[name] / figures.minor_per_unit)
    return table.assign(unit=table["unit"].replace("minor", "money"))


def _trend(figures: KeyFigures) -> pd.DataFrame:
    meant = figures.table.loc[figures.trend.columns]
    money = meant.index[meant["unit"] == "minor"]
    table = figures.trend.assign(**{name: figures.trend[name] / figures.minor_per_unit for name in money})
    table = table.rename(columns=meant["label"].to_dict()).reset_index()
    return table.assign(day=table["day"].dt.strftime("%Y-%m-%d"))


def _invoice_actions(plan: Plan) -> pd.DataFrame:
    kept = [
        "customer_id", "letter", "risk", "value", "outstanding_minor", "days_overdue", "p_late", "expected_days",
        "expected_loss_minor", "action", "rule", "why",
    ]  # fmt: skip
    return _in_units(plan.invoices[kept].reset_index(), plan.minor_per_unit)
