"""Reminders per invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "reminders_per_invoice",
    label="Reminders per invoice",
    unit="index",
    worse="higher",
    count=lambda invoices: invoices.n_issued,
)
def reminders_per_invoice(invoices: SettledInvoices) -> np.ndarray:
    """Reminders sent, per invoice.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        A pure number.
    """
    return np.diff(invoices.reminders.start) / np.where(invoices.n_issued > 0, invoices.n_issued, np.nan)
