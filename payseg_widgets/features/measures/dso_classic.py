"""DSO, classic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


#: Sales of this many days are compared with the balance.
PERIOD_DAYS = 90


@feature(
    "dso_classic",
    label="DSO, classic",
    unit="days",
    worse="higher",
    is_fact=True,
    reason="nothing was invoiced in the last 90 days",
)
def dso_classic(invoices: SettledInvoices) -> np.ndarray:
    """Days sales outstanding: the balance over the last 90 days' sales, times 90.

    Misleads when sales grow, shrink or have seasons: see `dso_count_back`. Cancelled and returned invoices are no sales.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where nothing was invoiced in the last 90 days.

    References
    ----------
    Credit Research Foundation, definition of DSO.
    """
    recent = invoices.issued > invoices.as_of - PERIOD_DAYS
    sales = invoices.by_customer.sum(np.where(recent, invoices.sales, 0))
    return PERIOD_DAYS * invoices.balance / np.where(sales > 0, sales, np.nan)
