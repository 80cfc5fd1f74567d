"""One crowd of customers: a distribution with a single hump that otherwise looks like those given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata


@dataclass(frozen=True)
class OneCrowd:
    """A distribution with one hump that otherwise looks like the customers.

    Attributes
    ----------
    places, values : tuple of numpy.ndarray
        For each column the smoothed distribution function and the values at which it is given.
    root : numpy.ndarray, shape (n_columns, n_columns)
        Root of the correlation of the normal scores.
    """

    places: tuple[np.ndarray, ...]
    values: tuple[np.ndarray, ...]
    root: np.ndarray

    @classmethod
    def fit(cls, rows: np.ndarray) -> OneCrowd:
        """Fit to rows of shape (n_customers, n_columns)."""
        scores = norm.ppf((rankdata(rows, axis=0) - 0.5) / len(rows))
        correlation = np.atleast_2d(np.corrcoef(scores, rowvar=False))
        powers, axes = np.linalg.eigh(correlation)
        places, values = zip(*(_one_hump(column) for column in rows.T), strict=True)
        return cls(places, values, axes * np.sqrt(np.maximum(powers, 0)))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n customers."""
        ranks = norm.cdf(rng.normal(size=(n, len(self.root))) @ self.root.T)
        columns = zip(ranks.T, self.places, self.values, strict=True)
        return np.column_stack([np.interp(rank, place, value) for rank, place, value in columns])


def _one_hump(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return distribution function and grid of the least smoothed density with one hump, variance kept."""
    spread = float(values.std())
    edges = np.linspace(values.min() - 3 * spread, values.max() + 3 * spread, 513)
    density = smoothed(values, edges, one_hump_width(values))
    grid = (edges[1:] + edges[:-1]) / 2
    weight = density / density.sum()
    middle = float(weight @ grid)
    wider = np.sqrt(float(weight @ (grid - middle) ** 2))
    # smoothing widens: shrink back, else one crowd would look looser than the customers
    return np.cumsum(weight) - weight / 2, values.mean() + (grid - middle) * spread / wider


def smoothed(values: np.ndarray, edges: np.ndarray, width: float) -> np.ndarray:
    """Return the Gaussian kernel density of the values in evenly spaced bins, not normalised."""
    counts = np.histogram(values, edges)[0].astype(float)
    frequency = np.fft.rfftfreq(len(counts), d=float(edges[1] - edges[0]))
    kernel = np.exp(-2 * (np.pi * frequency * width) ** 2)
    return np.maximum(np.fft.irfft(np.fft.rfft(counts) * kernel, len(counts)), 0.0)


def one_hump_width(values: np.ndarray) -> float:
    """Return the critical bandwidth: the least Gaussian smoothing under which the density has one hump.

    A hump must rise above a hundredth of the highest to count.
    """
    spread = float(values.std())
    edges = np.linspace(values.min() - 3 * spread, values.max() + 3 * spread, 257)
    low, high = 0.0, 2 * spread
    for _ in range(12):
        width = (low + high) / 2
        density = smoothed(values, edges, width)
        inner = density[1:-1]
        humps = (inner > density[:-2]) & (inner >= density[2:]) & (inner > 0.01 * density.max())
        low, high = (low, width) if humps.sum() <= 1 else (width, high)
    return high
