"""Intervals whose units are customers.

The invoices of a customer share its habits: counted one by one they would make intervals too narrow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

#: With fewer customers nothing is told of whether forecasts hold.
FEWEST_CUSTOMERS = 10


class Estimate(NamedTuple):
    """A figure with its interval.

    Attributes
    ----------
    value, conf_low, conf_high : float
        The interval is missing with fewer than two customers; all are missing where nothing was measured.
    n : int
        Invoices behind it.
    n_customers : int
    """

    value: float
    conf_low: float
    conf_high: float
    n: int
    n_customers: int


def mean_interval(values: np.ndarray, customer_id: np.ndarray, *, level: float = 0.95) -> Estimate:
    """Return the mean over invoices with its interval, each customer left out in turn.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_invoices,)
    customer_id : numpy.ndarray, shape (n_invoices,)
    level : float

    Returns
    -------
    Estimate

    References
    ----------
    Cameron and Miller (2015), Journal of Human Resources 50, 317-372: the jackknife over clusters, with Student's t.

    Examples
    --------
    >>> mean_interval(np.array([1.0, 1.0, 0.0]), np.array(["A", "A", "B"])).value
    0.6666666666666666
    """
    n = len(values)
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, 0)
    codes, units = _codes(customer_id)
    mean, k = float(np.mean(values)), units
    if k < 2:
        return Estimate(mean, np.nan, np.nan, n, k)
    sums, counts = np.bincount(codes, weights=values), np.bincount(codes)
    without = (sums.sum() - sums) / (n - counts)
    half = stats.t.ppf((1 + level) / 2, k - 1) * np.sqrt((k - 1) / k * ((without - mean) ** 2).sum())
    return Estimate(mean, mean - float(half), mean + float(half), n, k)


def share_interval(
    is_true: np.ndarray,
    customer_id: np.ndarray,
    *,
    expected: np.ndarray | None = None,
    shared_variance: float = 0.0,
    level: float = 0.95,
) -> Estimate:
    """Return a share of invoices with its interval: the exact one of as many independent invoices as these are worth.

    Parameters
    ----------
    is_true : numpy.ndarray of bool, shape (n_invoices,)
    customer_id : numpy.ndarray, shape (n_invoices,)
    expected : numpy.ndarray, shape (n_invoices,), optional
        The chance that was told of each. What it explains is no scatter; and where all customers happen to agree the
        scatter is at least that of independent throws of these chances.
    shared_variance : float
        Variance of the number of true ones that all customers have in common.
    level : float

    Returns
    -------
    Estimate
        Within 0 and 1.

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201: Clopper and Pearson's interval of the effective number.
    """
    n = len(is_true)
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, 0)
    codes, k = _codes(customer_id)
    share = float(np.mean(is_true))
    if k < 2:
        return Estimate(share, np.nan, np.nan, n, k)
    centre = share if expected is None else float(np.mean(expected))
    sums = np.bincount(codes, weights=is_true - (share if expected is None else expected))
    variance = k * float(np.var(sums, ddof=1))
    if expected is not None:
        variance = max(variance, float((expected * (1 - expected)).sum()))
    variance += shared_variance
    worth = min(centre * (1 - centre) * n**2 / variance, n) if variance > 0 else float(k)
    tail = (1 + level) / 2
    worth *= float(stats.norm.ppf(tail) / stats.t.ppf(tail, k - 1)) ** 2
    true, false = share * worth, (1 - share) * worth
    low = stats.beta.ppf(1 - tail, true, false + 1) if true > 0 else 0.0
    high = stats.beta.ppf(tail, true + 1, false) if false > 0 else 1.0
    return Estimate(share, float(low), float(high), n, k)


def interval_in_words(low: float, high: float, digits: str = ".4f") -> str:
    """Write a 95 % interval, or why there is none.

    >>> interval_in_words(0.01, 0.02, "+.2f"), interval_in_words(np.nan, np.nan)
    ('95% +0.01 to +0.02', 'no interval can be given: one customer')
    """
    if np.isnan(low) or np.isnan(high):
        return "no interval can be given: one customer"
    return f"95% {low:{digits}} to {high:{digits}}"


def too_few_customers(n_customers: int) -> str:
    """Say that nothing can be told of so few customers.

    >>> too_few_customers(9)
    'too few customers (9; 10 are needed) to tell'
    """
    return f"too few customers ({n_customers}; {FEWEST_CUSTOMERS} are needed) to tell"


def _codes(customer_id: np.ndarray) -> tuple[np.ndarray, int]:
    units, codes = np.unique(customer_id, return_inverse=True)
    return codes, len(units)
