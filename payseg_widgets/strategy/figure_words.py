"""A key figure with its words: what it means, how it is computed, and a sentence that tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from payseg_widgets.features.invoices import HORIZON_DAYS
from payseg_widgets.strategy.kpis import WINDOW_DAYS, Kpi
from payseg_widgets.strategy.trend import JUDGED_DAYS, OLD_DAYS


class Words(NamedTuple):
    """What a figure is called, its unit, and what it means.

    Attributes
    ----------
    label : str
    unit : {"share", "days", "minor"}
    definition, formula : str
    """

    label: str
    unit: str
    definition: str
    formula: str


#: Figures that a ledger tells by itself, by name.
LEDGER_FIGURES = {
    "outstanding": Words(
        "Outstanding", "minor", "Not paid, credited or closed; a fact of the ledger.",
        "invoiced - paid - credited - forgone",
    ),
    "average_outstanding": Words(
        "Average outstanding", "minor",
        "Open balance a customer, those who owe nothing included; a fact of the ledger.", "outstanding / customers",
    ),
    "overdue_share": Words(
        "Overdue share", "share", "Share of the open balance that is past due and grace; a fact of the ledger.",
        "overdue / outstanding",
    ),
    "over_30_days_share": Words(
        f"Over {OLD_DAYS} days past due", "share",
        f"Share of the open balance that is more than {OLD_DAYS} days past due; a fact of the ledger.",
        f"outstanding more than {OLD_DAYS} days past due / outstanding",
    ),
    "late_customers": Words(
        "Customers mostly late", "share",
        f"Of the customers with an invoice due within the last {JUDGED_DAYS} days, the share of whom more than half of those "
        "invoices were paid late or are late still; a fact of the ledger. It stands in for the high-risk segments in the trend.",
        "customers with more than half late / customers with an invoice due",
    ),
    "dso_countback": Words(
        "DSO, count-back", "days", "Days of most recent sales that add up to the outstanding balance; a fact of the ledger.",
        "full days counted back + rest of the balance / sales of the next day back",
    ),
    "dso_classic": Words(
        "DSO, classic", "days", "Balance in days of the average sales; misleads when sales grow or shrink. A fact of the ledger.",
        f"outstanding / sales of the last {WINDOW_DAYS} days x {WINDOW_DAYS}",
    ),
    "dso_best_possible": Words(
        "Best possible DSO", "days", "Classic DSO if nothing were overdue; a fact of the ledger.",
        f"not overdue / sales of the last {WINDOW_DAYS} days x {WINDOW_DAYS}",
    ),
    "days_beyond_terms": Words(
        "Days beyond terms", "days",
        f"Mean days late of owed invoices by amount, open ones respected (restricted mean of the Kaplan-Meier curve), delays "
        f"capped at {HORIZON_DAYS} days; missing where too much is open to tell.",
        "area below the share of the amount unpaid by days late, less the days before the due date",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One key figure.

    Attributes
    ----------
    name, label : str
    value : float
        NaN where it cannot be told.
    unit : {"share", "days", "minor"}
    definition, formula : str
    conf_low, conf_high : float
        NaN for a fact, and for an expectation without an interval.
    interval : str
        What the interval is.
    """

    name: str
    label: str
    value: float
    unit: str
    definition: str
    formula: str
    conf_low: float = float("nan")
    conf_high: float = float("nan")
    interval: str = "95 % interval"

    def row(self, past: pd.Series | None, money: Callable[[float], str]) -> dict[str, Any]:
        """Return the figure as a row of a table, its sentence beside it.

        Parameters
        ----------
        past : pandas.Series or None
            The figure by day, the oldest first and this one last; ``None`` without a trend.
        money : callable
            Writes minor units.
        """
        kept = ("name", "label", "value", "unit", "conf_low", "conf_high", "definition", "formula")
        row = {name: getattr(self, name) for name in kept} | {"sentence": self._sentence(past, money)}
        return {"figure": row.pop("name"), **row}

    def _sentence(self, past: pd.Series | None, money: Callable[[float], str]) -> str:
        said = f"{self.label}: {told(self.value, self.unit, money)}"
        if not pd.isna(self.conf_low):
            low, high = (told(end, self.unit, money) for end in (self.conf_low, self.conf_high))
            said += f" ({self.interval}: {low} to {high})"
        known = pd.Series(dtype=float) if past is None else past.iloc[:-1].dropna()
        if len(known):
            said += f"; {told(known.iloc[0], self.unit, money)} on {known.index[0]:%Y-%m-%d}"
        return f"{said}."


def from_kpi(kpi: Kpi, more: str = "") -> Figure:
    """Return a share as a figure, with more to say of it."""
    definition = f"{kpi.definition} {more}".strip()
    return Figure(
        kpi.name, kpi.label, kpi.value, "share", definition, kpi.formula, kpi.conf_low, kpi.conf_high
    )


def told(value: float, unit: str, money: Callable[[float], str]) -> str:
    """Write a figure with its unit; "–" where it is missing.

    >>> told(0.1234, "share", str), told(41.27, "days", str), told(float("nan"), "days", str)
    ('12.3 %', '41.3 days', '–')
    """
    if pd.isna(value):
        return "–"
    if unit == "minor":
        return money(value)
    return f"{100 * value:.1f} %" if unit == "share" else f"{value:.1f} days"
