"""Any source of a table, brought to one shape: the cells, the rows refused, and what was noticed."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.encoding import as_utf8
from payseg_widgets.ledger.findings import Finding, counted, quoted
from payseg_widgets.ledger.headings import unique_names
from payseg_widgets.ledger.schema import REJECTED_COLUMNS
from payseg_widgets.ledger.text_files import read_text
from payseg_widgets.ledger.typed_cells import typed_column
from payseg_widgets.ledger.workbooks import read_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Finding", "RawTable", "load_table"]

_OLE, _ZIP, _PARQUET = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"PAR1"
_FOREIGN = (
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it first"),
    (b"%PDF", "a PDF", "Export the table as CSV, Excel or Parquet"),
    (b"<", "HTML or XML", "Open it in a spreadsheet program and save it as .xlsx or CSV"),
    (b"{\\rtf", "a text document", "Export the table as CSV, Excel or Parquet"),
)
_MISSING = pa.array(
    ["", "NULL", "null", "Null", "(null)", "N/A", "n/a", "N/a", "NA", "#N/A", "#NA", "NaN", "nan", "NAN", "-nan", "NaT", "nat",
     "None", "none", "NONE", "nil", "<NA>", "<na>", "\\N"], pa.large_string(),
)  # fmt: skip
_DEFUSED = r"^'([=+\-@\t\r])"
_TOTAL = (  # whole cells only: TOTAL GAS LTD is a customer
    r"(?i)(?:(?:grand |sub[- ]?)?totals?|sums?|summe|gesamt|gesamtsumme|somme|suma|totale|total g[eé]n[eé]ral)"
    r"(?: \(?[a-z]{3}\)?)?:?(?: (?:for|of|due|outstanding|overdue)\b.{0,80})?"
)


@dataclass(frozen=True, repr=False)
class RawTable:
    """A table as exported, each cell still as it was written.

    Attributes
    ----------
    name : str
        Which table of the ledger it is meant to be.
    frame : pandas.DataFrame
        Headings are stripped and unique; the index ``source_row`` counts data rows from 1, blank rows not counted.
        Text is ``str``, missing where blank, ``NULL``, ``N/A`` or the like; typed columns of spreadsheets, Parquet
        files and frames stay datetimes, integers, floats, booleans or decimals.
    rejected : pandas.DataFrame
        Rows that do not fit the headings, and total rows (``schema.REJECTED_COLUMNS``).
    findings : tuple of Finding
        What was noticed.
    sha256 : str
        Hash of the file, or of a frame's contents.
    n_rows_read : int
        ``len(frame) + len(rejected)``.
    totals : pandas.DataFrame
        The total rows among the rejected, with the columns and index of ``frame``.
    """

    name: str
    frame: pd.DataFrame
    rejected: pd.DataFrame
    findings: tuple[Finding, ...]
    sha256: str
    n_rows_read: int
    totals: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        return f"RawTable({self.name}, rows={len(self.frame)}, rejected={len(self.rejected)}, columns={self.frame.shape[1]})"


def load_table(
    source: str | Path | pd.DataFrame | pa.Table,
    table: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> RawTable:
    """Read a table from a delimited text file, a spreadsheet, a Parquet file or a frame.

    The kind of file is told by its content, not by its name.

    Parameters
    ----------
    source : str, pathlib.Path, pandas.DataFrame or pyarrow.Table
        The export.
    table : str
        Which table of the ledger it is: ``"invoices"``.
    encoding, delimiter : str, optional
        For text; found by content if not given.
    sheet : str or int, optional
        For spreadsheets; needed where several sheets hold cells.

    Returns
    -------
    RawTable
        Nothing is dropped in silence: every row that is not blank is in ``frame`` or in ``rejected``.

    Raises
    ------
    LedgerError
        If the source cannot be read as a table.

    Examples
    --------
    >>> load_table(pd.DataFrame({"Invoice": ["0001", "0002"], "Amount": [1.5, 2.0]}), "invoices")
    RawTable(invoices, rows=2, rejected=0, columns=2)
    """
    if isinstance(source, pd.DataFrame | pa.Table):
        frame = _from_arrow(source) if isinstance(source, pa.Table) else source
        return _from_frame(frame, table)
    path = _existing(source, table)
    try:
        return _from_file(path, table, encoding, delimiter, sheet)
    except OSError as error:
        raise LedgerError(
            f"The {table} file {path.name!r} cannot be read: {error.strerror or error}. Check the file."
        ) from None


def _existing(source: str | Path, table: str) -> Path:
    if not isinstance(source, str | Path):
        raise LedgerError(
            f"The {table} table was given as {type(source).__name__}. Pass a path, a pandas.DataFrame or a pyarrow.Table."
        )
    if not str(source).strip():
        raise LedgerError(f"The {table} path {str(source)!r} is empty. Pass the path of a file.")
    if "\0" in str(source):
        raise LedgerError(
            f"The {table} path {quoted(str(source))} holds a NUL character. Pass the path of a file."
        )
    path = Path(source)
    try:
        path = path.expanduser()
        is_file, is_folder = path.is_file(), path.is_dir()
    except (OSError, RuntimeError):  # a name too long for the file system, a user without a home
        is_file = is_folder = False
    if is_folder:
        raise LedgerError(f"The {table} source {str(path)!r} is a folder. Name a file in it.")
    if not is_file:
        raise LedgerError(f"The {table} file {quoted(str(source))} does not exist. Check the path.")
    return path


def _from_file(
    path: Path, table: str, encoding: str | None, delimiter: str | None, sheet: str | int | None
) -> RawTable:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        start = file.read(4096)
    if not start:
        raise LedgerError(f"The {table} file {path.name!r} is empty (0 bytes). Export it again.")
    for magic, kind, step in _FOREIGN:
        if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(magic):
            raise LedgerError(f"The {table} file {path.name!r} is {kind}, not a table. {step}.")
    if start.startswith(_PARQUET):
        return _finished(_from_arrow(_parquet(path, table)), table, digest)
    if start.startswith((_ZIP, _OLE)):
        frame, findings = read_workbook(path.read_bytes(), table, sheet)
        return _finished(frame, table, digest, findings)
    with tempfile.TemporaryDirectory(prefix="payseg-") as folder:
        clean, said = as_utf8(path, Path(folder), encoding)
        text = read_text(clean, table, delimiter)
    columns, freed = _cleaned_all(dict(enumerate(text.cells.columns)), text.cells.column_names)
    frame = pd.DataFrame(columns, index=range(len(text.rows)))
    frame.columns = pd.Index(text.cells.column_names)
    frame.index = pd.Index(np.asarray(text.rows, dtype="int64"), name="source_row")
    refused = [(row, reason, "", value) for row, reason, value in text.refused]
    return _result(frame, table, digest, (*said, *text.findings, *freed), refused)


def _cleaned_all(
    columns: dict[int, pa.ChunkedArray], names: Sequence[str]
) -> tuple[dict[int, pd.Series], list[Finding]]:
    """Clean columns of text and tell of the apostrophes taken off."""
    cleaned, findings = {}, []
    for i, column in columns.items():
        cleaned[i], n = _cleaned(column)
        if n:
            text = (
                f"{counted(n, 'cell')} began with an apostrophe that keeps a spreadsheet from running it as a formula; "
                "it was taken off."
            )
            findings.append(Finding(names[i], text, n))
    return cleaned, findings


def _cleaned(column: pa.ChunkedArray) -> tuple[pd.Series, int]:
    """Strip text, and take blanks and the words for nothing as missing; count the apostrophes taken off."""
    text = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
    n_defused = pc.sum(pc.match_substring_regex(text, _DEFUSED)).as_py() or 0
    if n_defused:
        text = pc.utf8_trim_whitespace(pc.replace_substring_regex(text, _DEFUSED, r"\1", max_replacements=1))
    missing = pc.is_in(text, value_set=_MISSING)
    if pc.any(missing).as_py():
        text = pc.if_else(missing, pa.scalar(None, pa.large_string()), text)
    return pd.Series(text.to_pandas(), dtype="str"), n_defused


def _parquet(path: Path, table: str) -> pa.Table:
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError, NotImplementedError) as error:
        said = (str(error).partition(f"{path.name}': ")[2] or str(error))[:80]
        raise LedgerError(
            f"The {table} file {path.name!r} begins like Parquet but cannot be read ({said}). Export it again."
        ) from None


def _from_arrow(table: pa.Table) -> pd.DataFrame:
    """Convert without losing digits: integers with missing values stay integers."""
    columns = {}
    for i, column in enumerate(table.columns):
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if pa.types.is_signed_integer(kind) and column.null_count:
            columns[i] = column.cast(pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        elif pa.types.is_date32(kind) or pa.types.is_date64(kind):
            columns[i] = column.cast(pa.date32()).cast(pa.timestamp("s")).to_pandas()
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
            columns[i] = pd.Series(column.to_pandas(), dtype="str")
        else:
            columns[i] = column.to_pandas()
    frame = pd.DataFrame(columns, index=range(len(table)))
    frame.columns = pd.Index(table.column_names)
    return frame


def _from_frame(frame: pd.DataFrame, table: str) -> RawTable:
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    return _finished(frame, table, None)


def _finished(
    frame: pd.DataFrame, table: str, digest: str | None, findings: Sequence[Finding] = ()
) -> RawTable:
    """Bring a typed frame to the common shape."""
    names = [
        " ".join(_heading(name).replace("\ufeff", "").split()) or f"column {i + 1}"
        for i, name in enumerate(frame.columns)
    ]
    names, said = unique_names(names)
    columns = {i: typed_column(frame.iloc[:, i]) for i in range(frame.shape[1])}
    texts = {
        i: pa.chunked_array(pa.array(column, pa.large_string()))
        for i, column in columns.items()
        if column.dtype == "str"
    }
    cleaned, freed = _cleaned_all(texts, names)
    columns |= cleaned
    tidy = pd.DataFrame(columns, index=range(len(frame)))
    tidy.columns = pd.Index(names)
    if not names:
        raise LedgerError(f"The {table} table has no columns. Pass a table with headings.")
    tidy = tidy[tidy.notna().any(axis=1)]
    tidy.index = pd.RangeIndex(1, len(tidy) + 1, name="source_row")
    return _result(tidy, table, digest or _contents_hash(tidy), (*findings, *said, *freed), [])


def _heading(name: object) -> str:
    return " ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)


def _contents_hash(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256("\x1f".join(frame.columns).encode("utf-8", errors="replace"))
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _result(
    frame: pd.DataFrame,
    table: str,
    digest: str,
    findings: Sequence[Finding],
    refused: list[tuple[int, str, str, str]],
) -> RawTable:
    """Move total rows out and count."""
    n_rows = len(frame) + len(refused)
    is_total = _totals(frame)
    if is_total.any():
        first = frame.bfill(axis=1).iloc[:, 0] if frame.shape[1] else frame
        totals = [
            (int(row), "a total, not a record", str(frame.columns[0]), quoted(cell))
            for row, cell in zip(first.index[is_total], first[is_total], strict=True)
        ]
        refused = sorted(refused + totals)
    rejected = pd.DataFrame({
        "table": pd.Series([table] * len(refused), dtype="str"),
        "source_row": pd.Series([row for row, *_ in refused], dtype="int64"),
        "reason": pd.Series([reason for _, reason, _, _ in refused], dtype="str"),
        "column": pd.Series([column for _, _, column, _ in refused], dtype="str"),
        "value": pd.Series([value for *_, value in refused], dtype="str"),
        "amount_minor": pd.Series([pd.NA] * len(refused), dtype="Int64"),
    })[list(REJECTED_COLUMNS)]  # fmt: skip
    return RawTable(table, frame[~is_total], rejected, tuple(findings), digest, n_rows, frame[is_total])


def _totals(frame: pd.DataFrame) -> pd.Series:
    """Tell the rows that begin with "Total" and are mostly empty otherwise."""
    is_total = pd.Series(False, index=frame.index)
    if not frame.shape[1]:
        return is_total
    for i in range(min(2, frame.shape[1])):
        column = frame.iloc[:, i]
        if column.dtype == "str":
            is_total |= column.str.fullmatch(_TOTAL).astype(bool)
    if is_total.any():
        rows = frame[is_total]
        is_total[is_total] = (rows.notna().sum(axis=1) <= max(2, frame.shape[1] / 2)).to_numpy()
    return is_total
