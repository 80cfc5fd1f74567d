"""Invoices open on past days, with what was known on those days: what a forecast of open invoices has to learn from.

Among the open invoices of a day slow payers are many, since the quick ones are gone; and their customers' habits are known
better than when the invoices were issued. A model of invoices at issue knows neither.

References
----------
van Houwelingen (2007), Scandinavian Journal of Statistics 34, 70-85: prediction by landmarks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.prediction.at_issue import AtIssue, seen
from payseg_widgets.prediction.history import Outcomes

#: Days between the days looked at, and days that customers must have been known for before the first.
_APART, _WARM_UP = 14, 90
#: So many days are looked at, at most: behaviour of years ago tells little of today's.
_MOST_DAYS = 78


def landmark_days(invoices: SettledInvoices) -> np.ndarray:
    """Return past days to learn from, the latest first, each a whole number of fortnights before ``as_of``."""
    first = int(invoices.issued.min(initial=invoices.as_of)) + _WARM_UP
    days = np.arange(invoices.as_of - _APART, first, -_APART)[:_MOST_DAYS]
    return days.astype(np.int32)


def open_on(
    invoices: SettledInvoices, came: Outcomes, index: pd.Index, days: np.ndarray, *, most: int, seed: int = 0
) -> AtIssue:
    """Return the invoices open at the end of each of some days, with what was known by then; some are cancelled later.

    Parameters
    ----------
    invoices : SettledInvoices
    came : Outcomes
    index : pandas.Index
        Names of the invoices.
    days : numpy.ndarray of int32
    most : int
        Where there are more, so many are drawn at random.
    seed : int

    Returns
    -------
    AtIssue
        A row for each day on which an invoice was open; ``seen_on`` is the day after it.
    """
    found = [np.flatnonzero((invoices.issued <= day) & (came.ended_on > day)) for day in days]
    rows = np.concatenate([np.empty(0, np.int64), *found])
    on = np.repeat(days, [len(part) for part in found]).astype(np.int32)
    if len(rows) > most:
        drawn = np.random.default_rng(seed).choice(len(rows), most, replace=False)
        rows, on = rows[drawn], on[drawn]
    return on_days(invoices, came, index, rows, on)


def on_days(
    invoices: SettledInvoices, came: Outcomes, index: pd.Index, rows: np.ndarray, on: np.ndarray
) -> AtIssue:
    """Return invoices with what was known at the end of days, sorted by customer and day.

    Parameters
    ----------
    invoices : SettledInvoices
    came : Outcomes
    index : pandas.Index
        Names of the invoices.
    rows : numpy.ndarray of int
        Which invoices.
    on : numpy.ndarray of int32, shape of ``rows``
        The day of each.
    """
    owner = np.searchsorted(invoices.start, rows, side="right") - 1
    order = np.lexsort((rows, on, owner))
    start = np.searchsorted(owner[order], np.arange(invoices.n_customers + 1))
    return seen(invoices, came, index, rows[order], on[order] + np.int32(1), start)
