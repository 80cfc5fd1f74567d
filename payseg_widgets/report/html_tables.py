"""The tables of the HTML page, every cell finished text."""

from __future__ import annotations

from typing import Any

import pandas as pd

from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.report.outlook_tables import explained_rows, forecaster_rows, past_rows
from payseg_widgets.report.page_table import Table, spaced
from payseg_widgets.report.text import figure, money, place, reconciliation_table, rejected_by_reason
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.study import Study

#: Key figures shown by segment: column, heading, unit.
_BY_SEGMENT = (
    ("n_customers", "customers", "count"),
    ("n_invoices", "invoices", "count"),
    ("invoiced", "invoiced", "money"),
    ("invoiced_share", "of all", "ratio"),
    ("outstanding", "outstanding", "money"),
    ("outstanding_share", "of all", "ratio"),
    ("overdue_ratio", "overdue share", "ratio"),
    ("late_ratio", "late", "ratio"),
    ("mean_delay", "mean delay", "days"),
    ("dso_count_back", "DSO, count-back", "days"),
)
_FORECASTERS = ("forecaster", "AUC", "95 % interval", "Brier", "predicted over observed", "calibration slope")
_EXPLAINED = (
    "invoice",
    "customer",
    "open",
    "days past due",
    "expected in days",
    "paid within 30 days",
    "why",
)


def page_tables(study: Study) -> dict[str, Table]:
    """Return the page's tables by the name the template calls them."""
    ledger, segmentation = study.ledger, study.segmentation
    return {
        "kpis": _key_figures(study),
        "by_segment": _by_segment(study),
        "top": _top_debtors(study),
        "attempts": _attempts(segmentation.attempts),
        "quality": _quality(segmentation),
        "reconciliation": Table.of(reconciliation_table(ledger), str),
        "rejected": Table.of(rejected_by_reason(ledger), str),
        "findings": _findings(ledger),
        "features": _features(study),
        "explained": Table(_EXPLAINED, explained_rows(study)),
        "forecasters": Table(_FORECASTERS, forecaster_rows(study.outlook)),
        "past": Table(("what", "value", "95 % interval", "n"), past_rows(study.outlook)),
    }


def plain_table(frame: pd.DataFrame) -> Table:
    """Write the figures of a picture: two decimals, everything else as it is."""
    return Table.of(frame, lambda value: f"{value:,.2f}" if isinstance(value, float) else str(value))


def _key_figures(study: Study) -> Table:
    currency = study.ledger.currency
    rows = [(kpi.label, figure(kpi.value, kpi.unit, currency), kpi.definition) for kpi in study.kpis]
    return Table(("figure", "value", "definition"), rows)


def _by_segment(study: Study) -> Table:
    called = _called(study.segmentation) | {"all": "All customers"}
    rows = [
        (called[row["segment"]], *(figure(row[column], unit) for column, _, unit in _BY_SEGMENT))
        for row in study.kpis_by_segment.reset_index().to_dict("records")
    ]
    return Table(("segment", *(heading for _, heading, _ in _BY_SEGMENT)), rows)


def _top_debtors(study: Study) -> Table:
    called = _called(study.segmentation)
    rows = [
        (
            row["customer_id"],
            called.get(row["segment"], "–"),
            figure(row["outstanding"], "money"),
            figure(row["overdue"], "money"),
            figure(row["share"], "ratio"),
            f"{row['oldest_days_overdue']:.0f} days",
        )
        for row in study.top_debtors.to_dict("records")
    ]
    return Table(("customer", "segment", "outstanding", "overdue", "share", "oldest"), rows)


def _called(segmentation: Segmentation) -> dict[int | str, str]:
    return {card.segment: f"{card.letter} {card.name}" for card in segmentation.cards}


def _attempts(attempts: pd.DataFrame) -> Table:
    numbers = [column for column in attempts.columns if column not in ("model", "account")]
    rows = [
        (spaced(row["model"]), *(_short(row[column]) for column in numbers), str(row["account"]))
        for row in attempts.to_dict("records")
    ]
    return Table(("model", *(spaced(column) for column in numbers), "account"), rows)


def _short(value: Any) -> str:
    if value is None or pd.isna(value):
        return "–"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def _quality(segmentation: Segmentation) -> Table:
    rows = [
        (spaced(name), f"{value:.3f}" if isinstance(value, float) else str(value))
        for name, value in segmentation.quality.items()
        if isinstance(value, str | int | float)
    ]
    return Table(("criterion", "value"), rows)


def _findings(ledger: Ledger) -> Table:
    rows = [
        (place(row["table"], row["column"]), money(row["amount_minor"], ledger), row["finding"])
        for row in ledger.quality.to_dict("records")
    ]
    return Table(("where", "money", "finding"), rows)


def _features(study: Study) -> Table:
    headings = (
        "feature",
        "unit",
        "customers",
        "lower quartile",
        "median",
        "upper quartile",
        "reliability",
        "meaning",
    )
    used = set(study.segmentation.features)
    described = study.features.describe().to_dict("records")
    return Table(headings, [_feature_row(row, is_used=row["feature"] in used) for row in described])


def _feature_row(row: dict[Any, Any], *, is_used: bool) -> tuple[str, ...]:
    unit = str(row["unit"])
    quartiles = (_quartile(row[q], unit) for q in ("q25", "median", "q75"))
    reliability = "–" if pd.isna(row["reliability"]) else f"{row['reliability']:.2f}"
    label = f"{'● ' if is_used else ''}{row['label']}"
    return label, spaced(unit), f"{row['n_estimable']:,}", *quartiles, reliability, str(row["meaning"])


def _quartile(value: float, unit: str) -> str:
    if pd.isna(value):
        return "–"
    return figure(value, unit) if unit in ("ratio", "days", "money") else f"{value:,.2f}"
