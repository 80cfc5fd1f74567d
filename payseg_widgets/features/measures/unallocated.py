"""Money on account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "unallocated",
    label="Money on account",
    unit="money",
    is_fact=True,
    can_be_negative=True,
    can_be_split=False,
)
def unallocated(invoices: SettledInvoices) -> np.ndarray:
    """Money and credit that no invoice could take; negative where more was refunded than paid.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Units of the currency.
    """
    return invoices.money(invoices.unallocated)
