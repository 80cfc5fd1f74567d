"""What the page of a forecast panel is told: models, what each threshold does, open invoices, the one picked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.ledger.amounts import amount
from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.compare import ForecastComparison
from payseg_widgets.prediction.explain import InvoiceReasons
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.prediction.scores import confusion
from payseg_widgets.views.forecast import ranked_invoices

#: Open invoices in the table.
MOST_LISTED = 50
#: Thresholds that the page can choose among: whole per cent.
THRESHOLDS = np.arange(101) / 100
_SCORES = ("AUC", "Known customers", "New customers", "Average precision", "Brier", "Gain over own history",
           "Slope", "Told / seen")  # fmt: skip
_SCORE_NOTES = (
    "AUC: how often a late invoice has a higher chance than a timely one, with 95% interval, customers as units; 0.5 is chance. "
    "Known customers have an invoice before whose outcome was known. Brier: mean squared error, less is better; "
    "gain: by how much it is lower than that of the customer's own history, with interval. "
    "Slope of the calibration, and told over seen: 1 is right."
)
_INVOICE_NOTES = (
    "Expected in: days until it is paid, on average; what lies beyond the horizon counts as the horizon. Paid by: the day by "
    "which it is paid with that chance."
)


def model_rows(comparison: ForecastComparison) -> dict[str, Any]:
    """Return the scores of the forecasters and what can be said of them."""
    return {
        "sentence": comparison.sentence,
        "about": (
            f"{comparison.n_judged:,} invoices judged, issued after {comparison.split_on:%Y-%m-%d}; learnt from "
            f"{comparison.n_fitted:,} of which it was known by then whether they were late."
        ),
        "columns": list(_SCORES), "notes": _SCORE_NOTES,
        "rows": [_model_row(str(name), dict(row)) for name, row in comparison.table.iterrows()],
    }  # fmt: skip


def _model_row(name: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    baseline = " (baseline)" if row["is_baseline"] else ""
    names = ("auc_known", "auc_new", "average_precision", "brier")
    cells = [_interval(row, "auc", 3), *(_figure(row[one]) for one in names), _interval(row, "gain", 4)]
    cells += [_figure(row[one], 2) for one in ("calibration_slope", "mean_ratio")]
    return {"name": name, "label": f"{row['label']}{baseline}", "cells": cells}


def threshold_rows(
    comparison: ForecastComparison, model: str, forecast: PaymentForecast | None
) -> dict[str, Any]:
    """Return how many late and timely invoices a model flags at each threshold, and how many open ones are flagged.

    Open invoices are flagged by the chance that the forecast tells; those late already are not counted.
    """
    judged = comparison.probabilities
    p, is_late = judged[model].to_numpy(dtype=float), judged["is_late"].to_numpy(dtype=bool)
    flagged = [confusion(p, is_late, one).to_numpy()[0].tolist() for one in THRESHOLDS]
    row: Any = comparison.table.loc[model]
    told = {
        "label": str(row["label"]), "n_late": int(is_late.sum()), "n_timely": int((~is_late).sum()),
        "late": [late for late, _ in flagged], "timely": [timely for _, timely in flagged],
        "apart": f"{row['label']}: AUC {_figure(row['auc_known'])} on customers with invoices before, {_new(row['auc_new'])}",
    }  # fmt: skip
    if forecast is not None:
        chances = forecast.invoices["p_late"].to_numpy()[~_is_late(forecast)]
        told |= {"n_open": len(chances), "open": [int((chances >= one).sum()) for one in THRESHOLDS]}
    return told


def invoice_rows(forecast: PaymentForecast, *, shows_ids: bool) -> dict[str, Any]:
    """Return the open invoices that bind most for longest, and how many there are besides."""
    is_late = pd.Series(_is_late(forecast), index=forecast.invoices.index)
    ranked = ranked_invoices(forecast).assign(is_late=is_late)
    shown, rest = ranked.head(MOST_LISTED), ranked.iloc[MOST_LISTED:]
    money = amount(float(rest["outstanding_minor"].sum()), forecast.currency)
    left_out = (
        f" {len(rest):,} more, {money}, {'is' if len(rest) == 1 else 'are'} not listed." if len(rest) else ""
    )
    return {
        "caption": f"Open invoices on {forecast.as_of:%Y-%m-%d}, by amount × days until they are expected",
        "sentence": forecast.sentence,
        "columns": [*(["Customer"] if shows_ids else []), "Amount", "Days past due", "Chance late", "Expected in", "Paid by, 50%",
                    "Paid by, 90%"],
        "rows": [_invoice_row(str(name), dict(row), forecast.currency, shows_ids) for name, row in shown.iterrows()],
        "notes": _INVOICE_NOTES + left_out,
    }  # fmt: skip


def _invoice_row(name: str, row: Mapping[Any, Any], currency: str, shows_ids: bool) -> dict[str, Any]:
    cells = [str(row["customer_id"])] if shows_ids else []
    cells += [
        amount(float(row["outstanding_minor"]), currency), f"{row['days_past_due']:,}", _chance(row),
        counted(round(row["expected_days"]), "day"), _day(row["paid_q50"]), _day(row["paid_q90"]),
    ]  # fmt: skip
    return {"name": name, "label": name, "cells": cells}


def _is_late(forecast: PaymentForecast) -> np.ndarray:
    """Return which invoices are late already; on the last day of grace one that is unpaid is not, though it will be."""
    seen = forecast.seen
    return np.asarray(forecast.invoices["days_past_due"].to_numpy() >= seen.overdue_on - seen.due)


def _chance(row: Mapping[Any, Any]) -> str:
    if row["p_late"] < 1:
        return f"{row['p_late']:.0%}"
    return "is late" if row["is_late"] else "will be late"


def invoice_told(
    forecast: PaymentForecast, invoice: str, reasons: InvoiceReasons, *, shows_ids: bool
) -> dict[str, Any]:
    """Return what can be said of one invoice: what is owed, by when it is paid, and the reasons of its chance in points."""
    row: Any = forecast.invoices.loc[invoice]
    days = int(row["days_past_due"])
    due = (
        f"{counted(days, 'day')} past due"
        if days > 0
        else f"due in {counted(-days, 'day')}"
        if days < 0
        else "due today"
    )
    whose = f" of customer {row['customer_id']}" if shows_ids else ""
    return {
        "heading": f"Invoice {invoice}{whose}",
        "sentences": [
            f"{amount(float(row['outstanding_minor']), forecast.currency)} open, {due}. {_paid_by(row)}",
            reasons.sentence,
        ],
        "reasons": [
            [str(name), f"{round(points, 1) + 0.0:+.1f} points"]
            for name, points in reasons.table["points"].items()
        ],
    }


def _paid_by(row: Any) -> str:
    days = {chance: row[f"paid_q{chance}"] for chance in (10, 50, 90)}
    known = [f"{chance}% by {_day(day)}" for chance, day in days.items() if not pd.isna(day)]
    if not known:
        return "It is paid later than can be told, if at all."
    later = "" if len(known) == len(days) else "; more than that only later than can be told"
    return f"Chance that it is paid: {', '.join(known)}{later}."


def _interval(row: Mapping[Any, Any], name: str, digits: int) -> str:
    """Write an estimate with its interval, which stays on one line."""
    low, high = (_figure(row[f"{name}_{end}"], digits) for end in ("low", "high"))
    return f"{_figure(row[name], digits)} ({low}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}{high})"


def _new(auc: float) -> str:
    return "no new customers to judge it on." if pd.isna(auc) else f"{_figure(auc)} on new ones."


def _figure(value: float, digits: int = 3) -> str:
    return "–" if pd.isna(value) else f"{value:.{digits}f}"


def _day(day: Any) -> str:
    return "later" if pd.isna(day) else f"{day:%Y-%m-%d}"
