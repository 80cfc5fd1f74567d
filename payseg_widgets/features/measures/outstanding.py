"""Outstanding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "outstanding",
    label="Outstanding",
    unit="money",
    worse="higher",
    is_fact=True,
)
def outstanding(invoices: SettledInvoices) -> np.ndarray:
    """Money still owed on invoices, whether due or not; money on account is not taken off.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Units of the currency.
    """
    return invoices.money(invoices.balance)
