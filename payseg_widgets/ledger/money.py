"""Amounts as written by people and programs, read exactly into minor units.

Text never passes through a float. What a cell means depends on its shape alone (``£1,234.56`` is of the
shape ``£9,999.99``) and a column has few shapes: each is judged once, and the digits of all cells are read as
whole numbers together. Only cells with more than 18 digits or a power of ten are read one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.currencies import iso_currency
from payseg_widgets.ledger.findings import Finding, counted, quoted
from payseg_widgets.ledger.money_shapes import shapes_of, text_cells, whole_numbers
from payseg_widgets.ledger.money_texts import Amount, is_dash, read_amount, tidy

__all__ = ["ParsedMoney", "iso_currency", "parse_money"]

_LARGEST = 10**15
_TOO_LARGE = "an amount beyond 1,000,000,000,000,000"
_MOST_DIGITS = 18  # of a whole number in 64 bits
_POWERS = 10 ** np.arange(_MOST_DIGITS + 1, dtype="int64")
_EXACT = Context(prec=2_500, Emax=9_999, Emin=-9_999)  # room for any cell that is read one by one


@dataclass(frozen=True)
class ParsedMoney:
    """A column of amounts, read.

    Attributes
    ----------
    minor : pandas.Series of Int64
        Minor units; missing where the cell is missing or cannot be read.
    currency : pandas.Series of str
        ISO code found in the cell, ``""`` for none.
    problem : pandas.Series of str
        ``""`` where the cell was read or is missing, else the reason.
    findings : tuple of Finding
        What was decided or rounded.
    """

    minor: pd.Series
    currency: pd.Series
    problem: pd.Series
    findings: tuple[Finding, ...]


def parse_money(
    values: pd.Series, *, column: str, digits: int | pd.Series = 2, decimal: str | None = None
) -> ParsedMoney:
    """Read a column of amounts exactly.

    Parameters
    ----------
    values : pandas.Series
        Text (``£1,234.56``, ``1.234,56``, ``(123.45)``, ``123.45-``, ``123.45 CR``, ``GBP 12.00``,
        ``1.2E+03``) or typed integers, floats or decimals. A float is read as its shortest text.
    column : str
        Name for findings and errors.
    digits : int or pandas.Series
        Digits of the minor unit (2 for GBP), for the column or row by row.
    decimal : {".", ","}, optional
        The decimal mark; decided from all values if not given.

    Returns
    -------
    ParsedMoney
        Same index. Credits (``CR``, brackets, minus before or behind) are negative. A blank cell and a lone
        dash are missing.

    Raises
    ------
    LedgerError
        If no value decides whether ``1.234`` is a thousand or a little more than one.

    Examples
    --------
    >>> read = parse_money(pd.Series(["£1,234.56", "(10.00)", "5 CR"]), column="Amount")
    >>> read.minor.tolist(), read.currency.tolist()
    ([123456, -1000, -500], ['GBP', '', ''])
    """
    if decimal not in (None, ".", ","):
        raise LedgerError(f"decimal={decimal!r} is no decimal mark; give decimal='.' or decimal=','.")
    text, decimal = _as_text(values, decimal)
    cells = text_cells(text)
    shapes, codes = shapes_of(cells)
    amounts = [read_amount(shape) for shape in shapes]
    written = _Column(column, cells, codes, amounts, np.bincount(codes, minlength=len(amounts)))
    mark, decided = _column_mark(written, decimal)
    problem = _spread([_problem(amount, mark) for amount in amounts], codes)
    currency = _spread([amount.currency for amount in amounts], codes)
    minor, problem, rounded = _to_minor(written, mark, problem, digits)
    n_dashes = sum(int(n) for n, shape in zip(written.n_rows, shapes, strict=True) if is_dash(shape))
    dashes = (
        Finding(column, f"{counted(n_dashes, 'amount')} written as a lone dash taken as missing.", n_dashes),
    )
    minor, currency, problem = (part.set_axis(values.index) for part in (minor, currency, problem))
    return ParsedMoney(minor, currency, problem, (*dashes[: n_dashes > 0], *decided, *rounded))


def _as_text(values: pd.Series, decimal: str | None) -> tuple[pd.Series, str | None]:
    """Write typed numbers with a point; other values as they are."""
    dtype = values.dtype
    if types.is_bool_dtype(dtype) or types.is_datetime64_any_dtype(dtype):
        return values.astype("str"), decimal
    if types.is_numeric_dtype(dtype):
        written = pc.cast(pa.array(values, from_pandas=True), pa.large_string())
        return pd.Series(written.to_numpy(zero_copy_only=False), index=values.index, dtype="str"), "."
    seen = values.dropna()
    if (
        types.is_object_dtype(dtype)
        and len(seen)
        and seen.map(lambda v: isinstance(v, Decimal | int | float)).all()
    ):
        return values.astype("str").where(values.notna()), "."
    return values.astype("str"), decimal


@dataclass(frozen=True, repr=False)
class _Column:
    """The cells of a column and, for each, which of its shapes it has."""

    name: str
    cells: pa.LargeStringArray
    codes: np.ndarray
    amounts: list[Amount]  # of each shape
    n_rows: np.ndarray  # of each shape

    def first(self, shape: int) -> str:
        """Return the first cell of a shape."""
        return tidy(self.cells[int(np.flatnonzero(self.codes == shape)[0])].as_py())

    def count(self, mark: str) -> int:
        """Count the cells with a decimal mark."""
        return sum(int(n) for n, amount in zip(self.n_rows, self.amounts, strict=True) if amount.mark == mark)

    def spread(self, values: list[int]) -> np.ndarray:
        """Give each row the number of its shape."""
        return np.array(values, "int64")[self.codes]


def _column_mark(column: _Column, decimal: str | None) -> tuple[str, tuple[Finding, ...]]:
    """Decide the decimal mark of the column; ``""`` where each cell speaks for itself."""
    if decimal is not None:
        return decimal, ()
    n_point, n_comma, n_open = map(column.count, (".", ",", "?"))
    least, most = sorted((n_point, n_comma))
    winner = "." if n_point > n_comma else ","
    is_clear = most and least * 20 <= most
    if not n_open:
        if is_clear or not least:
            return (winner if is_clear else ""), ()
        text = (
            f"The column mixes decimal marks: {n_point:,} with a point, {n_comma:,} with a comma; "
            "each was read its own way."
        )
        return "", (Finding(column.name, text, n_point + n_comma),)
    example = quoted(column.first(next(i for i, amount in enumerate(column.amounts) if amount.mark == "?")))
    if is_clear:
        text = (
            f"{counted(n_open, 'amount')} such as {example} read with the decimal mark {winner!r}, "
            "as the other amounts of the column have it."
        )
        return winner, (Finding(column.name, text, n_open),)
    why = "amounts with both decimal marks" if most else "nothing in the column decides"
    raise LedgerError(
        f"{counted(n_open, 'amount')} in column {column.name!r} (first: {example}) could be thousands or "
        f"decimals: {why}. Pass decimal='.' or decimal=',' to say which is the decimal mark."
    )


def _problem(amount: Amount, mark: str) -> str:
    if mark and amount.mark in (".", ",") and amount.mark != mark:
        return f"an amount with another decimal mark than the column's {mark!r}"
    return amount.problem


def _spread(values: list[str], codes: np.ndarray) -> pd.Series:
    """Give each row the value of its shape."""
    return pd.Series(pa.array(values, pa.large_string()).take(pa.array(codes)).to_pandas(), dtype="str")


def _to_minor(
    column: _Column, mark: str, problem: pd.Series, digits: int | pd.Series
) -> tuple[pd.Series, pd.Series, tuple[Finding, ...]]:
    """Read the digits, round them to the currency's, half to even, and tell what that moved."""
    row_digits = pd.Series(np.broadcast_to(digits, len(problem)), dtype="Int64")
    n_digits = row_digits.fillna(0).to_numpy("int64")
    marks = [mark if amount.mark == "?" else amount.mark for amount in column.amounts]
    n_decimals = column.spread([a.n_decimals(m) for a, m in zip(column.amounts, marks, strict=True)])
    is_long = column.spread([a.n_digits > _MOST_DIGITS or bool(a.power) for a in column.amounts]) == 1
    is_long |= n_decimals > _MOST_DIGITS
    has_digits = column.spread([bool(amount.digits) for amount in column.amounts]) == 1
    is_amount = (problem == "").to_numpy() & has_digits & row_digits.notna().to_numpy()
    sign = 1 - 2 * column.spread([a.is_negative for a in column.amounts])
    minor, is_large = np.zeros(len(problem), "int64"), np.zeros(len(problem), bool)

    short = np.flatnonzero(is_amount & ~is_long)
    whole = whole_numbers(column.cells.take(pa.array(short)))
    is_large[short] = whole > _LARGEST * _POWERS[np.minimum(n_decimals[short], 3)]  # 18 digits are less
    rounded, moved = _rounded(whole, n_decimals[short], n_digits[short])
    minor[short] = sign[short] * rounded
    moved = np.where(is_large[short], 0, sign[short] * moved)
    shifts = list(_summed(moved, n_decimals[short], n_digits[short]))
    long = np.flatnonzero(is_amount & is_long)
    alone = [
        _read_alone(column.cells[int(i)].as_py(), int(n_digits[i]), marks[column.codes[i]]) for i in long
    ]
    is_large[long] = [value is None for value, _ in alone]
    minor[long] = [value or 0 for value, _ in alone]
    shifts += [(int(n_digits[i]), 1, shift) for i, (_, shift) in zip(long, alone, strict=True) if shift]

    known = pd.Series(minor, dtype="Int64").where(is_amount & ~is_large)
    return known, problem.mask(is_large, _TOO_LARGE), _said_of_rounding(column.name, shifts)


def _rounded(
    whole: np.ndarray, n_decimals: np.ndarray, n_digits: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Round numbers of ``10**-n_decimals`` to minor units; tell by how many of the former each moved."""
    unit = _POWERS[np.maximum(n_decimals - n_digits, 0)]
    units, rest = np.divmod(whole, unit)
    is_up = (2 * rest > unit) | ((2 * rest == unit) & (units % 2 == 1))
    return (units + is_up) * _POWERS[np.maximum(n_digits - n_decimals, 0)], is_up * unit - rest


def _summed(
    moved: np.ndarray, n_decimals: np.ndarray, n_digits: np.ndarray
) -> Iterator[tuple[int, int, Decimal]]:
    """Sum what rounding moved, exactly: Python's whole numbers have no largest."""
    at = np.flatnonzero(moved)
    for d, n in {*zip(n_digits[at].tolist(), n_decimals[at].tolist(), strict=True)}:
        some = moved[at][(n_digits[at] == d) & (n_decimals[at] == n)]
        yield d, len(some), Decimal(sum(some.tolist())).scaleb(-n, _EXACT)


def _read_alone(cell: str, n_digits: int, mark: str) -> tuple[int | None, Decimal]:
    """Read one cell exactly: its minor units (none if beyond the largest), and by how much it moved."""
    value = Decimal(read_amount(cell).plain(mark))
    if value.copy_abs() > _LARGEST:
        return None, Decimal(0)
    rounded = value.quantize(Decimal(1).scaleb(-n_digits), ROUND_HALF_EVEN, _EXACT)
    return int(rounded.scaleb(n_digits, _EXACT)), _EXACT.subtract(rounded, value)


def _said_of_rounding(column: str, shifts: list[tuple[int, int, Decimal]]) -> tuple[Finding, ...]:
    findings = []
    for n_digits in sorted({d for d, *_ in shifts}):
        n_rows = sum(n for d, n, _ in shifts if d == n_digits)
        shift = reduce(_EXACT.add, (part for d, _, part in shifts if d == n_digits))
        text = (
            f"{counted(n_rows, 'amount')} had more than {counted(n_digits, 'decimal')}: "
            f"rounded half to even, which moved the total by {shift:+.{n_digits + 2}f}."
        )
        findings.append(Finding(column, text, n_rows, round(shift.scaleb(n_digits, _EXACT))))
    return tuple(findings)
