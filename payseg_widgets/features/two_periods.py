"""Two periods of the same customers side by side, and what they would be had their invoices changed places."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.features.groups import Groups
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.settle import NEVER, Postings, Settlement

_DAYS = ("issued", "due_agreed", "due", "closed_on")
_SETTLED_DAYS = ("settled_on", "first_payment_on", "last_payment_on")
_PER_INVOICE = (*_DAYS, "amount", "closed_as_lost")
_EVENTS = ("payments", "credit_notes", "reminders", "disputes")


@dataclass(frozen=True, repr=False)
class TwoPeriods:
    """The invoices of two equally long periods, the earlier one's days moved so that both end on the same day.

    An invoice that was two weeks old at the end of its period is two weeks old here, whichever period it is of: so the two
    are seen equally far, and a customer who has not changed could have had any of its invoices in either.

    Attributes
    ----------
    invoices : SettledInvoices
        Of the customers with invoices in both periods.
    is_later : numpy.ndarray of bool, shape (n_invoices,)
    """

    invoices: SettledInvoices
    is_later: np.ndarray

    @classmethod
    def of(cls, earlier: SettledInvoices, later: SettledInvoices, days: int) -> TwoPeriods:
        """Take the last ``days`` days of each of two views of a ledger, each as known at its own ``as_of``."""
        early, late = (view.subset(view.issued > view.as_of - days) for view in (earlier, later))
        has_any = [pd.Index(view.customer_ids[view.by_customer.sizes > 0]) for view in (early, late)]
        both = has_any[0].intersection(has_any[1])
        early, late = (
            view.customers(np.flatnonzero(pd.Index(view.customer_ids).isin(both))) for view in (early, late)
        )
        return cls(*_side_by_side(_moved(early, late.as_of - early.as_of), late))

    def swapped(self, rng: np.random.Generator) -> np.ndarray:
        """Return which invoices would be later ones had each customer's changed places at random.

        Each customer keeps its number of invoices in either period. Invoices of a period settled on the same day stay
        together, as they are paid together.
        """
        customer, batch, n_batches = self._batches
        place = np.empty(len(customer), dtype=np.int64)
        order = np.lexsort((rng.random(n_batches)[batch], customer))
        place[order] = np.arange(len(customer)) - self.invoices.start[customer]
        return place >= self._n_earlier

    @cached_property
    def _n_earlier(self) -> np.ndarray:
        counts = self.invoices.by_customer.count(~self.is_later)
        return self.invoices.by_customer.repeat(counts)

    @cached_property
    def _batches(self) -> tuple[np.ndarray, np.ndarray, int]:
        """Customer and batch of each invoice, and the number of batches."""
        customer = self.invoices.by_customer.repeat(np.arange(self.invoices.n_customers))
        alone = np.arange(len(customer), dtype=np.int64) + np.int64(NEVER) + 1
        settled = np.where(self.invoices.is_settled, self.invoices.settled_on, alone)
        keys = np.column_stack([customer, self.is_later, settled])
        batches, batch = np.unique(keys, axis=0, return_inverse=True)
        return customer, batch.ravel(), len(batches)


def _moved(view: SettledInvoices, by: int) -> SettledInvoices:
    """Return the same invoices so many days later."""
    settlement = replace(
        view.settlement, **{n: _later(getattr(view.settlement, n), by) for n in _SETTLED_DAYS}
    )
    changed: dict[str, Any] = {name: _later(getattr(view, name), by) for name in _DAYS}
    changed |= {name: replace(getattr(view, name), on=_later(getattr(view, name).on, by)) for name in _EVENTS}
    return replace(view, as_of=view.as_of + by, _settlement=settlement, **changed)


def _later(days: np.ndarray, by: int) -> np.ndarray:
    return np.where(days == NEVER, NEVER, days + np.int32(by))


def _side_by_side(first: SettledInvoices, second: SettledInvoices) -> tuple[SettledInvoices, np.ndarray]:
    """Return the invoices of two views of the same customers as one, and which are of the second."""
    customer = np.concatenate([v.by_customer.repeat(np.arange(v.n_customers)) for v in (first, second)])
    order = np.lexsort((np.concatenate([first.issued, second.issued]), customer))
    position = np.empty(len(order), dtype=np.int32)
    position[order] = np.arange(len(order))

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(first, name), getattr(second, name)])[order]

    changed: dict[str, Any] = {name: joined(name) for name in _PER_INVOICE}
    for name in _EVENTS:
        changed[name] = _joined_events(getattr(first, name), getattr(second, name), len(first), position)
    together = replace(
        second,
        start=first.start + second.start,
        _settlement=_joined_settlement(first, second, order),
        **changed,
    )
    return together, order >= len(first)


def _joined_settlement(first: SettledInvoices, second: SettledInvoices, order: np.ndarray) -> Settlement:
    parts = {}
    for field in fields(Settlement):
        a, b = getattr(first.settlement, field.name), getattr(second.settlement, field.name)
        parts[field.name] = a + b if field.name.startswith("unallocated") else np.concatenate([a, b])[order]
    return Settlement(**parts)


def _joined_events(first: Postings, second: Postings, n_first: int, position: np.ndarray) -> Postings:
    customer = np.concatenate([Groups(e.start).repeat(np.arange(len(e.start) - 1)) for e in (first, second)])
    on = np.concatenate([first.on, second.on])
    order = np.lexsort((on, customer))
    row = np.concatenate([first.row, np.where(second.row < 0, second.row, second.row + np.int32(n_first))])
    if len(position):
        row = np.where(row < 0, row, position[np.maximum(row, 0)])
    amount = np.concatenate([first.amount, second.amount])
    return Postings(first.start + second.start, on[order], row[order], amount[order])
