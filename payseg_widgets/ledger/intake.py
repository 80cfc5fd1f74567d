"""The rows of one table on their way into the ledger: alive until an outcome takes them out.

Nothing leaves without being counted, in rows and in money: ``read = accepted + duplicate + rejected + ...``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from payseg_widgets.ledger.findings import Finding, quoted
from payseg_widgets.ledger.schema import REJECTED_COLUMNS

#: The day on which a row of each table becomes known.
DAY = {
    "invoices": "issued_on",
    "payments": "paid_on",
    "credit_notes": "issued_on",
    "reminders": "sent_on",
    "disputes": "known_on",
}


@dataclass
class Intake:
    """Rows of one table that are still on their way in, and what became of the others.

    Attributes
    ----------
    table : str
    rows : pandas.DataFrame
        Alive rows with a unique index, ``source_row`` and, for tables of money, ``amount_minor`` (Int64).
    outcomes : list of (str, int, int)
        Outcome, rows and money of those that left.
    rejected : list of pandas.DataFrame
        With ``REJECTED_COLUMNS``.
    findings : list of Finding
    n_read, money_read : int
        All rows ever put in.
    """

    table: str
    rows: pd.DataFrame
    outcomes: list[tuple[str, int, int]] = field(default_factory=list)
    rejected: list[pd.DataFrame] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    n_read: int = field(init=False)
    money_read: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_read, self.money_read = len(self.rows), money_of(self.rows)

    def add(self, rows: pd.DataFrame) -> None:
        """Put in further rows, found in another table."""
        self.n_read += len(rows)
        self.money_read += money_of(rows)
        if len(rows):
            self.rows = (
                pd.concat([self.rows, rows], ignore_index=True)
                if len(self.rows)
                else rows.reset_index(drop=True)
            )

    def join(self, other: Intake) -> None:
        """Put in everything of another intake of the same table, with what became of its rows."""
        alive = self.rows, other.rows
        self.rows = (
            pd.concat([t for t in alive if len(t)], ignore_index=True) if any(map(len, alive)) else other.rows
        )
        self.outcomes += other.outcomes
        self.rejected += other.rejected
        self.findings += other.findings
        self.n_read += other.n_read
        self.money_read += other.money_read

    def take_out(self, mask: pd.Series | np.ndarray, outcome: str) -> pd.DataFrame:
        """Take rows out under an outcome and return them."""
        mask = np.asarray(mask, dtype=bool)
        if not mask.any():
            return self.rows.iloc[:0]
        gone, self.rows = self.rows[mask], self.rows[~mask]
        self.outcomes.append((outcome, len(gone), money_of(gone)))
        return gone

    def reject(
        self,
        mask: pd.Series | np.ndarray,
        reason: str | pd.Series,
        *,
        column: str = "",
        values: pd.Series | None = None,
    ) -> pd.DataFrame:
        """Take rows out as rejected, each listed with the reason and, where it helps, the cell seen."""
        gone = self.take_out(mask, "rejected")
        if len(gone):
            seen = pd.Series("", index=gone.index) if values is None else _quoted(values.reindex(gone.index))
            money = (
                gone["amount_minor"]
                if "amount_minor" in gone
                else pd.Series(pd.NA, index=gone.index, dtype="Int64")
            )
            listed = pd.DataFrame(
                {
                    "table": self.table,
                    "source_row": gone["source_row"].astype("int64"),
                    "reason": reason if isinstance(reason, str) else reason.reindex(gone.index),
                    "column": column,
                    "value": seen.astype("str"),
                    "amount_minor": money.astype("Int64"),
                }
            )
            self.rejected.append(listed[list(REJECTED_COLUMNS)])
        return gone

    def note(
        self, column: str, text: str, rows: pd.DataFrame | None = None, *, money: int | None = None
    ) -> None:
        """Say something about the table; ``rows`` gives the count and, unless given, the money."""
        if rows is None:
            self.findings.append(Finding(column, text, 0, money))
        elif len(rows):
            has_money = "amount_minor" in rows
            self.findings.append(
                Finding(column, text, len(rows), money_of(rows) if money is None and has_money else money)
            )

    def note_all(self, findings: Iterable[Finding]) -> None:
        """Add findings of a parser."""
        self.findings.extend(findings)


def money_of(rows: pd.DataFrame) -> int:
    """Sum the readable money of rows, exactly."""
    return int(rows["amount_minor"].fillna(0).sum()) if "amount_minor" in rows and len(rows) else 0


def _quoted(cells: pd.Series) -> pd.Series:
    text = cells.astype("str")
    return text.map({cell: quoted(cell) for cell in text.dropna().unique()}).astype("str").fillna("")
