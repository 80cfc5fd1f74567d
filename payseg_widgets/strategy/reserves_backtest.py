"""Reserves made as of a past day, beside what was lost after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets.errors import ForecastError
from payseg_widgets.features.ageing import bucket_names
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.strategy.given import whole_number
from payseg_widgets.strategy.past_balances import past_balances
from payseg_widgets.strategy.reserves import BUCKETS, HORIZON_DAYS, Labels, Reserves, provisions, segments_of


@dataclass(frozen=True, eq=False, repr=False)
class ReservesBacktest:
    """Reserves made on a past day beside what was lost after it.

    Attributes
    ----------
    reserves : Reserves
        As they would have been made on that day.
    table : pandas.DataFrame
        Index ``segment, bucket``: ``balance_minor, provision_minor, lost_minor``.
    ratio, ratio_low, ratio_high : float
        Provided over lost, 95 % with customers as units; missing where nothing was lost.
    """

    reserves: Reserves
    table: pd.DataFrame
    ratio: float
    ratio_low: float
    ratio_high: float

    @property
    def sentence(self) -> str:
        """How right the reserves were."""
        told = f"Reserves made on {self.reserves.as_of:%Y-%m-%d}"
        if np.isnan(self.ratio):
            return f"{told} cannot be judged: nothing was lost within {self.reserves.horizon_days} days."
        spread = f" (95 % {self.ratio_low:.2f} to {self.ratio_high:.2f})"
        return f"{told} were {self.ratio:.2f}{spread} times what was lost within {self.reserves.horizon_days} days."

    def __repr__(self) -> str:
        return f"ReservesBacktest(ratio={self.ratio:.2f}, as_of={self.reserves.as_of:%Y-%m-%d})"


def backtest_reserves(
    ledger: Ledger, day: str | pd.Timestamp, labels: Labels = None, *,
    buckets: Sequence[int] = BUCKETS, horizon_days: int = HORIZON_DAYS,
) -> ReservesBacktest:  # fmt: skip
    """Make reserves as of a past day, and hold them against what was lost after it.

    Parameters
    ----------
    ledger : Ledger
    day : date
        At least ``horizon_days`` before the ledger's ``as_of``.
    labels, buckets, horizon_days : optional
        As in `provisions`. Segments given as a series must have been known on that day.

    Returns
    -------
    ReservesBacktest

    Raises
    ------
    ForecastError
        If the outcome cannot be known yet, or there is nothing to learn from.
    """
    horizon_days = whole_number("horizon_days", horizon_days, 30, error=ForecastError)
    then = ledger.until(day)
    if then.as_of + pd.Timedelta(days=horizon_days) > ledger.as_of:
        raise ForecastError(
            f"what was lost of the balance of {then.as_of:%Y-%m-%d} is known {horizon_days} days later; the ledger ends on "
            f"{ledger.as_of:%Y-%m-%d}. Give an earlier day."
        )
    made = provisions(then, labels, buckets=buckets, horizon_days=horizon_days)
    invoices = SettledInvoices.from_ledger(ledger)
    on = int((then.as_of - pd.Timestamp(0)).days)
    came = past_balances(invoices, np.array([on]), horizon_days=horizon_days)
    customer = invoices.by_customer.repeat(np.arange(invoices.n_customers))[came.row]
    cells = pd.MultiIndex.from_arrays([
        segments_of(then, labels, invoices)[customer],
        np.array(bucket_names(buckets))[np.searchsorted((0, *buckets), came.past_due_days)],
    ])  # fmt: skip
    lost = pd.Series(came.lost).groupby([cells.get_level_values(0), cells.get_level_values(1)]).sum()
    table = made.matrix[["balance_minor", "provision_minor"]].copy()
    table["lost_minor"] = lost.reindex(table.index).fillna(0).astype(np.int64)
    provided = made.matrix["rate"].reindex(cells).to_numpy() * came.balance
    spread = _spread(provided, came.lost.astype(float), customer)
    ratio = made.provision_minor / int(came.lost.sum()) if spread > 0 else np.nan
    return ReservesBacktest(made, table, ratio, ratio / spread, ratio * spread)


def _spread(provided: np.ndarray, lost: np.ndarray, customer: np.ndarray) -> float:
    """Return by which factor provided over lost may be off, 95 %, customers as units; NaN where nothing was lost."""
    code = np.unique(customer, return_inverse=True)[1]
    above, below = np.bincount(code, weights=provided), np.bincount(code, weights=lost)
    k = len(above)
    if below.sum() <= 0 or above.sum() <= 0 or k < 2:
        return np.nan
    ratio = above.sum() / below.sum()
    pulls = (above - ratio * below) / (ratio * below.sum())  # of its logarithm
    return float(np.exp(stats.t.ppf(0.975, k - 1) * np.sqrt(k / (k - 1) * (pulls**2).sum())))
