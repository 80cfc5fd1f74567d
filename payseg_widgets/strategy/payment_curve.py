"""Share of invoices still unpaid, day by day around the due date, open invoices respected."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.features.invoices import SettledInvoices


def unpaid_curve(invoices: SettledInvoices, first_day: int = -60, last_day: int = 180) -> pd.Series:
    """Kaplan-Meier estimate of the share of invoices unpaid ``d`` days after their due date.

    An open invoice counts as unpaid up to the as-of date and says nothing about later days. Void invoices are left out;
    a written-off one was never paid.

    Parameters
    ----------
    invoices : SettledInvoices
    first_day, last_day : int
        Days relative to the due date; the curve is exact at each, also where payments came before ``first_day``.

    Returns
    -------
    pandas.Series
        Index ``days_late`` from ``first_day`` to ``last_day``; share in [0, 1]; NaN from the day on which no invoice
        is under observation any more. ``attrs["median_days"]`` is the median of the whole curve, also where it lies
        outside these days: see `median_days`.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. JASA 53, 457-481.
    """
    days = np.arange(first_day, last_day + 1)
    counted = invoices.is_owed
    seen_until, is_paid = invoices.days_late[counted], invoices.is_settled[counted]
    if not len(seen_until):
        return _named(np.full(len(days), np.nan), days, np.nan)
    low = min(int(seen_until.min()), first_day)
    n_days = max(int(seen_until.max()), last_day) - low + 1
    ended = np.bincount(seen_until - low, minlength=n_days)
    paid = np.bincount(seen_until[is_paid] - low, minlength=n_days)
    at_risk = ended[::-1].cumsum()[::-1]
    step = 1 - np.divide(paid, at_risk, out=np.zeros(n_days), where=at_risk > 0)
    curve = np.where(at_risk > 0, np.cumprod(step), np.nan)
    fully_paid = np.flatnonzero(curve == 0)  # once everybody has paid the share is known to stay at zero
    if len(fully_paid):
        curve[fully_paid[0] :] = 0.0
    reached = np.flatnonzero(curve <= 0.5)
    median = float(reached[0] + low) if len(reached) else np.nan
    return _named(curve[first_day - low : last_day - low + 1], days, median)


def _named(curve: np.ndarray, days: np.ndarray, median: float) -> pd.Series:
    named = pd.Series(curve, index=pd.Index(days, name="days_late"))
    named.attrs["median_days"] = median
    return named


def median_days(curve: pd.Series) -> float:
    """First day on which at most half the invoices are unpaid; NaN where the curve does not get there.

    Parameters
    ----------
    curve : pandas.Series
        Of `unpaid_curve`, whichever days it was asked for.
    """
    return float(curve.attrs["median_days"])
