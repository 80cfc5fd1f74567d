"""Invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "n_invoices",
    label="Invoices",
    unit="count",
    is_fact=True,
)
def n_invoices(invoices: SettledInvoices) -> np.ndarray:
    """Invoices; cancelled and returned ones are left out.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        A count.
    """
    return invoices.n_invoices.astype(float)
