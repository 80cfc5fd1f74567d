"""Paid in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "part_payment_ratio",
    label="Paid in parts",
    unit="ratio",
    worse="higher",
    count=lambda invoices: invoices.by_customer.count(invoices.paid > 0),
    is_share=True,
    reason="nothing has been paid yet",
)
def part_payment_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of invoices with any payment that were paid on several days, or so far in part.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where nothing has been paid yet.
    """
    return invoices.by_customer.mean(invoices.is_part_paid, weights=invoices.paid > 0)
