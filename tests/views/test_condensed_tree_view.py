"""Crowds as columns: as wide as they have customers, one above the one it parts from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import LabelSet, Patches

from payseg_widgets.segmentation.condensed_tree import condense, reachability_merges
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.views.condensed_tree import condensed_tree_view, middles, outline
from payseg_widgets.views.theme import NOISE_COLOUR, segment_colour


@pytest.fixture(scope="module")
def tree():
    crowds = [np.random.default_rng(k).normal(size=(60, 2)) * (1 + k) + 15 * k for k in range(3)]
    return MODELS["hdbscan"].tree(np.concatenate(crowds), None)


def columns(view):
    [drawn] = [r for r in view.figure.renderers if isinstance(r.glyph, Patches)]
    return drawn.data_source.data


def test_a_crowd_is_as_wide_as_it_has_customers(tree):
    for crowd, row in tree.crowds.iterrows():
        heights, widths = outline(tree, crowd, np.inf)
        leaving = tree.last[(tree.last["crowd"] == crowd) & (tree.last["until"] == row["born"])]
        assert (heights[0], widths[0]) == (row["born"], row["customers"] - len(leaving))
        assert (np.diff(widths) <= 0).all()
        parts = tree.crowds.loc[tree.crowds["parent"] == crowd, "customers"].sum()
        assert (heights[-1], widths[-1]) == (row["ended"], parts)


def test_the_area_of_a_crowd_above_its_birth_is_its_mass():
    rows = np.random.default_rng(1).normal(size=(35, 2))
    tree = condense(reachability_merges(rows, 5), 5)  # few enough for every step to be drawn
    for crowd, mass in tree.crowds["mass"].items():
        heights, widths = outline(tree, crowd, np.inf)
        assert (np.diff(heights) * widths[:-1]).sum() == pytest.approx(mass)


def test_crowds_stand_side_by_side_within_the_one_they_part_from(tree):
    centre, sizes = middles(tree.crowds), tree.crowds["customers"].to_numpy()
    for parent, parts in tree.crowds[1:].groupby("parent"):
        ends = [(centre[c] - sizes[c] / 2, centre[c] + sizes[c] / 2) for c in parts.index]
        assert ends[0][1] == pytest.approx(ends[1][0])
        assert centre[parent] == pytest.approx((ends[0][0] + ends[1][1]) / 2)


def test_chosen_crowds_and_what_grows_out_of_them_have_colour_and_letter(tree):
    view = condensed_tree_view(tree)
    data = columns(view)
    chosen = tree.crowds[tree.crowds["is_chosen"]]
    assert len(chosen) == 3
    for crowd, row in chosen.iterrows():
        assert data["colour"][crowd] == segment_colour(row["segment"])
        assert data["wide"][crowd] > data["wide"][0]
    assert data["colour"][0] == NOISE_COLOUR
    [labels] = view.figure.select({"type": LabelSet})
    assert sorted(labels.source.data["text"]) == ["A", "B", "C"]


def test_the_table_and_the_sentence_hold_persistence_and_who_is_in_none(tree):
    view = condensed_tree_view(tree, caution="One crowd.")
    assert view.table["persistence"].tolist() == tree.crowds["persistence"].tolist()
    assert view.table["segment"].tolist() == [
        "ABC"[s] if s >= 0 else "" for s in tree.crowds["segment"].tolist()
    ]
    assert view.table["parent"].isna().tolist() == [True] + [False] * (len(tree.crowds) - 1)
    assert view.sentence.startswith("One crowd. 3 crowds of at least 5 customers")
    assert f"{(tree.segments < 0).mean():.0%} of 180 customers are in none" in view.sentence
    assert "fitted to everybody" not in view.sentence
    elsewhere = condensed_tree_view(replace(tree, agreement=0.9))
    assert elsewhere.sentence.endswith("90% have the same segment where the model is fitted to everybody.")


@pytest.mark.parametrize("rows", [np.zeros((12, 2)), np.arange(12.0)[:, None]], ids=["all the same", "a row"])
def test_without_crowds_there_is_a_picture_and_a_sentence(rows):
    view = condensed_tree_view(condense(reachability_merges(rows, 5), 5))
    assert len(view.table) == len(columns(view)["xs"]) == 1
    assert view.sentence.endswith("there are no segments.")
    assert np.isfinite(columns(view)["ys"][0]).all()
