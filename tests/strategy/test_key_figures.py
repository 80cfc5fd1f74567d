"""Key figures and their trend, each against a second computation from the tables of the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets import (
    default_policy,
    key_figures,
    make_plan,
    predict_payments,
    recommend,
    simulate_ledger,
)
from payseg_widgets.errors import Cancelled, StrategyError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.strategy.key_figures import refigured
from payseg_widgets.strategy.scenarios import top_delay
from payseg_widgets.strategy.trend import ledger_figures, looked_at, trend_of
from tests.ledger.test_cut import FIRST, built, days, fact, invoice
from tests.strategy.plan_worlds import segmented

#: The simulator pays each invoice by payments that name it, so that plain sums over the tables tell what is open.
MINE = (
    "outstanding",
    "average_outstanding",
    "overdue_share",
    "over_30_days_share",
    "dso_countback",
    "dso_classic",
)


@dataclass(frozen=True)
class Studied:
    ledger: object
    segmentation: object
    outlook: object

    @property
    def invoices(self):
        return SettledInvoices.from_ledger(self.ledger)


@pytest.fixture(scope="module")
def ledger():
    return simulate_ledger(60, seed=5).ledger


@pytest.fixture(scope="module")
def study(ledger):
    segmentation = segmented(
        ledger, {name: int(name[1:]) % 4 - 1 for name in ledger.customers["customer_id"]}
    )
    forecast = predict_payments(ledger, n_draws=200)
    return Studied(ledger, segmentation, SimpleNamespace(forecast=forecast, notes=()))


@pytest.fixture(scope="module")
def plan(study):
    return make_plan(study.ledger, study.segmentation, study.outlook.forecast)


@pytest.fixture(scope="module")
def figures(study, plan):
    return key_figures(study, plan)


def by_hand(ledger, day):
    """Work the ledger's own figures out in a plain loop over its tables; credit notes and closings as they are dated."""
    sales, owed, overdue, old, who = {}, 0, 0, 0, set()
    paid, credited = (
        table[table[on] <= day].groupby("invoice_row")["amount_minor"].sum().to_dict()
        for table, on in ((ledger.payments, "paid_on"), (ledger.credit_notes, "issued_on"))
    )
    for row, one in enumerate(ledger.invoices.itertuples()):
        if one.issued_on > day:
            continue
        who.add(one.customer_id)
        left = one.amount_minor - paid.get(row, 0) - credited.get(row, 0)
        is_closed = pd.notna(one.closed_on) and one.closed_on <= day and left > 0
        if is_closed and one.closed_reason not in ("written_off", "protested"):
            continue
        age = (day - one.issued_on).days
        sales[age] = sales.get(age, 0) + one.amount_minor
        if not is_closed:
            owed += left
            overdue += left * (one.due_on < day)
            old += left * ((day - one.due_on).days > 30)
    rest, back = owed, 0
    while rest > sales.get(back, 0):
        rest -= sales.get(back, 0)
        back += 1
    year = sum(money for age, money in sales.items() if age < 365)
    return dict(zip(MINE, (owed, owed / len(who), overdue / owed, old / owed, back + rest / sales[back], owed / year * 365),
                    strict=True))  # fmt: skip


@pytest.mark.parametrize("at", [0, 7, -1])
def test_the_figures_of_a_day_are_those_of_a_plain_loop_over_the_tables(ledger, figures, at):
    row = figures.trend.iloc[at]
    expected = by_hand(ledger, figures.trend.index[at])
    assert row[list(MINE)].to_dict() == pytest.approx(expected)
    best = expected["dso_classic"] * (1 - expected["overdue_share"])
    assert row["dso_best_possible"] == pytest.approx(best)


def test_the_share_of_customers_mostly_late_counted_customer_by_customer(ledger, figures):
    day = pd.Timestamp("2024-06-30")
    then = ledger.until(day)
    settled = SettledInvoices.from_ledger(then)
    table = then.invoices.assign(
        customer_id=then.invoices["customer_id"].astype(str), owed=settled.is_owed,
        paid_on=pd.to_datetime(np.where(settled.is_settled, settled.settled_on, 40_000), unit="D"),
    )  # fmt: skip
    since = (day - table["due_on"]).dt.days
    table = table[table["owed"] & since.between(1, 365)]
    share = (table["paid_on"] > table["due_on"]).groupby(table["customer_id"]).mean()
    assert figures.trend.loc[day, "late_customers"] == pytest.approx((share > 0.5).mean())


def test_days_beyond_terms_with_all_paid_is_the_mean_by_amount():
    rows = [("A", FIRST, 4, None), ("B", FIRST, 2, None)]
    paid = [("A", days_from(3), 4, 0), ("B", days_from(9), 2, 1)]
    invoices = SettledInvoices.from_ledger(built(rows, paid, []))
    assert ledger_figures(invoices)["days_beyond_terms"] == pytest.approx((4 * 3 + 2 * 9) / 6)


def days_from(n):
    return FIRST.replace(day=FIRST.day + n)


money = st.tuples(
    st.sampled_from("ABC"), days, st.sampled_from([-3, -1, 1, 2, 3]), st.none() | st.integers(0, 5)
)


@settings(max_examples=40)
@given(st.lists(invoice, min_size=1, max_size=6), st.lists(fact | money, max_size=8), days)
def test_a_day_of_the_trend_is_the_ledger_cut_at_it(invoices, payments, day):
    """Prepaid invoices, refunds, closings: whatever became known later has not happened."""
    ledger = built(invoices, payments, [])
    held_against_a_cut(ledger, pd.Timestamp(max(day, min(row[1] for row in invoices))))


@pytest.mark.parametrize("world", ["easy", "realistic"])
def test_a_year_of_the_trend_is_that_of_ledgers_cut_at_each_month_end(world):
    ledger = simulate_ledger(30, seed=6, world=world).ledger
    invoices = SettledInvoices.from_ledger(ledger)
    for number in looked_at(invoices, 3):
        held_against_a_cut(ledger, pd.Timestamp(number, unit="D"))


def held_against_a_cut(ledger, day):
    number = (day - pd.Timestamp(0)).days
    found = trend_of(SettledInvoices.from_ledger(ledger), [number]).loc[day].to_dict()
    cut = ledger_figures(SettledInvoices.from_ledger(ledger.until(day)))
    assert found == pytest.approx(cut, nan_ok=True, rel=1e-12)


def test_the_trend_ends_today_and_holds_figures_of_the_table_alone(ledger, figures):
    months = pd.date_range(end=ledger.as_of - pd.Timedelta(days=1), periods=12, freq="ME")
    assert figures.trend.index.tolist() == [*months, ledger.as_of]
    assert set(figures.trend) < set(figures.table.index)
    now = figures.trend.iloc[-1]
    assert figures.table.loc[now.index, "value"].to_dict() == now.to_dict()
    for name in ("high_risk_customers", "high_risk_balance"):
        assert "no trend" in figures.table.loc[name, "definition"]


def test_a_short_ledger_has_a_short_trend(ledger):
    invoices = SettledInvoices.from_ledger(ledger.until("2022-03-10"))
    assert len(looked_at(invoices, 12)) == 3  # January, February and the day itself


def test_every_figure_says_what_it_means_and_facts_have_no_interval(figures):
    table = figures.table
    assert table[["label", "definition", "formula", "sentence"]].map(bool).all(axis=None)
    assert set(table["unit"]) == {"share", "days", "minor"}
    with_interval = {"high_risk_customers", "mean_late_probability", "working_capital_top10_delay"}
    assert set(table.index[table["conf_low"].notna()]) == with_interval
    assert table.loc[table["unit"] == "share", "value"].between(0, 1).all()
    assert "\n" not in repr(figures)


def test_what_is_expected_adds_up_to_the_plan_and_the_forecast(study, plan, figures):
    value = figures.table["value"]
    loss = plan.customers["expected_loss_minor"].astype(int)
    assert value["expected_loss"] == loss.sum() == plan.invoices["expected_loss_minor"].sum()
    assert value["top10_expected_loss"] == np.sort(loss)[::-1][:10].sum()
    assert (
        figures.riskiest.index.tolist()
        == loss.sort_values(ascending=False, kind="stable").index[:10].tolist()
    )
    ageing, balance = figures.ageing, study.outlook.forecast.balance_minor
    assert ageing[["now_minor", "in_30_days_minor"]].sum().tolist() == [balance, balance]
    assert ageing[["now_share", "in_30_days_share"]].sum().tolist() == pytest.approx([1, 1])


def test_the_ageing_to_come_is_counted_invoice_by_invoice(study, figures):
    forecast = study.outlook.forecast
    still, old = 1 - forecast.invoices["p_paid_30"], forecast.invoices["days_past_due"] + 30 > 30
    money = forecast.invoices["outstanding_minor"]
    expected = (money * still)[old].sum() / money.sum()
    assert figures.table.loc["ageing_over_30_in_30_days", "value"] == pytest.approx(expected, abs=1e-6)
    assert figures.ageing.loc["paid", "in_30_days_share"] == pytest.approx(
        1 - (money * still).sum() / money.sum(), abs=1e-6
    )


def test_the_effect_of_a_delay_is_the_largest_gap_between_two_sums_of_cash(study, plan):
    figures = key_figures(study, plan, delay_days=45, n_months=1)
    forecast = study.outlook.forecast
    assert figures.scenario.impact.equals(top_delay(forecast, days=45, n=10).impact)
    owed = forecast.invoices.groupby("customer_id")["outstanding_minor"].sum()
    rows = forecast.invoices["customer_id"].isin(owed.nlargest(10).index).to_numpy()
    unpaid = forecast.dates.unpaid(forecast.seen)
    money, gaps = forecast.invoices["outstanding_minor"].to_numpy(), []
    for ahead in range(1, 7 * (len(forecast.weeks) - 1) + 1):
        came, delayed = (
            1 - unpaid.ahead(float(day)) if day > 0 else np.zeros(len(money)) for day in (ahead, ahead - 45)
        )
        gaps.append((money * (came - delayed))[rows].sum())
    row = figures.table.loc["working_capital_top10_delay"]
    assert row["value"] == pytest.approx(max(gaps), rel=1e-6)
    assert row["conf_low"] <= row["conf_high"]


def test_segments_add_up_and_say_which_are_of_high_risk(plan, figures):
    table = figures.by_segment
    assert table.index.tolist() == ["A", "B", "C", "–", "all"]
    assert table["is_high_risk"].tolist() == [False, False, True, False, False]
    parts, whole = table.iloc[:-1], table.loc["all"]
    for column in ("n_customers", "outstanding_minor", "expected_loss_minor"):
        assert parts[column].sum() == whole[column]
    owed = whole["outstanding_minor"] / figures.minor_per_unit / len(plan.customers)
    assert whole["average_outstanding"] == pytest.approx(owed)
    assert whole["dso_count_back"] == figures.table.loc["dso_countback", "value"]
    share = table.loc["C", "outstanding_minor"] / whole["outstanding_minor"]
    assert figures.table.loc["high_risk_balance", "value"] == pytest.approx(share)


def test_without_a_forecast_what_needs_one_is_left_out_and_the_notes_say_why(study):
    without = Studied(
        study.ledger, study.segmentation, SimpleNamespace(forecast=None, notes=("Nobody asked.",))
    )
    figures = key_figures(without, make_plan(study.ledger, study.segmentation), n_months=1)
    gone = {
        "expected_loss",
        "top10_expected_loss",
        "ageing_over_30_in_30_days",
        "working_capital_top10_delay",
    }
    assert not gone & set(figures.table.index)
    assert figures.ageing is None
    assert figures.scenario is None
    assert figures.riskiest.empty
    assert "Nobody asked." in figures.notes[0]
    assert figures.table.loc["mean_late_probability", "value"] > 0
    assert "Customers in high-risk segments" in figures.sentence


@pytest.mark.parametrize(
    "wrong", [{"delay_days": 0}, {"n_months": 1.5}, {"n_months": -1}, {"n_months": None}, {"delay_days": "x"}]
)
def test_a_wrong_number_is_quoted(study, plan, wrong):
    name, value = next(iter(wrong.items()))
    with pytest.raises(StrategyError, match=f"{name}={value!r}"):
        key_figures(study, plan, **wrong)


def test_a_plan_of_another_day_is_refused(study, plan):
    early = Studied(study.ledger.until("2024-06-30"), study.segmentation, study.outlook)
    with pytest.raises(StrategyError, match="2024-12-31"):
        key_figures(early, plan)


@pytest.mark.parametrize("has_forecast", [True, False])
def test_figures_of_another_policy_are_those_worked_out_from_scratch(study, has_forecast):
    if not has_forecast:
        study = replace(study, outlook=SimpleNamespace(forecast=None, notes=()))
    known = key_figures(study, recommend(study))
    policy = default_policy().changed("customers", "often_late", min_late_probability=0.1)
    other = recommend(study, replace(policy, loss_days=60, segment_risk={"A": "high"}))
    made, wanted = refigured(known, other), key_figures(study, other)
    assert not wanted.table.equals(known.table)
    for name in ("table", "trend", "by_segment", "riskiest", "risk_distribution"):
        pd.testing.assert_frame_equal(getattr(made, name), getattr(wanted, name))
    if has_forecast:
        pd.testing.assert_frame_equal(made.ageing, wanted.ageing)
        pd.testing.assert_frame_equal(made.scenario.impact, wanted.scenario.impact)
    assert (made.notes, made.sentence, repr(made)) == (wanted.notes, wanted.sentence, repr(wanted))


def test_figures_are_not_carried_over_to_other_segments_or_another_day(figures, plan):
    fewer = plan.clusters.iloc[1:]
    later = plan.as_of + pd.Timedelta(days=1)
    for other in (replace(plan, clusters=fewer), replace(plan, as_of=later)):
        with pytest.raises(StrategyError, match=r"or of other segments: give key_figures\(study, plan\)"):
            refigured(figures, other)


def test_steps_are_told_and_work_stops_between_them(study, plan):
    told = []

    class Stop:
        def is_set(self):
            return len(told) >= 4

    with pytest.raises(Cancelled):
        key_figures(study, plan, progress=lambda *step: told.append(step), cancel=Stop())
    assert [done for _, done, _ in told] == [0, 1, 2, 3]
    assert told[0] == ("looking at 2023-12-31", 0, 15)
