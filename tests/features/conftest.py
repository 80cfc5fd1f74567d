"""Ledgers that hold everything a feature can meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import LateRule, Ledger, simulate_ledger
from payseg_widgets.ledger.schema import TABLES, assemble, check_invariants

REASONS = ("written_off", "cancelled", "protested", "returned")


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """A ledger that holds everything: closings of each kind, bounced payments, every table, a rule of business days."""
    rule = LateRule("next_business_day", 2, "GB-SCT")
    simulated = simulate_ledger(40, seed=3, world="realistic", late_rule=rule).ledger
    invoices, payments = simulated.invoices.copy(), simulated.payments.copy()
    closed = np.arange(7, len(invoices), 29)
    invoices.loc[closed, "closed_on"] = invoices["issued_on"][closed]
    invoices.loc[closed, "closed_reason"] = np.resize(REASONS, len(closed))
    payments.loc[11::37, "amount_minor"] *= -1
    made = replace(simulated, invoices=invoices, payments=payments)
    check_invariants(made)
    assert all(len(getattr(made, name)) for name in ("credit_notes", "reminders", "disputes"))
    assert (made.payments["invoice_row"] < 0).any()
    assert made.payments["invoice_row"].duplicated().any()
    assert made.customers["credit_limit_minor"].notna().any()
    assert (made.invoices["due_on"].dt.day_of_week > 4).any()
    return made


@pytest.fixture(scope="session")
def silent(ledger: Ledger) -> Ledger:
    """A currency of three digits, the agreed due date, and customers without an invoice before, between and after."""
    return with_customers(ledger, ["A", "C00010a", "C00020a", "Z"], currency="KWD")


def with_customers(ledger: Ledger, ids: list[str], currency: str) -> Ledger:
    """The ledger with more customers, of whom it has no invoice, but of each a payment on account."""
    tables = {
        n: getattr(ledger, n).assign(customer_id=lambda t: t["customer_id"].astype("str")) for n in TABLES
    }
    customers = pd.DataFrame({"customer_id": pd.Series(ids, dtype="str")})
    paid = tables["payments"].iloc[: len(ids)].assign(customer_id=ids, invoice_row=np.int32(-1))
    tables["payments"] = pd.concat([tables["payments"], paid])
    tables["customers"] = pd.concat([tables["customers"], customers])
    return assemble(**tables, as_of=ledger.as_of, currency=currency)
