"""An axis cut into cells, and a lasso over the cells of two axes: the geometry shared with the page.

The page holds two bytes a value, so both sides speak of cells: a value's code is the number of its cell, and every brush
is a question about codes. `Grid.encode` and `lasso_hits` state that question exactly; the page's JavaScript answers it
with the same integers.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.selection.literals import checked_number

#: Code of a value with no cell: missing, infinite, or outside the axis. No brush hits it.
NO_CELL = 65_535
#: Corners of a lasso lie within this many cells of the first cell, so that products of differences are exact in doubles.
FARTHEST = 2**17
#: An axis narrower than this many units in the last place a cell would put edges on top of each other.
_LEAST_STEP = 16.0
#: Below the smallest normal double a ratio has too few digits for a logarithmic cell.
_LEAST_LOG = sys.float_info.min
_HUGE = sys.float_info.max

Numbers = npt.ArrayLike


@dataclass(frozen=True)
class Grid:
    """An axis from ``low`` to ``high`` cut into ``n`` cells of equal width.

    Attributes
    ----------
    low, high : float
        Ends of the axis.
    n : int
        Number of cells, at most 65535.
    scale : {"linear", "log"}
        Whether cells are equally wide in the value or in its logarithm.

    Raises
    ------
    SelectionError
        If the ends are not finite and increasing, lie too close for ``n`` cells, or do not fit the scale.

    Examples
    --------
    >>> days = Grid(0.0, 10.0, n=5)
    >>> days.edges.tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    >>> days.encode([0, 1.9, 2, 10, float("nan"), 11]).tolist()
    [0, 0, 1, 4, 65535, 65535]
    """

    low: float
    high: float
    n: int = NO_CELL
    scale: str = "linear"

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", checked_number(self.low))
        object.__setattr__(self, "high", checked_number(self.high))
        if self.scale not in ("linear", "log"):
            raise SelectionError(f"scale={self.scale!r} is not a scale: give 'linear' or 'log'.")
        if isinstance(self.n, bool) or not isinstance(self.n, int) or not 1 <= self.n <= NO_CELL:
            raise SelectionError(f"n={self.n!r} cells: give a whole number from 1 to {NO_CELL}.")
        if self.low >= self.high:
            raise SelectionError(f"an axis from {self.low!r} to {self.high!r}: give two increasing numbers.")
        if self.scale == "log" and self.low < _LEAST_LOG:
            raise SelectionError(
                f"a log axis cannot start at {self.low!r}: start above 0 (at {_LEAST_LOG!r} or more), or use 'linear'."
            )
        if _is_too_narrow(self.low, self.high, self.n, self.scale):
            raise SelectionError(
                f"{self.low!r} to {self.high!r} is too narrow for {self.n} cells. Widen it, or let Grid.of(values) choose."
            )

    @classmethod
    def of(cls, values: Numbers, *, n: int = NO_CELL, scale: str = "linear") -> Grid:
        """Choose the axis that shows every finite value.

        Parameters
        ----------
        values : array-like of numbers
            Missing and infinite values do not count; on a log axis neither do those below 2.2e-308.
        n, scale
            As for `Grid`.

        Returns
        -------
        Grid
            From the least to the greatest value. A constant column, or one too narrow for ``n`` cells, gets room on
            both sides; an empty one gets 0 to 1 (1 to 10 on a log axis).
        """
        shown = np.asarray(values, dtype=np.float64)
        shown = shown[np.isfinite(shown) & ((scale != "log") | (shown >= _LEAST_LOG))]
        if not shown.size:
            return cls(1.0, 10.0, n, scale) if scale == "log" else cls(0.0, 1.0, n, scale)
        low, high = float(shown.min()), float(shown.max())
        if scale == "log":
            if low == high or _is_too_narrow(low, high, n, scale):
                low, high = max(low / 2, _LEAST_LOG), min(high, _HUGE / 2) * 2
        elif low == high:
            room = max(abs(low) / 4, 0.5)
            low, high = max(low - room, -_HUGE), min(high + room, _HUGE)
        elif _is_too_narrow(low, high, n, scale):
            room = 2 * _LEAST_STEP * n * math.ulp(max(abs(low), abs(high)))
            low, high = max(low - room, -_HUGE), min(high + room, _HUGE)
        return cls(low, high, n, scale)

    @property
    def edges(self) -> np.ndarray:
        """Edges of the cells, float64, shape (n + 1,), strictly increasing; read-only."""
        return _edges(self.low, self.high, self.n, self.scale)

    def encode(self, values: Numbers) -> np.ndarray:
        """Return the cell of each value.

        Parameters
        ----------
        values : array-like of numbers

        Returns
        -------
        numpy.ndarray of uint16
            The ``i`` with ``edges[i] <= value < edges[i + 1]``, ``n - 1`` at ``high``; 65535 for a missing or infinite
            value and one outside the axis.
        """
        given = np.asarray(values, dtype=np.float64)
        inside = (given >= self.low) & (given <= self.high)
        position = self._position(given if inside.all() else np.where(inside, given, self.low))
        # The position is off by less than half a cell (rounding moves it by a fraction of 1/_LEAST_STEP), so that half
        # a cell lower it points to the value's cell or to the one before: one comparison decides.
        position -= 0.5
        codes = position.astype(np.int32)
        codes += given >= _upper_edges(self.low, self.high, self.n, self.scale)[codes]
        codes[~inside] = NO_CELL
        return codes.astype(np.uint16)

    def interval(self, first: int, last: int) -> tuple[float, float, bool]:
        """Return the values of cells ``first`` to ``last``: lower end (included), upper end, whether that is included.

        Raises
        ------
        SelectionError
            If these are not cells of the grid, in order.
        """
        if not 0 <= first <= last < self.n:
            raise SelectionError(
                f"cells {first!r} to {last!r}: give two cells from 0 to {self.n - 1}, in order."
            )
        edges = self.edges
        return float(edges[first]), float(edges[last + 1]), last == self.n - 1

    def _position(self, values: np.ndarray) -> np.ndarray:
        """Return where on the axis the values lie, in cells, but for rounding."""
        if self.scale == "log":
            start = np.log(self.low)
            return (np.log(values) - start) * (self.n / (np.log(self.high) - start))
        if not _is_too_wide(self.low, self.high):
            return (values - self.low) / (self.high - self.low) * self.n
        return (values / 2 - self.low / 2) / (self.high / 2 - self.low / 2) * self.n


def _is_too_narrow(low: float, high: float, n: int, scale: str) -> bool:
    if scale == "log":
        low, high = math.log(low), math.log(high)
        finest = max(math.ulp(max(abs(low), abs(high))), sys.float_info.epsilon)
    else:
        finest = math.ulp(max(abs(low), abs(high)))
    return high / n - low / n < _LEAST_STEP * finest


def _is_too_wide(low: float, high: float) -> bool:
    """Whether the width, or a step towards it, would overflow; half of it does not."""
    return high / 2 - low / 2 > _HUGE / 4


@lru_cache(maxsize=64)
def _edges(low: float, high: float, n: int, scale: str) -> np.ndarray:
    if scale == "log":
        edges = np.exp(np.linspace(np.log(low), np.log(high), n + 1))
        edges[[0, -1]] = low, high
    elif not _is_too_wide(low, high):
        edges = np.linspace(low, high, n + 1)
    else:
        edges = 2 * np.linspace(low / 2, high / 2, n + 1)
    edges.flags.writeable = False
    return edges


@lru_cache(maxsize=64)
def _upper_edges(low: float, high: float, n: int, scale: str) -> np.ndarray:
    upper = _edges(low, high, n, scale)[1:].copy()
    upper[-1] = np.inf  # the last cell holds its upper end
    return upper


def lasso_hits(
    codes_x: np.ndarray, codes_y: np.ndarray, polygon: Sequence[tuple[int, int]] | np.ndarray
) -> np.ndarray:
    """Say which points lie inside a polygon by the even-odd rule, exactly.

    A point ``(x, y)`` is inside if an odd number of the polygon's sides ``(xi, yi)-(xj, yj)`` satisfy
    ``(yi > y) != (yj > y)`` and ``x < (xj - xi) * (y - yi) / (yj - yi) + xi``. The division is multiplied out, so that
    all numbers are integers, which NumPy and JavaScript compute alike.

    Parameters
    ----------
    codes_x, codes_y : numpy.ndarray of uint16, shape (n_points,)
        Cells of the points, from `Grid.encode`; 65535 is never inside.
    polygon : sequence of (int, int)
        Corners in cells; the last joins the first. Corners may lie beyond the axes.

    Returns
    -------
    numpy.ndarray of bool, shape (n_points,)

    Examples
    --------
    >>> square = [(1, 1), (3, 1), (3, 3), (1, 3)]
    >>> lasso_hits(np.array([0, 1, 2, 3]), np.array([2, 1, 2, 3]), square).tolist()
    [False, True, True, False]
    """
    corners = np.asarray(polygon, dtype=np.int64).reshape(-1, 2)
    hits = np.zeros(len(codes_x), dtype=bool)
    if not len(corners):
        return hits
    (left, bottom), (right, top) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    may = (codes_x >= left) & (codes_x < right) & (codes_y >= bottom) & (codes_y < top)
    may &= (codes_x != NO_CELL) & (codes_y != NO_CELL)
    near = np.flatnonzero(may)
    near = near[
        np.argsort(codes_y[near], kind="stable")
    ]  # a side then meets a run of points, not all of them
    rows = np.searchsorted(codes_y[near], np.clip(corners[:, 1], 0, NO_CELL).astype(codes_y.dtype))
    x, y = codes_x[near].astype(np.float64), codes_y[near].astype(np.float64)
    odd = np.zeros(len(near), dtype=bool)
    sides = zip(corners.tolist(), np.roll(corners, -1, axis=0).tolist(), rows, np.roll(rows, -1), strict=True)
    for (xi, yi), (xj, yj), row_i, row_j in sides:
        run = slice(min(row_i, row_j), max(row_i, row_j))
        if yj < yi:
            xi, yi, xj, yj = xj, yj, xi, yi
        odd[run] ^= (x[run] - xi) * (yj - yi) < (y[run] - yi) * (xj - xi)
    hits[near[odd]] = True
    return hits
