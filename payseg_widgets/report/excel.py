"""A study as an Excel workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from payseg_widgets.report.groups_tables import group_sheets
from payseg_widgets.report.outlook_tables import open_invoices_table, weeks_ahead_table
from payseg_widgets.report.sheet import write_table
from payseg_widgets.report.strategy_sheets import strategy_sheets
from payseg_widgets.report.tables import rules_by_segment, safe_for_spreadsheets, segments_table
from payseg_widgets.study import Study

#: What a worksheet holds, less the heading.
MAX_ROWS = 1_048_575


def write_workbook(study: Study, path: Path, *, names: bool = False) -> None:
    """Write key figures, segments, customers, what to do, ledger quality and rejected rows, a sheet each."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True})
        for name, table in _sheets(study, names).items():
            sheet = book.add_worksheet(name)
            caution = study.segmentation.caution
            room = MAX_ROWS - bool(caution)
            if caution:
                sheet.write_string(0, 0, caution, bold)
                sheet.set_header(f"&L{caution}")  # on every printed page
            write_table(sheet, safe_for_spreadsheets(table.head(room)), bold, first_row=int(bool(caution)))
            if len(table) > room:
                note = f"{len(table) - room:,} rows are left out: a sheet holds no more. segments.csv has all customers."
                sheet.write_comment(int(bool(caution)), 0, note)


def _sheets(study: Study, names: bool) -> dict[str, pd.DataFrame]:
    segmentation, ledger = study.segmentation, study.ledger
    unit = ledger.minor_per_unit
    cards = pd.DataFrame(
        [
            {
                "segment": c.letter,
                "name": c.name,
                "customers": c.n_customers,
                "share of customers": c.share_customers,
                "share of money": c.share_value,
                "risk": c.risk,
                "value": c.value,
                "summary": c.summary,
                "suggested action": c.action,
                **_rule_cells(study, c.segment),
            }
            for c in segmentation.cards
        ]
    )
    by_segment = study.kpis_by_segment.reset_index()
    letters = {c.segment: f"{c.letter} {c.name}" for c in segmentation.cards}
    by_segment["segment"] = [letters.get(s, "all") for s in by_segment["segment"]]
    in_units = {"amount_minor": "amount"}
    return {
        "Key figures": pd.DataFrame(
            [
                {"figure": k.label, "value": k.value, "unit": k.unit, "definition": k.definition}
                for k in study.kpis
            ]
        ),
        "Segments": cards,
        "By segment": by_segment,
        "Customers": segments_table(study, names=names),
        "Top debtors": study.top_debtors.assign(segment=study.top_debtors["segment"].map(letters)),
        **group_sheets(study.groups),
        "Cash by week": weeks_ahead_table(study),
        "Open invoices": open_invoices_table(study),
        **strategy_sheets(study.strategy, names_from=ledger if names else None),
        "Features": study.features.describe(),
        "Models tried": segmentation.attempts,
        "Reconciliation": _money(ledger.reconciliation, unit).rename(columns=in_units),
        "Quality": _money(ledger.quality, unit).rename(columns=in_units),
        "Rejected": _money(ledger.rejected, unit).rename(columns=in_units),
    }


def _rule_cells(study: Study, segment: int) -> dict[str, Any]:
    """Return a segment's rule, its condition for the explorer, and what it is worth on customers held out."""
    rules = study.explanation.rules
    if segment not in rules.index:
        return {}
    row, words = rules.loc[segment], rules_by_segment(study)[segment]
    return {
        "rule": words.sentence,
        "rule as condition": words.condition,
        "rule: precision held out": row["precision"],
        "rule: coverage held out": row["coverage"],
        "rule: same customers when resampled": row["same_customers"],
    }


def _money(table: pd.DataFrame, minor_per_unit: int) -> pd.DataFrame:
    return table.assign(amount_minor=pd.to_numeric(table["amount_minor"]).astype("Float64") / minor_per_unit)
