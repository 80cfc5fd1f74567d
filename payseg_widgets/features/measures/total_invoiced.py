"""Total invoiced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "total_invoiced",
    label="Total invoiced",
    unit="money",
    is_fact=True,
)
def total_invoiced(invoices: SettledInvoices) -> np.ndarray:
    """Money invoiced, before credit notes; cancelled and returned invoices are left out.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Units of the currency.
    """
    return invoices.money(invoices.invoiced)
