"""A register of companies held as one Parquet file: what matching reads is in memory, the rest stays on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from payseg_widgets.enrichment.company import Company, PreviousName
from payseg_widgets.errors import EnrichmentError

_PREVIOUS = pa.list_(pa.struct([("name", pa.string()), ("from_on", pa.date32()), ("until_on", pa.date32())]))

#: Columns of the Parquet file: the fields of `Company`.
SCHEMA = pa.schema([
    ("number", pa.string()), ("name", pa.string()), ("status", pa.string()), ("company_type", pa.string()),
    ("incorporated_on", pa.date32()), ("dissolved_on", pa.date32()), ("address", pa.string()), ("postcode", pa.string()),
    ("country", pa.string()), ("sic_codes", pa.list_(pa.string())), ("previous_names", _PREVIOUS),
])  # fmt: skip

#: What matching reads of every company.
_MATCHED_BY = ("number", "name", "status", "incorporated_on", "dissolved_on", "postcode", "previous_names")
COMPANIES_FILE = "companies.parquet"


class Register:
    """Companies in a fixed order, read from a folder that holds ``companies.parquet``.

    Parameters
    ----------
    path : path
        The folder, or the Parquet file itself. The index of names is kept beside it.

    Raises
    ------
    EnrichmentError
        If there is no such file, or it lacks a column.

    Examples
    --------
    >>> import tempfile
    >>> from payseg_widgets.enrichment.company import Company
    >>> register = write_register([Company("00000001", "ACORN PRINT LIMITED")], tempfile.mkdtemp())
    >>> register, register.company("00000001").name
    (Register(1 company), 'ACORN PRINT LIMITED')
    """

    def __init__(self, path: str | Path) -> None:
        path = Path(path)
        self.file = path / COMPANIES_FILE if path.is_dir() else path
        if not self.file.is_file():
            raise EnrichmentError(
                f"{self.file.name!r} is not in {self.file.parent.name!r}. Write the register there with write_register()."
            )
        missing = sorted(set(SCHEMA.names) - set(pq.read_schema(self.file).names))
        if missing:
            raise EnrichmentError(
                f"{self.file.name!r} lacks the column {missing[0]!r} ({len(missing)} missing). A register has: "
                f"{', '.join(SCHEMA.names)}."
            )
        self._table = pq.read_table(self.file, columns=list(_MATCHED_BY))
        for place, name in enumerate(self._table.column_names):  # one chunk each: rows are taken at random
            self._table = self._table.set_column(place, name, _one_chunk(self._table[name]))

    def __len__(self) -> int:
        return self._table.num_rows

    def __repr__(self) -> str:
        return f"Register({len(self):,} {'company' if len(self) == 1 else 'companies'})"

    @property
    def folder(self) -> Path:
        """Where the file is."""
        return self.file.parent

    def column(self, name: str) -> pa.Array:
        """Return one of the columns in memory, in the register's order."""
        return self._table[name].chunk(0) if len(self) else pa.array([], self._table[name].type)

    @cached_property
    def _by_number(self) -> tuple[np.ndarray, np.ndarray]:
        numbers = _fixed(self.column("number"))
        order = np.argsort(numbers, kind="stable")
        return numbers[order], order

    @cached_property
    def _by_postcode(self) -> tuple[np.ndarray, np.ndarray]:
        codes = pd.Series(self.column("postcode").to_pandas(types_mapper=pd.ArrowDtype)).fillna("")
        hashed = pd.util.hash_array(codes.str.replace(" ", "").str.upper().to_numpy(dtype=object))
        order = np.argsort(hashed, kind="stable").astype("uint32")
        return hashed[order], order

    def positions_of(self, numbers: Sequence[str]) -> np.ndarray:
        """Return the position of each company number, -1 where the register has none such."""
        known, order = self._by_number
        plain = [str(number).encode("ascii", "replace") for number in numbers]
        asked = np.array(plain, dtype=f"S{known.dtype.itemsize + 1}")
        if not len(known):
            return np.full(len(asked), -1)
        at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        return np.where(known[at] == asked, order[at], -1)

    def positions_at(self, postcode: str, *, limit: int = 2000) -> np.ndarray:
        """Return the positions of companies with that very postcode, at most ``limit``."""
        known, order = self._by_postcode
        asked = np.array([postcode.replace(" ", "").upper()], dtype=object)
        code = pd.util.hash_array(asked, categorize=False)[0]
        first, last = np.searchsorted(known, code, "left"), np.searchsorted(known, code, "right")
        return order[first : min(last, first + limit)].astype("int64")

    def matched_by(self, positions: Sequence[int] | np.ndarray) -> list[Company]:
        """Return the companies at these positions with what matching reads; address, type, SIC codes are left empty."""
        return [_company(row) for row in self._table.take(pa.array(positions, pa.int64())).to_pylist()]

    def names_at(self, positions: Sequence[int] | np.ndarray) -> list[tuple[str, ...]]:
        """Return the names of the companies at these positions, the current one first."""
        places = np.asarray(positions, dtype="int64")
        names: list[tuple[str, ...]] = [
            (name or "",) for name in self.column("name").take(pa.array(places)).to_pylist()
        ]
        lists = self.column("previous_names")
        offsets = lists.offsets.to_numpy()
        has_former = np.flatnonzero(
            offsets[places + 1] > offsets[places]
        )  # few have: the others are not read
        for k, olds in zip(has_former, lists.take(pa.array(places[has_former])).to_pylist(), strict=True):
            names[k] += tuple(old["name"] or "" for old in olds)
        return names

    def companies(self, numbers: Sequence[str]) -> list[Company | None]:
        """Return the whole records of these numbers, ``None`` where there is none, read from the file at once."""
        wanted = sorted({str(number) for number in numbers})
        with duckdb.connect() as connection:
            rows = connection.sql(
                "SELECT * FROM read_parquet(?) WHERE number IN (SELECT unnest(?::VARCHAR[]))",
                params=[str(self.file), wanted],
            ).to_arrow_table()
        found = {row["number"]: _company(row) for row in rows.select(SCHEMA.names).to_pylist()}
        return [found.get(str(number)) for number in numbers]

    def company(self, number: str) -> Company | None:
        """Return the whole record of one number, ``None`` where there is none."""
        return self.companies([number])[0]


def write_register(companies: Iterable[Company] | pd.DataFrame | pa.Table, folder: str | Path) -> Register:
    """Write companies as ``companies.parquet`` into a folder, and open it.

    Parameters
    ----------
    companies : iterable of Company, DataFrame or pyarrow.Table
        A table has the columns of `SCHEMA`; those it lacks are empty, except ``number`` and ``name``.
    folder : path
        Made where it is missing.

    Returns
    -------
    Register

    Raises
    ------
    EnrichmentError
        If the table has no numbers or names, or a number twice.
    """
    table = companies if isinstance(companies, pa.Table) else _table(companies)
    numbers = table["number"]
    if (twice := len(numbers) - len(numbers.unique())) or numbers.null_count:
        raise EnrichmentError(
            f"{twice} company numbers stand more than once and {numbers.null_count} are missing. "
            "Keep one row for each company."
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / COMPANIES_FILE, compression="zstd", row_group_size=100_000)
    return Register(folder)


def _table(companies: Iterable[Company] | pd.DataFrame) -> pa.Table:
    if not isinstance(companies, pd.DataFrame):
        return pa.Table.from_pylist([_row(company) for company in companies], schema=SCHEMA)
    if missing := [name for name in ("number", "name") if name not in companies]:
        raise EnrichmentError(
            f"the table of companies lacks the column {missing[0]!r}; it has {list(companies)}."
        )
    columns = []
    for field in SCHEMA:
        given = (
            companies[field.name]
            if field.name in companies
            else pd.Series(None, index=companies.index, dtype=object)
        )
        columns.append(pa.array(given, type=field.type, from_pandas=True))
    return pa.table(columns, schema=SCHEMA)


def _row(company: Company) -> dict[str, Any]:
    return asdict(company) | {"sic_codes": list(company.sic_codes)}


def _company(row: dict[str, Any]) -> Company:
    previous = tuple(PreviousName(**former) for former in row["previous_names"] or ())
    texts = {
        name: row.get(name) or "" for name in ("status", "company_type", "address", "postcode", "country")
    }
    return Company(
        number=row["number"], name=row["name"] or "", incorporated_on=row["incorporated_on"],
        dissolved_on=row["dissolved_on"], sic_codes=tuple(row.get("sic_codes") or ()), previous_names=previous, **texts,
    )  # fmt: skip


def _one_chunk(column: pa.ChunkedArray) -> pa.ChunkedArray:
    whole = column.combine_chunks()
    return pa.chunked_array([whole] if isinstance(whole, pa.Array) else whole.chunks)


def _fixed(texts: pa.Array) -> np.ndarray:
    """Texts as fixed-width bytes: eight a number rather than an object each."""
    return (
        np.array(texts.to_numpy(zero_copy_only=False), dtype="S") if len(texts) else np.array([], dtype="S8")
    )
