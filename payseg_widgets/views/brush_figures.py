"""The Bokeh figures of linked pictures: axes and tools; the page paints the points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from bokeh.models import (
    BoxSelectTool,
    FixedTicker,
    LassoSelectTool,
    LogTicker,
    NumeralTickFormatter,
    Range1d,
)
from bokeh.plotting import figure

from payseg_widgets.views import theme
from payseg_widgets.views.selection import Grid

_MARGIN = 0.03
_HEIGHT = 360
_MOST_LETTERS = 14
_FEW_LANES = 6


@dataclass(frozen=True)
class BrushAxis:
    """A column of the customers' table as an axis.

    Attributes
    ----------
    column, label : str
    unit : str
        ``"ratio"`` is written in per cent.
    scale : {"linear", "log"}
        On a log axis customers at or below zero are not drawn, and no brush hits them.
    is_lanes : bool
        A lane for each segment, the first at the top, over which its customers are spread; only for the axis that goes up.
        The table needs no such column. A box takes a lane whole or not at all.
    is_told : bool
        Whether the page tells a customer's value on this axis.
    """

    column: str
    label: str
    unit: str = ""
    scale: str = "linear"
    is_lanes: bool = False
    is_told: bool = True


def brush_figure(x: BrushAxis, y: BrushAxis, grids: Mapping[str, Grid], name: str) -> figure:
    """Return the figure of one picture, to be painted and brushed in the page."""
    plot = theme.new_figure(
        f"{x.label} by segment" if y.is_lanes else f"{y.label} over {x.label[:1].lower()}{x.label[1:]}",
        name=name,
        height=_HEIGHT,
        x_axis_label=x.label,
        y_axis_label=y.label,
        x_axis_type=x.scale,
        y_axis_type=y.scale,
        x_range=_range(grids[x.column]),
        y_range=_range(grids[y.column]),
        tools="pan,wheel_zoom,box_zoom,reset",
    )
    tools: list[BoxSelectTool | LassoSelectTool] = [BoxSelectTool(renderers=[], continuous=True)]
    if not y.is_lanes:  # a lane is taken whole or not at all
        tools.append(LassoSelectTool(renderers=[], continuous=True))
    for tool in tools:
        tool.overlay.fill_alpha = 0.12  # what is inside is to be seen while it is drawn
    plot.add_tools(*tools)
    plot.toolbar.active_drag = tools[0]
    for axis, drawn in ((x, plot.xaxis), (y, plot.yaxis)):
        if axis.scale == "log":
            drawn.ticker = LogTicker(mantissas=[1, 2, 5])
        if not axis.is_lanes:
            drawn.formatter = NumeralTickFormatter(format="0%" if axis.unit == "ratio" else "0,0.[00]a")
    return plot


def _range(grid: Grid) -> Range1d:
    """Return a view of the whole axis with a little room, so that no disc is cut."""
    low, high = (np.log(grid.low), np.log(grid.high)) if grid.scale == "log" else (grid.low, grid.high)
    room = _MARGIN * (high - low)
    ends = (low - room, high + room)
    start, end = (float(np.exp(end)) for end in ends) if grid.scale == "log" else ends
    return Range1d(start, end)


def name_lanes(plot: figure, names: Sequence[str]) -> None:
    """Name the lanes of a picture, the lowest first."""
    plot.yaxis.ticker = FixedTicker(ticks=list(range(len(names))))
    lines = 3 if len(names) <= _FEW_LANES else 1
    plot.yaxis.major_label_overrides = {k: _in_lines(name, lines) for k, name in enumerate(names)}
    plot.ygrid.visible = False


def _in_lines(name: str, most: int) -> str:
    return "\n".join(wrap(name, _MOST_LETTERS, max_lines=most, placeholder="…", break_on_hyphens=False))
