"""`BrushPane` with messages made by hand."""

from __future__ import annotations

import subprocess

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.brush import BrushAxis, brush_view
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
