"""A study as an Excel workbook."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from payseg_widgets.report.tables import safe_for_spreadsheets, segments_table
from payseg_widgets.study import Study

#: What a worksheet holds, less the heading.
MAX_ROWS = 1_048_575


def write_workbook(study: Study, path: Path, *, names: bool = False) -> None:
    """Write key figures, segments, customers, ledger quality and rejected rows, a sheet each."""
    with pd.ExcelWriter(
        path,
        engine="xlsxwriter",
        engine_kwargs={"options": {"strings_to_formulas": False, "strings_to_urls": False}},
    ) as book:
        for name, table in _sheets(study, names).items():
            note = len(table) - MAX_ROWS
            safe_for_spreadsheets(table.head(MAX_ROWS)).to_excel(book, sheet_name=name, index=False)
            sheet = book.sheets[name]
            sheet.freeze_panes(1, 1)
            for i, column in enumerate(table.columns):
                sheet.set_column(i, i, min(max(len(str(column)) + 2, 10), 40))
            if note > 0:
                sheet.write_comment(
                    0, 0, f"{note:,} further rows are in segments.csv: a sheet holds no more."
                )


def _sheets(study: Study, names: bool) -> dict[str, pd.DataFrame]:
    segmentation, ledger = study.segmentation, study.ledger
    unit = ledger.minor_per_unit
    cards = pd.DataFrame(
        [
            {
                "segment": c.letter, "name": c.name, "customers": c.n_customers, "share of customers": c.share_customers,
                "share of money": c.share_value, "risk": c.risk, "value": c.value, "summary": c.summary, "suggested action": c.action,
            }
            for c in segmentation.cards
        ]
    )  # fmt: skip
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
        "Top debtors": study.top_debtors,
        "Features": study.features.describe(),
        "Models tried": segmentation.attempts,
        "Reconciliation": _money(ledger.reconciliation, unit).rename(columns=in_units),
        "Quality": _money(ledger.quality, unit).rename(columns=in_units),
        "Rejected": _money(ledger.rejected, unit).rename(columns=in_units),
    }


def _money(table: pd.DataFrame, minor_per_unit: int) -> pd.DataFrame:
    return table.assign(amount_minor=pd.to_numeric(table["amount_minor"]).astype("Float64") / minor_per_unit)
