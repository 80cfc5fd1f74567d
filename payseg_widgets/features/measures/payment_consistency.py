"""Payment consistency (spread)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.invoices import CAP_DAYS
from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


#: Fewer invoices than these have no spread.
MIN_INVOICES = 3

#: Makes the median absolute deviation of normal values estimate their standard deviation.
NORMAL = 1.4826

#: Correction for n = 0 ... 9 observations; n / (n - 0.8) beyond.
_FACTORS = np.array([np.nan, np.nan, 1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107])


def small_sample_factor(n: np.ndarray) -> np.ndarray:
    """Return what the scaled median absolute deviation of ``n`` values is to be multiplied by."""
    return np.where(n < len(_FACTORS), _FACTORS[np.minimum(n, len(_FACTORS) - 1)], n / np.maximum(n - 0.8, 1))


def _deviation(invoices: SettledInvoices) -> np.ndarray:
    return invoices.by_customer.mad(invoices.capped_days_late, where=invoices.is_capped_known, cap=CAP_DAYS)


def _is_beyond_the_cap(invoices: SettledInvoices) -> np.ndarray:
    n = invoices.n_capped_known
    return (n >= MIN_INVOICES) & np.isnan(_deviation(invoices))


@feature(
    "payment_consistency",
    label="Payment consistency (spread)",
    unit="days",
    worse="higher",
    count=lambda invoices: invoices.n_capped_known,
    reason="fewer than 3 invoices were due 60 or more days ago",
    other_reason="too many delays are 60 days or longer",
    has_other_reason=_is_beyond_the_cap,
)
def payment_consistency(invoices: SettledInvoices) -> np.ndarray:
    """Robust spread of the days late: median absolute deviation, corrected for few invoices; low is consistent.

    Reads as a standard deviation for normal delays, whatever the number of invoices. Delays are capped at 60 days and
    taken from invoices due 60 or more days before ``as_of``, so that none is censored below the cap. The cap does not show
    in the result: where it would, there is none.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Days. NaN where fewer than 3 invoices were due 60 or more days ago, or so many of them took
        60 days or longer that the spread depends on by how much.

    References
    ----------
    Croux, C. and Rousseeuw, P. J. (1992). Time-efficient algorithms for two highly robust estimators of scale. In:
    Computational Statistics, Volume 1, Physica-Verlag, 411-428 (the factors for few observations).
    """
    n = invoices.n_capped_known
    return np.where(n >= MIN_INVOICES, _deviation(invoices) * NORMAL * small_sample_factor(n), np.nan)
