"""What was known of each invoice on the day before it was issued, and what became of it.

A fact counts from the day after it happened: an invoice issued on a day sees the payments up to the day before. Invoices
still open then are open, whatever became of them. So the features of an invoice are the same on every later day that one
looks, unless money is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from payseg_widgets._compiled import compiled
from payseg_widgets.features.groups import Groups
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.ledger.settle import NEVER

#: Delays beyond these count as so many days: one invoice of three years ago must not decide.
_EARLIEST, _LATEST = -60, 180
#: How much the latest of a customer's invoices counts in its recent averages.
_RECENT = 0.3
#: Invoices whose outcome became known in so many days before tell how the portfolio pays now.
_PORTFOLIO_DAYS = 90
#: So many invoices of the customer's own is everybody's share worth beside them.
_PRIOR = 2.0

#: name -> (meaning, unit). Of the customer's earlier invoices, as far as known by then.
FEATURES: dict[str, tuple[str, str]] = {
    "log_amount": ("Amount, natural logarithm", "log of currency units"),
    "amount_ratio": ("Amount over the customer's average before", "ratio"),
    "terms_days": ("Terms agreed", "days"),
    "issue_month": ("Month of issue", "1 to 12"),
    "due_weekday": ("Weekday it is due", "0 Monday to 6"),
    "due_day": ("Day of the month it is due", "1 to 31"),
    "n_before": ("Invoices before", "invoices"),
    "tenure_days": ("Days since the first invoice", "days"),
    "days_since_invoice": ("Days since the invoice before", "days"),
    "n_known": ("Invoices before of which it is known whether they were late", "invoices"),
    "n_late": ("Of those, the late ones", "invoices"),
    "late_ratio": ("Share of late ones", "ratio"),
    "late_odds": ("Share of late ones drawn towards everybody's, as log-odds", "log-odds"),
    "late_ratio_recent": ("Share of late ones, the latest counting most", "ratio"),
    "mean_days_late": ("Mean days late of those paid, and so far of those overdue", "days"),
    "recent_days_late": ("Mean days late of those paid, the latest counting most", "days"),
    "last_days_late": ("Days late of the one paid last", "days"),
    "days_late_sd": ("Standard deviation of days late of those paid", "days"),
    "max_days_late": ("Most days late of those paid", "days"),
    "n_open": ("Invoices open", "invoices"),
    "balance_ratio": ("Balance over the customer's average invoice", "ratio"),
    "n_overdue": ("Invoices overdue", "invoices"),
    "oldest_overdue_days": ("Days overdue of the oldest; 0 where none is", "days"),
    "days_since_payment": ("Days since the last payment", "days"),
    "reminders_per_invoice": ("Reminders per invoice before", "ratio"),
    "disputes_per_invoice": ("Disputes per invoice before", "ratio"),
    "credit_use": ("Balance over the credit limit", "ratio"),
    "portfolio_late_ratio": ("Share of late ones among all customers' invoices of the last 90 days", "ratio"),
}


@dataclass(frozen=True, eq=False, repr=False)
class AtIssue:
    """Invoices with what was known of them at issue and what is known of them by ``as_of``.

    Attributes
    ----------
    frame : pandas.DataFrame
        Index ``invoice_id``; columns of `FEATURES`, float64. Missing where there is nothing to tell it from, such as
        the delays of a new customer.
    customer_id : numpy.ndarray of str, shape (n_invoices,)
    issued, due, overdue_on : numpy.ndarray of int32
        Days since 1970-01-01; ``overdue_on`` is the first day on which it is late, with grace.
    settled_on, ended_on : numpy.ndarray of int32
        Paid in full; paid, written off or cancelled; ``NEVER`` where neither has happened.
    is_late : numpy.ndarray of bool
        Settled on ``overdue_on`` or after, or open by then.
    is_owed : numpy.ndarray of bool
        Neither void nor credited in full: only these are judged.
    as_of : int
    """

    frame: pd.DataFrame
    customer_id: np.ndarray
    issued: np.ndarray
    due: np.ndarray
    overdue_on: np.ndarray
    settled_on: np.ndarray
    ended_on: np.ndarray
    is_late: np.ndarray
    is_owed: np.ndarray
    as_of: int

    @property
    def is_mature(self) -> np.ndarray:
        """Owed, and late or not is known whoever pays: those paid early are no sooner in than the others."""
        return self.is_owed & (self.overdue_on <= self.as_of)

    @property
    def is_open(self) -> np.ndarray:
        """Owed and not ended by ``as_of``."""
        return self.is_owed & (self.ended_on == NEVER)

    def take(self, rows: np.ndarray) -> AtIssue:
        """Return some of the invoices, by flags or positions."""
        arrays = {name: getattr(self, name)[rows] for name in _ARRAYS}
        return AtIssue(
            self.frame[rows] if rows.dtype == bool else self.frame.iloc[rows], **arrays, as_of=self.as_of
        )

    def known_by(self, day: int) -> AtIssue:
        """Return the invoices issued by a day, with what was known of them on it: later ends have not happened."""
        then = self.take(self.issued <= day)
        settled, ended = (np.where(on > day, NEVER, on) for on in (then.settled_on, then.ended_on))
        return AtIssue(
            then.frame, then.customer_id, then.issued, then.due, then.overdue_on, settled, ended,
            then.is_late & (then.overdue_on <= day), then.is_owed, day,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.issued)

    def __repr__(self) -> str:
        return f"AtIssue({len(self):,} invoices, {self.frame.shape[1]} features)"


_ARRAYS = (
    "customer_id", "issued", "due", "overdue_on", "settled_on", "ended_on", "is_late", "is_owed",
)  # fmt: skip


def features_at_issue(ledger: Ledger) -> AtIssue:
    """Return what was known of each invoice when it was issued.

    Parameters
    ----------
    ledger : Ledger
        As of its ``as_of``; nothing later is seen.

    Returns
    -------
    AtIssue
        In the order of ``ledger.invoices``.
    """
    invoices = SettledInvoices.from_ledger(ledger)
    index = pd.Index(ledger.invoices["invoice_id"].astype(str), name="invoice_id")
    return at_issue(invoices, index)


def at_issue(invoices: SettledInvoices, index: pd.Index) -> AtIssue:
    """Return the features of invoices given as arrays; ``index`` names them."""
    issued, due = invoices.issued, invoices.due
    overdue_on = np.maximum(due + np.int32(invoices.grace_days), issued) + np.int32(1)
    settled = invoices.settled_on
    ended = np.minimum(settled, np.minimum(invoices.closed_on, _credited_on(invoices)))
    is_late = np.where(invoices.is_lost, NEVER, ended) >= overdue_on
    # cancelled or credited before it was overdue: neither late nor in time
    known_on = np.where(is_late, overdue_on, np.where(settled == NEVER, NEVER, settled + np.int32(1))).astype(
        np.int32
    )
    owner = np.repeat(np.arange(invoices.n_customers, dtype=np.int64), invoices.by_customer.sizes)
    after = [np.lexsort((on, owner)) for on in (known_on, settled, ended, overdue_on)]
    days_late = np.clip(np.where(settled == NEVER, 0, settled - due), _EARLIEST, _LATEST).astype(np.float64)
    out = np.full((len(_SWEPT), len(invoices)), np.nan)
    if len(invoices):
        _sweep(
            invoices.start, issued, due, invoices.amount.astype(np.float64) / invoices.minor_per_unit,
            is_late, days_late, known_on, settled, ended, overdue_on, *after,
            invoices.payments.start, invoices.payments.on, invoices.payments.amount / invoices.minor_per_unit,
            invoices.credit_notes.start, invoices.credit_notes.on, invoices.credit_notes.amount / invoices.minor_per_unit,
            invoices.reminders.start, invoices.reminders.on, invoices.disputes.start, invoices.disputes.on, out,
        )  # fmt: skip
    swept = dict(zip(_SWEPT, out, strict=True))
    frame = pd.DataFrame(index=index)
    days = issued.astype("datetime64[D]")
    due_days = due.astype("datetime64[D]")
    amount = invoices.amount / invoices.minor_per_unit
    mean_amount = swept["mean_amount"]
    limit = np.repeat(invoices.credit_limit, invoices.by_customer.sizes) / invoices.minor_per_unit
    known = swept["n_known"]
    portfolio = _portfolio(issued, known_on, is_late)
    columns = {
        "late_odds": _drawn_towards(portfolio, swept["n_late"], known),
        "log_amount": np.log(np.maximum(amount, 0.01)),
        "amount_ratio": amount / mean_amount,
        "terms_days": (invoices.due_agreed - issued).astype(np.float64),
        "issue_month": (days.astype("datetime64[M]").astype(int) % 12 + 1).astype(np.float64),
        "due_weekday": ((due.astype(np.int64) + 3) % 7).astype(np.float64),  # 1970-01-01 was a Thursday
        "due_day": ((due_days - due_days.astype("datetime64[M]")).astype(int) + 1).astype(np.float64),
        "late_ratio": np.divide(swept["n_late"], known, out=np.full(len(known), np.nan), where=known > 0),
        "balance_ratio": swept["balance"] / mean_amount,
        "credit_use": np.divide(swept["balance"], limit, out=np.full(len(limit), np.nan), where=limit > 0),
        "portfolio_late_ratio": portfolio,
    }
    for name in FEATURES:
        frame[name] = columns[name] if name in columns else swept[name]
    customer_ids = np.repeat(invoices.customer_ids.astype(str), invoices.by_customer.sizes)
    is_late_by_now = is_late & (overdue_on <= invoices.as_of)
    return AtIssue(
        frame, customer_ids, issued, due, overdue_on, settled, ended, is_late_by_now, invoices.is_owed, invoices.as_of
    )  # fmt: skip


def _credited_on(invoices: SettledInvoices) -> np.ndarray:
    """Return the day on which credit alone had ended an invoice, ``NEVER`` where it has not."""
    day = np.full(len(invoices), NEVER)
    rows = np.flatnonzero((invoices.credited >= invoices.amount) & ~invoices.is_settled)
    if not len(rows):
        return day
    notes = invoices.credit_notes
    of_invoice = np.full(len(invoices), -1, np.int32)
    named = notes.row >= 0
    np.maximum.at(of_invoice, notes.row[named], notes.on[named])
    last = np.repeat(Groups(notes.start).latest(notes.on), invoices.by_customer.sizes)
    day[rows] = np.where(
        of_invoice[rows] >= 0, of_invoice[rows], last[rows]
    )  # credit that names none: the latest
    return day


def _portfolio(issued: np.ndarray, known_on: np.ndarray, is_late: np.ndarray) -> np.ndarray:
    """Share of late ones among the invoices of all customers whose outcome became known in the 90 days before each issue."""
    counted = np.flatnonzero(known_on != NEVER)
    order = counted[np.argsort(known_on[counted], kind="stable")]
    on = known_on[order]
    n_late = np.concatenate(([0], np.cumsum(is_late[order])))
    until = np.searchsorted(on, issued, side="right")
    since = np.searchsorted(on, issued - _PORTFOLIO_DAYS, side="right")
    n = until - since
    return np.divide(n_late[until] - n_late[since], n, out=np.full(len(issued), np.nan), where=n > 0)


def _drawn_towards(portfolio: np.ndarray, n_late: np.ndarray, n_known: np.ndarray) -> np.ndarray:
    """Log-odds of the share of late ones, with everybody's of the time counting as `_PRIOR` invoices of the customer's."""
    everybody = np.clip(np.where(np.isnan(portfolio), 0.5, portfolio), 0.02, 0.98)
    return np.asarray(special.logit((n_late + _PRIOR * everybody) / (n_known + _PRIOR)))


#: What the sweep writes, a row each.
_SWEPT = (
    "n_before", "tenure_days", "days_since_invoice", "n_known", "n_late", "late_ratio_recent", "mean_days_late",
    "recent_days_late", "last_days_late", "days_late_sd", "max_days_late", "n_open", "balance", "n_overdue",
    "oldest_overdue_days", "days_since_payment", "reminders_per_invoice", "disputes_per_invoice", "mean_amount",
)  # fmt: skip


@compiled
def _sweep(  # type: ignore[no-untyped-def]  # numba infers
    start, issued, due, amount, is_late, days_late, known_on, settled, ended, overdue_on,
    by_known, by_settled, by_ended, by_overdue,
    paid_start, paid_on, paid, credit_start, credit_on, credit, reminder_start, reminded_on, dispute_start, disputed_on, out,
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
        for i in range(low, high):
            day = issued[i]
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
