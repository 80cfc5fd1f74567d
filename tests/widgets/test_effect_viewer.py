"""`EffectViewer`: compares as the core does, leads to the customers, and warns of customers chosen by how they pay."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import (
    Cancelled,
    ClusterExplorer,
    EffectError,
    EffectViewer,
    EnrichmentPanel,
    Selection,
    SelectionError,
    UnknownNameError,
    Workbench,
    compute_features,
    do_groups_cluster,
    estimate_effects,
)
from payseg_widgets.widgets import effect_viewer as module
from tests.enrichment.scripted import ScriptedSource
from tests.widgets.test_feature_selector import told

LATE = Selection.parse("mean_days_late > 5")


@pytest.fixture(scope="module")
def customers(simulated):
    """Whom each customer is like, which decides how it pays, and a colour drawn by lot."""
    kinds = simulated.truth.customers.set_index("customer_id")["segment_name"]
    colour = np.random.default_rng(0).choice(["red", "blue"], len(kinds))
    return pd.DataFrame({"guild": kinds.astype(str), "colour": colour}, index=kinds.index)


@pytest.fixture(scope="module")
def report(study, customers):
    return estimate_effects(study.features, customers, by="guild", adjust_for=("colour",))


@pytest.fixture
def explorer(study):
    return ClusterExplorer(study.features, study.segmentation)


@pytest.fixture
def viewer(study, customers, report, explorer):
    return EffectViewer(study.features, customers, effects=report, explorer=explorer)


def ask(viewer, kind):
    viewer.table._handle_msg(
        {"content": {"data": {"method": "custom", "content": {"kind": kind}}}, "buffers": []}
    )


def same(one, other):
    pd.testing.assert_frame_equal(one.contrasts, other.contrasts)
    return True


def test_a_run_gives_what_the_core_gives_and_is_shown(study, customers, report):
    viewer = EffectViewer(study.features, customers, by="guild", adjust_for=("colour",))
    assert same(viewer.wait(60), report)
    assert viewer.table._shown["sentences"] == list(report.sentences)
    assert [row["name"] for row in viewer.table._shown["rows"]] == (
        report.groups.sort_values("estimate", ascending=False)["group"].tolist()
    )
    n = len(report.groups)
    told_of = f"{n} groups of {report.groups['n_customers'].sum()} customers"
    assert viewer.table.message.startswith(told_of)
    assert repr(viewer) == f"EffectViewer(days_late by guild: {n} groups, idle)"


def test_the_ledger_alone_is_enough_and_region_and_sector_come_first(simulated):
    viewer = EffectViewer(simulated.ledger, start=False)
    assert viewer.table._offered["by"][:2] == ["region", "sector"]
    assert (viewer.by, viewer.adjust_for) == ("region", ("sector", "size", "terms"))
    assert "name" not in viewer.table._offered["adjustments"]
    assert viewer.table._offered["outcomes"][0] == ["days_late", "Days late"]


def test_what_the_page_chooses_is_compared_anew(viewer, study, customers):
    told(viewer.table, outcome="spread")
    wanted = estimate_effects(study.features, customers, by="guild", outcome="spread", adjust_for=("colour",))
    assert same(viewer.wait(60), wanted)
    told(viewer.table, by="colour")
    assert viewer.adjust_for == ()  # colour is not adjusted for itself
    told(viewer.table, adjust_for=["guild", "size"])
    wanted = estimate_effects(
        study.features, customers, by="colour", outcome="spread", adjust_for=("guild", "size")
    )
    assert same(viewer.wait(60), wanted)


def test_what_is_usually_adjusted_for_follows_the_groups(simulated):
    viewer = EffectViewer(simulated.ledger, start=False)
    viewer.by = "sector"
    assert viewer.adjust_for == ("region", "size", "terms")
    viewer.adjust_for = ("size", "region")
    viewer.by = "region"
    assert viewer.adjust_for == ("size",)
    viewer.cancel()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("by", "planet"), ("outcome", "luck"), ("adjust_for", ["planet"]), ("group", "nobody")],
)
def test_what_there_is_not_is_refused_and_what_was_chosen_stays(viewer, loud_callbacks, name, wrong):
    before = getattr(viewer, name)
    told(viewer.table, **{name: wrong})
    assert isinstance(loud_callbacks.pop(), UnknownNameError)
    with pytest.raises(UnknownNameError, match="There are: "):
        setattr(viewer, name, wrong)
    assert getattr(viewer, name) == getattr(viewer.table, name) == before


def test_a_group_picked_is_told_of_and_selected_in_the_explorer(viewer, report, explorer, customers):
    group = report.groups["group"].iloc[1]
    told(viewer.table, group=group)
    members = customers.index[customers["guild"] == group]
    assert set(explorer.selected.index) == set(members) & set(report.customers.index)
    assert viewer.selection == explorer.selection
    assert viewer.only is None
    assert viewer.table._told["sentences"] == list(report.about(group))
    viewer.picture = "distribution"
    assert group in viewer.children[1]._view.title
    told(viewer.table, group="")
    assert explorer.selected.empty
    assert viewer.picture == "forest"  # nobody is picked whose customers could be drawn


def test_customers_brushed_are_those_compared_and_it_is_warned_of(viewer, study, customers, explorer, report):
    assert viewer.table.caution == ""
    explorer.selection = LATE
    chosen = explorer.is_selected
    assert same(
        viewer.wait(60),
        estimate_effects(study.features, customers, by="guild", adjust_for=("colour",), only=chosen),
    )
    assert viewer.table.caution.startswith(f"Only {chosen.sum()} of 150 customers are compared, chosen by")
    assert "mean_days_late" in viewer.table.caution
    assert f"Only {chosen.sum()} of 150 customers are compared, as asked." in viewer.effects.notes
    group = viewer.effects.groups["group"].iloc[0]
    viewer.group = group  # no brush: the comparison stays as it is
    assert viewer.only == LATE
    assert set(explorer.selected.index) <= set(chosen.index[chosen])
    viewer.group = ""
    assert explorer.selection == LATE
    viewer.follows_brush = False
    assert viewer.table.caution == ""
    assert same(viewer.wait(60), report)


def test_without_an_explorer_conditions_are_applied_to_the_features(study, customers, simulated):
    viewer = EffectViewer(study.features, customers, start=False)
    viewer.only = LATE
    assert viewer.compared.equals(LATE.apply(study.features.frame))
    with pytest.raises(SelectionError, match="no_such_column"):
        viewer.only = Selection.parse("no_such_column > 5")
    assert viewer.only == LATE
    with pytest.raises(EffectError, match="only= needs features"):
        EffectViewer(simulated.ledger, start=False).only = LATE


def test_every_picture_there_is_can_be_shown_and_groups_are_picked_in_some(viewer, report):
    shown = set()
    viewer.group = report.groups["group"].iloc[0]
    for name, _ in viewer.table._told["pictures"]:
        told(viewer.table, picture=name)
        view = viewer.children[1]._view
        shown.add(view.title)
        assert len(view.table)
        twin = viewer.children[2]
        assert twin.sentence == view.sentence
        assert twin.rows.count("<tr") == len(view.table) + 1
    assert len(shown) == len(viewer.table._told["pictures"]) == 6


@pytest.mark.parametrize("picture", ["forest", "pairs", "ladder"])
def test_a_mark_clicked_picks_its_group_and_clicked_again_lets_go(viewer, picture):
    viewer.picture = picture
    pane, source = viewer.children[1], viewer._source
    groups = [str(one) for one in source.data["group"]]
    source.selected.indices = [2]
    assert viewer.group == groups[2]
    assert source.selected.indices == [k for k, one in enumerate(groups) if one == groups[2]]
    viewer.group = groups[-1]
    assert set(np.array(groups)[source.selected.indices]) == {groups[-1]}
    source.selected.indices = []
    assert viewer.group == ""
    assert viewer.children[1] is pane


def test_cancelled_the_figures_of_before_stay(viewer, report, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    def slow(*_tables, progress, cancel, **_options):
        progress("fitting", 2, 5)
        begun.set()
        while not cancel.is_set():
            time.sleep(0.01)
        ended.set()
        raise Cancelled("stopped")

    monkeypatch.setattr(module, "estimate_effects", slow)
    viewer.start()
    assert begun.wait(20)
    ask(viewer, "cancel")
    assert ended.wait(20)
    assert viewer.wait(20) is report
    assert viewer.table.message == "Cancelled. The figures of before stay."


def test_what_cannot_be_compared_is_said_and_raised_by_wait(study, customers):
    one = customers.assign(colour="red", guild="smiths")
    viewer = EffectViewer(study.features, one)
    with pytest.raises(EffectError, match="no column makes groups"):
        viewer.wait(20)
    assert viewer.table.state == "failed"
    with pytest.raises(EffectError, match="from a str"):
        EffectViewer("ledger.csv")


def test_columns_known_later_are_offered(study, customers):
    viewer = EffectViewer(study.features, customers[["colour"]], start=False)
    assert viewer.table._offered["by"] == ["colour"]
    viewer.customers = customers
    assert viewer.table._offered["by"] == ["guild", "colour"]
    assert viewer.by == "colour"


def test_it_is_asked_whether_groups_form_clusters_where_there_is_a_ledger(
    study, simulated, customers, report
):
    viewer = EffectViewer(study.features, customers, effects=report, ledger=simulated.ledger)
    ask(viewer, "tie")
    viewer.wait(120)
    wanted = do_groups_cluster(simulated.ledger, customers, by=("guild",))
    assert viewer.clusters.association.equals(wanted.association)
    assert viewer.picture == "clusters"
    assert viewer.table._told["tied"] == wanted.sentence
    assert viewer.children[1]._view.sentence == wanted.sentence
    without = EffectViewer(study.features, customers, start=False)
    assert not without.table._offered["can_tie"]
    with pytest.raises(EffectError, match="give ledger="):
        without.start_tie()


def test_its_code_compares_the_same(viewer, study, customers, explorer):
    explorer.selection = LATE
    made = viewer.wait(60)
    space = {"payments": study.features, "customers": customers, "explorer": explorer}
    exec(viewer.to_code(), space)
    assert same(space["effects"], made)
    viewer.follows_brush = False
    made = viewer.wait(60)
    space = {"payments": study.features, "customers": customers}
    exec(viewer.to_code(), space)
    assert same(space["effects"], made)


def test_ids_are_told_only_where_they_may_be(study, customers, report):
    ids = set(report.dominating["customer_id"]) | set(report.contrasts["strongest"])
    for shows_ids in (True, False):
        viewer = EffectViewer(study.features, customers, effects=report, shows_ids=shows_ids)
        said = []
        for group in report.groups["group"]:
            viewer.group = group
            said += viewer.table._told["sentences"]
        assert any(one in text for text in said for one in ids) == shows_ids


def test_what_stands_for_it_elsewhere_is_text_whatever_a_group_is_called(study, customers):
    evil = "<img src=x onerror=alert(1)>"
    hostile = customers.assign(guild=customers["guild"].replace(customers["guild"].iloc[0], evil))
    viewer = EffectViewer(study.features, hostile, by="guild", adjust_for=())
    viewer.wait(60)
    shown = viewer._repr_mimebundle_()["text/html"]
    assert "&lt;img src=x" in shown
    assert "<img" not in shown
    assert "<img" not in viewer.children[2].rows
    unasked = EffectViewer(study.features, customers, start=False)
    assert "Not compared yet." in unasked._repr_mimebundle_()["text/html"]


def test_the_workbench_compares_when_asked_by_what_ledger_or_enrichment_know(study, simulated):
    workbench = Workbench(study)
    assert workbench.effects.table.state == "idle"
    assert workbench.effects.by == "region"
    assert workbench.effects.explorer is workbench.explorer
    ask(workbench.effects, "start")
    workbench.effects.wait(60)
    space = {"ledger": simulated.ledger, "study": study}
    exec(workbench.to_code(), space)
    assert same(space["effects"], workbench.effects.effects)
    workbench.close()
    assert Workbench(study.features, study.segmentation).effects is None  # nothing is known of the customers


def test_what_is_looked_up_in_the_workbench_can_be_compared_by(simulated):
    ledger = simulated.ledger
    panel = EnrichmentPanel(ledger, ScriptedSource())
    workbench = Workbench(compute_features(ledger), enrichment=panel)
    assert "company_status" not in workbench.effects.table._offered["by"]
    panel.start()
    panel.wait(120)
    assert workbench.effects.customers is panel.enrichment
    workbench.close()
