"""Irregularity of invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.measure import feature

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


@feature(
    "invoice_irregularity",
    label="Irregularity of invoices",
    unit="index",
    is_fact=True,
    count=lambda invoices: np.maximum(invoices.n_issued - 1, 0),
    reason="there are fewer than 4 invoices, or all of one day",
)
def invoice_irregularity(invoices: SettledInvoices) -> np.ndarray:
    """Spread of the days between invoices over their mean: 0 is clockwork, 1 is pure chance.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        A pure number. NaN where there are fewer than 4 invoices, or all of one day.

    References
    ----------
    Coefficient of variation; 1 for a Poisson process, whose gaps are exponential.
    """
    gaps, between = invoices.gaps
    mean = between.mean(gaps)
    irregularity = between.sd(gaps) / np.where(mean > 0, mean, np.nan)
    return np.where(between.sizes >= 3, irregularity, np.nan)
