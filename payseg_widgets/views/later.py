"""Picture: how differently segments pay in a later period, which their making did not see."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bokeh.models import FactorRange, Span
from bokeh.plotting import figure

from payseg_widgets.segmentation.later import LaterSeparation
from payseg_widgets.views.theme import MUTED, new_figure, segment_colour, segment_marker
from payseg_widgets.views.view import View


def later_view(later: LaterSeparation) -> View:
    """Draw each segment's difference from the other customers, with its simultaneous 95 % interval, outcome by outcome.

    Parameters
    ----------
    later : LaterSeparation

    Returns
    -------
    View
        The picture counts in standard deviations within segments, so that outcomes share an axis; the table in the
        outcomes' own units.
    """
    labels = later.tests["label"].to_dict()
    effects = later.effects.assign(label=later.effects["outcome"].map(labels), scale=_scale(later.effects))
    known = effects[effects[["difference", "conf_low", "conf_high", "scale"]].notna().all(axis=1)]
    table = effects[["label", "segment", "n_customers", "mean", "difference", "conf_low", "conf_high"]]
    table = table.assign(segment=table["segment"] + 1).rename(
        columns={"label": "outcome", "n_customers": "customers"}
    )
    return View("Payment in the later period", _forest(known), table, later.sentence)


def _scale(effects: pd.DataFrame) -> pd.Series:
    """Return the spread that each row's effect counts in, in the unit of its outcome."""
    ratio = (effects["difference"] / effects["effect"]).replace([np.inf, -np.inf], np.nan)
    return ratio.fillna(
        ratio.groupby(effects["outcome"]).transform("median")
    )  # of no difference: the outcome's


def _forest(known: pd.DataFrame) -> figure:
    rows = [(str(row["label"]), f"segment {row['segment'] + 1}") for row in known.to_dict("records")]
    plot = new_figure(
        "Difference from the other customers, later period",
        y_range=FactorRange(factors=rows[::-1], range_padding=0.1, group_padding=0.6),
        height=150 + 24 * len(rows),
        x_axis_label="standard deviations within segments; lines: 95 %, all together",
        tools="save",
    )
    for row, place in zip(known.to_dict("records"), rows, strict=True):
        segment, scale = int(row["segment"]), row["scale"]
        low, middle, high = (row[name] / scale for name in ("conf_low", "difference", "conf_high"))
        colour = segment_colour(segment)
        plot.segment(x0=[low], x1=[high], y0=[place], y1=[place], line_color=colour, line_width=2)
        plot.scatter(x=[middle], y=[place], marker=segment_marker(segment), size=9, color=colour)
    plot.add_layout(Span(location=0, dimension="height", line_color=MUTED, line_dash="dashed"))
    plot.yaxis.group_label_orientation = "horizontal"
    plot.yaxis.group_text_font_size = "11px"
    plot.yaxis.separator_line_color = None  # white on dark otherwise
    plot.ygrid.visible = False
    return plot
