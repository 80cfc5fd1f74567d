"""Whether a group differs by as much everywhere: region in one sector, and in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets.effects.design import Adjustment, Grouping
from payseg_widgets.effects.mixed import Measured
from payseg_widgets.effects.simultaneous import pooled

#: Cells of fewer customers are left out: their mean says nothing.
FEWEST_OF_CELL = 3
_LEVEL = 0.05


@dataclass(frozen=True, repr=False)
class Interaction:
    """Whether the differences between groups are other ones in other groups of a second kind.

    Attributes
    ----------
    with_ : str
        The second kind.
    p_value : float
        Of differences that vary as much by chance; missing where the cells are too few to tell.
    df : (int, int)
    cells : pandas.DataFrame
        ``group, <with_>, estimate`` (mean, adjusted), ``pooled`` (pulled to what group and second kind say by themselves),
        ``n_customers``.
    """

    with_: str
    p_value: float
    df: tuple[int, int]
    cells: pd.DataFrame

    def sentence(self, by: str) -> str:
        """Say whether differences by one kind depend on the other."""
        if not np.isfinite(self.p_value):
            return f"Whether differences by {by} depend on {self.with_} cannot be told: too few customers of each pair."
        p = "p = 0.001 or less" if self.p_value < 0.0015 else f"p = {self.p_value:.3f}"
        if self.p_value <= _LEVEL:
            return f"Differences by {by} depend on {self.with_} ({p}): look at the two together."
        return f"That differences by {by} depend on {self.with_} cannot be shown ({p})."

    def __repr__(self) -> str:
        return f"Interaction(with {self.with_}: p={self.p_value:.3f}, cells={len(self.cells)})"


def interaction_of(
    measured: Measured, weights: np.ndarray, groups: Grouping, other: Grouping, adjustments: Sequence[Adjustment], name: str
) -> Interaction:  # fmt: skip
    """Test group by second kind against the sum of the two, with the customer as the unit.

    Parameters
    ----------
    measured : Measured
    weights : numpy.ndarray, shape (n_customers,)
        Inverse variances of the values.
    groups, other : Grouping
        Of the same customers.
    adjustments : sequence of Adjustment
        Besides the two.
    name : str
        Of the second kind.

    Returns
    -------
    Interaction
    """
    cell = groups.code * len(other.names) + other.code
    counts = np.bincount(cell)
    rows = np.flatnonzero(counts[cell] >= FEWEST_OF_CELL)
    present, code = np.unique(cell[rows], return_inverse=True)
    besides = [each.columns[rows] for each in adjustments]
    value, w = measured.value[rows], weights[rows]
    plain = _Least(
        np.column_stack([_dummies(groups.code[rows]), _dummies(other.code[rows]), *besides]), value, w
    )
    full = _Least(np.column_stack([_dummies(code), *besides]), value, w)
    q, df = full.rank - plain.rank, len(rows) - full.rank
    if q < 1 or df < 3:
        missing = np.full(len(present), np.nan)
        return Interaction(
            name,
            np.nan,
            (max(q, 0), max(df, 0)),
            _cells(groups, other, name, present, counts, missing, missing),
        )
    f = (plain.squares - full.squares) / q / (full.squares / df)
    mean, error = full.coefficients[: len(present)], full.errors[: len(present)]
    additive = np.bincount(code, weights=plain.fitted) / np.bincount(code)
    shrunken = additive + pooled(np.append(mean - additive, 0.0), np.append(error, error.mean()))[:-1]
    return Interaction(
        name,
        float(stats.f.sf(f, q, df)),
        (q, df),
        _cells(groups, other, name, present, counts, mean, shrunken),
    )


class _Least:
    """Weighted least squares from cross-products, whatever the rank."""

    def __init__(self, design: np.ndarray, value: np.ndarray, weights: np.ndarray) -> None:
        scaled = design * np.sqrt(weights)[:, None]
        gram = scaled.T @ scaled
        self.rank = int(np.linalg.matrix_rank(gram, hermitian=True, rtol=1e-9))
        inverse = np.linalg.pinv(gram, hermitian=True, rcond=1e-9)
        self.coefficients = inverse @ (scaled.T @ (value * np.sqrt(weights)))
        self.errors = np.sqrt(np.maximum(np.diag(inverse), 0))
        self.fitted = design @ self.coefficients
        self.squares = float(weights @ (value - self.fitted) ** 2)


def _dummies(codes: np.ndarray) -> np.ndarray:
    return np.asarray((codes[:, None] == np.unique(codes)).astype(float))


def _cells(
    groups: Grouping, other: Grouping, name: str, present: np.ndarray, counts: np.ndarray, mean: np.ndarray, shrunken: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    return pd.DataFrame(
        {
            "group": [groups.names[k // len(other.names)] for k in present],
            name: [other.names[k % len(other.names)] for k in present],
            "estimate": mean, "pooled": shrunken,
            "n_customers": counts[present],
        }
    )  # fmt: skip
