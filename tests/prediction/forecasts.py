"""Forecasts written by hand, and ledgers whose later days are known, for the tests of feedback."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from payseg_widgets.ledger.schema import Ledger, assemble
from payseg_widgets.prediction.at_issue import AtIssue
from payseg_widgets.prediction.dates import PayDates
from payseg_widgets.prediction.dependence import Dependence
from payseg_widgets.prediction.forecast import PaymentForecast


def days(values):
    return pd.Series(pd.to_datetime(list(values)), dtype="datetime64[s]")


def forecast_of(rows, weeks, as_of="2024-03-31", common=0.0):
    """A forecast of ``(id, customer, open, due, p_late, q10, q50, q90)`` and weeks of ``(expected, p10, p90)``."""
    names = [
        "invoice_id",
        "customer_id",
        "outstanding_minor",
        "due_on",
        "p_late",
        "paid_q10",
        "paid_q50",
        "paid_q90",
    ]
    invoices = pd.DataFrame(rows, columns=names).set_index("invoice_id")
    for name in ("due_on", "paid_q10", "paid_q50", "paid_q90"):
        invoices[name] = days(invoices[name]).to_numpy()
    first = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    index = pd.DatetimeIndex(
        [*(first + pd.Timedelta(weeks=k) for k in range(len(weeks))), pd.NaT], name="week"
    )
    table = pd.DataFrame(
        [*((e, low, (low + high) // 2, high) for e, low, high in weeks), (0, 0, 0, 0)],
        columns=["expected_minor", "p10_minor", "p50_minor", "p90_minor"], index=index.astype("datetime64[s]"),
    )  # fmt: skip
    dates = PayDates(HistGradientBoostingClassifier(), 50)
    empty = pd.DataFrame()
    nothing = AtIssue(empty, *(np.empty(0) for _ in range(9)), as_of=0)
    return PaymentForecast(
        invoices, table, empty, empty, empty, pd.Timestamp(as_of), "GBP", Dependence(common, 0.0), dates, nothing, {},
    )  # fmt: skip


def ledger_of(invoices, payments=(), credit=(), as_of="2024-12-31"):
    """A ledger of ``(id, customer, issued, due, amount, closed, reason)``, ``(id, customer, day, amount)`` and credit alike."""
    table = pd.DataFrame(
        invoices,
        columns=[
            "invoice_id",
            "customer_id",
            "issued_on",
            "due_on",
            "amount_minor",
            "closed_on",
            "closed_reason",
        ],
    )
    for name in ("issued_on", "due_on", "closed_on"):
        table[name] = days(table[name])
    table = table.astype({"invoice_id": "str", "customer_id": "str", "closed_reason": "str"})
    money = {}
    for day, rows in (("paid_on", payments), ("issued_on", credit)):
        one = pd.DataFrame(rows, columns=["invoice_id", "customer_id", day, "amount_minor"])
        one[day] = days(one[day])
        money[day] = one.astype({"invoice_id": "str", "customer_id": "str", "amount_minor": "int64"})
    return assemble(
        customers=pd.DataFrame({"customer_id": table["customer_id"].unique()}).astype("str"), invoices=table,
        payments=money["paid_on"], credit_notes=money["issued_on"], as_of=pd.Timestamp(as_of), currency="GBP",
    )  # fmt: skip


def paid_later(ledger: Ledger, day: str, by_days: int) -> Ledger:
    """From a day on everybody pays so many days later; what would come after ``as_of`` is not known."""
    payments = ledger.payments
    moved = payments["paid_on"] > pd.Timestamp(day)
    on = payments["paid_on"] + pd.to_timedelta(np.where(moved, by_days, 0), unit="D")
    shifted = payments.assign(paid_on=on.astype("datetime64[s]"))
    return replace(ledger, payments=shifted[shifted["paid_on"] <= ledger.as_of].reset_index(drop=True))


def without(ledger: Ledger, gone) -> Ledger:
    """The export no longer holds some invoices nor their payments."""
    ids = ledger.invoices["invoice_id"].astype(str)
    kept = ~ids.isin(set(gone)).to_numpy()
    tables = {}
    for name in ("payments", "credit_notes", "reminders", "disputes"):
        table = getattr(ledger, name)
        row = table["invoice_row"].to_numpy()
        named = table[(row < 0) | kept[row]].copy()
        named["invoice_id"] = pd.Series(
            np.where(named["invoice_row"] < 0, None, ids.to_numpy()[named["invoice_row"]]),
            index=named.index,
            dtype="str",
        )
        tables[name] = named.drop(columns="invoice_row").astype({"customer_id": "str"})
    return assemble(
        customers=ledger.customers, invoices=ledger.invoices[kept].astype({"customer_id": "str"}), **tables,
        as_of=ledger.as_of, currency=ledger.currency, late_rule=ledger.late_rule,
    )  # fmt: skip
