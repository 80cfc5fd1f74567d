"""The still image of linked pictures, read back as XML."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.views.brush import BrushAxis, brush_view
from payseg_widgets.views.still import brush_still
from payseg_widgets.views.theme import SEGMENT_COLOURS

LATE = BrushAxis("late", "Mean days late", "days")
MONEY = BrushAxis("money", "Invoiced", "money", "log")
SHARE = BrushAxis("share", "On time", "ratio")
EVIL = "B </svg><script>alert(1)</script> & '\""


def read(html):
    """Return the drawing inside the image."""
    [source] = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    return ElementTree.fromstring(base64.b64decode(source))


def texts(drawing):
    return ["".join(text.itertext()) for text in drawing.findall(".//{*}text")]


def marks(panel, colour):
    """Return where marks of a colour are, right of and below the frame's corner."""
    paths = [path for path in panel.findall("{*}path") if path.get("fill") == colour]
    return [(int(x), int(y)) for path in paths for x, y in re.findall(r"M(\d+) (\d+)", path.get("d"))]


def test_marks_are_where_the_values_lie_between_the_frame_s_edges():
    table = pd.DataFrame({"late": [0.0, 5, 10, np.nan], "money": [1.0, 10, 100, 10], "segment": list("AABB")})
    drawing = read(brush_still(brush_view(table, pictures=[(LATE, MONEY)], segments=["A", "B"])))
    [panel] = drawing.findall("{*}g")
    wide, high, room = 440 - 74 - 14, 320 - 34 - 62, 0.03  # the axes have 3 % of room at either end
    expected = {SEGMENT_COLOURS[0]: [0, 0.5], SEGMENT_COLOURS[1]: [1]}
    for colour, shares in expected.items():  # ten is half-way from one to a hundred on a log axis
        at = [(room + share) / (1 + 2 * room) for share in shares]
        drawn = sorted(marks(panel, colour))
        for (x, y), share in zip(drawn, at, strict=True):
            assert x == pytest.approx(share * wide, abs=1)
            assert y == pytest.approx((1 - share) * high, abs=1)


def test_it_has_titles_axes_and_a_legend_and_escapes_names():
    table = pd.DataFrame({"late": [-9.0, 5, 10], "share": [0.0, 0.5, 1], "segment": ["A", EVIL, "gone"]})
    brush = brush_view(table, pictures=[(LATE, SHARE)], segments=["A", EVIL], title=EVIL)
    html = brush_still(brush)
    assert "<script" not in html
    said = texts(read(html))
    assert {"Mean days late", "On time", "A", EVIL, "not placed"} <= set(said)
    assert {"0%", "100%", "0", "-5", "5", "10"} <= set(said)


def test_it_tells_nobody_s_id():
    table = pd.DataFrame({"late": [1.0, 5], "share": [0.0, 1], "segment": ["A", "A"]})
    brush = brush_view(table, pictures=[(LATE, SHARE)], segments=["A"], ids=["Wright Ltd", "Hardy plc"])
    svg = ElementTree.tostring(read(brush_still(brush)), encoding="unicode")
    assert "Wright" not in svg
    assert "Hardy" not in svg


def test_many_customers_are_thinned_to_a_light_picture_in_the_commonest_segments_colours():
    rng = np.random.default_rng(3)
    n = 200_000
    late = rng.normal(0, 1, n)
    table = pd.DataFrame({"late": late, "share": rng.random(n), "segment": np.where(late < 0, "A", "B")})
    html = brush_still(brush_view(table, pictures=[(LATE, SHARE), (SHARE, LATE)], segments=["A", "B"]))
    assert 5_000 < len(html) < 60_000
    panel = read(html).find("{*}g")
    first, second = (marks(panel, colour) for colour in SEGMENT_COLOURS[:2])
    assert 100 < len(first) + len(second) <= 500
    assert max(x for x, _ in first) <= min(x for x, _ in second)
