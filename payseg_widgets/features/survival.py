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

from payseg_widgets._compiled import compiled
from payseg_widgets.features.sorting import sort_in_place


@dataclass(frozen=True, repr=False)
class SurvivalSummary:
    """What is read off each customer's curve; arrays of shape (n_customers,) or (n_weights, n_customers).

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
    weights : numpy.ndarray of float64, shape (n,) or (n_weights, n)
        Rows of weight 0 are left out. Several rows of weights are several curves of the same delays; the same delays
        must have no weight in each.
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
    rows = np.atleast_2d(weights)
    mean, median = (np.empty((len(rows), len(start) - 1)) for _ in range(2))
    keys = np.empty(np.diff(start).max(initial=0), np.int64)
    _summarise(start, duration, is_observed, rows, float(horizon), float(max_unknown), keys, mean, median)
    return SurvivalSummary(mean, median) if weights.ndim == 2 else SurvivalSummary(mean[0], median[0])


@compiled
def _tail(share, last, first, horizon):  # type: ignore[no-untyped-def]  # numba infers
    """Area under the exponential curve through (first, 1) and (last, share), from last to the horizon."""
    if last <= first or share >= 1.0:
        return share * (horizon - last)
    rate = -np.log(share) / (last - first)
    return share * (1.0 - np.exp(-rate * (horizon - last))) / rate


@compiled
def _curve(keys, weights, horizon, max_unknown):  # type: ignore[no-untyped-def]  # numba infers
    """Restricted mean and median of one curve; the low half of a key is where its weight is."""
    n, at_risk = len(keys), 0.0
    for k in range(n):
        at_risk += weights[keys[k] & 0xFFFFFFFF]
    first, last = float(keys[0] >> 33), float(keys[n - 1] >> 33)
    share, area, reached, middle, half_from = 1.0, min(first, horizon), first, np.nan, np.nan
    per_weight = 1.0 / at_risk  # of those at risk, the share still to come; an event leaves it as it is
    k = 0
    while k < n:
        day, events, leaving = keys[k] >> 33, 0.0, 0.0
        while k < n and keys[k] >> 33 == day:
            weight = weights[keys[k] & 0xFFFFFFFF]
            leaving += weight
            if (keys[k] >> 32) & 1 == 0:
                events += weight
            k += 1
        area += share * max(min(float(day), horizon) - min(reached, horizon), 0.0)
        reached = float(day)
        if events > 0:
            if not np.isnan(half_from) and np.isnan(middle):
                middle = (half_from + day) / 2
            share = 0.0 if k == n and leaving == events else per_weight * (at_risk - events)
            if np.isnan(middle) and np.isnan(half_from):
                if share < 0.5 - 1e-9:
                    middle = float(day)
                elif share <= 0.5 + 1e-9:
                    half_from = float(day)
        at_risk -= leaving
        if leaving > events and k < n:
            per_weight = share / at_risk
    if np.isnan(middle):
        middle = half_from
    if last < horizon and share > 0:
        unknown = share * (horizon - last)
        area = area + _tail(share, last, first, horizon) if unknown <= max_unknown + 1e-9 else np.nan
    if np.isnan(middle) and last >= horizon:
        middle = horizon
    return area, min(middle, horizon)


@compiled
def _summarise(start, duration, is_observed, weights, horizon, max_unknown, keys, mean, median):  # type: ignore[no-untyped-def]  # numba infers
    """Sort each customer's delays once and draw a curve for each row of weights."""
    for c in range(len(start) - 1):
        n = 0
        for i in range(start[c], start[c + 1]):
            # one key to sort by: day, events before the still open, and where to find the weight
            keys[n] = (np.int64(duration[i]) << 33) | (np.int64(not is_observed[i]) << 32) | (i - start[c])
            n += weights[0, i] > 0  # without weight it is overwritten by the next: no jump to guess
        if n == 0:
            mean[:, c], median[:, c] = np.nan, np.nan
            continue
        sort_in_place(keys[:n])
        for w in range(len(weights)):
            own = weights[w, start[c] : start[c + 1]]
            mean[w, c], median[w, c] = _curve(keys[:n], own, horizon, max_unknown)
