"""Figures side by side where there is room, below each other where there is not."""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.layouts import gridplot
from bokeh.models import GridPlot, InlineStyleSheet
from bokeh.plotting import figure

#: Pixels a figure is at least given; with fewer, fewer stand side by side.
LEAST_WIDTH = 350


def figure_grid(
    plots: Sequence[figure],
    *,
    across: int,
    aligned: bool = True,
    least_width: int = LEAST_WIDTH,
    toolbar_location: str | None = "above",
) -> GridPlot:
    """Return figures in rows under one toolbar; the page breaks the rows by the width it has.

    The width is that of the grid, not of the window: a notebook's cell beside an open side panel is narrow too.

    Parameters
    ----------
    plots : sequence of bokeh.plotting.figure
        Each placed in one grid only.
    across : int
        Figures in a row where each has ``least_width``.
    aligned : bool
        Whether their axes are in line.
    least_width : int
        Pixels.
    toolbar_location : str, optional
        None: no toolbar.
    """
    across = min(across, len(plots))
    for plot in plots:
        plot.frame_align = aligned
        plot.stylesheets.append(InlineStyleSheet(css=_anywhere(across * least_width)))
    grid = gridplot(
        list(plots),
        ncols=across,
        sizing_mode="stretch_width",
        toolbar_location=toolbar_location,
        toolbar_options={"logo": None},
    )
    grid.stylesheets.append(InlineStyleSheet(css=_columns(across, least_width)))
    return grid


def _columns(across: int, least_width: int) -> str:
    """Columns of one width each; a grid's own are as wide as their figures ask for."""
    template = ".bk-GridBox {{ grid-template-columns: repeat({}, minmax(0, 1fr)); }}".format
    rules = [template(across)]
    rules += [
        f"{_narrower_than((n + 1) * least_width)} {{ {template(n)} }}" for n in range(across - 1, 0, -1)
    ]
    return "\n".join([":host { container-type: inline-size; }", *rules])


def _anywhere(width: int) -> str:
    """Let a figure go where there is place, not to the cell that Bokeh gives it, which says so of the same element."""
    return f"{_narrower_than(width)} {{ :host {{ grid-area: auto !important; }} }}"


def _narrower_than(width: int) -> str:
    return f"@container (width < {width}px)"
