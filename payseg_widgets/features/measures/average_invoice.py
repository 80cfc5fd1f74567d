"""Average invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "average_invoice",
    label="Average invoice",
    unit="money",
    is_fact=True,
)
def average_invoice(invoices: SettledInvoices) -> np.ndarray:
    """Mean amount of an invoice, before credit notes; cancelled and returned ones are left out.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Units of the currency. NaN where there is none.
    """
    return invoices.money(invoices.by_customer.mean(invoices.amount, weights=~invoices.is_void))
