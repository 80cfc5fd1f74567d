"""Credit utilisation velocity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.events import STEP_DAYS
from payseg_widgets.features.measure import feature
from payseg_widgets.features.measures.credit_utilisation import credit_line

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices


#: Balances the slope is drawn through.
N_POINTS = 7


@feature(
    "credit_utilisation_velocity",
    label="Credit utilisation velocity",
    unit="per_year",
    worse="higher",
    is_fact=True,
    reason="there was no balance in the last year and no credit limit is known",
    can_be_negative=True,
)
def credit_utilisation_velocity(invoices: SettledInvoices) -> np.ndarray:
    """Slope of credit utilisation over the last 180 days: how much of the credit line is filled in a year.

    Least squares through seven balances, 30 days apart; see `credit_utilisation` for the line.

    Returns
    -------
    numpy.ndarray, shape (n_customers,)
        Per year. NaN where there was no balance in the last year and no credit limit is known.
    """
    recent = invoices.balances[:, -N_POINTS:] / credit_line(invoices)[:, None]
    at = np.arange(N_POINTS) * STEP_DAYS / 365.25
    at = at - at.mean()
    # row by row: a matrix product rounds differently with the number of customers beside
    return (recent * at).sum(axis=1) / (at @ at)
