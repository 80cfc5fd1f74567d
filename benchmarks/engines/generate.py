"""Write a ledger of any size as `save_ledger` would, without the texts of invoice ids."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from payseg_widgets.ledger.schema import TABLES
from payseg_widgets.ledger.store import FORMAT, VERSION

AS_OF = 20_088  # 31 December 2024
_DAYS = 1096
_CHUNK = 100_000


def generate(folder: Path, n_customers: int, seed: int = 0) -> tuple[int, int]:
    """Write ``invoices.parquet`` and ``payments.parquet``; return how many rows they have."""
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, pq.ParquetWriter] = {}
    rows = {"invoices": 0, "payments": 0}
    for first in range(0, n_customers, _CHUNK):
        rng = np.random.default_rng([seed, first])
        tables = _chunk(rng, first, min(_CHUNK, n_customers - first), rows["invoices"])
        for name, table in tables.items():
            if name not in writers:
                writers[name] = pq.ParquetWriter(folder / f"{name}.parquet", table.schema, compression="zstd")
            writers[name].write_table(table, row_group_size=1 << 20)
            rows[name] += len(table)
    for writer in writers.values():
        writer.close()
    _write_the_rest(folder, n_customers, rows)
    return rows["invoices"], rows["payments"]


def _write_the_rest(folder: Path, n_customers: int, rows: dict[str, int]) -> None:
    """Write the customers, the tables that have no row, and what the ledger says of itself."""
    ids = pa.array(np.char.zfill(np.arange(n_customers).astype(str), 7))
    pq.write_table(pa.table({"customer_id": ids}), folder / "customers.parquet")
    for name in ("credit_notes", "reminders", "disputes"):
        kinds = {
            "category": pa.int32(),
            "int32": pa.int32(),
            "int64": pa.int64(),
            "datetime64[s]": pa.date32(),
        }
        fields = {
            column.replace("customer_id", "customer"): kinds[TABLES[name][column][0]]
            for column in TABLES[name]
        }
        pq.write_table(pa.schema(fields).empty_table(), folder / f"{name}.parquet")
    about = {
        "format": FORMAT, "version": VERSION, "as_of": str(np.datetime64(AS_OF, "D")), "currency": "GBP",
        "late_rule": {"due": "due_date", "grace_days": 0, "country": "GB"}, "is_pseudonymised": False, "names": False,
        "n_rows": {**dict.fromkeys(TABLES, 0), "customers": n_customers, **rows}, "provenance": {},
    }  # fmt: skip
    (folder / "ledger.json").write_text(json.dumps(about), encoding="utf-8")


def _chunk(rng: np.random.Generator, first: int, n: int, first_row: int) -> dict[str, pa.Table]:
    """Customers of lognormal size (10 invoices on average) who pay by habit; 4 % of invoices are never paid."""
    sizes = np.maximum(1, np.rint(rng.lognormal(1.8, 1.0, n))).astype(np.int64)
    customer = np.repeat(np.arange(n), sizes)
    issued = AS_OF - rng.integers(0, _DAYS, len(customer))
    order = np.lexsort((issued, customer))
    issued = issued[order]
    due = issued + rng.choice([14, 30, 60], n, p=[0.2, 0.6, 0.2])[customer]
    amount = np.maximum(100, rng.lognormal(rng.normal(10, 1, n)[customer], 0.6)).astype(np.int64)
    habit, spread = rng.gamma(2, 8, n) - 8, rng.gamma(4, 3, n)
    paid = np.maximum(issued, due + np.rint(rng.normal(habit[customer], spread[customer])).astype(np.int64))
    is_paid, in_parts = rng.random(len(paid)) > 0.04, rng.random(len(paid)) < 0.08
    rest = np.where(in_parts, amount // 3, 0)
    row = np.arange(len(amount))
    payment_row = np.concatenate((row[is_paid], row[is_paid & in_parts]))
    paid_on = np.concatenate((paid[is_paid], paid[is_paid & in_parts] + 20))
    money = np.concatenate(((amount - rest)[is_paid], rest[is_paid & in_parts]))
    known = paid_on <= AS_OF
    payment_row, paid_on, money = payment_row[known], paid_on[known], money[known]
    order = np.lexsort((payment_row, paid_on, customer[payment_row]))
    payment_row, paid_on, money = payment_row[order], paid_on[order], money[order]
    return {
        "invoices": pa.table(
            {
                "customer": _int32(customer + first),
                "issued_on": _date(issued),
                "due_on": _date(due),
                "amount_minor": pa.array(amount),
                "closed_on": pa.nulls(len(amount), pa.date32()),
                "closed_reason": pa.nulls(len(amount), pa.string()),
            }
        ),
        "payments": pa.table(
            {
                "customer": _int32(customer[payment_row] + first),
                "invoice_row": _int32(payment_row + first_row),
                "paid_on": _date(paid_on),
                "amount_minor": pa.array(money),
            }
        ),
    }


def _int32(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype(np.int32))


def _date(days: np.ndarray) -> pa.Array:
    return _int32(days).cast(pa.date32())
