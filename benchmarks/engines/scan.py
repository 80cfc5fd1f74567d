"""The floor: read every column once and add it up."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd


def run(folder: Path, as_of: int) -> pd.DataFrame:
    invoices = duckdb.sql(
        "SELECT sum(customer), sum(amount_minor), sum(issued_on - DATE '1970-01-01'), sum(due_on - DATE '1970-01-01') "
        f"FROM '{folder}/invoices.parquet'"
    ).df()
    payments = duckdb.sql(
        "SELECT sum(customer), sum(amount_minor), sum(invoice_row), sum(paid_on - DATE '1970-01-01') "
        f"FROM '{folder}/payments.parquet'"
    ).df()
    return pd.concat([invoices, payments], axis=1)
