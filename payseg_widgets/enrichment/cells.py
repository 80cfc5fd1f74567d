"""A cell of a user's table as text, and a column read cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd

Read = TypeVar("Read")


def cell_text(value: Any) -> str:
    """Return a cell as text without blanks at its ends; what is missing is empty, 12.0 is ``"12"``.

    >>> cell_text(977250.0), cell_text(" Leeds "), cell_text(None), cell_text(float("nan"))
    ('977250', 'Leeds', '', '')
    """
    if value is None or value is pd.NA or value != value:  # NaN and NaT differ from themselves
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def read_cells(cells: pd.Series, read: Callable[[Any], Read]) -> list[Read | None]:
    """Return what each cell of a column is read as; equal cells are read once, missing ones are ``None``."""
    known = {cell: read(cell) for cell in cells.dropna().unique()}
    return [known.get(cell) for cell in cells]
