"""The part of a study that people act on: it holds together, says what it leaves out, and finds its own mistakes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import (
    advise,
    compute_features,
    default_policy,
    parse_policy,
    predict_payments,
    run_study,
    simulate_ledger,
    statutory_interest,
)
from payseg_widgets.errors import Cancelled, UnknownNameError
from payseg_widgets.prediction.outlook import Outlook
from payseg_widgets.strategy.advice import CALL_DAYS, CALLS_A_DAY, Strategy
from payseg_widgets.strategy.figure_checks import check_figures


@pytest.fixture(scope="module")
def study():
    ledger = simulate_ledger(60, seed=5).ledger
    made = run_study(ledger, compare=False, n_segments=3, forecast=False, strategy=False)
    return replace(made, outlook=Outlook(predict_payments(ledger, n_draws=200)))


@pytest.fixture(scope="module")
def strategy(study):
    return advise(study)


def test_every_part_tells_of_the_same_open_balance(study, strategy):
    balance = study.invoices.outstanding.sum()
    assert strategy.plan.customers["outstanding_minor"].sum() == balance
    assert strategy.key_figures.table.loc["outstanding", "value"] == balance
    assert strategy.reserves.balance_minor == balance
    assert strategy.scenario.account["balance_minor"].tolist() == [balance, balance]
    assert strategy.worklist.calls["balance_minor"].sum() + strategy.worklist.left_minor == balance
    assert len(strategy.worklist.calls) <= CALLS_A_DAY * CALL_DAYS
    assert strategy.findings == ()
    assert strategy.notes == ()
    pd.testing.assert_frame_equal(strategy.interest, statutory_interest(study.ledger))


def test_the_list_of_calls_counts_as_lost_what_the_policy_does(study):
    sooner = parse_policy(default_policy().to_yaml().replace("loss_days: 180", "loss_days: 60"))
    made = advise(study, sooner)
    told = made.plan.customers["expected_loss_minor"][made.worklist.calls["customer_id"]]
    assert (made.worklist.calls["expected_loss_minor"].to_numpy() == told.round().to_numpy()).all()
    assert told.sum() > advise(study).plan.customers["expected_loss_minor"][told.index].sum()
    assert made.findings == ()


def test_reserves_are_by_the_segments_of_the_plan(strategy):
    made = strategy.reserves.matrix["balance_minor"].groupby(level="segment").sum()
    owed = strategy.plan.customers.groupby("letter")["outstanding_minor"].sum().rename({"–": "none"})
    assert made[made > 0].to_dict() == owed[owed > 0].to_dict()


def test_past_balances_have_the_segments_that_were_told_on_their_own_day(study, strategy):
    """Counted again: open invoices of each month end, by what the features of the ledger cut at it say of their customer."""
    letters = {card.segment: card.letter for card in study.segmentation.cards}
    counted = pd.Series(0, index=["A", "B", "C"])
    for day in pd.date_range("2022-01-31", "2023-12-31", freq="ME"):
        cut = study.ledger.until(day)
        features = compute_features(cut, study.segmentation.features)
        placed = study.segmentation.assign(features)["segment"].map(letters)
        is_open = features.invoices.outstanding > 0
        mine = cut.invoices[is_open].set_index("invoice_id")["customer_id"].astype(str)
        counted = counted.add(placed[mine].value_counts(), fill_value=0)
    told = strategy.reserves.matrix["n_balances"].groupby(level="segment").sum()
    assert told[["A", "B", "C"]].to_dict() == counted[["A", "B", "C"]].astype(int).to_dict()


def test_what_cannot_be_had_is_left_out_with_the_reason(study):
    euros = replace(study.ledger.until("2022-06-30"), currency="EUR")
    features = compute_features(euros)
    short = replace(
        study, ledger=euros, features=features, outlook=Outlook(None, notes=("Nobody asked.",)),
        segmentation=replace(study.segmentation, labels_=study.segmentation.labels_.reindex(features.frame.index)),
    )  # fmt: skip
    told = advise(short)
    assert (told.reserves, told.worklist, told.interest, told.scenario) == (None, None, None, None)
    said = " ".join(told.notes)
    for part in (
        "Nobody asked.",
        "No reserves: no balance was open",
        "No statutory interest: the ledger is in EUR",
    ):
        assert part in said
    assert told.plan is not None
    assert told.findings == ()
    assert told.sentences[0] == told.plan.sentence


def test_a_policy_reaches_the_plan_and_a_segment_it_cannot_know_is_named(study):
    mine = default_policy().changed("customers", "often_late", min_late_probability=0.3)
    assert advise(study, mine).plan.policy == mine
    wrong = parse_policy(default_policy().to_yaml().replace("segment_risk: {}", "segment_risk: {Z: high}"))
    with pytest.raises(UnknownNameError, match="Z"):
        advise(study, wrong)


def test_it_tells_its_steps_and_stopped_it_keeps_the_plan(study):
    seen = []
    advise(study, progress=lambda step, done, total: seen.append((step, done / total)))
    assert seen[0] == ("choosing actions", 0.0)
    assert [share for _, share in seen] == sorted(share for _, share in seen)

    class Stop:
        def is_set(self):
            return len(seen) > 4

    del seen[:]
    with pytest.raises(Cancelled) as stopped:
        advise(study, progress=lambda *step: seen.append(step), cancel=Stop())
    assert isinstance(stopped.value.finished, Strategy)
    assert stopped.value.finished.plan is not None
    assert stopped.value.finished.key_figures is None
    with pytest.raises(Cancelled) as at_once:
        advise(study, cancel=Stop())
    assert at_once.value.finished is None


def wrong_tables(figures, reserves, listed):
    """Spoil one figure at a time, with what must be found."""
    table = figures.table.copy()
    table.loc["high_risk_customers", "value"] = 11.0
    yield (
        "key figures, value, row high_risk_customers: 11.00",
        replace(figures, table=table),
        reserves,
        listed,
    )
    table = figures.table.copy()
    table.loc["outstanding", "value"] += 1
    yield "key figures, value: the rows add up to", replace(figures, table=table), reserves, listed
    shares = figures.risk_distribution.assign(share=0.4755)
    yield "risk distribution, share", replace(figures, risk_distribution=shares), reserves, listed
    ageing = figures.ageing.assign(in_30_days_minor=figures.ageing["in_30_days_minor"] + 1)
    yield "ageing, in_30_days_minor", replace(figures, ageing=ageing), reserves, listed
    by_segment = figures.by_segment.copy()
    by_segment.loc["all", "average_outstanding"] *= 21 / 19.7
    yield (
        "by segment, average_outstanding, row all",
        replace(figures, by_segment=by_segment),
        reserves,
        listed,
    )
    trend = figures.trend.assign(overdue_share=-0.1)
    yield "trend, overdue_share", replace(figures, trend=trend), reserves, listed
    account = figures.scenario.account.assign(lost_minor=1)
    yield (
        "scenario, scenario",
        replace(figures, scenario=replace(figures.scenario, account=account)),
        reserves,
        listed,
    )
    for name, column, value in (
        ("expected_loss", "value", -1.0),
        ("top10_expected_loss", "value", 10 * table.loc["expected_loss", "value"]),
        ("dso_countback", "value", -5.0),
        ("average_outstanding", "value", 1.0),
    ):
        table = figures.table.copy()
        table.loc[name, column] = value
        yield f"key figures, value, row {name}", replace(figures, table=table), reserves, listed
    rich = figures.riskiest.assign(outstanding=50 * figures.riskiest["outstanding"].astype(float))
    yield "riskiest, outstanding", replace(figures, riskiest=rich), reserves, listed
    weeks = figures.scenario.weeks
    turned = weeks.assign(p10_minor=weeks["p90_minor"], p90_minor=weeks["p10_minor"])
    upside_down = replace(figures, scenario=replace(figures.scenario, weeks=turned))
    yield "scenario by week, p50_minor", upside_down, reserves, listed
    yield (
        "provision matrix, rate",
        figures,
        replace(reserves, matrix=reserves.matrix.assign(rate=7.0)),
        listed,
    )
    matrix = reserves.matrix.assign(balance_minor=reserves.matrix["balance_minor"] + 1)
    yield "reserves, balance_minor", figures, replace(reserves, matrix=matrix), listed
    yield "worklist, balance_minor", figures, reserves, replace(listed, left_minor=listed.left_minor + 5)


def test_a_figure_that_cannot_be_right_is_found_wherever_it_stands(study, strategy):
    balance = int(study.invoices.outstanding.sum())
    good = (strategy.key_figures, strategy.reserves, strategy.worklist)
    assert check_figures(*good, balance_minor=balance) == ()
    for expected, *spoilt in wrong_tables(*good):
        found = [str(finding) for finding in check_figures(*spoilt, balance_minor=balance)]
        assert any(text.startswith(expected) for text in found), (expected, found)


def test_a_study_holds_it_unless_it_is_not_asked_for(study):
    assert study.strategy.plan is None
    assert study.strategy.sentences == ("No strategy was asked for.",)
    assert "no plan" in repr(study.strategy)
    assert not np.any([study.strategy.key_figures, study.strategy.scenario])
