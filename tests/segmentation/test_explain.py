from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation import explain
from payseg_widgets.segmentation.explain import explain_segments
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.result import unsegmented
from payseg_widgets.segmentation.rule_quality import folds, rule_quality, wilson
from payseg_widgets.segmentation.rules import learn_rule
from payseg_widgets.segmentation.segment import segment

NAMES = ["mean_days_late", "on_time_ratio", "payment_consistency", "total_invoiced"]


def portfolio(seed: int, world: str, n_customers: int = 200, model: str = "kmeans"):
    features = compute_features(simulate_ledger(n_customers, seed=seed, world=world).ledger)
    k = 4 if MODELS[model].size_criterion else None
    return features, segment(features, model, k, k_range=(4, 4), compare=False)


@pytest.fixture(scope="module")
def easy():
    features, made = portfolio(1, "easy")
    return features, made, explain_segments(made, features)


@pytest.fixture(scope="module")
def four(four_kinds):
    made = segment(four_kinds[0], names=NAMES, compare=False)
    return made, explain_segments(made, four_kinds[0])


def held_out_and_fresh(seeds: range, world: str) -> pd.DataFrame:
    """What is stated of each segment's rule, and what the rule does among strangers of the same world."""
    rows = []
    for seed in seeds:
        features, made = portfolio(seed, world)
        explanation = explain_segments(made, features)
        strangers = compute_features(simulate_ledger(1000, seed=seed + 10_000, world=world).ledger)
        placed = made.assign(strangers)
        known = strangers.frame[~placed["status"].str.startswith("not enough")]
        frame = features.frame.loc[made._assigner.preparation.transform(features).index]
        for k, rule in explanation.by_segment.items():
            is_in = (placed.loc[known.index, "segment"] == k).to_numpy()
            right = int((rule.picks(known) & is_in).sum())
            own = (made.labels_[frame.index] == k).to_numpy()
            picked = rule.picks(frame)
            rows.append(
                {
                    **explanation.rules.loc[k].to_dict(),
                    "fresh precision": right / max(rule.picks(known).sum(), 1),
                    "fresh coverage": right / max(is_in.sum(), 1),
                    "own precision": (picked & own).sum() / picked.sum(),
                    "own coverage": (picked & own).sum() / own.sum(),
                }
            )
    return pd.DataFrame(rows)


def test_rules_of_the_easy_world_are_right_on_customers_they_were_not_learnt_from(easy):
    _, _, explanation = easy
    assert explanation.rules["is_described"].all()
    assert (explanation.rules[["precision", "coverage", "same_customers"]] >= 0.9).all().all()


def test_rules_find_the_kinds_that_the_simulator_made(easy):
    features, _, explanation = easy
    truth = simulate_ledger(200, seed=1, world="easy").truth.customers.set_index("customer_id")["segment"]
    for rule in explanation.by_segment.values():
        kinds = truth[features.frame.index[rule.picks(features.frame)]]
        assert kinds.value_counts(normalize=True).iloc[0] >= 0.9


def test_what_is_stated_is_what_strangers_show_also_in_a_world_without_structure():
    seen = pd.concat([held_out_and_fresh(range(2), world) for world in ("structureless", "realistic")])
    for what in ("precision", "coverage"):
        assert abs((seen[what] - seen[f"fresh {what}"]).mean()) <= 0.05
    stated, own = (seen[[f"{kind}precision", f"{kind}coverage"]].mean().mean() for kind in ("", "own "))
    assert own - stated > 0.02  # on its own customers a rule looks better than it is


@pytest.mark.slow
@pytest.mark.parametrize("world", ["easy", "realistic", "structureless"])
def test_in_40_portfolios_what_is_stated_is_what_strangers_show(world):
    seen = held_out_and_fresh(range(2000, 2040), world)
    for what in ("precision", "coverage"):
        inside = seen[f"fresh {what}"].between(seen[f"{what}_low"], seen[f"{what}_high"]).mean()
        means = seen[[f"own {what}", what, f"fresh {what}"]].mean().round(3).to_dict()
        print(f"{world} {what}: {means}, in the interval {inside:.3f}, {len(seen)} rules")
        assert abs((seen[what] - seen[f"fresh {what}"]).mean()) <= 0.03


def test_a_segment_that_is_none_gets_no_rule():
    """Labels drawn at random: held out, a rule is no better than chance, however it looks on its own customers."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(300, 6)), columns=list("abcdef"))
    for share in (0.1, 0.5, 0.9):
        is_in = rng.random(300) < share
        quality = rule_quality(frame, is_in, learn_rule(frame, is_in))
        assert abs(quality.precision - is_in.mean()) <= 0.15
        assert not explain._describes(quality, is_in.mean())


def test_a_segment_without_a_rule_says_so(four_kinds, four):
    features, _ = four_kinds
    made, _ = four
    mixed = made.labels_.copy()
    mixed[:] = np.random.default_rng(1).integers(0, 4, len(mixed))
    row = explain_segments(replace(made, labels_=mixed), features)
    assert not row.by_segment
    assert (row.rules["rule"] == "").all()
    assert row.rules["sentence"].str.contains("no rule of at most 3 conditions describes it").all()
    assert row.rules["sentence"].str.contains("would be chance").all()


def test_a_segment_of_few_customers_says_that_they_are_too_few(four_kinds, four):
    made, _ = four
    few = made.labels_.copy()
    few[:] = 0
    few.iloc[:4] = 1
    sentences = explain_segments(replace(made, labels_=few), four_kinds[0]).rules["sentence"]
    assert "all but 4 customers are in it" in sentences[0]
    assert "only 4 customers of those looked at are in it; a rule is learnt from at least 10" in sentences[1]


def test_held_out_customers_take_no_part_in_the_rule_that_judges_them():
    is_in = np.repeat([True, False], [23, 58])
    fold = folds(is_in, np.random.default_rng(0))
    for side in (is_in, ~is_in):
        counts = np.bincount(fold[side], minlength=5)
        assert counts.sum() == side.sum()
        assert np.ptp(counts) <= 1


def test_the_interval_is_wilsons():
    # the worked example of statsmodels: proportion_confint(9, 10, method="wilson")
    np.testing.assert_allclose(wilson(9, 10), (0.9, 0.5958499732047615, 0.9821237869049271))
    assert wilson(0, 0)[1:] == (0.0, 1.0)


def test_what_sets_a_segment_apart_has_a_direction_and_is_called_a_description(four):
    _, explanation = four
    late = explanation.apart.query("segment == 3 and feature == 'mean_days_late'").iloc[0]
    assert late["direction"] == "higher"
    assert late["effect"] > 2
    assert set(explanation.apart["feature"]) == set(NAMES)
    assert any("described, not tested" in note for note in explanation.notes)


def test_borderline_customers_are_nearer_to_another_segment_than_typical_ones(four_kinds, four):
    made, explanation = four
    prepared = made._assigner.preparation.transform(four_kinds[0])
    rows = pd.DataFrame(prepared.rows, index=prepared.index)
    middles = rows.groupby(made.labels_).median()
    for segment_, mine in explanation.customers.groupby("segment"):
        ids = mine.set_index("kind")["customer_id"]
        assert (made.labels_[ids] == segment_).all()
        others = middles.drop(index=segment_).to_numpy()
        share = {
            kind: np.mean(
                [
                    np.linalg.norm(rows.loc[i] - middles.loc[segment_])
                    / np.linalg.norm(rows.loc[i].to_numpy() - others, axis=1).min()
                    for i in ids[kind]
                ]
            )
            for kind in ("typical", "borderline")
        }
        assert share["typical"] < share["borderline"]
    border = explanation.customers.query("kind == 'borderline'")
    assert (border["other"] != border["segment"]).all()
    assert (border["called"] != "").all()


@pytest.mark.parametrize("model", sorted(m for m in MODELS if not MODELS[m].needs_categories))
def test_every_model_can_be_explained(model):
    features, made = portfolio(2, "realistic", 120, model)
    explanation = explain_segments(made, features)
    assert list(explanation.rules.index) == [card.segment for card in made.cards if card.segment >= 0]
    pd.testing.assert_frame_equal(explain_segments(made, features).rules, explanation.rules)
    for k, rule in explanation.by_segment.items():
        picked = rule.picks(features.frame)
        assert (made.labels_[picked] == k).mean() > 0.4  # the little known may be among those picked


def test_a_large_portfolio_is_sampled_and_that_is_said(four_kinds, four, monkeypatch):
    monkeypatch.setattr(explain, "SAMPLE", 150)
    explanation = explain_segments(four[0], four_kinds[0])
    assert explanation.rules["n_customers"].sum() == 150
    assert any("random sample of 150 of 220 customers" in note for note in explanation.notes)


def test_another_table_is_refused_and_no_segments_are_no_error(easy, four_kinds):
    features, made, _ = easy
    strangers = compute_features(simulate_ledger(250, seed=1, world="easy").ledger)
    with pytest.raises(SegmentationError, match="customers are not in the segmentation"):
        explain_segments(made, strangers)
    nothing = explain_segments(unsegmented(features, "nobody is known"), features)
    assert repr(nothing) == "Explanation(segments=0, described=0)"
    assert nothing.text() == "nobody is known"


def test_the_text_names_no_customer(easy):
    features, made, explanation = easy
    text = explanation.text() + repr(explanation)
    assert not any(customer in text for customer in features.frame.index)
    assert all(card.name in text for card in made.cards if card.segment >= 0)
