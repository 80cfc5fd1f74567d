"""Days between invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "days_between_invoices",
    label="Days between invoices",
    unit="days",
    is_fact=True,
    count=lambda invoices: np.maximum(invoices.n_issued - 1, 0),
    reason="there are fewer than 2 invoices",
)
def days_between_invoices(invoices: SettledInvoices) -> np.ndarray:
    """Median days from one invoice to the next.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where there are fewer than 2 invoices.
    """
    gaps, between = invoices.gaps
    return between.quantile(gaps, 0.5)
