"""Is there any structure? The customers against one crowd of the same shape, before segments are believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from payseg_widgets.segmentation.criteria import inertia
from payseg_widgets.segmentation.model import ClusteringModel, squared_distances

#: Numbers of segments at which the customers are compared with one crowd.
_KS = (2, 3, 4, 5, 6)
#: A first principal axis with at least this share of the variance is one gradient that orders the customers.
_GRADIENT = 0.4
#: Least density between two segments, as a share of the lower of their peaks, from which on they touch. Two
#: equal normal crowds reach it 3.6 standard deviations apart. The p value alone does not do: real features hang
#: together in curves, which the references lack, so that slices of one crowd may look thinner at their borders.
#: In simulated portfolios slices of one crowd lie at 0.5 to 1, kinds of customer at 0 to 0.05 (k-means).
_TOUCHING = 0.4
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

    Two things must set the customers apart from simulated portfolios that are one crowd (a Gaussian copula
    with the customers' rank correlations, each column smoothed just until it has one hump): they are tighter
    about 2 to 6 centres, by the largest standardised fall of the log inertia; and the ground between each
    segment and the next is thinner than where one crowd is cut into as many, and thin in itself. Without the
    second, a curved or skewed crowd was cut in slices: a continuum.

    Parameters
    ----------
    model : ClusteringModel
        A quick k-means.
    rows : numpy.ndarray, shape (n_customers, n_columns)
    labels : numpy.ndarray of int, shape (n_customers,)
        The segments that will be shown.
    seed : int
    step : callable
        Called before each portfolio is simulated; may raise to stop.
    n_references : int
        Portfolios simulated; the smallest p value is 1 / (n_references + 1).

    References
    ----------
    Y. Liu et al. (2008). Statistical significance of clustering for high-dimension, low-sample size data.
    B. W. Silverman (1981). Using kernel density estimates to investigate multimodality.
    """
    rng = np.random.default_rng(seed)
    ks = [k for k in _KS if k < len(rows) / 5]
    if not ks:
        return Structure(
            "no structure", 1.0, f"{len(rows)} customers are too few to tell segments from chance."
        )
    crowd, n_shown = OneCrowd.fit(rows), max(len(np.unique(labels[labels >= 0])), 2)
    inertias = [_log_inertias(model, rows, ks, seed)]
    grounds = [ground_between(rows, labels)]
    for _ in range(n_references):
        step()
        reference = crowd.sample(len(rows), rng)
        inertias.append(_log_inertias(model, reference, ks, seed))
        grounds.append(ground_between(reference, model.fit(reference, n_shown, seed).labels))
    tighter = largest_fall_p_value(np.array(inertias))
    thinner = float((np.array(grounds) <= grounds[0]).mean())
    return _verdict(tighter, thinner, grounds[0], _first_axis_share(rows))


def _verdict(tighter: float, thinner: float, ground: float, first_axis: float) -> Structure:
    p_value = max(tighter, thinner)  # both must hold
    p = f"p = {p_value:.2f}"
    if p_value <= LEVEL and ground < _TOUCHING:
        return Structure(
            "segments",
            p_value,
            f"There are kinds of customer here, not one crowd cut in slices ({p}): between neighbouring "
            f"segments customers are rare (their density falls to {ground:.0%} of the lower peak, on average).",
        )
    slices = "the segments are slices of a continuum, useful for sorting, not kinds of customer."
    if tighter <= LEVEL:
        uneven = (
            f"The customers are not one even crowd (p = {tighter:.2f}), "
            "but neighbouring segments run into each other"
        )
        between = (
            f"(density between them {ground:.0%} of the lower peak, on average; "
            f"as thin in one crowd: p = {thinner:.2f})"
        )
        return Structure("continuum", p_value, f"{uneven} {between}: {slices}")
    if first_axis >= _GRADIENT:
        gradient = f"stretched along a gradient with {first_axis:.0%} of the variance"
        stretched = f"One crowd explains the customers ({p}), {gradient}"
        return Structure("continuum", p_value, f"{stretched}: {slices}")
    return Structure(
        "no structure",
        p_value,
        f"One crowd explains the customers ({p}): the segments are arbitrary cuts, not kinds of customer.",
    )


def _log_inertias(model: ClusteringModel, rows: np.ndarray, ks: list[int], seed: int) -> np.ndarray:
    fits = model.fit_each(rows, [(model, k) for k in ks], seed)
    tiny = 1e-12 * max(float((rows**2).sum()), 1e-300)
    return np.log([inertia(rows, fit.labels) + tiny for fit in fits])


def largest_fall_p_value(inertias: np.ndarray) -> float:
    """Return the Monte Carlo p value of the first row's largest standardised fall below all rows.

    Parameters
    ----------
    inertias : numpy.ndarray, shape (1 + n_references, n_ks)
        Log inertias; the customers come first.
    """
    spread = np.maximum(inertias.std(axis=0), 1e-12)
    falls = ((inertias.mean(axis=0) - inertias) / spread).max(axis=1)
    return float((falls >= falls[0]).mean())


def _first_axis_share(rows: np.ndarray) -> float:
    variances = np.linalg.eigvalsh(np.cov(rows, rowvar=False).reshape(rows.shape[1], -1))
    return float(variances[-1] / variances.sum()) if rows.shape[1] > 1 and variances.sum() > 0 else 0.0


def ground_between(rows: np.ndarray, labels: np.ndarray) -> float:
    """Return how thin the customers are between a segment and the nearest other, on average over segments.

    Customers without a segment count with the nearest: leaving them out would thin the very ground in question.
    Both segments are projected on the line through their means; the least density between the means is taken
    as a share of the lower of the two peaks, one on either side.

    Returns
    -------
    float
        0 for empty ground, 1 for segments that touch or fewer than two segments.
    """
    used = np.unique(labels[labels >= 0])
    if len(used) < 2:
        return 1.0
    centres = np.array([rows[labels == label].mean(axis=0) for label in used])
    if (labels < 0).any():
        nearest = used[squared_distances(rows, centres).argmin(axis=1)]
        labels = np.where(labels < 0, nearest, labels)
        centres = np.array([rows[labels == label].mean(axis=0) for label in used])
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float(
        np.mean(
            [_thinnest(rows, labels, centres, used, i, int(j)) for i, j in enumerate(apart.argmin(axis=1))]
        )
    )


def _thinnest(
    rows: np.ndarray, labels: np.ndarray, centres: np.ndarray, used: np.ndarray, i: int, j: int
) -> float:
    direction = centres[j] - centres[i]
    direction = direction / max(float(direction @ direction), 1e-12)
    sides = [(rows[labels == used[s]] - centres[i]) @ direction for s in (i, j)]
    grid = np.linspace(-0.5, 1.5, 81)  # the means lie at 0 and 1
    pooled = np.concatenate(sides)
    width = max(1.06 * min(side.std() for side in sides) * len(pooled) ** -0.2, 0.02)
    density = np.exp(-0.5 * ((grid[:, None] - pooled) / width) ** 2).sum(axis=1)
    thinnest = 20 + int(density[20:61].argmin())
    lower = min(density[: thinnest + 1].max(), density[thinnest:].max())
    return float(density[thinnest] / max(lower, 1e-300))


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
