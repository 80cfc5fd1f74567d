"""DSO, count-back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.events import count_back
from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "dso_count_back",
    label="DSO, count-back",
    unit="days",
    worse="higher",
    is_fact=True,
)
def dso_count_back(invoices: SettledInvoices) -> np.ndarray:
    """Days sales outstanding by count-back: how many days of the latest sales the balance amounts to.

    Sales are taken off the balance day by day, newest first; the last day counts in proportion. 0 where nothing is
    outstanding. Growth does not distort it. Cancelled and returned invoices are no sales.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days.

    References
    ----------
    "Count-back" or "exhaustion" method of days sales outstanding, as taught in credit management.
    """
    days = np.empty(invoices.n_customers)
    count_back(invoices.start, invoices.issued, invoices.sales, invoices.balance, invoices.as_of, days)
    return days
