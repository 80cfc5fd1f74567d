"""Time and memory of `estimate_effects`: ``uv run python benchmarks/effects.py 1000000`` (invoices; ten of a customer)."""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd
from memory import peak_gb

from payseg_widgets.effects.estimate import estimate_effects
from payseg_widgets.effects.outcomes import OUTCOMES
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.settle import NEVER, Postings

DAY_ZERO, DAYS, N_REGIONS, N_SECTORS = 18_000, 1_100, 12, 21


def simulated(n_invoices: int, seed: int = 1) -> tuple[FeatureTable, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    n = n_invoices // 10
    counts = rng.multinomial(n_invoices - n, np.full(n, 1 / n)) + 1
    start, as_of = np.concatenate(([0], np.cumsum(counts))), DAY_ZERO + DAYS
    region, sector = rng.integers(0, N_REGIONS, n), rng.integers(0, N_SECTORS, n)
    own = 10 + 0.5 * region + 8 * rng.standard_normal(n)
    owner = np.repeat(np.arange(n), counts)
    issued = rng.integers(DAY_ZERO, as_of - 30, n_invoices)
    issued = issued[np.lexsort((issued, owner))].astype(np.int32)
    due = (issued + np.repeat(rng.choice([14, 30, 60], n), counts)).astype(np.int32)
    paid_on = (due + np.rint(np.repeat(own, counts) + 12 * rng.standard_normal(n_invoices))).astype(np.int32)
    rows = np.flatnonzero(paid_on <= as_of)
    rows = rows[np.lexsort((paid_on[rows], owner[rows]))]
    amount = np.rint(np.exp(rng.normal(10, 1, n_invoices))).astype(np.int64)
    payments = Postings(
        np.searchsorted(owner[rows], np.arange(n + 1)), paid_on[rows], rows.astype(np.int32), amount[rows]
    )
    ids = np.array([f"C{k:06d}" for k in range(n)])
    invoices = SettledInvoices.from_arrays(
        customer_ids=ids, start=start, issued=issued, due_agreed=due, due=due, amount=amount,
        closed_on=np.full(n_invoices, NEVER, np.int32), is_lost=np.zeros(n_invoices, bool), payments=payments, as_of=as_of,
    )  # fmt: skip
    customers = pd.DataFrame(
        {"customer_id": ids, "region": [f"R{k:02d}" for k in region], "sector": [f"S{k:02d}" for k in sector]}
    )
    empty = pd.DataFrame(index=pd.Index(ids, name="customer_id"))
    return FeatureTable(
        empty, (), pd.Timestamp(as_of, unit="D"), "late", "GBP", _invoices=invoices
    ), customers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("invoices", nargs="?", type=int, default=1_000_000)
    n = parser.parse_args().invoices
    payments, customers = simulated(n)
    before = peak_gb()
    for outcome in OUTCOMES:
        began = time.perf_counter()
        report = estimate_effects(payments, customers, by="region", outcome=outcome, interaction="sector")
        print(
            f"{outcome}: {time.perf_counter() - began:.1f} s, adjusted for {', '.join(report.adjusted_for)}; {report}"
        )
    print(
        f"{n:,} invoices, {len(customers):,} customers: peak {peak_gb():.2f} GB, {before:.2f} GB of it the data"
    )


if __name__ == "__main__":
    main()
