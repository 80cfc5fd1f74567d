"""What the explorer shows of customers and their segments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import SelectionError, UnknownNameError, compute_features, segment, simulate_ledger
from payseg_widgets.views.brush import BrushAxis, brush_view
from payseg_widgets.views.exploration import explore
from payseg_widgets.views.selection import Selection


@pytest.fixture(scope="module")
def shown(study):
    return explore(study.features, study.segmentation)


def step(kind, geometry, x="", y="", mode="replace"):
    return {"kind": kind, "geometry": geometry, "x": x, "y": y, "mode": mode}


def test_the_table_holds_every_feature_the_segment_s_name_and_the_map(study, shown):
    frame = study.features.frame
    pd.testing.assert_frame_equal(shown.table[list(frame)], frame)
    names = {card.segment: f"{card.letter} {card.name}" for card in study.segmentation.cards}
    expected = study.segmentation.labels_.map(names)
    assert (shown.table["segment"] == expected).all()
    assert (shown.table["map_1"].to_numpy() == study.segmentation.coordinates["x"].to_numpy()).all()


def test_a_segment_s_button_selects_the_customers_of_its_label(study, shown):
    for code in range(study.segmentation.n_segments):
        selected = shown.brush.selection([step("segment", code)]).apply(shown.table)
        assert (selected.to_numpy() == (study.segmentation.labels_ == code).to_numpy()).all()


def test_axes_are_those_asked_for_and_an_unknown_one_is_refused(study):
    pictures = explore(study.features, study.segmentation, axes=("tenure_days", "on_time_ratio")).brush.spec[
        "pictures"
    ]
    assert (pictures[1]["x"], pictures[1]["y"]) == ("tenure_days", "on_time_ratio")
    with pytest.raises(UnknownNameError, match="'tenure' is no feature"):
        explore(study.features, study.segmentation, axes=("tenure", "on_time_ratio"))


def test_no_id_is_shown_unless_allowed(study):
    hidden = explore(study.features, study.segmentation, shows_ids=False).brush
    assert "ids" not in hidden.spec
    assert study.features.frame.index[0] not in str(hidden.spec)


def test_ageing_sums_to_the_open_balance_of_the_segments(study, shown):
    table = shown.views["ageing"].table.set_index("segment")
    by_segment = study.features.frame["outstanding"].groupby(shown.table["segment"]).sum()
    np.testing.assert_allclose(table.sum(axis=1)[by_segment.index], by_segment, atol=0.005)


def test_a_table_of_one_feature_is_drawn_by_that_feature(study):
    features = compute_features(simulate_ledger(60, seed=2).ledger, ["mean_days_late"])
    brush = explore(features, segment(features, names=["mean_days_late"], n_segments=2, compare=False)).brush
    assert {picture["x"] for picture in brush.spec["pictures"]} == {"map_1", "mean_days_late"}


def test_a_table_without_features_is_refused(study):
    bare = replace(study.features, frame=study.features.frame[[]], measures=())
    with pytest.raises(SelectionError, match="no feature to draw"):
        explore(bare, study.segmentation)


def test_customers_outside_the_segmentation_are_drawn_as_not_placed(study):
    some = replace(study.segmentation, labels_=study.segmentation.labels_.iloc[10:])
    brush = explore(study.features, some).brush
    assert brush.spec["has_unplaced"]
    first_ten = brush.selection([step("segment", 255)]).apply(explore(study.features, some).table)
    assert np.flatnonzero(first_ten).tolist() == list(range(10))


# Lanes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lanes():
    table = pd.DataFrame({"days": [0.0, 10, 20, 30], "segment": ["A", "B", None, "A"]})
    picture = (BrushAxis("days", "Days"), BrushAxis("segment", "Segment", is_lanes=True))
    return table, brush_view(table, pictures=[picture], segments=["A", "B"])


def cells(brush, column, low, high):
    grid = brush.grids[column]
    return [int(code) for code in grid.encode([low, high])]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.4, 1.3, [1]),  # B's middle is at 1
        (1.5, 2.5, [0, 3]),
        (-0.5, 0.2, [2]),  # whoever is not placed is at the bottom
        (1.1, 1.9, []),  # between the middles
        (-0.5, 2.5, [0, 1, 2, 3]),
    ],
)
def test_a_box_takes_a_lane_whole_or_not_at_all(lanes, low, high, expected):
    table, brush = lanes
    drawn = step(
        "box",
        [*cells(brush, "days", 0, 30), *cells(brush, "segment lane", low, high)],
        "days",
        "segment lane",
    )
    selection = brush.selection([drawn])
    assert np.flatnonzero(selection.apply(table)).tolist() == expected
    assert Selection.parse(str(selection)) == selection
    assert "lane" not in str(selection)


def test_customers_are_painted_within_their_lane_and_hit_in_its_middle(lanes):
    _, brush = lanes
    assert brush.spec["pictures"][0]["y"] == "segment lane"
    names = [column["name"] for column in brush.spec["columns"]]
    grid = brush.grids["segment lane"]
    edges = np.linspace(grid.low, grid.high, grid.n + 1)
    at = {
        name: edges[np.frombuffer(buffer, "<u2")] for name, buffer in zip(names, brush.buffers, strict=False)
    }
    np.testing.assert_allclose(at["segment lane"], [2, 1, 0, 2], atol=1e-4)
    spread = np.abs(at["place in lane"] - at["segment lane"])
    assert 0 < spread.max() <= 0.4001
