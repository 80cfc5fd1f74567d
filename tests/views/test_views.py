"""Pictures without a browser: what they draw, their text twins, what they escape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import GlyphRenderer

from payseg_widgets.report.html import study_views
from payseg_widgets.segmentation.structure import Structure
from payseg_widgets.views.structure import structure_view
from payseg_widgets.views.theme import SEGMENT_COLOURS, segment_colour, segment_marker


@pytest.fixture(scope="module")
def views(study):
    return study_views(study)


def test_every_picture_has_a_table_a_sentence_and_a_short_repr(views):
    for view in views.values():
        assert len(view.table)
        assert view.sentence.endswith(".")
        assert len(repr(view)) <= 110


def test_no_picture_calls_python(views):
    for view in views.values():
        for model in view.figure.references():
            assert not model._callbacks, model  # Python callbacks would be dead in a static page


def test_ageing_bars_reach_one_for_whoever_owes(views):
    ends = [r.data_source.data["right"] for r in views["ageing"].figure.select({"type": GlyphRenderer})]
    owed = views["ageing"].table.drop(columns="segment").sum(axis=1) > 0
    np.testing.assert_allclose(np.max(ends, axis=0)[owed.to_numpy()], 1.0)


def test_a_month_with_invoices_not_yet_due_has_no_late_share(views, study):
    table = views["months"].table
    last = f"{study.ledger.as_of:%Y-%m}"
    assert table.set_index("month").loc[last].isna()["late_ratio"]
    assert table["late_ratio"].notna().sum() > 24


def test_segments_differ_in_colour_and_in_marker():
    shown = [(segment_colour(s), segment_marker(s)) for s in (-1, *range(len(SEGMENT_COLOURS)))]
    assert len({colour for colour, _ in shown}) == len({marker for _, marker in shown}) == len(shown)


@pytest.mark.parametrize("segment", range(-1, len(SEGMENT_COLOURS)))
def test_colours_stand_out_from_white(segment):
    """Contrast of at least 2 to 1; marker, letter and table carry what the colour does not."""
    channels = [int(segment_colour(segment)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 2


def test_the_gate_shows_the_customers_beside_portfolios_of_one_crowd(study):
    gate = study.segmentation.gate
    view = structure_view(replace(gate, power=((3.0, 0.2), (4.0, 0.9))))
    bars = [
        r.data_source.data["top"].sum()
        for r in view.figure.select({"type": GlyphRenderer})
        if "top" in r.data_source.data
    ]
    assert bars == [len(gate.null_falls), len(gate.null_grounds)]
    assert view.table["these customers"].tolist() == [gate.fall, gate.ground, 0.2, 0.9]
    assert view.table["median"][0] == np.median(gate.null_falls)


def test_a_gate_with_too_few_customers_says_so_instead_of_a_picture():
    gate = Structure("no structure", 1.0, "9 customers are too few to tell segments from chance.")
    view = structure_view(gate)
    assert view.sentence == gate.sentence
    assert view.table["these customers"].isna().all()
