"""Empirical Bayes: what a customer's own few invoices say, weighed against what the portfolio says.

References
----------
Efron, B. and Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. JASA 70, 311-319.

Morris, C. N. (1983). Parametric empirical Bayes inference: theory and applications. JASA 78, 47-55 (the intervals).

Paule, R. C. and Mandel, J. (1982). Consensus values and weighting factors. Journal of Research of the National
Bureau of Standards 87, 377-385 (the variance between customers).

Bühlmann, H. (1967). Experience rating and credibility. ASTIN Bulletin 4, 199-207 (the sampling variances).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from payseg_widgets.features.share_prior import N_CELLS, fit_prior, posterior

#: Fewer customers than these have no portfolio to be pulled towards.
MIN_CUSTOMERS = 5

#: Two-sided 95 % point of the normal distribution.
_Z = 1.959964


@dataclass(frozen=True, repr=False)
class Shrunken:
    """Values pulled towards the portfolio, with 95 % intervals; NaN as in the values they come from."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def shrink_shares(value: np.ndarray, n: np.ndarray) -> Shrunken:
    """Shrink shares of counts by what all customers' shares are.

    Their distribution starts as a beta fitted by maximum likelihood and is roughened so that it can hold several kinds of
    customer: see `payseg_widgets.features.share_prior`. Mean and 2.5 % and 97.5 % points of each customer's share, given
    his count, are returned. With fewer than five customers the beta(1/2, 1/2) of Jeffreys takes the distribution's place.

    Parameters
    ----------
    value : numpy.ndarray of float64
        Shares; NaN where there is none.
    n : numpy.ndarray of int
        What each is a share of.
    """
    is_given = np.isfinite(value)
    size = np.where(is_given, n, 0).astype(np.int64)
    hits = np.rint(np.where(is_given, value, 0) * size).astype(np.int64)
    (pair_hits, pair_size), which, times = _unique_pairs(hits[is_given], size[is_given])
    weights = np.full(N_CELLS, 1 / N_CELLS)
    if is_given.sum() >= MIN_CUSTOMERS:
        weights = fit_prior(pair_hits, pair_size, times, *_fit_beta(pair_hits, pair_size, times))
    out = []
    for result in posterior(pair_hits, pair_size, weights):
        column = np.full(len(value), np.nan)
        column[is_given] = result[which]
        out.append(column)
    return Shrunken(*out)


def _unique_pairs(
    hits: np.ndarray, size: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray]:
    """Different (hits, size), which of them each customer has, and how many have it."""
    base = int(size.max(initial=0)) + 1
    codes, which, times = np.unique(hits * base + size, return_inverse=True, return_counts=True)
    return (codes // base, codes % base), which, times


def _fit_beta(hits: np.ndarray, size: np.ndarray, times: np.ndarray) -> tuple[float, float]:
    """Maximum-likelihood beta distribution of the true shares."""
    n = float(np.sum(size * times))
    pooled = float(np.clip(np.sum(hits * times) / n, 0.5 / (n + 1), 1 - 0.5 / (n + 1)))
    bounds = [(-16.0, 16.0), (np.log(0.05), np.log(1e5))]

    def loss(at: np.ndarray) -> float:
        mean, strength = special.expit(at[0]), np.exp(at[1])
        a, b = mean * strength, (1 - mean) * strength
        return -float(np.sum(times * (special.betaln(a + hits, b + size - hits) - special.betaln(a, b)))) / n

    begin = np.array([special.logit(pooled), np.log(5.0)])
    best = optimize.minimize(
        loss, begin, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-3, "fatol": 1e-10}
    )
    mean, strength = special.expit(best.x[0]), np.exp(best.x[1])
    return float(mean * strength), float((1 - mean) * strength)


def shrink_means(value: np.ndarray, variance: np.ndarray) -> Shrunken:
    """Shrink estimates with known sampling variances by the normal-normal model.

    Parameters
    ----------
    value : numpy.ndarray of float64
        Estimates; NaN where there is none.
    variance : numpy.ndarray of float64
        Sampling variance of each; where it is NaN the value stays as it is, without an interval.

    Returns
    -------
    Shrunken
        With fewer than five customers nothing is pulled and the intervals are the customers' own.
    """
    is_given = np.isfinite(value) & np.isfinite(variance)
    y, v = value[is_given], variance[is_given]
    if len(y) < MIN_CUSTOMERS:
        pulled, error = y, np.sqrt(v)
    else:
        between = _between_variance(y, v)
        weight = 1 / np.maximum(v + between, 1e-300)
        centre = float(np.sum(weight * y) / np.sum(weight))
        own = np.divide(between, v + between, out=np.ones_like(v), where=v + between > 0)
        pulled = centre + own * (y - centre)
        error = np.sqrt(own * v + (1 - own) ** 2 / np.sum(weight))
    out = [value.copy(), np.full(len(value), np.nan), np.full(len(value), np.nan)]
    for column, result in zip(out, (pulled, pulled - _Z * error, pulled + _Z * error), strict=True):
        column[is_given] = result
    return Shrunken(*out)


def _between_variance(y: np.ndarray, v: np.ndarray) -> float:
    """Variance of the true values: the one that makes the weighted squares what they should be."""

    def excess(between: float) -> float:
        weight = 1 / np.maximum(v + between, 1e-300)
        centre = np.sum(weight * y) / np.sum(weight)
        return float(np.sum(weight * (y - centre) ** 2) - (len(y) - 1))

    most = float(np.var(y, ddof=1))
    if most == 0 or excess(0.0) <= 0:
        return 0.0
    while excess(most) > 0:
        most *= 2
    return float(optimize.brentq(excess, 0.0, most, rtol=1e-8))


def moderate(variance: np.ndarray, df: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Steady customers' own sampling variances, which few invoices tell badly, by those of all customers.

    The variance per observation, ``variance * n``, is a credibility-weighted mean of the customer's own and the
    portfolio's; a customer with no variance of his own gets the portfolio's.

    Parameters
    ----------
    variance : numpy.ndarray of float64
        Sampling variances, NaN where there is none.
    df : numpy.ndarray of int
        Degrees of freedom behind each.
    n : numpy.ndarray of int
        Observations behind each estimate.

    Returns
    -------
    numpy.ndarray of float64
        NaN throughout where no customer has a variance.
    """
    unit = variance * n
    has_own = np.isfinite(unit) & (df > 0)
    if not has_own.any():
        return np.full(len(variance), np.nan)
    own, freedom = unit[has_own], df[has_own].astype(float)
    pooled = float(np.sum(freedom * own) / np.sum(freedom))
    if pooled == 0:
        return np.where(n > 0, 0.0, np.nan)
    # squared coefficient of variation of the true variances: observed spread less that of chi-squared noise
    noise = 2 / freedom
    observed = np.sum(freedom * (own / pooled - 1) ** 2) / np.sum(freedom)
    expected = np.sum(freedom * noise) / np.sum(freedom)
    spread = max((observed - expected) / (1 + expected), 0.0)
    credible = np.zeros(len(unit))
    credible[has_own] = spread / (spread + noise * (1 + spread))
    steadied = credible * np.where(has_own, unit, 0.0) + (1 - credible) * pooled
    return np.where(n > 0, steadied / np.maximum(n, 1), np.nan)
