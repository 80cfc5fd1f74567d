"""Bokeh in a Jupyter widget: any picture of `views`, live in both directions, without a content network."""

from __future__ import annotations

import gzip
import traceback
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import bokeh
import traitlets
from bokeh.core.json_encoder import serialize_json
from bokeh.core.serialization import Buffer, Serialized, Serializer
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.io import doc as curdoc
from bokeh.model import Model
from bokeh.models import TableWidget, Widget

from payseg_widgets.views.scripts import JS, joined
from payseg_widgets.views.view import View

_BOKEHJS = Path(bokeh.__file__).parent / "server" / "static" / "js"
_SCRIPTS = ("bokeh", "bokeh-widgets", "bokeh-tables")
#: The page's half of a pane; a widget that hangs more on the picture joins its own modules to them.
PANE_MODULES = (JS / "page_theme.js", JS / "toolbar_names.js", Path(__file__).with_name("pane.js"))
PANE_CSS = Path(__file__).with_name("pane.css").read_text(encoding="utf-8")
#: Rows of the table shown where no widget can be.
FALLBACK_ROWS = 20


class BokehPane(anywidget.AnyWidget):
    """Show a Bokeh figure or a `View` and keep the page and Python in step.

    BokehJS comes from the installed bokeh package, once a page. A change made in the page calls Python once; a change
    made in Python is not echoed. A second display of the pane shows the same models. Colours follow JupyterLab's theme,
    in the page only. Where there is no widget manager the pane is a sentence and a table.

    Parameters
    ----------
    picture : View or bokeh.model.Model
        A figure, a layout, or a picture of `payseg_widgets.views` with its text twin.
    """

    _esm = joined(*PANE_MODULES) + "\nexport default () => bokehPane();\n"
    _css = PANE_CSS
    # The document is written when the page asks for it, so that a page reload sees it as it is by then.
    _document = traitlets.Int(1).tag(sync=True, to_json=lambda _, pane: pane._written())
    _fallback = traitlets.Unicode().tag(sync=True)
    _sent: ClassVar[set[str]] = set()

    def __init__(self, picture: View | Model, **options: Any) -> None:
        self._view = picture if isinstance(picture, View) else None
        self._root: Model = picture.figure if isinstance(picture, View) else picture
        if self._root.document is None:
            Document().add_root(self._root)
        self._bokeh: Document = self._root.document
        self._known: set[Model] = set()  # what the page has
        self._revision = 0
        self._is_open = False
        super().__init__(**{"_fallback": fallback_html(self._view), **options})
        self.on_msg(self._heard)
        self._bokeh.on_change_dispatch_to(self)
        # ahead of the page's question, which a busy kernel would answer late, and read while the document is written
        self._send_bokehjs([name for name in self._scripts() if name not in BokehPane._sent])
        self._is_open = True
        self.send_state("_document")

    def close(self) -> None:
        """Take the pane from every page and stop listening to its figure."""
        if self.comm is not None:
            self._bokeh.remove_on_change(self)
        super().close()

    def __repr__(self) -> str:
        if self._view is None:
            return f"BokehPane({type(self._root).__name__})"
        title = self._view.title if len(self._view.title) <= 60 else self._view.title[:59] + "…"
        return f"BokehPane({title!r}, rows={len(self._view.table)})"

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is not None:
            bundle[0]["text/html"] = self._fallback
        return bundle

    def _scripts(self) -> list[str]:
        """Name the parts of BokehJS that the document needs."""
        models = self._bokeh.models
        tables = any(isinstance(model, TableWidget) for model in models)
        widgets = tables or any(isinstance(model, Widget) for model in models)
        return ["bokeh", *["bokeh-widgets"] * widgets, *["bokeh-tables"] * tables]

    def _written(self) -> dict[str, Any]:
        if not self._is_open:
            return {"version": bokeh.__version__}
        serialised = self._bokeh.to_json()
        self._known = set(self._bokeh.models)
        return {
            "json": serialize_json(serialised),  # text, in which buffers are named
            "buffers": {buffer.id: buffer.to_bytes() for buffer in serialised.buffers},
            "root": self._root.id,
            "revision": self._revision,
            "version": bokeh.__version__,
            "scripts": self._scripts(),
        }

    def _send_bokehjs(self, names: Sequence[str]) -> None:
        if names:
            BokehPane._sent.update(names)
            self.send({"kind": "bokehjs", "names": list(names)}, [_compressed(name) for name in names])

    def _heard(self, _pane: Any, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        kind = message["kind"]
        if kind == "bokehjs":
            self._send_bokehjs([name for name in message["names"] if name in _SCRIPTS])
        elif kind == "document":
            self.send_state("_document")
        elif kind == "patch":
            self._apply(message["patch"], buffers)

    def _apply(self, patch: Any, buffers: Sequence[memoryview]) -> None:
        named = [Buffer(f"b{i}", bytes(data)) for i, data in enumerate(buffers)]
        patched = len(curdoc._PATCHED_CURDOCS)
        try:
            self._bokeh.apply_json_patch(Serialized(patch, named), setter=self)
        except Exception as error:
            # Bokeh leaves the current document patched where a callback fails: later embedding would find it gone
            del curdoc._PATCHED_CURDOCS[patched:]
            self.send({"kind": "error", "text": "".join(traceback.format_exception_only(error)).strip()})
            raise
        finally:
            self._known = set(self._bokeh.models)

    def _document_patched(self, event: DocumentPatchedEvent) -> None:
        if event.setter is self:
            return
        serialised = Serializer(references=self._known).serialize([event])
        self._known = set(self._bokeh.models)
        self._revision += 1
        message = {
            "kind": "patch",
            "patch": serialize_json(Serialized({"events": serialised.content}, serialised.buffers)),
            "revision": self._revision,
            "ids": [buffer.id for buffer in serialised.buffers],
            "scripts": self._scripts(),
        }
        self.send(message, [buffer.to_bytes() for buffer in serialised.buffers])


@cache
def _compressed(name: str) -> bytes:
    """Return a part of BokehJS, gzipped: a third of its size, which a line to a distant server feels."""
    return gzip.compress((_BOKEHJS / f"{name}.min.js").read_bytes(), compresslevel=1, mtime=0)


def fallback_html(view: View | None, *, still: str = "") -> str:
    """Say a picture in a sentence and a table, for where it cannot be drawn; ``still`` is an image of it, as HTML."""
    if view is None:
        return "<p>A figure, drawn where Jupyter widgets run.</p>"
    rows = view.table.head(FALLBACK_ROWS).to_html(
        index=False, border=0, na_rep="–", float_format="{:,.2f}".format
    )
    rows = rows.replace("<table", '<table style="text-align: right"', 1)  # figures below their headings
    more = len(view.table) - FALLBACK_ROWS
    rest = f"<p>… and {more:,} more rows.</p>" if more > 0 else ""
    return f"<h4>{escape(view.title)}</h4><p>{escape(view.sentence)}</p>{still}{rows}{rest}"
