"""Prior of customers' shares that may hold several kinds of customer: a histogram, fitted by a few steps of EM.

The prior is flat, on the arcsine scale, within each of 100 cells. On that scale a flat prior is Jeffreys's beta(1/2, 1/2),
so that what a count says within a cell is a piece of a beta distribution: likelihood, mean and quantiles are exact, however
many invoices a customer has.

Estimation starts from the fitted beta distribution and takes five steps of EM towards the nonparametric maximum-likelihood
prior. Already these find a second kind of customer, which no beta holds; going on to convergence would put the prior on a
few points and make the intervals too short.

References
----------
Laird, N. M. (1978). Nonparametric maximum likelihood estimation of a mixing distribution. JASA 73, 805-811.

Laird, N. M. and Louis, T. A. (1991). Smoothing the non-parametric estimate of a prior distribution by roughening.
Computational Statistics and Data Analysis 12, 27-37 (few steps from a smooth start).

Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial proportion. Statistical Science 16,
101-133 (an interval of nothing begins at 0, that of all ends at 1).
"""

from __future__ import annotations

import numpy as np
from scipy import special

#: Steps of EM: three to ten serve, more make the intervals too short.
N_STEPS = 5

N_CELLS = 100
EDGES = np.sin(np.linspace(0, np.pi / 2, N_CELLS + 1)) ** 2

#: The prior is read off at most this many different counts, evenly spaced; the others only use it.
MAX_PAIRS = 10_000


def fit_prior(hits: np.ndarray, size: np.ndarray, times: np.ndarray, a: float, b: float) -> np.ndarray:
    """Fit the weights of the cells.

    Parameters
    ----------
    hits, size, times : numpy.ndarray of int, shape (n_pairs,)
        Different counts, out of how many, and how many customers have each.
    a, b : float
        The beta distribution to start from.

    Returns
    -------
    numpy.ndarray of float64, shape (N_CELLS,)
        Sums to 1; no cell is without weight: together all cells have one customer's worth of it beforehand.
    """
    some = slice(None, None, -(-len(hits) // MAX_PAIRS))
    likelihood = np.diff(_below(hits[some], size[some]), axis=1)
    n = times[some].astype(float)
    weights = _with_floor(np.diff(special.betainc(a, b, EDGES)), n.sum())
    for _ in range(N_STEPS):
        belongs = likelihood * weights
        weights = _with_floor((n / belongs.sum(axis=1)) @ belongs / n.sum(), n.sum())
    return weights


def posterior(
    hits: np.ndarray, size: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean and the 2.5 % and 97.5 % points of the shares behind these counts, each of shape (n_pairs,)."""
    done = np.empty((3, len(hits)))
    for low in range(0, len(hits), MAX_PAIRS):
        lot = slice(low, low + MAX_PAIRS)
        done[:, lot] = _posterior(hits[lot], size[lot], weights)
    done[1, hits == 0], done[2, hits == size] = 0.0, 1.0
    return done[0], done[1], done[2]


def _posterior(hits: np.ndarray, size: np.ndarray, weights: np.ndarray) -> np.ndarray:
    a, b = hits + 0.5, size - hits + 0.5
    below = _below(hits, size)
    belongs = np.diff(below, axis=1) * weights
    total = belongs.sum(axis=1)
    # mean over a cell: the distribution function of beta(a + 1, b) is that of beta(a, b) less this
    with np.errstate(divide="ignore"):
        log_edge, log_rest = np.log(EDGES), np.log1p(-EDGES)
    less = np.exp(a[:, None] * log_edge + b[:, None] * log_rest - special.betaln(a, b)[:, None]) / a[:, None]
    mean = a / (a + b) * (np.diff(below - less, axis=1) @ weights) / total
    cumulative = np.cumsum(belongs, axis=1)
    return np.stack([mean, *(_quantile(q * total, a, b, below, belongs, cumulative) for q in (0.025, 0.975))])


def _quantile(
    wanted: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    below: np.ndarray,
    belongs: np.ndarray,
    cumulative: np.ndarray,
) -> np.ndarray:
    """Point up to which the weighted pieces of beta(a, b) hold the mass that is wanted."""
    row = np.arange(len(a))
    cell = np.minimum((cumulative < wanted[:, None]).sum(axis=1), N_CELLS - 1)
    mass = belongs[row, cell]
    share = np.clip((wanted - (cumulative[row, cell] - mass)) / mass, 0, 1)
    return special.betaincinv(a, b, below[row, cell] + share * (below[row, cell + 1] - below[row, cell]))


def _below(hits: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Distribution function, at the edges, of what a count says with the flat prior: shape (n_pairs, N_CELLS + 1)."""
    return special.betainc(hits[:, None] + 0.5, (size - hits)[:, None] + 0.5, EDGES)


def _with_floor(weights: np.ndarray, n: float) -> np.ndarray:
    return (n * weights + 1 / N_CELLS) / (n + 1)
