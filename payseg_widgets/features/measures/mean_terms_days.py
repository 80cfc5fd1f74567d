"""Mean terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "mean_terms_days",
    label="Mean terms",
    unit="days",
    is_fact=True,
    can_be_negative=True,
)
def mean_terms_days(invoices: SettledInvoices) -> np.ndarray:
    """Mean days from issue to the agreed due date.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days.
    """
    return invoices.by_customer.mean(invoices.due_agreed - invoices.issued)
