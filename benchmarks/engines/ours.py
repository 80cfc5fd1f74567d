"""payseg_widgets: all its measures, from the numeric columns of a saved ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from payseg_widgets.features.compute import choose_measures, compute_columns
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.settle import NEVER, Postings


def run(folder: Path, as_of: int) -> pd.DataFrame:
    invoices, payments = (_columns(folder / f"{name}.parquet") for name in ("invoices", "payments"))
    n_customers = int(invoices["customer"][-1]) + 1
    due = invoices["due_on"]
    settled = SettledInvoices.from_arrays(
        customer_ids=np.arange(n_customers),
        start=_starts(invoices.pop("customer"), n_customers),
        issued=invoices["issued_on"],
        due_agreed=due,
        due=due,
        amount=invoices["amount_minor"],
        closed_on=np.full(len(due), NEVER, np.int32),
        is_lost=np.zeros(len(due), bool),
        payments=Postings(
            _starts(payments.pop("customer"), n_customers),
            payments["paid_on"],
            payments["invoice_row"],
            payments["amount_minor"],
        ),
        as_of=as_of,
    )
    return pd.DataFrame(compute_columns(settled, choose_measures(None)), copy=False)


def _columns(path: Path) -> dict[str, np.ndarray]:
    names = pq.read_schema(path).names
    with ThreadPoolExecutor(
        2
    ) as pool:  # two columns at a time: Arrow's copies are freed as soon as they are ours
        return dict(zip(names, pool.map(lambda name: _column(path, name), names), strict=True))


def _column(path: Path, name: str) -> np.ndarray:
    column = pq.ParquetFile(path).read(columns=[name]).column(0)
    numbers = (column.cast(pa.int32()) if pa.types.is_date32(column.type) else column).to_numpy()
    return np.require(numbers, requirements="W")  # as a ledger's arrays are


def _starts(customer: np.ndarray, n_customers: int) -> np.ndarray:
    return np.searchsorted(customer, np.arange(n_customers + 1)).astype(np.int64)
