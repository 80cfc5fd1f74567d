"""Days since the last payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.groups import Groups
from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "days_since_last_payment",
    label="Days since the last payment",
    unit="days",
    worse="higher",
    is_fact=True,
    count=lambda invoices: np.diff(invoices.payments.start),
    reason="there has been no payment",
)
def days_since_last_payment(invoices: SettledInvoices) -> np.ndarray:
    """Days from the latest payment to ``as_of``.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where there has been no payment.
    """
    is_payment = invoices.payments.amount > 0
    return invoices.as_of - Groups(invoices.payments.start).latest(invoices.payments.on, where=is_payment)
