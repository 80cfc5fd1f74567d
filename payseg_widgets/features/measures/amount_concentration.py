"""Concentration of amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "amount_concentration",
    label="Concentration of amounts",
    unit="ratio",
    is_fact=True,
    reason="there are fewer than 2 invoices",
)
def amount_concentration(invoices: SettledInvoices) -> np.ndarray:
    """How much of the money is in few of the customer's invoices: Herfindahl-Hirschman index, normalised.

    0 where all invoices are of one amount, 1 where a single one holds all the money. Void invoices are left out.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where there are fewer than 2 invoices.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54, 761-762.
    """
    n, total = invoices.n_invoices, np.square(invoices.invoiced, dtype=np.float64)
    squares = invoices.by_customer.sum(np.square(invoices.sales, dtype=np.float64)) / total
    return np.where(
        n > 1, np.clip((squares - 1 / np.maximum(n, 1)) / (1 - 1 / np.maximum(n, 2)), 0, 1), np.nan
    )
