"""Customers in groups whose true differences are known, as arrays of invoices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.settle import Postings

DAY_ZERO, DAYS = 18_000, 1_100  # invoices of three years


def table_of(counts, delays, rng, *, never=None, terms=None, amounts=None):
    """A feature table without features: invoices of customers, delays one after the other.

    ``never`` marks invoices that are never paid. Due days are spread evenly at random over the window; what is paid after it is
    open.
    """
    counts = np.asarray(counts)
    start = np.concatenate(([0], np.cumsum(counts)))
    total, as_of = int(start[-1]), DAY_ZERO + DAYS
    owner = np.repeat(np.arange(len(counts)), counts)
    issued = rng.integers(DAY_ZERO, as_of - 30, total)
    order = np.lexsort((issued, owner))  # delays are exchangeable within a customer
    issued = issued[order].astype(np.int32)
    due = (issued + (30 if terms is None else np.repeat(terms, counts))).astype(np.int32)
    paid_on = (due + np.rint(delays)).astype(np.int32)
    is_paid = paid_on <= as_of
    if never is not None:
        is_paid &= ~never
    amount = (
        np.full(total, 10_000, np.int64) if amounts is None else np.repeat(amounts, counts).astype(np.int64)
    )
    rows = np.flatnonzero(is_paid)
    rows = rows[np.lexsort((paid_on[rows], owner[rows]))]
    payments = Postings(
        np.searchsorted(owner[rows], np.arange(len(counts) + 1)),
        paid_on[rows],
        rows.astype(np.int32),
        amount[rows],
    )
    ids = np.array([f"C{k:05d}" for k in range(len(counts))])
    invoices = SettledInvoices.from_arrays(
        customer_ids=ids, start=start, issued=issued, due_agreed=due, due=due, amount=amount,
        closed_on=np.full(total, np.iinfo(np.int32).max, np.int32), is_lost=np.zeros(total, bool), payments=payments, as_of=as_of,
    )  # fmt: skip
    frame = pd.DataFrame(index=pd.Index(ids, name="customer_id"))
    return FeatureTable(frame, (), pd.Timestamp(as_of, unit="D"), "late", "GBP", _invoices=invoices)


def draw(rng, groups, gaps, *, counts=20, between=8.0, within=12.0, base=20.0, shape="normal", extra=0.0):
    """Customers' own means and their invoices' delays; ``groups`` are codes, ``gaps`` what each adds in days."""
    n = len(groups)
    counts = np.broadcast_to(counts, n)
    own = base + np.asarray(gaps, float)[groups] + extra + between * rng.standard_normal(n)
    total, log_normal_sd = int(counts.sum()), np.sqrt(np.exp(0.36) * (np.exp(0.36) - 1))
    noise = {
        "normal": lambda: rng.standard_normal(total),
        "t5": lambda: rng.standard_t(5, total) / np.sqrt(5 / 3),
        "log-normal": lambda: (np.exp(0.6 * rng.standard_normal(total)) - np.exp(0.18)) / log_normal_sd,
    }[shape]()  # fmt: skip
    spread = np.repeat(np.broadcast_to(within, n), counts)
    return counts, np.repeat(own, counts) + spread * noise


def named(groups, prefix="G"):
    return [f"{prefix}{code:02d}" for code in groups]


def who(groups, **columns):
    """The customers' table that goes with `table_of`."""
    return pd.DataFrame(
        {"customer_id": [f"C{k:05d}" for k in range(len(groups))], "region": named(groups), **columns}
    )


def naive_interval(counts, delays, groups):
    """The difference of the first two groups with every invoice counted as if it stood for itself."""
    of = np.repeat(groups, counts)
    one, other = delays[of == 1], delays[of == 0]
    half = 1.96 * np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    gap = one.mean() - other.mean()
    return gap - half, gap + half
