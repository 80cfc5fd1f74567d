"""Key figures of risk, each against a second computation."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from payseg_widgets import make_plan
from payseg_widgets.errors import StrategyError
from payseg_widgets.features.invoices import HORIZON_DAYS, SettledInvoices
from payseg_widgets.strategy.risk_kpis import (
    DEFINITIONS,
    average_outstanding,
    dso_by_segment,
    high_risk_figures,
    mean_late_probability,
    risk_distribution,
    riskiest,
)  # fmt: skip
from tests.strategy.plan_worlds import AS_OF, book, day, forecast_of, segmented


@pytest.fixture(scope="module")
def ledger():
    rng = np.random.default_rng(3)
    rows = []
    for _ in range(400):
        age, terms, took = int(rng.integers(0, 500)), 30, int(rng.integers(1, 110))
        paid = [(day(age - took), 0)] if took <= age else []
        amount = int(rng.integers(1_000, 90_000))
        rows.append(
            (
                f"C{rng.integers(0, 40):02}",
                day(age),
                day(age - terms),
                amount,
                [(d, amount) for d, _ in paid],
                None,
            )
        )
    return book(rows)


@pytest.fixture(scope="module")
def plan(ledger):
    rng = np.random.default_rng(4)
    n = int((SettledInvoices.from_ledger(ledger).outstanding > 0).sum())
    segment_of = {f"C{k:02}": k % 4 - 1 for k in range(40)}
    return make_plan(
        ledger, segmented(ledger, segment_of), forecast_of(ledger, rng.random(n), rng.random(n) ** 2)
    )


@pytest.fixture(scope="module")
def by_hand(ledger):
    """Open amounts from the tables of the ledger alone."""
    table = ledger.invoices.assign(paid=0, customer_id=ledger.invoices["customer_id"].astype("str"))
    paid = ledger.payments.groupby("invoice_row")["amount_minor"].sum()
    table["open"] = table["amount_minor"] - paid.reindex(table.index).fillna(0)
    table["segment"] = table["customer_id"].str[1:].astype(int) % 4 - 1
    table["age"] = (AS_OF - table["issued_on"]).dt.days
    return table


def test_high_risk_shares_are_those_of_segment_c(plan, by_hand):
    of_customers, balance = high_risk_figures(plan)
    n = by_hand.groupby("segment")["customer_id"].nunique()
    assert of_customers.value == pytest.approx(n[2] / n.sum())
    interval = proportion_confint(n[2], n.sum(), method="jeffreys")
    assert (of_customers.conf_low, of_customers.conf_high) == pytest.approx(interval)
    owed = by_hand.groupby("segment")["open"].sum()
    assert balance.value == pytest.approx(owed[2] / owed.sum())
    assert np.isnan(balance.conf_low)  # a fact
    assert all(kpi.definition and kpi.formula for kpi in (of_customers, balance))


def test_what_a_customer_owes_on_average(plan, by_hand):
    table = average_outstanding(plan)
    owed = by_hand.groupby(["segment", "customer_id"])["open"].sum() / 100
    for segment in (-1, 0, 1, 2):
        assert table.at[segment, "average_outstanding"] == pytest.approx(owed[segment].mean())
        assert table.at[segment, "average_owed"] == pytest.approx(owed[segment][owed[segment] > 0].mean())
    assert table["average_outstanding"].iloc[-1] == pytest.approx(owed.mean())


def test_the_riskiest_are_those_with_the_largest_expected_loss(plan):
    top = riskiest(plan, 5)
    losses = plan.invoices.groupby("customer_id")["expected_loss_minor"].sum().sort_values(ascending=False)
    assert top.index.tolist() == losses.index[:5].tolist()
    assert top["expected_loss"].tolist() == pytest.approx((losses[:5] / 100).tolist())
    assert top["expected_loss_share"].sum() == pytest.approx(losses[:5].sum() / losses.sum())


def test_without_a_forecast_nobody_is_called_riskiest(ledger, plan):
    segment_of = plan.customers["segment"].to_dict()
    with pytest.raises(StrategyError, match=r"made without a forecast. Run the study with one"):
        riskiest(make_plan(ledger, segmented(ledger, segment_of)))


def second_count_back(table: pd.DataFrame) -> float:
    """Count back day by day: the balance less each day's sales until nothing is left."""
    left, days = float(table["open"].sum()), 0.0
    for age in range(int(table["age"].max()) + 1):
        sales = float(table.loc[table["age"] == age, "amount_minor"].sum())
        if sales >= left:
            return days + left / sales if left else days
        left, days = left - sales, days + 1
    return np.nan


def test_dso_four_ways_and_days_beyond_terms(ledger, plan, by_hand):
    invoices = SettledInvoices.from_ledger(ledger)
    table = dso_by_segment(invoices, plan.customers["segment"].to_numpy())
    assert table.index.tolist() == [0, 1, 2, -1, "all"]
    for key, part in [*by_hand.groupby("segment"), ("all", by_hand)]:
        window = min(365, part["age"].max() + 1)
        sales = part.loc[part["age"] < window, "amount_minor"].sum() / window
        not_due = part.loc[part["due_on"] >= AS_OF, "open"].sum()
        row = table.loc[[key]].iloc[0]
        assert row["dso_classic"] == pytest.approx(part["open"].sum() / sales)
        assert row["dso_best"] == pytest.approx(not_due / sales)
        assert row["days_delinquent"] == pytest.approx((part["open"].sum() - not_due) / sales)
        assert row["dso_count_back"] == pytest.approx(second_count_back(part))


def test_days_beyond_terms_are_the_area_below_the_curve_of_statsmodels(ledger, plan):
    invoices = SettledInvoices.from_ledger(ledger)
    told = dso_by_segment(invoices, plan.customers["segment"].to_numpy())["days_beyond_terms"].iloc[-1]
    low = float(invoices.days_late.min())
    oracle = SurvfuncRight(
        invoices.days_late - low + 1, invoices.is_settled.astype(int), freq_weights=invoices.amount
    )
    times = np.concatenate([[low], oracle.surv_times + low - 1, [HORIZON_DAYS]])
    area = (np.concatenate([[1.0], oracle.surv_prob]) * np.diff(times)).sum()
    assert told == pytest.approx(low + area)


def test_the_distribution_of_risk_is_a_histogram(plan):
    table = risk_distribution(plan)
    late = plan.customers["late_probability"].dropna()
    counts, _ = np.histogram(late, bins=10, range=(0, 1))
    money, _ = np.histogram(
        late, bins=10, range=(0, 1), weights=plan.customers.loc[late.index, "outstanding_minor"]
    )
    assert table["n_customers"].tolist() == counts.tolist()
    assert table["outstanding_minor"].tolist() == money.tolist()
    assert table["share"].sum() == pytest.approx(1)
    assert table["outstanding_share"].sum() == pytest.approx(1)
    with pytest.raises(StrategyError, match="n_bins=0: give a whole number from 1 to 100"):
        risk_distribution(plan, n_bins=0)
    for wrong in (-1, 0, None, float("nan"), "3"):
        with pytest.raises(StrategyError, match="n="):
            riskiest(plan, wrong)


def test_a_probability_is_counted_between_the_ends_it_lies_between():
    late = np.arange(100) / 100  # 0.29 times 100 is 28.999...
    customers = pd.DataFrame({"late_probability": late, "outstanding_minor": 1})
    assert (
        risk_distribution(SimpleNamespace(customers=customers), n_bins=100)["n_customers"].tolist()
        == [1] * 100
    )


@pytest.mark.parametrize("late", [[1.0] * 59 + [0.2], [0.0, 0.0, 0.01, 0.5, 0.0]])
def test_where_nearly_all_are_alike_the_interval_of_the_mean_stays_a_probability(plan, late):
    names = [f"c{k}" for k in range(len(late))]
    customers = pd.DataFrame({"late_probability": late}, index=names)
    kpi = mean_late_probability(replace(plan, customers=customers))
    assert 0 <= kpi.conf_low < kpi.value < kpi.conf_high <= 1


def test_the_mean_late_probability_has_student_s_interval(plan):
    kpi, late = mean_late_probability(plan), plan.customers["late_probability"].dropna()
    interval = stats.ttest_1samp(late, 0).confidence_interval()
    assert kpi.value == pytest.approx(late.mean())
    assert (kpi.conf_low, kpi.conf_high) == pytest.approx((interval.low, interval.high))


def test_every_column_is_defined(ledger, plan):
    days = dso_by_segment(SettledInvoices.from_ledger(ledger), plan.customers["segment"].to_numpy())
    columns = {*average_outstanding(plan), *riskiest(plan), *days}
    assert set(DEFINITIONS) <= columns
    assert all(all(definition) for definition in DEFINITIONS.values())


def drawn(n, rng):
    """Customers of whom a fifth are of high risk and owe more, with balances as skewed as real ones."""
    is_high = rng.random(n) < 0.2
    owed = np.where(rng.random(n) < 0.6, rng.lognormal(8, 1.5, n), 0) * (1 + 0.6 * is_high)
    late = rng.beta(1 + 2 * is_high, 3)
    table = {
        "risk": np.where(is_high, "high", "low"),
        "outstanding_minor": owed.astype(np.int64),
        "late_probability": late,
    }
    return SimpleNamespace(customers=pd.DataFrame(table, index=np.arange(n).astype(str)))


def test_intervals_that_are_given_hold_and_the_usual_one_of_money_would_not():
    rng = np.random.default_rng(0)
    many = drawn(2_000_000, rng).customers
    truth = {"share": 0.2, "late": 0.8 * 1 / 4 + 0.2 * 3 / 6, "money": many["outstanding_minor"].mean()}
    held = pd.DataFrame(index=range(600), columns=list(truth), dtype=bool)
    for row in held.index:
        plan = drawn(150, rng)
        share, late = high_risk_figures(plan)[0], mean_late_probability(plan)
        money = stats.ttest_1samp(plan.customers["outstanding_minor"], 0).confidence_interval()
        ends = {"share": (share.conf_low, share.conf_high)}
        ends |= {"late": (late.conf_low, late.conf_high), "money": (money.low, money.high)}
        held.loc[row] = [low <= truth[name] <= high for name, (low, high) in ends.items()]
    covered = held.mean()
    print(covered.to_dict())
    assert 0.925 <= covered["share"] <= 0.975
    assert 0.925 <= covered["late"] <= 0.975
    assert covered["money"] < 0.9
