"""Whether a group differs by as much everywhere: region in one sector, and in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets.effects.design import Adjustment, Grouping
from payseg_widgets.effects.mixed import Measured, fit, weighted
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
    measured: Measured, groups: Grouping, other: Grouping, adjustments: Sequence[Adjustment], name: str
) -> Interaction:
    """Test group by second kind against the sum of the two, with the customer as the unit.

    Parameters
    ----------
    measured : Measured
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
    of_cells = (code[:, None] == np.arange(len(present))).astype(float)
    full = _independent(np.column_stack([of_cells, *besides]))
    of_sum = np.column_stack([_dummies(groups.code[rows]), _dummies(other.code[rows])[:, 1:], *besides])
    plain = _independent(of_sum)
    found = fit(measured.take(rows), full) if len(rows) > full.shape[1] + 2 else None
    q = full.shape[1] - plain.shape[1]
    if found is None or q < 1:
        return Interaction(
            name, np.nan, (max(q, 0), 0), _cells(groups, other, name, present, counts, None, None)
        )
    less = weighted(measured.value[rows], plain, found.weights, tau2=found.tau2, sigma2=found.sigma2)
    squares = [float(one.weights @ one.residuals**2) for one in (less, found)]
    f = (squares[0] - squares[1]) / q / (squares[1] / found.df)
    mean = found.coefficients[: len(present)]
    error = np.sqrt(np.maximum(np.diag(found.covariance)[: len(present)], 0))
    additive = np.array([(plain[code == k] @ less.coefficients).mean() for k in range(len(present))])
    shrunken = additive + pooled(np.append(mean - additive, 0.0), np.append(error, error.mean()))[:-1]
    return Interaction(
        name, float(stats.f.sf(f, q, found.df)), (q, found.df), _cells(groups, other, name, present, counts, mean, shrunken)
    )  # fmt: skip


def _dummies(codes: np.ndarray) -> np.ndarray:
    levels = np.unique(codes)
    return np.asarray((codes[:, None] == levels).astype(float))


def _independent(columns: np.ndarray) -> np.ndarray:
    """Return the columns that those before do not tell already."""
    kept: list[int] = []
    basis = np.empty((len(columns), 0))
    for k, column in enumerate(columns.T):
        rest = column - basis @ (basis.T @ column)
        size = float(np.linalg.norm(rest))
        if size > 1e-8 * max(float(np.linalg.norm(column)), 1e-300):
            basis = np.column_stack([basis, rest / size])
            kept.append(k)
    return columns[:, kept]


def _cells(
    groups: Grouping, other: Grouping, name: str, present: np.ndarray, counts: np.ndarray, mean: np.ndarray | None,
    shrunken: np.ndarray | None,
) -> pd.DataFrame:  # fmt: skip
    missing = np.full(len(present), np.nan)
    return pd.DataFrame(
        {
            "group": [groups.names[k // len(other.names)] for k in present],
            name: [other.names[k % len(other.names)] for k in present],
            "estimate": missing if mean is None else mean, "pooled": missing if shrunken is None else shrunken,
            "n_customers": counts[present],
        }
    )  # fmt: skip
