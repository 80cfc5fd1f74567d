"""Cash of the coming weeks: what is expected, and bands drawn with invoices that are paid together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from payseg_widgets._compiled import compiled
from payseg_widgets.prediction.dependence import Dependence

#: Of the bands.
QUANTILES = (0.1, 0.5, 0.9)
#: A chance of being open of 0, of which there is a logarithm.
_NONE_LEFT = 1e-300
#: From this hazard on an invoice is as good as paid, and what it is then taken to be, whatever the factor of its week.
_MOST_HAZARD, _SURE = 20.0, 1e9
#: Of the mean over a normal variable.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
#: Customers whose bands are worked out together.
_AT_A_TIME = 32


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
    total, bands = np.zeros((n_weeks + 1, n_draws)), np.zeros((n_customers, n_weeks, len(QUANTILES)))
    draws, pace = np.arange(n_draws), week_paces(together, n_weeks, n_draws=n_draws, seed=seed)
    hazards, block = hazards_of(still, together), np.zeros((_AT_A_TIME, n_weeks + 1, n_draws))
    for code, (rows, endured) in enumerate(drawn_together(customer, together, n_draws=n_draws, seed=seed)):
        place = code % _AT_A_TIME
        cash = block[place]
        for row, one in zip(rows, endured, strict=True):
            cash[ends_of(one, hazards[row], pace), draws] += money[row]
        total += cash
        if place == _AT_A_TIME - 1 or code == n_customers - 1:
            done = np.quantile(block[: place + 1, :-1], QUANTILES, axis=2)
            bands[code - place : code + 1] = np.moveaxis(done, 0, 2)
            block[:] = 0.0
    return Bands(np.asarray(np.quantile(total, QUANTILES, axis=1).T), bands)


def drawn_together(
    customer: np.ndarray, together: Dependence, *, n_draws: int, seed: int
) -> Iterator[tuple[range, Iterator[np.ndarray]]]:
    """Yield of each customer the rows of its invoices, and of each the hazard that it endures unpaid before it is paid.

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
    endured : iterator of numpy.ndarray, shape (n_draws,)
        Summed over its days; to be gone through before the next customer is asked for: all draws come from one stream.
    """
    rng = np.random.default_rng(seed)
    common = np.sqrt(together.common) * rng.standard_normal(n_draws)
    left = np.sqrt(max(1 - together.common - together.own, 0.0))
    start = np.searchsorted(customer, np.arange(customer.max(initial=-1) + 2))
    for low, high in pairwise(start):
        own = common + np.sqrt(together.own) * rng.standard_normal(n_draws)
        rows = range(low, high)
        yield rows, (-np.log(special.ndtr(-own - left * rng.standard_normal(n_draws))) for _ in rows)


def week_paces(together: Dependence, n_weeks: int, *, n_draws: int, seed: int) -> np.ndarray:
    """Return the factor of all hazards in each week, shape (n_draws, n_weeks).

    The stream is its own: the same seed gives the same factors, and those of the first weeks do not depend on how many follow.
    """
    variance = np.log1p(together.weekly)
    normal = np.random.default_rng([seed, 2]).standard_normal((n_weeks, n_draws)).T
    return np.ascontiguousarray(np.exp(np.sqrt(variance) * normal - variance / 2))


def hazards_of(still: np.ndarray, together: Dependence, *, per_week: int = 1) -> np.ndarray:
    """Return the hazard of each stretch, such that over the factors of weeks the chances come out as they were told.

    Parameters
    ----------
    still : numpy.ndarray, shape (n_invoices, n_stretches + 1)
        Chance of being open now, which is 1, and at the end of each stretch.
    together : Dependence
    per_week : int
        Stretches in a week, which share its factor.

    Returns
    -------
    numpy.ndarray, shape (n_invoices, n_stretches)
    """
    total = -np.log(np.maximum(still, _NONE_LEFT))
    begun = np.repeat(total[:, :-1:per_week], per_week, axis=1)
    within = _as_with_factor(total[:, 1:] - begun, np.log1p(together.weekly))
    before = np.column_stack([np.zeros(len(still)), within[:, :-1]])
    before[:, ::per_week] = 0.0
    return np.ascontiguousarray(within - before)


def _as_with_factor(hazard: np.ndarray, variance: float) -> np.ndarray:
    """Return the hazard that, multiplied by a log-normal factor of mean 1, leaves as many unpaid on average as one without."""
    if not variance:
        return hazard
    factor = np.exp(np.sqrt(variance) * _NODES - variance / 2)
    grid = np.concatenate([[0.0], np.geomspace(1e-9, _SURE, 2_000)])
    without = -np.log(np.maximum(np.exp(-np.outer(grid, factor)) @ _WEIGHTS, _NONE_LEFT))
    return np.where(hazard > _MOST_HAZARD, _SURE, np.interp(hazard, without, grid))


def ends_of(endured: np.ndarray, hazard: np.ndarray, pace: np.ndarray) -> np.ndarray:
    """Return in which stretch an invoice is paid, counted from 0; the last is later than all or never.

    Parameters
    ----------
    endured : numpy.ndarray, shape (n_draws,)
        See `drawn_together`.
    hazard : numpy.ndarray, shape (n_stretches,)
    pace : numpy.ndarray, shape (n_draws, n_stretches)
        Factor of the hazard in each.
    """
    ends = np.empty(len(endured), np.int64)
    _find_ends(endured, hazard, pace, ends)
    return ends


@compiled
def _find_ends(endured: np.ndarray, hazard: np.ndarray, pace: np.ndarray, ends: np.ndarray) -> None:
    n_stretches = len(hazard)
    for draw in range(len(endured)):
        left, stretch = endured[draw], 0
        while stretch < n_stretches:
            left -= hazard[stretch] * pace[draw, stretch]
            if left < 0:
                break
            stretch += 1
        ends[draw] = stretch
