"""Balances open on past days, and what was lost of them: what a provision matrix is learnt from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.settle import NEVER, Postings, Settlement, settle_arrays


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


def settled_by(invoices: SettledInvoices, day: int) -> Settlement:
    """Return how invoices stood at the end of a past day: what became known later has not happened.

    Parameters
    ----------
    invoices : SettledInvoices
    day : int
        Days since 1970-01-01.

    Returns
    -------
    Settlement
        Aligned with the invoices; nothing is outstanding of those issued later.
    """
    unknown = invoices.issued > day
    closed = np.where(invoices.closed_on <= day, invoices.closed_on, NEVER)
    return settle_arrays(
        start=invoices.start, issued=invoices.issued, amount=invoices.amount,
        closed=np.where(unknown, invoices.issued, closed).astype(np.int32),  # a closed one takes no money
        payments=_known(invoices.payments, unknown, day), credit_notes=_known(invoices.credit_notes, unknown, day),
    )  # fmt: skip


def known_by(invoices: SettledInvoices, day: int) -> SettledInvoices:
    """Return the invoices as a ledger cut at the end of a past day has them, without reading it again.

    Parameters
    ----------
    invoices : SettledInvoices
    day : int
        Days since 1970-01-01, not after ``invoices.as_of``.

    Returns
    -------
    SettledInvoices
        Of the customers with an invoice by then, not settled yet; without reminders, disputes and credit limits.
    """
    is_known = invoices.issued <= day
    position = np.cumsum(is_known, dtype=np.int32) - np.int32(1)
    start = np.concatenate(([0], np.cumsum(is_known)))[invoices.start].astype(np.int64)
    closed = invoices.closed_on[is_known]
    then = SettledInvoices.from_arrays(
        customer_ids=invoices.customer_ids, start=start, issued=invoices.issued[is_known],
        due_agreed=invoices.due_agreed[is_known], due=invoices.due[is_known], amount=invoices.amount[is_known],
        closed_on=np.where(closed <= day, closed, NEVER).astype(np.int32), is_lost=invoices.closed_as_lost[is_known],
        payments=_cut(invoices.payments, is_known, position, day),
        credit_notes=_cut(invoices.credit_notes, is_known, position, day),
        as_of=day, grace_days=invoices.grace_days, minor_per_unit=invoices.minor_per_unit,
    )  # fmt: skip
    has_invoice = np.diff(start) > 0
    return then if has_invoice.all() else then.customers(np.flatnonzero(has_invoice))


def _cut(whole: Postings, is_known: np.ndarray, position: np.ndarray, day: int) -> Postings:
    """Return the money of a day and before; what lost its invoice comes first on its day, as in a ledger that is cut."""
    kept = _known(whole, ~is_known, day)
    row = (
        np.where(kept.row < 0, np.int32(-1), position[np.maximum(kept.row, 0)]) if len(position) else kept.row
    )
    if (kept.row < 0).sum() > (whole.row[whole.on <= day] < 0).sum():
        customer = np.repeat(np.arange(len(kept.start) - 1), np.diff(kept.start))
        order = np.lexsort((kept.amount, row, kept.on, customer))
        return Postings(kept.start, kept.on[order], row[order], kept.amount[order])
    return Postings(kept.start, kept.on, row, kept.amount)


def _known(events: Postings, unknown: np.ndarray, day: int) -> Postings:
    """Return the money of a day and before; what was meant for an invoice issued later is on account."""
    kept = events.on <= day
    row = events.row[kept]
    row = np.where((row >= 0) & unknown[np.maximum(row, 0)], np.int32(-1), row) if len(unknown) else row
    start = np.concatenate(([0], np.cumsum(kept)))[events.start]
    return Postings(start.astype(np.int64), events.on[kept], row.astype(np.int32), events.amount[kept])


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
