"""Cash of the coming weeks: what is expected, and bands drawn with invoices that are paid together."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets.prediction.dates import Unpaid
from payseg_widgets.prediction.dependence import Dependence

#: Of the bands.
QUANTILES = (0.1, 0.5, 0.9)


class Bands(NamedTuple):
    """Quantiles of the cash of each week, in minor units.

    Attributes
    ----------
    weeks : numpy.ndarray, shape (n_weeks + 1, 3)
        The last row is later or never.
    customers : numpy.ndarray, shape (n_customers, n_weeks, 3)
    """

    weeks: np.ndarray
    customers: np.ndarray


def week_starts(as_of: pd.Timestamp, n_weeks: int) -> pd.DatetimeIndex:
    """Return the first day of each week, the first being the day after ``as_of``."""
    first = as_of.normalize() + pd.Timedelta(days=1)
    return pd.DatetimeIndex([first + pd.Timedelta(weeks=k) for k in range(n_weeks)], name="week")


def still_open(unpaid: Unpaid, n_weeks: int) -> np.ndarray:
    """Return the chance that an invoice is open now and at the end of each week, shape (n_invoices, n_weeks + 1)."""
    return np.column_stack([unpaid.ahead(7.0 * week) for week in range(n_weeks + 1)])


def draw_bands(
    still: np.ndarray, money: np.ndarray, customer: np.ndarray, together: Dependence, *, n_draws: int, seed: int
) -> Bands:  # fmt: skip
    """Draw the weeks in which invoices are paid.

    Parameters
    ----------
    still : numpy.ndarray, shape (n_invoices, n_weeks + 1)
        See `still_open`.
    money : numpy.ndarray, shape (n_invoices,)
    customer : numpy.ndarray of int, shape (n_invoices,)
        Codes from 0 on, in order.
    together : Dependence
    n_draws, seed : int
    """
    rng = np.random.default_rng(seed)
    n_weeks = still.shape[1] - 1
    common = np.sqrt(together.common) * rng.standard_normal(n_draws)
    left = np.sqrt(max(1 - together.common - together.own, 0.0))
    start = np.searchsorted(customer, np.arange(customer.max(initial=-1) + 2))
    total, bands = np.zeros((n_draws, n_weeks + 1)), np.zeros((len(start) - 1, n_weeks, len(QUANTILES)))
    draws = np.arange(n_draws)
    for code, (low, high) in enumerate(pairwise(start)):
        own = common + np.sqrt(together.own) * rng.standard_normal(n_draws)
        cash = np.zeros((n_draws, n_weeks + 1))
        for row in range(low, high):
            u = stats.norm.sf(own + left * rng.standard_normal(n_draws))  # chance left unpaid at payment
            week = n_weeks - np.searchsorted(still[row, ::-1], u, side="left")
            cash[draws, np.clip(week, 0, n_weeks)] += money[row]
        total += cash
        bands[code] = np.quantile(cash[:, :-1], QUANTILES, axis=0).T
    return Bands(np.asarray(np.quantile(total, QUANTILES, axis=0).T), bands)
