"""How far invoices are paid together: what makes a week's cash less certain than its invoices one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

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


class Dependence(NamedTuple):
    """Correlations of normal scores of when invoices are paid, each beside what was expected of it.

    Attributes
    ----------
    common : float
        Of invoices of different customers open on the same day.
    own : float
        What those of the same customer have beyond that.
    """

    common: float
    own: float


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
    if len(later) < _FEWEST_LATER:
        return None
    try:
        dates = fit_dates(marks.known_by(split), seed=seed)
    except ForecastError:
        return None
    return correlations(
        scores_of(dates, later), later.seen_on, np.unique(later.customer_id, return_inverse=True)[1]
    )


def correlations(score: np.ndarray, day: np.ndarray, customer: np.ndarray) -> Dependence:
    """Return the mean products of standardised scores of the same day: of all pairs, and beyond it of the same customer's."""
    score = (score - score.mean()) / max(float(score.std()), 1e-9)
    both = np.unique(np.column_stack([day, customer]), axis=0, return_inverse=True)[1].ravel()
    all_pairs, n_all = _products(score, np.unique(day, return_inverse=True)[1])
    own_pairs, n_own = _products(score, both)
    common = (all_pairs - own_pairs) / (n_all - n_own) if n_all > n_own else 0.0
    common = float(np.clip(common, 0.0, _MOST))
    own = float(np.clip((own_pairs / n_own if n_own else 0.0) - common, 0.0, _MOST - common))
    return Dependence(common, own)


def scores_of(dates: PayDates, later: AtIssue) -> np.ndarray:
    """Return normal scores of when invoices were paid; one still open lies in the middle of what is left."""
    unpaid = dates.unpaid(later)
    settled = np.where(later.settled_on == NEVER, np.int64(1) << 40, later.settled_on.astype(np.int64))
    took = settled - later.due
    still = unpaid.after(np.minimum(later.as_of - later.due, ENDS[-1]).astype(float)) / 2
    paid = (unpaid.after(took.astype(float)) + unpaid.after(took - 1.0)) / 2  # in the middle of the day
    seen = (settled <= later.as_of) & (took <= ENDS[-1])
    return np.asarray(stats.norm.isf(np.clip(np.where(seen, paid, still), 1e-4, 1 - 1e-4)))


def _products(score: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Sum of the products of all pairs of different rows in the same group, and how many pairs."""
    n = np.bincount(group)
    total, squares = np.bincount(group, weights=score), np.bincount(group, weights=score**2)
    return float((total**2 - squares).sum() / 2), float((n * (n - 1)).sum() / 2)
