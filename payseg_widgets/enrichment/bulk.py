"""Read the register's monthly product, BasicCompanyData, into the Parquet table that names are matched against."""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb

from payseg_widgets.errors import EnrichmentError

#: What a file must have to be this product; all other columns are optional.
NEEDED = ("CompanyName", "CompanyNumber", "CompanyStatus", "IncorporationDate", "RegAddress.PostCode")
_ADDRESS = ("CareOf", "POBox", "AddressLine1", "AddressLine2", "PostTown", "County")
_N_PREVIOUS, _N_SIC = 10, 4


def bulk_to_parquet(files: str | Path | Sequence[str | Path], to: str | Path) -> int:
    """Write the companies of BasicCompanyData files, CSV or ZIP, into one Parquet file sorted by number.

    Parameters
    ----------
    files : path or sequence of paths
        The product as one file or in its parts.
    to : path
        The Parquet file; one already there is replaced once the new one is whole.

    Returns
    -------
    int
        Number of companies. Columns are the fields of `Company`; an absent date is null, absent text empty; the bulk
        file says of a previous name only the day it ended.

    Raises
    ------
    EnrichmentError
        If a file cannot be read, is another table, or holds the same company number twice.

    References
    ----------
    Companies House, "Free Company Data Product": one row a live company, dates DD/MM/YYYY.
    """
    paths = [Path(p) for p in ([files] if isinstance(files, str | Path) else files)]
    to = Path(to)
    if not paths:
        raise EnrichmentError("No file was given; pass the BasicCompanyData CSV or ZIP.")
    with tempfile.TemporaryDirectory(prefix=".bulk-", dir=to.parent) as room:
        tables = [_as_csv(path, Path(room)) for path in paths]
        part = Path(room) / "companies.parquet"
        with duckdb.connect() as db:
            # a temporary folder of its own: rows of 5.7 million companies are sorted on disk where memory is short
            db.execute(f"SET temp_directory = '{room}'; SET memory_limit = '700MB'; SET threads = 2")
            rows = " UNION ALL ".join(_select(table) for table in tables)
            try:
                db.execute(
                    f"COPY (SELECT * FROM ({rows}) ORDER BY number) TO {_quoted(part)} (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608
                )
            except (duckdb.InvalidInputException, duckdb.IOException) as error:
                raise EnrichmentError(_reading_failed(paths, error)) from None
            found = f"SELECT count(*), count(DISTINCT number) FROM {_quoted(part)}"  # noqa: S608
            n_rows, n_numbers = db.execute(found).fetchone() or (0, 0)
        if n_rows == 0:
            raise EnrichmentError(f"{paths[0].name} holds no company; download it again.")
        if n_numbers < n_rows:
            raise EnrichmentError(
                f"{n_rows - n_numbers} of {n_rows} company numbers occur twice; give the files of one month only, each once."
            )
        part.replace(to)
    return int(n_rows)


def month_of(path: str | Path) -> date | None:
    """Return the day that a product's file name gives, such as ``BasicCompanyDataAsOneFile-2026-11-01.zip``.

    >>> month_of("BasicCompanyData-2026-11-01-part1_7.zip")
    datetime.date(2026, 11, 1)
    """
    found = re.search(r"(\d{4}-\d{2}-\d{2})", Path(path).name)
    try:
        return datetime.strptime(found[1], "%Y-%m-%d").date() if found else None
    except ValueError:
        return None


def _as_csv(path: Path, room: Path) -> Path:
    """Return the CSV file itself, or the one inside a ZIP, unpacked."""
    if not path.is_file():
        raise EnrichmentError(
            f"There is no file {path.name!r}; give the path of the BasicCompanyData CSV or ZIP."
        )
    if not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(inside) != 1:
            raise EnrichmentError(f"{path.name} holds {len(inside)} CSV files; the product's ZIP holds one.")
        unpacked = Path(tempfile.mkstemp(suffix=".csv", dir=room)[1])
        try:
            with archive.open(inside[0]) as packed, unpacked.open("wb") as out:
                shutil.copyfileobj(packed, out, 1 << 20)
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise EnrichmentError(f"{path.name} is damaged ({error}); download it again.") from None
    return unpacked


def _columns(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        names = [
            name.strip() for name in next(csv.reader(file), [])
        ]  # the product writes some with a space before
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise EnrichmentError(
            f"{path.name} has no column {missing[0]!r}, so it is not BasicCompanyData. The register's bulk product is "
            "called BasicCompanyDataAsOneFile-YYYY-MM-DD.zip; give that."
        )
    return names


def _select(path: Path) -> str:
    """Return the query that reads one file as companies."""
    names = _columns(path)
    column = {name: f'"{name}"' for name in names}

    def text(name: str) -> str:
        return f"coalesce(trim({column[name]}), '')" if name in column else "''"

    def day(name: str) -> str:
        return f"try_strptime({column[name]}, '%d/%m/%Y')::DATE" if name in column else "NULL::DATE"

    lines = ", ".join(f"nullif({text(f'RegAddress.{part}')}, '')" for part in _ADDRESS)
    codes = ", ".join(text(f"SICCode.SicText_{i}") for i in range(1, _N_SIC + 1))
    was = (
        (text(f"PreviousName_{i}.CompanyName"), day(f"PreviousName_{i}.CONDATE"))
        for i in range(1, _N_PREVIOUS + 1)
    )
    previous = ", ".join(
        f"{{'name': {name}, 'from_on': NULL::DATE, 'until_on': {until}}}" for name, until in was
    )
    schema = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    return f"""
        SELECT upper({text("CompanyNumber")}) AS number, {text("CompanyName")} AS name,
            {text("CompanyStatus")} AS status, {text("CompanyCategory")} AS company_type,
            {day("IncorporationDate")} AS incorporated_on, {day("DissolutionDate")} AS dissolved_on,
            concat_ws(', ', {lines}) AS address, {text("RegAddress.PostCode")} AS postcode,
            {text("RegAddress.Country")} AS country,
            list_filter([{codes}], lambda code: code <> '') AS sic_codes,
            list_filter([{previous}], lambda was: was.name <> '') AS previous_names
        FROM read_csv({_quoted(path)}, columns = {{{schema}}}, header = true, delim = ',', quote = '"', escape = '"',
            auto_detect = false, strict_mode = true)
        WHERE {text("CompanyNumber")} <> ''
    """  # noqa: S608  paths and column names are quoted


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _reading_failed(paths: Sequence[Path], error: duckdb.Error) -> str:
    line = re.search(r"line[: ]+(\d+)", str(error), re.IGNORECASE)
    where = f" at line {line[1]}" if line else ""
    names = ", ".join(path.name for path in paths)
    return f"{names} cannot be read{where}: it may be cut short or changed since it was downloaded; download it again."
