"""Bounds of a brush in few digits: the shortest decimal number that parts the same customers."""

from __future__ import annotations

import math

import numpy as np

from payseg_widgets.segmentation.readable import roundest
from payseg_widgets.views.selection.grids import Grid

#: A bound moves by at most this many of the axis' 65,535 cells: less than half a pixel of a picture 500 pixels wide.
ROOM = 64


def rounded_interval(grid: Grid, occupied: np.ndarray, first: int, last: int) -> tuple[float, float, bool]:
    """Return ``grid.interval(first, last)`` with shorter bounds, between which lie the same customers.

    Parameters
    ----------
    grid : Grid
    occupied : numpy.ndarray of int
        The cells that hold a customer, increasing.
    first, last : int
        Cells brushed.

    Examples
    --------
    >>> days = Grid(-3.7142857, 61.2857143, n=65_535)
    >>> rounded_interval(days, days.encode([-3.7142857, 10, 20, 61.2857143]), 10_000, 30_000)
    (6.2, 26.0, False)
    """
    low, high, with_high = grid.interval(first, last)
    shorter = _rounded(grid, occupied, first), _rounded(grid, occupied, last + 1)
    return (*shorter, with_high) if shorter[0] < shorter[1] else (low, high, with_high)


def _rounded(grid: Grid, occupied: np.ndarray, at: int) -> float:
    """Return the shortest number that may stand for the boundary below cell ``at``; at ``n`` the end of the axis."""
    edges, place = grid.edges, int(np.searchsorted(occupied, at))
    before = int(occupied[place - 1]) if place else -1
    after = int(occupied[place]) if place < len(occupied) else grid.n
    least = float(edges[max(before + 1, at - ROOM, 0)])
    most = float(edges[min(after, at + ROOM, grid.n)])
    if at == 0:  # nobody on the axis is below it, or above its end
        least = _beyond(least, float(edges[min(ROOM, grid.n)]))
    if at == grid.n:
        least, most = most, _beyond(most, float(edges[max(grid.n - ROOM, 0)]))
    if grid.scale == "log" and least <= 0:
        least = float(edges[at])
    return roundest(least, most)


def _beyond(end: float, inside: float) -> float:
    further = end - (inside - end)
    return further if math.isfinite(further) else end
