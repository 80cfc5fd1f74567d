"""What every registered clustering model must keep, checked on planted groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.segmentation.store import load_segmentation, save_segmentation

CENTRES = np.array([[0, 0, 0, 0], [8, 0, 0, 0], [0, 8, 0, 4], [8, 8, 8, 0.0]])


@pytest.fixture(params=sorted(MODELS))
def model(request):
    return MODELS[request.param]


@pytest.fixture(scope="module")
def blobs() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    truth = rng.permutation(np.repeat(np.arange(4), [60, 80, 100, 60]))
    return CENTRES[truth] + rng.normal(size=(len(truth), 4)), truth


def test_the_same_seed_gives_the_same_labels(model, blobs):
    first, second = (model.fit(blobs[0], 4, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.probabilities, second.probabilities)


def test_labels_follow_the_customers_when_rows_are_shuffled(model, blobs):
    rows, _ = blobs
    order = np.random.default_rng(1).permutation(len(rows))
    fitted, shuffled = model.fit(rows, 4), model.fit(rows[order], 4)
    np.testing.assert_array_equal(fitted.labels[order], shuffled.labels)
    np.testing.assert_allclose(fitted.probabilities[order], shuffled.probabilities)


def test_planted_groups_are_recovered(model, blobs):
    rows, truth = blobs
    assert adjusted_rand_score(truth, model.fit(rows, 4).labels) >= 0.9


def test_labels_are_contiguous_and_noise_is_minus_one(model, blobs):
    labels = np.unique(model.fit(blobs[0], 4).labels)
    assert labels.tolist() in ([0, 1, 2, 3], [-1, 0, 1, 2, 3])


def test_probabilities_lie_between_nought_and_one(model, blobs):
    fitted = model.fit(blobs[0], 4)
    assert ((fitted.probabilities >= 0) & (fitted.probabilities <= 1)).all()
    assert (fitted.probabilities[fitted.labels < 0] == 0).all()
    assert (fitted.probabilities[fitted.labels >= 0] > 0).all()


@pytest.mark.parametrize("spread", [1.0, 2.5], ids=["apart", "overlapping"])
def test_customers_seen_again_are_placed_where_they_are_shown(model, blobs, spread):
    rows = blobs[0] + spread * np.random.default_rng(8).normal(size=blobs[0].shape)
    fitted = model.fit(rows, 4 if model.size_criterion else None)
    labels, probabilities = fitted.assign(rows)
    np.testing.assert_array_equal(labels, fitted.labels)
    np.testing.assert_allclose(probabilities, fitted.probabilities, atol=1e-9)


def categories_for(model, ledger) -> dict[str, pd.DataFrame]:
    """Return the categories of the customers for a model that needs some."""
    if not model.needs_categories:
        return {}
    return {"categories": ledger.customers.set_index("customer_id")[["region", "sector"]]}


def test_a_table_seen_again_gives_the_same_segments(model):
    ledger, _ = simulate_ledger(150, seed=0, world="realistic")
    features, taken = compute_features(ledger), categories_for(model, ledger)
    result = segment(features, model.name, k_range=(4, 4), compare=False, **taken)
    placed = result.assign(features, **taken)
    pd.testing.assert_series_equal(placed["segment"], result.labels_)
    np.testing.assert_allclose(placed["probability"], result.probabilities_, atol=1e-9)


def test_a_saved_model_places_customers_as_before(model, tmp_path):
    ledger, _ = simulate_ledger(150, seed=0, world="realistic")
    other, _ = simulate_ledger(60, seed=1, world="realistic")
    taken = categories_for(model, ledger)
    result = segment(compute_features(ledger), model.name, k_range=(4, 4), compare=False, **taken)
    again = load_segmentation(save_segmentation(result, tmp_path))
    new = compute_features(other)
    newly = categories_for(model, other)
    pd.testing.assert_frame_equal(again.assign(new, **newly), result.assign(new, **newly))
    pd.testing.assert_series_equal(again.labels_, result.labels_)
    pd.testing.assert_series_equal(again.probabilities_, result.probabilities_)


def test_assignment_never_invents_a_label(model, blobs):
    fitted = model.fit(blobs[0], 4)
    labels, _ = fitted.assign(np.random.default_rng(2).normal(size=(50, 4)) * 100)
    assert set(labels) <= {-1, *range(fitted.n_segments)}


def test_a_sample_places_the_rest(model, blobs):
    from dataclasses import replace

    rows, truth = blobs
    fitted = replace(model, max_fit=200).fit(rows, 4)
    assert adjusted_rand_score(truth, fitted.labels) >= 0.85
    assert any("sample of 200 of 300" in note for note in fitted.notes)


@pytest.mark.parametrize(
    ("rows", "n_segments"),
    [(np.ones((1, 3)), 2), (np.ones((2, 3)), 2), (np.arange(9.0).reshape(3, 3), 4), (np.empty((0, 3)), 2)],
    ids=["one row", "two identical rows", "more segments than customers", "nobody"],
)
def test_too_few_customers_is_an_error_with_a_next_step(model, rows, n_segments):
    with pytest.raises(SegmentationError, match="Ask for fewer segments"):
        model.fit(rows, n_segments)


def test_reprs_are_one_short_line(model, blobs):
    text = repr(model.fit(blobs[0], 4))
    assert len(text) <= 110
    assert "\n" not in text
