"""Days late, by money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "weighted_days_late",
    label="Days late, by money",
    unit="days",
    worse="higher",
    count=lambda invoices: invoices.n_owed,
    reason="too much is still open, for too short a time, to tell a mean",
    can_be_negative=True,
)
def weighted_days_late(invoices: SettledInvoices) -> np.ndarray:
    """Mean days late with each invoice counting by its amount, less credit notes.

    As `mean_days_late` otherwise; the two differ where large invoices are paid differently from small ones.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where too much is still open, for too short a time, to tell a mean.

    References
    ----------
    "Average days delinquent", weighted, in credit-management practice.
    """
    return invoices.delay_by_amount.mean
