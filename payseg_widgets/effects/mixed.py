"""Differences between customers by restricted maximum likelihood, from a few figures of each customer.

An outcome of customer i, measured on n_i invoices, is ``x_i'b + u_i + error``: u_i is what sets the customer apart for good
and varies by tau2; the error is that of having seen n_i invoices only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

#: Ratios tau2 / sigma2 that are searched, as logarithms; 0 itself is tried besides.
_LOG_RATIOS = (-12.0, 12.0)


@dataclass(frozen=True, eq=False)
class Measured:
    """One outcome of many customers.

    Attributes
    ----------
    value : numpy.ndarray, shape (n_customers,)
        Mean over the customer's invoices, or another estimate of the customer.
    n : numpy.ndarray, shape (n_customers,)
        Invoices behind it.
    within : numpy.ndarray or None, shape (n_customers,)
        Sum of squares of the invoices about their mean; one error variance of an invoice is then estimated for all.
    variance : numpy.ndarray or None, shape (n_customers,)
        Sampling variance of the value where there is no ``within``.
    """

    value: np.ndarray
    n: np.ndarray
    within: np.ndarray | None = None
    variance: np.ndarray | None = None

    def take(self, rows: np.ndarray) -> Measured:
        """Return some of the customers."""
        within, variance = (None if a is None else a[rows] for a in (self.within, self.variance))
        return Measured(self.value[rows], self.n[rows], within, variance)


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients and what is needed to judge them.

    Attributes
    ----------
    coefficients : numpy.ndarray, shape (p,)
    covariance : numpy.ndarray, shape (p, p)
        By the model.
    robust : numpy.ndarray, shape (p, p)
        By the residuals of the customers (HC2): holds whatever their variances are.
    tau2, sigma2 : float
        Variance between customers, and of an invoice; the latter is missing where sampling variances were given.
    weights, residuals, leverage : numpy.ndarray, shape (n_customers,)
    design : numpy.ndarray, shape (n_customers, p)
    bread : numpy.ndarray, shape (p, p)
        Inverse of the weighted cross-products of the design.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    robust: np.ndarray
    tau2: float
    sigma2: float
    weights: np.ndarray
    residuals: np.ndarray
    leverage: np.ndarray
    design: np.ndarray
    bread: np.ndarray

    @property
    def df(self) -> int:
        """Customers less coefficients."""
        return len(self.weights) - len(self.coefficients)

    def pulls(self, contrasts: np.ndarray) -> np.ndarray:
        """Return how much of each contrast is each customer's doing, shape (n_contrasts, n_customers).

        A customer left out moves the contrast by minus its pull. Nought where a customer stands alone in its group.
        """
        left = np.maximum(1 - self.leverage, 0)
        own = np.divide(self.weights * self.residuals, left, out=np.zeros_like(left), where=left > 1e-9)
        return np.asarray((contrasts @ self.bread) @ (self.design * own[:, None]).T)

    def satterthwaite(self, contrasts: np.ndarray) -> np.ndarray:
        """Return the degrees of freedom of the robust variance of contrasts, less than `df` where few customers decide."""
        parts = ((contrasts @ self.bread) @ (self.design * np.sqrt(self.weights)[:, None]).T) ** 2
        squared = (parts**2).sum(axis=1)
        df = np.divide(parts.sum(axis=1) ** 2, squared, out=np.ones(len(parts)), where=squared > 0) - 1
        return np.clip(df, 1.0, max(self.df, 1))


def fit(measured: Measured, design: np.ndarray) -> Fit:
    """Fit by REML.

    Parameters
    ----------
    measured : Measured
    design : numpy.ndarray, shape (n_customers, p)
        Of full column rank, with fewer columns than customers.

    Returns
    -------
    Fit

    References
    ----------
    Patterson and Thompson (1971), Biometrika 58, 545-554. MacKinnon and White (1985), Journal of Econometrics 29, 305-325,
    with the degrees of freedom of Bell and McCaffrey (2002), Survey Methodology 28, 169-181, for few customers.
    """
    if measured.within is not None:
        tau2, sigma2 = _components(measured.value, measured.n, float(measured.within.sum()), design)
        variance = tau2 + sigma2 / measured.n
    else:
        assert measured.variance is not None  # noqa: S101  one of the two is given
        tau2, sigma2 = _between(measured.value, measured.variance, design), np.nan
        variance = tau2 + measured.variance
    return weighted(measured.value, design, 1 / np.maximum(variance, 1e-12), tau2=tau2, sigma2=sigma2)


def weighted(
    value: np.ndarray, design: np.ndarray, weights: np.ndarray, *, tau2: float, sigma2: float
) -> Fit:
    """Fit with given weights, the inverse variances of the values."""
    cross = (design * weights[:, None]).T
    bread = np.linalg.inv(cross @ design)
    coefficients = bread @ (cross @ value)
    residuals = value - design @ coefficients
    leverage = weights * np.einsum("ij,jk,ik->i", design, bread, design, optimize=True)
    left = 1 - leverage
    # a customer alone in its group has no residual to go by: the model's variance stands in
    squared = np.divide(residuals**2, left, out=1 / weights, where=left > 1e-6)
    meat = (design * (weights**2 * squared)[:, None]).T @ design
    return Fit(
        coefficients, bread, bread @ meat @ bread, float(tau2), float(sigma2), weights, residuals, leverage, design, bread
    )  # fmt: skip


def _components(value: np.ndarray, n: np.ndarray, within: float, design: np.ndarray) -> tuple[float, float]:
    """Variance between customers and of an invoice, at the maximum of the profile likelihood.

    Customers of as many invoices have the same weight, so their cross-products are formed once.
    """
    sizes, start = np.unique(np.sort(n), return_index=True)
    order = np.argsort(n, kind="stable")
    blocks = np.split(order, start[1:])
    both = np.column_stack([design, value - value.mean()])
    products = np.stack([both[rows].T @ both[rows] for rows in blocks])
    counts = np.array([len(rows) for rows in blocks])
    freedom = float(n.sum() - design.shape[1])

    def at(ratio: float) -> tuple[float, float]:
        gram = np.tensordot(sizes / (1 + ratio * sizes), products, axes=1)
        rest = gram[-1, -1] - gram[-1, :-1] @ np.linalg.solve(gram[:-1, :-1], gram[:-1, -1])
        sigma2 = max((within + max(float(rest), 0.0)) / freedom, 1e-300)
        deviance = (
            freedom * np.log(sigma2) + counts @ np.log1p(ratio * sizes) + np.linalg.slogdet(gram[:-1, :-1])[1]
        )
        return float(deviance), sigma2

    found = optimize.minimize_scalar(
        lambda log_ratio: at(np.exp(log_ratio))[0],
        bounds=_LOG_RATIOS,
        method="bounded",
        options={"xatol": 1e-6},
    )
    ratio = float(np.exp(found.x))
    if at(0.0)[0] <= found.fun:
        ratio = 0.0
    sigma2 = at(ratio)[1]
    return ratio * sigma2, sigma2


def _between(value: np.ndarray, variance: np.ndarray, design: np.ndarray) -> float:
    """Variance between customers where that of each value is known."""
    both = np.column_stack([design, value - value.mean()])

    def deviance(tau2: float) -> float:
        w = 1 / (tau2 + variance)
        scaled = both * np.sqrt(w)[:, None]
        gram = scaled.T @ scaled  # of one array with itself: half the work
        rest = gram[-1, -1] - gram[-1, :-1] @ np.linalg.solve(gram[:-1, :-1], gram[:-1, -1])
        return float(-np.log(w).sum() + rest + np.linalg.slogdet(gram[:-1, :-1])[1])

    scale = float(np.var(value)) + float(variance.min()) + 1e-12
    found = optimize.minimize_scalar(
        lambda log_tau2: deviance(scale * np.exp(log_tau2)),
        bounds=_LOG_RATIOS,
        method="bounded",
        options={"xatol": 1e-6},
    )
    nothing = variance.min() > 0 and deviance(0.0) <= found.fun
    return 0.0 if nothing else float(scale * np.exp(found.x))
