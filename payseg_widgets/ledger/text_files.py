"""Delimited text: DuckDB reads a regular file in one go, a patient reader takes the others row by row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.findings import Finding, counted, quoted
from payseg_widgets.ledger.headings import Heading, find_heading, looks_like_data, with_late_columns
from payseg_widgets.ledger.text_lines import Lines

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 200
_LONGEST_LINE = 1_000_000  # characters; a longer line is no record
_LONGEST_SAMPLED = 20  # lines within quotes among the first records
_LONGEST_RECORD = 1_000  # lines within quotes; beyond that a quote was never closed
_MOST_RUNAWAYS = 1_000  # after so many, quotes no longer hold lines together


@dataclass(frozen=True)
class TextTable:
    """Cells of a delimited file, all text.

    Attributes
    ----------
    cells : pyarrow.Table
        One column per heading.
    rows : sequence of int
        Source row of each row of ``cells``, from 1; blank rows are not counted.
    refused : list of (int, str, str)
        Source row, reason and quoted cell of each row that does not fit the headings.
    n_rows : int
        Rows read, blank rows not counted.
    findings : tuple of Finding
    """

    cells: pa.Table
    rows: Sequence[int]
    refused: list[tuple[int, str, str]]
    n_rows: int
    findings: tuple[Finding, ...]


def read_text(path: Path, table: str, delimiter: str | None) -> TextTable:
    """Read a delimited UTF-8 file.

    Parameters
    ----------
    path : pathlib.Path
        Valid UTF-8 without NULs, a byte-order mark allowed.
    table : str
        Name for errors.
    delimiter : str, optional
        One character; found by content if not given.

    Returns
    -------
    TextTable
        Blank rows are left out; a row with too many or too few cells, or with an unclosed quote, is refused.

    Raises
    ------
    LedgerError
        If the file holds no table.
    """
    if delimiter is not None and (
        not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n\0'
    ):
        raise LedgerError(
            f"delimiter={delimiter!r} is not one character that can separate cells. Leave it out, or pass such as delimiter=';'."
        )
    lines = _first_lines(path, table)
    hint = 1 if lines and lines[0].lower().startswith("sep=") and len(lines[0].rstrip("\r\n")) == 5 else 0
    delimiter = delimiter or (lines[0][4] if hint else _delimiter(lines))
    sample, ends = _sample(lines[hint:], delimiter)
    heading = find_heading(sample, table)
    start = hint + ends[heading.position]
    n_cells = len(sample[heading.position])
    width = (heading.kept[-1] + 1) if heading.kept else n_cells
    is_regular = start == hint + heading.position + 1 and not any(
        line.count('"') % 2 for line in lines[:start]
    )
    quick = _read_at_once(path, delimiter, n_cells, start) if is_regular else None
    if quick is not None:
        return _without_blank_rows(quick, heading)
    return _read_patiently(path, delimiter, width, start, heading)


def _first_lines(path: Path, table: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [line for _ in range(_SAMPLE_LINES) if (line := file.readline(_LONGEST_LINE + 1))]
    if any(len(line) > _LONGEST_LINE for line in lines[:1]):
        raise LedgerError(
            f"The first line of the {table} table has more than {_LONGEST_LINE:,} characters "
            f"(it begins {quoted(lines[0][:50])}): this is no table. Export it again as CSV, Excel or Parquet."
        )
    return [line for line in lines if len(line) <= _LONGEST_LINE]


def _sample(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the first records and the line after each, up to a quote that is not closed soon."""
    reader = csv.reader(lines, delimiter=delimiter)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in reader:
            if reader.line_num - (ends[-1] if ends else 0) > _LONGEST_SAMPLED:
                break
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error:  # a cell beyond the csv module's size limit: what came before it is sample enough
        pass
    return rows, ends


def _delimiter(lines: list[str]) -> str:
    """Choose the delimiter under which most records have the same number of cells, headings free of data."""
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [
            (len(row), row) for row in _sample(lines, delimiter)[0] if any(cell.strip() for cell in row)
        ]
        n_rows = Counter(width for width, _ in widths if width > 1)
        if not n_rows:
            continue
        usual = max(n_rows, key=lambda width: (n_rows[width], width))
        heading = next(row for width, row in widths if width == usual)
        share = n_rows[usual] / len(widths)
        is_first = len(widths[0][1]) == usual
        score = share + 0.2 * is_first - sum(map(looks_like_data, heading)) / usual
        if score > best_score + 1e-9:
            best, best_score = delimiter, score
    return best


def _read_at_once(path: Path, delimiter: str, n_cells: int, start: int) -> pa.Table | None:
    """Read a regular file with DuckDB; ``None`` if any row is irregular."""
    columns = {f"c{i}": "VARCHAR" for i in range(n_cells)}
    query = (
        "SELECT * FROM read_csv(?, columns=?, delim=?, skip=?, quote='\"', escape='\"', header=false, auto_detect=false, "
        "strict_mode=true, compression='none', max_line_size=4000000)"
    )
    try:
        with duckdb.connect() as connection:
            relation = connection.sql(query, params=[str(path), columns, delimiter, start])
            return relation.to_arrow_table()
    except duckdb.Error:
        return None


def _is_blank(cells: pa.Table) -> np.ndarray:
    """Tell which rows hold no cell with text."""
    blank = np.ones(len(cells), bool)
    for column in cells.columns:
        empty = pc.fill_null(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(column)), 0), True)
        blank &= empty.to_numpy()
        if not blank.any():
            break
    return blank


def _named(cells: pa.Table, heading: Heading) -> tuple[pa.Table, Heading]:
    """Give each column its heading; leave out those with neither heading nor text."""
    filled = [i in heading.kept or not _is_blank(cells.select([i])).all() for i in range(cells.num_columns)]
    heading = with_late_columns(heading, filled)
    return cells.select(list(heading.kept)).rename_columns(list(heading.names)), heading


def _without_blank_rows(cells: pa.Table, heading: Heading) -> TextTable:
    cells, heading = _named(cells.filter(pa.array(~_is_blank(cells))), heading)
    return TextTable(cells, range(1, len(cells) + 1), [], len(cells), heading.findings)


def _read_patiently(path: Path, delimiter: str, width: int, start: int, heading: Heading) -> TextTable:
    """Read the plain lines at once and the others row by row; a row that does not fit is refused alone."""
    lines = Lines(path, start, delimiter, width)
    runs: list[tuple[int, int]] = []
    good: dict[int, list[str]] = {}
    bad: dict[int, tuple[str, str]] = {}
    n_mended = 0
    for at, record, reason, is_mended in _records(lines, delimiter, width, runs):
        if reason:
            bad[at] = reason, quoted(record[0])
        elif any(cell.strip() for cell in record):
            good[at] = record
        n_mended += is_mended and (at in good or at in bad)
    plain, at_plain = lines.cells(runs, width)
    is_filled = ~_is_blank(plain)
    plain, at_plain = plain.filter(pa.array(is_filled)), at_plain[is_filled]
    others = pa.table(
        [pa.array([r[i] for r in good.values()], pa.large_string()) for i in range(width)], plain.column_names
    )
    at_good = np.concatenate([at_plain, np.array([*good], "int64")])
    order = np.argsort(at_good, kind="stable")
    cells = pa.concat_tables([plain, others]).take(pa.array(order)) if good else plain
    at_all = np.sort(np.concatenate([at_good, np.array([*bad], "int64")]))
    rows = np.searchsorted(at_all, at_good[order]) + 1
    refused = [(int(np.searchsorted(at_all, at)) + 1, *said) for at, said in bad.items()]
    cells, heading = _named(cells, heading)
    findings = heading.findings
    if n_mended:
        text = f"{counted(n_mended, 'row')} with a stray quotation mark read line by line."
        findings = (*findings, Finding("", text, n_mended))
    return TextTable(cells, rows.tolist(), refused, len(at_all), findings)


class _Runaway(Exception):  # noqa: N818  it never leaves this module
    """A quoted cell holds more lines than any real one."""


def _records(
    lines: Lines, delimiter: str, width: int, runs: list[tuple[int, int]]
) -> Iterator[tuple[int, list[str], str, bool]]:
    """Yield the line, the cells, the reason to refuse them (then only the cell to quote) and whether it was mended.

    Plain lines at which a record begins are not yielded but put down in ``runs``.

    Where a record of several lines does not fit, its first line is judged alone and reading goes on at the second:
    one lone quote must not swallow the rows behind it.
    """
    at, n_runaways = 0, 0
    begin = 0

    def feed(first: int, longest: int) -> Iterator[str]:
        for k in range(first, len(lines)):
            if k - begin >= longest:
                raise _Runaway
            yield lines[k]

    def is_long(line: int) -> bool:
        return bool(lines.n_bytes[line] > _LONGEST_LINE) and len(lines[line]) > _LONGEST_LINE

    while at < len(lines):
        if lines.is_plain[at]:
            runs.append((at, lines.next_other(at)))
            at = runs[-1][1]
            continue
        if is_long(at):
            yield (
                at,
                [lines[at].split(delimiter, 1)[0][:60]],
                f"a line of {len(lines[at]):,} characters",
                False,
            )
            at += 1
            continue
        begin, first = at, at
        longest = _LONGEST_RECORD if n_runaways < _MOST_RUNAWAYS else 1
        reader = csv.reader(feed(first, longest), delimiter=delimiter, strict=True)
        try:
            for record in reader:
                record, reason = _fitted(record, width)
                if reason and first + reader.line_num - begin > 1:
                    break
                yield at, record, reason, False
                at = begin = first + reader.line_num
                if at < len(lines) and (lines.is_plain[at] or is_long(at)):
                    break
            else:
                return
            if lines.is_plain[at] or is_long(at):
                continue
        except csv.Error:
            pass
        except _Runaway:
            n_runaways += 1
        yield at, *_line_alone(lines[at], delimiter, width)
        at += 1


def _line_alone(line: str, delimiter: str, width: int) -> tuple[list[str], str, bool]:
    """Read one line whose quotes do not match."""
    try:
        record, reason = _fitted(next(csv.reader([line], delimiter=delimiter)), width)
    except csv.Error as error:
        return [line.split(delimiter, 1)[0]], f"a cell that cannot be read ({error})", False
    return record, f"{reason}, and quotation marks that do not match" if reason else "", not reason


def _fitted(record: list[str], width: int) -> tuple[list[str], str]:
    """Cut blank cells beyond the last heading; say what else does not fit."""
    if len(record) == width or not record:
        return record, ""
    if len(record) > width and not any(cell.strip() for cell in record[width:]):
        return record[:width], ""
    if not any(cell.strip() for cell in record):
        return [], ""
    if len(record) < width:
        return [record[-1]], f"{counted(len(record), 'cell')} where the headings ask for {width}"
    return [record[width]], f"{counted(len(record), 'cell')} where the headings ask for {width}"
