"""How customers scatter, and what a trial of so many of them can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from payseg_widgets.errors import EffectError

#: Customers, and invoices beyond one each, without which nothing is told of how they scatter.
_FEWEST = 10
_MOST = 10_000_000


@dataclass(frozen=True)
class Scatter:
    """How an outcome scatters, within segments.

    Attributes
    ----------
    mean : float
        Of customers' means.
    between, within : float
        Variance between customers, and of the invoices of one.
    per_customer : float
        Invoices of a customer in the trial, harmonic mean.
    share_seen : float
        Of the customers, those who have an outcome at all.
    is_share : bool
        Whether the outcome is true or false.
    """

    mean: float
    between: float
    within: float
    per_customer: float
    share_seen: float
    is_share: bool

    @property
    def icc(self) -> float:
        """Correlation of a customer's invoices."""
        whole = self.between + self.within
        return self.between / whole if whole > 0 else 0.0

    def variance(self, effect: float = 0.0) -> float:
        """Return the variance of customers' means after a change.

        A share is taken to change in the same proportion for every customer: the late ones where it falls, those in time where
        it rises. Another outcome moves by as much for everybody and scatters as before.
        """
        if not self.is_share:
            return self.between + self.within / self.per_customer
        level = self.mean if effect <= 0 else 1 - self.mean
        ratio = max(1 - abs(effect) / level, 0.0) if level > 0 else 0.0
        within = ratio * level - ratio**2 * (
            level - self.within
        )  # of p (1 - p), with p and its square scaled
        return ratio**2 * self.between + max(within, 0.0) / self.per_customer


@dataclass(frozen=True)
class Trial:
    """A trial of which the power is asked.

    Attributes
    ----------
    scatter : Scatter
    effect, alpha, share_held_out : float
    n_segments : int
    """

    scatter: Scatter
    effect: float
    alpha: float
    share_held_out: float
    n_segments: int

    def power(self, n: int) -> float:
        """Return the power with so many customers assigned."""
        n = round(n * self.scatter.share_seen)
        n_out = max(round(n * self.share_held_out), 1)
        df = n - self.n_segments - 1
        if df < 1 or n_out >= n:
            return self.alpha
        error = np.sqrt(self.scatter.variance() / n_out + self.scatter.variance(self.effect) / (n - n_out))
        if error == 0:
            return 1.0
        shift, edge = abs(self.effect) / error, stats.t.ppf(1 - self.alpha / 2, df)
        return float(np.nan_to_num(stats.nct.sf(edge, df, shift), nan=1.0) + stats.nct.cdf(-edge, df, shift))


def usable(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the invoices whose outcome is known, as a finite number."""
    for name in ("customer_id", outcome):
        if name not in table:
            raise EffectError(
                f"the invoices have no column {name!r}; there are: {', '.join(map(str, table.columns))}."
            )
    known = table[["customer_id", outcome]].dropna()
    try:
        numbers = known[outcome].astype(float)
    except (TypeError, ValueError) as error:
        raise EffectError(
            f"{outcome!r} holds what is no number ({error}). Give numbers, or true and false."
        ) from error
    if not np.isfinite(numbers).all():
        raise EffectError(
            f"{outcome!r} is infinite in {int((~np.isfinite(numbers)).sum())} rows. Leave these out."
        )
    return known.assign(**{outcome: numbers}).astype({"customer_id": str})


def scatter_of(known: pd.DataFrame, segments: pd.Series, outcome: str, factor: float) -> Scatter:
    """Return how customers of a segment differ, by the analysis of variance, and their means in the trial."""
    known = known[known["customer_id"].isin(segments.index)]
    per = known.groupby("customer_id")[outcome].agg(["mean", "size"])
    group = segments.reindex(per.index).astype(str)
    k, n, s = len(per), int(per["size"].sum()), group.nunique()
    if k - s < _FEWEST or n - k < _FEWEST:
        raise EffectError(
            f"the history has {n} invoices of {k} of these customers: too few to tell how they scatter. Read a longer one."
        )
    within = float(((known[outcome] - known["customer_id"].map(per["mean"])) ** 2).sum()) / (n - k)
    sums = (per["mean"] * per["size"]).groupby(group).sum() / per["size"].groupby(group).sum()
    between = float((per["size"] * (per["mean"] - group.map(sums)) ** 2).sum()) / (k - s)
    squares = (per["size"] ** 2).groupby(group).sum() / per["size"].groupby(group).sum()
    size = (n - squares.sum()) / (k - s)
    tau2 = max((between - within) / size, 0.0)
    inverse = float((1 / np.maximum(per["size"] * factor, 1)).mean())
    is_share = bool(known[outcome].isin([0.0, 1.0]).all())
    return Scatter(float(per["mean"].mean()), tau2, within, 1 / inverse, k / len(segments), is_share)


def fewest(power_of: Callable[[int], float], wanted: float, least: int) -> int:
    """Return the fewest customers with which the power is reached."""
    high = least
    while power_of(high) < wanted and high < _MOST:
        high *= 2
    low = least if high == least else high // 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power_of(middle) >= wanted else (middle + 1, high)
    return high


def smallest(power_of: Callable[[float], float], wanted: float) -> float:
    """Return the smallest effect that is found with that power."""
    high = 1e-6
    while power_of(high) < wanted and high < 1e9:
        high *= 2
    if power_of(high / 2) >= wanted:
        return high / 2
    return float(optimize.brentq(lambda size: power_of(size) - wanted, high / 2, high, rtol=1e-4))
