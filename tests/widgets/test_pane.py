"""`BokehPane` with messages made by hand: what Python hears, says and writes."""

from __future__ import annotations

import gzip
import json
import subprocess

import bokeh
import numpy as np
import pandas as pd
import pytest
from bokeh.core.serialization import Buffer, Deserializer, Serialized
from bokeh.document import Document
from bokeh.io import curdoc
from bokeh.models import Button, DataTable, Row, Title
from bokeh.plotting import ColumnDataSource, figure

from payseg_widgets.views.view import View
from payseg_widgets.widgets.pane import FALLBACK_ROWS, BokehPane

EVIL = "<img src=x onerror='window.hacked=1'>"


class Pane(BokehPane):
    """A pane that keeps what it sends."""

    def __init__(self, picture):
        self.sent = []
        super().__init__(picture)
        self.sent.clear()  # BokehJS

    def send(self, content, buffers=None):
        self.sent.append((content, buffers))


@pytest.fixture
def source():
    return ColumnDataSource({"x": np.arange(5.0), "y": np.arange(5.0)})


@pytest.fixture
def pane(source):
    plot = figure(title="Five")
    plot.scatter("x", "y", source=source)
    return Pane(plot)


def told(pane, message, buffers=()):
    """Deliver a message as the comm of a page does."""
    pane._handle_msg(
        {"content": {"data": {"method": "custom", "content": message}}, "buffers": list(buffers)}
    )


def patch(model, attr, new):
    return {
        "kind": "patch",
        "patch": {"events": [{"kind": "ModelChanged", "model": {"id": model.id}, "attr": attr, "new": new}]},
    }


def test_a_change_in_the_page_calls_python_once_and_is_not_sent_back(pane, source):
    called = []
    source.selected.on_change("indices", lambda attr, old, new: called.append((old, new)))
    told(pane, patch(source.selected, "indices", [1, 3]))
    assert called == [([], [1, 3])]
    assert pane.sent == []


def test_what_a_callback_changes_in_turn_is_sent(pane, source):
    source.selected.on_change(
        "indices", lambda attr, old, new: setattr(pane._root.title, "text", f"{len(new)} chosen")
    )
    told(pane, patch(source.selected, "indices", [1, 3]))
    [(message, _)] = pane.sent
    assert json.loads(message["patch"])["events"][0]["new"] == "2 chosen"


def test_binary_values_of_the_page_arrive_as_arrays(pane, source):
    column = {
        "type": "ndarray",
        "array": {"type": "bytes", "data": {"id": "b0"}},
        "dtype": "float64",
        "order": "little",
        "shape": [5],
    }
    data = {"type": "map", "entries": [["x", column]]}
    event = {
        "kind": "ColumnDataChanged",
        "model": {"id": source.id},
        "attr": "data",
        "data": data,
        "cols": ["x"],
    }
    told(pane, {"kind": "patch", "patch": {"events": [event]}}, [memoryview(np.linspace(0, 1, 5).tobytes())])
    np.testing.assert_array_equal(source.data["x"], [0, 0.25, 0.5, 0.75, 1])


def test_a_change_in_python_is_sent_with_arrays_as_buffers_and_counted(pane, source):
    source.data = {"x": np.arange(3.0), "y": np.ones(3)}
    pane._root.title.text = "Three"
    (first, buffers), (second, none) = pane.sent
    assert (first["revision"], second["revision"], none) == (1, 2, [])
    named = [Buffer(name, data) for name, data in zip(first["ids"], buffers, strict=True)]
    [event] = Deserializer([source]).deserialize(Serialized(json.loads(first["patch"]), named))["events"]
    np.testing.assert_array_equal(event["data"]["y"], np.ones(3))


def test_the_page_reads_the_document_as_it_is_when_it_asks(pane, source):
    pane._root.title.text = "Later"
    source.selected.indices = [4]
    written = pane.get_state("_document")["_document"]
    buffers = [Buffer(name, data) for name, data in written["buffers"].items()]
    copy = Document.from_json(Serialized(json.loads(written["json"]), buffers))
    assert copy.roots[0].title.text == "Later"
    assert copy.select_one({"type": ColumnDataSource}).selected.indices == [4]
    assert written["root"] == copy.roots[0].id
    assert written["revision"] == 2
    assert written["version"] == bokeh.__version__


def test_each_pane_of_one_figure_hears_the_other_s_page(pane, source):
    second = Pane(pane._root)
    told(second, patch(source.selected, "indices", [2]))
    assert [json.loads(m["patch"])["events"][0]["new"] for m, _ in pane.sent] == [[2]]
    assert second.sent == []
    pane._root.add_layout(Title(text="new to both"), "below")
    assert [json.loads(m["patch"])["events"][0]["attr"] for m, _ in second.sent] == ["below"]
    for sent in (pane.sent[-1], second.sent[-1]):
        assert "new to both" in str(sent)  # in full for each: neither page has it yet


def test_bokehjs_comes_from_the_installed_package_when_a_page_asks(pane):
    told(pane, {"kind": "bokehjs", "names": ["bokeh", "../../../../secret", "bokeh-tables"]})
    [(message, buffers)] = pane.sent
    assert message == {"kind": "bokehjs", "names": ["bokeh", "bokeh-tables"]}
    assert bokeh.__version__.encode() in gzip.decompress(buffers[0])
    assert b"DataTable" in gzip.decompress(buffers[1])


@pytest.mark.parametrize(
    ("picture", "scripts"),
    [
        (figure, ["bokeh"]),
        (lambda: Row(figure(), Button()), ["bokeh", "bokeh-widgets"]),
        (DataTable, ["bokeh", "bokeh-widgets", "bokeh-tables"]),
    ],
)
def test_a_pane_names_the_parts_of_bokehjs_that_its_document_needs(picture, scripts):
    assert Pane(picture())._written()["scripts"] == scripts


def test_a_change_that_needs_another_part_of_bokehjs_names_it(source):
    layout = Row(figure())
    pane = Pane(layout)
    layout.children = [*layout.children, Button()]
    [(message, _)] = pane.sent
    assert message["scripts"] == ["bokeh", "bokeh-widgets"]


def test_each_part_of_bokehjs_is_sent_ahead_once_and_before_the_document_is_written(monkeypatch):
    monkeypatch.setattr(BokehPane, "_sent", set())
    sent = []
    monkeypatch.setattr(BokehPane, "send", lambda self, content, buffers=None: sent.append(content["names"]))
    monkeypatch.setattr(
        BokehPane, "send_state", lambda self, key=None: key == "_document" and sent.append(key)
    )
    for picture in (figure(), Row(figure(), Button()), figure()):
        BokehPane(picture)
    assert sent == [["bokeh"], "_document", ["bokeh-widgets"], "_document", "_document"]


def test_an_error_in_a_callback_is_told_to_the_page_and_raised(pane, source, loud_callbacks):
    def fail(attr, old, new):
        raise ValueError("no such customer")

    source.selected.on_change("indices", fail)
    told(pane, patch(source.selected, "indices", [1]))
    assert pane.sent == [({"kind": "error", "text": "ValueError: no such customer"}, None)]
    assert str(loud_callbacks.pop()) == "no such customer"
    assert curdoc() is not pane._bokeh  # else whatever is embedded next would find a document that has gone


def test_a_closed_pane_hears_nothing_more(pane):
    pane.close()
    pane._root.title.text = "unheard"
    assert pane.sent == []


def test_the_repr_is_one_line_and_the_same_in_every_run(pane):
    view = View("A title " * 20, figure(), pd.DataFrame({"a": range(3)}), "A sentence.")
    assert repr(pane) == "BokehPane(figure)"
    assert len(repr(BokehPane(view))) <= 110
    assert repr(BokehPane(view)).endswith("…', rows=3)")


def test_where_no_widget_can_be_there_are_a_sentence_and_a_table_without_live_markup():
    table = pd.DataFrame({"segment": [EVIL, *"B" * 29], "late": np.linspace(0, 29, 30)})
    html = BokehPane(View(EVIL, figure(), table, f"Mostly {EVIL}."))._repr_mimebundle_()[0]["text/html"]
    assert "<img" not in html
    assert html.count("<tr") == 1 + FALLBACK_ROWS
    assert (
        '<table style="text-align: right"' in html
    )  # JupyterLab would set figures left and their headings right
    assert "10 more rows" in html


def test_the_page_s_half_is_one_module_that_parses(tmp_path, node):
    module = tmp_path / "pane.mjs"
    module.write_text(BokehPane._esm)
    subprocess.run([node, "--check", module], check=True, timeout=60)
    exported = [line for line in BokehPane._esm.splitlines() if line.startswith("export ")]
    assert exported == ["export default () => bokehPane();"]
