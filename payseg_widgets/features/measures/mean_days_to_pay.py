"""Mean days to pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.invoices import MAX_UNKNOWN_DAYS
from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


#: Longest time to pay that the mean counts: 180 days late on terms of 60.
PAY_HORIZON_DAYS = 240


@feature(
    "mean_days_to_pay",
    label="Mean days to pay",
    unit="days",
    worse="higher",
    count=lambda invoices: invoices.n_owed,
    reason="too much is still open, for too short a time, to tell a mean",
    can_be_negative=True,
)
def mean_days_to_pay(invoices: SettledInvoices) -> np.ndarray:
    """Mean days from issue to settlement, open invoices counted as censored, at most 240 days.

    Unlike days late it includes the terms that were granted.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where too much is still open, for too short a time, to tell a mean.
    """
    waited = np.where(invoices.is_settled, invoices.settled_on, np.int32(invoices.as_of)) - invoices.issued
    waited = np.where(invoices.is_lost, np.maximum(waited, np.int32(PAY_HORIZON_DAYS)), waited)
    curve = invoices.by_customer.survival(
        waited,
        invoices.is_settled,
        horizon=PAY_HORIZON_DAYS,
        max_unknown=MAX_UNKNOWN_DAYS,
        weights=invoices.is_owed,
    )
    return curve.mean
