"""`ClusterExplorer` with messages made by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors

from payseg_widgets import (
    ClusterExplorer,
    MissingDependencyError,
    Selection,
    SelectionError,
    UnknownNameError,
    compute_features,
    segment,
    simulate_ledger,
)
from payseg_widgets.views.exploration import explore
from payseg_widgets.widgets.brush_pane import BrushPane


@pytest.fixture
def explorer(study):
    return ClusterExplorer(study)


@pytest.fixture
def pane(explorer):
    return next(child for child in explorer.children if isinstance(child, BrushPane))


def brushed(pane, flags, steps):
    """Tell Python what the page tells when a brush is finished."""
    message = {"kind": "brush", "steps": steps, "count": int(np.sum(flags))}
    bits = np.packbits(np.asarray(flags, bool), bitorder="little").tobytes()
    pane._handle_msg(
        {"content": {"data": {"method": "custom", "content": message}}, "buffers": [memoryview(bits)]}
    )


def segment_step(code):
    return {"kind": "segment", "x": None, "y": None, "geometry": code, "mode": "replace"}


def test_a_brush_of_the_page_is_one_change_of_the_selection(explorer, pane, study):
    heard = []
    explorer.observe(heard.append, "selection")
    flags = (study.segmentation.labels_ == 1).to_numpy()
    brushed(pane, flags, [segment_step(1)])
    assert len(heard) == 1
    assert (explorer.is_selected.to_numpy() == flags).all()
    assert (explorer.selection.apply(explorer.table) == explorer.is_selected).all()
    assert set(explorer.selected.index) == set(study.features.frame.index[flags])


def test_two_brushes_of_as_many_customers_are_told_apart(explorer, pane):
    invoiced = explorer.table["total_invoiced"]
    cells = pane._brush.grids["total_invoiced"].encode(invoiced)
    heard = []
    explorer.observe(heard.append, "selection")
    for low, high in ((0, 2), (-3, -1)):  # those invoiced least, those invoiced most
        ends = np.sort(cells)[[low, high]].tolist()
        box = {
            "kind": "box",
            "x": "total_invoiced",
            "y": "mean_days_late",
            "geometry": [*ends, 0, 65_534],
            "mode": "replace",
        }
        flags = (cells >= ends[0]) & (cells <= ends[1])
        assert flags.sum() == 3
        brushed(pane, flags, [box])
        assert (explorer.is_selected.to_numpy() == flags).all()
    assert len(heard) == 2


def test_a_selection_set_in_python_is_shown_and_undone(explorer, pane):
    late = Selection.parse("mean_days_late > 30")
    explorer.selection = late
    assert (pane.is_selected == late.apply(explorer.table).to_numpy()).all()
    explorer.selection = Selection.parse("on_time_ratio > 90%")
    explorer.undo()
    assert explorer.selection == late
    explorer.undo()
    assert explorer.selection == Selection.nothing()
    explorer.undo()
    assert not pane.is_selected.any()


def test_clear_in_the_page_after_a_selection_set_in_python_is_heard(explorer, pane):
    explorer.selection = Selection.parse("mean_days_late > 30")
    assert explorer.is_selected.any()
    brushed(pane, np.zeros(len(explorer.table)), [])
    assert explorer.selection == Selection.nothing()


def test_undo_in_the_page_finds_the_expression_python_had_set(explorer, pane):
    late = Selection.parse("mean_days_late > 30")
    explorer.selection = late
    flags = explorer.is_selected.to_numpy()
    brushed(
        pane, ~flags & (explorer.table["segment"] == explorer.table["segment"].iloc[0]), [segment_step(0)]
    )
    brushed(pane, flags, [{**segment_step(None), "kind": "mask", "text": str(late)}])
    assert explorer.selection == late


def test_rows_picked_in_the_table_are_a_selection_of_ids(explorer, pane):
    flags = np.arange(len(explorer.table)) < 2
    brushed(pane, flags, [{**segment_step(None), "kind": "mask"}])
    assert explorer.selection == Selection.picked(explorer.table.index[:2])
    assert explorer.table.index[0] not in repr(explorer.selection)


def test_a_condition_typed_in_the_page_is_answered_by_python(explorer, pane):
    sent = []
    pane.send = lambda content, buffers=None: sent.append(content)
    for text in ("late_by_30_ratio > 40% and segment is present", "late_by_30_ratio >"):
        message = {"content": {"data": {"method": "custom", "content": {"kind": "condition", "text": text}}}}
        pane._handle_msg({**message, "buffers": []})
    assert explorer.selection == Selection.parse("late_by_30_ratio > 0.4 and segment is present")
    assert explorer.is_selected.any()
    assert [said["kind"] for said in sent] == ["condition_error"]


def test_a_selection_the_table_cannot_answer_is_refused_and_changes_nothing(explorer, pane):
    late = Selection.parse("mean_days_late > 30")
    explorer.selection = late
    with pytest.raises(SelectionError, match="mean_days_late"):
        explorer.selection = Selection.parse("mean_day_late > 30")
    assert explorer.selection == late
    assert pane.count == late.apply(explorer.table).sum()


def test_the_save_button_says_how_many_customers_it_kept(explorer):
    explorer.selection = Selection.picked(explorer.table.index[:3])
    controls = explorer._saved_controls
    controls._name.value = "first <three>"
    controls._save.click()
    assert "“first &lt;three&gt;”: 3 customers." in controls._said.value


def test_saved_selections_are_compared_and_become_columns(explorer):
    late, prompt = Selection.parse("mean_days_late > 30"), Selection.parse("mean_days_late <= 30")
    for name, selection in {"late": late, "prompt": prompt}.items():
        explorer.selection = selection
        explorer.save(name)
    compared = explorer.compare("late", "prompt")
    table = explorer.table
    assert compared.loc["mean_days_late", "effect"] == 1  # each of the first is above all of the second
    assert (
        compared.loc["on_time_ratio", "median_first"]
        == table.loc[late.apply(table), "on_time_ratio"].median()
    )
    assert compared.attrs == {
        "n_first": late.apply(table).sum(),
        "n_second": prompt.apply(table).sum(),
        "n_both": 0,
    }
    pd.testing.assert_series_equal(explorer.column("late"), late.apply(table), check_names=False)
    assert explorer.column("late").name == "late"
    with pytest.raises(UnknownNameError, match=r"saved as 'punctual'\. Saved: 'late', 'prompt'"):
        explorer.compare("late", "punctual")
    with pytest.raises(SelectionError, match="no name"):
        explorer.save("  ")


def test_new_segments_redraw_keep_the_selection_and_say_who_moved(explorer, study):
    explorer.selection = Selection.parse("mean_days_late > 30")
    chosen = explorer.is_selected
    assert explorer.moved is None
    two = segment(study.features, n_segments=2, compare=False)
    before = explorer.segmentation
    explorer.segmentation = two
    pd.testing.assert_series_equal(explorer.is_selected, chosen)
    counts = explorer.moved.to_numpy()
    assert counts.sum() == len(study.features)
    sizes = before.labels_.value_counts().sort_index().to_numpy()
    assert counts.sum(axis=1).tolist() == sizes.tolist()
    assert counts.sum(axis=0).tolist() == two.labels_.value_counts().sort_index().tolist()
    assert explorer.table["segment"].nunique() == 2


def test_the_segmenter_s_result_is_shown(explorer):
    explorer.segmenter.n_segments = 3
    made = explorer.segmenter.wait(60)
    assert explorer.segmentation is made
    assert repr(explorer) == f"ClusterExplorer(customers={len(explorer.table)}, segments=3, selected=0)"


def test_axes_are_validated_and_shown(explorer):
    explorer.axes = ("tenure_days", "outstanding")
    pane = next(child for child in explorer.children if isinstance(child, BrushPane))
    assert [pane._brush.spec["pictures"][1][end] for end in "xy"] == ["tenure_days", "outstanding"]
    with pytest.raises(UnknownNameError, match="'tenure' is no feature"):
        explorer.axes = ("tenure", "outstanding")
    assert explorer.axes == ("tenure_days", "outstanding")


def test_the_printed_code_gives_the_categories_too(study):
    categories = study.ledger.customers.set_index("customer_id")[["region", "sector", "country"]]
    chosen = {"names": ["mean_days_late", "on_time_ratio"], "category_weight": 2.0, "compare": False}
    made = segment(study.features, "gower_kmedoids", 3, categories=categories[["region", "sector"]], **chosen)
    scope = {"features": study.features, "categories": categories}
    exec(ClusterExplorer(study.features, made).to_code(), scope)
    assert (scope["segmentation"].labels_ == made.labels_).all()


def test_the_printed_code_shows_the_same(explorer, study):
    explorer.axes = ("tenure_days", "outstanding")
    explorer.selection = Selection.parse("mean_days_late > 30")
    explorer.save("late")
    explorer.selection = Selection.parse("`segment` == 'nobody' or on_time_ratio between 20% and 80%")
    scope = {"features": study.features}
    exec(explorer.to_code(), scope)
    again = scope["explorer"]
    assert (again.selection, again.saved, again.axes) == (explorer.selection, explorer.saved, explorer.axes)
    assert (again.segmentation.labels_ == explorer.segmentation.labels_).all()


def test_what_is_taken_away_holds_the_selected_customers(explorer, tmp_path):
    explorer.selection = Selection.parse("mean_days_late > 30")
    written = pd.read_csv(explorer.export_csv(tmp_path / "late.csv"))
    assert written["customer_id"].tolist() == explorer.selected.index.tolist()
    page = explorer.to_html(tmp_path / "page.html").read_text()
    assert explorer.table.index[0] in page
    with pytest.raises(SelectionError, match="cannot write"):
        explorer.to_html(tmp_path / "nowhere" / "page.html")


def test_where_there_are_no_kinds_of_customer_screen_and_page_say_so_before_the_pictures(tmp_path):
    features = compute_features(simulate_ledger(120, seed=1, world="structureless").ledger)
    explorer = ClusterExplorer(features, segment(features, compare=False))
    caution = explorer.segmentation.caution
    assert caution
    assert caution in unescape(explorer.children[1].value)
    assert caution in unescape(explorer.to_html(tmp_path / "page.html").read_text())
    explorer.segmentation = segment(features, n_segments=3, compare=False)
    assert caution in unescape(explorer.children[1].value)


def test_without_ids_neither_page_nor_reprs_tell_who_a_customer_is(study, tmp_path):
    explorer = ClusterExplorer(study, shows_ids=False)
    page = explorer.to_html(tmp_path / "page.html").read_text()
    shown = repr(explorer) + str(explorer._repr_mimebundle_())
    assert not any(customer in page or customer in shown for customer in explorer.table.index)


def test_where_no_widget_can_be_there_is_a_table(explorer):
    bundle = explorer._repr_mimebundle_()
    assert "customers in" in bundle["text/html"]
    assert 'src="data:image/svg+xml' in bundle["text/html"]
    assert len(bundle["text/plain"]) <= 110


def test_money_and_description_are_of_the_selected(explorer):
    explorer.selection = Selection.parse("mean_days_late > 30")
    table = explorer.table
    assert explorer.money.loc["outstanding", "selected"] == pytest.approx(
        explorer.selected["outstanding"].sum()
    )
    assert (
        explorer.described.loc["on_time_ratio", "median_selected"]
        == explorer.selected["on_time_ratio"].median()
    )
    assert "Circular" in explorer.sentence
    assert explorer.described["n_selected"].max() <= len(explorer.selected) <= len(table)


def test_the_map_is_pacmap_s_if_asked_for_and_the_same_each_time(explorer, study):
    explorer.selection = Selection.parse("mean_days_late > 30")
    chosen = explorer.is_selected
    explorer.map = "pacmap"
    places = explorer.table[["map_1", "map_2"]]
    assert places.notna().all().all()
    pd.testing.assert_series_equal(explorer.is_selected, chosen)
    pd.testing.assert_frame_equal(
        explore(study.features, study.segmentation, map="pacmap").table[["map_1", "map_2"]], places
    )
    assert ClusterExplorer(study, map="pacmap").map == "pacmap"
    # neighbours stay together: most customers' nearest on the map are of their own segment
    nearest = NearestNeighbors(n_neighbors=2).fit(places).kneighbors(places, return_distance=False)[:, 1]
    labels = study.segmentation.labels_.to_numpy()
    assert (labels[nearest] == labels).mean() > 0.8


def test_a_map_that_cannot_be_drawn_is_refused_and_changes_nothing(explorer, pane, monkeypatch):
    monkeypatch.setitem(sys.modules, "pacmap", None)
    with pytest.raises(MissingDependencyError, match="extra: python3 -m pip install 'payseg-widgets"):
        explorer.map = "pacmap"
    assert explorer.map == "pca"
    assert pane in explorer.children
    with pytest.raises(UnknownNameError, match="'umap' is no map"):
        explore(explorer.features, explorer.segmentation, map="umap")


NAMES = ["mean_days_late", "on_time_ratio", "median_days_late", "total_invoiced", "outstanding", "n_invoices"]


@pytest.fixture(scope="module")
def some(simulated):
    return compute_features(simulated.ledger.until("2024-06-30"), NAMES)


def spoiled(frame, kind):
    match kind:
        case "no rows":
            return frame.iloc[:0]
        case "one customer":
            return frame.iloc[:1]
        case "missing":
            return frame.assign(mean_days_late=np.nan)
        case "constant":
            return frame.assign(on_time_ratio=0.5)
        case "infinite":
            return frame.assign(
                mean_days_late=frame["mean_days_late"].where(frame["mean_days_late"] < 5, np.inf)
            )
    odd = ["x" * 1_000_000, "<script>window.hacked=1</script>", "=cmd|' /C calc'!A0"]
    return frame.set_index(pd.Index([*odd, *frame.index[3:]], name="customer_id"))


@pytest.mark.parametrize("kind", ["no rows", "one customer", "missing", "constant", "infinite", "odd ids"])
def test_odd_tables_are_drawn_as_far_as_they_can_be(some, kind, tmp_path):
    frame = spoiled(some.frame, kind)
    explorer = ClusterExplorer(replace(some, frame=frame, _invoices=None))
    assert len(explorer.table) == len(frame)
    explorer.selection = Selection.everything()
    assert explorer.is_selected.all()
    assert len(repr(explorer)) <= 110
    page = explorer.to_html(tmp_path / "page.html").read_text()
    assert "<script>window" not in page
    assert explorer.sentence
    written = pd.read_csv(explorer.export_csv(tmp_path / "all.csv"), dtype="str")
    assert len(written) == len(frame)
    assert not written["customer_id"].str.startswith("=").any()
    if len(frame) < 2:
        assert explorer.segmentation.n_segments == 0
        assert any("There are no segments" in getattr(child, "value", "") for child in explorer.children)
