"""What features see: every invoice known at ``as_of`` with its settlement, as arrays sorted by customer."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from payseg_widgets.features.events import balances, weekday_agreement
from payseg_widgets.features.groups import Groups
from payseg_widgets.features.survival import SurvivalSummary
from payseg_widgets.ledger.settle import (
    NEVER,
    Postings,
    customer_starts,
    epoch_days,
    no_postings,
    postings,
    settle_arrays,
)

if TYPE_CHECKING:
    import pandas as pd

    from payseg_widgets.ledger.schema import Ledger

#: Delays beyond this many days after the due date count as this many in restricted means.
HORIZON_DAYS = 180

#: A restricted mean is not estimable when what is still open leaves it uncertain by more than this many days.
MAX_UNKNOWN_DAYS = 20

#: Spread and trend read delays capped here, of invoices due at least as long ago: each of those is known.
CAP_DAYS = 60

#: Closed for these reasons the debt stands unpaid; for any other reason the invoice is void, as if never issued.
UNPAID_REASONS = ("written_off", "protested")

_OPEN, _LOST, _VOID = np.int8(0), np.int8(1), np.int8(2)


@dataclass(frozen=True, repr=False)
class SettledInvoices:
    """Invoices with their settlement, sorted by customer and issue date; customers without an invoice are left out.

    Days are int32 since 1970-01-01 (``NEVER`` where something has not happened), money is int64 minor units.

    Attributes
    ----------
    customer_ids : numpy.ndarray, shape (n_customers,)
    start : numpy.ndarray of int64, shape (n_customers + 1,)
        Invoices ``start[c]:start[c + 1]`` are customer ``c``'s.
    issued, due_agreed, due : numpy.ndarray of int32, shape (n_invoices,)
        ``due`` is the day that counts by the ledger's late rule.
    amount, paid, credited, outstanding, forgone : numpy.ndarray of int64
        See `payseg_widgets.ledger.settle.Settlement`.
    settled_on, n_payments : numpy.ndarray of int32
    closing : numpy.ndarray of int8
        0 not closed, 1 lost (written off, protested), 2 void (cancelled, returned).
    payments, credit_notes, reminders, disputes : Postings
    closed_on : numpy.ndarray of int32
    credit_limit : numpy.ndarray of float64, shape (n_customers,)
        Minor units, NaN where none is known.
    unallocated : numpy.ndarray of int64, shape (n_customers,)
    as_of, grace_days, minor_per_unit : int
    """

    customer_ids: np.ndarray
    start: np.ndarray
    issued: np.ndarray
    due_agreed: np.ndarray
    due: np.ndarray
    amount: np.ndarray
    paid: np.ndarray
    credited: np.ndarray
    outstanding: np.ndarray
    forgone: np.ndarray
    settled_on: np.ndarray
    n_payments: np.ndarray
    closing: np.ndarray
    closed_on: np.ndarray
    payments: Postings
    credit_notes: Postings
    reminders: Postings
    disputes: Postings
    credit_limit: np.ndarray
    unallocated: np.ndarray
    as_of: int
    grace_days: int = 0
    minor_per_unit: int = 100

    @classmethod
    def from_ledger(cls, ledger: Ledger) -> SettledInvoices:
        """Settle a ledger and take what features need from it."""
        invoices = ledger.invoices
        everyone = cls.from_arrays(
            customer_ids=ledger.customers["customer_id"].to_numpy(),
            start=customer_starts(invoices["customer_id"]),
            issued=epoch_days(invoices["issued_on"]),
            due_agreed=epoch_days(invoices["due_on"]),
            due=_effective_due(ledger),
            amount=invoices["amount_minor"].to_numpy(copy=True),  # writable, as numba tells the two apart
            closed_on=epoch_days(invoices["closed_on"]),
            is_lost=invoices["closed_reason"].isin(UNPAID_REASONS).to_numpy(),
            payments=postings(ledger.payments, "paid_on"),
            credit_notes=postings(ledger.credit_notes, "issued_on"),
            reminders=postings(ledger.reminders, "sent_on"),
            disputes=postings(ledger.disputes, "known_on"),
            credit_limit=_credit_limit(ledger.customers),
            as_of=int(epoch_days(np.array([ledger.as_of.to_datetime64()]))[0]),
            grace_days=ledger.late_rule.grace_days,
            minor_per_unit=ledger.minor_per_unit,
        )
        has_invoice = everyone.by_customer.sizes > 0
        return everyone if has_invoice.all() else everyone.customers(np.flatnonzero(has_invoice))

    @classmethod
    def from_arrays(
        cls,
        *,
        customer_ids: np.ndarray,
        start: np.ndarray,
        issued: np.ndarray,
        due_agreed: np.ndarray,
        due: np.ndarray,
        amount: np.ndarray,
        closed_on: np.ndarray,
        is_lost: np.ndarray,
        payments: Postings,
        as_of: int,
        credit_notes: Postings | None = None,
        reminders: Postings | None = None,
        disputes: Postings | None = None,
        credit_limit: np.ndarray | None = None,
        grace_days: int = 0,
        minor_per_unit: int = 100,
    ) -> SettledInvoices:
        """Settle invoices given as arrays sorted as the attributes say.

        Parameters
        ----------
        is_lost : numpy.ndarray of bool, shape (n_invoices,)
            Whether an invoice closed on ``closed_on`` was lost rather than void.
        credit_notes, reminders, disputes, credit_limit : optional
            None of these by default.
        """
        n_customers = len(start) - 1
        notes = credit_notes or no_postings(n_customers)
        settlement = settle_arrays(
            start=start, issued=issued, amount=amount, closed=closed_on, payments=payments, credit_notes=notes
        )
        return cls(
            customer_ids=customer_ids, start=start, issued=issued, due_agreed=due_agreed, due=due, amount=amount,
            paid=settlement.paid_minor,
            credited=settlement.credited_minor,
            outstanding=settlement.outstanding_minor,
            forgone=settlement.forgone_minor,
            settled_on=settlement.settled_on,
            n_payments=settlement.n_payments,
            closing=np.where(closed_on == NEVER, _OPEN, np.where(is_lost, _LOST, _VOID)),
            closed_on=closed_on,
            payments=payments,
            credit_notes=notes,
            reminders=reminders or no_postings(n_customers),
            disputes=disputes or no_postings(n_customers),
            credit_limit=np.full(n_customers, np.nan) if credit_limit is None else credit_limit,
            unallocated=settlement.unallocated_minor + settlement.unallocated_credit_minor,
            as_of=as_of, grace_days=grace_days, minor_per_unit=minor_per_unit,
        )  # fmt: skip

    # Selections -----------------------------------------------------------------------------------------------

    def part(self, low: int, high: int) -> SettledInvoices:
        """Return customers ``low:high``; arrays are views of these."""
        rows = slice(self.start[low], self.start[high])
        changed: dict[str, Any] = {
            f.name: _slice(getattr(self, f.name), low, high, rows)
            for f in fields(self)
            if f.name not in ("start", "as_of", "grace_days", "minor_per_unit", *_PER_CUSTOMER)
        }
        per_customer = {name: getattr(self, name)[low:high] for name in _PER_CUSTOMER}
        return replace(self, start=self.start[low : high + 1] - self.start[low], **per_customer, **changed)

    def customers(self, positions: np.ndarray) -> SettledInvoices:
        """Return the customers at these positions, in increasing order."""
        is_kept = np.zeros(len(self.start) - 1, bool)
        is_kept[positions] = True
        taken = self._keep(
            self.by_customer.repeat(is_kept),
            {n: Groups(getattr(self, n).start).repeat(is_kept) for n in _POSTINGS},
        )
        start = _drop_customers(taken.start, is_kept)
        rest: dict[str, Any] = {
            n: replace(getattr(taken, n), start=_drop_customers(getattr(taken, n).start, is_kept))
            for n in _POSTINGS
        }
        return replace(taken, start=start, **rest, **{n: getattr(self, n)[is_kept] for n in _PER_CUSTOMER})

    def subset(self, is_kept: np.ndarray) -> SettledInvoices:
        """Keep some invoices, as they were settled, with what names them.

        What names no invoice goes with the customer's latest invoice of that day. Customers stay, even those left
        without an invoice.
        """
        keep = {name: self._is_named(getattr(self, name), is_kept) for name in _POSTINGS}
        return self._keep(is_kept, keep)

    def _is_named(self, events: Postings, is_kept: np.ndarray) -> np.ndarray:
        """Whether each event's invoice is kept."""
        row = events.row.astype(np.int64)
        nameless = np.flatnonzero(row < 0)
        if len(nameless):
            customer = np.searchsorted(events.start, nameless, side="right") - 1
            at = np.int64(NEVER) * customer + events.on[nameless]
            issued = np.int64(NEVER) * self.by_customer.repeat(np.arange(self.n_customers)) + self.issued
            latest = np.searchsorted(issued, at, side="right") - 1
            row[nameless] = np.maximum(latest, self.start[customer])
        return is_kept[row]

    def _keep(self, is_kept: np.ndarray, keep: dict[str, np.ndarray]) -> SettledInvoices:
        position = np.cumsum(is_kept, dtype=np.int32) - np.int32(1)
        changed: dict[str, Any] = {name: getattr(self, name)[is_kept] for name in _PER_INVOICE}
        for name, mask in keep.items():
            old = getattr(self, name)
            row = old.row[mask]
            row = np.where(row < 0, np.int32(-1), position[np.maximum(row, 0)]) if len(position) else row
            changed[name] = Postings(_kept_starts(old.start, mask), old.on[mask], row, old.amount[mask])
        return replace(self, start=_kept_starts(self.start, is_kept), **changed)

    # What measures share ----------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.amount)

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return len(self.start) - 1

    @cached_property
    def by_customer(self) -> Groups:
        """The group algebra over invoices."""
        return Groups(self.start)

    @cached_property
    def is_settled(self) -> np.ndarray:
        """Paid in full, shape (n_invoices,)."""
        return self.settled_on != NEVER

    @cached_property
    def is_void(self) -> np.ndarray:
        """Cancelled or returned before it was paid in full: no sale, as if never issued."""
        return (self.closing == _VOID) & ~self.is_settled

    @cached_property
    def sales(self) -> np.ndarray:
        """Amount of each invoice, 0 where it is void: int64 minor units."""
        return np.where(self.is_void, 0, self.amount)

    @cached_property
    def is_owed(self) -> np.ndarray:
        """Whether it was ever to be paid: neither void nor cancelled by credit."""
        return ~self.is_void & (self.credited < self.amount)

    @cached_property
    def is_lost(self) -> np.ndarray:
        """Closed unpaid: written off or protested."""
        return (self.closing == _LOST) & ~self.is_settled

    @cached_property
    def is_open(self) -> np.ndarray:
        """Something is still outstanding."""
        return self.outstanding > 0

    @cached_property
    def is_overdue(self) -> np.ndarray:
        """Outstanding and past the day (with grace) by which it was to be paid."""
        return self.is_open & (self.days_past_due > self.grace_days)

    @cached_property
    def days_past_due(self) -> np.ndarray:
        """Days from the due day to ``as_of``; negative where it is still to come."""
        return np.int32(self.as_of) - self.due

    @cached_property
    def days_late(self) -> np.ndarray:
        """Days from due date to settlement, or to ``as_of`` where there is none; a lost one was never paid.

        Early days count back from the agreed due date, late ones from the day that counts by the late rule; between the
        two (due on a Saturday, paid by Monday) an invoice is 0 days late.
        """
        until = np.where(self.is_settled, self.settled_on, np.int32(self.as_of))
        days = np.minimum(until - self.due_agreed, 0) + np.maximum(until - self.due, 0)
        return np.where(self.is_lost, np.maximum(days, np.int32(HORIZON_DAYS)), days)

    @cached_property
    def is_known(self) -> np.ndarray:
        """Owed and past due, so that late or not is known whoever pays: no bias from the recent past."""
        return self.is_due_for(0)

    def is_due_for(self, days: int) -> np.ndarray:
        """Owed and due, with grace, more than ``days`` before ``as_of``: late by ``days`` or not is known."""
        return self.is_owed & (self.days_past_due > self.grace_days + days)

    @cached_property
    def capped_days_late(self) -> np.ndarray:
        """Days late, at most ``CAP_DAYS``; complete for the invoices of `is_capped_known`."""
        return np.minimum(self.days_late, np.int32(CAP_DAYS))

    @cached_property
    def is_capped(self) -> np.ndarray:
        """Whether all that `capped_days_late` says of an invoice is that it took ``CAP_DAYS`` or longer."""
        return self.days_late >= CAP_DAYS

    @cached_property
    def is_capped_known(self) -> np.ndarray:
        """Owed and due at least ``CAP_DAYS`` before ``as_of``: none of these delays is censored below the cap."""
        return self.is_owed & (self.days_past_due >= CAP_DAYS)

    @cached_property
    def delay(self) -> SurvivalSummary:
        """Curve of the days late, each invoice counting once."""
        return self.by_customer.survival(
            self.days_late,
            self.is_settled,
            horizon=HORIZON_DAYS,
            max_unknown=MAX_UNKNOWN_DAYS,
            weights=self.is_owed,
        )

    @cached_property
    def n_owed(self) -> np.ndarray:
        """Invoices behind the delay curves, shape (n_customers,)."""
        return self.by_customer.count(self.is_owed)

    @cached_property
    def n_invoices(self) -> np.ndarray:
        """Invoices, void ones left out, shape (n_customers,)."""
        return self.by_customer.count(~self.is_void)

    @property
    def n_issued(self) -> np.ndarray:
        """Invoices as they were issued, void ones too, shape (n_customers,)."""
        return self.by_customer.sizes

    @cached_property
    def invoiced(self) -> np.ndarray:
        """Money invoiced, void invoices left out, minor units, shape (n_customers,)."""
        return self.by_customer.sum(self.sales)

    @cached_property
    def balance(self) -> np.ndarray:
        """Money outstanding on invoices, minor units, shape (n_customers,)."""
        return self.by_customer.sum(self.outstanding)

    @cached_property
    def balances(self) -> np.ndarray:
        """Balance at ``as_of`` and every 30 days before it, for a year: int64, shape (n_customers, 13)."""
        streams = [
            (self.start, self.issued, self.amount, 1),
            (self.payments.start, self.payments.on, self.payments.amount, -1),
            (self.credit_notes.start, self.credit_notes.on, self.credit_notes.amount, -1),
            (self.start, self.closed_on, self.forgone, -1),
        ]
        return balances(streams, self.as_of)

    @cached_property
    def payment_weekdays(self) -> tuple[np.ndarray, np.ndarray]:
        """Chance that two days of payment share a weekday, and the number of days of payment."""
        agreement, n_days = np.empty(self.n_customers), np.empty(self.n_customers, np.int64)
        weekday_agreement(self.payments.start, self.payments.on, self.payments.amount, agreement, n_days)
        return agreement, n_days

    def money(self, minor: np.ndarray) -> np.ndarray:
        """Minor units as units of the currency, float64."""
        return minor / float(self.minor_per_unit)


_POSTINGS = ("payments", "credit_notes", "reminders", "disputes")
_PER_CUSTOMER = ("customer_ids", "credit_limit", "unallocated")
_PER_INVOICE = (
    "issued", "due_agreed", "due", "amount", "paid", "credited", "outstanding", "forgone", "settled_on", "n_payments",
    "closing", "closed_on",
)  # fmt: skip


def _slice(value: np.ndarray | Postings, low: int, high: int, rows: slice) -> np.ndarray | Postings:
    if not isinstance(value, Postings):
        return value[rows]
    a, b = value.start[low], value.start[high]
    row = value.row[a:b]
    return Postings(
        value.start[low : high + 1] - a,
        value.on[a:b],
        np.where(row < 0, row, row - np.int32(rows.start)),
        value.amount[a:b],
    )


def _kept_starts(start: np.ndarray, is_kept: np.ndarray) -> np.ndarray:
    """Return the starts of the groups once only some of their rows are kept."""
    return np.concatenate(([0], np.cumsum(is_kept)))[start]


def _drop_customers(start: np.ndarray, is_kept: np.ndarray) -> np.ndarray:
    """Return the starts once customers without rows are dropped."""
    return np.concatenate((start[:-1][is_kept], start[-1:]))


def _credit_limit(customers: pd.DataFrame) -> np.ndarray:
    if "credit_limit_minor" not in customers:
        return np.full(len(customers), np.nan)
    return customers["credit_limit_minor"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)


def _effective_due(ledger: Ledger) -> np.ndarray:
    if ledger.late_rule.due == "due_date":
        return epoch_days(ledger.invoices["due_on"])
    from payseg_widgets.ledger.lateness import effective_due  # reads the calendars of public holidays

    return epoch_days(effective_due(ledger.invoices["due_on"], ledger.late_rule))
