"""Picture: the customers beside portfolios that are one crowd, by the two figures that decide whether there are segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from bokeh.models import Legend, LegendItem, Span
from bokeh.plotting import figure

from payseg_widgets.segmentation.structure import TOUCHING, Structure
from payseg_widgets.views.grid import figure_grid
from payseg_widgets.views.theme import INK, MUTED, REST_COLOUR, new_figure
from payseg_widgets.views.view import View

_N_BINS = 15


def structure_view(gate: Structure) -> View:
    """Draw where the customers lie among simulated portfolios of one crowd.

    To the left, how much tighter they are about a few centres (further right speaks for segments); to the right, how
    dense the ground between segments is (further left speaks for them). No colour of a segment is used.

    Returns
    -------
    View
        The table has a row for each figure and one for each distance of planted kinds of customer that was tried.
    """
    title = f"Are there kinds of customer? {gate.verdict.capitalize()}"
    if not gate.null_falls:
        return View(title, new_figure(gate.sentence, height=120, tools=""), _table(gate), gate.sentence)
    tighter = _against("Tighter about centres than one crowd", gate.fall, gate.null_falls)
    tighter.xaxis.axis_label = "fall of log inertia, standard deviations (higher: tighter)"
    thinner = _against("Density between neighbouring segments", gate.ground, gate.null_grounds)
    thinner.xaxis.axis_label = "share of the lower peak (lower: emptier)"
    limit = Span(location=TOUCHING, dimension="height", line_color=MUTED, line_dash="dotted", line_width=2)
    thinner.add_layout(limit)
    _name_line(thinner, f"dotted: from {TOUCHING:.0%} on segments touch", "dotted", MUTED)
    grid = figure_grid([tighter, thinner], across=2, least_width=300, toolbar_location=None)
    return View(title, grid, _table(gate), gate.sentence)


def _against(title: str, observed: float, null: Sequence[float]) -> figure:
    counts, edges = np.histogram(null, _N_BINS)
    plot = new_figure(title, height=240, tools="save", y_axis_label="portfolios of one crowd")
    plot.quad(
        left=edges[:-1], right=edges[1:], bottom=0, top=counts, fill_color=REST_COLOUR, line_color="white"
    )
    plot.add_layout(Span(location=observed, dimension="height", line_color=INK, line_width=3))
    plot.add_layout(Legend(location="center", orientation="vertical", border_line_color=None), "below")
    _name_line(plot, "line: these customers", "solid", INK)
    reach = [min(observed, *edges), max(observed, *edges)]
    margin = 0.05 * max(reach[1] - reach[0], 1e-9)
    plot.x_range.start, plot.x_range.end = reach[0] - margin, reach[1] + margin
    plot.y_range.start = 0
    return plot


def _name_line(plot: figure, label: str, dash: str, colour: str) -> None:
    # spans have no legend of their own
    sample = plot.line([], [], line_color=colour, line_dash=dash, line_width=2)
    plot.legend[0].items.append(LegendItem(label=label, renderers=[sample]))


def _table(gate: Structure) -> pd.DataFrame:
    rows = [
        _row("tighter about centres than one crowd", gate.fall, gate.null_falls),
        _row("density between neighbouring segments", gate.ground, gate.null_grounds),
    ]
    rows += [
        {"figure": f"two kinds {apart:g} standard deviations apart: share found", "these customers": share}
        for apart, share in gate.power
    ]
    return pd.DataFrame(rows, columns=["figure", "these customers", "one crowd, 5 %", "median", "95 %"])


def _row(name: str, observed: float, null: Sequence[float]) -> dict[str, object]:
    low, middle, high = np.quantile(null, [0.05, 0.5, 0.95]) if null else (np.nan,) * 3
    return {
        "figure": name, "these customers": observed, "one crowd, 5 %": low, "median": middle, "95 %": high,
    }  # fmt: skip
