"""Linked pictures in an HTML file: they brush with no server and no network."""

from __future__ import annotations

import base64
import json
from functools import cache

from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.resources import Resources
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from payseg_widgets.views.brush import BRUSH_CSS, BRUSH_JS, Brush


def brush_page_html(brush: Brush) -> str:
    """Return one HTML file that draws and brushes the pictures.

    BokehJS, the page's half and the columns are inside: about 2 MB, 3 bytes a customer and column, 11 where exact.
    """
    return (
        _environment()
        .get_template("brush.html.j2")
        .render(view=brush.view, bokeh=bokeh_script(), part=brush_part(brush), css=brush_style())
    )


def brush_part(brush: Brush) -> Markup:
    """Return the pictures and panels for a page of one's own, which has `bokeh_script` and `brush_style` in its head.

    A page holds one of these.
    """
    document = Document()
    document.add_root(brush.view.figure)
    content = serialize_json(document.to_json(deferred=False))
    document.remove_root(brush.view.figure)
    data = {
        "spec": brush.spec,
        "buffers": [base64.b64encode(part).decode() for part in brush.buffers],
        "document": "@",
    }
    written = json.dumps(data).replace('"@"', content).replace("<", "\\u003c")
    return Markup(  # noqa: S704  a template that escapes
        _environment()
        .get_template("brush_part.html.j2")
        .render(
            engine=Markup(BRUSH_JS),  # noqa: S704  ours
            data=Markup(written),  # noqa: S704  JSON in which no tag can end
        )
    )


@cache
def bokeh_script() -> Markup:
    """Return BokehJS for a page's head."""
    return Markup(Resources(mode="inline", components=["bokeh"]).render())  # noqa: S704  Bokeh's own


def brush_style() -> Markup:
    """Return the style sheet of the pictures and panels."""
    return Markup(BRUSH_CSS)  # noqa: S704  ours


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("payseg_widgets.views"), autoescape=True, undefined=StrictUndefined
    )
