"""What the measures would have been with other invoices: split halves and the delete-a-group jackknife."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.features.compute import compute_columns

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices
    from payseg_widgets.features.measure import Measure

#: Reliability is read off at most this many customers, evenly spaced in the table.
MAX_CUSTOMERS = 20_000

#: Fewer customers with a value in both halves than these tell no reliability.
MIN_CUSTOMERS = 10

#: Runs of consecutive invoices that the jackknife leaves out in turn.
N_BLOCKS = 10


@dataclass(frozen=True, repr=False)
class Jackknife:
    """Sampling variance of one measure; arrays of shape (n_customers,).

    Attributes
    ----------
    variance : numpy.ndarray of float64
        NaN where fewer than two blocks could be left out.
    df : numpy.ndarray of int64
        Blocks left out, less one; 0 where the variance is missing.
    """

    variance: np.ndarray
    df: np.ndarray


def split_half_reliability(invoices: SettledInvoices, measures: Sequence[Measure]) -> pd.Series:
    """Correlate each measure between the odd and the even invoices of the customers.

    Parameters
    ----------
    invoices : SettledInvoices
    measures : sequence of Measure

    Returns
    -------
    pandas.Series of float64
        Index feature; Spearman's rank correlation of the halves, stepped up to the full number of invoices. 0 is
        the least; NaN for fewer than ten customers with a value in both halves, where a half does not vary, or where
        the measure is not of invoices.

    References
    ----------
    Spearman, C. (1910), Brown, W. (1910). British Journal of Psychology 3, 271-295 and 296-322.
    """
    from scipy.stats import rankdata

    n = invoices.n_customers
    if n > MAX_CUSTOMERS:
        invoices = invoices.customers(np.linspace(0, n - 1, MAX_CUSTOMERS).astype(np.int64))
    is_odd = _rank(invoices) % 2 == 1
    split = [m for m in measures if m.can_be_split]
    odd, even = (compute_columns(invoices.subset(half), split) for half in (is_odd, ~is_odd))
    reliability = {m.name: np.nan for m in measures}
    for name in odd:
        both = np.isfinite(odd[name]) & np.isfinite(even[name])
        a, b = rankdata(odd[name][both]), rankdata(even[name][both])
        can_tell = both.sum() >= MIN_CUSTOMERS and np.ptp(a) > 0 and np.ptp(b) > 0
        r = max(float(np.corrcoef(a, b)[0, 1]), 0.0) if can_tell else np.nan
        reliability[name] = 2 * r / (1 + r)
    return pd.Series(reliability, dtype=np.float64, name="reliability")


def jackknife(invoices: SettledInvoices, measures: Sequence[Measure]) -> dict[str, Jackknife]:
    """Return the sampling variance of each measure, by leaving out runs of consecutive invoices in turn.

    Consecutive invoices are often paid together, or late together; leaving them out together keeps that in.

    Parameters
    ----------
    invoices : SettledInvoices
    measures : sequence of Measure

    Returns
    -------
    dict of str to Jackknife
        For medians and other quantiles the variance is on the large side.

    References
    ----------
    Kott, P. S. (2001). The delete-a-group jackknife. Journal of Official Statistics 17, 521-526.

    Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations. Annals of Statistics
    17, 1217-1241.
    """
    sizes = invoices.by_customer.sizes
    block = _rank(invoices) * N_BLOCKS // invoices.by_customer.repeat(np.maximum(sizes, 1))
    # Welford's update over the blocks: memory does not grow with their number
    n = {m.name: np.zeros(len(sizes), np.int64) for m in measures}
    mean, squares = ({m.name: np.zeros(len(sizes)) for m in measures} for _ in range(2))
    for k in range(N_BLOCKS):
        is_left_out = block == k
        has_block = invoices.by_customer.count(is_left_out) > 0
        for name, value in compute_columns(invoices.subset(~is_left_out), measures).items():
            counts = has_block & np.isfinite(value)
            n[name] += counts
            step = np.where(counts, value - mean[name], 0.0)
            mean[name] += step / np.maximum(n[name], 1)
            squares[name] += np.where(counts, step * (value - mean[name]), 0.0)
    done = {}
    for name in n:
        df = np.maximum(n[name] - 1, 0)
        done[name] = Jackknife(np.where(df > 0, squares[name] * df / np.maximum(n[name], 1), np.nan), df)
    return done


def _rank(invoices: SettledInvoices) -> np.ndarray:
    """Place of each invoice among its customer's, from 0."""
    return np.arange(len(invoices)) - invoices.by_customer.repeat(invoices.start[:-1])
