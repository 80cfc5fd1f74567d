"""When an invoice is paid, as a distribution: hazards of stretches of days around the due date, open invoices censored.

Days are counted from the due date. In each stretch an invoice that is still unpaid is paid with a chance, the hazard, that
depends on what was known on the day it was looked at. A stretch counts only where it had ended by the day of learning, for the
paid and the unpaid alike: nothing is learnt from those that happened to pay soon. Invoices written off, cancelled or
credited in full stay unpaid: no cash will come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import AtIssue
from payseg_widgets.prediction.forecaster import figures

#: Ends of the stretches, in days from the due date: the first begins at issue; after the last nothing is told.
#: Terms and habits are round: days such as 30 and 60 are stretches of their own.
ENDS = np.array(
    [-45, -30, -21, -14, -10, -7, -5, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 14, 17, 20, 21, 25, 29, 30, 37, 44, 45,
     59, 60, 75, 89, 90, 120, 180, 270, 365, 545, 730]
)  # fmt: skip
#: Rows of invoice by stretch that are learnt from; invoices are drawn at random until there are about so many.
_MOST_ROWS = 600_000
_FEWEST_PAID = 50


@dataclass(frozen=True, eq=False, repr=False)
class Unpaid:
    """Chances of still being unpaid, of invoices that are unpaid now.

    Attributes
    ----------
    open_days : numpy.ndarray, shape (n_invoices,)
        Days from the due date to now; negative before.
    at_ends : numpy.ndarray, shape (n_invoices, n_stretches)
        At the end of each stretch of `ENDS`; 1 where that has passed. Never rises along a row.
    """

    open_days: np.ndarray
    at_ends: np.ndarray

    def after(self, days: np.ndarray) -> np.ndarray:
        """Return the chance so many days from the due date, shape (n_invoices,): evenly falling within a stretch.

        Before now it is 1; beyond the last stretch what it is at its end.
        """
        at = np.searchsorted(ENDS, days)  # the stretch that the day lies in
        rows, inside = np.arange(len(self.open_days)), np.minimum(at, len(ENDS) - 1)
        before = np.where(inside > 0, self.at_ends[rows, inside - 1], 1.0)
        begins = np.maximum(np.where(inside > 0, ENDS[inside - 1], -np.inf), self.open_days)
        length = np.maximum(ENDS[inside] - begins, 1e-9)
        share = np.clip((days - begins) / length, 0.0, 1.0)
        return np.asarray(before + share * (self.at_ends[rows, inside] - before))

    def ahead(self, days: float) -> np.ndarray:
        """Return the chance so many days from now, shape (n_invoices,)."""
        return self.after(self.open_days + days)

    def at_week_ends(self, n_weeks: int) -> np.ndarray:
        """Return the chance now, which is 1, and at the end of each week from now, shape (n_invoices, n_weeks + 1)."""
        return np.column_stack([self.ahead(7.0 * week) for week in range(n_weeks + 1)])

    def paid_by(self, q: float) -> np.ndarray:
        """Return the days from the due date by which it is paid with a chance of ``q``; infinite beyond the last stretch."""
        at = (self.at_ends > 1 - q).sum(axis=1)  # the first end at which no more is unpaid
        rows = np.flatnonzero(at < len(ENDS))
        high = np.where(at[rows] > 0, self.at_ends[rows, at[rows] - 1], 1.0)
        low = self.at_ends[rows, at[rows]]
        begins = np.maximum(np.where(at[rows] > 0, ENDS[at[rows] - 1], -np.inf), self.open_days[rows])
        share = np.divide(high - (1 - q), high - low, out=np.ones(len(rows)), where=high > low)
        found = np.full(len(at), np.inf)
        found[rows] = begins + share * (ENDS[at[rows]] - begins)
        return found

    def take(self, rows: np.ndarray) -> Unpaid:
        """Return some of the invoices."""
        return Unpaid(self.open_days[rows], self.at_ends[rows])

    def __repr__(self) -> str:
        return f"Unpaid({len(self.open_days):,} invoices)"


@dataclass(frozen=True, eq=False, repr=False)
class PayDates:
    """Fitted hazards.

    Attributes
    ----------
    hazards : HistGradientBoostingClassifier
        Of the features, then what the stretch is to them: see `_beside_the_stretch`.
    n_fitted : int
        Invoices learnt from, each on the days it was looked at.
    """

    hazards: HistGradientBoostingClassifier
    n_fitted: int

    def unpaid(self, at: AtIssue) -> Unpaid:
        """Return the chances of being unpaid later on, of invoices unpaid on the eve of ``seen_on``."""
        open_days, values = at.open_days, at.frame.to_numpy()
        still = np.ones((len(at), len(ENDS)))
        chance = np.ones(len(at))
        for stretch, end in enumerate(ENDS):
            there = np.flatnonzero(open_days < end)
            if len(there):
                rows = _beside_the_stretch(at, values, there, np.full(len(there), stretch))
                chance[there] *= 1 - self.hazards.predict_proba(rows)[:, 1]
            still[:, stretch] = chance
        return Unpaid(open_days, still)

    def __repr__(self) -> str:
        return f"PayDates({self.n_fitted:,} invoices)"


def fit_dates(at: AtIssue, *, seed: int = 0) -> PayDates:
    """Learn when invoices are paid.

    Parameters
    ----------
    at : AtIssue
        As known by ``at.as_of``; at issue, or on several days each: see `payseg_widgets.prediction.landmarks`.
    seed : int

    Returns
    -------
    PayDates

    Raises
    ------
    ForecastError
        If fewer than 50 of the invoices were paid.

    References
    ----------
    Allison (1982), Sociological Methodology 13, 61-98: discrete-time event histories.
    """
    n_paid = at.frame.index[at.settled_on != NEVER].nunique()
    if n_paid < _FEWEST_PAID:
        raise ForecastError(
            f"{n_paid} invoices were paid; {_FEWEST_PAID} are needed to learn when. Read a longer ledger."
        )
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(at))
    stretch, rows, is_paid = _expanded(at, order)
    kept = np.searchsorted(np.cumsum(np.bincount(rows, minlength=len(order))), _MOST_ROWS)
    within = rows <= kept
    stretch, rows, is_paid = stretch[within], rows[within], is_paid[within]
    design = _beside_the_stretch(at, figures(at.frame), order[rows], stretch)
    trees = HistGradientBoostingClassifier(
        learning_rate=0.1, max_iter=60, max_leaf_nodes=15, min_samples_leaf=200, l2_regularization=5.0, max_features=0.5,
        early_stopping=False, random_state=seed,
    )  # fmt: skip
    trees.fit(design, is_paid)
    return PayDates(trees, min(int(kept) + 1, len(order)))


def _beside_the_stretch(at: AtIssue, values: np.ndarray, rows: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """Return the features of invoices with where each stretch lies: in the invoice's life, the calendar, the customer's habits.

    Trees split along one column at a time: that somebody who pays 20 days late pays in the stretch of day 20 is one split
    of a difference, and many of its parts. Payments are run at the end of months, and not at weekends.
    """
    end, open_days, due = ENDS[stretch].astype(float), at.open_days[rows], at.due[rows].astype(np.int64)
    begins = np.maximum(np.where(stretch > 0, ENDS[stretch - 1], -np.inf), open_days)
    last_day = due + ENDS[stretch]
    weekday = (last_day + 3) % 7
    month_ends = _months(last_day + 1) - _months(due + begins.astype(np.int64) + 1)
    day_of_month = last_day - _months(last_day).astype("datetime64[M]").astype("datetime64[D]").astype(
        np.int64
    )
    own = at.frame.iloc[rows]
    mean, recent, last = (
        own[name].to_numpy() for name in ("mean_days_late", "recent_days_late", "last_days_late")
    )
    spread = np.maximum(np.nan_to_num(own["days_late_sd"].to_numpy(), nan=10.0), 2.0)
    return np.column_stack(
        [values[rows], open_days, end, end - begins, weekday, day_of_month, month_ends, end - mean, end - recent, end - last,
         (end - mean) / spread]
    )  # fmt: skip


def _months(days: np.ndarray) -> np.ndarray:
    """Return the months since 1970 of days since then."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _expanded(at: AtIssue, order: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a row for each ended stretch that an invoice entered unpaid: stretch, invoice (of order), paid in it."""
    due, seen_on = at.due[order].astype(np.int64), at.seen_on[order].astype(np.int64)
    settled = at.settled_on[order].astype(np.int64)
    took = np.where(settled == NEVER, np.int64(1) << 40, settled - due)
    parts = []
    before = np.full(len(order), -(1 << 40), dtype=np.int64)
    for stretch, end in enumerate(ENDS):
        entered = (took > before) & (due + end <= at.as_of) & (due + end >= seen_on)
        rows = np.flatnonzero(entered)
        parts.append((np.full(len(rows), stretch), rows, took[rows] <= end))
        before = np.where(due + end >= seen_on, end, before)
    of_stretch, of_row, is_paid = (np.concatenate(column) for column in zip(*parts, strict=True))
    return of_stretch, of_row, is_paid
