"""Loops over payments and reminders that the group algebra does not cover: balances, count-back, replies, weekdays."""

from __future__ import annotations

import numpy as np

from payseg_widgets._compiled import compiled
from payseg_widgets.ledger.settle import NEVER

#: Balances are looked at every so many days.
STEP_DAYS = 30

#: That many balances are looked at, the last at ``as_of``: a year.
N_BALANCES = 13


@compiled
def _add(start, on, amount, sign, as_of, changes):  # type: ignore[no-untyped-def]  # numba infers
    last = changes.shape[0] - 1
    for c in range(len(start) - 1):
        for i in range(start[c], start[c + 1]):
            if on[i] != NEVER:
                # unsigned: no sign to round by
                steps = np.uint32(max(as_of - on[i], 0)) // np.uint32(STEP_DAYS)
                changes[last - min(last, np.int64(steps)), c] += sign * amount[i]


def balances(streams: list[tuple[np.ndarray, np.ndarray, np.ndarray, int]], as_of: int) -> np.ndarray:
    """Return each customer's balance at ``as_of`` and every 30 days before it, for a year.

    Parameters
    ----------
    streams : list of (start, on, amount, sign)
        What raises (sign 1) and lowers (-1) balances.
    as_of : int
        Days since 1970-01-01.

    Returns
    -------
    numpy.ndarray of int64, shape (n_customers, 13)
        Minor units, oldest first; a credit balance counts as 0.
    """
    balance = np.zeros(
        (N_BALANCES, len(streams[0][0]) - 1), np.int64
    )  # day by day: numpy is slow along short rows
    for start, on, amount, sign in streams:
        _add(start, on, amount, sign, as_of, balance)
    for k in range(1, N_BALANCES):
        balance[k] += balance[k - 1]
    return np.maximum(balance, 0).T


@compiled
def count_back(start, issued, amount, balance, as_of, out):  # type: ignore[no-untyped-def]  # numba infers
    """Days of most recent sales that the balance amounts to."""
    for c in range(len(out)):
        left, i = balance[c], start[c + 1] - 1
        out[c] = 0.0
        while left > 0 and i >= start[c]:
            day, sales = issued[i], np.int64(0)
            while i >= start[c] and issued[i] == day:
                sales += amount[i]
                i -= 1
            if sales > 0:
                out[c] = as_of - day + min(1.0, left / sales)
                left -= sales


@compiled
def replies(  # type: ignore[no-untyped-def]  # numba infers
    start, sent, row, pay_start, paid_on, pay_row, pay_amount, within, out
):  # fmt: skip
    """Whether money that could answer the reminder came on one of the ``within`` days after it."""
    for c in range(len(start) - 1):
        first = pay_start[c]
        for i in range(start[c], start[c + 1]):
            while first < pay_start[c + 1] and paid_on[first] <= sent[i]:
                first += 1
            p = first
            while p < pay_start[c + 1] and paid_on[p] <= sent[i] + within:
                if pay_amount[p] > 0 and (row[i] < 0 or pay_row[p] < 0 or pay_row[p] == row[i]):
                    out[i] = True
                    break
                p += 1


@compiled
def weekday_agreement(start, on, amount, counts, agreement, n_days):  # type: ignore[no-untyped-def]  # numba infers
    """Chance that two different days of payment fall on one weekday, and the number of days of payment.

    ``counts`` is scratch space for the seven weekdays.
    """
    for c in range(len(agreement)):
        counts[:] = 0
        n, last = 0, NEVER
        for i in range(start[c], start[c + 1]):
            if amount[i] > 0 and on[i] != last:
                counts[on[i] % 7] += 1
                n += 1
                last = on[i]
        pairs = 0
        for k in range(7):
            pairs += counts[k] * (counts[k] - 1)
        agreement[c] = pairs / (n * (n - 1)) if n > 1 else np.nan
        n_days[c] = n
