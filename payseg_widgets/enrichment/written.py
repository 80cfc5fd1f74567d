"""An enrichment that was written, read back for a study."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from payseg_widgets.enrichment.regions import UNKNOWN
from payseg_widgets.errors import EnrichmentError
from payseg_widgets.ledger.export import undefused
from payseg_widgets.ledger.findings import counted

_NEEDED = ("customer_id", "region", "sector")
_KEPT = ("region", "region_basis", "region_probability", "sector", "sector_basis", "sector_probability")


def read_enrichment(path: str | Path) -> pd.DataFrame:
    """Read region and sector of customers from a file that `Enrichment.to_csv` or ``payseg enrich`` wrote.

    Parameters
    ----------
    path : path
        CSV, UTF-8. Columns besides those below are passed over.

    Returns
    -------
    pandas.DataFrame
        Index ``customer_id`` (text, as before it was defused for spreadsheets); ``region``, ``sector`` (``"unknown"`` where
        nobody says) and, as far as the file has them, who says so (``_basis``) and how likely it is right (``_probability``, from
        0 to 1). ``attrs["provenance"]`` has the file's name and hash.

    Raises
    ------
    EnrichmentError
        If the file cannot be read, lacks a column, names a customer twice, or holds a probability that is none.
    """
    path = Path(path)
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise EnrichmentError(
            f"cannot read {str(path)!r}: {error}. Give the enrichment.csv that payseg enrich wrote."
        ) from error
    missing = [name for name in _NEEDED if name not in table]
    if missing:
        raise EnrichmentError(
            f"{path.name!r} has no column {missing[0]!r}; there are: {', '.join(map(str, table.columns))}. "
            "Give the enrichment.csv that payseg enrich wrote."
        )
    table = table.assign(customer_id=undefused(table["customer_id"])).set_index("customer_id")
    if table.index.has_duplicates:
        raise EnrichmentError(
            f"{path.name!r} has {counted(int(table.index.duplicated().sum()), 'customer')} more than once. Keep one row for each."
        )
    table = table[[name for name in _KEPT if name in table]]
    for name in table.columns:
        if name.endswith("_probability"):
            table[name] = _chances(table[name], path)
        elif not name.endswith("_basis"):
            table[name] = undefused(table[name]).replace("", UNKNOWN)
    table.attrs["provenance"] = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    return table


def _chances(texts: pd.Series, path: Path) -> pd.Series:
    values = pd.to_numeric(texts.replace("", None), errors="coerce").astype("float64")
    wrong = texts[(texts != "") & ~values.between(0, 1)]
    if len(wrong):
        raise EnrichmentError(
            f"{path.name!r}: {texts.name} {wrong.iloc[0]!r} is no probability. Give numbers from 0 to 1."
        )
    return values
