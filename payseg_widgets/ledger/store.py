"""Save a ledger as a folder of Parquet files, and load it back.

The files hold numbers first: a customer is its position in ``customers.parquet`` (``customer``, int32), an
invoice its position in ``invoices.parquet`` (``invoice_row``, int32), a day is a date32. Whoever needs only
numbers need not read the column of invoice ids.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.pseudonyms import outward, without_names
from payseg_widgets.ledger.schema import TABLES, LateRule, Ledger, check_invariants
from payseg_widgets.ledger.settle import customer_starts, lots

FORMAT = "payseg_widgets ledger"
VERSION = 1

_ABOUT = ("rejected", "quality", "reconciliation")
_ROW_GROUP = 1 << 20
_CONFIDENTIAL = ("name", "address", "company_number")
_HARMLESS_TEXT = {
    "region",
    "sector",
    "country",
    "size_band",
    "postcode",
    "closed_reason",
    "customer_id",
    "invoice_id",
}


def save_ledger(ledger: Ledger, folder: str | Path, *, names: bool = False) -> Path:
    """Write the ledger into a folder; a ledger already there is replaced.

    Parameters
    ----------
    ledger : Ledger
    folder : path
        Made where it does not exist.
    names : bool
        Whether names, addresses, company numbers, whole postcodes, further text columns of the user's and the
        values of refused rows are written too. By default the files carry ids, postcode districts, and texts
        without names.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    LedgerError
        If the folder cannot be written.
    """
    folder = Path(folder)
    shown = ledger if names else _without_names(ledger)
    # what was refused is of any type; its text is what is shown
    shown = replace(shown, rejected=shown.rejected.assign(value=shown.rejected["value"].astype("str")))
    about = {
        "format": FORMAT, "version": VERSION, "as_of": f"{ledger.as_of:%Y-%m-%d}",
        "currency": ledger.currency,
        "late_rule": asdict(ledger.late_rule), "is_pseudonymised": ledger.is_pseudonymised, "names": names,
        "n_rows": {name: len(getattr(ledger, name)) for name in (*TABLES, *_ABOUT)},
        "provenance": dict(ledger.provenance),
    }  # fmt: skip
    invoices_of = customer_starts(ledger.invoices["customer_id"])
    last_customers = [high - 1 for _, high in lots(invoices_of, _ROW_GROUP)][:-1]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # written last and removed first: a folder with it is a whole ledger
        (folder / "ledger.json").unlink(missing_ok=True)
        for name in (*TABLES, *_ABOUT):
            _write(_to_arrow(getattr(shown, name)), folder / f"{name}.parquet", last_customers)
        (folder / "ledger.json").write_text(json.dumps(about, indent=1, default=str), encoding="utf-8")
    except OSError as error:
        raise LedgerError(
            f"the ledger cannot be written to {str(folder)!r}: {error.strerror}. Give another folder."
        ) from error
    return folder


def load_ledger(folder: str | Path) -> Ledger:
    """Read a ledger that `save_ledger` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Ledger
        Equal to the one saved; without names, where they were not saved, ``name`` is missing throughout.

    Raises
    ------
    LedgerError
        If there is no ledger in the folder, it was written by a later version, or it is damaged.
    """
    folder = Path(folder)
    about = read_about(folder)
    try:
        tables = {name: pq.read_table(folder / f"{name}.parquet") for name in (*TABLES, *_ABOUT)}
        ledger = ledger_from_arrow(tables, about)
        for name, n_rows in about["n_rows"].items():
            if len(getattr(ledger, name)) != n_rows:
                raise ValueError(f"{name} has {len(getattr(ledger, name))} rows, not {n_rows}")
        check_invariants(ledger)
    except (OSError, pa.ArrowException, AssertionError, KeyError, TypeError, ValueError) as error:
        raise LedgerError(f"the ledger in {str(folder)!r} is damaged ({error}). Save it again.") from error
    return ledger


def ledger_from_arrow(tables: Mapping[str, pa.Table], about: Mapping[str, Any]) -> Ledger:
    """Make a ledger of what the files hold, unchecked.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        The tables of ``TABLES`` as saved; those about the reading are empty where they are not given.
    about : mapping
        See `parse_about`.
    """
    customers = _to_pandas(tables["customers"], "customers", None)
    if "name" not in customers:
        customers.insert(1, "name", pd.Series(pd.NA, index=customers.index, dtype="str"))
    ids = pd.Index(customers["customer_id"].array)
    frames: dict[str, Any] = {
        name: _to_pandas(tables[name], name, ids) if name in tables else pd.DataFrame()
        for name in (*TABLES, *_ABOUT)
        if name != "customers"
    }
    return Ledger(
        customers=customers, **frames, as_of=pd.Timestamp(about["as_of"]).as_unit("s"),
        currency=about["currency"], late_rule=LateRule(**about["late_rule"]), provenance=about["provenance"],
        is_pseudonymised=about["is_pseudonymised"],
    )  # fmt: skip


def read_about(folder: Path) -> dict[str, Any]:
    """Return what a saved ledger's ``ledger.json`` says: see `parse_about`.

    Raises
    ------
    LedgerError
        If there is none, or it is not of a ledger.
    """
    path = folder / "ledger.json"
    if not path.is_file():
        raise no_ledger(folder)
    try:
        text = path.read_text(encoding="utf-8")
    except ValueError as error:
        raise LedgerError(f"{str(path)!r} cannot be read ({error}). Save the ledger again.") from error
    return parse_about(text, folder)


def no_ledger(folder: str | Path) -> LedgerError:
    """Return the error for a folder without a ledger."""
    return LedgerError(
        f"there is no ledger in {str(folder)!r} (no ledger.json). Give a folder that save_ledger wrote."
    )


def parse_about(text: str, folder: str | Path) -> dict[str, Any]:
    """Return what a ledger's ``ledger.json`` says: day, currency, late rule, number of rows, provenance.

    Raises
    ------
    LedgerError
        If the text is not of a ledger, or of one in another version of the format.
    """
    path = f"{folder}/ledger.json"
    try:
        about = json.loads(text)
    except ValueError as error:
        raise LedgerError(f"{path!r} cannot be read ({error}). Save the ledger again.") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise LedgerError(
            f"{path!r} is not of a payseg_widgets ledger. Give a folder that save_ledger wrote."
        )
    if about.get("version") != VERSION:
        raise LedgerError(
            f"the ledger in {str(folder)!r} has format version {about.get('version')!r}, and this package "
            f"reads {VERSION}. Update payseg_widgets, or read the export again."
        )
    return about


def _without_names(ledger: Ledger) -> Ledger:
    shown = without_names(ledger)
    tables: dict[str, Any] = {name: _harmless(getattr(shown, name)) for name in TABLES}
    return replace(shown, **tables)


def _harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out confidential columns, and text of the user's of which nobody knows what it says."""
    is_number = {
        c
        for c, d in table.dtypes.items()
        if pd.api.types.is_numeric_dtype(d) or pd.api.types.is_datetime64_dtype(d)
    }
    kept = table[[c for c in table if c not in _CONFIDENTIAL and (c in _HARMLESS_TEXT or c in is_number)]]
    return kept.assign(postcode=outward(kept["postcode"])) if "postcode" in kept else kept


def _write(table: pa.Table, path: Path, last_customers: Sequence[int]) -> None:
    """Write a table; its row groups end with these customers, so that a run of customers is read and no row beside."""
    cuts = [0, len(table)]
    if "customer" in table.column_names:
        cuts[1:1] = np.searchsorted(table["customer"].to_numpy(), last_customers, "right").tolist()
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for low, high in pairwise(cuts):
            writer.write_table(table.slice(low, high - low), row_group_size=2 * _ROW_GROUP)


def _to_arrow(table: pd.DataFrame) -> pa.Table:
    days = [c for c, dtype in table.dtypes.items() if dtype == np.dtype("datetime64[s]")]
    if "customer_id" in table and isinstance(table["customer_id"].dtype, pd.CategoricalDtype):
        codes = table["customer_id"].cat.codes.astype("int32")
        table = table.assign(customer_id=codes).rename(columns={"customer_id": "customer"})
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    for day in days:
        at = arrow.column_names.index(day)
        arrow = arrow.set_column(at, pa.field(day, pa.date32()), arrow.column(day).cast(pa.date32()))
    return arrow


def _to_pandas(arrow: pa.Table, name: str, ids: pd.Index | None) -> pd.DataFrame:
    days = [field.name for field in arrow.schema if pa.types.is_date32(field.type)]
    table = arrow.to_pandas(date_as_object=False)
    table = table.assign(**{day: table[day].astype("datetime64[s]") for day in days})
    if name in TABLES and "customer" in table:
        codes = table["customer"].to_numpy()
        table = table.assign(customer=pd.Categorical.from_codes(codes, categories=ids))
        table = table.rename(columns={"customer": "customer_id"})
    return table
