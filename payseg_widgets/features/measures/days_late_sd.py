"""Standard deviation of days late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "days_late_sd",
    label="Standard deviation of days late",
    unit="days",
    worse="higher",
    count=lambda invoices: invoices.by_customer.count(invoices.is_capped_known),
    reason="fewer than 2 invoices were due 60 or more days ago",
)
def days_late_sd(invoices: SettledInvoices) -> np.ndarray:
    """Plain standard deviation of the days late, capped at 60, of invoices due 60 or more days before ``as_of``.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where fewer than 2 invoices were due 60 or more days ago.
    """
    return invoices.by_customer.sd(invoices.capped_days_late, where=invoices.is_capped_known)
