"""Tenure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "tenure_days",
    label="Tenure",
    unit="days",
    is_fact=True,
)
def tenure_days(invoices: SettledInvoices) -> np.ndarray:
    """Days since the first invoice.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days.
    """
    return invoices.as_of - invoices.by_customer.first(invoices.issued)
