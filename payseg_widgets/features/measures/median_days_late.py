"""Median days late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "median_days_late",
    label="Median days late",
    unit="days",
    worse="higher",
    count=lambda invoices: invoices.n_owed,
    reason="fewer than half of the invoices have been seen to be settled",
    can_be_negative=True,
)
def median_days_late(invoices: SettledInvoices) -> np.ndarray:
    """Days late by which half of the invoices are settled, open invoices counted as censored, at most 180.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where fewer than half of the invoices have been seen to be settled.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. JASA 53, 457-481.
    """
    return invoices.delay.median
