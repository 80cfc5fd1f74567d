"""Prove that every row that came in is accounted for, in rows and in money."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from payseg_widgets.ledger.intake import Intake, money_of
from payseg_widgets.ledger.schema import RECONCILIATION_COLUMNS, REJECTED_COLUMNS

_WITHOUT_MONEY = ("reminders", "disputes", "customers")


def reconcile(intakes: Iterable[Intake]) -> pd.DataFrame:
    """Count what was read and what became of it.

    Money of a cell that cannot be read counts as zero, on both sides. ``accepted`` is counted from the rows
    that reach the ledger, not as a difference.

    Returns
    -------
    pandas.DataFrame
        ``RECONCILIATION_COLUMNS``; per table ``read`` first.

    Raises
    ------
    AssertionError
        If read differs from the sum of the outcomes: a mistake in the reader, not in the export.
    """
    rows = []
    for intake in intakes:
        totals = {
            "accepted": [len(intake.rows), money_of(intake.rows)],
            "duplicate": [0, 0],
            "rejected": [0, 0],
        }
        for outcome, n, money in intake.outcomes:
            total = totals.setdefault(outcome, [0, 0])
            total[0] += n
            total[1] += money
        listed = sum(map(len, intake.rejected))
        n, money = (sum(total[i] for total in totals.values()) for i in (0, 1))
        assert (n, money) == (intake.n_read, intake.money_read), (  # noqa: S101
            f"{intake.table} does not reconcile: {intake.n_read} rows, {intake.money_read} minor units "
            f"read, {n} and {money} accounted for"
        )
        assert listed == totals["rejected"][0], (  # noqa: S101
            f"{intake.table}: {totals['rejected'][0]} rows rejected, {listed} listed"
        )
        for outcome, (count, amount) in {"read": (intake.n_read, intake.money_read), **totals}.items():
            rows.append((intake.table, outcome, count, pd.NA if intake.table in _WITHOUT_MONEY else amount))
    table = pd.DataFrame(rows, columns=list(RECONCILIATION_COLUMNS))
    return table.astype({"table": "str", "outcome": "str", "n_rows": "int64", "amount_minor": "Int64"})


def rejected_rows(intakes: Iterable[Intake]) -> pd.DataFrame:
    """List every rejected row of all tables."""
    found = [rows for intake in intakes for rows in intake.rejected if len(rows)]
    if not found:
        empty = pd.DataFrame(columns=list(REJECTED_COLUMNS))
        return empty.astype(
            dict.fromkeys(REJECTED_COLUMNS, "str") | {"source_row": "int64", "amount_minor": "Int64"}
        )
    return pd.concat(found, ignore_index=True).sort_values(
        ["table", "source_row"], kind="stable", ignore_index=True
    )


def quality_rows(intakes: Iterable[Intake]) -> pd.DataFrame:
    """List every finding of all tables."""
    rows = [
        (i.table, f.column, _sentence(f.text), f.n_rows, pd.NA if f.amount_minor is None else f.amount_minor)
        for i in intakes
        for f in i.findings
    ]
    table = pd.DataFrame(rows, columns=["table", "column", "finding", "n_rows", "amount_minor"])
    return table.astype(
        {"table": "str", "column": "str", "finding": "str", "n_rows": "int64", "amount_minor": "Int64"}
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
