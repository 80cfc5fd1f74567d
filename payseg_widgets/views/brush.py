"""Linked scatters of many customers, painted and brushed in the page from typed arrays.

Axes, tools and titles are Bokeh's; the points are an image that `js/paint.js` fills. The page needs two bytes a customer
and column and one for the segment; it tells of a brush as its geometry and one bit a customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import numpy as np
import pandas as pd
from bokeh.layouts import column
from bokeh.plotting import figure

from payseg_widgets.errors import SelectionError
from payseg_widgets.features.measure import Measure
from payseg_widgets.views import theme
from payseg_widgets.views.brush_figures import BrushAxis, brush_figure, name_lanes
from payseg_widgets.views.brush_values import (
    EXACT_AT_MOST,
    ValueColumn,
    other_segments,
    panel_columns,
    panel_words,
)
from payseg_widgets.views.grid import figure_grid
from payseg_widgets.views.scripts import JS, joined
from payseg_widgets.views.selection import Grid, Selection, lasso, one_of
from payseg_widgets.views.selection.conditions import Within
from payseg_widgets.views.selection.grids import NO_CELL
from payseg_widgets.views.selection.rounding import rounded_interval
from payseg_widgets.views.view import View

_MODULES = (
    "hit stamps store paint nearest brush_keyboard brush_engine page_theme toolbar_names words readers contrast grammar grids"
    " rounding evaluate steps csv card table_order table condition panels brush_page"
)
#: The page's half: modules in an order in which each comes after those it needs.
BRUSH_MODULES = tuple(JS / f"{name}.js" for name in _MODULES.split())
BRUSH_JS = joined(*BRUSH_MODULES)
#: Code of a customer in no segment.
UNPLACED = 255
BRUSH_CSS = "".join((JS / name).read_text(encoding="utf-8") for name in ("brush.css", "panels.css"))
#: Columns of the page's own: the middle of a customer's lane, which brushes hit, and its place in the lane, to be painted.
_LANE, _PLACE = "segment lane", "place in lane"
_LANE_WIDTH = 0.8


@dataclass(frozen=True, repr=False)
class Brush:
    """Linked pictures and what the page needs to paint and brush them.

    Attributes
    ----------
    view : View
        A grid of figures, empty until the page paints, with its text twin.
    spec : dict
        Plain JSON: columns, segments, colours, which figure shows which columns.
    buffers : tuple of bytes
        Each column's cells as little-endian uint16, the segments as uint8, then exact values as float64.
    grids : mapping of str to Grid
        The cells of each column.
    lanes : tuple of int
        Code of the segment in each lane, from the lowest up.
    """

    view: View
    spec: Mapping[str, Any]
    buffers: tuple[bytes, ...]
    grids: Mapping[str, Grid]
    lanes: tuple[int, ...]

    def __repr__(self) -> str:
        return f"Brush(customers={self.spec['n']}, pictures={len(self.spec['pictures'])})"

    def selection(self, steps: Iterable[Mapping[str, Any]]) -> Selection:
        """Return what the page's steps select as an expression.

        Parameters
        ----------
        steps : iterable of mappings
            As the page tells them: ``kind``, ``x``, ``y``, ``geometry``, ``mode``.

        Raises
        ------
        SelectionError
            If a step is a mask without the text of its condition: use the mask itself.
        """
        return reduce(
            lambda before, step: _joined(before, self._condition(step), step["mode"]),
            steps,
            Selection.nothing(),
        )

    def _condition(self, step: Mapping[str, Any]) -> Selection:
        kind, geometry = step["kind"], step["geometry"]
        if kind == "box" and (geometry[1] < geometry[0] or geometry[3] < geometry[2]):
            return Selection.nothing()
        if kind == "box":
            i0, i1, j0, j1 = geometry
            lanes_or_values = self._in_lanes if step["y"] == _LANE else partial(self._between, step["y"])
            return self._between(step["x"], i0, i1) & lanes_or_values(j0, j1)
        if kind == "lasso":
            if len(geometry) < 3:
                return Selection.nothing()
            across, up = zip(*geometry, strict=True)
            return lasso(self._axis(step["x"], across), self._axis(step["y"], up))
        if kind == "segment":
            names = self.spec["segments"]
            return one_of("segment", [names[geometry]]) if geometry != UNPLACED else ~one_of("segment", names)
        if kind in ("all", "none"):
            return Selection.everything() if kind == "all" else Selection.nothing()
        if step.get("text"):
            return Selection.parse(step["text"])
        raise SelectionError(f"a step of kind {kind!r} is no condition; take the customers of its mask.")

    def _between(self, column: str, first: int, last: int) -> Selection:
        low, high, with_high = rounded_interval(self.grids[column], self._occupied(column), first, last)
        return Within(column, low, high, with_high=with_high)

    def _occupied(self, column: str) -> np.ndarray:
        """Return the cells that hold a customer."""
        place = [known["name"] for known in self.spec["columns"]].index(column)
        codes = np.frombuffer(self.buffers[place], dtype="<u2")
        return np.flatnonzero(np.bincount(codes, minlength=NO_CELL)[:NO_CELL])

    def _in_lanes(self, first: int, last: int) -> Selection:
        """Who is in the lanes whose middle lies in these cells."""
        middles = self.grids[_LANE].encode(np.arange(len(self.lanes)))
        found = Selection.nothing()
        for code, middle in zip(self.lanes, middles, strict=True):
            if first <= middle <= last:
                found |= self._condition({"kind": "segment", "geometry": code})
        return found

    def _axis(self, column: str, cells: Sequence[int]) -> tuple[str, Grid, Sequence[int]]:
        return column, self.grids[column], cells


def _joined(before: Selection, step: Selection, mode: str) -> Selection:
    match mode:
        case "replace":
            return step
        case "add":
            return before | step
        case "subtract":
            return before - step
        case "intersect":
            return before & step
        case "xor":
            return (before - step) | (step - before)
    raise SelectionError(f"mode={mode!r}: give replace, add, subtract, intersect or xor.")


def brush_view(
    customers: pd.DataFrame,
    *,
    pictures: Sequence[tuple[BrushAxis, BrushAxis]],
    segments: Sequence[str],
    titles: Sequence[str] = (),
    title: str = "Explore the customers",
    ids: Sequence[str] | None = None,
    across: int = 3,
    beside: Sequence[figure] = (),
    values: pd.DataFrame | None = None,
    measures: Sequence[Measure | ValueColumn] = (),
) -> Brush:
    """Draw customers in linked scatters of any size.

    Parameters
    ----------
    customers : pandas.DataFrame
        A row per customer: the columns of ``pictures``, numbers with NaN where not estimable, and ``segment``, texts.
    pictures : sequence of (BrushAxis, BrushAxis)
        What each picture shows across and up.
    segments : sequence of str
        Names of the segments in their order; whoever has none of these counts as not placed. Eight are told apart by
        colour and shape, further ones share the eighth's.
    titles : sequence of str
        Of the pictures, in order; those left out, or empty, are titled by their axes.
    title : str
        Of the whole.
    ids : sequence of str, optional
        What a customer is called in the tooltip. Without, the page holds nothing that tells who a customer is.
    across : int
        Pictures in a row.
    beside : sequence of bokeh.plotting.figure
        Further figures in a row of their own; they are not brushed.
    values : pandas.DataFrame, optional
        Numbers that the panels below the pictures compare, list and select by, a row for each customer; the pictures'
        columns are added. Without them, and for more than `EXACT_AT_MOST` customers, the panels read the pictures'
        cells: to 1/65,535 of each axis.
    measures : sequence of Measure or ValueColumn
        Label, unit and direction of the columns of ``values``.

    Raises
    ------
    SelectionError
        If there are more than 255 segments, which one byte cannot tell apart, or ``values`` does not fit the customers.
    """
    if len(segments) > UNPLACED:
        raise SelectionError(
            f"{len(segments)} segments: the page tells at most {UNPLACED} apart. Merge the smallest."
        )
    codes = pd.Index(segments).get_indexer(pd.Index(customers["segment"]))
    placed = np.where(codes < 0, UNPLACED, codes).astype("uint8")
    lanes = _lanes(len(segments), placed)
    named = [(x, replace(y, column=_LANE) if y.is_lanes else y) for x, y in pictures]
    axes = {axis.column: axis for picture in named for axis in picture}
    columns = {name: customers[name] for name, axis in axes.items() if not axis.is_lanes}
    grids = {name: Grid.of(column, scale=axes[name].scale) for name, column in columns.items()}
    if _LANE in axes:
        columns |= _places(lanes, placed)
        grids |= dict.fromkeys((_LANE, _PLACE), Grid(-0.5, len(lanes) - 0.5))
    plots = [brush_figure(x, y, grids, f"brush {k}") for k, (x, y) in enumerate(named)]
    for plot, said in zip(plots, titles, strict=False):
        plot.title.text = said or plot.title.text
    for plot, (_, y) in zip(plots, named, strict=True):
        if y.is_lanes:
            name_lanes(plot, [segments[code] if code != UNPLACED else "not placed" for code in lanes])
    spec: dict[str, Any] = {
        "n": len(customers),
        "columns": [_column(name, axes.get(name), grids[name]) for name in columns],
        "segments": list(segments),
        "has_unplaced": bool((placed == UNPLACED).any()),
        "pictures": [
            {"figure": plot.name, "x": x.column, "y": y.column, "paint_y": _PLACE if y.is_lanes else y.column}
            for plot, (x, y) in zip(plots, named, strict=True)
        ],
        "lanes": None,
        "palettes": _palettes(),
        "others": other_segments(customers["segment"], codes >= 0),
        "values": None,
        **panel_words(),
    }
    if _LANE in grids:
        middles = grids[_LANE].encode(np.arange(len(lanes))).tolist()
        spec["lanes"] = {"column": _LANE, "middles": middles, "segments": list(lanes)}
    if ids is not None:
        spec["ids"] = [str(name) for name in ids]
    exact: tuple[bytes, ...] = ()
    if values is not None and len(customers) <= EXACT_AT_MOST:
        drawn = [_column(name, axis, grids[name]) for name, axis in axes.items() if not axis.is_lanes]
        told = [ValueColumn(column["name"], column["label"], column["unit"]) for column in drawn]
        spec["values"], exact = panel_columns(values, customers, measures=measures, axes=told)
    cells = (grids[name].encode(column).astype("<u2").tobytes() for name, column in columns.items())
    layout = figure_grid(plots, across=across)
    if beside:
        layout = column(
            layout, figure_grid(beside, across=len(beside), aligned=False), sizing_mode="stretch_width"
        )
    shown = {name: axis for name, axis in axes.items() if axis.is_told and not axis.is_lanes}
    view = View(title, layout, *_twin(customers, shown, segments, placed))
    return Brush(view, spec, (*cells, placed.tobytes(), *exact), grids, lanes)


def _column(name: str, axis: BrushAxis | None, grid: Grid) -> dict[str, Any]:
    """Describe a column to the page; one without a label is not spoken of."""
    label, unit = (
        (axis.label, axis.unit) if axis is not None and axis.is_told and not axis.is_lanes else ("", "")
    )
    return {
        "name": name,
        "label": label,
        "unit": unit,
        "scale": grid.scale,
        "low": grid.low,
        "high": grid.high,
    }


def _lanes(n_segments: int, placed: np.ndarray) -> tuple[int, ...]:
    """Return the code of each lane from the lowest up: the first segment is at the top, the unplaced below all."""
    unplaced = (UNPLACED,) if (placed == UNPLACED).any() or not n_segments else ()
    return (*unplaced, *range(n_segments - 1, -1, -1))


def _places(lanes: Sequence[int], placed: np.ndarray) -> dict[str, pd.Series]:
    """Return each customer's lane and a place across it that is the same whenever it is drawn."""
    lane_of = np.zeros(UNPLACED + 1)
    lane_of[list(lanes)] = np.arange(len(lanes))
    lane = lane_of[placed]
    spread = _LANE_WIDTH * (np.random.default_rng(0).random(len(lane)) - 0.5)
    return {_LANE: pd.Series(lane), _PLACE: pd.Series(lane + spread)}


def _palettes() -> dict[str, dict[str, Any]]:
    return {
        "light": {"segments": [*theme.SEGMENT_COLOURS, theme.NOISE_COLOUR], "rest": theme.REST_COLOUR},
        "dark": {
            "segments": [*theme.DARK_SEGMENT_COLOURS, theme.DARK_NOISE_COLOUR],
            "rest": theme.DARK_REST_COLOUR,
        },
    }


def _twin(
    customers: pd.DataFrame, axes: Mapping[str, BrushAxis], segments: Sequence[str], placed: np.ndarray
) -> tuple[pd.DataFrame, str]:
    """Return the medians of each segment, and who is where in a sentence."""
    grouped = customers[list(axes)].groupby(placed)
    table = grouped.median().rename(columns={name: f"{axis.label}, median" for name, axis in axes.items()})
    table.insert(0, "customers", grouped.size())
    table.index = pd.Index([segments[code] if code != UNPLACED else "not placed" for code in table.index])
    sentence = f"{len(customers):,} customers in {len(segments)} segments; the pictures are brushed together."
    return table.reset_index(names="segment"), sentence
