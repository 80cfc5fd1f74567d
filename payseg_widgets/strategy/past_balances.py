"""Balances open on past days, and what was lost of them: what a provision matrix is learnt from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from payseg_widgets.features.as_known import settled_by
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.settle import NEVER


class PastBalances(NamedTuple):
    """Invoices open at the ends of past months whose outcome is known.

    Attributes
    ----------
    row : numpy.ndarray of int, shape (n_balances,)
        Position of the invoice.
    day : numpy.ndarray of int32
        The day looked at, days since 1970-01-01.
    past_due_days : numpy.ndarray of int
        On that day; negative before it is due.
    balance, lost : numpy.ndarray of int64
        Minor units: open on that day; of it, what was neither paid nor credited within the horizon.
    """

    row: np.ndarray
    day: np.ndarray
    past_due_days: np.ndarray
    balance: np.ndarray
    lost: np.ndarray


def month_ends(invoices: SettledInvoices, *, until: int) -> np.ndarray:
    """Return the last days of the months from the first invoice on, up to a day; days since 1970-01-01, int32."""
    first, last = (pd.Timestamp(int(day), unit="D") for day in (invoices.issued.min(initial=until), until))
    ends = pd.date_range(first, last, freq="ME")
    return ends.to_numpy().astype("datetime64[D]").astype(np.int32)


def past_balances(invoices: SettledInvoices, days: np.ndarray, *, horizon_days: int) -> PastBalances:
    """Return the balances open at the end of each day, and what was lost of them within the horizon.

    Of an invoice that was cancelled or returned within the horizon nothing is lost. It stays among the balances: on the day it
    was open as others are, and who provides for today's balance cannot know which of it will be cancelled.

    Parameters
    ----------
    invoices : SettledInvoices
    days : numpy.ndarray of int
        With the horizon none may lie after ``invoices.as_of``.
    horizon_days : int
    """
    parts = []
    for day in np.sort(days).tolist():
        then, later = settled_by(invoices, day), settled_by(invoices, day + horizon_days)
        is_closed = (invoices.closed_on <= day + horizon_days) & (later.settled_on == NEVER)
        is_void = is_closed & ~invoices.closed_as_lost
        rows = np.flatnonzero(then.outstanding_minor > 0)
        balance = then.outstanding_minor[rows]
        unpaid = np.where(is_void, 0, later.outstanding_minor + later.forgone_minor)[rows]
        lost = np.clip(unpaid, 0, balance)  # a bounced payment adds none
        parts.append(
            (rows, np.full(len(rows), day, np.int32), day - invoices.due[rows].astype(int), balance, lost)
        )
    if not parts:
        empty = np.empty(0, np.int64)
        return PastBalances(empty, empty, empty, empty, empty)
    return PastBalances(*(np.concatenate(column) for column in zip(*parts, strict=True)))
