"""`ModelBench`: runs off the loop, keeps what was done, ranks without computing, and hands the picked model on."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import traitlets

from payseg_widgets import (
    Cancelled,
    ClusterExplorer,
    FeatureError,
    ModelBench,
    SegmentationError,
    Segmenter,
    UnknownNameError,
    Workbench,
    compare_models,
    segment,
)
from payseg_widgets.segmentation.ranking import DEFAULT_WEIGHTS, MERITS
from payseg_widgets.widgets import model_bench as module
from payseg_widgets.widgets.model_table import MERIT_LABELS
from tests.widgets.test_feature_selector import told

MODELS = ["kmeans", "hierarchical", "average_linkage"]


@pytest.fixture(scope="module")
def compared(study):
    return compare_models(study.features, study.ledger, models=MODELS, k_range=(2, 4))


@pytest.fixture
def bench(study, compared):
    return ModelBench(study.features, study.ledger, comparison=compared)


def ask(bench, **content):
    bench.table._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def order(bench):
    return [row["name"] for row in bench.table._shown["rows"]]


def test_a_run_gives_what_the_core_gives(study, compared):
    bench = ModelBench(study.features, study.ledger, models=MODELS, k_range=(2, 4))
    steps = []
    bench.table.observe(lambda change: steps.append(change.new), "progress")
    made = bench.wait(120)
    measured = compared.table.columns.difference(["seconds", "peak_mb"])
    assert made.table[measured].equals(compared.table[measured])
    assert steps == sorted(steps)
    assert (bench.table.state, bench.table.message) == ("idle", "3 models compared.")
    assert repr(bench) == "ModelBench(models=3, picked=None, idle)"


def test_cancelling_keeps_the_models_that_were_done(study, compared, monkeypatch):
    begun = threading.Event()

    def slow(*_tables, progress, cancel, **_options):
        progress("K-means", 1, 3)
        begun.set()
        assert cancel._stop.wait(20)
        raise Cancelled("stopped", replace(compared, table=compared.table.head(1)))

    monkeypatch.setattr(module, "compare_models", slow)
    bench = ModelBench(study.features)
    assert begun.wait(20)
    ask(bench, kind="cancel")
    assert bench.wait(20).table.index.tolist() == ["kmeans"]
    assert bench.table.state == "cancelled"
    assert "1 model was done and is kept" in bench.table.message


def test_an_error_is_shown_and_raised_by_wait(study, monkeypatch):
    def broken(*_tables, **_options):
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(module, "compare_models", broken)
    bench = ModelBench(study.features)
    with pytest.raises(ZeroDivisionError, match="by hand"):
        bench.wait(20)
    assert (bench.table.state, bench.table.message) == ("failed", "ZeroDivisionError: by hand")


def test_weights_from_the_page_rank_anew_at_once(bench, compared, loud_callbacks):
    told(bench.table, weights={"speed": 1})
    assert order(bench) == compared.ranked({"speed": 1}).index.tolist()
    assert bench.weights == {"speed": 1.0}
    told(bench.table, weights=dict.fromkeys(MERITS, 0))
    refused = loud_callbacks.pop()
    assert isinstance(refused, SegmentationError)
    assert "rank nothing" in str(refused)
    with pytest.raises(UnknownNameError, match="'beauty'"):
        bench.weights = {"beauty": 1}
    told(bench.table, model="spectral")
    assert isinstance(loud_callbacks.pop(), UnknownNameError)
    assert bench.weights == bench.table.weights == {"speed": 1.0}
    assert bench.model == bench.table.model == ""


def test_what_stands_for_the_widget_elsewhere_holds_the_merits_that_count(bench):
    bench.weights = {"later": 1, "speed": 0}
    shown = bench._repr_mimebundle_()["text/html"]
    assert "<th>later</th>" in shown
    assert "<th>speed</th>" not in shown


def test_every_merit_has_a_name_on_the_page():
    assert MERIT_LABELS.keys() == MERITS.keys() == DEFAULT_WEIGHTS.keys()


def test_the_model_picked_on_the_page_segments_in_the_explorer(study, compared):
    explorer = ClusterExplorer(study.features, study.segmentation)
    bench = ModelBench(study.features, study.ledger, comparison=compared, segmenter=explorer.segmenter)
    told(bench.table, model="hierarchical")
    made = explorer.segmenter.wait(120)
    k = int(compared.table.at["hierarchical", "n_segments"])
    assert explorer.segmentation is bench.segmentation is made
    again = segment(study.features, "hierarchical", k, names=compared.provenance["names"], compare=False)
    assert made.labels_.equals(again.labels_)
    with pytest.raises(UnknownNameError, match="was not compared"):
        bench.model = "spectral"


def test_a_bench_alone_can_be_linked_to_an_explorer(bench, study):
    explorer = ClusterExplorer(study.features, study.segmentation)
    bench.model = "kmeans"
    made = bench.segmenter.wait(120)
    traitlets.dlink((bench, "segmentation"), (explorer, "segmentation"))
    assert explorer.segmentation is made


def test_each_figure_of_an_account_leads_to_a_picture_that_is_there(bench, compared):
    bench.model = "kmeans"
    clauses, pictures = bench.table._told["clauses"], dict(bench.table._told["pictures"])
    assert " ".join(text for text, _ in clauses).startswith(compared.table.at["kmeans", "account"])
    assert {picture for _, picture in clauses if picture} <= pictures.keys()
    shown = set()
    for name in pictures:
        told(bench.table, picture=name)
        shown.add(bench.children[1]._view.title)
    assert len(shown) == len(pictures) > 2


def test_a_model_without_an_answer_has_its_reason_and_no_segments(study, compared):
    table = compared.table.copy()
    missing = table.columns.difference(["label", "status", "account"])
    table.loc["kmeans", missing] = np.nan
    table.loc["kmeans", "status"] = "cannot run"
    bench = ModelBench(
        study.features,
        comparison=replace(compared, table=table, criteria={}, later={}, stability={}, flows={}, trees={}),
    )
    bench.model = "kmeans"
    assert order(bench)[-1] == "kmeans"
    assert bench.segmenter is None
    assert bench.table._told["pictures"] == [["merits", "All models"]]


def test_a_model_the_segmenter_cannot_run_says_how_to_have_its_segments(study):
    regions = study.ledger.customers.set_index("customer_id")[["region"]]
    made = compare_models(study.features, models=["gower_kmedoids"], k_range=(2, 3), categories=regions)
    bench = ModelBench(study.features, comparison=made)
    bench.model = "gower_kmedoids"
    assert bench.segmenter is None
    assert "segment(features, 'gower_kmedoids'" in bench.table.message


def test_the_verdict_comes_with_the_table(bench, compared):
    assert bench.table._shown["verdict"] == compared.structure
    assert bench.table._shown["sentence"] == compared.structure_sentence


def test_the_page_gets_the_list_of_attempted_models(bench, monkeypatch):
    sent = []
    monkeypatch.setattr(bench.table, "send", lambda content, buffers=None: sent.append(content))
    ask(bench, kind="markdown")
    assert sent[0]["text"].startswith("# Models tried")


def test_its_code_compares_ranks_and_picks_the_same(study, compared):
    options = {"models": MODELS, "k_range": (2, 4)}
    bench = ModelBench(study.features, study.ledger, comparison=compared, **options)
    bench.weights = {"prediction": 1.0}
    bench.model = "average_linkage"
    space = {"features": study.features, "ledger": study.ledger}
    code = bench.to_code()
    exec(code, space)
    assert space["segmentation"].labels_.equals(bench.segmenter.wait(120).labels_)
    assert space["ranked"].index.tolist() == order(bench)


def test_figures_of_other_features_than_those_chosen_now_say_so(study, compared):
    explorer = ClusterExplorer(study.features, study.segmentation)
    bench = ModelBench(study.features, comparison=compared, segmenter=explorer.segmenter)
    bench.segmenter.features = ("outstanding",)
    assert "other features than those chosen now" in bench.table.message
    bench.segmenter.cancel()


def test_the_workbench_has_a_bench_that_waits_to_be_asked(study):
    workbench = Workbench(study)
    assert workbench.bench.table.state == "idle"
    workbench.bench._options = {"models": ["kmeans"], "k_range": (2, 3)}
    ask(workbench.bench, kind="start")
    assert workbench.bench.wait(120).provenance["names"] == list(workbench.segmenter.features)
    assert workbench.bench.segmenter is workbench.segmenter
    workbench.close()
    unasked = ModelBench(study.features, start=False)
    assert "Not compared yet." in unasked._repr_mimebundle_()["text/html"]


def test_what_has_no_features_is_refused():
    with pytest.raises(FeatureError, match="not on a str"):
        ModelBench("invoices.csv")


def test_categories_of_the_segmenter_take_part_and_a_model_that_needs_them_is_picked(study):
    categories = study.ledger.customers.set_index("customer_id")[["region", "sector"]]
    segmenter = Segmenter(
        study.features, segmentation=study.segmentation, categories=categories, compare=False
    )
    bench = ModelBench(
        study.features, segmenter=segmenter, models=["kmeans", "gower_kmedoids"], k_range=(2, 2)
    )
    made = bench.wait(120)
    assert made.provenance["categories"] == ["region", "sector"]
    bench.model = "gower_kmedoids"
    names = made.provenance["names"]
    wanted = segment(study.features, "gower_kmedoids", 2, names=names, compare=False, categories=categories)
    assert segmenter.wait(60).labels_.equals(wanted.labels_)
    assert bench.segmentation is segmenter.segmentation
    given = {"features": study.features, "categories": categories}
    exec(bench.to_code(), given)
    assert given["segmentation"].labels_.equals(wanted.labels_)
