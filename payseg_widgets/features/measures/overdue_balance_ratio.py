"""Overdue share of the balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "overdue_balance_ratio",
    label="Overdue share of the balance",
    unit="ratio",
    worse="higher",
    is_fact=True,
    reason="nothing is outstanding",
)
def overdue_balance_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Overdue money as a share of the outstanding balance.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where nothing is outstanding.
    """
    return invoices.overdue / np.where(invoices.balance > 0, invoices.balance, np.nan)
