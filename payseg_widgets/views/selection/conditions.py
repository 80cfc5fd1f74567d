"""The single conditions a selection is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.selection.expression import Nothing, Selection
from payseg_widgets.views.selection.grids import FARTHEST, Grid, lasso_hits
from payseg_widgets.views.selection.literals import (
    IDS,
    Value,
    checked_column,
    checked_number,
    checked_text,
    checked_value,
    clipped,
    column_text,
    quoted,
    value_text,
)
from payseg_widgets.views.selection.lookup import ids_of, is_missing, is_text_in, numbers

_COMPARED = {
    ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip
#: Columns whose texts tell who a customer is; a repr counts them only.
_IDENTIFYING = frozenset({IDS, "name", "address", "postcode", "company_number"})

Axis = tuple[str, Grid, Any]


class _OnColumn(Selection):
    column: str

    @property
    def columns(self) -> frozenset[str]:
        """The one column."""
        return frozenset({self.column})


@dataclass(frozen=True, repr=False)
class Compare(_OnColumn):
    """Customers whose value stands in a relation to a number, or is (not) a text; a missing value never does."""

    column: str
    operator: str
    value: Value

    def __post_init__(self) -> None:
        _set(self, column=checked_column(self.column), value=checked_value(self.value))
        if not isinstance(self.operator, str) or self.operator not in _COMPARED:
            raise SelectionError(
                f"{clipped(repr(self.operator))} compares nothing: give one of {', '.join(_COMPARED)}."
            )
        if isinstance(self.value, str) and self.operator not in ("==", "!="):
            raise SelectionError(
                f"texts are compared with == and !=, not with {self.operator} (column {clipped(self.column)!r})."
            )

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Compare the column."""
        if isinstance(self.value, str):
            equal = is_text_in(table, self.column, [self.value])
            return equal if self.operator == "==" else ~equal & ~is_missing(table, self.column)
        values = numbers(table, self.column)
        found: np.ndarray = _COMPARED[self.operator](values, self.value)
        return found & ~np.isnan(values) if self.operator == "!=" else found

    def text(self, *, shows_ids: bool = True) -> str:
        """Write column, operator, value."""
        hidden = _listed(self.column, (self.value,), shows_ids)
        value = f"({hidden})" if hidden else value_text(self.value)
        return f"{column_text(self.column)} {self.operator} {value}"


@dataclass(frozen=True, repr=False)
class Within(_OnColumn):
    """Customers whose value lies between two numbers, each end included or not."""

    column: str
    low: float
    high: float
    with_low: bool = True
    with_high: bool = False

    def __post_init__(self) -> None:
        low, high = checked_number(self.low), checked_number(self.high)
        _set(self, column=checked_column(self.column), low=low, high=high)
        if not (isinstance(self.with_low, bool) and isinstance(self.with_high, bool)):
            raise SelectionError("with_low and with_high are True or False.")
        if low > high:
            raise SelectionError(
                f"no value lies from {value_text(low)} up to {value_text(high)}; "
                f"write {value_text(high)} <= {clipped(column_text(self.column))} < {value_text(low)}."
            )

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Compare the column with both ends."""
        values = numbers(table, self.column)
        above = values >= self.low if self.with_low else values > self.low
        return above & (values <= self.high if self.with_high else values < self.high)

    def text(self, *, shows_ids: bool = True) -> str:
        """Write the column between its ends."""
        left, right = "<=" if self.with_low else "<", "<=" if self.with_high else "<"
        return f"{value_text(self.low)} {left} {column_text(self.column)} {right} {value_text(self.high)}"


@dataclass(frozen=True, repr=False)
class OneOf(_OnColumn):
    """Customers whose value is one of several texts or numbers; made by `one_of`."""

    column: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        values = {checked_value(value) for value in self.values}
        if not values or len({type(value) for value in values}) > 1:
            raise SelectionError(
                f"the list for {clipped(self.column)!r} mixes texts and numbers: give one kind."
            )
        _set(self, column=checked_column(self.column), values=tuple(sorted(values)))

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Look the values up."""
        if isinstance(self.values[0], str):
            return is_text_in(table, self.column, [str(value) for value in self.values])
        return np.isin(numbers(table, self.column), self.values)

    def text(self, *, shows_ids: bool = True) -> str:
        """Write the column and the list."""
        shown = _listed(self.column, self.values, shows_ids) or ", ".join(map(value_text, self.values))
        return f"{column_text(self.column)} in ({shown})"

    def negated_text(self, *, shows_ids: bool = True) -> str:
        """Write ``not in``."""
        return _not_in(self.column, self.text(shows_ids=shows_ids))


@dataclass(frozen=True, repr=False)
class Missing(_OnColumn):
    """Customers of whom a value is missing; the others are its negation."""

    column: str

    def __post_init__(self) -> None:
        _set(self, column=checked_column(self.column))

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Look for missing values."""
        return is_missing(table, self.column)

    def text(self, *, shows_ids: bool = True) -> str:
        """Write ``is missing``."""
        return f"{column_text(self.column)} is missing"

    def negated_text(self, *, shows_ids: bool = True) -> str:
        """Write ``is present``."""
        return f"{column_text(self.column)} is present"


@dataclass(frozen=True, repr=False)
class Picked(Selection):
    """Customers picked by hand."""

    ids: tuple[str | int, ...]

    def __post_init__(self) -> None:
        if not self.ids or not all(isinstance(i, str | int | np.integer) for i in self.ids):
            raise SelectionError("ids of customers are texts or whole numbers, at least one.")
        _set(self, ids=tuple(sorted({checked_text(str(i)) for i in self.ids})))

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Look the ids up."""
        return np.asarray(ids_of(table).isin(list(self.ids)), dtype=bool)

    def text(self, *, shows_ids: bool = True) -> str:
        """Write the ids, or how many there are."""
        return (
            f"{IDS} in ({_listed(IDS, self.ids, shows_ids) or ', '.join(quoted(str(i)) for i in self.ids)})"
        )

    def negated_text(self, *, shows_ids: bool = True) -> str:
        """Write ``not in``."""
        return _not_in(IDS, self.text(shows_ids=shows_ids))


@dataclass(frozen=True, repr=False)
class Lasso(Selection):
    """Customers whose cells on two axes lie inside a polygon; see `lasso_hits`."""

    x: str
    x_grid: Grid
    y: str
    y_grid: Grid
    polygon: tuple[tuple[int, int], ...]

    _FEWEST: ClassVar[int] = 3

    def __post_init__(self) -> None:
        corners = tuple((_whole(i), _whole(j)) for i, j in self.polygon)
        if len(corners) < self._FEWEST:
            raise SelectionError(f"a lasso has at least {self._FEWEST} corners, not {len(corners)}.")
        if not (isinstance(self.x_grid, Grid) and isinstance(self.y_grid, Grid)):
            raise SelectionError("a lasso needs the Grid of both axes: give (column, Grid, codes) for each.")
        _set(self, x=checked_column(self.x), y=checked_column(self.y), polygon=corners)

    @property
    def columns(self) -> frozenset[str]:
        """Those of its axes."""
        return frozenset({self.x, self.y})

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Encode both columns and look inside the polygon."""
        across, up = self.x_grid.encode(numbers(table, self.x)), self.y_grid.encode(numbers(table, self.y))
        return lasso_hits(across, up, self.polygon)

    def text(self, *, shows_ids: bool = True) -> str:
        """Write both axes with their grids, then the corners."""
        corners = ", ".join(f"{i} {j}" for i, j in self.polygon)
        return f"lasso({_axis(self.x, self.x_grid)}, {_axis(self.y, self.y_grid)}, ({corners}))"


def one_of(column: str, values: Any) -> Selection:
    """Select the customers whose value is one of ``values``, texts or numbers; of no value, nobody."""
    wanted = tuple(dict.fromkeys(map(checked_value, values)))
    if len(wanted) > 1:
        return OneOf(column, wanted)
    return Compare(column, "==", wanted[0]) if wanted else Nothing()


def box(x: Axis, y: Axis | None = None) -> Selection:
    """Return the box a brush drew over cells as a selection of values.

    Parameters
    ----------
    x, y : tuple of (str, Grid, (int, int))
        Column, its axis, and the first and last cell brushed. Without ``y``, a brush over one axis.

    Returns
    -------
    Selection
        From the lower edge of the first cell (included) to the upper edge of the last one (left out, but for the
        last cell of the axis): the customers whose codes lie in those cells.

    Examples
    --------
    >>> str(box(("days", Grid(0, 10, n=5), (1, 2)), ("late_ratio", Grid(0, 1, n=4), (2, 3))))
    '2 <= days < 6 and 0.5 <= late_ratio <= 1'
    """
    spans = []
    for column, grid, (first, last) in (x,) if y is None else (x, y):
        low, high, with_high = grid.interval(_whole(first), _whole(last))
        spans.append(Within(column, low, high, with_high=with_high))
    return spans[0] if y is None else spans[0] & spans[1]


def lasso(x: Axis, y: Axis) -> Selection:
    """Return the lasso a brush drew over cells as a selection.

    Parameters
    ----------
    x, y : tuple of (str, Grid, sequence of int)
        Column, its axis, and the cells of the corners along it; at least three corners.

    Examples
    --------
    >>> triangle = lasso(("days", Grid(0, 10, n=5), [0, 4, 0]), ("late_ratio", Grid(0, 1, n=4), [0, 0, 4]))
    >>> str(triangle)
    'lasso(days linear(0, 10, 5), late_ratio linear(0, 1, 4), (0 0, 4 0, 0 4))'
    """
    if len(x[2]) != len(y[2]):
        raise SelectionError(f"a lasso with {len(x[2])} corners across and {len(y[2])} up: give as many.")
    return Lasso(x[0], x[1], y[0], y[1], tuple(zip(x[2], y[2], strict=True)))


def _axis(column: str, grid: Grid) -> str:
    return f"{column_text(column)} {grid.scale}({value_text(grid.low)}, {value_text(grid.high)}, {grid.n})"


def _not_in(column: str, text: str) -> str:
    written = column_text(column)
    return f"{written} not{text.removeprefix(written)}"


def _listed(column: str, values: tuple[object, ...], shows_ids: bool) -> str:
    """Return how many values there are, where they tell who a customer is and must not be shown; else nothing."""
    if shows_ids or column not in _IDENTIFYING:
        return ""
    return f"{len(values)} {'id' if column == IDS else 'text'}{'s' if len(values) > 1 else ''}"


def _whole(cell: Any) -> int:
    number = checked_number(cell)
    if not number.is_integer() or abs(number) >= FARTHEST:
        raise SelectionError(f"a cell is a whole number below {FARTHEST}, not {clipped(repr(cell))}.")
    return int(number)


def _set(selection: Selection, **fields: object) -> None:
    """Put checked fields into a frozen selection while it is made."""
    for name, value in fields.items():
        object.__setattr__(selection, name, value)
