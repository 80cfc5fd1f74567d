"""Ten columns that know the future are refused, each with its reason; honest ones of many kinds are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import simulate_ledger
from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.sentinel import check_columns


def _day(days):
    return pd.Series(days.astype("datetime64[D]").astype("datetime64[s]"))


def world(seed):
    ledger = simulate_ledger(150, seed=seed, world="realistic").ledger
    return ledger, features_at_issue(ledger)


def leaks(ledger, at, rng):
    """What a clerk fills in when the money comes, or the system as time goes by."""
    settled = at.settled_on != NEVER
    on = pd.Series(np.where(settled, at.settled_on, 0)).where(settled)
    late = np.where(settled, at.settled_on, at.as_of) - at.due
    reminders = (
        ledger.reminders.groupby("invoice_row").size().reindex(range(len(at)), fill_value=0).to_numpy()
    )
    bucket = pd.cut(late, [-999, 0, 30, 60, 90, 9_999], labels=["in time", "1-30", "31-60", "61-90", "90+"])
    planted = {
        "cleared_on": _day(np.where(settled, at.settled_on, 0)).where(settled),
        "days_late": pd.Series(late).astype(float),
        "days_to_settle": on - at.issued,
        "status": np.where(settled, "closed", "open"),
        "weekday_of_clearing": _day(np.where(settled, at.settled_on, 0)).dt.day_name().where(settled),
        "amount_paid": np.where(settled, ledger.invoices["amount_minor"], 0),
        "reminders_sent": np.minimum(reminders, 3),
        "bucket_at_payment": np.asarray(bucket).astype(str),
        "payment_method": np.where(settled, rng.choice(["BACS", "card", "cheque"], len(at)), None),
        "days_late_rounded_to_weeks": np.round(late / 7),
    }
    return pd.DataFrame({name: np.asarray(values) for name, values in planted.items()}, index=at.frame.index)


def honest(ledger, at, rng):
    """What stands on the invoice, or is known of the customer, on the day it is issued."""
    customers = ledger.customers.set_index("customer_id").loc[at.customer_id]
    n, kinds = len(at), pd.factorize(at.customer_id)[0]
    risk = at.frame["late_ratio"].fillna(0.3) + rng.normal(0, 0.1, n)
    columns = {
        "amount": ledger.invoices["amount_minor"], "terms": at.due - at.issued, "due_on": _day(at.due),
        "issued_on": _day(at.issued),
        "region": customers["region"], "sector": customers["sector"], "size_band": customers["size_band"],
        "credit_limit": customers["credit_limit_minor"], "customer": at.customer_id, "customer_code": kinds,
        "invoice_number": np.argsort(np.argsort(at.issued, kind="stable"), kind="stable"),
        "clerk": rng.choice(["Kim", "Lee", "Sam"], n), "risk_at_issue": risk, "late_before": at.frame["late_ratio"],
        "mean_days_late_before": at.frame["mean_days_late"], "balance_before": at.frame["balance_ratio"],
        "order_number": np.where(rng.random(n) < 0.3, None, "PO"), "is_paper": kinds % 2 == 0,
        "promised_on": _day(at.due + rng.integers(-3, 4, n)), "contract_ends_on": _day(at.issued + rng.integers(30, 900, n)),
        "discount": rng.choice([0.0, 0.02], n), "weekday": at.frame["due_weekday"],
        **{f"noise_{k}": rng.normal(size=n) for k in range(8)},
    }  # fmt: skip
    return pd.DataFrame({name: np.asarray(values) for name, values in columns.items()}, index=at.frame.index)


@pytest.mark.parametrize("seed", [1, 2])
def test_all_planted_leaks_are_refused_and_hardly_an_honest_column(seed):
    ledger, at = world(seed)
    rng = np.random.default_rng(seed)
    found = check_columns(leaks(ledger, at, rng), at)
    assert found.kept == []
    assert found.table["reason"].str.endswith(".").all()
    fair = check_columns(honest(ledger, at, rng), at)
    assert fair.table["is_refused"].mean() <= 0.05, fair.table[fair.table["is_refused"]].to_string()


def test_reasons_say_what_gave_the_column_away():
    ledger, at = world(3)
    reasons = check_columns(leaks(ledger, at, np.random.default_rng(0)), at).table["reason"]
    assert "filled in at settlement" in reasons["weekday_of_clearing"]
    assert "tells open invoices from settled ones" in reasons["status"]
    assert "trace of what happened" in reasons["reminders_sent"]
    assert "tells late from in time" in reasons["bucket_at_payment"]


def test_an_older_export_shows_what_changes_with_settlement():
    _, at = world(4)
    rng = np.random.default_rng(0)
    then = pd.DataFrame({"note": rng.choice(["a", "b", "c", "d"], len(at))}, index=at.frame.index)
    settled = at.settled_on != NEVER
    now = then.assign(note=np.where(settled & (rng.random(len(at)) < 0.4), "called", then["note"]))
    assert check_columns(now, at).kept == ["note"]
    found = check_columns(now, at, earlier=then)
    assert found.table["reason"].iloc[0].startswith("Since the older export it has changed for ")
    assert check_columns(then, at, earlier=then).kept == ["note"]


def test_what_is_not_of_these_invoices_is_refused_with_a_sentence():
    _, at = world(5)
    with pytest.raises(ForecastError, match="none of the ledger's invoices"):
        check_columns(pd.DataFrame({"a": [1]}, index=["X"]), at)
    twice = pd.DataFrame({"a": [1, 2]}, index=[at.frame.index[0]] * 2)
    with pytest.raises(ForecastError, match="stands more than once"):
        check_columns(twice, at)
    empty = pd.DataFrame({"a": np.full(len(at), np.nan)}, index=at.frame.index)
    assert check_columns(empty, at).kept == ["a"]
