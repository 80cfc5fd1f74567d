"""Credited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "credit_note_ratio",
    label="Credited",
    unit="ratio",
    is_fact=True,
    reason="nothing was invoiced",
)
def credit_note_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Money taken off invoices by credit notes, as a share of the money invoiced; cancelled and returned invoices are left out.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where nothing was invoiced.
    """
    return invoices.by_customer.sum(np.where(invoices.is_void, 0, invoices.credited)) / np.where(
        invoices.invoiced > 0, invoices.invoiced, np.nan
    )
