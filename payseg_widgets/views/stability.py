"""Picture: how surely each segment comes back with other customers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from bokeh.models import Span
from bokeh.plotting import figure

from payseg_widgets.segmentation.cards import letter
from payseg_widgets.segmentation.compare import ModelComparison
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.segmentation.stability import DISSOLVED, HIGHLY_STABLE, VALID
from payseg_widgets.views.compared import of_model, said
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
    return _view("How surely each segment comes back", by_segment, segment_names(segmentation))


def model_stability_view(comparison: ModelComparison, model: str) -> View:
    """Draw the stability of each segment of a compared model: see `stability_view`.

    Raises
    ------
    UnknownNameError
        If the model is not in the comparison, or has no segments whose stability was measured.
    """
    by_segment = of_model(comparison.stability, model, "stability")
    names = {segment: letter(segment) for segment in by_segment.index.tolist()}
    label = str(comparison.table.loc[model, "label"])
    view = _view(f"How surely each segment comes back: {label}", by_segment, names)
    return replace(view, sentence=said(comparison.caution, view.sentence))


def _view(title: str, by_segment: pd.Series, names: dict[int, str]) -> View:
    values = zip(by_segment.index.tolist(), by_segment.tolist(), strict=True)
    found = [(segment, value) for segment, value in values if segment in names]
    table = pd.DataFrame(
        {
            "segment": [names[s] for s, _ in found],
            "stability": [value for _, value in found],
            "meaning": [_meaning(value) for _, value in found],
        }
    )
    return View(title, _bars(found, names), table, _sentence(table))


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
