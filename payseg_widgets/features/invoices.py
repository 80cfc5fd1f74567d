"""What features see: every invoice known at ``as_of`` with its settlement, as arrays sorted by customer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from payseg_widgets.features.events import balances, weekday_agreement
from payseg_widgets.features.groups import Groups
from payseg_widgets.features.shrinkage import shrink_shares
from payseg_widgets.features.survival import SurvivalSummary
from payseg_widgets.ledger.settle import (
    NEVER,
    Postings,
    Settlement,
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


@dataclass(frozen=True, repr=False)
class SettledInvoices:
    """Invoices with their settlement, sorted by customer and issue date; customers without an invoice are left out.

    Days are int32 since 1970-01-01 (``NEVER`` where something has not happened), money is int64 minor units. They are
    settled when the settlement is first asked for, so that large ledgers can be settled a lot of customers at a time.

    Attributes
    ----------
    customer_ids : numpy.ndarray, shape (n_customers,)
    start : numpy.ndarray of int64, shape (n_customers + 1,)
        Invoices ``start[c]:start[c + 1]`` are customer ``c``'s.
    issued, due_agreed, due : numpy.ndarray of int32, shape (n_invoices,)
        ``due`` is the day that counts by the ledger's late rule.
    amount : numpy.ndarray of int64
    closed_on : numpy.ndarray of int32
    closed_as_lost : numpy.ndarray of bool
        Whether an invoice closed on ``closed_on`` was lost (written off, protested) rather than void (cancelled,
        returned).
    payments, credit_notes, reminders, disputes : Postings
    credit_limit : numpy.ndarray of float64, shape (n_customers,)
        Minor units, NaN where none is known.
    as_of, grace_days, minor_per_unit : int
    """

    customer_ids: np.ndarray
    start: np.ndarray
    issued: np.ndarray
    due_agreed: np.ndarray
    due: np.ndarray
    amount: np.ndarray
    closed_on: np.ndarray
    closed_as_lost: np.ndarray
    payments: Postings
    credit_notes: Postings
    reminders: Postings
    disputes: Postings
    credit_limit: np.ndarray
    as_of: int
    grace_days: int = 0
    minor_per_unit: int = 100
    _settlement: Settlement | None = None

    @classmethod
    def from_ledger(cls, ledger: Ledger) -> SettledInvoices:
        """Take what features need from a ledger."""
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
        """Take invoices given as arrays sorted as the attributes say.

        Parameters
        ----------
        is_lost : numpy.ndarray of bool, shape (n_invoices,)
            Whether an invoice closed on ``closed_on`` was lost rather than void.
        credit_notes, reminders, disputes, credit_limit : optional
            None of these by default.
        """
        n_customers = len(start) - 1
        return cls(
            customer_ids=customer_ids, start=start, issued=issued, due_agreed=due_agreed, due=due, amount=amount,
            closed_on=closed_on, closed_as_lost=is_lost,
            payments=payments,
            credit_notes=credit_notes or no_postings(n_customers),
            reminders=reminders or no_postings(n_customers),
            disputes=disputes or no_postings(n_customers),
            credit_limit=np.full(n_customers, np.nan) if credit_limit is None else credit_limit,
            as_of=as_of, grace_days=grace_days, minor_per_unit=minor_per_unit,
        )  # fmt: skip

    # Selections -----------------------------------------------------------------------------------------------

    def part(self, low: int, high: int) -> SettledInvoices:
        """Return customers ``low:high``; arrays are views of these, not settled yet if these are not."""
        rows = slice(self.start[low], self.start[high])
        changed: dict[str, Any] = {name: getattr(self, name)[rows] for name in _PER_INVOICE}
        changed |= {name: getattr(self, name)[low:high] for name in _PER_CUSTOMER}
        changed |= {name: _slice(getattr(self, name), low, high, rows) for name in _POSTINGS}
        start = self.start[low : high + 1] - self.start[low]
        return replace(self, start=start, _settlement=self._settled(rows, slice(low, high)), **changed)

    def customers(self, positions: np.ndarray) -> SettledInvoices:
        """Return the customers at these positions, in increasing order."""
        is_kept = np.zeros(len(self.start) - 1, bool)
        is_kept[positions] = True
        taken = self._keep(
            self.by_customer.repeat(is_kept),
            {n: Groups(getattr(self, n).start).repeat(is_kept) for n in _POSTINGS},
        )
        settlement = self._settled(self.by_customer.repeat(is_kept), is_kept)
        start = _drop_customers(taken.start, is_kept)
        rest: dict[str, Any] = {
            n: replace(getattr(taken, n), start=_drop_customers(getattr(taken, n).start, is_kept))
            for n in _POSTINGS
        }
        rest |= {n: getattr(self, n)[is_kept] for n in _PER_CUSTOMER}
        return replace(taken, start=start, _settlement=settlement, **rest)

    def subset(self, is_kept: np.ndarray) -> SettledInvoices:
        """Keep some invoices, as they were settled, with what names them.

        What names no invoice goes with the customer's latest invoice of that day. Customers stay, even those left
        without an invoice.
        """
        keep = {name: self._is_named(getattr(self, name), is_kept) for name in _POSTINGS}
        settlement = self.settlement.take(is_kept, slice(None))
        return replace(self._keep(is_kept, keep), _settlement=settlement)

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

    def _settled(self, rows: slice | np.ndarray, customers: slice | np.ndarray) -> Settlement | None:
        """Settlement of some of these, if these are settled."""
        is_settled = self._settlement is not None or "settlement" in self.__dict__
        return self.settlement.take(rows, customers) if is_settled else None

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
    def settlement(self) -> Settlement:
        """What was paid on each invoice by ``as_of``."""
        return self._settlement or settle_arrays(
            start=self.start, issued=self.issued, amount=self.amount, closed=self.closed_on,
            payments=self.payments, credit_notes=self.credit_notes,
        )  # fmt: skip

    @property
    def paid(self) -> np.ndarray:
        """Cash applied to each invoice, int64 minor units."""
        return self.settlement.paid_minor

    @property
    def credited(self) -> np.ndarray:
        """Credit applied to each invoice, int64 minor units."""
        return self.settlement.credited_minor

    @property
    def outstanding(self) -> np.ndarray:
        """What is still owed on each invoice, int64 minor units."""
        return self.settlement.outstanding_minor

    @property
    def forgone(self) -> np.ndarray:
        """What was unpaid on each closed invoice, int64 minor units."""
        return self.settlement.forgone_minor

    @property
    def settled_on(self) -> np.ndarray:
        """Day on which nothing was owed any more, int32, ``NEVER`` where that has not come."""
        return self.settlement.settled_on

    @property
    def n_payments(self) -> np.ndarray:
        """Days on which cash reached each invoice, int32."""
        return self.settlement.n_payments

    @property
    def unallocated(self) -> np.ndarray:
        """Money no invoice could take, int64 minor units, shape (n_customers,)."""
        return self.settlement.unallocated_minor + self.settlement.unallocated_credit_minor

    @cached_property
    def is_settled(self) -> np.ndarray:
        """Paid in full, shape (n_invoices,)."""
        return self.settled_on != NEVER

    @cached_property
    def _is_closed(self) -> np.ndarray:
        """Closed for a reason that is not a payment before it was paid in full."""
        return (self.closed_on != NEVER) & ~self.is_settled

    @cached_property
    def is_void(self) -> np.ndarray:
        """Cancelled or returned before it was paid in full: no sale, as if never issued."""
        return self._is_closed & ~self.closed_as_lost

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
        return self._is_closed & self.closed_as_lost

    @cached_property
    def is_open(self) -> np.ndarray:
        """Something is still outstanding."""
        return self.outstanding > 0

    @cached_property
    def open_invoices(self) -> tuple[np.ndarray, Groups]:
        """Positions of the open invoices, which are few, with their groups."""
        rows = np.flatnonzero(self.is_open)
        return rows, Groups(np.searchsorted(rows, self.start))

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

    @property
    def delay(self) -> SurvivalSummary:
        """Curve of the days late, each invoice counting once."""
        return SurvivalSummary(self._delays.mean[0], self._delays.median[0])

    @property
    def delay_by_amount(self) -> SurvivalSummary:
        """Curve of the days late, each invoice counting by its amount less credit."""
        return SurvivalSummary(self._delays.mean[1], self._delays.median[1])

    @cached_property
    def _delays(self) -> SurvivalSummary:
        by_amount = np.where(self.is_owed, self.amount - self.credited, 0)
        return self.by_customer.survival(
            self.days_late,
            self.is_settled,
            horizon=HORIZON_DAYS,
            max_unknown=MAX_UNKNOWN_DAYS,
            weights=np.stack((self.is_owed, by_amount), dtype=np.float64),
        )

    @cached_property
    def gaps(self) -> tuple[np.ndarray, Groups]:
        """Days between consecutive invoices of each customer, with their groups."""
        return self.by_customer.gaps(self.issued)

    @cached_property
    def is_part_paid(self) -> np.ndarray:
        """Paid on several days, or so far in part."""
        return (self.n_payments > 1) | ((self.paid > 0) & self.is_open)

    @cached_property
    def overdue(self) -> np.ndarray:
        """Money overdue, minor units, shape (n_customers,)."""
        rows, by_customer = self.open_invoices
        return by_customer.sum(np.where(self.is_overdue[rows], self.outstanding[rows], 0))

    @cached_property
    def late_before(self) -> np.ndarray:
        """Share of late invoices among those of `is_known`, weighed against the portfolio's, shape (n_customers,).

        NaN where none is known.
        """
        n = self.by_customer.count(self.is_known)
        late = self.by_customer.count(self.is_known & (self.days_late > self.grace_days))
        share = np.divide(late, n, out=np.full(len(n), np.nan), where=n > 0)
        return shrink_shares(share, n).value if (n > 0).any() else share

    @cached_property
    def n_capped_known(self) -> np.ndarray:
        """Invoices of `is_capped_known`, shape (n_customers,)."""
        return self.by_customer.count(self.is_capped_known)

    @cached_property
    def n_capped(self) -> np.ndarray:
        """Invoices of `is_capped_known` that took ``CAP_DAYS`` or longer, shape (n_customers,)."""
        return self.by_customer.count(self.is_capped & self.is_capped_known)

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
        paid, credited = self.payments, self.credit_notes
        streams = [
            (self.start, self.issued, self.amount, 1),
            (paid.start, paid.on, paid.amount, -1),
            (credited.start, credited.on, credited.amount, -1),
            (self.start, self.closed_on, self.forgone, -1),
        ]
        return balances(streams, self.as_of)

    @cached_property
    def payment_weekdays(self) -> tuple[np.ndarray, np.ndarray]:
        """Chance that two days of payment share a weekday, and the number of days of payment."""
        agreement, n_days = np.empty(self.n_customers), np.empty(self.n_customers, np.int64)
        paid = self.payments
        weekday_agreement(paid.start, paid.on, paid.amount, np.empty(7, np.int64), agreement, n_days)
        return agreement, n_days

    def money(self, minor: np.ndarray) -> np.ndarray:
        """Minor units as units of the currency, float64."""
        return minor / float(self.minor_per_unit)


_POSTINGS = ("payments", "credit_notes", "reminders", "disputes")
_PER_CUSTOMER = ("customer_ids", "credit_limit")
_PER_INVOICE = ("issued", "due_agreed", "due", "amount", "closed_on", "closed_as_lost")


def _slice(events: Postings, low: int, high: int, rows: slice) -> Postings:
    a, b = events.start[low], events.start[high]
    row = events.row[a:b]
    row = np.where(row < 0, row, row - np.int32(rows.start))
    return Postings(events.start[low : high + 1] - a, events.on[a:b], row, events.amount[a:b])


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
