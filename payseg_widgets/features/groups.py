"""The group algebra: statistics of values that are sorted by customer, one result for each customer.

A result is NaN where a customer has nothing to compute it from. The loops are compiled (numba) and release the
interpreter lock, so that lots of customers run on several threads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from payseg_widgets._compiled import compiled
from payseg_widgets.features.sorting import sort_in_place
from payseg_widgets.features.survival import SurvivalSummary, summarise_survival


@dataclass(frozen=True, repr=False)
class Groups:
    """Consecutive rows that belong together.

    Parameters
    ----------
    start : numpy.ndarray of int64, shape (n_groups + 1,)
        Rows ``start[g]:start[g + 1]`` are group ``g``.

    Examples
    --------
    >>> groups = Groups(np.array([0, 2, 3]))
    >>> groups.sum(np.array([1, 2, 5]))
    array([3, 5])
    >>> groups.mean(np.array([1, 2, 5]), weights=np.array([3, 1, 0]))
    array([1.25,  nan])
    """

    start: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Rows in each group, int64."""
        return np.diff(self.start)

    def _buffer(self) -> np.ndarray:
        """Space for the values of the largest group."""
        return np.empty(self.sizes.max(initial=0))

    def repeat(self, per_group: np.ndarray) -> np.ndarray:
        """Give each row the value of its group."""
        return np.repeat(per_group, self.sizes)

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Sum in the type of the values, so that money stays exact; booleans are counted."""
        kind = np.float64 if values.dtype.kind == "f" else np.int64
        out = np.zeros(len(self.start) - 1, kind)
        _sum(self.start, values if values.dtype == np.bool_ else values.astype(kind, copy=False), out)
        return out

    def count(self, where: np.ndarray) -> np.ndarray:
        """Count the rows where a condition holds."""
        return self.sum(where)

    def mean(self, values: np.ndarray, *, weights: np.ndarray | None = None) -> np.ndarray:
        """Weighted mean; a boolean weight selects rows. NaN where the weights sum to 0."""
        out = np.full(len(self.start) - 1, np.nan)
        if values.dtype == np.bool_ and (
            weights is None or weights.dtype == np.bool_
        ):  # a share: counts will do
            n = self.sizes if weights is None else self.count(weights)
            return np.divide(
                self.count(values if weights is None else values & weights), n, out=out, where=n > 0
            )
        _mean(self.start, _floats(values), _weights(weights, values), out)
        return out

    def sd(self, values: np.ndarray, *, where: np.ndarray | None = None) -> np.ndarray:
        """Sample standard deviation (n - 1); NaN for fewer than two rows."""
        out = np.empty(len(self.start) - 1)
        _sd(self.start, _floats(values), _selection(where, values), out)
        return out

    def quantile(self, values: np.ndarray, q: float, *, where: np.ndarray | None = None) -> np.ndarray:
        """Quantile with linear interpolation, as ``numpy.quantile``."""
        out = np.empty(len(self.start) - 1)
        _quantile(self.start, _floats(values), _selection(where, values), q, self._buffer(), out)
        return out

    def first(self, values: np.ndarray) -> np.ndarray:
        """Value of each group's first row."""
        return self._at(values, self.start[:-1])

    def last(self, values: np.ndarray) -> np.ndarray:
        """Value of each group's last row."""
        return self._at(values, self.start[1:] - 1)

    def _at(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        out = np.full(len(rows), np.nan)
        has_rows = self.sizes > 0
        out[has_rows] = values[rows[has_rows]]
        return out

    def latest(self, values: np.ndarray, *, where: np.ndarray | None = None) -> np.ndarray:
        """Largest value, such as the latest day."""
        out = np.empty(len(self.start) - 1)
        _largest_value(self.start, _floats(values), _selection(where, values), out)
        return out

    def mad(self, values: np.ndarray, *, where: np.ndarray | None = None, cap: float = np.inf) -> np.ndarray:
        """Median absolute deviation from the median, as it is: neither scaled nor corrected.

        All that is known of a value of ``cap`` or more is that it is no smaller; NaN where the result depends on more.
        """
        out = np.empty(len(self.start) - 1)
        _mad(self.start, _floats(values), _selection(where, values), float(cap), self._buffer(), out)
        return out

    def slope(self, values: np.ndarray, at: np.ndarray, *, where: np.ndarray | None = None) -> np.ndarray:
        """Least-squares slope of ``values`` on ``at``; NaN where ``at`` does not vary."""
        out = np.empty(len(self.start) - 1)
        _slope(self.start, _floats(values), _floats(at), _selection(where, values), out)
        return out

    def gaps(self, days: np.ndarray) -> tuple[np.ndarray, Groups]:
        """Differences between consecutive rows of each group, with their own groups."""
        first = np.zeros(len(days) + 1, bool)
        first[self.start[:-1]] = True
        is_later = ~first[:-1]
        steps = np.diff(days, prepend=days[:1])[is_later]
        return steps, Groups(np.concatenate(([0], np.cumsum(np.maximum(self.sizes - 1, 0)))))

    def survival(
        self,
        duration: np.ndarray,
        is_observed: np.ndarray,
        *,
        horizon: float,
        max_unknown: float,
        weights: np.ndarray | None = None,
    ) -> SurvivalSummary:
        """Kaplan-Meier curve of each group, in brief: see `payseg_widgets.features.survival`."""
        return summarise_survival(
            self.start,
            duration,
            is_observed,
            _weights(weights, duration),
            horizon=horizon,
            max_unknown=max_unknown,
        )


# One type for each argument of a loop: every further one would be compiled, stored and loaded again.


def _floats(values: np.ndarray) -> np.ndarray:
    """Return the values as float64."""
    return values.astype(np.float64, copy=False)


def _weights(weights: np.ndarray | None, values: np.ndarray) -> np.ndarray:
    """Return the weights as float64, or a one for each value."""
    return np.ones(len(values)) if weights is None else _floats(weights)


def _selection(where: np.ndarray | None, values: np.ndarray) -> np.ndarray:
    """Return which rows count, all by default."""
    return np.ones(len(values), np.bool_) if where is None else where


@compiled
def _sum(start, values, out):  # type: ignore[no-untyped-def]  # numba infers
    for g in range(len(out)):
        total = out[g]  # of the type of the result
        for i in range(start[g], start[g + 1]):
            total += values[i]
        out[g] = total


@compiled
def _mean(start, values, weights, out):  # type: ignore[no-untyped-def]  # numba infers
    for g in range(len(out)):
        total, weight = 0.0, 0.0
        for i in range(start[g], start[g + 1]):
            counts = weights[i] > 0  # chosen without a jump: half of all jumps would be guessed wrong
            total += weights[i] * values[i] if counts else 0.0
            weight += weights[i] if counts else 0.0
        out[g] = total / weight if weight > 0 else np.nan


@compiled
def _largest_value(start, values, where, out):  # type: ignore[no-untyped-def]  # numba infers
    for g in range(len(out)):
        out[g] = np.nan
        for i in range(start[g], start[g + 1]):
            if where[i] and not values[i] <= out[g]:
                out[g] = values[i]


@compiled
def _sd(start, values, where, out):  # type: ignore[no-untyped-def]  # numba infers
    for g in range(len(out)):
        n, mean, squares = 0, 0.0, 0.0
        for i in range(start[g], start[g + 1]):  # Welford: one pass, no cancellation
            if where[i]:
                n += 1
                step = values[i] - mean
                mean += step / n
                squares += step * (values[i] - mean)
        out[g] = np.sqrt(squares / (n - 1)) if n > 1 else np.nan


@compiled
def _slope(start, values, at, where, out):  # type: ignore[no-untyped-def]  # numba infers
    for g in range(len(out)):
        n, mean_x, mean_y, sxx, sxy = 0, 0.0, 0.0, 0.0, 0.0
        for i in range(start[g], start[g + 1]):
            if where[i]:
                n += 1
                dx = at[i] - mean_x
                mean_x += dx / n
                mean_y += (values[i] - mean_y) / n
                sxx += dx * (at[i] - mean_x)
                sxy += dx * (values[i] - mean_y)
        out[g] = sxy / sxx if sxx > 0 else np.nan


@compiled
def _sorted_quantile(values, q):  # type: ignore[no-untyped-def]  # numba infers
    if len(values) == 0:
        return np.nan
    place = q * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


@compiled
def _gather(start, g, values, where, buffer):  # type: ignore[no-untyped-def]  # numba infers
    """Copy the selected rows of group ``g`` into the buffer, sorted; return how many."""
    n = 0
    for i in range(start[g], start[g + 1]):
        buffer[n] = values[i]  # overwritten by the next one if it does not count: no jump to guess
        n += where[i]
    sort_in_place(buffer[:n])
    return n


@compiled
def _quantile(start, values, where, q, buffer, out):  # type: ignore[no-untyped-def]  # numba infers
    for g in range(len(out)):
        n = _gather(start, g, values, where, buffer)
        out[g] = _sorted_quantile(buffer[:n], q)


@compiled
def _middle_deviation(values, middle):  # type: ignore[no-untyped-def]  # numba infers
    """Median absolute deviation from ``middle`` of sorted values: outwards from the middle, the nearer side first."""
    n = len(values)
    right = 0
    while right < n and values[right] < middle:
        right += 1
    left, before, at = right - 1, 0.0, 0.0
    for _ in range(n // 2 + 1):
        before = at
        if right >= n or (left >= 0 and middle - values[left] <= values[right] - middle):
            at = middle - values[left]
            left -= 1
        else:
            at = values[right] - middle
            right += 1
    return at if n % 2 else before + 0.5 * (at - before)


@compiled
def _mad(start, values, where, cap, buffer, out):  # type: ignore[no-untyped-def]  # numba infers
    for g in range(len(out)):
        n = _gather(start, g, values, where, buffer)
        if n == 0:
            out[g] = np.nan
            continue
        middle = _sorted_quantile(buffer[:n], 0.5)
        is_capped = buffer[n - 1] >= cap
        n_near = 0
        for i in range(n):
            n_near += buffer[i] < cap and abs(buffer[i] - middle) <= cap - middle
        # with more than half of the values no further from the median than the cap, those beyond may lie anywhere
        out[g] = np.nan if is_capped and 2 * n_near <= n else _middle_deviation(buffer[:n], middle)
