"""Amounts as written by people and programs, read exactly into minor units.

Text never passes through a float: each cell is brought to a plain decimal text, cast to a 128-bit decimal and rounded
half to even where it has more digits than the currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.currencies import iso_currency
from payseg_widgets.ledger.findings import Finding, counted, quoted

__all__ = ["ParsedMoney", "iso_currency", "parse_money"]

_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)$"
_WIDE = pa.decimal128(35, 18)  # 17 digits before the point, 18 behind, and room to add
_FITS = r"^-?\d{0,17}(?:\.\d{0,18})?$"
_LARGEST = 10**15
_BLANKS = "[ \t\r\n\u00a0\u2007\u2009\u202f\ufeff]+"
_MINUS = "[\u2010-\u2015\u2212]"
_TOO_LARGE = "an amount beyond 1,000,000,000,000,000"
_NOT_AN_AMOUNT = "not an amount"
_SIGN_WORDS = {"CR": True, "CREDIT": True, "DR": False, "DEBIT": False}  # word -> is it negative

#: How the digits of one cell can be grouped: layout -> decimal mark it implies ("" none, "?" undecided).
_LAYOUTS = (
    (r"\d+", ""),
    (r"\d{1,3}(?:[ '’]\d{3})+", ""),
    (r"[1-9]\d{0,2}[.,]\d{3}", "?"),
    (
        r"\d+\.\d*|\.\d+|\d{1,3}(?:[ '’]\d{3})+\.\d*|\d{1,3}(?:,\d{2,3})*,\d{3}\.\d*|\d{1,3}(?:,\d{2,3})+,\d{3}",
        ".",
    ),
    (
        r"\d+,\d*|,\d+|\d{1,3}(?:[ '’]\d{3})+,\d*|\d{1,3}(?:\.\d{2,3})*\.\d{3},\d*|\d{1,3}(?:\.\d{2,3})+\.\d{3}",
        ",",
    ),
)


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
        Text (``£1,234.56``, ``1.234,56``, ``(123.45)``, ``123.45-``, ``123.45 CR``, ``GBP 12.00``, ``1.2E+03``) or
        typed integers, floats or decimals. A float is read as its shortest text.
    column : str
        Name for findings and errors.
    digits : int or pandas.Series
        Digits of the minor unit (2 for GBP), for the column or row by row.
    decimal : {".", ","}, optional
        The decimal mark; decided from all values if not given.

    Returns
    -------
    ParsedMoney
        Same index. Credits (``CR``, brackets, minus before or behind) are negative. A cell that is a lone dash is
        missing.

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
    text, decimal = _as_text(values.reset_index(drop=True), decimal)
    cells = _take_apart(text)
    plain, problem, said = _plain_texts(cells, column, decimal)
    wide, problem = _decimals(plain, problem)
    minor, problem, rounded = _to_minor(wide, problem, digits, column)
    findings = (*_said_of_signs(cells, column), *said, *rounded)
    minor, currency, problem = (part.set_axis(values.index) for part in (minor, cells["currency"], problem))
    return ParsedMoney(minor, currency, problem, findings)


def _as_text(values: pd.Series, decimal: str | None) -> tuple[pd.Series, str | None]:
    """Write typed numbers with a point; other values as they are."""
    dtype = values.dtype
    if types.is_bool_dtype(dtype) or types.is_datetime64_any_dtype(dtype):
        return values.astype("str"), decimal
    if types.is_numeric_dtype(dtype):
        written = pc.cast(pa.array(values, from_pandas=True), pa.large_string())
        return pd.Series(written.to_pandas(), index=values.index, dtype="str"), "."
    seen = values.dropna()
    if (
        types.is_object_dtype(dtype)
        and len(seen)
        and seen.map(lambda v: isinstance(v, Decimal | int | float)).all()
    ):
        return values.astype("str").where(values.notna()), "."
    return values.astype("str"), decimal


def _take_apart(text: pd.Series) -> pd.DataFrame:
    """Split each cell into sign, currency, digits (``body``) and power of ten.

    A cell that is no amount has a body that no layout fits: its own text.
    """
    text = text.str.replace(_BLANKS, " ", regex=True).str.strip()
    cells = pd.DataFrame(
        {"text": text, "body": text, "power": "", "is_negative": False, "currency": "", "n_signs": 0}
    )
    cells = cells.astype({"power": "str", "currency": "str"})
    cells["is_dash"] = _matches(text, "[-\u2010-\u2015\u2212]+")
    other = text.notna() & ~_matches(text, _PLAIN) & ~cells["is_dash"]
    signed = ~other & text.str.startswith(("-", "+")).fillna(False)
    if signed.any():
        cells.loc[signed, "is_negative"] = text[signed].str.startswith("-")
        cells.loc[signed, "body"] = text[signed].str.slice(1)
    if other.any():
        parts = _take_apart_decorated(text[other])
        for name in parts:
            cells.loc[other, name] = parts[name]
    return cells


def _take_apart_decorated(text: pd.Series) -> pd.DataFrame:
    upper = text.str.upper().str.replace(_MINUS, "-", regex=True)
    is_power = _matches(upper, r"^[+-]?[\d.,]+E[+-]?\d{1,3}$")
    power = upper.where(is_power, "").str.replace(r"^.*E", "", regex=True)
    upper = upper.where(~is_power, upper.str.replace(r"E.*$", "", regex=True))
    upper = upper.str.replace(r"([A-Z])\.", r"\1 ", regex=True)  # "Rs. 1,200", "Fr.12"
    upper = upper.str.replace(r"(\d[.,])--?$", r"\1", regex=True)  # "12.-", "12,--": no cents, not a minus
    is_split = upper.str.contains(r"\d[^\d]*[^0-9.,'’()+ -][^\d]*\d", regex=True)  # "12 EUR 50"
    words = (
        upper.str.replace(r"[0-9.,'’()+-]+", " ", regex=True).str.replace(r" +", " ", regex=True).str.strip()
    )
    codes, distinct = pd.factorize(words)
    currencies, negative, known = (
        np.array(part) for part in zip(*(_read_words(w) for w in distinct), strict=True)
    )
    body = (
        upper.str.replace(r"[^0-9.,'’()+ -]+", " ", regex=True)
        .str.replace(r" +", " ", regex=True)
        .str.strip()
    )
    is_bracketed = _matches(body, r"^\(.*\)$")
    body = body.where(~is_bracketed, body.str.slice(1, -1).str.strip())
    is_minus = body.str.startswith("-") | body.str.endswith("-")
    body = body.str.replace(r"^[+-] ?| ?[+-]$", "", regex=True)
    n_signs = is_bracketed.astype(int) + is_minus.astype(int) + negative[codes].astype(int)
    return pd.DataFrame({
        "body": body.where(known[codes] & ~is_split, text), "power": power, "is_negative": n_signs == 1,
        "currency": currencies[codes], "n_signs": n_signs,
    })  # fmt: skip


def _read_words(words: str) -> tuple[str, bool, bool]:
    """Read the words of a cell as (currency, is negative, all understood)."""
    currency = iso_currency(words) if words else None
    if currency or not words:
        return currency or "", False, True
    rest, is_negative, n_signs = [], False, 0
    for word in words.split(" "):
        if word in _SIGN_WORDS:
            is_negative, n_signs = _SIGN_WORDS[word], n_signs + 1
        else:
            rest.append(word)
    currency = iso_currency(" ".join(rest)) if rest else ""
    if currency is None and len(rest) == 2 and iso_currency(rest[0]) == iso_currency(rest[1]):
        currency = iso_currency(rest[0])  # "GBP £12.00"
    return currency or "", is_negative, currency is not None and n_signs <= 1


def _matches(text: pd.Series, pattern: str) -> pd.Series:
    """Tell which cells are wholly of a pattern; a missing cell is not."""
    return text.str.fullmatch(pattern).astype(bool)


def _plain_texts(
    cells: pd.DataFrame, column: str, decimal: str | None
) -> tuple[pd.Series, pd.Series, tuple[Finding, ...]]:
    """Bring each body to digits with a point, signed, with its power of ten; say why where that fails."""
    body, text = cells["body"], cells["text"]
    problem = pd.Series("", index=text.index, dtype="str")
    mark = pd.Series("bad", index=text.index, dtype="str")
    for pattern, implied in reversed(_LAYOUTS):
        mark = mark.mask(_matches(body, pattern), implied)
    mark = mark.mask((cells["power"] != "") & (mark == "?"), ".").mask(text.isna() | cells["is_dash"], "none")
    column_mark, findings = _column_mark(mark, text, column, decimal)
    mark = mark.mask(mark == "?", column_mark)
    problem = problem.mask(mark == "bad", _NOT_AN_AMOUNT)
    problem = problem.mask(cells["n_signs"] > 1, "an amount with two signs")
    if column_mark:
        other = (mark != column_mark) & mark.isin([".", ","])
        problem = problem.mask(
            other, f"an amount with another decimal mark than the column's {column_mark!r}"
        )
    good = (problem == "") & (mark != "none")
    plain = body.where(good)
    comma = mark == ","
    plain = plain.where(comma, plain.str.replace(r"[ ,'’]", "", regex=True))
    if comma.any():
        european = (
            body.where(good & comma).str.replace(r"[ .'’]", "", regex=True).str.replace(",", ".", regex=False)
        )
        plain = plain.where(~comma, european)
    plain = plain.where(~cells["is_negative"], "-" + plain)
    return plain.where(cells["power"] == "", plain + "E" + cells["power"]), problem, findings


def _column_mark(
    mark: pd.Series, text: pd.Series, column: str, decimal: str | None
) -> tuple[str, tuple[Finding, ...]]:
    """Decide the decimal mark of the column; ``""`` where each cell speaks for itself."""
    if decimal is not None:
        return decimal, ()
    n = mark.value_counts()
    n_point, n_comma, n_open = (int(n.get(m, 0)) for m in (".", ",", "?"))
    least, most = sorted((n_point, n_comma))
    winner = "." if n_point > n_comma else ","
    if most and least * 20 <= most:
        return winner, (
            (Finding(column, f"{counted(n_open, 'amount')} such as {quoted(text[mark == '?'].iloc[0])} read with the decimal "
                             f"mark {winner!r}, as the other amounts of the column have it.", n_open),)
            if n_open else ()
        )  # fmt: skip
    if n_open:
        example = quoted(text[mark == "?"].iloc[0])
        why = "amounts with both decimal marks" if most else "nothing in the column decides"
        raise LedgerError(
            f"{counted(n_open, 'amount')} in column {column!r} (first: {example}) could be thousands or decimals: {why}. "
            "Pass decimal='.' or decimal=',' to say which is the decimal mark."
        )
    if least:
        text_ = f"The column mixes decimal marks: {n_point:,} with a point, {n_comma:,} with a comma; each was read its own way."
        return "", (Finding(column, text_, n_point + n_comma),)
    return "", ()


def _decimals(plain: pd.Series, problem: pd.Series) -> tuple[pa.Array, pd.Series]:
    """Cast plain texts to 128-bit decimals; what does not fit goes through `decimal.Decimal`."""
    has_power = plain.str.contains("E", regex=False).astype(bool)
    unfit = plain.notna() & ~has_power & ~_matches(plain, _FITS)
    odd = has_power | unfit
    if not odd.any():
        return pc.cast(_arrow(plain), _WIDE), problem
    exact = {}
    for cell in plain[odd].unique():
        value = Decimal(cell)
        exact[cell] = None if abs(value) > _LARGEST else format(round(value, 18), "f")
    fixed = plain[odd].map(exact).astype("str")
    problem = problem.copy()
    problem[fixed.index[fixed.isna()]] = _TOO_LARGE
    plain = plain.copy()
    plain[odd] = fixed
    return pc.cast(_arrow(plain), _WIDE), problem


def _arrow(text: pd.Series) -> pa.Array:
    array = pa.array(text, type=pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _to_minor(
    wide: pa.Array, problem: pd.Series, digits: int | pd.Series, column: str
) -> tuple[pd.Series, pd.Series, tuple[Finding, ...]]:
    """Round to the currency's digits, half to even, and count what that moved."""
    large = pc.fill_null(pc.greater(pc.abs(wide), pa.scalar(Decimal(_LARGEST), _WIDE)), False)
    if pc.any(large).as_py():
        problem = problem.mask(large.to_numpy(zero_copy_only=False), _TOO_LARGE)
        wide = pc.if_else(large, pa.scalar(None, _WIDE), wide)
    minor = pd.Series(pd.NA, index=problem.index, dtype="Int64")
    findings: list[Finding] = []
    each = [digits] if isinstance(digits, int) else sorted(digits.dropna().unique())
    for n_digits in each:
        here = np.ones(len(minor), bool) if isinstance(digits, int) else (digits == n_digits).to_numpy(bool)
        part = wide if here.all() else wide.filter(pa.array(here))
        rounded = pc.round(part, ndigits=int(n_digits), round_mode="half_to_even")
        moved = pc.subtract(rounded, part)
        n_moved = pc.sum(pc.not_equal(moved, pa.scalar(Decimal(0), _WIDE))).as_py() or 0
        if n_moved:
            shift = pc.sum(moved).as_py()
            findings.append(Finding(
                column,
                f"{counted(n_moved, 'amount')} had more than {counted(int(n_digits), 'decimal')}: rounded half to even, which moved "
                f"the total by {shift:+.{int(n_digits) + 2}f}.",
                n_moved,
                int(round(shift.scaleb(int(n_digits)))),
            ))  # fmt: skip
        units = pc.cast(rounded, pa.decimal128(20, int(n_digits)))
        whole = pc.cast(
            pc.multiply(units, pa.scalar(Decimal(10 ** int(n_digits)))), pa.decimal128(38, int(n_digits))
        )
        minor[here] = pd.array(
            pc.cast(whole, pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        )
    return minor, problem, tuple(findings)


def _said_of_signs(cells: pd.DataFrame, column: str) -> tuple[Finding, ...]:
    n = int(cells["is_dash"].sum())
    return (
        (Finding(column, f"{counted(n, 'amount')} written as a lone dash taken as missing.", n),) if n else ()
    )
