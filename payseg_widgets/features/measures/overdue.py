"""Overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "overdue",
    label="Overdue",
    unit="money",
    worse="higher",
    is_fact=True,
)
def overdue(invoices: SettledInvoices) -> np.ndarray:
    """Money still owed on invoices that are past due by the late rule.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Units of the currency.
    """
    return invoices.money(invoices.overdue)
