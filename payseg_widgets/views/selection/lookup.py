"""Read what a selection needs from a table, or say what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas.api import types

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import SelectionError
from payseg_widgets.views.selection.literals import IDS, clipped

_MOST_LISTED = 12


def check_columns(table: pd.DataFrame, names: Iterable[str]) -> None:
    """Raise a `SelectionError` unless each name is that of exactly one column."""
    if not isinstance(table, pd.DataFrame):
        raise SelectionError(
            f"a selection applies to a table of customers, not to a {type(table).__name__}. "
            "Give a DataFrame with a row for each customer, such as features.frame."
        )
    for name in sorted(names):
        found = int((table.columns == name).sum())
        if found == 0:
            known = [c for c in table.columns if isinstance(c, str) and len(c) <= 100]
            near = did_you_mean(name[:100], known)
            if near.startswith("There") and len(known) > _MOST_LISTED:
                near = f"There are {len(known)}: {', '.join(known[:_MOST_LISTED])} …"
            raise SelectionError(f"no column is called {clipped(name)!r}. {near}")
        if found > 1:
            raise SelectionError(f"{found} columns are called {clipped(name)!r}; rename all but one.")


def ids_of(table: pd.DataFrame) -> pd.Index:
    """Return the customers of a table as text: its column ``customer_id``, or else its index."""
    ids = pd.Index(table[IDS]) if IDS in table.columns else table.index
    return (ids if types.is_string_dtype(ids.dtype) else ids.astype("str")).rename(IDS)


def numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    """Return a column as float64, NaN where missing; whole numbers beyond 2 ** 53 are rounded."""
    column = _plain(table[name])
    kind = _kind(column)
    if kind == "empty":
        return np.full(len(column), np.nan)
    if kind != "number":
        raise SelectionError(
            f"column {clipped(name)!r} holds {kind}, which cannot be compared with a number. "
            + ('Compare it with a quoted text: == "..." or in ("...", "...").' if kind == "text" else "")
        )
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def is_text_in(table: pd.DataFrame, name: str, wanted: Iterable[str]) -> np.ndarray:
    """Say of each value of a text column whether it is one of ``wanted``; a missing one is not."""
    column = table[name]
    kind = _kind(_plain(column))
    if kind == "empty":
        return np.zeros(len(column), dtype=bool)
    if kind != "text":
        raise SelectionError(
            f"column {clipped(name)!r} holds {kind}, which cannot be compared with a text. "
            + ("Compare it with a number, without quotes." if kind == "number" else "")
        )
    return column.isin(list(wanted)).to_numpy(dtype=bool)


def is_missing(table: pd.DataFrame, name: str) -> np.ndarray:
    """Say of each value of a column whether it is missing."""
    return table[name].isna().to_numpy(dtype=bool)


def _plain(column: pd.Series) -> pd.Series:
    """Return a categorical column of numbers as numbers."""
    if isinstance(column.dtype, pd.CategoricalDtype) and types.is_numeric_dtype(
        column.dtype.categories.dtype
    ):
        return column.astype("Float64")
    return column


def _kind(column: pd.Series) -> str:
    """Return ``number``, ``text``, ``empty`` (every value missing), or a word for what else a column holds."""
    if types.is_complex_dtype(column.dtype):
        return "complex numbers"
    if types.is_numeric_dtype(column.dtype):
        return "number" if types.is_integer_dtype(column.dtype) or column.notna().any() else "empty"
    if types.is_datetime64_any_dtype(column.dtype):
        return "dates"
    values = column.dtype.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    held = types.infer_dtype(values, skipna=True)
    if held in ("integer", "floating", "mixed-integer-float", "boolean"):
        return "number"
    if held == "string":
        return "text"
    return "empty" if held == "empty" or not column.notna().any() else f"{held} values"
