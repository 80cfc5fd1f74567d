"""Oldest overdue age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "oldest_overdue_days",
    label="Oldest overdue age",
    unit="days",
    worse="higher",
    is_fact=True,
    count=lambda invoices: invoices.by_customer.count(invoices.is_overdue),
    reason="nothing is overdue",
)
def oldest_overdue_days(invoices: SettledInvoices) -> np.ndarray:
    """Days since the oldest overdue invoice fell due.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where nothing is overdue.
    """
    rows, by_customer = invoices.open_invoices
    return by_customer.latest(invoices.days_past_due[rows], where=invoices.is_overdue[rows])
