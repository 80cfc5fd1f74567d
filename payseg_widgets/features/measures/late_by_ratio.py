"""Share of invoices paid more than 30, 60 or 90 days late, by the ledger's late rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


def _late_by(invoices: SettledInvoices, days: int) -> np.ndarray:
    """Of invoices due more than ``days`` ago, the share not settled within that time; nothing is censored."""
    is_late = invoices.days_late > invoices.grace_days + days
    return invoices.by_customer.mean(is_late, weights=invoices.is_due_for(days))


@feature(
    "late_by_30_ratio",
    label="More than 30 days late",
    unit="ratio",
    worse="higher",
    count=lambda invoices: invoices.by_customer.count(invoices.is_due_for(30)),
    is_share=True,
    reason="no invoice was due more than 30 days ago",
)
def late_by_30_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of invoices due more than 30 days ago that were not settled within 30 days.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where no invoice was due more than 30 days ago.
    """
    return _late_by(invoices, 30)


@feature(
    "late_by_60_ratio",
    label="More than 60 days late",
    unit="ratio",
    worse="higher",
    count=lambda invoices: invoices.by_customer.count(invoices.is_due_for(60)),
    is_share=True,
    reason="no invoice was due more than 60 days ago",
)
def late_by_60_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of invoices due more than 60 days ago that were not settled within 60 days.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where no invoice was due more than 60 days ago.
    """
    return _late_by(invoices, 60)


@feature(
    "late_by_90_ratio",
    label="More than 90 days late",
    unit="ratio",
    worse="higher",
    count=lambda invoices: invoices.by_customer.count(invoices.is_due_for(90)),
    is_share=True,
    reason="no invoice was due more than 90 days ago",
)
def late_by_90_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of invoices due more than 90 days ago that were not settled within 90 days.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where no invoice was due more than 90 days ago.
    """
    return _late_by(invoices, 90)
