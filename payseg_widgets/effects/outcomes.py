"""What may differ between groups of customers, each measured on invoices that no open one can bias.

An invoice due more than ``horizon_days`` ago is paid, or late by more than that: its delay, counted up to
``horizon_days``, is known either way. Younger invoices are left out whether they are paid or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from payseg_widgets.effects.mixed import Measured
from payseg_widgets.features.groups import Groups
from payseg_widgets.features.invoices import SettledInvoices

HORIZON_DAYS = 120
_DAYS_A_YEAR = 365.25
#: Invoices a customer must have for its spread, and for its trend, to be told.
_FOR_SPREAD, _FOR_TREND = 5, 8
#: Days its invoices must span for a trend.
_SPAN_DAYS = 180
_LEAST_SPREAD_DAYS = 0.5  # days are whole: a spread below this is not told from none


@dataclass(frozen=True)
class Outcome:
    """Something measured on each customer.

    Attributes
    ----------
    name, label : str
    unit : str
        ``days``, ``points`` (of a hundred), ``days a year`` or ``log`` (differences are ratios of spreads).
    measure : callable
        Takes delays in days (capped), the due days, the days of grace and the groups of customers.
    """

    name: str
    label: str
    unit: str
    measure: Callable[[np.ndarray, np.ndarray, int, Groups], Measured]


def mature(invoices: SettledInvoices, horizon_days: int) -> tuple[np.ndarray, np.ndarray, int, Groups]:
    """Return capped delays and due days of the invoices whose delay is known up to the horizon, grace, and their groups."""
    is_known = invoices.is_due_for(horizon_days)
    kept = np.concatenate(([0], np.cumsum(is_known)))
    late = np.minimum(invoices.days_late[is_known], horizon_days).astype(float)
    return late, invoices.due[is_known].astype(float), invoices.grace_days, Groups(kept[invoices.start])


def _means(values: np.ndarray, groups: Groups) -> Measured:
    n = groups.sizes.astype(float)
    mean = groups.mean(values)
    within = groups.sum((values - groups.repeat(np.nan_to_num(mean))) ** 2)
    return Measured(mean, n, within=within)


def _days_late(late: np.ndarray, due: np.ndarray, grace_days: int, groups: Groups) -> Measured:
    return _means(late, groups)


def _late_ratio(late: np.ndarray, due: np.ndarray, grace_days: int, groups: Groups) -> Measured:
    return _means(100.0 * (late > grace_days), groups)


def _spread(late: np.ndarray, due: np.ndarray, grace_days: int, groups: Groups) -> Measured:
    """Log of the standard deviation, free of the bias that few invoices bring, with its sampling variance.

    Under normal delays the bias is known; tails heavier than normal add to it and to the variance by their kurtosis, which is
    taken from all customers together.
    """
    n = groups.sizes.astype(float)
    sd = groups.sd(late)
    enough = (n >= _FOR_SPREAD) & np.isfinite(sd)
    sd = np.maximum(sd, _LEAST_SPREAD_DAYS)
    df = np.maximum(n - 1, 1)
    excess = _excess_kurtosis(late, groups, enough)
    bias = special.digamma(df / 2) - np.log(df / 2) - excess / (2 * np.maximum(n, 1))
    variance = special.polygamma(1, df / 2) + excess / np.maximum(n, 1)
    # of log(sd**2) up to here; of log(sd) below
    return Measured(np.where(enough, np.log(sd) - bias / 2, np.nan), n, variance=variance / 4)


def _excess_kurtosis(late: np.ndarray, groups: Groups, enough: np.ndarray) -> float:
    """Excess kurtosis of delays about the customer's mean, over all customers; not below 0."""
    n = groups.sizes.astype(float)
    many = enough & (n >= 20)
    if not many.any():
        many = enough
    deviation = late - groups.repeat(np.nan_to_num(groups.mean(late)))
    second, fourth = groups.sum(deviation**2)[many], groups.sum(deviation**4)[many]
    is_spread = second > 0
    if not is_spread.any():
        return 0.0
    k, second, fourth = n[many][is_spread], second[is_spread], fourth[is_spread]
    # the sample kurtosis of k normal values is 3 (k - 1) / (k + 1) on average
    kurtosis = fourth / k / (second / k) ** 2 - 3 * (k - 1) / (k + 1)
    return float(max(np.average(kurtosis, weights=k), 0.0))


def _trend(late: np.ndarray, due: np.ndarray, grace_days: int, groups: Groups) -> Measured:
    """Slope of the delay in days a year, with its sampling variance from the residuals of all customers."""
    n = groups.sizes.astype(float)
    years = due / _DAYS_A_YEAR
    centred = years - groups.repeat(np.nan_to_num(groups.mean(years)))
    squares = groups.sum(centred**2)
    slope = np.divide(groups.sum(centred * late), squares, out=np.full(len(n), np.nan), where=squares > 0)
    level = np.nan_to_num(groups.mean(late))
    rest = late - groups.repeat(level) - groups.repeat(np.nan_to_num(slope)) * centred
    long = (groups.latest(due) - _earliest(due, groups)) >= _SPAN_DAYS
    enough = (n >= _FOR_TREND) & long & (squares > 0)
    freedom = float((n[enough] - 2).sum())
    error = float(groups.sum(rest**2)[enough].sum()) / freedom if freedom > 0 else np.nan
    variance = np.divide(error, squares, out=np.full(len(n), np.nan), where=enough)
    return Measured(np.where(enough, slope, np.nan), n, variance=variance)


def _earliest(due: np.ndarray, groups: Groups) -> np.ndarray:
    return -groups.latest(-due)


OUTCOMES = {
    outcome.name: outcome
    for outcome in (
        Outcome("days_late", "Days late", "days", _days_late),
        Outcome("late_ratio", "Invoices paid late", "points", _late_ratio),
        Outcome("spread", "Unpredictability", "log", _spread),
        Outcome("trend", "Change of days late", "days a year", _trend),
    )
}
