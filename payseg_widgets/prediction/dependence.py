"""How far invoices are paid together: by the same customer, and by all customers of the same month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import AtIssue
from payseg_widgets.prediction.dates import PayDates, unpaid_after

#: Invoices due so long ago have had time to be paid, those of a year before tell how things are.
_OLD_ENOUGH, _RECENT = 60, 365
_MONTH = 30
_MOST = 0.95


class Dependence(NamedTuple):
    """Correlations of normal scores of when invoices are paid, each beside what was expected of it.

    Attributes
    ----------
    common : float
        Of invoices of different customers due in the same month.
    own : float
        What those of the same customer have beyond that.
    """

    common: float
    own: float


def dependence(at: AtIssue, dates: PayDates) -> Dependence:
    """Return how far invoices are paid together.

    Where they are, bands of independent throws would be too narrow.
    """
    rows = np.flatnonzero(at.is_owed & (at.due + _OLD_ENOUGH <= at.as_of) & (at.due + _RECENT > at.as_of))
    if len(rows) < 2:
        return Dependence(0.0, 0.0)
    some = at.take(rows)
    unpaid = dates.unpaid(some.frame)
    took = np.where(some.settled_on == NEVER, np.int64(10_000), some.settled_on.astype(np.int64) - some.due)
    # in the middle of the day it was paid on; one unpaid to the end lies in the middle of what is left
    beyond = unpaid[:, -1] / 2
    then = (unpaid_after(unpaid, took) + unpaid_after(unpaid, took - 1)) / 2
    score = stats.norm.isf(np.clip(np.where(took > 180, beyond, then), 1e-4, 1 - 1e-4))
    score = (score - score.mean()) / max(float(score.std()), 1e-9)
    month = some.due // _MONTH
    customers = np.unique(some.customer_id, return_inverse=True)[1]
    both = np.unique(np.column_stack([month, customers]), axis=0, return_inverse=True)[1].ravel()
    all_pairs, n_all = _products(score, np.unique(month, return_inverse=True)[1])
    own_pairs, n_own = _products(score, both)
    common = (all_pairs - own_pairs) / (n_all - n_own) if n_all > n_own else 0.0
    common = float(np.clip(common, 0.0, _MOST))
    own = float(np.clip((own_pairs / n_own if n_own else 0.0) - common, 0.0, _MOST - common))
    return Dependence(common, own)


def _products(score: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Sum of the products of all pairs of different rows in the same group, and how many pairs."""
    n = np.bincount(group)
    total, squares = np.bincount(group, weights=score), np.bincount(group, weights=score**2)
    return float((total**2 - squares).sum() / 2), float((n * (n - 1)).sum() / 2)
