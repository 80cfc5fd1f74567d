"""Credit utilisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


def credit_line(invoices: SettledInvoices) -> np.ndarray:
    """Return each customer's credit limit or, where none is known, highest balance of a year; NaN for neither."""
    peak = invoices.balances.max(axis=1)
    line = np.where(np.isnan(invoices.credit_limit), peak, invoices.credit_limit)
    return np.where(line > 0, line, np.nan)


@feature(
    "credit_utilisation",
    label="Credit utilisation",
    unit="index",
    worse="higher",
    is_fact=True,
    reason="there was no balance in the last year and no credit limit is known",
)
def credit_utilisation(invoices: SettledInvoices) -> np.ndarray:
    """Balance as a share of the credit line; above 1 beyond a limit.

    The line is the credit limit where one is known, else the highest of the last year's balances ("high credit").

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        A pure number. NaN where there was no balance in the last year and no credit limit is known.
    """
    return invoices.balances[:, -1] / credit_line(invoices)
