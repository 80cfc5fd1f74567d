"""Payment-run regularity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "payment_run_regularity",
    label="Payment-run regularity",
    unit="ratio",
    count=lambda invoices: invoices.payment_weekdays[1],
    reason="there are fewer than 2 days with a payment",
)
def payment_run_regularity(invoices: SettledInvoices) -> np.ndarray:
    """Chance that two of the customer's days of payment fall on the same weekday.

    Near 1 for weekly payment runs, about 1/5 for payments on any business day; unbiased however few the payments are,
    unlike the share of the commonest weekday. Payments of one day count once.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        In [0, 1]. NaN where there are fewer than 2 days with a payment.

    References
    ----------
    Simpson, E. H. (1949). Measurement of diversity. Nature 163, 688.
    """
    return invoices.payment_weekdays[0]
