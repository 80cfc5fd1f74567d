"""Features straight from the files of a saved ledger, a run of customers at a time.

A ledger of ten million invoices takes minutes to load and gigabytes to hold; its features need only the numbers in it.
The files are sorted by customer, so a run of customers is a run of rows in each of them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from payseg_widgets.errors import LedgerError
from payseg_widgets.features.ageing import DEFAULT_BUCKETS
from payseg_widgets.features.compute import LOT_INVOICES, choose_measures, measure_lot
from payseg_widgets.features.invoices import UNPAID_REASONS, SettledInvoices
from payseg_widgets.features.measure import Measure
from payseg_widgets.ledger.lateness import effective_due
from payseg_widgets.ledger.schema import LateRule, minor_digits
from payseg_widgets.ledger.settle import NEVER, Postings, epoch_days, lots, no_postings
from payseg_widgets.ledger.store import read_about

#: What is read of each table of events: its day and, where it has one, its money.
_EVENTS = {
    "payments": ("paid_on", "amount_minor"),
    "credit_notes": ("issued_on", "amount_minor"),
    "reminders": ("sent_on", None),
    "disputes": ("known_on", None),
}


def saved_features(
    folder: str | Path,
    names: Sequence[str] | None = None,
    *,
    buckets: Sequence[int] = DEFAULT_BUCKETS,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Measure the payment behaviour of every customer of a saved ledger without loading it.

    Parameters
    ----------
    folder : path
        A folder that `save_ledger` wrote. The ledger is read as known at the ``as_of`` it was saved with.
    names : sequence of str, optional
        Which measures, in this order; all of them by default.
    buckets : sequence of int
        Upper ends, in days past due, of the ageing buckets.
    progress : callable, optional
        Called with the share done, in (0, 1]. What it raises stops the work and reaches the caller.

    Returns
    -------
    pandas.DataFrame, shape (n_customers, n_features)
        What ``compute_features(load_ledger(folder)).frame`` is, for ledgers too large to load: index ``customer_id``,
        customers without an invoice left out, NaN where a value cannot be estimated.

    Raises
    ------
    UnknownNameError, FeatureError
        As `compute_features`.
    LedgerError
        If there is no ledger in the folder or it is damaged.
    """
    measures = choose_measures(names, buckets)
    with ThreadPoolExecutor(1) as loader, ThreadPoolExecutor(os.cpu_count()) as pool:
        loaded = loader.submit(_load_loops, measures)  # while the first rows are read
        try:
            ledger = _SavedLedger(Path(folder), pool)
            columns = {m.name: np.empty(ledger.n_customers) for m in measures}
            for done in _measure_runs(ledger, measures, columns, pool):
                if progress is not None:
                    progress(done)
            loaded.result()
        except (OSError, pa.ArrowException, KeyError) as error:
            raise LedgerError(
                f"the ledger in {str(folder)!r} is damaged ({error}). Save it again."
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)
    index = pd.Index(ledger.customer_ids, dtype="str", name="customer_id")
    frame = pd.DataFrame(columns, index=index, copy=False)
    has_invoice = np.diff(ledger.starts["invoices"]) > 0
    return frame if has_invoice.all() else frame[has_invoice]


def _measure_runs(
    ledger: _SavedLedger,
    measures: Sequence[Measure],
    columns: dict[str, np.ndarray],
    pool: ThreadPoolExecutor,
) -> Iterator[float]:
    """Fill the columns; yield the share done. Two runs are read ahead, so that no thread waits for another's."""
    runs = ledger.runs()
    reads = deque(pool.submit(ledger.read, *run) for run in runs[:2])
    for k, (low, _) in enumerate(runs):
        invoices = reads.popleft().result()
        measured = [
            pool.submit(
                measure_lot,
                invoices.part(a, b),
                measures,
                {n: column[low + a : low + b] for n, column in columns.items()},
            )
            for a, b in lots(invoices.start, LOT_INVOICES)
        ]
        reads.extend(pool.submit(ledger.read, *run) for run in runs[k + 2 : k + 3])
        for lot in measured:
            lot.result()
        yield (k + 1) / len(runs)


def _load_loops(measures: Sequence[Measure]) -> None:
    """Load, or at the first use compile, the loops that the measures run through, with one invoice."""
    day = np.zeros(1, np.int32)
    invoice = SettledInvoices.from_arrays(
        customer_ids=np.zeros(1), start=np.arange(2), issued=day, due_agreed=day, due=day, amount=np.ones(1, np.int64),
        closed_on=day + NEVER, is_lost=day > 0, payments=no_postings(1), as_of=1,
    )  # fmt: skip
    measure_lot(invoice, measures, {m.name: np.empty(1) for m in measures})


class _SavedLedger:
    """The files of a saved ledger, of which runs of customers are read.

    Attributes
    ----------
    about : dict
        What ``ledger.json`` says.
    customer_ids : pyarrow.ChunkedArray of string
    starts : dict of str to numpy.ndarray of int64, shape (n_customers + 1,)
        Where each customer's rows begin in each table.
    """

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self.folder, self.about = folder, read_about(folder)
        customers = pq.read_table(folder / "customers.parquet")
        self.customer_ids = customers["customer_id"]
        self.credit_limit = np.full(self.n_customers, np.nan)
        if "credit_limit_minor" in customers.column_names:
            limit = customers["credit_limit_minor"].cast(pa.float64(), safe=False)
            self.credit_limit = limit.fill_null(np.nan).to_numpy().copy()
        names = ("invoices", *_EVENTS)
        self.starts = dict(zip(names, pool.map(self._starts, names), strict=True))

    @property
    def n_customers(self) -> int:
        return len(self.customer_ids)

    def _starts(self, name: str) -> np.ndarray:
        path = self.folder / f"{name}.parquet"
        n_rows, latest = np.zeros(self.n_customers, np.int64), 0
        for chunk in pq.read_table(path, columns=["customer"])["customer"].iterchunks():
            customer = chunk.to_numpy()
            if len(customer) == 0:
                continue
            if customer[0] < latest or (customer[1:] < customer[:-1]).any():
                raise LedgerError(f"{str(path)!r} is not as it was saved. Save the ledger again.")
            first, latest = customer[0], customer[-1]
            if latest >= self.n_customers:
                raise LedgerError(
                    f"{str(path)!r} has rows of customers who are not in the ledger. Save it again."
                )
            edges = np.searchsorted(customer, np.arange(first, latest + 2, dtype=np.int32))
            n_rows[first : latest + 1] += np.diff(edges)
        if n_rows.sum() != self.about["n_rows"][name]:
            raise LedgerError(f"{str(path)!r} is not as it was saved. Save the ledger again.")
        return np.concatenate(([0], np.cumsum(n_rows)))

    def runs(self) -> list[tuple[int, int]]:
        """Return customers whose invoices begin in one row group, for each that has any."""
        ends = np.cumsum(_group_sizes(self.folder / "invoices.parquet"))
        high = np.append(np.searchsorted(self.starts["invoices"][:-1], ends[:-1]), self.n_customers)
        low = np.append(0, high[:-1])
        return [(int(a), int(b)) for a, b in zip(low, high, strict=True) if a < b]

    def read(self, low: int, high: int) -> SettledInvoices:
        """Return the invoices of customers ``low:high``, not yet settled."""
        rows = self._rows(
            "invoices", low, high, ["issued_on", "due_on", "amount_minor", "closed_on", "closed_reason"]
        )
        rule, due = LateRule(**self.about["late_rule"]), _days(rows["due_on"])
        lost = pc.is_in(rows["closed_reason"], value_set=pa.array(UNPAID_REASONS))
        return SettledInvoices.from_arrays(
            customer_ids=np.arange(low, high),
            start=self.starts["invoices"][low : high + 1] - self.starts["invoices"][low],
            issued=_days(rows["issued_on"]),
            due_agreed=due,
            due=due if rule.due == "due_date" else epoch_days(effective_due(due.astype("datetime64[D]"), rule)),
            amount=_values(rows["amount_minor"], np.int64),
            closed_on=_days(rows["closed_on"]),
            is_lost=lost.to_numpy(),
            **{name: self._events(name, low, high) for name in _EVENTS},
            credit_limit=self.credit_limit[low:high],
            as_of=int(np.datetime64(self.about["as_of"], "D").astype(np.int64)),
            grace_days=rule.grace_days,
            minor_per_unit=10 ** minor_digits(self.about["currency"]),
        )  # fmt: skip

    def _events(self, name: str, low: int, high: int) -> Postings:
        day, money = _EVENTS[name]
        rows = self._rows(name, low, high, [day, "invoice_row", *([money] if money else [])])
        row = _values(rows["invoice_row"], np.int32)
        np.subtract(row, np.int32(self.starts["invoices"][low]), out=row, where=row >= 0)
        return Postings(
            self.starts[name][low : high + 1] - self.starts[name][low],
            _days(rows[day]),
            row,
            _values(rows[money], np.int64) if money else np.zeros(len(row), np.int64),
        )

    def _rows(self, name: str, low: int, high: int, columns: list[str]) -> pa.Table:
        first, end = self.starts[name][low], self.starts[name][high]
        path = self.folder / f"{name}.parquet"
        edges = np.concatenate(([0], np.cumsum(_group_sizes(path))))
        groups = range(
            max(int(np.searchsorted(edges, first, "right")) - 1, 0), int(np.searchsorted(edges, end))
        )
        rows = pq.ParquetFile(path).read_row_groups(list(groups), columns=columns, use_threads=False)
        return rows.slice(first - edges[groups.start], end - first) if groups else rows


def _group_sizes(path: Path) -> list[int]:
    about = pq.read_metadata(path)
    return [about.row_group(k).num_rows for k in range(about.num_row_groups)]


def _days(dates: pa.ChunkedArray) -> np.ndarray:
    """Days since 1970-01-01, ``NEVER`` where missing."""
    days = dates.cast(pa.int32())
    return _values(days.fill_null(int(NEVER)) if days.null_count else days, np.int32)


def _values(column: pa.ChunkedArray, kind: type[np.generic]) -> np.ndarray:
    """Return a column without missing values as it lies in memory; writable, as the compiled loops want arrays.

    What Arrow itself turns into numpy is a copy or read-only.
    """
    values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if values.null_count:
        raise pa.ArrowInvalid(f"{values.null_count} values are missing where none may be")
    return np.frombuffer(values.buffers()[1], kind, len(values), values.offset * np.dtype(kind).itemsize)
