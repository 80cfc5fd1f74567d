"""What hypothesis draws: tables of customers, selections over their columns, columns of an axis."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from payseg_widgets.views.selection import Grid, Selection, lasso, one_of
from payseg_widgets.views.selection.conditions import Compare, Missing, Within

_NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 3).map(float)
_NUMERIC = st.sampled_from(["late_ratio", "mean_days_late", "in", "odd `name`\n"])
_TEXTS = st.sampled_from(["A", "B", "C", "it's", 'say "no"', "\\", "\u2028", "😀", "=1+1"]) | st.text()
_GRIDS = st.sampled_from([Grid(0, 1), Grid(-3, 3, n=7), Grid(0.1, 3, n=50, scale="log")])
_CELLS = st.integers(-5, 60)


@st.composite
def _withins(draw):
    low, high = sorted([draw(_NUMBERS), draw(_NUMBERS)])
    return Within(draw(_NUMERIC), low, high, draw(st.booleans()), draw(st.booleans()))


@st.composite
def _lassos(draw):
    corners = draw(st.lists(st.tuples(_CELLS, _CELLS), min_size=3, max_size=6))
    x, y = zip(*corners, strict=True)
    return lasso(("late_ratio", draw(_GRIDS), x), ("mean_days_late", draw(_GRIDS), y))


_CONDITIONS = st.one_of(
    st.builds(Compare, _NUMERIC, st.sampled_from([">", ">=", "<", "<=", "==", "!="]), _NUMBERS),
    st.builds(Compare, st.just("region"), st.sampled_from(["==", "!="]), _TEXTS),
    st.builds(one_of, st.just("region"), st.lists(_TEXTS, max_size=3)),
    st.builds(one_of, st.just("segment"), st.lists(st.integers(-1, 3), max_size=3)),
    st.builds(Missing, _NUMERIC | st.just("region")),
    st.builds(Selection.picked, st.lists(st.sampled_from(["C0", "C1", "C7"]) | _TEXTS, max_size=3)),
    _withins(), _lassos(), st.just(Selection.everything()), st.just(Selection.nothing()),
)  # fmt: skip

#: Selections of every kind over the columns of `tables`.
SELECTIONS = st.recursive(
    _CONDITIONS,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=6,
)

_CELL_VALUES = (
    st.sampled_from([0.0, 1.0, 0.5, -3.0, 3.0, np.nan, np.inf, -np.inf]) | st.floats(-4, 4) | _NUMBERS
)


@st.composite
def _tables(draw):
    n = draw(st.integers(0, 8))
    columns = {
        name: np.array(draw(st.lists(_CELL_VALUES, min_size=n, max_size=n)), dtype=float)
        for name in ["late_ratio", "mean_days_late", "in", "odd `name`\n"]
    }
    texts = st.lists(st.sampled_from(["A", "B", "C", None]), min_size=n, max_size=n)
    region = pd.Series(draw(texts), dtype="str")
    columns["region"] = region.astype("category").array if draw(st.booleans()) else region.array
    columns["segment"] = np.array(draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n)), dtype="int64")
    return pd.DataFrame(columns, index=pd.Index([f"C{i}" for i in range(n)], name="customer_id", dtype="str"))


TABLES = _tables()

#: Columns of any floats, numbers of cells, scales: what an axis is made of.
COLUMNS = hnp.arrays(
    np.float64,
    st.integers(1, 30),
    elements=st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True),
)
SIZES = st.sampled_from([1, 2, 3, 255, 65_535]) | st.integers(1, 65_535)
SCALES = st.sampled_from(["linear", "log"])


def around_edges(grid, picks):
    """Return edges of a grid and the doubles next to them."""
    edges = grid.edges[np.asarray(picks) % (grid.n + 1)]
    with np.errstate(over="ignore"):
        return np.concatenate([edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)])
