"""Cash of the coming weeks: what is expected, and bands drawn with invoices that are paid together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from payseg_widgets.prediction.dependence import Dependence

#: Of the bands.
QUANTILES = (0.1, 0.5, 0.9)
#: A chance of being open of 0, of which there is a logarithm.
_NONE_LEFT = 1e-300


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


def draw_bands(
    still: np.ndarray, money: np.ndarray, customer: np.ndarray, together: Dependence, *, n_draws: int, seed: int
) -> Bands:  # fmt: skip
    """Draw the weeks in which invoices are paid.

    Parameters
    ----------
    still : numpy.ndarray, shape (n_invoices, n_weeks + 1)
        See `Unpaid.at_week_ends`.
    money : numpy.ndarray, shape (n_invoices,)
    customer : numpy.ndarray of int, shape (n_invoices,)
        Codes from 0 on, in order.
    together : Dependence
    n_draws, seed : int
    """
    n_weeks = still.shape[1] - 1
    n_customers = int(customer.max(initial=-1)) + 1
    total, bands = np.zeros((n_draws, n_weeks + 1)), np.zeros((n_customers, n_weeks, len(QUANTILES)))
    draws, pace = np.arange(n_draws), week_paces(together, n_weeks, n_draws=n_draws, seed=seed)
    for code, (rows, unpaid_at) in enumerate(drawn_together(customer, together, n_draws=n_draws, seed=seed)):
        cash = np.zeros((n_draws, n_weeks + 1))
        for row, u in zip(rows, unpaid_at, strict=True):
            cash[draws, ends_of(u, still[row], pace)] += money[row]
        total += cash
        bands[code] = np.quantile(cash[:, :-1], QUANTILES, axis=0).T
    return Bands(np.asarray(np.quantile(total, QUANTILES, axis=0).T), bands)


def drawn_together(
    customer: np.ndarray, together: Dependence, *, n_draws: int, seed: int
) -> Iterator[tuple[range, Iterator[np.ndarray]]]:
    """Yield of each customer the rows of its invoices, and of each the chance of being unpaid at which it is paid.

    What all customers have in common, and what a customer's invoices have, is in the draws; the same seed gives the same ones.

    Parameters
    ----------
    customer : numpy.ndarray of int, shape (n_invoices,)
        Codes from 0 on, in order.
    together : Dependence
    n_draws, seed : int

    Yields
    ------
    rows : range
    unpaid_at : iterator of numpy.ndarray, shape (n_draws,)
        To be gone through before the next customer is asked for: all draws come from one stream.
    """
    rng = np.random.default_rng(seed)
    common = np.sqrt(together.common) * rng.standard_normal(n_draws)
    left = np.sqrt(max(1 - together.common - together.own, 0.0))
    start = np.searchsorted(customer, np.arange(customer.max(initial=-1) + 2))
    for low, high in pairwise(start):
        own = common + np.sqrt(together.own) * rng.standard_normal(n_draws)
        rows = range(low, high)
        yield rows, (special.ndtr(-own - left * rng.standard_normal(n_draws)) for _ in rows)


def week_paces(together: Dependence, n_weeks: int, *, n_draws: int, seed: int) -> np.ndarray | None:
    """Return the factor of all hazards in each week, shape (n_draws, n_weeks); ``None`` where weeks have nothing of their own.

    The stream is its own: the same seed gives the same factors, and those of the first weeks do not depend on how many follow.
    """
    if not together.weekly:
        return None
    variance = np.log1p(together.weekly)
    normal = np.random.default_rng([seed, 2]).standard_normal((n_weeks, n_draws)).T
    return np.asarray(np.exp(np.sqrt(variance) * normal - variance / 2))


def ends_of(unpaid_at: np.ndarray, still: np.ndarray, pace: np.ndarray | None = None) -> np.ndarray:
    """Return in which stretch an invoice is paid, counted from 0; the last is later than all or never.

    Parameters
    ----------
    unpaid_at : numpy.ndarray, shape (n_draws,)
        See `drawn_together`.
    still : numpy.ndarray, shape (n_stretches + 1,)
        Chance of being open now, which is 1, and at the end of each; never rises.
    pace : numpy.ndarray, shape (n_draws, n_stretches), optional
        Factor of the hazard in each stretch.
    """
    n = len(still) - 1
    if pace is not None:
        hazard = -np.diff(np.log(np.maximum(still, _NONE_LEFT)))
        return np.asarray((np.cumsum(hazard * pace, axis=1) <= -np.log(unpaid_at)[:, None]).sum(axis=1))
    return np.clip(n - np.searchsorted(still[::-1], unpaid_at, side="left"), 0, n)
