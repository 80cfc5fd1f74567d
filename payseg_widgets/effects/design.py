"""Groups and what is adjusted for, as columns of figures with a row a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets.enrichment.regions import UNKNOWN
from payseg_widgets.errors import EffectError

#: Of groups of an adjustment that have fewer customers, one is made.
_FEWEST_OF_LEVEL = 5


@dataclass(frozen=True, eq=False)
class Grouping:
    """Which group each customer is in, and how sure that is.

    Attributes
    ----------
    names : tuple of str
        Sorted; ``"unknown"`` last.
    code : numpy.ndarray of int, shape (n_customers,)
    probability : numpy.ndarray, shape (n_customers,)
        That the group is right.
    """

    names: tuple[str, ...]
    code: np.ndarray
    probability: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Customers in each group."""
        return np.bincount(self.code, minlength=len(self.names))

    def columns(self) -> np.ndarray:
        """Return for each customer the probability of each group, shape (n_customers, n_groups).

        Whoever is not in the group it is said to be in is in another as often as customers are at large. An outcome is
        linear in these: its coefficients are the groups' own means, not drawn together by wrong groups.

        References
        ----------
        Carroll, Ruppert, Stefanski and Crainiceanu (2006), Measurement error in nonlinear models, ch. 4 (regression calibration).
        """
        n, k = len(self.code), len(self.names)
        columns = np.zeros((n, k))
        columns[np.arange(n), self.code] = 1.0
        is_sure = (self.probability >= 1) | np.array([name == UNKNOWN for name in self.names])[self.code]
        if is_sure.all():
            return columns
        known = np.array([name != UNKNOWN for name in self.names])
        share = np.where(known, self.sizes, 0) / max(self.sizes[known].sum(), 1)
        p = np.where(is_sure, 1.0, self.probability)[:, None]
        return p * columns + (1 - p) * share


def grouping(values: pd.Series, probability: pd.Series | None, by: str) -> Grouping:
    """Return the groups of customers; a missing value is the group ``"unknown"``.

    Raises
    ------
    EffectError
        If there are fewer than two groups.
    """
    text = values.astype("object").where(values.notna(), UNKNOWN).astype(str).str.strip()
    text = text.where(text != "", UNKNOWN)
    names = sorted(set(text) - {UNKNOWN}) + ([UNKNOWN] if (text == UNKNOWN).any() else [])
    if not set(names) - {UNKNOWN}:
        raise EffectError(
            f"by={by!r} is known for none of {len(values)} customers; enrich them first: enrich(ledger, ...)."
        )
    if len(names) < 2:
        raise EffectError(f"by={by!r} has one group only, {names[0]!r}: there is nothing to compare it with.")
    code = text.map({name: k for k, name in enumerate(names)}).to_numpy(dtype=int)
    sure = np.ones(len(values)) if probability is None else probability.fillna(1.0).to_numpy(dtype=float)
    if ((sure <= 0) | (sure > 1)).any():
        wrong = float(sure[(sure <= 0) | (sure > 1)][0])
        raise EffectError(f"the probability of a {by} is {wrong!r}; it must lie above 0 and at most at 1.")
    return Grouping(tuple(names), code, sure)


@dataclass(frozen=True, eq=False)
class Adjustment:
    """Columns that stand for one thing adjusted for, each with mean 0.

    Attributes
    ----------
    name : str
    columns : numpy.ndarray, shape (n_customers, n_columns)
        No column where the thing does not vary.
    """

    name: str
    columns: np.ndarray


def adjustment(name: str, values: pd.Series) -> Adjustment:
    """Return the columns of one adjustment: figures as they are, with one for missing; texts as one a level."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        figures = values.astype(float).replace([np.inf, -np.inf], np.nan)
        is_missing = figures.isna().to_numpy()
        filled = figures.fillna(figures.mean() if not is_missing.all() else 0.0).to_numpy()
        spread = filled.std()
        columns = [filled / spread] if spread > 1e-9 * max(abs(filled.mean()), 1e-12) else []
        columns += [is_missing.astype(float)] if is_missing.any() and not is_missing.all() else []
    else:
        text = values.astype("object").where(values.notna(), UNKNOWN).astype(str)
        counts = text.value_counts()
        text = text.where(text.map(counts) >= _FEWEST_OF_LEVEL, "(few customers)")
        levels = sorted(set(text))
        columns = [(text == level).to_numpy(dtype=float) for level in levels[1:]]
    made = np.column_stack(columns) if columns else np.empty((len(values), 0))
    return Adjustment(name, made - made.mean(axis=0))


def checked(groups: np.ndarray, adjustments: Sequence[Adjustment], by: str) -> tuple[Adjustment, ...]:
    """Return the adjustments, less columns that those before already tell.

    Raises
    ------
    EffectError
        If one says nothing but what the groups say: then there is no telling the two apart.
    """
    kept: list[Adjustment] = []
    basis = np.linalg.qr(groups)[0]
    for each in adjustments:
        new = []
        for column in each.columns.T:
            rest = column - basis @ (basis.T @ column)
            rest -= basis @ (basis.T @ rest)
            size = np.linalg.norm(rest)
            if size > 1e-6 * float(np.linalg.norm(column)):
                basis = np.column_stack([basis, rest / size])
                new.append(column)
        if each.columns.shape[1] and not new:
            raise EffectError(
                f"{each.name!r} says the same as {by!r} and what is adjusted for before it, so their parts cannot be told "
                f"apart. Leave {each.name!r} out of adjust_for."
            )
        kept.append(Adjustment(each.name, np.column_stack(new) if new else np.empty((len(groups), 0))))
    return tuple(kept)


def column_of(tables: Mapping[str, pd.Series], name: str, role: str) -> pd.Series:
    """Return a column by its name.

    Raises
    ------
    EffectError
        If there is none.
    """
    if name not in tables:
        raise EffectError(f"{role}={name!r} is no column; there are: {', '.join(sorted(tables))}.")
    return tables[name]
