"""Whether the figures of a table agree with one another and with the ledger, whoever made the table."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import StrategyError
from payseg_widgets.ledger.findings import counted


@dataclass(frozen=True)
class Finding:
    """One figure that cannot be right.

    Attributes
    ----------
    table, column : str
    row : str
        Label of the row; empty where the column as a whole is meant.
    text : str
        What is wrong, a sentence with the figures.
    """

    table: str
    column: str
    row: str
    text: str

    def __str__(self) -> str:
        place = f"{self.table}, {self.column}" + (f", row {self.row}" if self.row else "")
        return f"{place}: {self.text}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Claims:
    """A table with what its columns claim to be.

    Attributes
    ----------
    name : str
    table : pandas.DataFrame
    total : hashable, optional
        Label of the row that speaks of all others together.
    probabilities : tuple of str
        Columns that lie in [0, 1]; missing values are left alone.
    shares : Mapping of str to str
        Columns that are each row's share of a whole, with the column of counts or amounts they are shares of; ``""``
        where the table has none.
    averages : Mapping of str to str
        Columns that are averages, with the column they are weighted by: that of the ``total`` row is the average of the others.
    sums : tuple of str
        Columns that add up to the ``total`` row.
    ledger : Mapping of str to int
        What columns add up to by the ledger, to the last unit.
    rounding : float
        By how much a printed share or average may be off: half a unit of its last digit.

    Raises
    ------
    StrategyError
        If the table lacks a column or the ``total`` row, holds text where numbers are claimed, or if averages or sums are
        claimed without a ``total`` row to hold them against.
    """

    name: str
    table: pd.DataFrame
    total: Hashable = None
    probabilities: tuple[str, ...] = ()
    shares: Mapping[str, str] = field(default_factory=dict)
    averages: Mapping[str, str] = field(default_factory=dict)
    sums: tuple[str, ...] = ()
    ledger: Mapping[str, int] = field(default_factory=dict)
    rounding: float = 1e-9

    def __post_init__(self) -> None:
        claimed = (
            *self.probabilities,
            *self.shares,
            *self.shares.values(),
            *self.averages,
            *self.averages.values(),
        )
        for column in dict.fromkeys((*claimed, *self.sums, *self.ledger)):
            if column and column not in self.table:
                columns = ", ".join(map(str, self.table.columns))
                raise StrategyError(f"table {self.name!r} has no column {column!r}; there are: {columns}.")
            if column:
                self.numbers(column)
        if self.total is None and (self.averages or self.sums):
            raise StrategyError(
                f"table {self.name!r} claims averages or sums without a row of all: give its label as total=."
            )
        if self.total is not None and self.total not in self.table.index:
            raise StrategyError(
                f"table {self.name!r} has no row {self.total!r}. Give the label of the row of all as total=."
            )

    def numbers(self, column: str) -> pd.Series:
        """Return a column as floats, missing as NaN."""
        try:
            return self.table[column].astype("Float64").astype(float)
        except (TypeError, ValueError) as error:
            raise StrategyError(
                f'table {self.name!r}, {column}: this holds what is no number ({error}). Give 0.11 for "11 %".'
            ) from error

    @cached_property
    def parts(self) -> pd.DataFrame:
        """The table without its ``total`` row."""
        return self.table if self.total is None else self.table.drop(index=self.total)

    def of_all(self, column: str) -> Any:
        """Return what the ``total`` row tells of a column."""
        return self.table.loc[[self.total], column].iloc[0]

    def finding(self, column: str, row: object, text: str) -> Finding:
        """Return a finding of this table."""
        return Finding(self.name, column, str(row), text)

    def __repr__(self) -> str:
        return f"Claims({self.name}, {len(self.table):,} rows)"


def check_tables(*claims: Claims) -> tuple[Finding, ...]:
    """Check tables against themselves and the ledger.

    Parameters
    ----------
    *claims : Claims

    Returns
    -------
    tuple of Finding
        Empty where all agrees.

    Examples
    --------
    >>> table = pd.DataFrame({"customers": [523, 477], "share": [0.4755, 0.5245]}, index=["A", "B"])
    >>> for finding in check_tables(Claims(name="clusters", table=table, shares={"share": "customers"}, rounding=5e-5)):
    ...     print(finding)
    clusters, share, row A: 0.4755 is told, but 523 of 1,000 customers is 0.5230.
    clusters, share, row B: 0.5245 is told, but 477 of 1,000 customers is 0.4770.
    """
    checks = (_probabilities, _shares, _averages, _sums, _ledger)
    return tuple(finding for claim in claims for check in checks for finding in check(claim))


def _probabilities(claims: Claims) -> Iterator[Finding]:
    for column in (*claims.probabilities, *claims.shares):
        values = _numbers(claims.table[column])
        for row, value in values[~values.between(0, 1) & values.notna()].items():
            yield claims.finding(column, row, f"{value:.2f} lies outside 0 to 1.")


def _shares(claims: Claims) -> Iterator[Finding]:
    for column, of in claims.shares.items():
        told = _numbers(claims.parts[column])
        if told.notna().any() and abs(told.sum() - 1) > claims.rounding * max(len(told), 1):
            yield claims.finding(column, "", f"the shares add up to {told.sum():.4f}, not to 1.")
        if not of:
            continue
        base = _numbers(claims.parts[of])
        whole = base.sum()
        for row, share, count in zip(told.index, told, base, strict=True):
            right = count / whole if whole else np.nan
            if not _agree(share, right, claims.rounding):
                text = f"{share:.4f} is told, but {count:,.0f} of {whole:,.0f} {of} is {right:.4f}."
                yield claims.finding(column, row, text)


def _averages(claims: Claims) -> Iterator[Finding]:
    if claims.total is None:
        return
    for column, by in claims.averages.items():
        parts, weights = _numbers(claims.parts[column]), _numbers(claims.parts[by]).fillna(0.0)
        counted = weights > 0
        right = (
            float((parts[counted] * weights[counted]).sum(skipna=False) / weights.sum())
            if counted.any()
            else np.nan
        )
        told = float(_numbers(pd.Series([claims.of_all(column)])).iloc[0])
        if not _agree(told, right, 2 * claims.rounding):  # its own and that of its parts
            text = f"{told:.4f} is told, but the rows weighted by {by} give {right:.4f}."
            yield claims.finding(column, claims.total, text)


def _sums(claims: Claims) -> Iterator[Finding]:
    if claims.total is None:
        return
    for column in claims.sums:
        # missing: that of all is missing as well
        right, told = claims.parts[column].sum(skipna=False), claims.of_all(column)
        if pd.isna(told) != pd.isna(right) or (not pd.isna(right) and told != right):
            yield claims.finding(
                column, claims.total, f"{_plain(told)} is told, but the rows add up to {_plain(right)}."
            )


def _ledger(claims: Claims) -> Iterator[Finding]:
    for column, right in claims.ledger.items():
        n_missing = int(claims.parts[column].isna().sum())
        told = claims.parts[column].sum()
        if n_missing:
            yield claims.finding(
                column,
                "",
                f"{counted(n_missing, 'row')} without a figure, so nothing adds up to the ledger's {_plain(right)}.",
            )
        elif told != right:
            yield claims.finding(
                column, "", f"the rows add up to {_plain(told)}, the ledger to {_plain(right)}."
            )


def _numbers(column: pd.Series) -> pd.Series:
    return column.astype("Float64").astype(float)


def _agree(told: float, right: float, rounding: float) -> bool:
    if np.isnan(told) or np.isnan(right):
        return bool(np.isnan(told) and np.isnan(right))
    return abs(told - right) <= rounding * (1 + 1e-6) + 1e-12


def _plain(value: Any) -> str:
    return "nothing" if pd.isna(value) else f"{value:,}"
