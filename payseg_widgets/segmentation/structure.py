"""Is there any structure? The customers against one crowd of the same shape, before segments are believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from payseg_widgets.segmentation.criteria import inertia
from payseg_widgets.segmentation.model import ClusteringModel, squared_distances
from payseg_widgets.segmentation.one_crowd import OneCrowd
from payseg_widgets.segmentation.separable import N_PLANTED, Power, power_of, power_sentence, two_kinds

#: Numbers of segments at which the customers are compared with one crowd.
_KS = (2, 3, 4, 5, 6)
#: A first principal axis with at least this share of the variance is one gradient that orders the customers.
_GRADIENT = 0.4
#: Least density between two segments, as a share of the lower of their peaks, from which on they touch. Two
#: equal normal crowds reach it 3.6 standard deviations apart. The p value alone does not do: real features hang
#: together in curves, which the references lack, so that slices of one crowd may look thinner at their borders.
#: In simulated portfolios slices of one crowd lie at 0.5 to 1, kinds of customer at 0 to 0.05 (k-means).
TOUCHING = 0.4
LEVEL = 0.05


@dataclass(frozen=True, repr=False)
class Structure:
    """The verdict, and what it was judged by.

    Attributes
    ----------
    verdict : {"segments", "continuum", "no structure"}
    p_value : float
        Of the customers being one crowd.
    sentence : str
        The verdict in words, with what could have been found where no segments were.
    fall : float
        How much tighter the customers are about centres than one crowd: the largest standardised fall of the log
        inertia. NaN where there are too few customers to tell.
    null_falls : tuple of float
        The same of each simulated portfolio that is one crowd.
    ground : float
        Density between neighbouring segments, as a share of the lower of their peaks.
    null_grounds : tuple of float
    power : tuple of (float, float)
        Standard deviations between two equally large kinds of customer, and the share of simulated portfolios in
        which they would have been found; empty where segments were.
    """

    verdict: str
    p_value: float
    sentence: str
    fall: float = float("nan")
    null_falls: tuple[float, ...] = ()
    ground: float = float("nan")
    null_grounds: tuple[float, ...] = ()
    power: Power = ()

    def __repr__(self) -> str:
        return f"Structure({self.verdict!r}, p={self.p_value:.2f})"


def caution_of(verdict: str) -> str:
    """Return what every page must say that shows segments after this verdict; empty where they are kinds.

    Examples
    --------
    >>> caution_of("segments")
    ''
    """
    found = {
        "continuum": "Continuum: these segments are slices of one crowd, made for sorting, not kinds of customer.",
        "no structure": "No structure was found: these segments are arbitrary cuts through one crowd, not kinds of customer.",
    }
    return found.get(verdict, "")


def check_structure(
    model: ClusteringModel,
    rows: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    step: Callable[[], None],
    n_references: int = 49,
    with_power: bool = True,
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
    with_power : bool
        Whether kinds are planted in the crowd, where none were found, to say which would have been.

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
    inertias, grounds = [_look(model, rows, ks, seed).inertias], [ground_between(rows, labels)]
    for _ in range(n_references):
        step()
        reference = crowd.sample(len(rows), rng)
        inertias.append(_look(model, reference, ks, seed).inertias)
        grounds.append(ground_between(reference, model.fit(reference, n_shown, seed).labels))
    falls = largest_falls(np.array(inertias))
    found = _verdict(_share_as_far(falls, -1), _share_as_far(grounds), grounds[0], _first_axis_share(rows))
    found = replace(
        found,
        fall=float(falls[0]),
        null_falls=tuple(falls[1:].tolist()),
        ground=grounds[0],
        null_grounds=tuple(grounds[1:]),
    )
    if found.verdict == "segments" or not with_power:
        return found

    def share_found(apart: float) -> float:
        planted = [two_kinds(crowd.sample(len(rows), rng), apart, rng) for _ in range(N_PLANTED)]
        return _share_found(planted, lambda portfolio: _look(model, portfolio, ks, seed), rng, step)

    power = power_of(share_found)
    return replace(found, power=power, sentence=f"{found.sentence} {power_sentence(power)}")


def _share_found(
    planted: list[np.ndarray],
    look: Callable[[np.ndarray], _Look],
    rng: np.random.Generator,
    step: Callable[[], None],
) -> float:
    """Return in how many planted portfolios kinds are found, against one crowd like each of them."""
    seen, crowds = [], []
    for portfolio in planted:
        step()
        seen.append(look(portfolio))
        crowds.append(look(OneCrowd.fit(portfolio).sample(len(portfolio), rng)))
    null, grounds = np.array([one.inertias for one in crowds]), [one.ground_of_two for one in crowds]
    return float(
        np.mean(
            [
                _are_segments(
                    _share_as_far(largest_falls(np.vstack([one.inertias, null])), -1),
                    _share_as_far([one.ground_of_two, *grounds]),
                    one.ground_of_two,
                )
                for one in seen
            ]
        )
    )


@dataclass(frozen=True)
class _Look:
    inertias: np.ndarray
    """Their logarithms, at each number of segments."""
    ground_of_two: float


def _look(model: ClusteringModel, rows: np.ndarray, ks: list[int], seed: int) -> _Look:
    fits = model.fit_each(rows, [(model, k) for k in ks], seed)
    tiny = 1e-12 * max(float((rows**2).sum()), 1e-300)
    inertias = np.log([inertia(rows, fit.labels) + tiny for fit in fits])
    return _Look(inertias, ground_between(rows, fits[0].labels))


def _share_as_far(values: Sequence[float] | np.ndarray, side: int = 1) -> float:
    """Return the share of the values that are as low as the first, or as high with ``side`` -1: a Monte Carlo p value."""
    signed = side * np.asarray(values)
    return float((signed <= signed[0]).mean())


def _are_segments(tighter: float, thinner: float, ground: float) -> bool:
    return max(tighter, thinner) <= LEVEL and ground < TOUCHING


def _verdict(tighter: float, thinner: float, ground: float, first_axis: float) -> Structure:
    p_value = max(tighter, thinner)  # both must hold
    p = f"p = {p_value:.2f}"
    if _are_segments(tighter, thinner, ground):
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


def largest_falls(inertias: np.ndarray) -> np.ndarray:
    """Return each row's largest fall below the mean of all rows, in standard deviations of its column.

    Parameters
    ----------
    inertias : numpy.ndarray, shape (1 + n_references, n_ks)
        Log inertias; the customers come first.
    """
    spread = np.maximum(inertias.std(axis=0), 1e-12)
    return ((inertias.mean(axis=0) - inertias) / spread).max(axis=1)


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
