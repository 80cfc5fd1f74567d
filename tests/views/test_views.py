"""Pictures without a browser: what they draw, their text twins, what they escape."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import GlyphRenderer

from payseg_widgets.report.html import study_views
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
