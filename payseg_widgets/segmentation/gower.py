"""Distances between customers of whom some columns are numbers and some are categories (Gower)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

#: A category that fewer than this share of all pairs differ in counts less than a feature, so that no rare category decides.
_LEAST_DIFFERING = 0.5


@dataclass(frozen=True, repr=False)
class GowerScale:
    """What a difference in each column counts.

    Attributes
    ----------
    ranges : numpy.ndarray, shape (n_numbers,)
        A difference of this much counts 1; infinite for a column that is the same for all, which counts 0.
    steps : numpy.ndarray, shape (n_categories,)
        What being of different categories counts; 1 in Gower's own coefficient.
    weight : float
        Weight of each category; a number has 1.
    """

    ranges: np.ndarray
    steps: np.ndarray
    weight: float = 1.0

    @classmethod
    def of(cls, rows: np.ndarray, n_categories: int, weight: float = 1.0) -> GowerScale:
        """Return the scale in which each category adds as much to a distance, on average over the pairs, as a number.

        In Gower's own coefficient a category outweighs numbers: it counts nothing or all, while two customers are seldom
        a whole range apart. A category in which fewer than half of all pairs differ counts less than a number.

        Parameters
        ----------
        rows : numpy.ndarray, shape (n_customers, n_numbers + n_categories)
            Numbers first, without missing values; then codes of categories, -1 where missing.
        n_categories : int
        weight : float
            How many numbers a category counts as.
        """
        numbers, codes = np.split(rows, [rows.shape[1] - n_categories], axis=1)
        spans = np.ptp(numbers, axis=0)
        ranges = np.where(spans > 0, spans, np.inf)
        typical = float(np.mean(_mean_differences(numbers) / ranges)) or 1.0
        differing = np.array([_differing(column) for column in codes.T])
        return cls(ranges, typical / np.maximum(differing, _LEAST_DIFFERING), weight)

    def distances(self, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return the weighted mean of what the columns count, over those known of both customers.

        Parameters
        ----------
        rows, others : numpy.ndarray, shapes (n, n_columns) and (m, n_columns)
            Numbers first; then codes of categories. A category missing of either customer, code -1, takes no part in the
            distance between the two.

        Returns
        -------
        numpy.ndarray, shape (n, m)
            In [0, 1] among the customers of the scale in Gower's own coefficient.

        References
        ----------
        J. C. Gower (1971). A general coefficient of similarity and some of its properties. Biometrics 27, 857-871.

        Examples
        --------
        Two numbers with ranges 10 and 4; two categories, one missing of the second customer.

        >>> scale = GowerScale(ranges=np.array([10.0, 4.0]), steps=np.ones(2))
        >>> first, second = np.array([[1.0, 2.0, 0, 1]]), np.array([[6.0, 3.0, 2, -1]])
        >>> scale.distances(first, second).round(4).item()  # (5/10 + 1/4 + 1) / 3
        0.5833
        """
        n = len(self.ranges)
        total = cdist(rows[:, :n] / self.ranges, others[:, :n] / self.ranges, "cityblock")
        weight = np.full(total.shape, float(n))
        for step, mine, theirs in zip(self.steps, rows[:, n:].T, others[:, n:].T, strict=True):
            is_known = (mine >= 0)[:, None] & (theirs >= 0)
            np.add(weight, self.weight, out=weight, where=is_known)
            is_known &= mine[:, None] != theirs
            np.add(total, self.weight * step, out=total, where=is_known)
        total /= weight
        return total


def _mean_differences(numbers: np.ndarray) -> np.ndarray:
    """Return each column's mean absolute difference over all pairs (Gini)."""
    n = len(numbers)
    place = 2.0 * np.arange(n) - n + 1
    return 2 * place @ np.sort(numbers, axis=0) / (n * (n - 1))


def _differing(codes: np.ndarray) -> float:
    """Return the share of the pairs known of both that differ."""
    counts = np.unique(codes[codes >= 0], return_counts=True)[1].astype(float)
    n = counts.sum()
    return 0.0 if n < 2 else float(1 - (counts * (counts - 1)).sum() / (n * (n - 1)))
