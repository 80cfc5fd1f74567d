"""Loss rates of segments and ageing buckets, with customers as units, and drawn together where few tell them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True, eq=False)
class LossRates:
    """What was lost of past balances, by segment and bucket.

    Attributes
    ----------
    observed, rate : numpy.ndarray, shape (n_segments, n_buckets)
        Share of the money that was lost; and the same drawn towards all segments' where few customers tell it. Missing:
        ``observed`` where nothing was open, ``rate`` where nothing of that age was open in any segment.
    conf_low, conf_high : numpy.ndarray, shape (n_segments, n_buckets)
        Of ``observed``; missing with fewer than two customers.
    n_balances, n_customers : numpy.ndarray of int, shape (n_segments, n_buckets)
    own : numpy.ndarray, shape (n_segments, n_buckets)
        How much of ``rate`` is the segment's own, 0 to 1.
    """

    observed: np.ndarray
    rate: np.ndarray
    conf_low: np.ndarray
    conf_high: np.ndarray
    n_balances: np.ndarray
    n_customers: np.ndarray
    own: np.ndarray
    _balance: np.ndarray
    _lost: np.ndarray

    def total_deviation(self, balance: np.ndarray, *, level: float = 0.95) -> float:
        """Return half the width of the interval of what is expected to be lost of a balance, for the rates' uncertainty.

        Parameters
        ----------
        balance : numpy.ndarray, shape (n_segments, n_buckets)
        level : float
        """
        per_segment = _deviations(self._lost, self._balance)
        per_bucket = _deviations(
            self._lost.sum(axis=1, keepdims=True), self._balance.sum(axis=1, keepdims=True)
        )
        moves = self.own * per_segment + (1 - self.own) * per_bucket
        pulls = (moves * balance).sum(axis=(1, 2))
        k = len(pulls)
        return (
            float(stats.t.ppf((1 + level) / 2, k - 1) * np.sqrt(k / (k - 1) * (pulls**2).sum()))
            if k > 1
            else np.nan
        )


def loss_rates(
    segment: np.ndarray, bucket: np.ndarray, customer: np.ndarray, balance: np.ndarray, lost: np.ndarray,
    *, n_segments: int, n_buckets: int, level: float = 0.95,
) -> LossRates:  # fmt: skip
    """Return loss rates of past balances.

    Parameters
    ----------
    segment, bucket, customer : numpy.ndarray of int, shape (n_balances,)
        Codes from 0 on.
    balance, lost : numpy.ndarray, shape (n_balances,)
    n_segments, n_buckets : int
    level : float

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201: exact intervals of the effective number. DerSimonian and Laird
    (1986), Controlled Clinical Trials 7, 177-188: the variance between groups.
    """
    customers, code = np.unique(customer, return_inverse=True)
    shape = (len(customers), n_segments, n_buckets)
    cell = np.ravel_multi_index((code, segment, bucket), shape)
    n, money, gone = (
        np.bincount(cell, weights=w, minlength=np.prod(shape)).reshape(shape) for w in (None, balance, lost)
    )
    observed = _ratio(gone.sum(axis=0), money.sum(axis=0))
    pooled = _ratio(gone.sum(axis=(0, 1)), money.sum(axis=(0, 1)))
    worth = _ratio(
        money.sum(axis=0) ** 2, (money**2).sum(axis=0)
    )  # customers of equal size that these are worth
    own = np.column_stack([_own(observed[:, b], pooled[b], worth[:, b]) for b in range(n_buckets)])
    low, high = _interval(observed, _deviations(gone, money), worth, (money > 0).sum(axis=0), level)
    return LossRates(
        observed, own * np.nan_to_num(observed) + (1 - own) * pooled, low, high, n.sum(axis=0).astype(int),
        (money > 0).sum(axis=0), own, money, gone,
    )  # fmt: skip


def _own(observed: np.ndarray, pooled: float, worth: np.ndarray) -> np.ndarray:
    """Return how much of each segment's rate is its own: all where segments differ by more than chance among so few would."""
    known = np.flatnonzero(~np.isnan(observed))
    own = np.zeros(len(observed))
    chance = pooled * (1 - pooled)
    if len(known) == 1 or not chance > 0:
        own[known] = 1.0
        return own
    weight = worth[known] / chance
    spread = weight @ (observed[known] - np.average(observed[known], weights=weight)) ** 2
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    between = max((spread - (len(known) - 1)) / scale, 0.0)
    own[known] = between / (between + 1 / weight)
    return own


def _deviations(lost: np.ndarray, balance: np.ndarray) -> np.ndarray:
    """Return how each customer moves the rate of each cell: shape (n_customers, n_segments, n_buckets)."""
    whole = balance.sum(axis=0)
    rate = np.nan_to_num(_ratio(lost.sum(axis=0), whole))
    return np.asarray((lost - rate * balance) / np.where(whole > 0, whole, 1.0))


def _interval(
    rate: np.ndarray, deviations: np.ndarray, worth: np.ndarray, k: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of as many customers as the deviations say these are worth, or as there are where all agree."""
    alone, k = k < 2, np.maximum(k, 2)
    variance = k / (k - 1) * (deviations**2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.where(variance > 0, np.minimum(rate * (1 - rate) / variance, worth), worth)
    tail = (1 + level) / 2
    n = n * (stats.norm.ppf(tail) / stats.t.ppf(tail, k - 1)) ** 2
    hits, misses = rate * n, (1 - rate) * n
    low = np.where(hits > 0, stats.beta.ppf(1 - tail, hits, misses + 1), 0.0)
    high = np.where(misses > 0, stats.beta.ppf(tail, hits + 1, misses), 1.0)
    return np.where(alone, np.nan, low), np.where(alone, np.nan, high)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below > 0)
