"""What the reader noticed about a column, in whole sentences."""

from __future__ import annotations

from dataclasses import dataclass

_QUOTED_AT_MOST = 60


@dataclass(frozen=True)
class Finding:
    """One thing that was decided, repaired or contradictory in one column.

    Attributes
    ----------
    column : str
        The column concerned; empty for the table as a whole.
    text : str
        A whole sentence. It quotes single cells at most, never a row: names are confidential.
    n_rows : int
        Rows concerned.
    amount_minor : int or None
        Money concerned in minor units; ``None`` where it has none.
    """

    column: str
    text: str
    n_rows: int = 0
    amount_minor: int | None = None


def quoted(cell: object) -> str:
    """Quote one cell for a message, cut to 60 characters, on one line.

    >>> quoted("31/02/2024")
    "'31/02/2024'"
    """
    text = repr(cell if isinstance(cell, str) else str(cell))
    return text if len(text) <= _QUOTED_AT_MOST else f"{text[: _QUOTED_AT_MOST - 4]}...{text[0]}"


def counted(n: int, singular: str, plural: str | None = None) -> str:
    """Write a count with its noun.

    >>> counted(1, "row"), counted(2466, "row")
    ('1 row', '2,466 rows')
    """
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"
