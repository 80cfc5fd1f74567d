"""Paid on account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.groups import Groups
from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "on_account_ratio",
    label="Paid on account",
    unit="ratio",
    is_fact=True,
    count=lambda invoices: np.diff(invoices.payments.start),
    reason="nothing has been paid yet",
)
def on_account_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of the money received that named no invoice.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where nothing has been paid yet.
    """
    payments, by_customer = invoices.payments, Groups(invoices.payments.start)
    received = by_customer.sum(np.maximum(payments.amount, 0))
    on_account = by_customer.sum(np.where(payments.row < 0, np.maximum(payments.amount, 0), 0))
    return on_account / np.where(received > 0, received, np.nan)
