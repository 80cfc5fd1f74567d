"""Standard deviation of days late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


def _is_capped(invoices: SettledInvoices) -> np.ndarray:
    return invoices.n_capped > 0


@feature(
    "days_late_sd",
    label="Standard deviation of days late",
    unit="days",
    worse="higher",
    count=lambda invoices: invoices.n_capped_known,
    reason="fewer than 2 invoices were due 60 or more days ago",
    other_reason="some delays are 60 days or longer",
    has_other_reason=_is_capped,
)
def days_late_sd(invoices: SettledInvoices) -> np.ndarray:
    """Plain standard deviation of the days late, of invoices due 60 or more days before ``as_of``.

    An invoice that takes 60 days or longer may not have been seen to be settled; its delay is not known, and with it
    neither is the standard deviation: see `payment_consistency`, which bears a few of these.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where fewer than 2 invoices were due 60 or more days ago, or one of them took 60 days or longer.
    """
    spread = invoices.by_customer.sd(invoices.capped_days_late, where=invoices.is_capped_known)
    return np.where(_is_capped(invoices), np.nan, spread)
