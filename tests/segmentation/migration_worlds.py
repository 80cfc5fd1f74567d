"""Ledgers in which it is known who pays later than before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.ledger.simulate import simulate_ledger

BEFORE, AFTER = "2023-12-31", "2024-12-31"


def worsening_ledger(
    seed: int, *, days_worse: int, world: str = "easy", n_customers: int = 200, **options: object
) -> tuple[Ledger, set[str]]:
    """Three years at 12 invoices a year; half of the best payers pay so much later in the last.

    Returns the ledger as known at ``AFTER`` and the ids of those who pay later.
    """
    options = {"invoices_per_year": 12, "invoices_log_sd": 0.0, "regular": 1.0, **options}
    ledger, truth = simulate_ledger(
        n_customers, seed=seed, world=world, start="2022-01-01", end="2025-06-30", **options
    )
    rng = np.random.default_rng(seed)
    is_worse = (truth.customers["segment"] == 0) & (rng.random(n_customers) < 0.5)
    worse = set(truth.customers.loc[is_worse, "customer_id"])
    payments = ledger.payments
    named = payments["invoice_row"].to_numpy()
    issued = ledger.invoices["issued_on"].to_numpy()[np.maximum(named, 0)]
    is_later = payments["customer_id"].isin(worse) & (named >= 0) & (issued > np.datetime64(BEFORE))
    paid_on = payments["paid_on"] + pd.to_timedelta(np.where(is_later, days_worse, 0), unit="D")
    payments = payments.assign(paid_on=paid_on.astype("datetime64[s]"))
    payments = payments[payments["paid_on"] <= ledger.as_of]
    payments = payments.sort_values(["customer_id", "paid_on", "invoice_row"], ignore_index=True)
    return replace(ledger, payments=payments).until(AFTER), worse
