"""Worlds in which all customers pay alike, or two kinds 10 days apart, and three ways to test segments on them.

uv run pytest tests/segmentation/test_later.py -m slow -s
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.features.compute import choose_measures, compute_columns
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger, assemble
from payseg_widgets.segmentation.later import LaterSeparation, separation
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.periods import behaviour, later_invoices, split_periods

N_CUSTOMERS, N_INVOICES, EVERY = 120, 40, 18
SPREAD, SERIAL, BATCH = 10.0, 0.6, 4
WORLDS = ("independent", "serial", "batches")


def world_of(kind: str, seed: int, *, apart: float = 0.0) -> tuple[Ledger, pd.Series]:
    """Return a ledger and each customer's true mean delay."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"C{i:03d}" for i in range(N_CUSTOMERS)])
    mean = 12 + apart * (np.arange(N_CUSTOMERS) % 2)
    delay = mean[:, None] + SPREAD * noise_of(kind, rng)
    issued = np.arange(N_INVOICES) * EVERY + rng.integers(0, EVERY, (N_CUSTOMERS, 1))
    due = issued + 30
    paid = np.maximum(due + np.rint(delay).astype(int), issued)
    first = np.datetime64("2023-01-02")
    invoices = pd.DataFrame(
        {
            "invoice_id": [f"I{i}" for i in range(issued.size)],
            "customer_id": np.repeat(ids, N_INVOICES),
            "issued_on": dates(first, issued),
            "due_on": dates(first, due),
            "amount_minor": 10_000,
            "closed_on": pd.Series(pd.NaT, index=range(issued.size), dtype="datetime64[s]"),
            "closed_reason": pd.Series(None, index=range(issued.size), dtype="str"),
        }
    )
    payments = pd.DataFrame(
        {
            "invoice_row": np.arange(issued.size, dtype="int32"),
            "customer_id": invoices["customer_id"],
            "paid_on": dates(first, paid),
            "amount_minor": 10_000,
        }
    )
    last = int(due.max()) + 61
    known = payments["paid_on"] <= pd.Timestamp(first) + pd.Timedelta(days=last)
    ledger = assemble(
        customers=pd.DataFrame({"customer_id": ids}),
        invoices=invoices,
        payments=payments[known],
        as_of=pd.Timestamp(first + last).as_unit("s"),
        currency="GBP",
    )
    return ledger, pd.Series(mean, index=ids)


def noise_of(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Unit noise of every invoice: drawn apart, an autoregression, or one draw for each four paid together."""
    shape = (N_CUSTOMERS, N_INVOICES)
    if kind == "batches":
        return np.repeat(rng.normal(size=(N_CUSTOMERS, N_INVOICES // BATCH)), BATCH, axis=1)
    noise = rng.normal(size=shape)
    if kind == "serial":
        for i in range(1, N_INVOICES):
            noise[:, i] = SERIAL * noise[:, i - 1] + np.sqrt(1 - SERIAL**2) * noise[:, i]
    return noise


def dates(first: np.datetime64, days: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex((first + days.ravel().astype("timedelta64[D]")).astype("datetime64[s]"))


def segments_of(invoices: SettledInvoices) -> pd.Series:
    measures = choose_measures(["mean_days_late", "on_time_ratio", "late_by_30_ratio", "payment_consistency"])
    rows = pd.DataFrame(compute_columns(invoices, measures)).fillna(0).to_numpy()
    rows = (rows - rows.mean(axis=0)) / np.maximum(rows.std(axis=0), 1e-9)
    return pd.Series(MODELS["kmeans"].quick().fit(rows, 3).labels, index=invoices.customer_ids)


def later(ledger: Ledger, seed: int) -> LaterSeparation:
    periods = split_periods(ledger)
    labels = segments_of(SettledInvoices.from_ledger(ledger.until(periods.until)))
    return separation(labels, behaviour(later_invoices(ledger, periods)), seed=seed, n_permutations=199)


def same_data(ledger: Ledger, seed: int) -> LaterSeparation:
    invoices = SettledInvoices.from_ledger(ledger)
    return separation(segments_of(invoices), behaviour(invoices), seed=seed, n_permutations=199)


def odd_even(ledger: Ledger, seed: int) -> LaterSeparation:
    invoices = SettledInvoices.from_ledger(ledger)
    is_odd = np.arange(len(invoices)) % 2 == 1
    labels = segments_of(invoices.subset(is_odd))
    return separation(labels, behaviour(invoices.subset(~is_odd)), seed=seed, n_permutations=199)


WAYS = {"later period": later, "same data": same_data, "odd against even": odd_even}
