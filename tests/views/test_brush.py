"""Linked pictures: what Python hands to the page, what comes back, and the page's own tests under node."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bokeh.models import BoxSelectTool, LassoSelectTool

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.brush import BRUSH_JS, BrushAxis, brush_view
from payseg_widgets.views.brush_export import brush_page_html
from payseg_widgets.views.selection import NO_CELL
from payseg_widgets.views.theme import DARK_SEGMENT_COLOURS, SEGMENT_COLOURS

PAGE_TESTS = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))
EVIL = "</script><img src=x onerror='window.hacked=1'>"


@pytest.fixture
def customers():
    return pd.DataFrame(
        {"late": [0.0, 1, 2, np.nan], "money": [10.0, 0, 1000, 100], "segment": ["A", "B", "none", "A"]}
    )


@pytest.fixture
def brush(customers):
    late, money = BrushAxis("late", "Mean days late", "days"), BrushAxis("money", "Invoiced", "money", "log")
    return brush_view(customers, pictures=[(late, money), (money, late)], segments=["A", "B"])


@pytest.mark.parametrize("module", PAGE_TESTS, ids=lambda path: path.name)
def test_the_page_s_own_tests_pass(module, node):
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(module)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert int(re.search(r"^# pass (\d+)", done.stdout, re.MULTILINE)[1]) >= 5


def test_the_modules_join_into_one_that_parses(node, tmp_path):
    (tmp_path / "brush.mjs").write_text(BRUSH_JS)
    subprocess.run([node, "--check", tmp_path / "brush.mjs"], check=True, timeout=60)
    assert not re.search(r"^(export|import) ", BRUSH_JS, re.MULTILINE)


def test_columns_travel_as_cells_of_two_bytes_and_segments_as_one(brush):
    late, money, segment = brush.buffers
    assert np.frombuffer(late, "<u2").tolist() == [0, 32767, 65534, NO_CELL]
    assert np.frombuffer(money, "<u2").tolist() == [0, NO_CELL, 65534, 32767]  # 0 has no logarithm
    assert list(segment) == [0, 1, 255, 0]
    assert brush.spec["has_unplaced"]


def test_no_id_is_in_the_page_unless_asked_for(brush):
    assert "ids" not in brush.spec


def test_figures_start_empty_and_brush_without_hit_testing_of_bokeh_s_own(brush):
    for picture in brush.spec["pictures"]:
        plot = brush.view.figure.select_one({"name": picture["figure"]})
        assert plot.renderers == []  # the page paints the points on a canvas of its own
        for tool in plot.select({"type": (BoxSelectTool, LassoSelectTool)}):
            assert tool.renderers == []


def test_steps_of_the_page_become_an_expression(brush, customers):
    steps = [
        {"kind": "box", "x": "late", "y": "money", "geometry": [0, 40000, 0, 65534], "mode": "replace"},
        {"kind": "segment", "geometry": 255, "mode": "add"},
        {"kind": "segment", "geometry": 1, "mode": "subtract"},
    ]
    chosen = brush.selection(steps)
    assert chosen.apply(customers).tolist() == [True, False, True, False]
    everyone = brush.selection([{"kind": "all", "geometry": None, "mode": "replace"}])
    assert everyone.apply(customers).all()
    assert not brush.selection([]).apply(customers).any()
    swapped = brush.selection([*steps, {"kind": "all", "geometry": None, "mode": "xor"}])
    assert swapped.apply(customers).tolist() == [False, True, False, True]


def test_a_lasso_too_small_to_hold_anybody_selects_nobody(brush, customers):
    lasso = {"kind": "lasso", "x": "late", "y": "money", "geometry": [[1, 1], [2, 2]], "mode": "replace"}
    box = {"kind": "box", "x": "late", "y": "money", "geometry": [5, 4, 0, 9], "mode": "replace"}
    assert not brush.selection([lasso]).apply(customers).any()
    assert not brush.selection([box]).apply(customers).any()


def test_a_bare_mask_is_no_condition(brush):
    with pytest.raises(SelectionError, match="'mask' is no condition"):
        brush.selection([{"kind": "mask", "geometry": None, "mode": "replace"}])


def test_more_segments_than_a_byte_tells_apart_are_refused(customers):
    axis = BrushAxis("late", "Late")
    with pytest.raises(SelectionError, match="300 segments"):
        brush_view(customers, pictures=[(axis, axis)], segments=[str(k) for k in range(300)])


def test_texts_cannot_break_out_of_the_page(customers):
    customers["segment"] = EVIL
    axis = BrushAxis("late", EVIL)
    html = brush_page_html(
        brush_view(customers, pictures=[(axis, axis)], segments=[EVIL], title=EVIL, ids=[EVIL] * 4)
    )
    assert "<img" not in html
    data = json.loads(re.search(r'id="brush-data">(.*?)</script>', html, re.DOTALL)[1])
    assert data["spec"]["ids"] == [EVIL] * 4


def test_the_text_twin_holds_medians_and_counts(brush):
    table = brush.view.table.set_index("segment")
    assert table["customers"].to_dict() == {"A": 2, "B": 1, "not placed": 1}
    assert table.loc["A", "Invoiced, median"] == 55
    assert repr(brush) == "Brush(customers=4, pictures=2)"


@pytest.mark.parametrize(("colours", "ground"), [(SEGMENT_COLOURS, 1.0), (DARK_SEGMENT_COLOURS, 0.0056)])
def test_colours_stand_out_from_the_ground_of_their_theme(colours, ground):
    """Contrast of at least 2 to 1 on white and on #111111; shapes and the table carry what the colour does not."""
    for colour in colours:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        light, dark = max(luminance, ground), min(luminance, ground)
        assert (light + 0.05) / (dark + 0.05) >= 2
    assert len(set(colours)) == 8
