"""Disputed invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "dispute_ratio",
    label="Disputed invoices",
    unit="ratio",
    worse="higher",
    count=lambda invoices: invoices.n_issued,
    is_share=True,
)
def dispute_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of invoices that were disputed; disputes that name no invoice are not counted here.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1].
    """
    is_disputed = np.zeros(len(invoices), bool)
    is_disputed[invoices.disputes.row[invoices.disputes.row >= 0]] = True
    return invoices.by_customer.mean(is_disputed)
