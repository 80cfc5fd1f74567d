"""What is expected of the open invoices, as tables for the page and the workbook."""

from __future__ import annotations

import pandas as pd

from payseg_widgets.prediction.outlook import Outlook
from payseg_widgets.study import Study


def weeks_ahead_table(study: Study) -> pd.DataFrame:
    """Return what each week brings, in units of the currency: expected, and the band in which four weeks of five fall."""
    forecast = study.outlook.forecast
    if forecast is None:
        return pd.DataFrame(columns=["week beginning", "expected", "10 %", "50 %", "90 %"])
    weeks = forecast.weeks / study.ledger.minor_per_unit
    weeks.columns = ["expected", "10 %", "50 %", "90 %"]
    first = ["later or never" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in weeks.index]
    return weeks.reset_index(drop=True).assign(**{"week beginning": first})[
        ["week beginning", *weeks.columns]
    ]


def open_invoices_table(study: Study) -> pd.DataFrame:
    """Return every open invoice, the one that ties up most first, with why where it was asked; money in units."""
    forecast, reasons = study.outlook.forecast, study.outlook.reasons
    if forecast is None:
        return pd.DataFrame(columns=["invoice_id"])
    table = forecast.invoices.sort_values("amount_days", ascending=False, kind="stable").reset_index()
    unit = study.ledger.minor_per_unit
    days = {
        name: table[name].dt.strftime("%Y-%m-%d") for name in ("due_on", "paid_q10", "paid_q50", "paid_q90")
    }
    said = table["invoice_id"].map({name: told.sentence for name, told in reasons.items()}).fillna("")
    table = table.assign(
        outstanding=table["outstanding_minor"] / unit, amount_days=table["amount_days"] / unit, **days, why=said
    )  # fmt: skip
    chances = ("p_late", "p_paid_7", "p_paid_30", "p_paid_60")
    return table.drop(columns="outstanding_minor").round({**dict.fromkeys(chances, 4), "expected_days": 1})


def explained_rows(study: Study) -> list[tuple[str, ...]]:
    """Return the open invoices that tie up most, each with what is expected of it and why, as text."""
    table = open_invoices_table(study)
    if table.empty:
        return []
    told = table[table["why"] != ""]
    return [
        (str(row["invoice_id"]), str(row["customer_id"]), f"{row['outstanding']:,.0f}", f"{row['days_past_due']:,}",
         f"{row['expected_days']:.0f}", f"{row['p_paid_30']:.0%}", str(row["why"]))
        for row in told.to_dict("records")
    ]  # fmt: skip


def past_rows(outlook: Outlook) -> list[tuple[str, ...]]:
    """Return how right the forecasts of past days were, a row a score, as text."""
    if outlook.past is None:
        return []
    scores = outlook.past.scores[outlook.past.scores["n"] > 0]
    return [
        (
            str(row["what"]),
            f"{row['value']:.3f}",
            _interval(row["conf_low"], row["conf_high"]),
            f"{row['n']:,}",
        )
        for row in scores.to_dict("records")
    ]


def forecaster_rows(outlook: Outlook) -> list[tuple[str, ...]]:
    """Return how well each forecaster tells late invoices at issue, as text."""
    if outlook.compared is None:
        return []
    return [
        (str(row["label"]), f"{row['auc']:.3f}", _interval(row["auc_low"], row["auc_high"]), f"{row['brier']:.4f}",
         f"{row['mean_ratio']:.2f}", "–" if pd.isna(row["calibration_slope"]) else f"{row['calibration_slope']:.2f}")
        for row in outlook.compared.table.to_dict("records")
    ]  # fmt: skip


def _interval(low: float, high: float) -> str:
    return "" if pd.isna(low) else f"{low:.3f} to {high:.3f}"
