"""Spreadsheets (.xlsx, .xls, .xlsb, .ods): the one sheet that holds the table."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from functools import reduce
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.findings import Finding, quoted
from payseg_widgets.ledger.headings import find_heading, with_late_columns
from payseg_widgets.ledger.typed_cells import as_text, column_of, is_missing

_SAMPLE_ROWS = 200
_MOST_CELLS = 100_000_000
_SHEET = re.compile(r"/?xl/worksheets/[^/]+\.xml")
_ROW = re.compile(rb'<(?:\w+:)?c [^>]*?r="[A-Z]+(\d{1,12})"')
_COLUMN = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]+)\d')


def read_workbook(
    content: bytes, table: str, sheet: str | int | None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Read one sheet: its cells keep their types.

    Parameters
    ----------
    content : bytes
        The file.
    table : str
        Name for errors.
    sheet : str or int, optional
        Name or position (from 0) of the sheet; needed where several hold cells.

    Returns
    -------
    pandas.DataFrame
        One column per heading, blank rows included.
    tuple of Finding

    Raises
    ------
    LedgerError
        If the file cannot be opened, or the sheet is not clear.
    """
    _refuse_far_cells(content, table)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        filled = {
            name: _grid(book, name)
            for name in book.sheet_names
            if sheet is None or name == _named(book, sheet)
        }
    except BaseException as error:
        # a panic of the reader's Rust code is no Exception, and its class cannot be imported
        if not isinstance(error, CalamineError) and type(error).__name__ != "PanicException":
            raise
        raise LedgerError(
            f"The {table} file looks like a spreadsheet but cannot be opened ({str(error)[:80]}). "
            "Open it in a spreadsheet program and save it again as .xlsx or CSV, without a password."
        ) from None
    filled = {name: grid for name, grid in filled.items() if grid}
    if not filled and sheet is not None and _named(book, sheet) not in book.sheet_names:
        raise LedgerError(
            f"The {table} file has no sheet {sheet!r}. Its sheets: {', '.join(map(repr, book.sheet_names))}."
        )
    if not filled:
        raise LedgerError(
            f"The {table} file holds no cell in any of its sheets. Export it again with its heading row."
        )
    if len(filled) > 1:
        raise LedgerError(
            f"The {table} file has {len(filled)} sheets with cells: {', '.join(map(repr, filled))}. Name one with sheet=."
        )
    ((_, grid),) = filled.items()
    heading = find_heading([[as_text(cell) or "" for cell in row] for row in grid[:_SAMPLE_ROWS]], table)
    below = grid[heading.position + 1 :]
    width = max(map(len, below), default=0)
    has_text = [i in heading.kept or any(not is_missing(row[i]) for row in below) for i in range(width)]
    heading = with_late_columns(heading, has_text)
    columns = [column_of([row[i] for row in below]) for i in heading.kept]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    frame.columns = pd.Index(heading.names)
    return frame, heading.findings


def _refuse_far_cells(content: bytes, table: str) -> None:
    """Refuse an .xlsx with a stray cell so far out that the rectangle up to it would not fit in memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if _SHEET.fullmatch(name)]
            for name in names:
                xml = archive.read(name)
                rows, columns = set(_ROW.findall(xml)), set(_COLUMN.findall(xml))
                height = max((int(row) for row in rows), default=0)
                last = max(columns, key=lambda letters: (len(letters), letters), default=b"A").decode()
                width = reduce(lambda number, letter: 26 * number + ord(letter) - 64, last, 0)
                if height * width > _MOST_CELLS:
                    raise LedgerError(
                        f"A sheet of the {table} file reaches to column {quoted(last)} and row {height:,}, far beyond "
                        "any table. Delete the stray cell, or save the table alone as CSV."
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return  # the reader says what is wrong with it


def _named(book: CalamineWorkbook, sheet: str | int) -> str:
    if isinstance(sheet, int) and 0 <= sheet < len(book.sheet_names):
        return str(book.sheet_names[sheet])
    return str(sheet)


def _grid(book: CalamineWorkbook, name: str) -> Sequence[Sequence[Any]]:
    grid: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
    return grid if any(cell not in ("", None) for row in grid for cell in row) else []
