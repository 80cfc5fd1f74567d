"""Negotiations per invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "negotiation_frequency",
    label="Negotiations per invoice",
    unit="index",
    worse="higher",
    count=lambda invoices: invoices.n_issued,
)
def negotiation_frequency(invoices: SettledInvoices) -> np.ndarray:
    """Disputes and arrangements to pay in parts, per invoice.

    A dispute of the account as a whole counts once. An invoice paid in parts is one arrangement, however many parts.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        A pure number.
    """
    n_disputes = np.diff(invoices.disputes.start)
    n_parts = invoices.by_customer.count(invoices.is_part_paid)
    return (n_disputes + n_parts) / np.where(invoices.n_issued > 0, invoices.n_issued, np.nan)
