"""Mean days late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "mean_days_late",
    label="Mean days late",
    unit="days",
    worse="higher",
    count=lambda invoices: invoices.n_owed,
    reason="too much is still open, for too short a time, to tell a mean",
    can_be_negative=True,
)
def mean_days_late(invoices: SettledInvoices) -> np.ndarray:
    """Mean days from due date to settlement, open invoices counted as censored, delays capped at 180 days.

    The area under the customer's Kaplan-Meier curve: each invoice counts once. Negative is early. A customer who has
    never paid and has an invoice 180 days overdue is at 180, the worst there is.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where too much is still open, for too short a time, to tell a mean.

    References
    ----------
    "Days beyond terms" (DBT) in trade-credit reporting.
    Royston, P. and Parmar, M. K. B. (2013). Restricted mean survival time. BMC Medical Research Methodology 13, 152.
    """
    return invoices.delay.mean
