"""What was known of a customer on any day that one asks about: one pass over each customer's days.

A fact counts from the day after it happened: whoever asks about a day sees the payments up to the day before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from payseg_widgets._compiled import compiled
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.settle import NEVER

#: Delays beyond these count as so many days: one invoice of three years ago must not decide.
_EARLIEST, _LATEST = -60, 180
#: How much the latest of a customer's invoices counts in its recent averages.
_RECENT = 0.3


class Outcomes(NamedTuple):
    """What became of each invoice; days since 1970-01-01, ``NEVER`` where it has not happened.

    Attributes
    ----------
    overdue_on : numpy.ndarray of int32
        First day on which it is late, with grace.
    settled_on, ended_on : numpy.ndarray of int32
        Paid in full; paid, written off or cancelled.
    is_late : numpy.ndarray of bool
        Settled on ``overdue_on`` or after, or not at all.
    known_on : numpy.ndarray of int32
        First day on which it can be asked whether it was late.
    """

    overdue_on: np.ndarray
    settled_on: np.ndarray
    ended_on: np.ndarray
    is_late: np.ndarray
    known_on: np.ndarray


def outcomes(invoices: SettledInvoices) -> Outcomes:
    """Return what became of each invoice."""
    overdue_on = np.maximum(invoices.due + np.int32(invoices.grace_days), invoices.issued) + np.int32(1)
    settled = invoices.settled_on
    ended = np.minimum(settled, np.minimum(invoices.closed_on, invoices.settlement.credited_on))
    is_late = np.where(invoices.is_lost, NEVER, ended) >= overdue_on
    # cancelled or credited before it was overdue: neither late nor in time
    on_time = np.where(settled == NEVER, NEVER, settled + np.int32(1))
    return Outcomes(
        overdue_on, settled, ended, is_late, np.where(is_late, overdue_on, on_time).astype(np.int32)
    )


def histories(
    invoices: SettledInvoices, came: Outcomes, asked_start: np.ndarray, asked_on: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what was known of customers on the eves of days.

    Parameters
    ----------
    invoices : SettledInvoices
    came : Outcomes
    asked_start : numpy.ndarray of int64, shape (n_customers + 1,)
        Days ``asked_start[c]:asked_start[c + 1]`` are asked of customer ``c``, in order.
    asked_on : numpy.ndarray of int32

    Returns
    -------
    dict of str to numpy.ndarray, shape of ``asked_on``
        Named as in `SWEPT`.
    """
    owner = np.repeat(np.arange(invoices.n_customers, dtype=np.int64), invoices.by_customer.sizes)
    orders = [
        np.lexsort((on, owner)) for on in (came.known_on, came.settled_on, came.ended_on, came.overdue_on)
    ]
    took = np.where(came.settled_on == NEVER, 0, came.settled_on - invoices.due)
    days_late = np.clip(took, _EARLIEST, _LATEST).astype(np.float64)
    unit = invoices.minor_per_unit
    out = np.full((len(SWEPT), len(asked_on)), np.nan)
    if len(asked_on):
        _sweep(
            invoices.start, invoices.issued, invoices.due, invoices.amount.astype(np.float64) / unit, invoices.forgone / unit,
            came.is_late, days_late, came.known_on, came.settled_on, came.ended_on, came.overdue_on, *orders,
            invoices.payments.start, invoices.payments.on, invoices.payments.amount / unit,
            invoices.credit_notes.start, invoices.credit_notes.on, invoices.credit_notes.amount / unit,
            invoices.reminders.start, invoices.reminders.on, invoices.disputes.start, invoices.disputes.on,
            asked_start, asked_on, out,
        )  # fmt: skip
    return dict(zip(SWEPT, out, strict=True))


#: What the sweep writes, a row each.
SWEPT = (
    "n_before", "tenure_days", "days_since_invoice", "n_known", "n_late", "late_ratio_recent", "mean_days_late",
    "recent_days_late", "last_days_late", "days_late_sd", "max_days_late", "n_open", "balance", "n_overdue",
    "oldest_overdue_days", "days_since_payment", "reminders_per_invoice", "disputes_per_invoice", "mean_amount",
)  # fmt: skip


@compiled
def _sweep(  # type: ignore[no-untyped-def]  # numba infers
    start, issued, due, amount, forgone, is_late, days_late, known_on, settled, ended, overdue_on,
    by_known, by_settled, by_ended, by_overdue,
    paid_start, paid_on, paid, credit_start, credit_on, credit, reminder_start, reminded_on, dispute_start, disputed_on,
    asked_start, asked_on, out,
):  # fmt: skip
    """Go through each customer's days once: every pointer only moves on."""
    for c in range(len(start) - 1):
        low, high = start[c], start[c + 1]
        before = known = settles = ends = overdues = oldest = low
        pays, credits_, reminders, disputes = (
            paid_start[c],
            credit_start[c],
            reminder_start[c],
            dispute_start[c],
        )
        n_known, n_late, recent_late = 0, 0.0, np.nan
        n_paid, mean, squares, recent, last, worst = 0, 0.0, 0.0, np.nan, np.nan, np.nan
        n_issued, invoiced, n_ended, balance = 0, 0.0, 0, 0.0
        n_overdue, overdue_since, last_paid = 0, 0.0, -1
        for i in range(asked_start[c], asked_start[c + 1]):
            day = asked_on[i]
            while before < high and issued[before] < day:
                n_issued += 1
                invoiced += amount[before]
                balance += amount[before]
                before += 1
            while known < high and known_on[by_known[known]] <= day:
                late = 1.0 * is_late[by_known[known]]
                n_known += 1
                n_late += late
                recent_late = late if n_known == 1 else recent_late + _RECENT * (late - recent_late)
                known += 1
            while settles < high and settled[by_settled[settles]] < day:
                delay = days_late[by_settled[settles]]
                n_paid += 1
                step = delay - mean
                mean += step / n_paid
                squares += step * (delay - mean)
                recent = delay if n_paid == 1 else recent + _RECENT * (delay - recent)
                last = delay
                worst = delay if n_paid == 1 else max(worst, delay)
                settles += 1
            while overdues < high and overdue_on[by_overdue[overdues]] <= day:
                j = by_overdue[overdues]
                if ended[j] >= overdue_on[j]:
                    n_overdue += 1
                    overdue_since += due[j]
                overdues += 1
            while ends < high and ended[by_ended[ends]] < day:
                j = by_ended[ends]
                n_ended += 1
                balance -= forgone[j]
                if ended[j] >= overdue_on[j]:
                    n_overdue -= 1
                    overdue_since -= due[j]
                ends += 1
            while oldest < overdues and ended[by_overdue[oldest]] < day:
                oldest += 1
            while pays < paid_start[c + 1] and paid_on[pays] < day:
                balance -= paid[pays]
                last_paid = paid_on[pays]
                pays += 1
            while credits_ < credit_start[c + 1] and credit_on[credits_] < day:
                balance -= credit[credits_]
                credits_ += 1
            while reminders < reminder_start[c + 1] and reminded_on[reminders] < day:
                reminders += 1
            while disputes < dispute_start[c + 1] and disputed_on[disputes] < day:
                disputes += 1
            out[0, i] = n_issued
            out[1, i] = day - issued[low] if n_issued else np.nan
            out[2, i] = day - issued[before - 1] if n_issued else np.nan
            out[3, i] = n_known
            out[4, i] = n_late
            out[5, i] = recent_late
            n_delays = n_paid + n_overdue
            out[6, i] = (mean * n_paid + n_overdue * day - overdue_since) / n_delays if n_delays else np.nan
            out[7, i] = recent
            out[8, i] = last
            out[9, i] = np.sqrt(squares / (n_paid - 1)) if n_paid > 1 else np.nan
            out[10, i] = worst
            out[11, i] = max(n_issued - n_ended, 0)
            out[12, i] = max(balance, 0.0)
            out[13, i] = n_overdue
            out[14, i] = day - due[by_overdue[oldest]] if oldest < overdues else 0
            out[15, i] = day - last_paid if last_paid >= 0 else np.nan
            out[16, i] = (reminders - reminder_start[c]) / n_issued if n_issued else np.nan
            out[17, i] = (disputes - dispute_start[c]) / n_issued if n_issued else np.nan
            out[18, i] = invoiced / n_issued if n_issued else np.nan
