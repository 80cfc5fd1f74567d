"""What a check for structure could have found: kinds of customer planted in one crowd, ever further apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: Standard deviations between two planted kinds.
DISTANCES = (3.0, 4.0, 5.0, 6.0, 8.0)
#: Share of planted portfolios in which a distance must be found to count as one that would have been.
ENOUGH = 0.8
#: Portfolios with planted kinds, and as many of one crowd like each, at every distance.
N_PLANTED = 20

Power = tuple[tuple[float, float], ...]
"""Pairs of a distance and the share of planted portfolios in which it was found, the nearest first."""


def power_of(share_found: Callable[[float], float]) -> Power:
    """Return how often two kinds of customer would have been found, about the least distance that is enough.

    Parameters
    ----------
    share_found : callable
        Share of planted portfolios in which kinds so far apart are found.

    Returns
    -------
    tuple of (distance, share)
        Of the distances tried: halving the range, so that some of `DISTANCES` are left out.

    Examples
    --------
    >>> power_of(lambda apart: 0.9 if apart >= 5 else 0.5)
    ((4.0, 0.5), (5.0, 0.9))
    """
    found: dict[float, float] = {}
    low, high = 0, len(DISTANCES)
    while low < high:
        middle = (low + high) // 2
        share = found[DISTANCES[middle]] = share_found(DISTANCES[middle])
        low, high = (low, middle) if share >= ENOUGH else (middle + 1, high)
    return tuple(sorted(found.items()))


def two_kinds(crowd: np.ndarray, apart: float, rng: np.random.Generator) -> np.ndarray:
    """Pull a crowd apart into two equally large kinds.

    Parameters
    ----------
    crowd : numpy.ndarray, shape (n_customers, n_columns)
    apart : float
        Distance between the kinds, along a random direction, in standard deviations of the crowd along it.
    rng : numpy.random.Generator
    """
    direction = rng.normal(size=crowd.shape[1:])
    direction = direction / np.linalg.norm(direction)
    side = rng.permuted(np.resize([-0.5, 0.5], len(crowd)))
    return crowd + np.outer(side, apart * (crowd @ direction).std() * direction)


def power_sentence(power: Power) -> str:
    """Say which kinds of customer would have been found.

    Examples
    --------
    >>> power_sentence(((3.0, 0.35), (4.0, 0.95))).split(" would ")[1]
    'have been found in 95 % of portfolios like this one, 3 apart in 35 %.'
    >>> power_sentence(((8.0, 0.4),)).split(" would ")[0]
    'Even kinds of customer 8 standard deviations apart'
    """
    if not power:
        return ""
    enough = [pair for pair in power if pair[1] >= ENOUGH]
    if not enough:
        apart, share = power[-1]
        return (
            f"Even kinds of customer {apart:g} standard deviations apart would have been found in {100 * share:.0f} % "
            "of portfolios like this one only."
        )
    apart, share = enough[0]
    nearer = [f", {d:g} apart in {100 * s:.0f} %" for d, s in power if d < apart][-1:]
    return (
        f"Two equally large kinds of customer {apart:g} standard deviations apart would have been found in "
        f"{100 * share:.0f} % of portfolios like this one{''.join(nearer)}."
    )
