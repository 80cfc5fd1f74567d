"""Ageing: the open balance by days past due, in buckets that sum to it exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.errors import FeatureError
from payseg_widgets.features.measure import Measure, define

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices
    from payseg_widgets.ledger.schema import Ledger

#: Upper ends, in days past due, of the buckets between "not due" and the last, open one.
DEFAULT_BUCKETS = (30, 60, 90)


def bucket_names(buckets: Sequence[int]) -> tuple[str, ...]:
    """Return the names of the buckets.

    >>> bucket_names((30, 60))
    ('not_due', '1_30', '31_60', 'over_60')

    Raises
    ------
    FeatureError
        If the buckets are not increasing whole numbers of days above 0.
    """
    edges = (0, *buckets)
    if not buckets or any(int(b) != b or b <= a for a, b in zip(edges, buckets, strict=False)):
        raise FeatureError(
            f"buckets={tuple(buckets)!r} are not increasing whole numbers of days above 0; "
            f"give upper ends such as {DEFAULT_BUCKETS}."
        )
    middle = (f"{low + 1}_{high}" for low, high in zip(edges, buckets, strict=False))
    return ("not_due", *middle, f"over_{buckets[-1]}")


def ageing(ledger: Ledger | SettledInvoices, *, buckets: Sequence[int] = DEFAULT_BUCKETS) -> pd.DataFrame:
    """Return the open balance of each customer by age.

    Parameters
    ----------
    ledger : Ledger or SettledInvoices
        Invoices that have been settled already are not settled again.
    buckets : sequence of int
        Upper ends in days past due; the last bucket is open.

    Returns
    -------
    pandas.DataFrame, shape (n_customers, n_buckets)
        Index ``customer_id``, ``int64`` minor units; each row sums to the customer's outstanding balance. The age
        counts from the due day of the late rule, without grace.

    Raises
    ------
    FeatureError
        If the buckets are not increasing whole numbers of days above 0.
    """
    from payseg_widgets.features.invoices import SettledInvoices

    names = bucket_names(buckets)
    invoices = ledger if isinstance(ledger, SettledInvoices) else SettledInvoices.from_ledger(ledger)
    columns = {name: _bucket(invoices, k, buckets) for k, name in enumerate(names)}
    return pd.DataFrame(columns, index=pd.Index(invoices.customer_ids, dtype="str", name="customer_id"))


def ageing_measures(buckets: Sequence[int]) -> tuple[Measure, ...]:
    """Return one measure per bucket: its share of the open balance.

    Raises
    ------
    FeatureError
        If the buckets are not increasing whole numbers of days above 0.
    """
    names = bucket_names(buckets)
    return tuple(
        define(
            _share_of_bucket(k, tuple(buckets)),
            f"ageing_{name}_ratio",
            label=f"Balance {_in_words(name)}",
            unit="ratio",
            worse="lower" if k == 0 else "higher",
            is_fact=True,
            family="ageing",
            count=lambda invoices: invoices.by_customer.count(invoices.is_open),
            reason="nothing is outstanding",
            meaning=f"Share of the outstanding balance that is {_in_words(name)}.",
        )
        for k, name in enumerate(names)
    )


def _in_words(name: str) -> str:
    if name == "not_due":
        return "not past due"
    low, high = name.split("_")
    return f"more than {high} days past due" if low == "over" else f"{low} to {high} days past due"


def _share_of_bucket(k: int, buckets: tuple[int, ...]) -> Callable[[SettledInvoices], np.ndarray]:
    def share(invoices: SettledInvoices) -> np.ndarray:
        return _bucket(invoices, k, buckets) / np.where(invoices.balance > 0, invoices.balance, np.nan)

    return share


def _bucket(invoices: SettledInvoices, k: int, buckets: Sequence[int]) -> np.ndarray:
    """Outstanding money of bucket ``k``, minor units, shape (n_customers,)."""
    rows, by_customer = invoices.open_invoices
    age = invoices.days_past_due[rows]
    above = age > (0, *buckets)[k - 1] if k else np.ones(len(age), bool)
    below = age <= (0, *buckets)[k] if k < len(buckets) + 1 else True
    return by_customer.sum(np.where(above & below, invoices.outstanding[rows], 0))
