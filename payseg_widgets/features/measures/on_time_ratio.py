"""Paid on time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "on_time_ratio",
    label="Paid on time",
    unit="ratio",
    worse="lower",
    count=lambda invoices: invoices.by_customer.count(invoices.is_known),
    is_share=True,
    reason="no invoice is past due yet",
)
def on_time_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of invoices past due that were paid by the due day, by the ledger's late rule.

    Only invoices past due count, and all of them: an open one is late the moment it is past due. An invoice paid early
    whose due day is still to come does not count, since its equals that will be late cannot be seen yet; counting it
    would flatter every customer's recent past.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where no invoice is past due yet.
    """
    return invoices.by_customer.mean(invoices.days_late <= invoices.grace_days, weights=invoices.is_known)
