"""Features at issue are what was known then: cutting the ledger changes nothing, and a slow count by hand agrees."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import read_ledger, simulate_ledger
from payseg_widgets.ledger.schema import assemble
from payseg_widgets.ledger.settle import NEVER, settle
from payseg_widgets.prediction.at_issue import FEATURES, features_at_issue

OPTIONS = {
    "part_payments": 0.15,
    "credit_notes": 0.1,
    "disputes": 0.1,
    "on_account": 0.1,
    "few_invoices": 0.2,
}


@pytest.fixture(scope="module")
def ledger():
    return simulate_ledger(60, seed=4, world="realistic", **OPTIONS).ledger


@pytest.fixture(scope="module")
def at(ledger):
    return features_at_issue(ledger)


@pytest.mark.parametrize("day", ["2022-06-30", "2023-03-15", "2024-08-01"])
def test_what_happens_after_a_day_changes_nothing_that_was_known_on_it(ledger, at, day):
    then = features_at_issue(ledger.until(day))
    pd.testing.assert_frame_equal(then.frame, at.frame.loc[then.frame.index])
    seen = at.known_by(int(np.datetime64(day).astype("datetime64[D]").astype(int)))
    assert seen.frame.index.equals(then.frame.index)
    assert (seen.is_late == then.is_late).all()
    assert (seen.settled_on == then.settled_on).all()
    assert (seen.is_mature == then.is_mature).all()


def days(values):
    return pd.Series(pd.to_datetime(list(values)), dtype="datetime64[s]")


@pytest.fixture(scope="module")
def cancelled():
    """A customer whose invoices are cancelled, written off, or credited in full without naming them; a day between."""
    rows = [("a", "2023-01-05", "2023-02-04", "2023-03-01", "cancelled"), ("b", "2023-01-10", "2023-02-09", None, None),
            ("c", "2023-01-15", "2023-02-14", "2023-06-01", "written_off"), ("d", "2023-02-20", "2023-03-22", None, None),
            ("e", "2024-01-10", "2024-02-09", None, None)]  # fmt: skip
    invoices = pd.DataFrame(rows, columns=["invoice_id", "issued_on", "due_on", "closed_on", "closed_reason"])
    for name in ("issued_on", "due_on", "closed_on"):
        invoices[name] = days(invoices[name])
    invoices = invoices.assign(customer_id="C", amount_minor=10_000).astype(
        {"invoice_id": "str", "closed_reason": "str", "customer_id": "str"}
    )
    credit = pd.DataFrame({"customer_id": ["C", "C"], "amount_minor": [10_000, 10_000]}).astype(
        {"customer_id": "str"}
    )
    credit = credit.assign(
        invoice_id=pd.Series([None, None], dtype="str"), issued_on=days(["2023-01-20", "2024-03-01"])
    )
    payments = pd.DataFrame({"invoice_id": ["e"], "customer_id": ["C"], "amount_minor": [10_000]}).astype(
        {"invoice_id": "str", "customer_id": "str"}
    )
    return assemble(
        customers=pd.DataFrame({"customer_id": ["C"]}).astype("str"), invoices=invoices,
        payments=payments.assign(paid_on=days(["2024-02-20"])), credit_notes=credit,
        as_of=pd.Timestamp("2024-12-31"), currency="GBP",
    )  # fmt: skip


@pytest.mark.parametrize("day", ["2023-02-25", "2023-04-30", "2024-02-01"])
def test_later_cancelling_and_credit_change_nothing_either(cancelled, day):
    then, at = features_at_issue(cancelled.until(day)), features_at_issue(cancelled)
    pd.testing.assert_frame_equal(then.frame, at.frame.loc[then.frame.index])
    seen = at.known_by(int(np.datetime64(day).astype("datetime64[D]").astype(int)))
    assert seen.is_owed.tolist() == then.is_owed.tolist()
    assert seen.is_mature.tolist() == then.is_mature.tolist()
    assert seen.is_late.tolist() == then.is_late.tolist()


def test_what_is_cancelled_or_written_off_is_owed_no_longer(cancelled):
    own = features_at_issue(cancelled).frame.loc["e"]
    # a is credited as the oldest, then cancelled; c is written off; b is credited only later, d not at all
    assert own["n_open"] == 2
    assert own["balance_ratio"] == pytest.approx(2.0)


def test_a_slow_count_by_hand_agrees(ledger, at):
    table = ledger.invoices[["invoice_id", "customer_id", "issued_on", "due_on", "amount_minor"]].copy()
    table = table.assign(customer_id=table["customer_id"].astype(str), amount=table["amount_minor"] / 100)
    day = "datetime64[D]"
    for name in ("issued", "due", "overdue_on", "settled_on", "ended_on"):
        table[name] = getattr(at, name)
    table["late"] = (table["ended_on"] >= table["overdue_on"]).to_numpy()
    lost = ledger.invoices["closed_reason"].isin(["written_off", "protested"]).to_numpy()
    rng = np.random.default_rng(0)
    for row in rng.choice(len(table), 60, replace=False):
        one, now = table.iloc[row], table["issued"].iloc[row]
        own = table[(table["customer_id"] == one["customer_id"]) & (table["issued"] < now)]
        got = at.frame.iloc[row]
        assert got["n_before"] == len(own)
        overdue = own[(own["overdue_on"] <= now) & (own["ended_on"] >= now)]
        assert got["n_overdue"] == len(overdue)
        assert got["oldest_overdue_days"] == (now - overdue["due"].min() if len(overdue) else 0)
        assert got["n_open"] == (own["ended_on"] >= now).sum()
        late = own["late"] | lost[own.index]
        known = (
            np.where(
                late, own["overdue_on"], np.where(own["settled_on"] == NEVER, NEVER, own["settled_on"] + 1)
            )
            <= now
        )
        assert got["n_known"] == known.sum()
        assert got["n_late"] == (late & known).sum()
        paid = own[own["settled_on"] < now]
        delays = (paid["settled_on"] - paid["due"]).clip(-60, 180)
        if len(paid) > 1:
            assert got["days_late_sd"] == pytest.approx(delays.std())
            assert got["max_days_late"] == delays.max()
        if len(paid) + len(overdue):
            total = delays.sum() + (now - overdue["due"]).sum()
            assert got["mean_days_late"] == pytest.approx(total / (len(paid) + len(overdue)))
        if len(own):
            assert got["amount_ratio"] == pytest.approx(one["amount"] / own["amount"].mean())
            assert got["days_since_invoice"] == now - own["issued"].max()
        else:
            assert got[["amount_ratio", "late_ratio", "mean_days_late", "tenure_days"]].isna().all()
        issued = one["issued_on"].to_datetime64().astype(day)
        assert got["due_weekday"] == pd.Timestamp(one["due"], unit="D").weekday()
        assert got["due_day"] == pd.Timestamp(one["due"], unit="D").day
        assert got["issue_month"] == pd.Timestamp(issued).month


def test_the_balance_is_what_was_invoiced_less_what_came_in(ledger, at):
    payments, notes = ledger.payments, ledger.credit_notes
    rng = np.random.default_rng(1)
    forgone = settle(ledger).forgone_minor
    customers = ledger.invoices["customer_id"].astype(str)
    for row in rng.choice(len(at), 40, replace=False):
        now, who = ledger.invoices["issued_on"].iloc[row], customers.iloc[row]
        own = ledger.invoices[(customers == who) & (ledger.invoices["issued_on"] < now)]
        came = sum(
            table.loc[(table["customer_id"].astype(str) == who) & (table[on] < now), "amount_minor"].sum()
            for table, on in ((payments, "paid_on"), (notes, "issued_on"))
        )
        gone = forgone[own.index[own["closed_on"] < now]].sum()  # written off: owed no longer
        if len(own):
            balance = max(own["amount_minor"].sum() - came - gone, 0) / own["amount_minor"].mean()
            assert at.frame["balance_ratio"].iloc[row] == pytest.approx(balance)


def test_each_feature_has_a_meaning_and_no_infinite_value(at):
    assert at.frame.columns.tolist() == list(FEATURES)
    assert not np.isinf(at.frame.to_numpy()).any()
    assert repr(at) == f"AtIssue({len(at):,} invoices, {len(FEATURES)} features)"


def test_only_what_everybody_has_had_time_for_is_judged():
    rows = pd.DataFrame(
        {
            "invoice_id": ["A", "B", "C", "D", "E"], "customer_id": ["K", "K", "K", "L", "L"],
            "invoice_date": ["2024-01-01", "2024-02-01", "2024-03-01", "2024-01-15", "2024-03-10"],
            "due_date": ["2024-01-31", "2024-03-02", "2024-03-31", "2024-02-14", "2024-04-09"],
            "amount": [100, 100, 100, 100, 100],
            "paid_date": ["2024-02-10", None, "2024-03-05", "2024-02-14", "2024-03-20"],
        }
    )  # fmt: skip
    at = features_at_issue(read_ledger(rows, as_of="2024-03-25"))
    found = pd.DataFrame({"mature": at.is_mature, "late": at.is_late, "open": at.is_open}, at.frame.index)
    assert found["mature"].to_dict() == {
        "A": True,
        "B": True,
        "C": False,
        "D": True,
        "E": False,
    }  # C and E paid early
    assert found["late"].to_dict() == {"A": True, "B": True, "C": False, "D": False, "E": False}
    assert found["open"].to_dict() == {"A": False, "B": True, "C": False, "D": False, "E": False}
    assert at.frame.loc["C", ["n_before", "n_known", "n_late", "n_overdue"]].tolist() == [2, 1, 1, 0]
    assert at.frame.loc["C", "last_days_late"] == 10
    assert (
        at.frame.loc["B", "n_known"] == 1
    )  # A was overdue from its first day after the due date, whenever it was paid
