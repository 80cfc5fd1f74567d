"""Columns whose cells have types of their own: from a spreadsheet, a Parquet file or a frame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

_LARGEST_INT = 2**63 - 1


def is_missing(cell: Any) -> bool:
    """Tell whether a cell of any type is missing or blank; a list in a cell is not."""
    if isinstance(cell, np.ndarray | list | tuple | dict | set):
        return False
    return (
        cell is None
        or cell is pd.NA
        or cell is pd.NaT
        or cell != cell
        or (isinstance(cell, str) and not cell.strip())
    )


def as_text(cell: Any) -> str | None:
    """Write a typed cell as a person would: whole numbers without a point, dates in ISO order.

    >>> as_text(1930571429.0), as_text(date(2024, 1, 31)), as_text(None)
    ('1930571429', '2024-01-31', None)
    """
    if is_missing(cell):
        return None
    if isinstance(cell, float | np.floating) and float(cell).is_integer() and abs(float(cell)) < 2.0**63:
        return str(int(cell))
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    if isinstance(cell, datetime):
        return str(cell.date()) if cell.time() == datetime.min.time() else str(cell)
    return str(cell)


def column_of(cells: Sequence[Any]) -> pd.Series:
    """Return cells as one column: typed if all have one type, else text.

    Returns
    -------
    pandas.Series
        datetime64[us], int64, Int64, float64, bool, boolean, object (all `decimal.Decimal`) or str.
    """
    cells = [None if is_missing(cell) else cell for cell in cells]
    seen = {type(cell) for cell in cells if cell is not None}
    if not seen:
        return pd.Series(cells, dtype="str")
    if all(issubclass(kind, bool | np.bool_) for kind in seen):
        return pd.Series(cells, dtype="bool" if None not in cells else "boolean")
    if all(issubclass(kind, date) for kind in seen) and not any(
        getattr(cell, "tzinfo", None) for cell in cells
    ):
        return pd.Series(
            np.array([np.datetime64(cell) if cell is not None else None for cell in cells], "datetime64[us]")
        )
    is_number = all(issubclass(kind, int | float | np.number) and not issubclass(kind, bool) for kind in seen)
    if is_number and not any(isinstance(cell, complex | np.complexfloating) for cell in cells):
        return _numbers(cells)
    if seen == {Decimal}:
        return pd.Series(cells, dtype="object")
    return pd.Series([as_text(cell) for cell in cells], dtype="str")


def _numbers(cells: list[Any]) -> pd.Series:
    present = [cell for cell in cells if cell is not None]
    is_whole = all(isinstance(cell, int | np.integer) or float(cell).is_integer() for cell in present)
    if is_whole and all(abs(int(cell)) <= _LARGEST_INT for cell in present):
        whole = [None if cell is None else int(cell) for cell in cells]
        return pd.Series(whole, dtype="Int64" if None in cells else "int64")
    if all(isinstance(cell, float | np.floating) or abs(cell) < 2**53 for cell in present):
        return pd.Series([np.nan if cell is None else float(cell) for cell in cells])
    return pd.Series([as_text(cell) for cell in cells], dtype="str")  # integers beyond 64 bits are ids


def typed_column(values: pd.Series) -> pd.Series:
    """Return a column of a frame in one of the types this package reads; others become text.

    A moment with a time zone keeps its local date and time.
    """
    values = values.reset_index(drop=True)
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return (
            typed_column(values.astype(dtype.categories.dtype))
            if len(dtype.categories)
            else values.astype("str")
        )
    if types.is_datetime64_any_dtype(dtype) and not isinstance(dtype, pd.ArrowDtype):
        return values.dt.tz_localize(None) if isinstance(dtype, pd.DatetimeTZDtype) else values
    if types.is_bool_dtype(dtype) or (
        types.is_integer_dtype(dtype) and not types.is_unsigned_integer_dtype(dtype)
    ):
        return values
    if types.is_float_dtype(dtype):
        return values.astype("float64")
    if isinstance(dtype, pd.StringDtype):
        return values.astype("str")
    return column_of(values.astype("object").tolist())
