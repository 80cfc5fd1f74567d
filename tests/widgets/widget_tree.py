"""What a widget shows, as text that is the same in every run: its parts, their state, and what its pictures draw.

Ids, arrays, styles and versions are left out; the names of columns, labels, tools and glyph fields are kept. So a picture
that draws the wrong column has another tree.
"""

from __future__ import annotations

import ipywidgets
from bokeh.models import Axis, GlyphRenderer, Model, Plot

from payseg_widgets.widgets.pane import BokehPane

#: State that is the same for every widget, is written below in another form, or says nothing of what is shown.
LEFT_OUT = {
    "children", "layout", "style", "tabbable", "tooltip", "box_style", "description_allow_html", "placeholder",
    "_esm", "_css", "_document", "_fallback", "_dom_classes", "_answers",
}  # fmt: skip
WIDEST = 150


def widget_tree(widget: ipywidgets.Widget, depth: int = 0) -> list[str]:
    """Return the lines of a widget's tree."""
    lines = [f"{'  ' * depth}{type(widget).__name__}"]
    for name, value in sorted(widget.get_state().items()):
        is_told = name not in LEFT_OUT and not name.startswith(("_model_", "_view_", "_anywidget"))
        if is_told and value not in (None, "", (), [], {}):
            lines += _state(name, value, depth + 1)
    if isinstance(widget, BokehPane):
        lines += [f"{'  ' * (depth + 1)}{line}" for line in _pictures(widget._root)]
    for child in getattr(widget, "children", ()):
        lines += widget_tree(child, depth + 1)
    return lines


def _state(name: str, value: object, depth: int) -> list[str]:
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict | list | tuple):
        parts = [f"{'  ' * (depth + 1)}{_plain(part)}" for part in value]
        return [f"{'  ' * depth}{name}:", *(part[:WIDEST] for part in parts)]
    return [f"{'  ' * depth}{name}: {_plain(value)}"[:WIDEST]]


def _plain(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return repr(value) if isinstance(value, str) else str(value)


def _pictures(root: Model) -> list[str]:
    plots = sorted(
        root.select({"type": Plot}), key=lambda plot: int(plot.id.lstrip("p"))
    )  # as they were made
    return [line for plot in plots for line in _picture(plot)]


def _picture(plot: Plot) -> list[str]:
    axes = [f"{axis.axis_label!r}" for axis in (*plot.below, *plot.left) if isinstance(axis, Axis)]
    lines = [f"{type(plot).__name__} {plot.title.text!r}: axes {', '.join(axes)}"]
    lines.append(f"  tools: {', '.join(sorted(type(tool).__name__ for tool in plot.tools))}")
    for renderer in plot.renderers:
        if isinstance(renderer, GlyphRenderer):
            fields = renderer.glyph.properties_with_values(include_defaults=False)
            drawn = {key: value.field for key, value in fields.items() if getattr(value, "field", None)}
            lines.append(
                f"  {type(renderer.glyph).__name__} {drawn} of {sorted(renderer.data_source.column_names)}"
            )
    return lines
