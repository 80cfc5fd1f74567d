"""Colours, markers and figure defaults that every picture shares."""

from __future__ import annotations

from typing import Any

from bokeh.plotting import figure

#: Okabe and Ito (2008), ordered so that neighbours differ in lightness too. Colour never stands alone: a letter
#: and a marker go with it.
SEGMENT_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C6D00", "#333333")
SEGMENT_MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "hex", "plus", "star")
NOISE_COLOUR, NOISE_MARKER = "#8A8A8A", "x"
#: The same hues on a dark ground, light enough to stand out there.
DARK_SEGMENT_COLOURS = (
    "#4DA6E0",
    "#E69F00",
    "#2BC295",
    "#F07F3C",
    "#E29AC4",
    "#9AD4F5",
    "#C9A83A",
    "#E6E6E6",
)
DARK_NOISE_COLOUR = "#9A9A9A"
#: Customers that are not selected while others are.
REST_COLOUR, DARK_REST_COLOUR = "#B4BAC1", "#565C63"
#: Ageing, from not due to oldest: one hue, darker with age.
AGE_COLOURS = ("#CFE3F1", "#9CC5E0", "#5F9FCB", "#2A74A8", "#0B3C61")
INK, MUTED, GRID = "#1B1F24", "#57606A", "#E3E6EA"


def segment_colour(segment: int) -> str:
    """Colour of a segment; segments beyond the eighth share the last, noise is grey."""
    return NOISE_COLOUR if segment < 0 else SEGMENT_COLOURS[min(segment, len(SEGMENT_COLOURS) - 1)]


def segment_marker(segment: int) -> str:
    """Marker shape of a segment; a cross for noise."""
    return NOISE_MARKER if segment < 0 else SEGMENT_MARKERS[min(segment, len(SEGMENT_MARKERS) - 1)]


def new_figure(title: str, **options: Any) -> figure:
    """Return a figure with the house's fonts, grid and toolbar."""
    defaults: dict[str, Any] = {
        "title": title,
        "height": 320,
        "sizing_mode": "stretch_width",
        "toolbar_location": "above",
        "tools": "pan,box_zoom,wheel_zoom,reset,save",
        "active_scroll": None,
    }
    plot = figure(**{**defaults, **options})
    plot.toolbar.logo = None
    plot.title.text_font_size = "14px"
    plot.title.text_color = INK
    plot.grid.grid_line_color = GRID
    plot.outline_line_color = None
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_color = MUTED
        axis.major_label_text_color = MUTED
        axis.axis_line_color = GRID
        axis.major_tick_line_color = GRID
        axis.minor_tick_line_color = None
    return plot


def legend_row(plot: figure, place: str) -> None:
    """Put the legend in a row outside of the figure: beside the marks it would leave them no room in a narrow page."""
    plot.add_layout(plot.legend[0], place)
    plot.legend.orientation = "horizontal"
    plot.legend.location = "left"
    plot.legend.spacing = 14
    plot.legend.border_line_color = None
