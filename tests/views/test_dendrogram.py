"""The tree of joins as a picture: heights and numbers against SciPy, colours and letters against the branches."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import LabelSet, Quad, Segment, Span
from scipy.cluster.hierarchy import dendrogram, leaves_list

from payseg_widgets.segmentation.cards import letter
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.views.dendrogram import dendrogram_view
from payseg_widgets.views.theme import MUTED, segment_colour

ROWS = np.concatenate([np.random.default_rng(k).normal(size=(40, 2)) + 9 * k for k in range(3)])


@pytest.fixture(scope="module", params=["hierarchical", "average_linkage"])
def tree(request):
    return MODELS[request.param].tree(ROWS, 3)


def lines(view):
    [drawn] = [r for r in view.figure.renderers if isinstance(r.glyph, Segment)]
    return drawn.data_source.data


def test_the_highest_joins_are_drawn_at_their_heights(tree):
    view = dendrogram_view(tree)
    highest = np.sort(tree.merges[:, 2])[::-1][: len(view.table)]
    assert len(view.table) == 29
    np.testing.assert_allclose(view.table["height"], highest)
    theirs = dendrogram(tree.merges, no_plot=True)["dcoord"]
    np.testing.assert_allclose(np.sort(np.max(theirs, axis=1))[::-1][:29], highest)
    bars = {y0 for y0, y1 in zip(lines(view)["y0"], lines(view)["y1"], strict=True) if y0 == y1}
    assert bars == set(highest.tolist())


def test_a_small_tree_is_drawn_whole_leg_by_leg():
    tree = MODELS["hierarchical"].tree(ROWS[:8], 2)
    drawn, theirs = lines(dendrogram_view(tree)), dendrogram(tree.merges, no_plot=True)
    legs = {
        tuple(np.round(leg, 9)) for leg in zip(*(drawn[c] for c in ("x0", "y0", "x1", "y1")), strict=True)
    }
    expected = set()
    for xs, ys in zip(theirs["icoord"], theirs["dcoord"], strict=True):
        expected |= {tuple(np.round((xs[i], ys[i], xs[i + 1], ys[i + 1]), 9)) for i in range(3)}
    assert legs == expected
    assert set(dendrogram_view(tree).figure.xaxis[0].major_label_overrides.values()) == {"1"}


def test_the_ends_hold_all_customers_and_stand_above_their_segment_s_letter(tree):
    view = dendrogram_view(tree)
    axis = view.figure.xaxis[0]
    sizes = np.array([int(axis.major_label_overrides[x]) for x in axis.ticker.ticks])
    assert sizes.sum() == len(ROWS)
    order = tree.segments[leaves_list(tree.merges)]
    runs = order[np.flatnonzero(np.diff(order, prepend=-1))].tolist()
    [labels] = view.figure.select({"type": LabelSet})
    assert labels.source.data["text"] == [letter(s) for s in runs]
    [strip] = [r for r in view.figure.renderers if isinstance(r.glyph, Quad)]
    colours = strip.data_source.data["fill_color"]
    assert colours == [segment_colour(s) for s in runs]
    ends = zip(strip.data_source.data["left"], strip.data_source.data["right"], strict=True)
    counts = [
        sizes[(axis.ticker.ticks > np.array(a)) & (axis.ticker.ticks < np.array(b))].sum() for a, b in ends
    ]
    assert counts == [40, 40, 40]


def test_only_joins_below_the_cut_have_a_segment_s_colour(tree):
    view = dendrogram_view(tree)
    [cut] = view.figure.select({"type": Span})
    drawn = lines(view)
    for y0, y1, colour in zip(drawn["y0"], drawn["y1"], drawn["colour"], strict=True):
        if y0 == y1:
            assert (colour == MUTED) == (y0 > cut.location)
    undone = view.table[~view.table["is_kept"]]
    assert len(undone) == 2
    assert undone["segments"].str.contains(" + ", regex=False).all()
    assert undone["customers"].tolist() == [120, 80]


def test_the_sentence_says_the_branches_and_the_caution_first(tree):
    said = dendrogram_view(tree, caution="One crowd.").sentence
    assert said.startswith("One crowd. Cut at ")
    assert "A 40, B 40, C 40" in said
    assert "100% of them are in the segment of their branch." in said
