"""Bounds in few digits: whoever was between the long ones is between the short ones, and nobody else."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from selection_strategies import COLUMNS, SCALES

from payseg_widgets.views.selection import NO_CELL, Grid
from payseg_widgets.views.selection.conditions import Within
from payseg_widgets.views.selection.rounding import ROOM, rounded_interval


@given(COLUMNS, SCALES, st.data())
def test_rounded_bounds_hold_the_same_customers_and_move_by_little(column, scale, data):
    grid = Grid.of(column, scale=scale)
    codes = grid.encode(column)
    first, last = sorted(data.draw(st.tuples(st.integers(0, NO_CELL - 1), st.integers(0, NO_CELL - 1))))
    occupied = np.unique(codes[codes != NO_CELL])
    low, high, with_high = rounded_interval(grid, occupied, first, last)
    inside = Within("a", low, high, with_high=with_high).apply(pd.DataFrame({"a": column}))
    assert inside.tolist() == ((codes >= first) & (codes <= last)).tolist()
    if first > ROOM and last + 1 < NO_CELL - ROOM:
        assert grid.edges[first - ROOM] <= low <= grid.edges[first + ROOM]
        assert grid.edges[last + 1 - ROOM] <= high <= grid.edges[last + 1 + ROOM]


def test_a_brush_over_spread_customers_reads_like_one_typed_by_hand():
    paid = np.random.default_rng(0).lognormal(7, 0.5, 100)
    grid = Grid.of(paid, scale="log")
    low, high, _ = rounded_interval(grid, np.unique(grid.encode(paid)), 5_000, 60_000)
    assert max(len(f"{low:g}"), len(f"{high:g}")) <= 4
    assert (low, high) == (float(f"{low:g}"), float(f"{high:g}"))
