from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import Cancelled, SegmentationError, UnknownNameError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.read import read_ledger
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.report.attempted_models import attempted_models, write_attempted_models
from payseg_widgets.segmentation.bench import agreement
from payseg_widgets.segmentation.compare import ModelComparison, compare_models
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.models.kmeans import KMeansModel
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.segmentation.trial import _measured

DATA = Path(__file__).parents[3] / "shared" / "data"
FEW = ["kmeans", "hdbscan", "average_linkage"]


@pytest.fixture(scope="module")
def easy():
    ledger, _ = simulate_ledger(160, seed=5, world="easy")
    return compute_features(ledger), ledger


@pytest.fixture(scope="module")
def compared(easy) -> ModelComparison:
    features, ledger = easy
    categories = ledger.customers.set_index("customer_id")[["region", "sector"]]
    return compare_models(features, ledger, categories=categories)


def test_every_model_has_a_row_with_every_figure(compared):
    table = compared.table
    assert set(table.index) == set(MODELS)
    assert (table["status"] == "done").all()
    found = table[table["n_segments"] >= 2].drop(columns=["label", "status", "account"])
    assert np.isfinite(found.to_numpy(dtype=float)).all()
    assert set(compared.criteria) == set(compared.why_k) == set(MODELS)


def test_k_means_finds_the_kinds_again_and_they_foretell_payment(compared):
    row = compared.table.loc["kmeans"]
    assert compared.structure == "segments"
    assert row["n_segments"] == 4
    assert min(row["least_stable"], row["invoices"], row["halves"]) > 0.8
    assert row["later_p"] < 0.05
    assert row["later_low"] <= row["later_explained"] <= row["later_high"]
    assert row["gain_over_none"] > 0.5
    assert "It worked" in row["account"]


def test_the_stability_of_each_segment_is_behind_the_figures_of_the_table(compared):
    found = compared.table[compared.table["n_segments"] >= 2]
    assert set(compared.stability) == set(found.index)
    for model, stable in compared.stability.items():
        assert stable.index.is_unique
        assert len(stable) == found.loc[model, "n_segments"]
        assert stable.mean() == pytest.approx(found.loc[model, "stability"])
        assert stable.min() == pytest.approx(found.loc[model, "least_stable"])


def test_the_flow_between_the_two_periods_is_what_their_rand_index_sums_up(compared):
    assert set(compared.flows) == set(compared.table.index[compared.table["n_segments"] >= 2])
    for model, flow in compared.flows.items():
        counts = flow.to_numpy()
        earlier, later = (np.repeat(side.ravel(), counts.ravel()) for side in np.indices(counts.shape))
        assert adjusted_rand_score(earlier, later) == pytest.approx(compared.table.loc[model, "halves"])


def test_the_same_number_is_the_same_segment_in_both_periods_and_as_segment_numbers_it(easy, compared):
    flow = compared.flows["kmeans"]
    assert flow.index.tolist() == flow.columns.tolist() == [0, 1, 2, 3]
    assert np.trace(flow.to_numpy()) > 0.9 * flow.to_numpy().sum()
    made = segment(easy[0], "kmeans", 4, compare=False).labels_.value_counts()
    assert (flow.sum(axis=1) / made[flow.index]).between(0.8, 1.2).all()


def test_models_that_make_a_tree_hand_it_over_with_the_segments_numbers(easy, compared):
    assert set(compared.trees) == {"hierarchical", "average_linkage", "hdbscan"}
    for model, tree in compared.trees.items():
        k = int(compared.table.loc[model, "n_segments"])
        assert set(tree.segments.tolist()) - {-1} == set(range(k))
        assert tree.agreement > 0.9
    tree = compared.trees["average_linkage"]
    assert tree.agreement == 1
    k = len(np.unique(tree.segments))
    made = segment(easy[0], "average_linkage", k, compare=False).labels_
    assert np.bincount(tree.segments).tolist() == made[made >= 0].value_counts().sort_index().tolist()


def test_trees_are_of_the_sample_however_many_customers_there_are(easy, monkeypatch):
    monkeypatch.setattr("payseg_widgets.segmentation.segment.SAMPLE", 60)
    found = compare_models(easy[0], models=["hierarchical", "hdbscan", "kmeans"], n_segments=4)
    assert {len(tree.segments) for tree in found.trees.values()} == {60}
    assert found.trees["hierarchical"].agreement > 0.8
    assert found.stability["kmeans"].index.tolist() == [0, 1, 2, 3]


def test_each_account_is_its_own_and_speaks_of_its_model(compared):
    assert compared.table["account"].is_unique
    for name, said in compared.table["account"].items():
        assert said.startswith(MODELS[name].label)
        assert "nan" not in said


def test_the_same_seed_gives_the_same_figures(easy):
    first, second = (compare_models(*easy, models=FEW).table for _ in range(2))
    measured = ["seconds", "peak_mb"]
    pd.testing.assert_frame_equal(first.drop(columns=measured), second.drop(columns=measured))


def test_without_a_ledger_what_needs_one_is_missing_and_said(easy):
    found = compare_models(easy[0], models=["kmeans"])
    row = found.table.loc["kmeans"]
    assert np.isnan(row["later_p"])
    assert np.isnan(row["halves"])
    assert row["invoices"] > 0.8
    assert found.periods is None
    assert any("No ledger was given" in note for note in found.notes)
    assert "later" not in row["account"]


def test_a_ledger_too_short_for_two_periods_is_said_not_raised(easy):
    features, ledger = easy
    found = compare_models(features, ledger, models=["kmeans"], gap_days=3000)
    assert any("does not hold two blocks" in note for note in found.notes)
    with pytest.raises(SegmentationError, match="does not hold two blocks"):
        compare_models(features, ledger, models=["kmeans"], until="2024-12-30")


@dataclass(frozen=True)
class SlowKMeans(KMeansModel):
    def fit_each(self, rows, settings, seed=0):
        time.sleep(0.3)
        return super().fit_each(rows, settings, seed)


def slow(name: str) -> SlowKMeans:
    return SlowKMeans(name, "Slow k-means", "a slow group", "It dawdles.", 1000)


def test_a_model_over_its_budget_is_a_row_with_the_reason_and_the_others_are_done(easy):
    found = compare_models(*easy, models=[slow("slow"), "hierarchical"], budget_seconds=2.5)
    row = found.table.loc["slow"]
    assert row["status"] == "over budget"
    assert "its budget being 2.5 s" in row["account"]
    assert found.table.loc["hierarchical", "status"] == "done"
    assert found.ranked().index[-1] == "slow"


def test_a_model_that_would_take_more_memory_than_it_may_is_not_begun(easy):
    hungry = replace(MODELS["kmedoids"], bytes_per_pair=1e9)
    found = compare_models(*easy, models=[hungry, "kmeans"], budget_mb=500)
    row = found.table.loc["kmedoids"]
    assert row["status"] == "over budget"
    assert "one fit would take about" in row["account"]
    assert "its budget being 500 MB" in row["account"]
    assert np.isnan(row["seconds"])
    assert found.table.loc["kmeans", "status"] == "done"


def test_a_model_that_took_more_memory_than_it_may_keeps_what_was_measured(easy):
    # nothing is known beforehand of this one, which holds all distances
    unknown = replace(MODELS["spectral"], bytes_per_pair=0.0)
    found = compare_models(*easy, models=[unknown], budget_mb=0.3)
    row = found.table.loc["spectral"]
    assert row["status"] == "over budget"
    assert "one fit took" in row["account"]
    assert row["peak_mb"] > 0.3


@pytest.mark.parametrize("name", ["hierarchical", "average_linkage", "kmedoids", "spectral"])
def test_the_memory_known_of_a_model_is_no_less_than_it_takes(name):
    model = MODELS[name]
    rows = np.random.default_rng(0).normal(size=(1000, 6))
    model.fit(rows[:20], 2)  # what is compiled at first use is not counted
    peak = _measured((model, 4), rows, 0)[2]
    assert peak <= model.memory_mb(*rows.shape) <= 4 * peak


def test_a_number_a_model_never_finds_is_a_row_with_the_reason(easy):
    found = compare_models(*easy, models=["kmeans", "hdbscan"], n_segments=30)
    assert found.table.loc["kmeans", "n_segments"] == 30
    assert found.table.loc["hdbscan", "status"] == "cannot run"
    assert "never 30" in found.table.loc["hdbscan", "account"]


def test_stopped_it_hands_over_what_was_done(easy):
    cancel = threading.Event()
    told = []

    def stop_at_the_second(what: str, done: int, total: int) -> None:
        told.append((what, done, total))
        if done == 2:
            cancel.set()

    with pytest.raises(Cancelled, match="stopped after: kmeans") as stopped:
        compare_models(*easy, models=FEW, progress=stop_at_the_second, cancel=cancel)
    assert stopped.value.finished.table.index.tolist() == ["kmeans"]
    assert told == [("preparing", 0, 4), ("K-means", 1, 4), ("HDBSCAN", 2, 4)]


def test_stopped_at_once_nothing_is_handed_over(easy):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled, match="nothing yet") as stopped:
        compare_models(*easy, cancel=cancel)
    assert stopped.value.finished is None


def test_the_ranking_follows_the_weights(compared):
    by_size = compared.ranked({"balance": 1})
    assert by_size["score"].tolist() == sorted(compared.table["balance"], reverse=True)
    mixed = compared.ranked({"balance": 1, "stability": 3}).loc["kmeans"]
    assert mixed["score"] == pytest.approx((mixed["balance"] + 3 * mixed["least_stable"]) / 4)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ({"stable": 1}, UnknownNameError, "Did you mean 'stability'"),
        ({"stability": -1}, SegmentationError, "the weight of 'stability' is -1"),
        ({"stability": 0}, SegmentationError, "rank nothing"),
    ],
)
def test_weights_that_make_no_sense_are_refused(compared, weights, error, message):
    with pytest.raises(error, match=message):
        compared.ranked(weights)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": []}, "at least one"),
        ({"models": ["kmeans", "kmeans"]}, "a name of its own"),
        ({"budget_seconds": 0}, "leaves no time"),
        ({"budget_mb": 0}, "leaves no memory"),
        ({"k_range": (4, 2)}, "no range of segments"),
    ],
)
def test_options_that_make_no_sense_are_refused(easy, options, message):
    with pytest.raises(SegmentationError, match=message):
        compare_models(*easy, **options)


def test_the_markdown_holds_each_account_and_escapes_it(compared, tmp_path):
    table = compared.table.copy()
    table.loc["kmeans", "account"] = "<script>alert(1)</script> | [click](http://x) `code`\n# heading"
    text = attempted_models(replace(compared, table=table))
    assert r"\<script\>alert(1)\</script\> \| \[click\](http://x) \`code\` \# heading" in text
    assert re.search(r"(?<!\\)[<`\[]", text) is None
    assert text.count("\n## ") == len(MODELS) + 1
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == len(MODELS) + 2
    written = write_attempted_models(compared, tmp_path / "attempted_models.md")
    assert written.read_text(encoding="utf-8") == attempted_models(compared)


def test_a_world_without_kinds_says_so_for_every_model():
    ledger, _ = simulate_ledger(200, seed=4, world="structureless")
    found = compare_models(compute_features(ledger), ledger, models=["kmeans", "gaussian_mixture"])
    assert found.structure != "segments"
    assert found.table["account"].str.contains("no kinds of customer here to be found").all()
    assert not found.table["account"].str.contains("It worked:").any()


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is absent in a fresh clone")
def test_on_the_ibm_sample_segments_of_two_periods_agree_better_than_half():
    ledger = read_ledger(DATA / "ibm_ar" / "accounts_receivable.csv")
    row = compare_models(compute_features(ledger), ledger, models=["bisecting_kmeans"]).table.iloc[0]
    assert row["n_segments"] >= 2
    assert row["halves"] > 0.54
    assert row["later_p"] < 0.05


def test_the_repr_is_one_short_line(compared):
    assert len(repr(compared)) <= 110


def test_finding_nothing_twice_is_no_agreement():
    nothing, two = np.array([-1, -1, -1, -1]), np.array([0, 0, 1, 1])
    assert agreement(nothing, nothing) == agreement(np.zeros(4), np.zeros(4)) == agreement(nothing, two) == 0
    assert agreement(two, 1 - two) == 1
    assert np.isnan(agreement(two[:0], two[:0]))
