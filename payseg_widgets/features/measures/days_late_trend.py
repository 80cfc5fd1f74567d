"""Trend of days late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.groups import Groups
from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


#: Fewer invoices, or a shorter time, than these have no trend.
MIN_INVOICES, MIN_SPAN_DAYS = 5, 90


def _is_mostly_capped(invoices: SettledInvoices) -> np.ndarray:
    n = invoices.n_capped_known
    return (n >= MIN_INVOICES) & (2 * invoices.n_capped >= n)


@feature(
    "days_late_trend",
    label="Trend of days late",
    unit="days_per_year",
    worse="higher",
    count=lambda invoices: invoices.n_capped_known,
    reason="there are not 5 invoices, over 90 days or more, that were due 60 or more days ago",
    other_reason="half or more of the delays are 60 days or longer",
    has_other_reason=_is_mostly_capped,
    can_be_negative=True,
)
def days_late_trend(invoices: SettledInvoices) -> np.ndarray:
    """Least-squares slope of the days late on the issue date: by how many days a year payment gets slower.

    The newest paid invoices are always the fast ones. Therefore delays are capped at 60 days and taken from invoices due
    60 or more days before ``as_of``: open or paid, each of those is known up to the cap. Where half of them or more are at
    the cap, their slope says nothing of the delays beyond it.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days per year. NaN where there are not 5 invoices, over 90 days or more, that were due 60 or more days ago, or
        where half of these or more took 60 days or longer.
    """
    known = invoices.is_capped_known
    by_customer = invoices.by_customer
    issued = invoices.issued[known]
    each = Groups(np.append(0, np.cumsum(invoices.n_capped_known)))
    slope = 365.25 * by_customer.slope(invoices.capped_days_late, invoices.issued, where=known)
    has_trend = (invoices.n_capped_known >= MIN_INVOICES) & (
        each.last(issued) - each.first(issued) >= MIN_SPAN_DAYS
    )
    return np.where(has_trend & ~_is_mostly_capped(invoices), slope, np.nan)
