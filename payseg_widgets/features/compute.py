"""From a ledger to the feature table."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from payseg_widgets.errors import FeatureError
from payseg_widgets.features.ageing import DEFAULT_BUCKETS, ageing_measures
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.measure import MEASURES, Measure
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.ledger.settle import lots

#: Customers are computed in lots of about this many invoices: small enough for the processor's cache.
LOT_INVOICES = 100_000


def compute_features(
    ledger: Ledger,
    names: Sequence[str] | None = None,
    *,
    buckets: Sequence[int] = DEFAULT_BUCKETS,
    progress: Callable[[float], None] | None = None,
) -> FeatureTable:
    """Measure the payment behaviour of every customer with an invoice.

    Parameters
    ----------
    ledger : Ledger
        Read as known at ``ledger.as_of``; cut it first with ``ledger.until(day)`` to look from an earlier day.
    names : sequence of str, optional
        Which measures, in this order; all of them by default. See ``payseg_widgets.features.measure.MEASURES``.
    buckets : sequence of int
        Upper ends, in days past due, of the ageing buckets.
    progress : callable, optional
        Called with the share done, in (0, 1]. What it raises stops the work and reaches the caller.

    Returns
    -------
    FeatureTable
        One row per customer with at least one invoice, sorted by id.

    Raises
    ------
    UnknownNameError
        If a name is no measure; the message says which was meant.
    FeatureError
        If this is no ledger, the buckets are not increasing whole numbers of days above 0, or a name is asked for
        twice.
    """
    if not isinstance(ledger, Ledger):
        raise FeatureError(
            f"features are computed from a Ledger, not from a {type(ledger).__name__}; read it first: read_ledger(...)."
        )
    measures = choose_measures(names, buckets)
    invoices = SettledInvoices.from_ledger(ledger)
    columns = compute_columns(invoices, measures, progress=progress)
    index = pd.Index(invoices.customer_ids, dtype="str", name="customer_id")
    return FeatureTable(
        frame=pd.DataFrame(columns, index=index, copy=False), measures=measures, as_of=ledger.as_of,
        late_rule=str(ledger.late_rule), currency=ledger.currency,
        provenance={**ledger.provenance, "features": [m.name for m in measures], "buckets": list(buckets)},
        _invoices=invoices,
    )  # fmt: skip


def choose_measures(
    names: Sequence[str] | None, buckets: Sequence[int] = DEFAULT_BUCKETS
) -> tuple[Measure, ...]:
    """Return the measures of these names, all by default, with ageing shares for these buckets.

    Raises
    ------
    UnknownNameError
        If a name is no measure.
    FeatureError
        If the buckets or names cannot be used.
    """
    custom = {m.name: m for m in ageing_measures(buckets)}
    if names is None:
        return tuple(m for m in MEASURES.values() if m.family != "ageing") + tuple(custom.values())
    if isinstance(names, str) or len(set(names)) < len(names):
        raise FeatureError(f"names={names!r} is not a list of different feature names.")
    return tuple(custom[name] if name in custom else MEASURES[name] for name in names)


def compute_columns(
    invoices: SettledInvoices,
    measures: Sequence[Measure],
    *,
    progress: Callable[[float], None] | None = None,
) -> dict[str, np.ndarray]:
    """Compute measures in lots of customers, on every processor.

    Returns
    -------
    dict of str to numpy.ndarray of float64, shape (n_customers,)
    """
    columns = {m.name: np.empty(invoices.n_customers) for m in measures}

    def work(lot: tuple[int, int]) -> None:
        measure_lot(invoices.part(*lot), measures, {n: c[slice(*lot)] for n, c in columns.items()})

    todo = list(lots(invoices.start, LOT_INVOICES))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.map(work, todo), start=1):
            if progress is not None:
                progress(done / len(todo))
    return columns


def measure_lot(
    invoices: SettledInvoices, measures: Sequence[Measure], columns: Mapping[str, np.ndarray]
) -> None:
    """Write each measure of these customers into its column, shape (n_customers,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        for measure in measures:
            columns[measure.name][:] = measure.compute(invoices)
