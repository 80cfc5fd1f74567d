"""Picture: the criteria for the number of segments, side by side."""

from __future__ import annotations

import pandas as pd
from bokeh.models import Span

from payseg_widgets.segmentation.compare import ModelComparison
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.views.compared import of_model
from payseg_widgets.views.grid import figure_grid
from payseg_widgets.views.theme import INK, SEGMENT_COLOURS, new_figure
from payseg_widgets.views.view import View

#: Columns of the table that are no criterion, or are drawn with another one.
_NOT_DRAWN = ("chosen", "gap_error", "unassigned")


def criteria_view(segmentation: Segmentation) -> View:
    """Draw each criterion against the number of segments; a dashed line marks the number chosen."""
    return _drawn("How many segments", segmentation.criteria, segmentation.why_k)


def model_criteria_view(comparison: ModelComparison, model: str) -> View:
    """Draw the criteria of one compared model: see `criteria_view`.

    Raises
    ------
    UnknownNameError
        If the model is not in the comparison, or no criterion was measured of it.
    """
    criteria = of_model(comparison.criteria, model, "criterion")
    label = str(comparison.table.loc[model, "label"])
    return _drawn(f"How many segments: {label}", criteria, comparison.why_k.get(model, ""))


def _drawn(title: str, criteria: pd.DataFrame, why: str) -> View:
    numeric = [
        c
        for c in criteria.columns
        if c not in _NOT_DRAWN and pd.api.types.is_numeric_dtype(criteria[c]) and criteria[c].notna().any()
    ]
    chosen = list(criteria.index[criteria["chosen"]]) if "chosen" in criteria else []
    plots = []
    for i, name in enumerate(numeric):
        known = criteria[name].dropna()
        plot = new_figure(name.replace("_", " "), height=220, x_axis_label="number of segments", tools="save")
        colour = SEGMENT_COLOURS[i % len(SEGMENT_COLOURS)]
        plot.line(known.index, known.to_numpy(), color=colour, line_width=2)
        plot.scatter(known.index, known.to_numpy(), color=colour, size=7)
        for k in chosen:
            plot.add_layout(Span(location=k, dimension="height", line_color=INK, line_dash="dashed"))
        plot.xaxis.ticker = list(criteria.index)
        plots.append(plot)
    grid = (
        figure_grid(plots, across=3, least_width=220, toolbar_location=None)
        if plots
        else new_figure("No criterion applies to this model", height=120)
    )
    return View(title, grid, criteria.reset_index(), why)
