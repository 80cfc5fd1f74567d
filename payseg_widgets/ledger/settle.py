"""Which money settles which invoice, and when.

The rule, applied to each customer in date order (on one day: invoices issued, then credit notes, then payments):

1. Money that names an invoice reduces that invoice, up to what is still owed on it.
2. What exceeds the invoice, and money that names none, goes to the customer's balance.
3. The balance pays the oldest open invoice issued by that day, then the next; what is left waits and pays later
   invoices on the day they are issued. Cash is used before credit.
4. A negative payment (refund, bounced payment) takes from the balance first, then from the invoice it names, which is
   open again, then from the newest paid invoices; what cannot be taken leaves the balance below zero. An invoice left
   without money counts as never paid; one that keeps some loses one of its payments, if it has several.
5. An invoice closed for a reason that is not a payment is no longer outstanding and gets no more money from the
   balance. It is never settled, even if money that names it arrives afterwards (a recovery).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets._compiled import compiled

if TYPE_CHECKING:
    import pandas as pd

    from payseg_widgets.ledger.schema import Ledger

#: A day that has not come: later than any date a ledger can hold.
NEVER = np.int32(np.iinfo(np.int32).max)

#: Customers are handed to threads in lots of about this many invoices.
_LOT = 100_000


@dataclass(frozen=True, repr=False)
class Postings:
    """Money or events of one kind, sorted by customer and day.

    Attributes
    ----------
    start : numpy.ndarray of int64, shape (n_customers + 1,)
        Rows ``start[c]:start[c + 1]`` are customer ``c``'s.
    on : numpy.ndarray of int32
        Days since 1970-01-01.
    row : numpy.ndarray of int32
        Position of the invoice, -1 for none.
    amount : numpy.ndarray of int64
        Minor units; zero for events that carry no money.
    """

    start: np.ndarray
    on: np.ndarray
    row: np.ndarray
    amount: np.ndarray


@dataclass(frozen=True, repr=False)
class Settlement:
    """What was paid on each invoice by ``as_of``; arrays are aligned with ``ledger.invoices``.

    Attributes
    ----------
    paid_minor, credited_minor : numpy.ndarray of int64
        Cash and credit applied; together at most the amount.
    outstanding_minor : numpy.ndarray of int64
        Still owed; 0 once closed.
    forgone_minor : numpy.ndarray of int64
        What was unpaid on an invoice closed for a reason that is not a payment; 0 for all others.
    settled_on, credited_on, first_payment_on, last_payment_on : numpy.ndarray of int32
        Days since 1970-01-01, ``NEVER`` where that has not happened. ``settled_on`` is the day nothing was owed any
        more, provided that some of it was paid: an invoice cancelled by credit alone is not settled, but was ``credited_on``
        that day.
    n_payments : numpy.ndarray of int32
        Days on which cash reached the invoice: two transfers of one day are one payment.
    unallocated_minor, unallocated_credit_minor : numpy.ndarray of int64, shape (n_customers,)
        Cash and credit no invoice could take, in the order of ``ledger.customers``. Cash is negative where more was
        refunded than paid.
    """

    paid_minor: np.ndarray
    credited_minor: np.ndarray
    outstanding_minor: np.ndarray
    forgone_minor: np.ndarray
    settled_on: np.ndarray
    credited_on: np.ndarray
    first_payment_on: np.ndarray
    last_payment_on: np.ndarray
    n_payments: np.ndarray
    unallocated_minor: np.ndarray
    unallocated_credit_minor: np.ndarray

    def take(self, rows: slice | np.ndarray, customers: slice | np.ndarray) -> Settlement:
        """Return what concerns some invoices and some customers."""
        per_customer = ("unallocated_minor", "unallocated_credit_minor")
        parts = {
            f.name: getattr(self, f.name)[customers if f.name in per_customer else rows] for f in fields(self)
        }
        return Settlement(**parts)


def settle(ledger: Ledger) -> Settlement:
    """Apply every payment and credit note to invoices by the rule of this module.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    Settlement
        No money is made or lost: payments = paid + unallocated, to the penny, for each customer.
    """
    invoices = ledger.invoices
    return settle_arrays(
        start=customer_starts(invoices["customer_id"]),
        issued=epoch_days(invoices["issued_on"]),
        amount=invoices["amount_minor"].to_numpy(copy=True),  # writable, as numba tells the two apart
        closed=epoch_days(invoices["closed_on"]),
        payments=postings(ledger.payments, "paid_on"),
        credit_notes=postings(ledger.credit_notes, "issued_on"),
    )


def settle_arrays(
    *,
    start: np.ndarray,
    issued: np.ndarray,
    amount: np.ndarray,
    closed: np.ndarray,
    payments: Postings,
    credit_notes: Postings,
) -> Settlement:
    """Settle invoices given as arrays sorted by customer and issue day.

    Parameters
    ----------
    start : numpy.ndarray of int64, shape (n_customers + 1,)
        Invoices ``start[c]:start[c + 1]`` are customer ``c``'s.
    issued, closed : numpy.ndarray of int32, shape (n_invoices,)
        Days since 1970-01-01; ``closed`` is ``NEVER`` where the invoice was not closed.
    amount : numpy.ndarray of int64, shape (n_invoices,)
        Minor units.
    payments, credit_notes : Postings

    Returns
    -------
    Settlement
    """
    n, n_customers = len(amount), len(start) - 1
    paid, credited, outstanding, forgone = (np.zeros(n, np.int64) for _ in range(4))
    settled, cleared, first, last = (np.full(n, NEVER, np.int32) for _ in range(4))
    n_payments = np.zeros(n, np.int32)
    cash, credit = np.zeros(n_customers, np.int64), np.zeros(n_customers, np.int64)

    def work(lot: tuple[int, int]) -> None:
        low, high = lot
        _settle_customers(
            low, high, start, issued, amount, closed,
            payments.start, payments.on, payments.row, payments.amount,
            credit_notes.start, credit_notes.on, credit_notes.row, credit_notes.amount,
            paid, credited, outstanding, forgone, settled, cleared, first, last, n_payments, cash, credit,
            np.empty(2, np.int64),
        )  # fmt: skip

    todo = list(lots(start))
    if len(todo) == 1:
        work(todo[0])
    else:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(work, todo))
    return Settlement(
        paid_minor=paid, credited_minor=credited, outstanding_minor=outstanding, forgone_minor=forgone,
        settled_on=settled, credited_on=cleared, first_payment_on=first, last_payment_on=last, n_payments=n_payments,
        unallocated_minor=cash, unallocated_credit_minor=credit,
    )  # fmt: skip


def lots(start: np.ndarray, size: int = _LOT) -> Iterator[tuple[int, int]]:
    """Cut customers into runs of about ``size`` invoices.

    >>> list(lots(np.array([0, 2, 4, 6]), size=3))
    [(0, 2), (2, 3)]
    """
    low, n_customers = 0, len(start) - 1
    while low < n_customers:
        high = int(np.searchsorted(start, start[low] + size, side="left"))
        yield low, min(max(high, low + 1), n_customers)
        low = max(high, low + 1)


def customer_starts(customer_id: pd.Series) -> np.ndarray:
    """Return where each category's rows begin in a column sorted by customer, and, last, how many rows there are."""
    counts = np.bincount(customer_id.cat.codes, minlength=len(customer_id.cat.categories))
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


def epoch_days(dates: pd.Series | np.ndarray) -> np.ndarray:
    """Return days since 1970-01-01 as int32, ``NEVER`` for ``NaT``."""
    days = np.asarray(dates).astype("datetime64[D]")
    return np.where(np.isnat(days), NEVER, days.astype(np.int64)).astype(np.int32)


def postings(table: pd.DataFrame, day: str) -> Postings:
    """Return one of a ledger's tables as arrays; ``day`` names its date column."""
    amount = (
        table["amount_minor"].to_numpy(copy=True)
        if "amount_minor" in table
        else np.zeros(len(table), np.int64)
    )
    return Postings(
        customer_starts(table["customer_id"]),
        epoch_days(table[day]),
        table["invoice_row"].to_numpy(copy=True),
        amount,
    )


def no_postings(n_customers: int) -> Postings:
    """Return postings without a row."""
    nothing = np.zeros(0, np.int32)
    return Postings(np.zeros(n_customers + 1, np.int64), nothing, nothing, np.zeros(0, np.int64))


# One type for each argument: every further one would be compiled, stored and loaded again.


@compiled
def _post(i, day, money, is_cash, amount, closed, paid, credited, settled, cleared, first, last, n_payments):  # type: ignore[no-untyped-def]  # numba infers
    """Apply money to invoice ``i`` as far as it is owed; return what is left of the money."""
    used = min(money, amount[i] - paid[i] - credited[i])
    if used <= 0:
        return money
    if is_cash:
        paid[i] += used
        if n_payments[i] == 0:
            first[i] = day
        if n_payments[i] == 0 or last[i] != day:
            n_payments[i] += 1
            last[i] = day
    else:
        credited[i] += used
        if paid[i] == 0 and credited[i] == amount[i]:
            cleared[i] = day
    if paid[i] > 0 and paid[i] + credited[i] == amount[i] and day <= closed[i]:
        settled[i] = day
    return money - used


@compiled
def _spend(i, day, balance, amount, closed, paid, credited, settled, cleared, first, last, n_payments):  # type: ignore[no-untyped-def]  # numba infers
    """Apply the customer's balance of cash, then of credit, to invoice ``i``."""
    for kind in range(2):
        if balance[kind] > 0:
            balance[kind] = _post(
                i, day, balance[kind], kind == 0,
                amount, closed, paid, credited, settled, cleared, first, last, n_payments,
            )  # fmt: skip


@compiled
def _take_back(i, money, paid, settled, first, last, n_payments):  # type: ignore[no-untyped-def]  # numba infers
    """Take money back from invoice ``i`` and open it again; return what could not be taken."""
    taken = min(money, paid[i])
    if taken > 0:
        paid[i] -= taken
        settled[i] = NEVER
        if paid[i] == 0:  # as if no payment had been made: presented again it is one payment, not two
            n_payments[i], first[i], last[i] = 0, NEVER, NEVER
        elif n_payments[i] > 1:
            n_payments[i] -= 1
            if n_payments[i] == 1:
                last[i] = first[i]
    return money - taken


@compiled
def _settle_customers(  # type: ignore[no-untyped-def]  # numba infers
    low, high, start, issued, amount, closed,
    pay_start, pay_on, pay_row, pay_amount, note_start, note_on, note_row, note_amount,
    paid, credited, outstanding, forgone, settled, cleared, first, last, n_payments, cash_left, credit_left, balance,
):  # fmt: skip
    """Run customers ``low:high`` through their events; the arrays after the notes are filled, ``balance`` is scratch."""
    for c in range(low, high):
        p, p_end, q, q_end = pay_start[c], pay_start[c + 1], note_start[c], note_start[c + 1]
        balance[:] = 0
        oldest = start[c]  # no invoice before it can be open
        n_issued, n_end = start[c], start[c + 1]  # invoices before the first are known to have been issued
        while True:
            is_last = p >= p_end and q >= q_end
            is_cash = q >= q_end or (p < p_end and pay_on[p] < note_on[q])
            day = np.int64(NEVER)
            if not is_last:
                day = np.int64(pay_on[p] if is_cash else note_on[q])
            while (balance[0] > 0 or balance[1] > 0) and n_issued < n_end and issued[n_issued] <= day:
                i = n_issued
                if closed[i] > issued[i]:
                    _spend(
                        i, np.int64(issued[i]), balance,
                        amount, closed, paid, credited, settled, cleared, first, last, n_payments,
                    )  # fmt: skip
                n_issued += 1
            if is_last:
                break
            if is_cash:
                row, money = np.int64(pay_row[p]), pay_amount[p]
                p += 1
            else:
                row, money = np.int64(note_row[q]), note_amount[q]
                q += 1
            if row >= 0 and money > 0:
                money = _post(
                    row, day, money, is_cash,
                    amount, closed, paid, credited, settled, cleared, first, last, n_payments,
                )  # fmt: skip
            if money == 0:
                continue
            while n_issued < n_end and issued[n_issued] <= day:
                n_issued += 1
            if money > 0:
                balance[0 if is_cash else 1] += money
            else:
                from_balance = min(-money, max(balance[0], 0))
                balance[0] -= from_balance
                money = -money - from_balance
                if row >= 0:
                    money = _take_back(row, money, paid, settled, first, last, n_payments)
                    oldest = min(oldest, row)
                i = n_issued - 1
                while money > 0 and i >= start[c]:
                    money = _take_back(i, money, paid, settled, first, last, n_payments)
                    oldest = min(oldest, i)
                    i -= 1
                balance[0] -= money
            i = oldest
            while (balance[0] > 0 or balance[1] > 0) and i < n_issued:
                if closed[i] > day:
                    _spend(
                        i, day, balance,
                        amount, closed, paid, credited, settled, cleared, first, last, n_payments,
                    )  # fmt: skip
                if i == oldest and paid[i] + credited[i] == amount[i]:
                    oldest += 1
                i += 1
        cash_left[c], credit_left[c] = balance[0], balance[1]
        for i in range(start[c], n_end):
            owed = amount[i] - paid[i] - credited[i]
            if closed[i] != NEVER and settled[i] == NEVER:
                forgone[i] = owed
            else:
                outstanding[i] = owed
