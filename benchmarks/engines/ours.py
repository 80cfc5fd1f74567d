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
    """Read a file by row groups, straight into arrays of the final size."""
    about = pq.read_metadata(path)
    schema = about.schema.to_arrow_schema()
    sizes = [about.row_group(k).num_rows for k in range(about.num_row_groups)]
    ends = np.cumsum(sizes)
    columns = {f.name: np.empty(ends[-1], np.int64 if f.type == pa.int64() else np.int32) for f in schema}

    def fill(k: int) -> None:
        at = ends[k] - sizes[k]
        for batch in pq.ParquetFile(path).read_row_group(k, use_threads=False).to_batches():
            for name, values in zip(schema.names, batch.columns, strict=True):
                numbers = values.cast(pa.int32()) if pa.types.is_date32(values.type) else values
                columns[name][at : at + len(batch)] = numbers.to_numpy()
            at += len(batch)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, range(len(sizes))))
    return columns


def _starts(customer: np.ndarray, n_customers: int) -> np.ndarray:
    return np.searchsorted(customer, np.arange(n_customers + 1, dtype=customer.dtype)).astype(np.int64)
