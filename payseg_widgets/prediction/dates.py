"""When an invoice is paid, as a distribution: hazards of stretches of days around the due date, open invoices censored.

Days are counted from the due date. In each stretch an invoice that is still unpaid is paid with a chance, the hazard, that
depends on what was known at its issue. A stretch counts only where it had ended by the day of looking, for the paid and the
unpaid alike: nothing is learnt from those that happened to pay soon. Written-off invoices stay unpaid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import AtIssue
from payseg_widgets.prediction.forecaster import figures

#: Ends of the stretches, in days from the due date: the first begins at issue; after the last nothing is told.
ENDS = np.array(
    [-45, -30, -21, -14, -10, -7, -5, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 17, 21, 25, 30, 37, 45, 60, 75, 90, 120, 180]
)  # fmt: skip
#: Rows of invoice by stretch that are learnt from; invoices are drawn at random until there are about so many.
_MOST_ROWS = 600_000
_FEWEST_PAID = 50


@dataclass(frozen=True, eq=False, repr=False)
class PayDates:
    """Fitted hazards.

    Attributes
    ----------
    hazards : HistGradientBoostingClassifier
        Of the features at issue, then what the stretch is to them: see `_beside_the_stretch`.
    n_fitted : int
        Invoices learnt from.
    """

    hazards: HistGradientBoostingClassifier
    n_fitted: int

    def unpaid(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the chance that an invoice is unpaid at the end of each stretch.

        Parameters
        ----------
        frame : pandas.DataFrame
            `AtIssue.frame`; stretches that end before the issue are passed with nothing paid.

        Returns
        -------
        numpy.ndarray, shape (n_invoices, n_stretches)
            Never rises along a row.
        """
        n, k = len(frame), len(ENDS)
        values = frame.to_numpy()
        terms = frame["terms_days"].to_numpy()
        hazard = np.zeros((n, k))
        for stretch in range(k):
            there = np.flatnonzero(ENDS[stretch] >= -terms)
            if len(there):
                rows = _beside_the_stretch(frame.iloc[there], values[there], np.full(len(there), stretch))
                hazard[there, stretch] = self.hazards.predict_proba(rows)[:, 1]
        return np.asarray(np.cumprod(1 - hazard, axis=1))

    def __repr__(self) -> str:
        return f"PayDates({self.n_fitted:,} invoices)"


def fit_dates(at: AtIssue, *, seed: int = 0) -> PayDates:
    """Learn when invoices are paid.

    Parameters
    ----------
    at : AtIssue
        As known by ``at.as_of``.
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
    n_paid = int((at.is_owed & (at.settled_on != NEVER)).sum())
    if n_paid < _FEWEST_PAID:
        raise ForecastError(
            f"{n_paid} invoices were paid; {_FEWEST_PAID} are needed to learn when. Read a longer ledger."
        )
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.flatnonzero(at.is_owed))
    stretch, rows, is_paid = _expanded(at, order)
    kept = np.searchsorted(np.cumsum(np.bincount(rows, minlength=len(order))), _MOST_ROWS)
    within = rows <= kept
    stretch, rows, is_paid = stretch[within], rows[within], is_paid[within]
    design = _beside_the_stretch(at.frame.iloc[order[rows]], figures(at.frame)[order[rows]], stretch)
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=150, max_leaf_nodes=15, min_samples_leaf=200, l2_regularization=5.0, max_features=0.5,
        early_stopping=False, random_state=seed,
    )  # fmt: skip
    trees.fit(design, is_paid)
    return PayDates(trees, min(int(kept) + 1, len(order)))


def _beside_the_stretch(frame: pd.DataFrame, values: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """Return the features with where the stretch lies: its end, its weekday, and how far it is from when the customer pays.

    Trees split along one column at a time: that somebody who pays 20 days late pays in the stretch of day 20 is one split
    of a difference, and many of its parts.
    """
    end = ENDS[stretch].astype(float)
    mean, recent, last = (
        frame[name].to_numpy() for name in ("mean_days_late", "recent_days_late", "last_days_late")
    )
    spread = np.maximum(np.nan_to_num(frame["days_late_sd"].to_numpy(), nan=10.0), 2.0)
    weekday = (frame["due_weekday"].to_numpy() + end) % 7
    return np.column_stack(
        [values, end, weekday, end - mean, end - recent, end - last, (end - mean) / spread]
    )


def _expanded(at: AtIssue, order: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a row for each ended stretch that an invoice entered unpaid: stretch, invoice (of order), paid in it."""
    due, issued = at.due[order].astype(np.int64), at.issued[order].astype(np.int64)
    settled = at.settled_on[order].astype(np.int64)
    took = np.where(settled == NEVER, np.int64(1) << 40, settled - due)
    parts = []
    before = np.full(len(order), -(1 << 40), dtype=np.int64)
    for stretch, end in enumerate(ENDS):
        entered = (took > before) & (due + end <= at.as_of) & (due + end >= issued)
        rows = np.flatnonzero(entered)
        parts.append((np.full(len(rows), stretch), rows, took[rows] <= end))
        before = np.where(due + end >= issued, end, before)
    of_stretch, of_row, is_paid = (np.concatenate(column) for column in zip(*parts, strict=True))
    return of_stretch, of_row, is_paid


def unpaid_after(unpaid: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the chance of being unpaid some days after the due date, evenly falling within a stretch.

    Parameters
    ----------
    unpaid : numpy.ndarray, shape (n_invoices, n_stretches)
        `PayDates.unpaid`.
    days : numpy.ndarray, shape (n_invoices,)
        From the due date; beyond the last stretch the chance at its end.
    """
    n = len(unpaid)
    whole = np.column_stack([np.ones(n), unpaid])
    ends = np.concatenate(([ENDS[0] - 15], ENDS))
    at = np.clip(np.searchsorted(ends, days, side="right") - 1, 0, len(ends) - 2)
    share = np.clip((days - ends[at]) / (ends[at + 1] - ends[at]), 0.0, 1.0)
    rows = np.arange(n)
    return np.asarray(whole[rows, at] + share * (whole[rows, at + 1] - whole[rows, at]))


def paid_by_quantiles(unpaid: np.ndarray, open_days: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Return the days from the due date by which an invoice is paid with a chance, given that it is unpaid after ``open_days``.

    Returns
    -------
    numpy.ndarray, shape (n_invoices, n_quantiles)
        Infinite where that lies beyond the last stretch.
    """
    n = len(unpaid)
    now = np.maximum(unpaid_after(unpaid, open_days), 1e-12)
    whole = np.column_stack([np.ones(n), unpaid])
    ends = np.concatenate(([ENDS[0] - 15], ENDS))
    found = np.full((n, len(quantiles)), np.inf)
    for column, q in enumerate(quantiles):
        wanted = now * (1 - q)
        at = (whole > wanted[:, None]).sum(axis=1)  # the first end at which no more is unpaid
        rows = np.flatnonzero((at > 0) & (at < whole.shape[1]))
        high, low = whole[rows, at[rows] - 1], whole[rows, at[rows]]
        share = np.divide(high - wanted[rows], high - low, out=np.ones(len(rows)), where=high > low)
        days = ends[at[rows] - 1] + share * (ends[at[rows]] - ends[at[rows] - 1])
        found[rows, column] = np.maximum(days, open_days[rows])
    return found
