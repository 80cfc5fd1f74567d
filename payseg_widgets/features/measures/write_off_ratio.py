"""Written off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "write_off_ratio",
    label="Written off",
    unit="ratio",
    worse="higher",
    is_fact=True,
    reason="nothing was invoiced",
)
def write_off_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Money written off or protested as a share of the money invoiced.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where nothing was invoiced.
    """
    lost = invoices.by_customer.sum(np.where(invoices.is_lost, invoices.forgone, 0))
    return lost / np.where(invoices.invoiced > 0, invoices.invoiced, np.nan)
