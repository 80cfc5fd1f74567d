"""Worklists: values by hand, a capacity that is kept, balances that add up, and contacts beside what was paid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import make_plan, predict_payments, record_contacts, simulate_ledger, worklist
from payseg_widgets.errors import ForecastError
from payseg_widgets.prediction.dates import ENDS, Unpaid
from payseg_widgets.strategy.expected_loss import expected_losses, loss_chances
from payseg_widgets.strategy.worklist import days_after_due
from tests.strategy.plan_worlds import segmented

DAY = "2024-09-30"


@pytest.fixture(scope="module")
def simulated_world():
    return simulate_ledger(60, seed=5, world="realistic")


@pytest.fixture(scope="module")
def forecast(simulated_world):
    return predict_payments(simulated_world.ledger, DAY, n_draws=100)


@pytest.fixture(scope="module")
def listed(forecast):
    return worklist(forecast, calls_a_day=4, days=3)


def test_nearly_all_is_not_all_and_one_is_one(listed):
    one = replace(
        listed, calls=listed.calls.head(1).assign(balance_minor=9_999), left_minor=1, n_left=1, n_left_out=0
    )
    assert one.sentence.startswith(
        "1 call reaches over 99% of the open balance; 1 customer who owes something is left out."
    )


def test_only_days_after_the_due_date_are_waited_for():
    ends = np.vstack([
        np.where(ENDS < 11, 1.0, 0.0),  # paid on day 9 to 11 after the due date, which is 20 days ahead
        np.where(ENDS < 11, 1.0, 0.0),  # the same, 5 days past due now
        np.ones(len(ENDS)),  # 30 days past due, never paid
        np.zeros(len(ENDS)),  # over two years past due: counted as never paid
    ])  # fmt: skip
    found = days_after_due(Unpaid(np.array([-20.0, 5.0, 30.0, 800.0]), ends))
    assert found == pytest.approx([10, 5, 120, 120], abs=0.6)


def test_what_is_unpaid_so_many_days_after_its_due_date_is_expected_to_be_lost():
    # paid for sure between days 90 and 180 after it is due; due in 20 days, 100 and 200 days ago
    half = np.interp(ENDS, [90, 120, 180], [1.0, 0.5, 0.0])
    open_days = np.array([-20.0, 100.0, 200.0])
    unpaid = Unpaid(open_days, np.where(open_days[:, None] >= ENDS, 1.0, half))
    assert loss_chances(unpaid, 90)[0] == pytest.approx(1)
    assert loss_chances(unpaid, 180)[0] == pytest.approx(0)
    assert loss_chances(unpaid, 90)[1:].tolist() == [1, 1]
    assert loss_chances(unpaid, 180)[2] == 1  # longer unpaid already
    assert expected_losses(np.array([1_000, 101]), np.array([0.25, 0.5])).tolist() == [250, 50]


def test_a_customer_has_one_expected_loss_in_worklist_and_plan(simulated_world, forecast):
    ledger = simulated_world.ledger.until(DAY)
    everybody = dict.fromkeys(ledger.customers["customer_id"].astype(str), 0)
    plan = make_plan(ledger, segmented(ledger, everybody), forecast)
    calls = worklist(forecast, calls_a_day=1_000).calls.set_index("customer_id")
    told = plan.customers["expected_loss_minor"].reindex(calls.index)
    assert calls["expected_loss_minor"].tolist() == told.tolist()
    earlier = worklist(forecast, calls_a_day=1_000, loss_days=60)
    assert earlier.calls["expected_loss_minor"].sum() > calls["expected_loss_minor"].sum()
    assert earlier.calls["reason"].str.contains("may still be unpaid 60 days after its due date").all()


def test_values_follow_from_the_assumption(forecast, listed):
    calls = listed.calls
    by_hand = 0.1 * (calls["amount_days"] * 0.08 / 365 + calls["expected_loss_minor"])
    assert calls["value_minor"].to_numpy() == pytest.approx(by_hand.to_numpy())
    assert calls["value_minor"].is_monotonic_decreasing
    half = worklist(forecast, calls_a_day=4, days=3, assumed_effect=0.05)
    assert (
        half.calls["customer_id"].tolist() == calls["customer_id"].tolist()
    )  # the assumption scales, ranks stay
    assert half.calls["value_minor"].to_numpy() == pytest.approx(calls["value_minor"].to_numpy() / 2)


def test_figures_of_a_customer_are_those_of_its_invoices(forecast, listed):
    by_customer = forecast.invoices.groupby("customer_id")
    calls = listed.calls.set_index("customer_id")
    assert calls["balance_minor"].equals(by_customer["outstanding_minor"].sum().reindex(calls.index))
    overdue = forecast.invoices.query("days_past_due > 0").groupby("customer_id")
    assert (calls["overdue_minor"] == overdue["outstanding_minor"].sum().reindex(calls.index).fillna(0)).all()
    assert (
        calls["oldest_days_past_due"] == overdue["days_past_due"].max().reindex(calls.index).fillna(0)
    ).all()
    assert (calls["expected_loss_minor"] <= calls["balance_minor"]).all()


def test_capacity_is_kept_and_list_and_rest_are_the_open_balance(forecast, listed):
    assert listed.calls["day"].tolist() == [1] * 4 + [2] * 4 + [3] * 4
    n_owing = forecast.invoices["customer_id"].nunique()
    assert listed.n_left == n_owing - 12
    assert listed.calls["balance_minor"].sum() + listed.left_minor == forecast.balance_minor
    assert listed.invoices["outstanding_minor"].sum() == listed.calls["balance_minor"].sum()
    whole = worklist(forecast, calls_a_day=1_000)
    assert (whole.n_left, whole.left_minor) == (0, 0)


def test_who_is_held_out_is_not_called(forecast, listed):
    out = listed.calls["customer_id"].iloc[:3].tolist()
    without = worklist(forecast, calls_a_day=4, days=3, leave_out=out)
    assert not without.calls["customer_id"].isin(out).any()
    assert without.calls["customer_id"].tolist()[:9] == listed.calls["customer_id"].tolist()[3:]
    assert without.calls["balance_minor"].sum() + without.left_minor == forecast.balance_minor


@pytest.mark.parametrize("kind", [list, pd.Index, pd.Series, np.array, set])
def test_customers_to_leave_out_are_given_in_any_collection(forecast, listed, kind):
    out = [*listed.calls["customer_id"].iloc[:2], "owes nothing"]
    without = worklist(forecast, calls_a_day=4, days=3, leave_out=kind(out))
    assert not without.calls["customer_id"].isin(out).any()
    assert without.n_left_out == 2
    assert "2 of them as asked" in without.sentence


def test_customers_to_leave_out_who_are_nobody_are_refused(forecast, listed):
    first = listed.calls["customer_id"].iloc[0]
    for nobody in ([first.lower()], [123], pd.Index(["NOPE"])):
        with pytest.raises(ForecastError, match="none of the 1 customer to leave out owes anything"):
            worklist(forecast, leave_out=nobody)
    with pytest.raises(ForecastError, match="leave_out is a text"):
        worklist(forecast, leave_out=first)


@pytest.mark.parametrize("option", ["calls_a_day", "days", "loss_days", "assumed_effect", "cost_of_capital"])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), None, "3", True, -1])
def test_what_is_no_number_in_its_range_is_refused(forecast, option, wrong):
    with pytest.raises(ForecastError, match=f"{option}="):
        worklist(forecast, **{option: wrong})


def test_a_whole_number_may_be_a_float(forecast, listed):
    assert worklist(forecast, calls_a_day=4.0, days=3.0).calls.equals(listed.calls)


def test_words_state_the_assumption_and_name_nobody(listed):
    assert "Assumed, not measured" in listed.sentence
    assert (
        listed.calls["reason"]
        .str.match(r"Owes GBP [\d,]+.*days past due still to be waited on average")
        .all()
    )
    for customer in listed.calls["customer_id"]:
        assert customer not in listed.sentence + repr(listed) + "".join(listed.calls["reason"])


def test_contacts_stand_beside_what_was_paid(simulated_world, listed):
    ledger = simulated_world.ledger
    first, second = listed.calls["customer_id"].iloc[:2]
    contacts = pd.DataFrame(
        {
            "customer_id": [first, first, second],
            "contacted_on": ["2024-10-09", "2024-10-02", "2024-10-03"],
            "result": ["b", "a", "c"],
        }
    )
    table = record_contacts(listed, contacts, ledger)
    assert table["n_contacts"].tolist()[:3] == [2, 1, 0]
    assert table.loc[1, "contacted_on"] == pd.Timestamp("2024-10-02")
    assert table["result"].tolist()[:2] == ["b", "c"]
    rows = pd.Index(ledger.invoices["invoice_id"]).get_indexer(listed.invoices.index)
    for rank, contacted in ((1, "2024-10-02"), (2, "2024-10-03")):
        own = rows[(listed.invoices["customer_id"] == table.loc[rank, "customer_id"]).to_numpy()]
        payments = ledger.payments[ledger.payments["invoice_row"].isin(own)]
        since = payments[payments["paid_on"] > DAY]
        assert table.loc[rank, "paid_minor"] == since["amount_minor"].sum()
        assert (
            table.loc[rank, "paid_after_contact_minor"]
            == since.loc[since["paid_on"] > contacted, "amount_minor"].sum()
        )
    assert table["paid_after_contact_minor"].isna().tolist()[2:] == [True] * 10
    assert (table["paid_minor"] + table["open_minor"] <= table["balance_minor"]).all()


def test_rows_without_a_day_are_of_nobody_who_was_contacted(simulated_world, listed):
    who = listed.calls["customer_id"].iloc[:4].tolist()
    contacts = pd.DataFrame({"customer_id": who, "contacted_on": ["2024-10-02", "", " ", None]})
    table = record_contacts(listed, contacts, simulated_world.ledger)
    assert table["n_contacts"].tolist() == [1] + [0] * 11
    with pytest.raises(ForecastError, match="contacted_on holds what is no date"):
        record_contacts(listed, contacts.assign(contacted_on="soon"), simulated_world.ledger)


def test_an_invoice_that_left_the_export_leaves_its_customer_unknown(simulated_world, listed):
    later = simulate_ledger(60, seed=6, world="realistic").ledger  # hardly one invoice in common
    contacts = pd.DataFrame({"customer_id": [], "contacted_on": []})
    table = record_contacts(listed, contacts, later)
    known = listed.invoices.index.isin(later.invoices["invoice_id"])
    whole = (
        pd.Series(known)
        .groupby(listed.invoices["customer_id"].to_numpy())
        .all()
        .reindex(table["customer_id"])
    )
    assert (table["paid_minor"].notna().to_numpy() == whole.to_numpy()).all()


def test_what_is_asked_wrongly_is_refused(simulated_world, forecast, listed):
    with pytest.raises(ForecastError, match="calls_a_day=0"):
        worklist(forecast, calls_a_day=0)
    with pytest.raises(ForecastError, match="assumed_effect=2"):
        worklist(forecast, assumed_effect=2)
    ledger, known = simulated_world.ledger, listed.calls["customer_id"].iloc[0]
    with pytest.raises(ForecastError, match="no column 'contacted_on'"):
        record_contacts(listed, pd.DataFrame({"customer_id": [known]}), ledger)
    with pytest.raises(ForecastError, match="1 contacts are of customers that are not on the list"):
        record_contacts(
            listed, pd.DataFrame({"customer_id": ["nobody"], "contacted_on": ["2024-10-02"]}), ledger
        )
    with pytest.raises(ForecastError, match="give a later ledger"):
        record_contacts(
            listed, pd.DataFrame({"customer_id": [known], "contacted_on": ["2024-09-01"]}), ledger
        )
