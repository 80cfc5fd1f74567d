"""How the values of one feature are spread: bars over a robust range, or words where a picture would say nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Bars of a picture.
N_BINS = 24
#: The range ends at most this many interquartile ranges beyond the quartiles.
_REACH = 3


@dataclass(frozen=True)
class Spread:
    """The distribution of one feature over customers.

    Attributes
    ----------
    counts : tuple of int
        Customers in each of ``N_BINS`` bars of equal width from ``low`` to ``high``; empty where there is no picture.
    low, high : float
        Ends of the picture; NaN without one.
    quartiles : tuple of float
        25 %, 50 % and 75 % of the finite values; NaN where there are none.
    n_below, n_above : int
        Customers beyond the ends, not drawn.
    n_infinite : int
        Infinite values, neither drawn nor in the quartiles.
    n_missing : int
    instead : str
        What is said where there is no picture.
    """

    counts: tuple[int, ...]
    low: float
    high: float
    quartiles: tuple[float, float, float]
    n_below: int
    n_above: int
    n_infinite: int
    n_missing: int
    instead: str


def spread_of(values: np.ndarray) -> Spread:
    """Return the distribution of a column; NaN is missing.

    The picture reaches three interquartile ranges beyond the quartiles, or as far as the values do; where half the
    values are the same, the range from 1 % to 99 % stands for the interquartile range.
    """
    known = values[np.isfinite(values)]
    n_missing = int(np.isnan(values).sum())
    n_infinite = len(values) - n_missing - len(known)
    instead = _no_picture(values, known, n_infinite)
    if not len(known):
        nan = float("nan")
        return Spread((), nan, nan, (nan, nan, nan), 0, 0, n_infinite, n_missing, instead)
    p1, q25, median, q75, p99 = (float(q) for q in _quantiles(known))
    quartiles = (q25, median, q75)
    if instead:
        return Spread((), float("nan"), float("nan"), quartiles, 0, 0, n_infinite, n_missing, instead)
    low, high = _ends(known, q25, q75, (q75 - q25) or (p99 - p1))
    inside = known[(known >= low) & (known <= high)]
    bins = np.minimum(((inside - low) / (high - low) * N_BINS).astype(np.int64), N_BINS - 1)
    counts = tuple(np.bincount(bins, minlength=N_BINS).tolist())
    n_below, n_above = int((known < low).sum()), int((known > high).sum())
    return Spread(counts, low, high, quartiles, n_below, n_above, n_infinite, n_missing, "")


def _no_picture(values: np.ndarray, known: np.ndarray, n_infinite: int) -> str:
    if not len(values):
        return "There are no customers."
    if not len(known):
        return "Every known value is infinite." if n_infinite else "No customer has a value."
    if len(known) == 1:
        return "One customer has a value."
    low, high = known.min(), known.max()
    if low == high:
        return f"All {len(known):,} customers with a value have the same."
    with np.errstate(over="ignore"):
        return "" if np.isfinite(high - low) else "The values lie too far apart to be drawn."


def _quantiles(known: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):  # between values too far apart to be subtracted
        return np.quantile(known, [0.01, 0.25, 0.5, 0.75, 0.99])


def _ends(known: np.ndarray, q25: float, q75: float, width: float) -> tuple[float, float]:
    low, high = float(known.min()), float(known.max())
    if width > 0:
        low, high = max(low, q25 - _REACH * width), min(high, q75 + _REACH * width)
    return low, high
