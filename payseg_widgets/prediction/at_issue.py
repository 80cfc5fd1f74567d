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

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.history import Outcomes, histories, outcomes

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
    """Invoices with what was known of them at issue, or on another day, and what is known of them by ``as_of``.

    Attributes
    ----------
    frame : pandas.DataFrame
        Index ``invoice_id``; columns of `FEATURES`, float64. Missing where there is nothing to tell it from, such as
        the delays of a new customer.
    customer_id : numpy.ndarray of str, shape (n_invoices,)
    issued, seen_on, due, overdue_on : numpy.ndarray of int32
        Days since 1970-01-01; the features are those of the eve of ``seen_on``, which is the day of issue unless other days
        were asked about; ``overdue_on`` is the first day on which it is late, with grace.
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
    seen_on: np.ndarray
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

    @property
    def open_days(self) -> np.ndarray:
        """Days from the due date to the eve of ``seen_on``, float; negative before."""
        return (self.seen_on.astype(np.int64) - 1 - self.due).astype(float)

    def take(self, rows: np.ndarray) -> AtIssue:
        """Return some of the invoices, by flags or positions."""
        arrays = {name: getattr(self, name)[rows] for name in _ARRAYS}
        return AtIssue(
            self.frame[rows] if rows.dtype == bool else self.frame.iloc[rows], **arrays, as_of=self.as_of
        )

    def known_by(self, day: int) -> AtIssue:
        """Return the invoices issued by a day, with what was known of them on it: later ends have not happened.

        Those cancelled or credited in full later are owed still.
        """
        then = self.take((self.issued <= day) & (self.seen_on <= day + 1))
        settled, ended = (np.where(on > day, NEVER, on) for on in (then.settled_on, then.ended_on))
        return AtIssue(
            then.frame, then.customer_id, then.issued, then.seen_on, then.due, then.overdue_on, settled, ended,
            then.is_late & (then.overdue_on <= day), then.is_owed | (then.ended_on > day), day,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.issued)

    def __repr__(self) -> str:
        return f"AtIssue({len(self):,} invoices, {self.frame.shape[1]} features)"


_ARRAYS = (
    "customer_id", "issued", "seen_on", "due", "overdue_on", "settled_on", "ended_on", "is_late", "is_owed",
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
    rows = np.arange(len(invoices))
    return seen(invoices, outcomes(invoices), index, rows, invoices.issued, invoices.start)


def seen(
    invoices: SettledInvoices, came: Outcomes, index: pd.Index, rows: np.ndarray, seen_on: np.ndarray, start: np.ndarray
) -> AtIssue:  # fmt: skip
    """Return what was known of invoices on the eves of days of one's choice.

    Parameters
    ----------
    invoices : SettledInvoices
    came : Outcomes
        Of all of them.
    index : pandas.Index
        Names of all of them.
    rows : numpy.ndarray of int
        Those asked about, by customer; one may be asked about on several days.
    seen_on : numpy.ndarray of int32, shape of ``rows``
        Within a customer in order.
    start : numpy.ndarray of int64, shape (n_customers + 1,)
        ``rows[start[c]:start[c + 1]]`` are customer ``c``'s.
    """
    swept = histories(invoices, came, start, seen_on)
    issued, due = invoices.issued[rows], invoices.due[rows]
    days, due_days = issued.astype("datetime64[D]"), due.astype("datetime64[D]")
    amount = invoices.amount[rows] / invoices.minor_per_unit
    limit = np.repeat(invoices.credit_limit, np.diff(start)) / invoices.minor_per_unit
    known = swept["n_known"]
    portfolio = _portfolio(seen_on, came.known_on, came.is_late)
    columns = {
        "late_odds": _drawn_towards(portfolio, swept["n_late"], known),
        "log_amount": np.log(np.maximum(amount, 0.01)),
        "amount_ratio": amount / swept["mean_amount"],
        "terms_days": (invoices.due_agreed[rows] - issued).astype(np.float64),
        "issue_month": (days.astype("datetime64[M]").astype(int) % 12 + 1).astype(np.float64),
        "due_weekday": ((due.astype(np.int64) + 3) % 7).astype(np.float64),  # 1970-01-01 was a Thursday
        "due_day": ((due_days - due_days.astype("datetime64[M]")).astype(int) + 1).astype(np.float64),
        "late_ratio": np.divide(swept["n_late"], known, out=np.full(len(known), np.nan), where=known > 0),
        "balance_ratio": swept["balance"] / swept["mean_amount"],
        "credit_use": np.divide(swept["balance"], limit, out=np.full(len(limit), np.nan), where=limit > 0),
        "portfolio_late_ratio": portfolio,
    }
    frame = pd.DataFrame({name: columns.get(name, swept.get(name)) for name in FEATURES}, index=index[rows])
    customer_ids = np.repeat(invoices.customer_ids.astype(str), np.diff(start))
    overdue_on = came.overdue_on[rows]
    return AtIssue(
        frame, customer_ids, issued, seen_on, due, overdue_on, came.settled_on[rows], came.ended_on[rows],
        came.is_late[rows] & (overdue_on <= invoices.as_of), invoices.is_owed[rows], invoices.as_of,
    )  # fmt: skip


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
