"""Invoices as they stood on a past day, from arrays: quicker than cutting the ledger and reading it again."""

from __future__ import annotations

import numpy as np

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.settle import NEVER, Postings, Settlement, settle_arrays


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
