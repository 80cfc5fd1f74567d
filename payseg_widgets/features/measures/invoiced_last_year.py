"""Invoiced in the last year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "invoiced_last_year",
    label="Invoiced in the last year",
    unit="money",
    is_fact=True,
)
def invoiced_last_year(invoices: SettledInvoices) -> np.ndarray:
    """Money invoiced in the 365 days up to ``as_of``; cancelled and returned invoices are left out.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Units of the currency.
    """
    recent = invoices.issued > invoices.as_of - 365
    return invoices.money(invoices.by_customer.sum(np.where(recent, invoices.sales, 0)))
