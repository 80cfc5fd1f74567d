from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.features.presets import RECOMMENDED
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.confidence import with_confidence
from payseg_widgets.segmentation.explain_customer import explain_customer
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.result import unsegmented
from payseg_widgets.segmentation.segment import segment

COUNTED = (*RECOMMENDED, "n_invoices")


@pytest.fixture(scope="module")
def features():
    return compute_features(simulate_ledger(120, seed=2, world="realistic").ledger)


@pytest.fixture(scope="module")
def made(features):
    return segment(features, n_segments=4, k_range=(4, 4), compare=False)


@pytest.fixture(scope="module")
def sure(features, made):
    return with_confidence(made, features)


def placed_with(made, features, customer: str, name: str, value: float) -> int:
    """Place the customer for good, with one feature changed and everything else of the portfolio as it is."""
    frame = features.frame.copy()
    frame.loc[customer, name] = value
    return int(made.assign(replace(features, frame=frame)).loc[customer, "segment"])


@pytest.mark.parametrize("model", sorted(m for m in MODELS if not MODELS[m].needs_categories))
def test_the_change_that_is_stated_moves_the_customer_and_half_of_it_does_not(features, model):
    k = 4 if MODELS[model].size_criterion else None
    result = segment(features, model, k, k_range=(4, 4), names=COUNTED, compare=False)
    known = result._assigner.preparation.transform(features).index
    n_changes = 0
    for customer in known[:: max(len(known) // 3, 1)]:
        explained = explain_customer(result, features, customer)
        moving = explained.changes.dropna(subset=["new_value"])
        assert moving["spreads"].is_monotonic_increasing
        for name, row in moving.iterrows():
            assert placed_with(result, features, customer, name, row["new_value"]) == row["segment"]
            assert row["segment"] != explained.segment
            half = (row["new_value"] - row["value"]) / 2
            if name == "n_invoices":
                assert float(row["new_value"]).is_integer()
                half = np.trunc(half)
            back = placed_with(result, features, customer, name, row["value"] + half)
            assert back == explained.segment
            shown = features.frame.loc[known, name]
            assert shown.min() <= row["new_value"] <= shown.max()
            n_changes += 1
    assert n_changes > 0


def test_shares_that_sum_to_one_give_way_to_each_other(features):
    names = ["median_days_late", *(name for name in features.frame if name.startswith("ageing_"))]
    made = segment(features, n_segments=3, k_range=(3, 3), names=names, compare=False)
    known = made._assigner.preparation.transform(features).index
    explained = [explain_customer(made, features, customer) for customer in known[:12]]
    moved = 0
    for customer, said in zip(known[:12], explained, strict=True):
        for name, row in said.changes.dropna(subset=["new_value"]).iterrows():
            frame = features.frame.copy()
            if name != "median_days_late":
                others = [other for other in names[1:] if other != name]
                total = frame.loc[customer, others].sum()
                share = frame.loc[customer, others] / total if total > 0 else 1 / len(others)
                frame.loc[customer, others] = (1 - row["new_value"]) * share
                moved += 1
            frame.loc[customer, name] = row["new_value"]
            assert made.assign(replace(features, frame=frame)).loc[customer, "segment"] == row["segment"]
    assert moved > 0


def test_contributions_add_up_to_the_difference_of_distances_that_k_means_goes_by(features, made):
    prepared = made._assigner.preparation.transform(features)
    for at in range(0, len(prepared.index), 10):
        explained = explain_customer(made, features, prepared.index[at])
        lookup = np.argsort(made._assigner.numbering)
        own, other = (made._assigner.fitted.centres[lookup[k]] for k in (explained.segment, explained.other))
        x = prepared.rows[at]
        expected = ((x - other) ** 2).sum() - ((x - own) ** 2).sum()
        assert explained.reasons["contribution"].sum() == pytest.approx(expected)
        assert expected > 0


def test_a_customer_whose_change_is_smallest_is_the_one_named_first(features, made):
    known = made._assigner.preparation.transform(features).index
    explained = explain_customer(made, features, known[0])
    first = explained.changes.iloc[0]
    label = {m.name: m.label for m in features.measures}[explained.changes.index[0]]
    assert f"would move it: {label[0].lower()}{label[1:]} from" in explained.text()
    assert first["spreads"] == explained.changes["spreads"].min()


def test_where_nothing_moves_it_that_is_said(table_of):
    """Two kinds, as far apart in each of four features: one alone cannot outweigh the other three."""
    rng = np.random.default_rng(2)
    kind, n = np.repeat([0, 1], 50), 100
    frame = pd.DataFrame(
        {
            "mean_days_late": 40 * kind + rng.normal(size=n) * 5,
            "payment_consistency": 10 + 10 * kind + rng.normal(size=n) * 1.25,
            "on_time_ratio": 0.7 - 0.4 * kind + rng.normal(size=n) / 20,
            "total_invoiced": np.exp(10 + 2 * kind + rng.normal(size=n) / 4),
            "n_invoices": 24.0,
        },
        index=[f"C{i:02d}" for i in range(n)],
    )
    table = table_of(frame)
    made = segment(table, n_segments=2, names=list(frame)[:4], compare=False)
    explained = explain_customer(made, table, "C00")
    assert explained.changes["new_value"].isna().all()
    assert "No change of one feature within what this portfolio shows would move it." in explained.text()


def test_the_confidence_is_that_of_assign(features, sure):
    known = sure._assigner.preparation.transform(features).index
    invoices = features.invoices
    for customer in known[:6]:
        explained = explain_customer(sure, features, customer)
        at = features.frame.index.get_indexer(pd.Index([customer]))
        alone = replace(features, frame=features.frame.iloc[at], _invoices=invoices.customers(at))
        placed = sure.assign(alone).iloc[0]
        assert (explained.segment, explained.likely) == (placed["segment"], placed["likely"])
        assert explained.confidence == placed["confidence"]
        assert explained.halves.sum() == 20
        if explained.segment < 0:
            assert "not sure enough" in explained.text()
            assert "placed from a probability of 0.7" in explained.text()


def test_customers_of_whom_too_little_is_known_are_told_what_is_missing(features, made):
    placed = made.assign(features)
    few = placed.index[placed["status"].str.contains("invoice")]
    for customer in few:
        explained = explain_customer(made, features, customer)
        more = 5 - int(features.frame.at[customer, "n_invoices"])
        assert f"{more} more invoice" in explained.text()
        assert explained.segment == explained.likely == -1
        assert explained.changes.empty
    assert len(few)


def test_customers_with_gaps_are_told_which_features_must_become_known(features, made):
    frame = features.frame.copy()
    customer = made.cards[0].exemplars[0]
    frame.loc[customer, list(made.features[:6])] = np.nan
    explained = explain_customer(made, replace(features, frame=frame), customer)
    assert "At least 2 of these must become known: " in explained.text()
    assert "6 of 8 features cannot be told" in explained.text()


def test_a_missing_value_is_not_changed_and_that_is_said(features, made):
    frame = features.frame.copy()
    customer = made.cards[0].exemplars[0]
    frame.loc[customer, "median_days_late"] = np.nan
    explained = explain_customer(made, replace(features, frame=frame), customer)
    assert np.isnan(explained.changes.at["median_days_late", "new_value"])
    assert "Not known, and so not changed: median days late." in explained.text()


def test_a_customer_unlike_every_segment_is_told_which_is_nearest(features):
    made = segment(features, "hdbscan", compare=False)
    noise = made.labels_.index[(made.assign(features)["status"] == "no segment fits").to_numpy()]
    explained = explain_customer(made, features, noise[0])
    assert explained.segment == -1
    assert explained.other >= 0
    assert "unlike all of them" in explained.text()
    assert "The nearest is" in explained.text()
    assert (explained.reasons["contribution"] <= 0).all()


def test_without_invoices_nothing_is_said_of_how_sure_it_is(four_kinds):
    table, _ = four_kinds
    made = segment(table, names=["mean_days_late", "on_time_ratio"], compare=False)
    explained = explain_customer(made, table, table.frame.index[0])
    assert explained.halves.empty
    assert "How sure that is cannot be told" in explained.text()


def test_an_unknown_customer_is_an_error_that_names_no_other(features, made):
    with pytest.raises(SegmentationError, match="no customer 'C-unknown' among its 1") as caught:
        explain_customer(made, features, "C-unknown")
    assert not any(customer in str(caught.value) for customer in features.frame.index)
    with pytest.raises(SegmentationError, match="there are no segments to place a customer in"):
        explain_customer(unsegmented(features, "nobody is known"), features, features.frame.index[0])


def test_neither_repr_nor_text_names_the_customer(features, made):
    customer = made.cards[1].exemplars[0]
    explained = explain_customer(made, features, customer)
    assert len(repr(explained)) <= 110
    assert customer not in repr(explained) + explained.text()


def test_segments_that_go_by_categories_are_not_explained_by_features_alone(study):
    regions = study.ledger.customers.set_index("customer_id")[["region"]]
    made = segment(study.features, "gower_kmedoids", 2, categories=regions, compare=False)
    with pytest.raises(SegmentationError, match="go by region too"):
        explain_customer(made, study.features, study.features.frame.index[0])
