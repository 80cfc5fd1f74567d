"""Bring one feature, or one composition of shares, to a scale on which distances mean something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: Prepared values beyond this many (robust) standard deviations are pulled in to it.
WINSOR = 4.0
#: A share of nothing is taken as this much of the whole before logarithms.
ZERO_SHARE = 0.01
#: Middle half of a normal distribution in standard deviations.
_NORMAL_IQR = 1.349
#: The 2.5 % to 97.5 % range over the IQR is 2.9 in a normal distribution; beyond this the tails are heavy.
_HEAVY_TAIL = 4.5

_FORMS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "linear": lambda values, unit: values,
    "log": lambda values, unit: np.log1p(np.maximum(values, 0) / unit),
    "signed log": lambda values, unit: np.arcsinh(values / unit),
    "arcsine": lambda values, unit: np.arcsin(np.sqrt(np.clip(values, 0, 1))),
}
MEANING = {
    "linear": "kept as they are",
    "log": "on a logarithmic scale",
    "signed log": "on a scale that is linear near the middle and logarithmic in the tails",
    "arcsine": "ratios as the arcsine of their root, so that a step near 0 or 1 counts as it should",
}


@dataclass(frozen=True)
class Scale:
    """Robust standardisation: (value - middle) / spread, winsorised at ``WINSOR``.

    The spread is the interquartile range over 1.349, but at least half the standard deviation: a feature that
    is the same for most customers would otherwise be blown up.
    """

    middle: float
    spread: float

    @classmethod
    def fit(cls, values: np.ndarray) -> Scale:
        """Fit to the values present; a spread of 0 means that all are equal."""
        present = values[np.isfinite(values)]
        if not present.size or np.ptp(present) <= 1e-9 * max(1.0, np.abs(present).max()):
            return cls(float(present[0]) if present.size else 0.0, 0.0)
        low, middle, high = np.quantile(present, [0.25, 0.5, 0.75])
        return cls(float(middle), float(max((high - low) / _NORMAL_IQR, present.std() / 2)))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Standardise; NaN stays NaN."""
        return np.clip((values - self.middle) / (self.spread or 1.0), -WINSOR, WINSOR)


@dataclass(frozen=True)
class Column:
    """How one feature becomes one prepared column.

    Attributes
    ----------
    name : str
    form : {"linear", "log", "signed log", "arcsine"}
    centre, unit : float
        Subtracted and divided by before the form is applied.
    scale : Scale
    half_count : float
        Number of observations at which a value counts half: it is pulled towards the portfolio's median by
        n / (n + half_count). 0 for facts; infinite for a feature that does not repeat at all.
    """

    name: str
    form: str
    centre: float
    unit: float
    scale: Scale
    half_count: float = 0.0

    @classmethod
    def fit(cls, name: str, unit_of_measure: str, values: np.ndarray) -> Column:
        """Choose the form from the unit and the shape of the values present."""
        present = values[np.isfinite(values)]
        form, centre, unit = _choose_form(unit_of_measure, present)
        return cls(name, form, centre, unit, Scale.fit(_FORMS[form](present - centre, unit)))

    @property
    def is_constant(self) -> bool:
        """Whether every customer has the same value."""
        return self.scale.spread == 0

    def apply(self, values: np.ndarray, counts: np.ndarray | None = None) -> np.ndarray:
        """Return the prepared column, pulled in where the counts are known; NaN stays NaN."""
        prepared = self.scale.apply(self._formed(values))
        if counts is None or not self.half_count:
            return prepared
        return prepared * (counts / (counts + self.half_count))

    def spreads(self, values: np.ndarray) -> np.ndarray:
        """Return the values in (robust) standard deviations of the portfolio on this form, far ones not pulled in."""
        return self._formed(values) / (self.scale.spread or 1.0)

    def _formed(self, values: np.ndarray) -> np.ndarray:
        return _FORMS[self.form](values - self.centre, self.unit)


def _choose_form(unit_of_measure: str, present: np.ndarray) -> tuple[str, float, float]:
    if not present.size:
        return "linear", 0.0, 1.0
    if unit_of_measure == "ratio" and present.min() >= 0 and present.max() <= 1:
        return "arcsine", 0.0, 1.0
    if unit_of_measure in ("money", "count") and present.min() >= 0:
        positive = present[present > 0]
        # a tenth of a typical amount: nought is then near the small amounts, not infinitely far below them
        return "log", 0.0, float(np.median(positive)) / 10 if positive.size else 1.0
    low, q25, middle, q75, high = np.quantile(present, [0.025, 0.25, 0.5, 0.75, 0.975])
    if high - low > _HEAVY_TAIL * (q75 - q25) or unit_of_measure in ("money", "count"):
        return "signed log", float(middle), float(max((q75 - q25) / _NORMAL_IQR, present.std() / 10, 1e-12))
    return "linear", 0.0, 1.0


@dataclass(frozen=True)
class Composition:
    """How shares that sum to 1 become isometric log-ratio columns.

    The columns together get the variance of one ordinary feature: a balance split over five ageing buckets
    should not count four times.

    Attributes
    ----------
    family : str
    names : tuple of str
    middles : tuple of float
        Medians of the log-ratios.
    spread : float
        Common to all columns, so that distances between compositions are kept.

    References
    ----------
    J. J. Egozcue et al. (2003). Isometric logratio transformations for compositional data analysis.
    J. A. Martin-Fernandez et al. (2003). Dealing with zeros: multiplicative replacement.
    """

    family: str
    names: tuple[str, ...]
    middles: tuple[float, ...]
    spread: float

    @classmethod
    def fit(cls, family: str, names: tuple[str, ...], shares: np.ndarray) -> Composition:
        """Fit to the customers whose shares are known."""
        ratios = log_ratios(shares)
        known = ratios[np.isfinite(ratios).all(axis=1)]
        if not len(known):
            return cls(family, names, (0.0,) * (len(names) - 1), 0.0)
        spread = float(np.sqrt(known.var(axis=0).sum()))
        return cls(family, names, tuple(np.median(known, axis=0).tolist()), spread if spread > 1e-9 else 0.0)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns."""
        return tuple(f"{self.family} log-ratio {i + 1}" for i in range(len(self.names) - 1))

    @property
    def is_constant(self) -> bool:
        """Whether every customer has the same shares."""
        return self.spread == 0

    def apply(self, shares: np.ndarray) -> np.ndarray:
        """Return the prepared columns, shape (n_customers, n_parts - 1); NaN where a share is missing."""
        return np.clip((log_ratios(shares) - self.middles) / (self.spread or 1.0), -WINSOR, WINSOR)

    def spreads(self, shares: np.ndarray) -> np.ndarray:
        """Return the log-ratios in standard deviations of the portfolio, far ones not pulled in."""
        return log_ratios(shares) / (self.spread or 1.0)


def log_ratios(shares: np.ndarray) -> np.ndarray:
    """Return isometric log-ratios of shares, noughts replaced by ``ZERO_SHARE`` multiplicatively.

    Parameters
    ----------
    shares : numpy.ndarray, shape (n_customers, n_parts)

    Returns
    -------
    numpy.ndarray, shape (n_customers, n_parts - 1)
        NaN for a customer with a missing share or nothing at all.

    Examples
    --------
    >>> log_ratios(np.array([[0.5, 0.5], [0.8, 0.2]])).round(3).tolist()
    [[0.0], [0.98]]
    """
    total = shares.sum(axis=1, keepdims=True)
    shares = shares / np.where(total > 0, total, np.nan)
    small = shares < ZERO_SHARE
    kept = 1 - ZERO_SHARE * small.sum(axis=1, keepdims=True)
    rest = np.where(small, 0.0, shares).sum(axis=1, keepdims=True)
    logs = np.log(np.where(small, ZERO_SHARE, shares * kept / np.where(rest > 0, rest, np.nan)))
    parts = shares.shape[1]
    basis = np.zeros((parts, parts - 1))
    for j in range(1, parts):
        basis[:j, j - 1] = 1 / j
        basis[j, j - 1] = -1
        basis[:, j - 1] *= np.sqrt(j / (j + 1))
    return logs @ basis
