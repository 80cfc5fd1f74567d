"""A worklist that was filled in by those who called, read back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from python_calamine import CalamineError

from payseg_widgets.errors import SelectionError
from payseg_widgets.ledger.export import undefused

_COLUMNS = ("customer_id", "contacted_on", "result")


def read_contacts(path: str | Path) -> pd.DataFrame:
    """Read who was contacted from a file that `write_worklist` wrote and people filled in.

    Parameters
    ----------
    path : path
        Ends in ``.csv`` (UTF-8, commas or semicolons) or ``.xlsx`` (its first sheet).

    Returns
    -------
    pandas.DataFrame
        A row each contact, what `record_contacts` takes: ``customer_id`` (text, leading zeros kept, as before it was defused for
        spreadsheets), ``contacted_on`` (``datetime64``), ``result`` (text, empty where nothing was noted). Customers without a
        day were not contacted and are left out.

    Raises
    ------
    SelectionError
        If the file cannot be read, lacks a column, or holds a day that is none.
    """
    path = Path(path)
    table = _read(path)
    missing = [name for name in _COLUMNS if name not in table]
    if missing:
        raise SelectionError(
            f"{path.name!r} has no column {missing[0]!r}; there are: {', '.join(map(str, table.columns))}. "
            "Fill in the file that write_worklist() wrote."
        )
    told = table["contacted_on"].str.strip()
    contacted = table.loc[told != "", list(_COLUMNS)].assign(contacted_on=told[told != ""])
    days = pd.to_datetime(contacted["contacted_on"], format="ISO8601", errors="coerce")
    if days.isna().any():
        wrong = contacted["contacted_on"][days.isna()].iloc[0]
        raise SelectionError(
            f"{path.name!r}: contacted_on {wrong!r} is no date. Write days such as 2024-10-02."
        )
    return contacted.assign(
        customer_id=undefused(contacted["customer_id"]),
        contacted_on=days,
        result=undefused(contacted["result"]),
    ).reset_index(drop=True)


def _read(path: Path) -> pd.DataFrame:
    """Return all cells as text."""
    try:
        if path.suffix.lower() == ".csv":
            return pd.read_csv(
                path, dtype="str", keep_default_na=False, encoding="utf-8-sig", sep=_separator(path)
            )
        if path.suffix.lower() == ".xlsx":
            return pd.read_excel(path, dtype="str", keep_default_na=False, engine="calamine")
    except (OSError, ValueError, CalamineError) as error:
        raise SelectionError(
            f"cannot read {str(path)!r}: {error}. Give the file that was filled in."
        ) from error
    raise SelectionError(f"{path.name!r} is neither .csv nor .xlsx: give a path that ends in one of these.")


def _separator(path: Path) -> str:
    """Return the character between the headings: spreadsheets of many countries save semicolons."""
    with path.open(encoding="utf-8-sig") as file:
        heading = file.readline()
    return ";" if heading.count(";") > heading.count(",") else ","
