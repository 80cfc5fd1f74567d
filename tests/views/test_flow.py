"""Flow and stability as pictures: bands as wide as customers moved, bars as long as segments are stable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bokeh.models import HBar, Patches, Span
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets import UnknownNameError, compare_models, compute_features
from payseg_widgets.segmentation.migration import Migration
from payseg_widgets.segmentation.result import unsegmented
from payseg_widgets.views.flow import bands, flow_view, model_flow_view
from payseg_widgets.views.stability import model_stability_view, stability_view
from payseg_widgets.views.theme import segment_colour

MOVES = pd.DataFrame(
    {
        "was": [1, 0, 0], "now": [1, 1, 0], "now_called": ["B <b>", "B <b>", "A"], "was_called": ["B <b>", "A", "A"],
        "customers": [5, 1, 4], "expected": [5.0, 2.5, 2.5], "alerts": [0, 1, 0],
    }
)  # fmt: skip


def moved(table: pd.DataFrame = MOVES) -> Migration:
    day = pd.Timestamp("2024-01-31")
    said = "1 of 10 customers moved, no more than chance alone would bring (1 to 4)."
    return Migration(day, day, 90, table, pd.DataFrame(), 1, 2.5, 1.0, 4.0, said)


def test_a_band_is_as_wide_at_both_ends_as_customers_took_it():
    view = flow_view(moved())
    [drawn] = [r for r in view.figure.renderers if isinstance(r.glyph, Patches)]
    data = drawn.data_source.data
    for ys, n in zip(data["ys"], data["customers"], strict=True):
        assert [ys[-1] - ys[0], ys[len(ys) // 2] - ys[len(ys) // 2 - 1]] == pytest.approx([n / 10, n / 10])
    assert data["customers"] == [4, 1, 5]
    assert data["colour"] == [segment_colour(s) for s in (0, 0, 1)]


def test_what_chance_would_bring_is_said_and_in_the_table():
    view = flow_view(moved())
    assert "chance alone" in view.sentence
    assert view.table["expected"].tolist() == MOVES["expected"].tolist()
    assert list(view.table) == ["earlier", "later", "customers", "expected", "alerts"]


def test_nobody_seen_twice_is_an_empty_picture_not_an_error():
    assert flow_view(moved(MOVES.iloc[:0])).table.empty


PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 99), min_size=1, max_size=25
)


@given(PAIRS)
def test_bands_of_a_side_never_overlap_and_fill_it(pairs):
    table = pd.DataFrame([(*pair, n) for pair, n in pairs.items()], columns=["was", "now", "customers"])
    found = bands(table)
    assert found["size"].sum() == pytest.approx(1)
    for side in ("left", "right"):
        ordered = found.sort_values(side)
        ends = (ordered[side] + ordered["size"]).to_numpy()
        assert (ordered[side].to_numpy()[1:] >= ends[:-1] - 1e-9).all()


def test_a_bar_is_as_long_as_its_segment_is_stable(study):
    made = study.segmentation
    view = stability_view(made)
    lengths = [r.glyph.right for r in view.figure.renderers if isinstance(r.glyph, HBar)]
    values = [
        r.data_source.data[r.glyph.right][0] for r in view.figure.renderers if isinstance(r.glyph, HBar)
    ]
    assert len(lengths) == made.n_segments
    np.testing.assert_array_equal(values, made.quality["stability_by_segment"])
    assert {span.location for span in view.figure.select({"type": Span})} == {0.75, 0.85}


def test_a_segment_below_the_mark_is_named_as_such(study):
    values = study.segmentation.quality["stability_by_segment"].copy()
    values.iloc[:] = 0.9
    values.iloc[-1] = 0.6
    shaky = replace(study.segmentation, quality={"stability_by_segment": values})
    view = stability_view(shaky)
    assert view.table["meaning"].tolist() == ["highly stable"] * (len(values) - 1) + ["shifts"]
    assert view.sentence.startswith(f"{len(values) - 1} of {len(values)} segments")


def test_without_segments_there_is_a_sentence_and_no_bar(study):
    view = stability_view(unsegmented(study.features, "Too few."))
    assert view.table.empty
    assert view.sentence == "There is no segment whose stability could be measured."


@pytest.fixture(scope="module")
def compared(simulated):
    return compare_models(compute_features(simulated.ledger), simulated.ledger, models=["kmeans", "hdbscan"])


def drawn_bands(view):
    [drawn] = [r for r in view.figure.renderers if isinstance(r.glyph, Patches)]
    return drawn.data_source.data


def test_segments_made_again_flow_as_the_comparison_counted(compared):
    flow = pd.DataFrame([[2, 1, 0], [0, 30, 10]], index=[-1, 0], columns=[-1, 0, 3])
    table = compared.table.assign(halves=0.25)
    view = model_flow_view(replace(compared, flows={"hdbscan": flow}, table=table), "hdbscan")
    assert view.table.to_numpy().tolist() == [
        ["– in none", "– in none", 2], ["– in none", "A", 1], ["A", "A", 30], ["A", "D", 10],
    ]  # fmt: skip
    data = drawn_bands(view)
    assert data["customers"] == [2, 1, 30, 10]
    assert data["colour"] == [segment_colour(s) for s in (-1, -1, 0, 0)]
    assert "75% of the 40 customers it places in both periods" in view.sentence
    assert "adjusted Rand 0.25" in view.sentence
    assert view.figure.title.text == "Made from earlier / later invoices"


def test_however_many_segments_none_lies_below_the_picture(compared):
    flow = pd.DataFrame(np.eye(12, dtype=int))
    view = model_flow_view(replace(compared, flows={"kmeans": flow}), "kmeans")
    assert max(max(ys) for ys in drawn_bands(view)["ys"]) < view.figure.y_range.start


def test_the_bars_of_a_compared_model_are_its_segments_stability(compared):
    view = model_stability_view(compared, "kmeans")
    stable = compared.stability["kmeans"]
    assert view.table["segment"].tolist() == ["A", "B", "C", "D"][: len(stable)]
    np.testing.assert_array_equal(view.table["stability"], stable)
    values = [
        r.data_source.data[r.glyph.right][0] for r in view.figure.renderers if isinstance(r.glyph, HBar)
    ]
    np.testing.assert_array_equal(values, stable)


def test_where_there_are_no_kinds_both_pictures_say_so_first(compared):
    crowd = replace(compared, structure="continuum")
    for picture in (model_flow_view, model_stability_view):
        assert picture(crowd, "kmeans").sentence.startswith("Continuum: ")
        assert not picture(compared, "kmeans").sentence.startswith("Continuum: ")


@pytest.mark.parametrize("picture", [model_flow_view, model_stability_view])
def test_a_model_not_compared_has_no_picture(compared, picture):
    with pytest.raises(UnknownNameError, match="spectral"):
        picture(compared, "spectral")
