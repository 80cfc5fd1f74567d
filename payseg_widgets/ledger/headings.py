"""Where a table begins: the row of headings among titles, blank rows and data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.findings import Finding, counted, quoted

_LOOKS_LIKE_DATA = re.compile(
    r"[(\-+£$€]?\s?\d[\d\s.,:/'-]*\)?(?:\s?(?:CR|DR|[A-Z]{3}))?|\d{4}-\d\d-\d\d.*|\d{1,2}[-/. ]\w{3}[-/. ]\d{2,4}"
)


@dataclass(frozen=True)
class Heading:
    """The row of headings.

    Attributes
    ----------
    position : int
        How many rows stand above it.
    names : tuple of str
        Stripped and unique; one per column.
    kept : tuple of int
        Which of the columns of the source they are: columns without heading and without data in the first rows are
        left out; `with_late_columns` brings back those with data further down.
    findings : tuple of Finding
        Rows left out above, headings made up or made unique.
    """

    position: int
    names: tuple[str, ...]
    kept: tuple[int, ...]
    findings: tuple[Finding, ...]


def looks_like_data(cell: str) -> bool:
    """Tell whether a cell is a number, an amount or a date.

    >>> looks_like_data("£1,234.56"), looks_like_data("1/31/2024"), looks_like_data("Due date")
    (True, True, False)
    """
    return _LOOKS_LIKE_DATA.fullmatch(cell.strip()) is not None


def find_heading(rows: Sequence[Sequence[str]], table: str) -> Heading:
    """Find the headings among the first rows of a table.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows as text, blank rows included.
    table : str
        Name for the error.

    Returns
    -------
    Heading
        The first row filled about as well as most rows are, and as wide.

    Raises
    ------
    LedgerError
        If that row holds data itself.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    if not any(filled):
        raise LedgerError(
            f"The {table} table is empty: it holds no cell. Export it again with its heading row."
        )
    usual = _usual(filled)
    position = next(i for i, n in enumerate(filled) if n >= max(min(2, usual), 0.7 * usual))
    if position + 1 < len(rows):
        _refuse_data(
            rows[position], [row for row in rows[position + 1 :] if any(c.strip() for c in row)], table
        )
    findings = []
    skipped = sum(n > 0 for n in filled[:position])
    if skipped:
        text = (
            f"{counted(skipped, 'row')} above the headings left out "
            f"(first cell {quoted(rows[position][0])} begins the headings)."
        )
        findings.append(Finding("", text, skipped))
    names, kept, said = _names(rows[position], rows[position + 1 :])
    return Heading(position, names, kept, (*findings, *said))


def _usual(filled: Sequence[int]) -> int:
    """Return the most frequent number of filled cells, the larger one on a tie."""
    n_rows = Counter(n for n in filled if n)
    return max(n_rows, key=lambda n: (n_rows[n], n))


def _refuse_data(heading: Sequence[str], below: Sequence[Sequence[str]], table: str) -> None:
    """Refuse a first row that is data in the very columns in which the rows below are."""
    both = only_below = 0
    for column, cell in enumerate(heading):
        cells = [row[column] for row in below if column < len(row) and row[column].strip()]
        if cells and sum(map(looks_like_data, cells)) > len(cells) / 2:
            both += looks_like_data(cell)
            only_below += not looks_like_data(cell)
    if both and not only_below:
        first = next(cell for cell in heading if looks_like_data(cell))
        raise LedgerError(
            f"The {table} table has no headings: its first full row holds data (such as {quoted(first)}). "
            "Add a row of headings on top."
        )


def _names(
    heading: Sequence[str], below: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], tuple[int, ...], list[Finding]]:
    kept, names = [], []
    findings: list[Finding] = []
    for column, cell in enumerate(heading):
        name = " ".join(cell.replace("\ufeff", "").split())
        if not name:
            if not any(column < len(row) and row[column].strip() for row in below):
                continue
            name = f"column {column + 1}"
            findings.append(Finding(name, f"Column {column + 1} has no heading and is called {name!r}."))
        kept.append(column)
        names.append(name)
    names, said = unique_names(names)
    return tuple(names), tuple(kept), [*findings, *said]


def with_late_columns(heading: Heading, filled: Sequence[bool]) -> Heading:
    """Name the columns left out for want of a heading and of data in the first rows that hold data further down.

    Parameters
    ----------
    heading : Heading
        As found in the first rows.
    filled : sequence of bool
        Whether each column of the source holds a cell with text below the headings.

    >>> late = with_late_columns(Heading(0, ("id",), (0,), ()), [True, False, True])
    >>> late.names, late.kept
    (('id', 'column 3'), (0, 2))
    """
    names = dict(zip(heading.kept, heading.names, strict=True))
    late = [i for i, has_text in enumerate(filled) if has_text and i not in names]
    if not late:
        return heading
    taken, said = set(heading.names), []
    for i in late:
        name = f"column {i + 1}"
        while name in taken:
            name += " without heading"
        taken.add(name)
        names[i] = name
        said.append(
            Finding(
                name, f"Column {i + 1} has no heading, holds data only further down and is called {name!r}."
            )
        )
    kept = tuple(sorted(names))
    return Heading(heading.position, tuple(names[i] for i in kept), kept, (*heading.findings, *said))


def unique_names(names: Sequence[str]) -> tuple[list[str], list[Finding]]:
    """Tell repeated headings apart by a number.

    >>> unique_names(["Amount", "Date", "Amount"])[0]
    ['Amount', 'Date', 'Amount (2)']
    """
    taken = set(names)
    seen: Counter[str] = Counter()
    unique, findings = [], []
    for name in names:
        seen[name] += 1
        fresh = name
        while seen[name] > 1 and fresh in taken:
            fresh = f"{name} ({seen[name]})"
            seen[name] += fresh in taken
        if fresh != name:
            taken.add(fresh)
            findings.append(
                Finding(
                    fresh,
                    f"The heading {quoted(name)} is repeated; the later column is called {quoted(fresh)}.",
                )
            )
        unique.append(fresh)
    return unique, findings
