"""Picture: how surely each segment comes back with other customers."""

from __future__ import annotations

import pandas as pd
from bokeh.models import Span
from bokeh.plotting import figure

from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.segmentation.stability import DISSOLVED, HIGHLY_STABLE, VALID
from payseg_widgets.views.exploration import segment_names
from payseg_widgets.views.theme import MUTED, new_figure, segment_colour
from payseg_widgets.views.view import View

_AXIS = f"Jaccard; dashed: {VALID} valid, {HIGHLY_STABLE} highly stable"


def stability_view(segmentation: Segmentation) -> View:
    """Draw the bootstrap stability of each segment as a bar, with the marks of Hennig at 0.75 and 0.85.

    Returns
    -------
    View
        Table: ``segment``, ``stability`` (clusterwise Jaccard in [0, 1]) and what that means in words; no row where no
        segment was found.
    """
    by_segment = segmentation.quality.get("stability_by_segment", pd.Series(dtype="float64"))
    names = segment_names(segmentation)
    found = [(int(s), float(value)) for s, value in by_segment.items() if int(s) in names]
    table = pd.DataFrame(
        {
            "segment": [names[s] for s, _ in found],
            "stability": [value for _, value in found],
            "meaning": [_meaning(value) for _, value in found],
        }
    )
    return View("How surely each segment comes back", _bars(found, names), table, _sentence(table))


def _bars(found: list[tuple[int, float]], names: dict[int, str]) -> figure:
    plot = new_figure(
        "Stability of each segment", y_range=[_letter(names[s]) for s, _ in found][::-1], x_range=(0, 1),
        height=100 + 34 * len(found), x_axis_label=_AXIS, tools="save",
    )  # fmt: skip
    for segment, value in found:  # one glyph each, so that each has its own colour in either theme
        plot.hbar(y=[_letter(names[segment])], right=[value], height=0.6, color=segment_colour(segment))
    for mark in (VALID, HIGHLY_STABLE):
        plot.add_layout(Span(location=mark, dimension="height", line_color=MUTED, line_dash="dashed"))
    plot.ygrid.visible = False
    return plot


def _letter(name: str) -> str:
    """Return the letter alone, which fits beside a narrow picture; the table has the name."""
    return name.split(" ", 1)[0]


def _meaning(value: float) -> str:
    """Return what a stability means.

    >>> [_meaning(value) for value in (0.5, 0.74, 0.75, 0.85)]
    ['dissolves', 'shifts', 'valid', 'highly stable']
    """
    if value <= DISSOLVED:
        return "dissolves"
    return "shifts" if value < VALID else "valid" if value < HIGHLY_STABLE else "highly stable"


def _sentence(table: pd.DataFrame) -> str:
    if table.empty:
        return "There is no segment whose stability could be measured."
    firm = int((table["stability"] >= VALID).sum())
    least = table.iloc[int(table["stability"].to_numpy().argmin())]
    return (
        f"{firm} of {len(table)} segments come back with other customers (Jaccard of {VALID} or more); the least stable "
        f"is {least['segment']}: {least['meaning']}."
    )
