"""Paid early."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "early_payment_ratio",
    label="Paid early",
    unit="ratio",
    worse="lower",
    count=lambda invoices: invoices.by_customer.count(invoices.is_known),
    is_share=True,
    reason="no invoice is past due yet",
)
def early_payment_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of invoices past due that were settled before the agreed due date.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where no invoice is past due yet.
    """
    return invoices.by_customer.mean(invoices.days_late < 0, weights=invoices.is_known)
