"""Two blocks of a ledger with a gap between them: segments are found in the first, payment is measured in the second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import choose_measures, compute_columns
from payseg_widgets.features.invoices import CAP_DAYS, SettledInvoices
from payseg_widgets.features.measure import Measure, define
from payseg_widgets.features.shrinkage import moderate
from payseg_widgets.ledger.days import day_of
from payseg_widgets.ledger.schema import Ledger

#: Days between the last fact the segments see and the first invoice that tests them.
GAP_DAYS = 60


def _days_late(invoices: SettledInvoices) -> np.ndarray:
    return invoices.by_customer.mean(invoices.capped_days_late, weights=invoices.is_capped_known)


#: No invoice is censored in this mean, so that no customer drops out for paying late.
DAYS_LATE = define(
    _days_late, "days_late", label=f"Mean days late, capped at {CAP_DAYS}", unit="days", worse="higher",
    can_be_negative=True, count=lambda invoices: invoices.n_capped_known,
    meaning=f"Mean days late, each capped at {CAP_DAYS}, of invoices due at least that long ago.",
)  # fmt: skip


def outcomes() -> tuple[Measure, ...]:
    """Return the measures of later payment: how late, how often, how badly, how steadily."""
    return (DAYS_LATE, *choose_measures(["on_time_ratio", "late_by_30_ratio", "payment_consistency"]))


@dataclass(frozen=True)
class Periods:
    """The days that part a ledger.

    Attributes
    ----------
    until : pandas.Timestamp
        Last day of the earlier block: what became known after it is hidden from the segments.
    later_from : pandas.Timestamp
        First day on which an invoice of the later block was issued.
    as_of : pandas.Timestamp
        The ledger's own day, up to which the later block's payments are known.
    """

    until: pd.Timestamp
    later_from: pd.Timestamp
    as_of: pd.Timestamp

    def __str__(self) -> str:
        return (
            f"segments from what was known on {self.until:%Y-%m-%d}, payment of the invoices issued from "
            f"{self.later_from:%Y-%m-%d} on, as known on {self.as_of:%Y-%m-%d}"
        )


def split_periods(
    ledger: Ledger, *, until: str | date | pd.Timestamp | None = None, gap_days: int = GAP_DAYS
) -> Periods:
    """Choose the days that part the ledger.

    Parameters
    ----------
    ledger : Ledger
    until : day, optional
        Last day the segments see. By default such that as many invoices whose payment can be judged were issued
        before the middle of the gap as after it.
    gap_days : int
        Delays of neighbouring invoices hang together, and one transfer pays several: the gap keeps that out.

    Raises
    ------
    SegmentationError
        If either block would hold no invoice whose payment can be judged.
    """
    if gap_days < 0:
        raise SegmentationError(f"gap_days={gap_days} is below 0; give the days between the two blocks.")
    invoices = ledger.invoices
    ripe = invoices.loc[invoices["due_on"] <= ledger.as_of - pd.Timedelta(days=CAP_DAYS), "issued_on"]
    if until is None:
        if not len(ripe):
            raise SegmentationError(_too_short(ledger, gap_days))
        middle = ripe.sort_values().iloc[len(ripe) // 2]
        last = middle - pd.Timedelta(days=gap_days // 2 + 1)
    else:
        last = day_of(until, "until")
    later_from = last + pd.Timedelta(days=gap_days + 1)
    if not (ripe <= last).any() or not (ripe >= later_from).any():
        raise SegmentationError(_too_short(ledger, gap_days, last))
    return Periods(last, later_from, ledger.as_of)


def _too_short(ledger: Ledger, gap_days: int, last: pd.Timestamp | None = None) -> str:
    cut = "" if last is None else f" when it is cut on {last:%Y-%m-%d}"
    return (
        f"the ledger up to {ledger.as_of:%Y-%m-%d} does not hold two blocks of invoices due at least {CAP_DAYS} days ago "
        f"with {gap_days} days between them{cut}. Read a longer period, or shorten gap_days."
    )


def later_invoices(ledger: Ledger, periods: Periods) -> SettledInvoices:
    """Return the invoices of the later block, as they were settled; customers without one stay."""
    settled = SettledInvoices.from_ledger(ledger)
    first = int(periods.later_from.to_datetime64().astype("datetime64[D]").astype(np.int64))
    return settled.subset(settled.issued >= first)


def behaviour(invoices: SettledInvoices) -> pd.DataFrame:
    """Return how each customer paid these invoices, one column an outcome; NaN where it cannot be told."""
    return pd.DataFrame(
        compute_columns(invoices, outcomes()), index=pd.Index(invoices.customer_ids, dtype="str")
    )


def delay_records(invoices: SettledInvoices) -> pd.DataFrame:
    """Return each customer's mean capped delay with its sampling variance and the number of invoices behind it.

    Returns
    -------
    pandas.DataFrame
        Index customer; ``mean`` (NaN for none), ``variance`` (steadied by the other customers'), ``n``.
    """
    n = invoices.n_capped_known
    spread = invoices.by_customer.sd(invoices.capped_days_late, where=invoices.is_capped_known)
    own = np.divide(spread**2, n, out=np.full(len(n), np.nan), where=n > 1)
    columns: dict[str, Any] = {"mean": _days_late(invoices), "variance": moderate(own, n - 1, n), "n": n}
    return pd.DataFrame(columns, index=pd.Index(invoices.customer_ids, dtype="str"))
