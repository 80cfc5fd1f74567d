"""How far invoices are paid together: what makes a week's cash less certain than its invoices one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import AtIssue
from payseg_widgets.prediction.dates import ENDS, PayDates, fit_dates

#: Days that a forecast of the past must have had to come true.
_OLD_ENOUGH = 60
#: Share of the days looked at that the forecasts of the others are learnt from.
_LEARNT_FROM = 0.6
_MOST = 0.95
_FEWEST_LATER = 20
#: Weeks after each day that are held against what was expected of them: the days are a fortnight apart, so each week counts
#: once.
_WEEKS = 2
#: Payments that must have been expected of those weeks: of few the variance is noise. It is no larger than the second.
_FEWEST_EXPECTED, _MOST_WEEKLY = 300, 2.0
#: Terms of the expansion of a joint probability of two invoices in powers of their correlation.
_TERMS = 4


class Dependence(NamedTuple):
    """How far what comes of invoices goes together, beyond what was expected of each.

    Attributes
    ----------
    common : float
        Correlation of normal scores of when invoices of different customers are paid that are open on the same day.
    own : float
        What those of the same customer have beyond that.
    weekly : float
        Variance of a factor of mean 1, another one each week, by which all hazards of that week are multiplied: weeks in which
        everybody pays, or nobody.
    """

    common: float
    own: float
    weekly: float = 0.0


def dependence(marks: AtIssue, *, seed: int = 0) -> Dependence | None:
    """Return how far invoices are paid together.

    Where they are, bands of independent throws would be too narrow. What was expected is learnt from earlier days than those
    it is held against: a model finds its own past less surprising than the future.

    Parameters
    ----------
    marks : AtIssue
        Invoices open on past days: see `payseg_widgets.prediction.landmarks`.
    seed : int

    Returns
    -------
    Dependence or None
        ``None`` where the earlier days have too few payments to learn from, or the later ones too few invoices.
    """
    looked = marks.seen_on.astype(np.int64) - 1
    split = int(np.quantile(looked, _LEARNT_FROM, method="lower"))
    later = marks.take(np.flatnonzero((looked >= split) & (looked + _OLD_ENOUGH <= marks.as_of)))
    ended = marks.take(np.flatnonzero((looked >= split) & (looked + 7 * _WEEKS <= marks.as_of)))
    if len(later) < _FEWEST_LATER:
        return None
    try:
        dates = fit_dates(marks.known_by(split), seed=seed)
    except ForecastError:
        return None
    pairs = correlations(
        scores_of(dates, later), later.seen_on, np.unique(later.customer_id, return_inverse=True)[1]
    )
    still = dates.unpaid(ended).at_week_ends(_WEEKS)
    week = (ended.settled_on.astype(np.int64) - ended.seen_on) // 7
    both = _groups(ended.seen_on, ended.customer_id)
    return pairs._replace(weekly=weekly_variance(still, week, ended.seen_on, both, pairs))


def correlations(score: np.ndarray, day: np.ndarray, customer: np.ndarray) -> Dependence:
    """Return the mean products of standardised scores of the same day: of all pairs, and beyond it of the same customer's."""
    score = (score - score.mean()) / max(float(score.std()), 1e-9)
    both = _groups(day, customer)
    all_pairs, n_all = _products(score, np.unique(day, return_inverse=True)[1])
    own_pairs, n_own = _products(score, both)
    common = (all_pairs - own_pairs) / (n_all - n_own) if n_all > n_own else 0.0
    common = float(np.clip(common, 0.0, _MOST))
    own = float(np.clip((own_pairs / n_own if n_own else 0.0) - common, 0.0, _MOST - common))
    return Dependence(common, own)


def weekly_variance(
    still: np.ndarray, week: np.ndarray, day: np.ndarray, both: np.ndarray, pairs: Dependence
) -> float:
    """Return how far payments of single weeks go together, beyond what chance and the correlations of pairs bring.

    Parameters
    ----------
    still : numpy.ndarray, shape (n_invoices, n_weeks + 1)
        See `Unpaid.at_week_ends`.
    week : numpy.ndarray of int, shape (n_invoices,)
        Week of payment, counted from 0; any other number for later or never.
    day, both : numpy.ndarray, shape (n_invoices,)
        The day looked at; a number for each customer on each day.
    pairs : Dependence

    Returns
    -------
    float
        Moment estimate: squared surprises of weeks less their variance, over the squared changes that a small factor would
        bring, 2 at most; 0 where fewer than 300 payments were expected. Where pairs go together closely it is too small:
        of 0.4 beside correlations of 0.3 and 0.4 two thirds are found.
    """
    group = np.unique(day, return_inverse=True)[1]
    level = stats.norm.isf(still)
    surprise, change, expected = 0.0, 0.0, 0.0
    for k in range(still.shape[1] - 1):
        high, low = still[:, k], still[:, k + 1]
        p = high - low
        expected += float(p.sum())
        off = np.bincount(group, weights=(week == k) - p)
        moved = np.bincount(group, weights=low * np.log(high / np.maximum(low, 1e-9)))
        surprise += float((off**2).sum() - (p * (1 - p)).sum())
        for n in range(1, _TERMS + 1):
            term = (_hermite(n, level[:, k + 1]) - _hermite(n, level[:, k])) / np.sqrt(special.factorial(n))
            all_pairs, own_pairs = 2 * _products(term, group)[0], 2 * _products(term, both)[0]
            rho = pairs.common + pairs.own
            surprise -= pairs.common**n * (all_pairs - own_pairs) + rho**n * own_pairs
        change += float((moved**2).sum())
    if expected < _FEWEST_EXPECTED:
        return 0.0
    return float(np.clip(surprise / change, 0.0, _MOST_WEEKLY))


def scores_of(dates: PayDates, later: AtIssue) -> np.ndarray:
    """Return normal scores of when invoices were paid; one still open lies in the middle of what is left."""
    unpaid = dates.unpaid(later)
    settled = np.where(later.settled_on == NEVER, np.int64(1) << 40, later.settled_on.astype(np.int64))
    took = settled - later.due
    still = unpaid.after(np.minimum(later.as_of - later.due, ENDS[-1]).astype(float)) / 2
    paid = (unpaid.after(took.astype(float)) + unpaid.after(took - 1.0)) / 2  # in the middle of the day
    seen = (settled <= later.as_of) & (took <= ENDS[-1])
    return np.asarray(stats.norm.isf(np.clip(np.where(seen, paid, still), 1e-4, 1 - 1e-4)))


def _hermite(n: int, level: np.ndarray) -> np.ndarray:
    """Return the n-th coefficient of the event that a normal score lies above a level, times the root of n!; 0 at infinity."""
    at = np.where(np.isfinite(level), level, 0.0)
    return np.where(np.isfinite(level), special.eval_hermitenorm(n - 1, at) * stats.norm.pdf(at), 0.0)


def _groups(day: np.ndarray, customer: np.ndarray) -> np.ndarray:
    """Return a number for each customer on each day."""
    codes = np.unique(customer, return_inverse=True)[1]
    return np.unique(np.column_stack([day, codes]), axis=0, return_inverse=True)[1].ravel()


def _products(score: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Sum of the products of all pairs of different rows in the same group, and how many pairs."""
    n = np.bincount(group)
    total, squares = np.bincount(group, weights=score), np.bincount(group, weights=score**2)
    return float((total**2 - squares).sum() / 2), float((n * (n - 1)).sum() / 2)
