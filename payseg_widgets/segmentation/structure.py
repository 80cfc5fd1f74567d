"""Is there any structure? The customers against one crowd of the same shape, before segments are believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from payseg_widgets.segmentation.criteria import inertia
from payseg_widgets.segmentation.model import ClusteringModel

#: Numbers of segments at which the customers are compared with one crowd.
_KS = (2, 3, 4, 5, 6)
#: A first principal axis with at least this share of the variance is one gradient that orders the customers.
_GRADIENT = 0.4
#: Density between two segments' middles, as a share of the lower of their peaks, below which there is a valley.
_VALLEY = 0.8
LEVEL = 0.05


@dataclass(frozen=True)
class Structure:
    """The verdict.

    Attributes
    ----------
    verdict : {"segments", "continuum", "no structure"}
    p_value : float
        Of the customers being one crowd.
    sentence : str
    """

    verdict: str
    p_value: float
    sentence: str


def check_structure(
    model: ClusteringModel,
    rows: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    step: Callable[[], None],
    n_references: int = 49,
) -> Structure:
    """Say whether the customers form segments, a continuum or neither.

    The statistic is the largest standardised fall of the log inertia, over 2 to 6 segments, below that of
    ``n_references`` simulated portfolios that are one crowd: a Gaussian copula with the customers' rank
    correlations, each column smoothed just until it has one hump. "Segments" also needs a dip in density
    between most segments and their nearest neighbour; without one, a curved gradient was cut in pieces.

    Parameters
    ----------
    model : ClusteringModel
        A quick k-means.
    rows : numpy.ndarray, shape (n_customers, n_columns)
    labels : numpy.ndarray of int, shape (n_customers,)
        The segments that will be shown.

    References
    ----------
    Y. Liu et al. (2008). Statistical significance of clustering for high-dimension, low-sample size data (SigClust).
    B. W. Silverman (1981). Using kernel density estimates to investigate multimodality.
    """
    rng = np.random.default_rng(seed)
    ks = [k for k in _KS if k < len(rows) / 5]
    if not ks:
        return Structure(
            "no structure", 1.0, f"{len(rows)} customers are too few to tell segments from chance."
        )
    observed = _log_inertias(model, rows, ks, seed)
    crowd = OneCrowd.fit(rows)
    references = np.empty((n_references, len(ks)))
    for b in range(n_references):
        step()
        references[b] = _log_inertias(model, crowd.sample(len(rows), rng), ks, seed)
    p_value = max_fall_p_value(observed, references)
    valleys = share_with_valley(rows, labels)
    first_axis = _first_axis_share(rows)
    return _verdict(p_value, valleys, first_axis)


def _verdict(p_value: float, valleys: float, first_axis: float) -> Structure:
    p = f"p = {p_value:.2f}"
    if p_value <= LEVEL and valleys > 0.5:
        sentence = f"The customers are not one crowd ({p}) and {valleys:.0%} of the segments have thinner ground between them and the next."
        return Structure("segments", p_value, sentence)
    if p_value <= LEVEL or first_axis >= _GRADIENT:
        why = (
            f"The customers are not one even crowd ({p}), but most segments touch the next without a gap"
            if p_value <= LEVEL
            else f"One crowd explains the customers ({p}), stretched along one gradient with {first_axis:.0%} of the variance"
        )
        return Structure(
            "continuum",
            p_value,
            f"{why}: the segments are slices of a continuum, useful for sorting, not kinds of customer.",
        )
    return Structure(
        "no structure",
        p_value,
        f"One crowd explains the customers as well ({p}): the segments are arbitrary cuts, not kinds of customer.",
    )


def _log_inertias(model: ClusteringModel, rows: np.ndarray, ks: list[int], seed: int) -> np.ndarray:
    fits = model.fit_each(rows, [(model, k) for k in ks], seed)
    tiny = 1e-12 * max(float((rows**2).sum()), 1e-300)
    return np.log([inertia(rows, fit.labels) + tiny for fit in fits])


def max_fall_p_value(observed: np.ndarray, references: np.ndarray) -> float:
    """Return the Monte Carlo p value of the largest standardised fall below the references.

    Parameters
    ----------
    observed : numpy.ndarray, shape (n_ks,)
    references : numpy.ndarray, shape (n_references, n_ks)
    """
    together = np.vstack([observed, references])
    spread = np.maximum(together.std(axis=0), 1e-12)
    falls = ((together.mean(axis=0) - together) / spread).max(axis=1)
    return float((falls >= falls[0]).mean())


def _first_axis_share(rows: np.ndarray) -> float:
    variances = np.linalg.eigvalsh(np.cov(rows, rowvar=False).reshape(rows.shape[1], -1))
    return float(variances[-1] / variances.sum()) if rows.shape[1] > 1 and variances.sum() > 0 else 0.0


def share_with_valley(rows: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of segments with a dip in density on the line to the nearest other segment."""
    used = np.unique(labels[labels >= 0])
    if len(used) < 2:
        return 0.0
    centres = np.array([rows[labels == label].mean(axis=0) for label in used])
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = apart.argmin(axis=1)
    return float(
        np.mean([_has_valley(rows, labels, centres, used, i, int(j)) for i, j in enumerate(nearest)])
    )


def _has_valley(
    rows: np.ndarray, labels: np.ndarray, centres: np.ndarray, used: np.ndarray, i: int, j: int
) -> bool:
    direction = centres[j] - centres[i]
    sides = [(rows[labels == used[s]] - centres[i]) @ direction / (direction @ direction) for s in (i, j)]
    grid = np.linspace(-0.5, 1.5, 201)
    # both segments count the same, else a small one is a shoulder of a large one
    density = sum(_kernel_density(side, grid, len(sides[0]) + len(sides[1])) for side in sides)
    left, right = int(np.searchsorted(grid, 0.5)), len(grid)
    middle = slice(int(np.searchsorted(grid, 0.2)), int(np.searchsorted(grid, 0.8)) + 1)
    peak = min(density[:left].max(), density[left:right].max())
    return bool(density[middle].min() < _VALLEY * peak)


def _kernel_density(values: np.ndarray, grid: np.ndarray, n: int) -> np.ndarray:
    width = max(1.06 * values.std() * n**-0.2, 0.02)
    return norm.pdf((grid[:, None] - values[None]) / width).mean(axis=1) / width


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
