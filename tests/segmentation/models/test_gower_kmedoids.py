from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.gower import GowerScale
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.models.gower_kmedoids import GowerKMedoidsModel

MODEL = MODELS["gower_kmedoids"].with_categories(1)


@pytest.fixture(scope="module")
def alike() -> tuple[np.ndarray, np.ndarray]:
    """Return customers who pay alike, of two sectors, and the sector of each."""
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 200)
    return np.column_stack([rng.normal(size=(200, 4)), truth]), truth


def test_the_category_tells_groups_that_numbers_do_not(alike):
    rows, truth = alike
    assert adjusted_rand_score(truth, MODEL.fit(rows, 2).labels) == 1
    assert adjusted_rand_score(truth, MODELS["kmedoids"].fit(rows[:, :4], 2).labels) < 0.05


def test_clear_kinds_of_payer_outweigh_a_category(alike):
    rows, truth = alike
    kind = np.random.default_rng(3).integers(0, 2, 200)
    shifted = rows + 8 * np.column_stack([*[kind] * 4, np.zeros(200)])
    labels = MODEL.fit(shifted, 2).labels
    assert adjusted_rand_score(kind, labels) == 1
    heavy = replace(MODEL, category_weight=20.0)
    assert adjusted_rand_score(truth, heavy.fit(shifted, 2).labels) == 1


def test_labels_follow_the_customers_when_rows_are_shuffled_and_codes_renamed(alike):
    rows, _ = alike
    rows = rows.copy()
    rows[::7, 4] = -1
    order = np.random.default_rng(4).permutation(len(rows))
    fitted, shuffled = MODEL.fit(rows, 3), MODEL.fit(rows[order], 3)
    np.testing.assert_array_equal(fitted.labels[order], shuffled.labels)
    renamed = rows.copy()
    renamed[:, 4] = np.where(rows[:, 4] >= 0, 1 - rows[:, 4], -1)
    assert adjusted_rand_score(fitted.labels, MODEL.fit(renamed, 3).labels) == 1


def test_whoever_lacks_the_category_is_placed_by_numbers_alone():
    rng = np.random.default_rng(5)
    kind = np.repeat([0, 1], 60)
    rows = np.column_stack([rng.normal(size=(120, 3)) + 4 * kind[:, None], kind])
    fitted = MODEL.fit(rows, 2)
    unknown = rows.copy()
    unknown[:, 3] = -1
    labels, probabilities = fitted.assign(unknown)
    np.testing.assert_array_equal(labels, fitted.labels)
    assert (probabilities <= fitted.probabilities + 1e-9).mean() > 0.9  # knowing less is being less sure


def test_half_way_between_two_typical_customers_is_a_half_in_each():
    fitted = MODEL.fit(np.array([[0.0, 0], [1, 0], [-1, 0], [10, 0], [11, 0], [9, 0]]), 2)
    assert fitted.assign(fitted.medoids.mean(axis=0)[None])[1] == pytest.approx(0.5)


def test_the_memory_stated_is_about_that_taken():
    import tracemalloc

    rows = np.column_stack([np.random.default_rng(6).normal(size=(1000, 6)), np.arange(1000) % 5])
    tracemalloc.start()
    try:
        MODEL.fit(rows, 4)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert 0.7 * MODEL.memory_mb(*rows.shape) <= peak <= 1.05 * MODEL.memory_mb(*rows.shape)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_a_weight_that_weighs_nothing_is_refused(weight):
    with pytest.raises(SegmentationError, match="give a number above 0"):
        replace(MODEL, category_weight=weight)


class GowersOwn(GowerKMedoidsModel):
    """The same with a category counting nothing or all, a number its share of the range."""

    def _scale(self, rows: np.ndarray) -> GowerScale:
        return replace(super()._scale(rows), steps=np.ones(self.n_categories), weight=1.0)


@pytest.mark.slow
@pytest.mark.parametrize("n_features", [4, 12])
def test_by_default_payment_outweighs_a_category_that_has_nothing_to_do_with_it(n_features):
    """Prints how well two kinds of payer, 4 standard deviations apart, and a category of four are found again."""
    own = GowersOwn(**vars(MODEL))
    tried = {"Gower's own": own} | {
        f"weight {w:g}": replace(MODEL, category_weight=w) for w in (0.5, 1.0, 2.0, 4.0)
    }
    agreement = {name: {"kinds": [], "category": []} for name in tried}
    for seed in range(400):
        rng = np.random.default_rng(seed)
        kind, category = rng.integers(0, 2, 200), rng.integers(0, 4, 200)
        step = 4 / np.sqrt(n_features)  # so far apart over all features together
        payers = rng.normal(size=(200, n_features)) + step * kind[:, None]
        alike = rng.normal(size=(200, n_features))
        for name, model in tried.items():
            found = model.fit(np.column_stack([payers, category]), 2).labels
            agreement[name]["kinds"].append(adjusted_rand_score(kind, found))
            found = model.fit(np.column_stack([alike, category]), 4).labels
            agreement[name]["category"].append(adjusted_rand_score(category, found))
    means = {
        name: {what: np.mean(values) for what, values in both.items()} for name, both in agreement.items()
    }
    for name, both in means.items():
        print(
            f"\n{n_features} features, {name}: kinds {both['kinds']:.2f}, category {both['category']:.2f}",
            end="",
        )
    assert means["weight 1"]["kinds"] > means["Gower's own"]["kinds"]
    assert means["weight 4"]["category"] > means["weight 0.5"]["category"]
