"""Overdue of all invoiced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "overdue_ratio",
    label="Overdue of all invoiced",
    unit="ratio",
    worse="higher",
    is_fact=True,
    reason="nothing was invoiced",
)
def overdue_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Overdue money as a share of all money invoiced; cancelled and returned invoices are left out.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where nothing was invoiced.
    """
    return invoices.overdue / np.where(invoices.invoiced > 0, invoices.invoiced, np.nan)
