"""`BrushPane` in JupyterLab: the mouse tells Python, Python tells every view, a reload remembers."""

from __future__ import annotations

BRUSH = """
import numpy as np, pandas as pd
from payseg_widgets.views.brush import BrushAxis, brush_view
from payseg_widgets.widgets.brush_pane import BrushPane
rng = np.random.default_rng(0)
table = pd.DataFrame({"late": rng.normal(10, 9, 3000), "share": rng.beta(2, 2, 3000), "segment": rng.choice(list("AB"), 3000)})
late, share = BrushAxis("late", "Late", "days"), BrushAxis("share", "Share", "ratio")
pane = BrushPane(brush_view(table, pictures=[(late, share), (share, late)], segments=["A", "B"]))
counts = []
pane.observe(lambda change: counts.append(change.new), "count")
"""


def counted(book, count):
    book.page.get_by_role("status").get_by_text(f"{count:,} of 3,000 customers selected").first.wait_for()


def test_a_brush_reaches_python_once_and_python_s_reaches_every_view(notebook):
    book = notebook(BRUSH, "pane", "pane")
    book.panes(2)
    book.drag(start=(0.3, 0.3), end=(0.7, 0.7))
    book.kernel_says("len(counts)", 1)
    count = book.kernel("counts[0]")
    assert 0 < count < 3000
    assert book.kernel("bool((pane.selection.apply(table) == pane.is_selected).all())")
    counted(book, count)
    book.tell("pane.select(table['segment'] == 'B')")
    for status in book.page.get_by_role("status").all():
        status.get_by_text(f"{book.kernel('pane.count'):,} of 3,000").wait_for()
    assert book.kernel("len(counts)") == 2


def test_a_reload_shows_what_was_selected(notebook):
    book = notebook(BRUSH, "pane")
    book.panes()
    book.drag(start=(0.3, 0.3), end=(0.7, 0.7))
    book.kernel_says("len(counts)", 1)
    book.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    book.load()
    book.panes()
    counted(book, book.kernel("pane.count"))
    book.theme(dark=True)
    dark = "[...document.querySelectorAll('.payseg-brush button')].every(b => b.style.background.includes('17, 17, 17'))"
    book.page.wait_for_function(f"() => {dark}")


def test_brushing_goes_on_where_the_kernel_has_gone(notebook):
    book = notebook(BRUSH, "pane")
    book.panes()
    book.restart()
    book.page.get_by_role("button", name="B", exact=True).click()
    book.page.get_by_role("status").get_by_text("of 3,000 customers selected").wait_for()


def test_after_a_reload_one_of_several_panes_asks_for_bokehjs(notebook):
    more = (
        "asked = []\nother = BokehPane(brush_view(table, pictures=[(late, share)], segments=['A', 'B']).view)"
    )
    hear = "for p in (pane, other): p.on_msg(lambda w, message, buffers: asked.append(message['kind']))"
    book = notebook(
        BRUSH + "from payseg_widgets.widgets.pane import BokehPane\n" + more + "\n" + hear, "pane", "other"
    )
    book.panes(2)
    book.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    book.load()
    book.panes(2)
    assert book.kernel("asked.count('bokehjs')") == 1


def test_a_typed_condition_is_answered_by_python_or_else_by_the_page(notebook):
    answered = "pane.on_condition(lambda typed: typed.apply(table))"
    alone = "alone = BrushPane(brush_view(table, pictures=[(late, share)], segments=['A', 'B'], values=table[['late']]))"
    book = notebook(BRUSH + answered + "\n" + alone, "pane", "alone")
    book.panes(2)
    field, other = book.page.get_by_label("Select by condition").all()
    field.fill("late > 12 and segment == 'B'")
    field.press("Enter")
    book.kernel_says("str(pane.selection)", 'late > 12 and segment == "B"')
    counted(book, book.kernel("int(((table.late > 12) & (table.segment == 'B')).sum())"))
    book.page.get_by_text("Circular: they were selected by “Late”").wait_for()
    assert field.input_value() == 'late > 12 and segment == "B"'
    field.fill("lat > 12")
    field.press("Enter")
    book.page.get_by_role("alert").get_by_text("no column is called 'lat'. Did you mean 'late'?").wait_for()
    other.fill("late > 12")
    other.press("Enter")
    book.kernel_says("str(alone.selection)", "late > 12")
    assert book.kernel("bool((alone.selection.apply(table) == alone.is_selected).all())")
    grid = book.page.get_by_role("grid", name="Customers").last
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):  # JupyterLab would leave the cell
        grid.press(key)
    book.kernel_says("alone.is_selected.nonzero()[0].tolist()", [1])
    for dark in (False, True):
        book.theme(dark=dark)
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(book.page, context=".payseg-panels").response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []
