"""Pictures of an effect report say what its tables say."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import ColumnDataSource, GlyphRenderer, LabelSet

from payseg_widgets.effects.estimate import estimate_effects
from payseg_widgets.enrichment.regions import REGIONS
from payseg_widgets.views.effects import TILES, forest_view, matrix_view, removed_view, tiles_view
from tests.effects.worlds import draw, table_of, who

NAMES = ("London", "South West", "Wales", "Jersey")


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(1)
    groups = rng.permutation(np.repeat([0, 1, 2, 3], [40, 40, 40, 3]))
    sector = (rng.random(123) < np.where(groups == 0, 0.8, 0.2)).astype(int)
    counts, delays = draw(rng, groups, [40, 0, 0, 10], base=5, counts=15, extra=10 * sector)
    people = who(groups, sector=[f"S{code}" for code in sector])
    people["region"] = [NAMES[code] for code in groups]
    return estimate_effects(table_of(counts, delays, rng), people, adjust_for=("sector",))


def sources(view):
    return [one.data_source for one in view.figure.select(GlyphRenderer)]


def test_the_forest_has_the_highest_group_on_top_with_its_own_interval(report):
    view = forest_view(report)
    shown = view.table.set_index("group")
    assert view.table["group"].iloc[0] == view.figure.y_range.factors[-1] == "London"
    assert set(shown.index) == set(NAMES)
    made = report.groups.set_index("group")
    np.testing.assert_allclose(shown["estimate"], made["estimate"].loc[shown.index], atol=0.006)
    data = sources(view)[0].data
    assert list(data["group"]) == view.table["group"].tolist()
    assert (np.array(data["conf_low"]) < np.array(data["estimate"])).all()
    assert view.sentence == report.sentences[0]


def test_the_matrix_says_of_each_pair_what_can_be_said_both_ways(report):
    view = matrix_view(report)
    cells = view.table.set_index(["row", "column"])
    assert len(cells) == 12
    assert cells.loc[("London", "Wales"), "verdict"] == "more"
    assert cells.loc[("Wales", "London"), "verdict"] == "less"
    assert cells.loc[("Wales", "South West"), "verdict"] == "not told apart"
    assert cells.loc[("Jersey", "London"), "verdict"] == "too few"
    turned = cells["difference"].swaplevel().reindex(cells.index)
    np.testing.assert_allclose(cells["difference"], -turned)
    assert view.sentence == "2 of 6 pairs can be told apart, at 95% for all of them together."


def test_every_region_of_the_uk_has_a_tile_of_its_own_and_others_are_in_the_table(report):
    assert set(TILES) <= set(REGIONS)
    assert len(set(TILES.values())) == len(TILES) == 12
    view = tiles_view(report)
    [source, *_] = sources(view)
    assert sorted(source.data["group"]) == ["London", "South West", "Wales"]
    assert "Jersey" in view.table["group"].tolist()
    assert len(view.figure.select(LabelSet)) == 2
    darkest = dict(zip(source.data["group"], source.data["colour"], strict=True))["London"]
    assert darkest == "#0B3C61"


def test_what_adjusting_removes_adds_up(report):
    view = removed_view(report)
    np.testing.assert_allclose(view.table["raw"] - view.table["estimate"], view.table["sector"], atol=0.011)
    assert view.sentence.startswith("The largest raw difference, London less ")
    assert "adjusted for sector, " in view.sentence
    assert isinstance(sources(view)[0], ColumnDataSource)
