"""`BokehPane` in JupyterLab: the mouse, the kernel, second views, reloads, restarts, themes, errors."""

from __future__ import annotations

SCATTER = """
import numpy as np
from bokeh.models import Button
from bokeh.plotting import figure, ColumnDataSource
from payseg_widgets.widgets.pane import BokehPane
source = ColumnDataSource({"x": np.arange(1.0, 6), "y": np.arange(1.0, 6)})
options = dict(tools="box_select", active_drag="box_select", x_range=(0, 6), y_range=(0, 6))
plot = figure(title="Five", width=400, height=300, name="five", **options)
plot.scatter("x", "y", source=source, size=12)
called, heard = [], []
source.selected.on_change("indices", lambda attr, old, new: called.append(list(new)))
pane = BokehPane(plot)
pane.on_msg(lambda pane, message, buffers: heard.append(message["kind"]))
"""
INDICES = "[...Bokeh.index.roots].map(v => v.model.document.get_model_by_name('five').renderers[0].data_source.selected.indices)"


def test_a_brush_calls_python_once_and_python_s_own_is_not_echoed(notebook):
    book = notebook(SCATTER, "pane")
    book.panes()
    book.drag(start=(0.4, 0.12), end=(0.9, 0.9))
    book.kernel_says("len(called)", 1)
    chosen = book.kernel("list(source.selected.indices)")
    assert 0 < len(chosen) < 5
    assert book.bokeh(INDICES) == [chosen]
    before = book.kernel("len(heard)")
    book.tell("source.selected.indices = [0]")
    book.page_says(f"{INDICES}[0].join() === '0'")
    assert book.kernel("len(heard)") == before
    assert book.kernel("len(called)") == 2
    book.tell("source.data = {'x': np.ones(4), 'y': np.arange(4.0)}")  # arrays travel as buffers
    book.page_says("Bokeh.index.roots[0].model.renderers[0].data_source.data.y.join() === '0,1,2,3'")


def test_two_views_of_one_pane_show_the_same_and_a_pane_can_be_shown_again(notebook):
    book = notebook(SCATTER, "pane", "pane")
    book.panes(2)
    book.drag(figure=1, start=(0.4, 0.12), end=(0.9, 0.9))
    book.kernel_says("len(called)", 1)
    assert book.bokeh("Bokeh.index.roots.length") == 2
    first, second = book.bokeh(INDICES)
    assert first == second != []
    book.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    book.page_says("Bokeh.index.roots.length === 0")
    book.tell("source.selected.indices = [2]; plot.title.text = 'Again'")
    book.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1; }")
    book.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-below')")
    book.panes(2)
    assert book.bokeh(INDICES) == [[2], [2]]
    assert book.bokeh("Bokeh.index.roots.map(v => v.model.title.text)") == ["Again", "Again"]


def test_panes_that_load_together_share_one_bokehjs_and_leave_another_version_alone(lab):
    book = lab(SCATTER, "other = BokehPane(Button(label='Press'))\npane", "other", "pane")
    try:
        book.page.evaluate("() => { window.Bokeh = window.theirs = {version: '2.4.3', Models: {}}; }")
        book.run()
        book.panes(2)
        book.page.get_by_role("button", name="Press").wait_for()
        assert book.page.evaluate(
            "() => window.Bokeh === window.theirs && Object.keys(window.Bokeh).join() === 'version,Models'"
        )
        assert book.page.evaluate("() => globalThis[Symbol.for('payseg_widgets.bokehjs')].size") == 1
        assert book.kernel("heard.count('bokehjs')") == 0  # Python had sent it ahead
    finally:
        book.close()
    assert book.problems == []


def test_figures_follow_the_theme_while_open_and_python_s_colours_stay(notebook):
    book = notebook(SCATTER, "pane")
    book.panes()
    ground = "Bokeh.index.roots[0].model.background_fill_color"
    light = book.bokeh(ground)
    assert light == book.page.evaluate(
        "() => getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()"
    )
    book.theme(dark=True)
    dark = book.page.evaluate(
        "() => getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()"
    )
    assert dark != light
    book.page_says(f"{ground} === '{dark}'")
    text = book.bokeh("Bokeh.index.roots[0].model.title.text_color")
    text = text["value"] if isinstance(text, dict) else text
    assert text == book.page.evaluate(
        "() => getComputedStyle(document.body).getPropertyValue('--jp-content-font-color1').trim()"
    )
    assert book.kernel("plot.background_fill_color") == "#ffffff"
    book.tell("plot.add_layout(__import__('bokeh.models').models.Title(text='new'), 'below')")
    book.page_says("Bokeh.index.roots[0].model.below.some(m => m.type === 'Title')")


def test_a_page_reload_finds_the_pane_as_the_kernel_has_it(notebook):
    book = notebook(SCATTER, "pane")
    book.panes()
    book.drag(start=(0.4, 0.12), end=(0.9, 0.9))
    book.kernel_says("len(called)", 1)
    book.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    book.tell("plot.title.text = 'Later'")
    book.load()
    book.panes()
    chosen = book.kernel("list(source.selected.indices)")
    assert book.bokeh(INDICES) == [chosen]
    assert book.bokeh("Bokeh.index.roots[0].model.title.text") == "Later"
    book.drag(start=(0.2, 0.4), end=(0.6, 0.8))
    book.kernel_says("len(called)", 2)


def test_after_a_kernel_restart_the_picture_stays_and_says_so(notebook):
    book = notebook(SCATTER, "pane")
    book.panes()
    book.restart()
    book.drag(start=(0.4, 0.12), end=(0.9, 0.9))
    book.page_says(f"{INDICES}[0].length > 0")
    book.run()
    book.panes()
    book.kernel_says("called", [])
    assert book.page.get_by_text("The kernel has gone").count() == 0


def test_errors_of_the_page_and_of_python_are_shown_in_the_pane(notebook):
    book = notebook(SCATTER, "pane")
    book.panes()
    book.tell(
        "pane.send({'kind': 'patch', 'patch': '{}', 'ids': [], 'scripts': [], 'revision': pane._revision + 1})"
    )
    book.page.get_by_role("alert").filter(has_text="A change from Python failed").wait_for()
    book.tell(
        "def fail(attr, old, new): raise ValueError('a test of the alarm')\nsource.selected.on_change('indices', fail)"
    )
    book.drag(start=(0.4, 0.12), end=(0.9, 0.9))
    book.page.get_by_role("alert").filter(has_text="ValueError: a test of the alarm").wait_for()


def test_close_takes_the_pane_from_the_page(notebook):
    book = notebook(SCATTER, "pane")
    book.panes()
    book.tell("pane.close()")
    book.page.wait_for_function("() => document.querySelectorAll('[data-pane]').length === 0")
    book.tell("plot.title.text = 'nobody hears this'")
