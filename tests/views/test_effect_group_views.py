"""Pictures that look into the groups of an effect report say what its tables say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bokeh.models import ColumnDataSource

from payseg_widgets.effects.clusters import GroupClusters
from payseg_widgets.effects.estimate import estimate_effects
from payseg_widgets.effects.published import EXPERIAN_REGIONS
from payseg_widgets.views.effect_groups import clusters_view, distribution_view, published_view, years_view
from payseg_widgets.views.effect_pictures import CALLED, effect_pictures
from payseg_widgets.views.effects import forest_view, ladder_view, matrix_view, tiles_view
from payseg_widgets.views.picks import PICKS
from tests.effects.worlds import draw, table_of, who

NAMES = ("London", "South West", "Wales", "Jersey")


@pytest.fixture(scope="module")
def report():
    """London pays 40 days later than the others, of whom Jersey has three customers."""
    rng = np.random.default_rng(1)
    groups = rng.permutation(np.repeat([0, 1, 2, 3], [40, 40, 40, 3]))
    people = who(groups, region=[NAMES[code] for code in groups])
    return estimate_effects(
        table_of(*draw(rng, groups, [40, 0, 0, 10], base=5, counts=30), rng), people, adjust_for=()
    )


def sources(view):
    return [one.data_source for one in view.figure.renderers if isinstance(one.data_source, ColumnDataSource)]


def test_places_are_those_that_simultaneous_intervals_leave(report):
    view = ladder_view(report)
    rungs = view.table.set_index("group")
    assert view.table["group"].iloc[0] == "London"
    assert rungs.loc["London", ["highest", "lowest"]].tolist() in (
        [1, 1],
        [1, 2],
    )  # Jersey is known too little
    of = report.groups.set_index("group")
    assert (rungs["highest"] == 5 - of["rank_high"].loc[rungs.index]).all()
    assert rungs.loc["Wales", "highest"] >= 2
    sure = (rungs["highest"] == rungs["lowest"]).sum()
    assert view.sentence.startswith(
        f"{sure} of 4 places are sure. The first, London, may have any place from 1 to"
    )


def test_the_customers_of_a_group_are_spread_as_they_were_measured(report):
    view = distribution_view(report, "London")
    values = report.customers["value"]
    is_in = report.customers["group"] == "London"
    table = view.table.set_index("customers")
    assert table.loc["London", "n_customers"] == 40
    assert table.loc["London", "median"] == pytest.approx(np.median(values[is_in]), abs=0.006)
    assert table.loc["all others", "q75"] == pytest.approx(np.quantile(values[~is_in], 0.75), abs=0.006)
    for source in sources(view):
        assert np.sum(source.data["share"]) == pytest.approx(1)
    assert view.sentence.startswith("Half of the 40 customers of London lie between ")


def test_years_are_told_apart_and_agree_with_the_whole(report):
    view = years_view(report, "London")
    assert len(view.table.columns) - 1 == report.years["year"].nunique() >= 2
    first = view.sentence.split(" less ")[0]
    assert first in NAMES
    n = len(view.table.columns) - 1
    assert view.sentence.endswith(f"the same way as over all in {n} of {n} years.")


def test_published_figures_are_laid_beside_with_their_source_and_side(report):
    view = published_view(report, EXPERIAN_REGIONS)
    shown = view.table.set_index("group")
    assert set(shown.index) == {"London", "South West", "Wales"}
    assert shown.loc["London", "published"] == pytest.approx(23.9 - 20.9)
    for said in ("Experian", "first quarter of 2010", "the side that pays"):
        assert said in view.sentence


def test_shares_of_segments_add_up_in_each_group():
    counts = pd.DataFrame({0: [30, 5], 1: [10, 15]}, index=["London", "Wales"])
    association = pd.DataFrame(
        {"ami": [0.2], "p_value": [0.001], "n_customers": [60], "p_adjusted": [0.001]}, index=["region"]
    )
    view = clusters_view(GroupClusters(association, {"region": counts}, 0.5, 0.2, 0.1, 0.3, 2), "region")
    data = sources(view)[0].data
    shares = pd.Series(data["share"], index=data["group"]).groupby(level=0).sum()
    assert shares.tolist() == pytest.approx([1, 1])
    assert (
        dict(zip(zip(data["group"], data["segment"], strict=True), data["text"], strict=True))[
            ("London", "segment 1")
        ]
        == "75%"
    )
    assert view.sentence.startswith("Ways of paying go together with region")


@pytest.mark.parametrize("drawn", [forest_view, matrix_view, tiles_view, ladder_view])
def test_the_group_picked_is_marked_and_only_that(report, drawn):
    marks = drawn(report, "Wales").figure.select_one({"name": PICKS})
    picked = np.array(marks.data_source.data["group"])[marks.data_source.selected.indices]
    assert set(picked) == {"Wales"}
    assert drawn(report).figure.select_one({"name": PICKS}).data_source.selected.indices == []


def test_pictures_are_there_where_they_say_something(report):
    assert set(effect_pictures(report)) == {"forest", "pairs", "tiles", "ladder", "years", "published"}
    assert set(effect_pictures(report, "Wales")) <= set(CALLED)
    assert "distribution" in effect_pictures(report, "Wales")
