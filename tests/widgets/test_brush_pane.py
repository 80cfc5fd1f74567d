"""`BrushPane` with messages made by hand."""

from __future__ import annotations

import subprocess

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.brush import BrushAxis, brush_view
from payseg_widgets.views.selection import Selection
from payseg_widgets.widgets.brush_pane import BrushPane

TABLE = pd.DataFrame({"late": np.arange(10.0), "share": np.linspace(0, 1, 10), "segment": list("AB") * 5})
STEP = {"kind": "box", "x": "late", "y": "share", "geometry": [0, 30_000, 0, 65_534], "mode": "replace"}


@pytest.fixture
def pane():
    axes = BrushAxis("late", "Late"), BrushAxis("share", "Share", "ratio")
    pane = BrushPane(brush_view(TABLE, pictures=[axes], segments=["A", "B"]))
    pane.sent = []
    pane.send_state = lambda key=None: pane.sent.append(key)
    return pane


def brushed(pane, flags, steps):
    message = {"kind": "brush", "steps": steps, "count": sum(flags)}
    bits = np.packbits(np.array(flags, bool), bitorder="little").tobytes()
    pane._handle_msg(
        {"content": {"data": {"method": "custom", "content": message}}, "buffers": [memoryview(bits)]}
    )


def test_a_brush_of_the_page_is_flags_and_an_expression_and_is_not_sent_back(pane):
    counts = []
    pane.observe(lambda change: counts.append((change.new, pane.is_selected.sum(), len(pane.steps))), "count")
    brushed(pane, [True] * 5 + [False] * 5, [STEP])
    assert counts == [(5, 5, 1)]
    assert pane.is_selected.tolist() == [True] * 5 + [False] * 5
    assert pane.selection.apply(TABLE).tolist() == pane.is_selected.tolist()
    assert pane.sent == []


def test_what_python_selects_is_sent_as_bits(pane):
    pane.select(TABLE["late"] > 7)
    assert pane.sent == ["_chosen"]
    assert pane.get_state("_chosen")["_chosen"] == {"bits": bytes([0, 0b11]), "text": None}
    assert pane.count == 2
    with pytest.raises(SelectionError, match="2 customers were chosen by a mask"):
        _ = pane.selection


def test_flags_of_another_number_of_customers_are_refused(pane):
    with pytest.raises(SelectionError, match=r"\(3,\) flags for 10 customers"):
        pane.select([True, False, True])


def test_the_repr_counts(pane):
    assert repr(pane) == "BrushPane(customers=10, selected=0)"
    assert not pane.selection.apply(TABLE).any()


def test_the_page_s_half_parses(node, tmp_path):
    (tmp_path / "pane.mjs").write_text(BrushPane._esm)
    subprocess.run([node, "--check", tmp_path / "pane.mjs"], check=True, timeout=60)


def asked(pane, text):
    pane.answers = []
    pane.send = lambda content, buffers=None: pane.answers.append(content)
    message = {"kind": "condition", "text": text}
    pane._handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})


def test_a_typed_condition_is_applied_by_the_owner_and_becomes_the_selection(pane):
    pane.on_condition(lambda typed: typed.apply(TABLE))
    assert pane._answers
    asked(pane, "late > 7 or segment == 'A'")
    assert pane.is_selected.tolist() == ((TABLE["late"] > 7) | (TABLE["segment"] == "A")).tolist()
    assert str(pane.selection) == 'late > 7 or segment == "A"'
    assert pane.get_state("_chosen")["_chosen"]["text"] == 'late > 7 or segment == "A"'
    assert pane.answers == []


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [("late > ", 7, "expected a number"), ("lat > 3", None, "Did you mean 'late'")],
)
def test_a_mistake_goes_back_to_the_page_with_its_place(pane, text, position, said):
    pane.on_condition(lambda typed: typed.apply(TABLE))
    asked(pane, text)
    [answer] = pane.answers
    assert (answer["kind"], answer["position"]) == ("condition_error", position)
    assert said in answer["text"]
    assert pane.count == 0


def test_a_page_drawn_before_the_owner_left_hears_that_nobody_answers(pane):
    pane.on_condition(None)
    assert not pane._answers
    asked(pane, "late > 3")
    assert [answer["kind"] for answer in pane.answers] == ["condition_error"]


def test_a_brush_on_top_of_a_condition_is_an_expression_of_both(pane):
    typed = {"kind": "mask", "mode": "replace", "geometry": None, "text": "late > 7"}
    brushed(pane, [False] * 6 + [True] * 4, [typed, {**STEP, "mode": "add"}])
    assert (
        pane.selection.apply(TABLE).tolist() == [True] * 5 + [False] * 3 + [True] * 2
    )  # cell 30,000 ends at 4.1
    assert pane._text().startswith("late > 7 or ")
    brushed(pane, [True] * 10, [{**typed, "text": None}])
    assert pane._text() is None


def test_an_expression_can_be_shown_without_selecting(pane):
    pane.send = pane.sent.append
    pane.show_expression(Selection.parse("late > 3"))
    assert pane.sent == [{"kind": "expression", "text": "late > 3"}]
