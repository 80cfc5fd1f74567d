"""`Workbench`: what is chosen in one part arrives in the others."""

from __future__ import annotations

import pytest

from payseg_widgets import (
    EnrichmentError,
    EnrichmentPanel,
    FeatureError,
    Selection,
    Workbench,
    compute_features,
    segment,
)
from tests import forecasts, studies
from tests.enrichment.scripted import ScriptedSource, companies

LATE = ("mean_days_late", "late_by_30_ratio", "on_time_ratio")


@pytest.fixture(scope="module")
def made(simulated):
    """Features of the easy world and segments by three of them."""
    features = compute_features(simulated.ledger)
    return features, segment(features, n_segments=3, names=LATE, compare=False)


@pytest.fixture
def workbench(made):
    return Workbench(*made)


def test_it_starts_with_the_features_the_segments_were_made_from(workbench, made):
    assert workbench.selector.features == workbench.segmenter.features == made[1].features
    assert workbench.explorer.segmentation is made[1]
    assert workbench.segmenter.state == "idle"  # nothing is computed twice


def test_features_chosen_above_give_other_segments_below(workbench):
    workbench.explorer.selection = Selection.parse("mean_days_late > 20")
    chosen = workbench.explorer.selected.index
    workbench.selector.features = ("outstanding", "tenure_days")
    made = workbench.segmenter.wait(120)
    assert set(made.features) <= {"outstanding", "tenure_days"}
    assert workbench.explorer.segmentation is made
    assert workbench.explorer.selected.index.equals(chosen)
    assert workbench.explorer.moved is not None


def test_features_set_on_the_segmenter_are_shown_as_chosen(workbench):
    workbench.segmenter.features = ("outstanding",)
    assert workbench.selector.features == ("outstanding",)
    workbench.segmenter.cancel()


def test_a_ledger_and_a_study_are_enough(simulated, study):
    from_study = Workbench(study)
    assert from_study.explorer.segmentation is study.segmentation
    from_ledger = Workbench(simulated.ledger)
    assert from_ledger.explorer.table.index.equals(study.features.frame.index)


def test_what_has_no_features_is_refused(made):
    with pytest.raises(FeatureError, match=r"from a str"):
        Workbench("invoices.csv")


def test_its_code_shows_the_same(workbench, simulated):
    workbench.explorer.selection = Selection.parse("mean_days_late > 20")
    names = {"ledger": simulated.ledger}
    exec(workbench.to_code(), names)
    again = names["workbench"]
    assert again.explorer.segmentation.labels_.equals(workbench.explorer.segmentation.labels_)
    assert again.explorer.selected.index.equals(workbench.explorer.selected.index)
    assert again.selector.features == workbench.selector.features


def test_its_repr_is_one_line_and_where_no_widget_can_be_there_are_a_sentence_and_a_table(workbench):
    assert repr(workbench) == "Workbench(features=3, customers=150, segments=3, selected=0)"
    bundle = workbench._repr_mimebundle_()
    assert bundle["text/plain"] == repr(workbench)
    assert "<table" in bundle["text/html"]
    assert 'src="data:image/svg+xml' in bundle["text/html"]


def test_when_closed_its_parts_are_closed_and_no_longer_joined(workbench):
    workbench.close()
    workbench.selector.features = ("outstanding",)
    assert workbench.segmenter.features != ("outstanding",)
    assert workbench.segmenter.comm is None


@pytest.fixture(scope="module")
def register(simulated):
    """A register that has half of the ledger's customers, each under its name."""
    people = simulated.ledger.customers.iloc[::2]
    return companies(*(
        (f"{i:08d}", str(name).upper(), str(postcode), "62020" if i % 3 else "43320")
        for i, (name, postcode) in enumerate(zip(people["name"], people["postcode"], strict=True), 1)
    ))  # fmt: skip


def test_regions_and_sectors_found_become_categories_to_segment_by(simulated, made, register):
    workbench = Workbench(
        made[0], made[1], enrichment=EnrichmentPanel(simulated.ledger, ScriptedSource(register), who="Kim")
    )
    panel, segmenter = workbench.enrichment, workbench.segmenter
    panel.start()
    panel.wait(60)
    assert list(workbench.categories) == ["region", "sector"]
    assert workbench.categories.equals(panel.enrichment.categories)
    assert "gower_kmedoids" in [name for name, _ in segmenter._models]
    assert segmenter.state == "idle"  # nothing is computed because somebody was looked up
    with segmenter.hold_trait_notifications():
        segmenter.model, segmenter.n_segments = "gower_kmedoids", 2
    by_hand = segment(
        made[0],
        "gower_kmedoids",
        2,
        names=made[1].features,
        compare=False,
        categories=panel.enrichment.categories,
    )
    assert segmenter.wait(120).labels_.equals(by_hand.labels_)
    assert segmenter.message.startswith(
        "2 segments of 150 customers. Made with categories by K-medoids (Gower)."
    )
    names = {"ledger": simulated.ledger, "source": ScriptedSource(register)}
    exec(workbench.to_code(), names)
    again = names["workbench"]
    assert again.explorer.segmentation.labels_.equals(by_hand.labels_)
    assert again.categories.equals(workbench.categories)
    assert workbench.bench.categories is segmenter.categories
    workbench.close()
    assert panel.comm is None


def test_a_register_makes_the_panel_and_needs_a_ledger(simulated, made, register):
    workbench = Workbench(simulated.ledger, made[1], register=ScriptedSource(register))
    assert len(workbench.enrichment.enrichment) == len(simulated.ledger.customers)
    with pytest.raises(EnrichmentError, match="features alone have none"):
        Workbench(*made, register=ScriptedSource(register))
    assert Workbench(*made).enrichment is None


def test_payments_are_forecast_when_asked_where_there_is_a_ledger(made, study):
    workbench = Workbench(study)
    panel = workbench.forecast
    assert panel.table.state == "idle"
    assert panel.explorer is workbench.explorer
    panel.forecast = forecasts.forecast()
    panel.invoice = panel.forecast.invoices.index[0]
    assert workbench.explorer.selection == panel.selection
    assert panel.to_code() in workbench.to_code()
    workbench.close()
    assert panel.comm is None
    assert Workbench(*made).forecast is None
    hidden = Workbench(study, shows_ids=False).forecast
    hidden.forecast = forecasts.forecast()
    assert "Customer" not in hidden.table._open["columns"]


def test_a_study_brings_what_is_known_of_region_and_sector(study):
    workbench = Workbench(study)
    assert workbench.effects.customers is study.customers
    workbench.effects.by = "size_band"  # the ledger's own columns are there too
    workbench.effects.table.wait(60)
    workbench.effects.by = "sector"
    workbench.effects.table.wait(60)
    assert "study.customers" in workbench.to_code()
    assert workbench.effects.effects.groups["n_customers"].sum() == len(study.features)


def test_a_study_brings_its_board_which_selects_in_the_explorer(made):
    study = studies.study()
    workbench = Workbench(study)
    board = workbench.strategy
    assert board.table.state == "idle"
    assert board.plan is None  # nothing is computed before somebody asks
    assert "recommend" not in workbench.to_code()
    board.customer = study.features.frame.index[0]
    assert workbench.explorer.selection == board.selection
    board.start()
    board.wait(120)
    assert board.to_code() in workbench.to_code()
    workbench.close()
    assert board.comm is None
    assert Workbench(*made).strategy is None
