from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.compare import compare_models
from payseg_widgets.segmentation.confidence import place_part
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.segmentation.store import load_segmentation, save_segmentation

NAMES = ["mean_days_late", "on_time_ratio", "payment_consistency"]


@pytest.fixture(scope="module")
def world(one_crowd):
    """Customers who are one crowd by payment, half of them exporters, and a table of categories in another order."""
    rng = np.random.default_rng(8)
    ids = one_crowd.frame.index
    trade = rng.choice(["export", "domestic"], len(ids))
    categories = pd.DataFrame({"trade": trade, "region": rng.choice(list("NESW"), len(ids))}, index=ids)
    return one_crowd, categories.sample(frac=1, random_state=1)


@pytest.fixture(scope="module")
def made(world):
    features, categories = world
    return segment(
        features, "gower_kmedoids", 2, names=NAMES, categories=categories[["trade"]], compare=False
    )


def test_the_category_parts_customers_whom_payment_cannot(world, made):
    features, categories = world
    truth = categories["trade"].reindex(made.labels_.index)
    assert adjusted_rand_score(truth, made.labels_) == 1
    plain = segment(features, "kmedoids", 2, names=NAMES, compare=False)
    assert adjusted_rand_score(truth, plain.labels_) < 0.05
    assert any("looks at the features alone" in note for note in made.notes)


def test_the_order_of_customers_in_either_table_decides_nothing(world, made):
    features, categories = world
    shuffled = replace(features, frame=features.frame.sample(frac=1, random_state=3))
    again = segment(
        shuffled,
        "gower_kmedoids",
        2,
        names=NAMES,
        categories=categories[["trade"]].sort_index(),
        compare=False,
    )
    pd.testing.assert_series_equal(again.labels_, made.labels_)


def test_the_cards_say_which_category_is_common(world, made):
    _, categories = world
    for card in made.cards:
        mine = categories["trade"].reindex(made.labels_.index[made.labels_ == card.segment]).unique()
        assert len(mine) == 1
        assert card.categories.loc[("trade", mine[0])].tolist() == [1.0, 0.0]
        assert f"By category: trade {mine[0]} (100% against 0% elsewhere)." in card.summary


def test_new_customers_are_placed_by_their_category_and_gaps_are_said(world, made):
    features, categories = world
    ids = features.frame.index
    given = categories[["trade"]].reindex(ids)
    given.loc[ids[0], "trade"] = "barter"
    given.loc[ids[1], "trade"] = None
    given.loc[ids[2], "trade"] = "  "
    given = given.drop(ids[3])
    placed = made.assign(features, categories=given)
    assert placed["without"].iloc[:5].tolist() == ["trade (unseen)", *["trade (missing)"] * 3, ""]
    assert (placed["without"].iloc[4:] == "").all()
    pd.testing.assert_series_equal(placed["segment"].iloc[4:], made.labels_.iloc[4:])
    alone = made.assign(features)
    assert (alone["without"] == "trade (not given)").all()
    pd.testing.assert_frame_equal(
        placed.iloc[:4].drop(columns="without"), alone.iloc[:4].drop(columns="without")
    )


def test_unknown_customers_and_missing_rows_are_no_mistake(world, made):
    features, categories = world
    other = pd.DataFrame({"trade": ["export"]}, index=["nobody"])
    few = pd.concat([categories[["trade"]].iloc[30:], other])
    result = segment(
        features, "gower_kmedoids", 2, names=NAMES, categories=few, category_weight=2.0, compare=False
    )
    known = categories.index[30:]
    truth = categories["trade"].reindex(known)
    assert adjusted_rand_score(truth, result.labels_.reindex(known)) > 0.95
    assert any("not known: trade of 30 of 300 customers" in note for note in result.notes)


def test_a_file_keeps_columns_categories_and_cards(world, made, tmp_path):
    features, categories = world
    again = load_segmentation(save_segmentation(made, tmp_path))
    for given in ({}, {"categories": categories}):
        pd.testing.assert_frame_equal(again.assign(features, **given), made.assign(features, **given))
    for old, new in zip(made.cards, again.cards, strict=True):
        pd.testing.assert_frame_equal(new.categories, old.categories)
    assert again.provenance["parameters"]["categories"] == ["trade"]
    assert again.provenance["parameters"]["category_weight"] == 1.0


def test_segments_keep_their_number_and_categories_when_made_again(world, made):
    features, categories = world
    again = segment(
        features,
        "gower_kmedoids",
        2,
        names=NAMES,
        categories=categories[["trade"]],
        compare=False,
        previous=made,
    )
    pd.testing.assert_series_equal(again.labels_, made.labels_)
    assert (again.lineage["event"] == "continued").all()
    assert again.cards[0].categories is not None


def test_reprs_are_short_and_hold_no_customer_and_no_category(world, made):
    features, _ = world
    placement = made._assigner
    for thing in (made, placement, placement.categories, placement.fitted):
        text = repr(thing)
        assert len(text) <= 110
        assert "\n" not in text
        assert "export" not in text
        assert not any(customer in text for customer in features.frame.index[:50])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["trade"], "is a Series; give a DataFrame"),
        (lambda c: c[[]], "is a table without columns"),
        (lambda c: pd.concat([c, c.iloc[:2]]), "repeats 2 customer ids"),
        (lambda c: c.set_axis(["trade", "trade"], axis=1), "repeats 1 columns"),
        (lambda c: c.set_axis([0, 1], axis=1), "a column called 0; give it a name that is text"),
        (lambda c: c.assign(trade=1.5), r"holds values of type float.*astype\('str'\)"),
        (lambda c: c.set_axis(range(len(c))), "none says anything of the 300 customers"),
        (
            lambda c: c.assign(trade=[f"name {i}" for i in range(len(c))]),
            "has 300 values among 300 customers",
        ),
        (lambda c: c[["trade"]].assign(trade="all"), "are the same for every customer"),
    ],
)
def test_what_is_no_table_of_categories_is_refused_with_a_next_step(world, change, said):
    features, categories = world
    with pytest.raises(SegmentationError, match=said):
        segment(features, "gower_kmedoids", 2, names=NAMES, categories=change(categories))


def test_a_column_that_is_the_same_for_all_is_left_out_and_said(world):
    features, categories = world
    result = segment(
        features,
        "gower_kmedoids",
        2,
        names=NAMES,
        categories=categories[["trade"]].assign(country="GB"),
        compare=False,
    )
    assert any("country left out: the same for every customer" in note for note in result.notes)
    assert result._assigner.categories.columns == ("trade",)


@pytest.mark.parametrize("option", ["categories", "category_weight"])
def test_an_option_that_would_do_nothing_is_refused(world, option):
    features, categories = world
    with pytest.raises(SegmentationError, match="would play no part"):
        segment(features, "kmeans", **{option: categories if option == "categories" else 2.0})


def test_a_model_that_needs_categories_says_so(world):
    with pytest.raises(SegmentationError, match="needs categorical columns: pass categories="):
        segment(world[0], "gower_kmedoids", names=NAMES)


def test_categories_are_refused_by_segments_made_without(world):
    plain = segment(world[0], "kmedoids", 2, names=NAMES, compare=False)
    assert "without" not in plain.assign(world[0])
    with pytest.raises(SegmentationError, match="made without categories"):
        plain.assign(world[0], categories=world[1])


def test_the_weight_is_heard(world):
    features, categories = world
    both = {"names": NAMES, "categories": categories, "compare": False}
    light, heavy = (segment(features, "gower_kmedoids", 4, category_weight=w, **both) for w in (0.05, 30.0))
    region = categories["region"].reindex(light.labels_.index)
    trade = categories["trade"].reindex(light.labels_.index)
    by_category = [max(adjusted_rand_score(c, r.labels_) for c in (region, trade)) for r in (light, heavy)]
    assert by_category[0] < 0.1 < 0.4 < by_category[1]


def test_invoices_are_not_resampled_where_segments_go_by_categories(made):
    ledger, _ = simulate_ledger(20, seed=0, world="easy")
    with pytest.raises(SegmentationError, match="go by trade too"):
        place_part(made._assigner, compute_features(ledger).invoices, ())


@pytest.fixture(scope="module")
def ledger():
    return simulate_ledger(120, seed=2, world="easy").ledger


def test_a_comparison_lists_the_model_with_or_without_categories(ledger):
    features = compute_features(ledger)
    models = ["kmedoids", "gower_kmedoids"]
    without = compare_models(features, models=models)
    assert without.table["status"].to_dict() == {"kmedoids": "done", "gower_kmedoids": "cannot run"}
    assert "needs categorical columns: pass categories=" in without.table.at["gower_kmedoids", "account"]
    categories = ledger.customers.set_index("customer_id")[["region", "size_band"]]
    found = compare_models(features, ledger, models=models, categories=categories)
    row = found.table.loc["gower_kmedoids"]
    assert row["status"] == "done"
    assert np.isfinite(row.drop(["label", "status", "account"]).astype(float)).all()
    assert any("keeps its categories with other invoices" in note for note in found.notes)
    assert found.provenance["categories"] == ["region", "size_band"]
    plain = compare_models(features, ledger, models=["kmedoids"])
    measured = ["silhouette", "stability", "invoices", "halves", "later_explained"]
    pd.testing.assert_series_equal(
        found.table.loc["kmedoids", measured], plain.table.loc["kmedoids", measured]
    )


def test_the_models_tried_beside_others_say_what_is_needed(world):
    result = segment(world[0], names=NAMES, k_range=(2, 3))
    row = result.attempts.set_index("model").loc["gower_kmedoids"]
    assert row["n_segments"] == 0
    assert np.isnan(row["silhouette"])
    assert "needs categorical columns" in row["account"]
