"""Delays of invoices some of which are still open: Kaplan-Meier curves, one for each customer.

An open invoice is right-censored: its delay is at least what has passed so far. Leaving such invoices out makes the
worst payers look best; counting them as paid today makes everybody look good.

References
----------
Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. JASA 53, 457-481.

Brown, B. W., Hollander, M. and Korwar, R. M. (1974). Nonparametric tests of independence for censored data, with
applications to heart transplant studies. In: Reliability and Biometry, SIAM, 327-354 (the exponential tail).

Royston, P. and Parmar, M. K. B. (2013). Restricted mean survival time. BMC Medical Research Methodology 13, 152.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit


@dataclass(frozen=True, repr=False)
class SurvivalSummary:
    """What is read off each customer's curve; arrays of shape (n_customers,).

    Attributes
    ----------
    mean : numpy.ndarray
        Restricted mean: delays beyond the horizon count as the horizon. NaN where the curve is not observed far
        enough.
    median : numpy.ndarray
        First delay by which half have happened (midpoint where the curve is flat at one half), at most the horizon.
        NaN where the curve ends above one half before the horizon.
    """

    mean: np.ndarray
    median: np.ndarray


def summarise_survival(
    start: np.ndarray,
    duration: np.ndarray,
    is_observed: np.ndarray,
    weights: np.ndarray,
    *,
    horizon: float,
    max_unknown: float,
) -> SurvivalSummary:
    """Return restricted mean and median of each customer's delay.

    Parameters
    ----------
    start : numpy.ndarray of int64, shape (n_customers + 1,)
        Rows ``start[c]:start[c + 1]`` are customer ``c``'s.
    duration : numpy.ndarray of int, shape (n,)
        Days until the event or, where it has not happened, until now; may be negative.
    is_observed : numpy.ndarray of bool, shape (n,)
        Whether the event has happened.
    weights : numpy.ndarray, shape (n,)
        Rows of weight 0 are left out.
    horizon : float
        Day at which the mean is restricted.
    max_unknown : float
        If the longest wait ends before the horizon with a share S still open, the mean lies anywhere in an interval
        of length S x (horizon - longest wait). Up to this length (in days) an exponential tail completes the curve;
        beyond it the mean is NaN.

    Returns
    -------
    SurvivalSummary
    """
    mean, median = np.empty(len(start) - 1), np.empty(len(start) - 1)
    _summarise(start, duration, is_observed, weights, float(horizon), float(max_unknown), mean, median)
    return SurvivalSummary(mean, median)


@njit(cache=True, nogil=True)
def _sort_keys(keys):  # type: ignore[no-untyped-def]  # numba infers
    if len(keys) > 40:
        keys.sort()
        return
    for i in range(1, len(keys)):
        key, j = keys[i], i - 1
        while j >= 0 and keys[j] > key:
            keys[j + 1] = keys[j]
            j -= 1
        keys[j + 1] = key


@njit(cache=True, nogil=True)
def _tail(share, last, first, horizon):  # type: ignore[no-untyped-def]  # numba infers
    """Area under the exponential curve through (first, 1) and (last, share), from last to the horizon."""
    if last <= first or share >= 1.0:
        return share * (horizon - last)
    rate = -np.log(share) / (last - first)
    return share * (1.0 - np.exp(-rate * (horizon - last))) / rate


@njit(cache=True, nogil=True)
def _summarise(start, duration, is_observed, weights, horizon, max_unknown, mean, median):  # type: ignore[no-untyped-def]  # numba infers
    largest = 0
    for c in range(len(mean)):
        largest = max(largest, start[c + 1] - start[c])
    keys = np.empty(largest, np.int64)
    for c in range(len(mean)):
        n, at_risk = 0, 0.0
        for i in range(start[c], start[c + 1]):
            if (
                weights[i] > 0
            ):  # one key to sort by: day, events before the still open, and where to find the weight
                keys[n] = (
                    (np.int64(duration[i]) << 33) | (np.int64(not is_observed[i]) << 32) | (i - start[c])
                )
                at_risk += weights[i]
                n += 1
        if n == 0:
            mean[c], median[c] = np.nan, np.nan
            continue
        _sort_keys(keys[:n])
        first, last = float(keys[0] >> 33), float(keys[n - 1] >> 33)
        share, area, reached, middle, half_from = 1.0, min(first, horizon), first, np.nan, np.nan
        k = 0
        while k < n:
            day, events, leaving = keys[k] >> 33, 0.0, 0.0
            while k < n and keys[k] >> 33 == day:
                weight = weights[start[c] + (keys[k] & 0xFFFFFFFF)]
                leaving += weight
                if (keys[k] >> 32) & 1 == 0:
                    events += weight
                k += 1
            area += share * max(min(float(day), horizon) - min(reached, horizon), 0.0)
            reached = float(day)
            if events > 0:
                if not np.isnan(half_from) and np.isnan(middle):
                    middle = (half_from + day) / 2
                share *= 1.0 - events / at_risk
                if k == n and leaving == events:
                    share = 0.0
                if np.isnan(middle) and np.isnan(half_from):
                    if share < 0.5 - 1e-9:
                        middle = float(day)
                    elif share <= 0.5 + 1e-9:
                        half_from = float(day)
            at_risk -= leaving
        if np.isnan(middle):
            middle = half_from
        if last < horizon and share > 0:
            unknown = share * (horizon - last)
            area = area + _tail(share, last, first, horizon) if unknown <= max_unknown else np.nan
        if np.isnan(middle) and last >= horizon:
            middle = horizon
        mean[c], median[c] = area, min(middle, horizon)
