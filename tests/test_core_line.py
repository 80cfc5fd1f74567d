"""The straight line from a ledger to a study, without a screen."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import (
    Cancelled,
    EffectError,
    FeatureError,
    SegmentationError,
    StrategyError,
    UnknownNameError,
    compute_features,
    default_policy,
    enrich,
    run_study,
    segment,
)

pytestmark = pytest.mark.usefixtures("quick_forecasts")


def test_a_study_segments_every_customer(study):
    assert study.segmentation.labels_.index.equals(study.features.frame.index)
    assert len(repr(study)) <= 110


def test_money_by_segment_adds_up_to_the_portfolio(study):
    by_segment = study.kpis_by_segment
    parts = by_segment.drop(index="all")
    for column in ("n_customers", "n_invoices", "invoiced", "outstanding", "overdue"):
        assert parts[column].sum() == pytest.approx(by_segment.loc["all", column])


def test_the_ageing_buckets_sum_to_the_open_balance_to_the_penny(study):
    assert study.ageing_by_segment.to_numpy().sum() == study.invoices.outstanding.sum()


def test_each_customer_and_open_invoice_of_a_study_has_one_action(study):
    plan = study.strategy.plan
    assert plan.customers.index.equals(study.features.frame.index)
    assert len(plan.invoices) == (study.invoices.outstanding > 0).sum()
    assert study.strategy.findings == ()


def test_provenance_names_parameters_seed_and_versions(study):
    assert study.provenance["seed"] == 0
    assert study.provenance["parameters"]["model"] == "kmeans"
    assert study.provenance["versions"]["payseg-widgets"]


def test_progress_goes_forward_and_ends_complete(simulated):
    seen: list[tuple[str, int, int]] = []
    run_study(simulated.ledger, compare=False, n_segments=3, progress=lambda *step: seen.append(step))
    shares = {"features": [], "segmentation": [], "groups": [], "forecast": [], "strategy": []}
    for stage, done, total in seen:
        shares[stage if stage in shares else "segmentation"].append(done / total)
    for steps in shares.values():
        assert steps == sorted(steps)
        assert steps[-1] == 1.0


def test_region_and_sector_come_from_what_is_given_else_from_the_ledger(simulated):
    ledger, quick = (
        simulated.ledger,
        {"compare": False, "forecast": False, "strategy": False, "n_segments": 2},
    )
    own = run_study(ledger, **quick).groups
    assert own.customers["region_basis"].eq("ledger postcode").all()
    assert own.clusters is None  # asked only where models are compared
    told = pd.DataFrame({"region": "Wales", "sector": "Mining"}, index=ledger.customers["customer_id"])
    told.loc[told.index[:50], "region"] = "London"
    given = run_study(ledger, customers=told, **quick)
    assert given.groups.effects["region", "days_late"].groups["group"].tolist() == ["London", "Wales"]
    assert {by for by, _ in given.groups.effects} == {"region"}  # all have one sector
    none = run_study(ledger, effects=False, customers=told, **quick)
    assert none.groups.sentences == ("No groups were compared, as asked.",)
    assert none.provenance["parameters"]["effects"] is False
    assert none.customers["sector"].eq("Mining").all()  # told beside each customer all the same
    assert set(none.customers) >= {"size_band", "credit_limit_minor", "region"}
    with pytest.raises(EffectError, match="none of the"):
        run_study(ledger, customers=told.set_axis(told.index + "x"), **quick)


def test_whoever_looked_customers_up_is_in_the_provenance(simulated):
    quick = {"compare": False, "forecast": False, "strategy": False, "n_segments": 2}
    found = enrich(simulated.ledger)
    study = run_study(simulated.ledger, customers=found, **quick)
    assert study.provenance["customers"]["source"] == "ledger"
    assert set(study.groups.customers) < set(found.table)


def test_a_cancelled_study_keeps_what_was_finished(simulated):
    cancel = threading.Event()

    def stop_after_features(stage, done, total):
        if stage != "features":
            cancel.set()

    with pytest.raises(Cancelled) as stopped:
        run_study(simulated.ledger, progress=stop_after_features, cancel=cancel)
    assert len(stopped.value.finished["features"]) == len(np.unique(simulated.ledger.invoices["customer_id"]))


def test_a_study_cancelled_before_it_starts_does_nothing(simulated):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled, match="features"):
        run_study(simulated.ledger, cancel=cancel)


def test_an_unknown_model_says_which_was_meant(simulated):
    with pytest.raises(UnknownNameError, match="kmeans"):
        run_study(simulated.ledger, model="kmean")


def test_what_is_no_ledger_and_what_is_no_feature_table_is_refused_with_the_next_step(simulated):
    with pytest.raises(FeatureError, match=r"from a str.*read_ledger"):
        compute_features("invoices.csv")
    with pytest.raises(SegmentationError, match=r"from a Ledger.*compute_features"):
        segment(simulated.ledger)


def test_a_policy_for_no_strategy_is_refused(simulated):
    with pytest.raises(StrategyError, match="strategy=False"):
        run_study(simulated.ledger, strategy=False, policy=default_policy())


def test_a_policy_for_a_segment_there_is_not_is_refused_before_the_forecast(simulated):
    policy = replace(default_policy(), segment_risk={"Z": "high"})
    stages = []
    with pytest.raises(UnknownNameError, match=r"segment 'Z'\. There are: A, B"):
        run_study(
            simulated.ledger,
            compare=False,
            n_segments=2,
            policy=policy,
            progress=lambda *told: stages.append(told[0]),
        )
    assert "forecast" not in stages


def test_one_customer_is_too_few_to_segment(simulated):
    invoices = simulated.ledger.invoices
    first = invoices["customer_id"].iloc[0]
    one = compute_features(simulated.ledger)
    with pytest.raises(SegmentationError, match="1 customer"):
        segment(replace(one, frame=one.frame.loc[[first]]))
