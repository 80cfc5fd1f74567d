"""Response to reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.events import replies
from payseg_widgets.features.groups import Groups
from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


#: A payment this many days after a reminder counts as a response.
RESPONSE_DAYS = 14


def _is_settled_question(invoices: SettledInvoices) -> np.ndarray:
    """Whether the time to respond has passed, for each reminder."""
    return invoices.reminders.on <= invoices.as_of - RESPONSE_DAYS


def _answers(invoices: SettledInvoices) -> np.ndarray:
    """Whether each reminder was followed by a payment."""
    reminders, payments = invoices.reminders, invoices.payments
    is_answered = np.zeros(len(reminders.on), bool)
    replies(
        reminders.start, reminders.on, reminders.row,
        payments.start, payments.on, payments.row, payments.amount, RESPONSE_DAYS, is_answered,
    )  # fmt: skip
    return is_answered


@feature(
    "reminder_response_ratio",
    label="Response to reminders",
    unit="ratio",
    worse="lower",
    count=lambda invoices: Groups(invoices.reminders.start).count(_is_settled_question(invoices)),
    is_share=True,
    reason="no reminder was sent 14 or more days ago",
)
def reminder_response_ratio(invoices: SettledInvoices) -> np.ndarray:
    """Share of reminders that were followed by a payment within 14 days.

    A reminder of an invoice is answered by a payment of that invoice or by one that names none; a reminder of the
    account by any payment. Only reminders sent at least 14 days before ``as_of`` count. That a payment follows does not
    show that the reminder caused it.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where no reminder was sent 14 or more days ago.
    """
    return Groups(invoices.reminders.start).mean(_answers(invoices), weights=_is_settled_question(invoices))
