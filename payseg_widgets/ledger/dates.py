"""Dates as written by people and programs: the layout is decided for a column, never for a cell alone.

``03/04/2024`` has no meaning by itself. Each column is split by separator; a group in which a part exceeds 12 decides
itself. What is left is decided by the order of dates on one row (an invoice is issued before it is due), then by the
other columns of the table, then by the user, and else is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.date_texts import MISSING_DAY, Reading, read_date
from payseg_widgets.ledger.findings import Finding, counted, quoted

__all__ = ["ParsedDates", "parse_dates"]

_LONGEST_TERMS = 180  # days between two dates of a row that are still plausible as terms
_WORDS = {True: "day/month/year", False: "month/day/year"}
_PLACEHOLDERS = frozenset(
    np.datetime64(day, "D").astype(int)
    for day in (
        "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1901-01-01", "1970-01-01",
        "1111-11-11", "2099-12-31", "2100-01-01", "2222-02-22", "2500-12-31", "2999-12-31", "3000-01-01", "3000-12-31",
        "4000-01-01", "4712-12-31", "8888-12-31", "9998-12-31", "9999-01-01", "9999-09-09", "9999-12-30", "9999-12-31",
    )
)  # fmt: skip
_FIRST_DAY = np.datetime64("1980-01-01", "D").astype(int)
_LAST_DAY = np.datetime64("2100-12-31", "D").astype(int)


@dataclass(frozen=True)
class ParsedDates:
    """A column of dates, read.

    Attributes
    ----------
    values : pandas.Series of datetime64[s]
        Midnight of the day as written; ``NaT`` where missing or unreadable.
    problem : pandas.Series of str
        ``""`` where the cell was read or is missing, else the reason.
    layout : str
        In words: ``"month/day/year"``.
    findings : tuple of Finding
        How the layout was decided, placeholders taken as missing.
    """

    values: pd.Series
    problem: pd.Series
    layout: str
    findings: tuple[Finding, ...]


@dataclass
class _Column:
    """A column being decided: its distinct cells with their readings, and which cell each row has (-1: none)."""

    name: str
    index: pd.Index
    codes: np.ndarray
    cells: np.ndarray
    readings: pd.DataFrame
    chosen: np.ndarray  # per cell, the day decided so far
    is_open: np.ndarray  # per cell, still to be decided
    per_row: np.ndarray  # days decided row by row, where a column holds several layouts
    dayfirst: dict[str, bool | None]  # per separator; None where several layouts or undecided
    findings: list[Finding]

    def rows(self, days: np.ndarray) -> np.ndarray:
        """Spread days of the distinct cells over the rows."""
        return np.append(days, MISSING_DAY)[self.codes]


def parse_dates(
    columns: Mapping[str, pd.Series],
    *,
    dayfirst: bool | None = None,
    order: Sequence[tuple[str, str]] = (),
    source_names: Mapping[str, str] | None = None,
) -> dict[str, ParsedDates]:
    """Read all date columns of one table, deciding the order of day and month together.

    Parameters
    ----------
    columns : Mapping of str to pandas.Series
        Text, Excel serials or typed dates; all of the same length.
    dayfirst : bool, optional
        What ``03/04/2024`` means where the values do not decide.
    order : sequence of (str, str)
        Pairs (earlier, later) of columns, such as ``("issued_on", "due_on")``.
    source_names : Mapping of str to str, optional
        The headings of the export, for messages.

    Returns
    -------
    dict of str to ParsedDates
        Same keys and index. The time of day and its offset are dropped: the date stays as written.

    Raises
    ------
    LedgerError
        If days and months could be swapped and nothing decides.

    Examples
    --------
    >>> read = parse_dates({"issued_on": pd.Series(["1/31/2024", "2/1/2024"], dtype="str")})["issued_on"]
    >>> read.layout, str(read.values[1].date())
    ('month/day/year', '2024-02-01')
    """
    names = source_names or {}
    done: dict[str, ParsedDates] = {}
    texts: dict[str, _Column] = {}
    for key, values in columns.items():
        if types.is_datetime64_any_dtype(values.dtype):
            done[key] = _typed(values, names.get(key, key))
        else:
            texts[key] = _take_apart(values, names.get(key, key))
    for column in texts.values():
        _decide_alone(column, dayfirst)
    fixed = {key: _days_of(read.values) for key, read in done.items()}
    _decide_by_order(texts, fixed, order)
    _decide_by_others(texts)
    _decide_rows(texts, fixed, order)
    for column in texts.values():
        _refuse_open(column)
    return {key: done[key] if key in done else _finish(texts[key]) for key in columns}


def _typed(values: pd.Series, name: str) -> ParsedDates:
    """Take the date of typed moments; a time zone keeps the local date."""
    local = values.dt.tz_localize(None) if values.dt.tz is not None else values
    day = local.dt.normalize().astype("datetime64[s]")
    days = _days_of(day)
    is_far = np.isin(days, list(_PLACEHOLDERS))
    nothing = pd.Series("", index=values.index, dtype="str")
    return _judge(days, nothing, is_far, day.dt.strftime("%Y-%m-%d"), name, "typed dates", [])


def _days_of(values: pd.Series) -> np.ndarray:
    days = values.to_numpy().astype("datetime64[D]").astype("int64")
    return np.where(values.isna(), MISSING_DAY, days)


def _take_apart(values: pd.Series, name: str) -> _Column:
    """Read the distinct cells of a column."""
    if types.is_float_dtype(values.dtype):
        whole = values.mod(1).eq(0) & values.abs().lt(1e9)
        values = (
            values.where(~whole)
            .astype("str")
            .mask(whole, values.where(whole, 0).astype("int64").astype("str"))
        )
    text = values.astype("str")
    row_codes, raw = pd.factorize(text, use_na_sentinel=True)
    inner, distinct = pd.factorize(_without_time(pd.Series(raw, dtype="str")))
    codes = np.append(inner, -1)[row_codes]
    cells = np.asarray(distinct, dtype=object)
    readings = pd.DataFrame([read_date(cell) for cell in cells], columns=list(Reading._fields))
    is_blank = cells == ""
    readings.loc[is_blank, "problem"] = ""
    n_rows = np.bincount(codes[codes >= 0], minlength=len(cells))
    readings["n_rows"] = n_rows
    is_far = readings[["day_first", "month_first"]].isin(_PLACEHOLDERS).any(axis=1)
    readings["is_placeholder"] = readings["is_placeholder"].astype(bool) | is_far
    d, m = (readings[c].to_numpy("int64") for c in ("day_first", "month_first"))
    chosen = np.where(d == MISSING_DAY, m, d)
    is_open = (d != m) & (d != MISSING_DAY) & (m != MISSING_DAY)
    per_row = np.full(len(codes), MISSING_DAY)
    return _Column(name, values.index, codes, cells, readings, chosen, is_open, per_row, {}, [])


_TIME = (
    r"(?:[T ]+|,\s*)\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,:]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*"
    r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|[A-Z]{3,4})?$"
)


def _without_time(text: pd.Series) -> pd.Series:
    text = text.str.replace("[\u00a0\u202f]", " ", regex=True).str.strip()
    return text.str.replace(_TIME, "", regex=True).str.replace(r"(\d{8})T\d{4,6}Z?$", r"\1", regex=True)


def _decide_alone(column: _Column, dayfirst: bool | None) -> None:
    """Decide each separator of a column from its own values, then by the user's word."""
    r = column.readings
    for group in sorted(set(r["group"]) - {""}):
        here = (r["group"] == group).to_numpy()
        if group.endswith("yy") and _is_year_first(r[here]):
            column.chosen[here] = r.loc[here, "year_first"]
            column.is_open[here] = False
            r.loc[here, "layout"] = f"year{group[0]}month{group[0]}day"
            continue
        counts = r["n_rows"].to_numpy() * ~r["is_placeholder"].to_numpy(bool) * here
        d, m = ((r[c] != MISSING_DAY).to_numpy() for c in ("day_first", "month_first"))
        n_day, n_month = int(counts[d & ~m].sum()), int(counts[m & ~d].sum())
        if n_day and n_month:
            column.dayfirst[group] = None
            column.findings.append(Finding(
                column.name, f"The column holds two layouts: {counted(n_day, 'date')} can only be {_WORDS[True]}, "
                f"{counted(n_month, 'date')} only {_WORDS[False]}; each was read its own way.", n_day + n_month))  # fmt: skip
        elif n_day or n_month:
            why = f"{counted(n_day or n_month, 'date')} can be nothing else"
            _settle(column, group, bool(n_day), why)
        if dayfirst is not None and (column.is_open & here).any():
            _settle(column, group, dayfirst, f"dayfirst={dayfirst} was given")


def _is_year_first(readings: pd.DataFrame) -> bool:
    """Tell whether two-digit dates begin with the year: only if they must, or if the last part looks like a day."""
    if (readings["year_first"] == MISSING_DAY).any():
        return False
    last = readings[["day_first", "month_first"]].to_numpy("int64")
    if (last == MISSING_DAY).all(axis=1).any():
        return True
    years_last = np.where(last[:, 0] == MISSING_DAY, last[:, 1], last[:, 0])
    span_last, span_first = (
        np.ptp(years_last) / 365.25,
        np.ptp(readings["year_first"].to_numpy("int64")) / 365.25,
    )
    return len(readings) >= 5 and span_last > 15 and span_first * 2 < span_last


def _settle(column: _Column, group: str, dayfirst: bool, why: str) -> None:
    """Read what is open under a separator in one order."""
    r = column.readings
    here = column.is_open & (r["group"] == group).to_numpy()
    picked = r["day_first" if dayfirst else "month_first"].to_numpy("int64")
    column.chosen[here] = picked[here]
    column.is_open &= ~here
    column.dayfirst.setdefault(group, dayfirst)
    n = int(r["n_rows"].to_numpy()[here].sum())
    if n:
        text = f"{counted(n, 'date')} that could also be {_WORDS[not dayfirst]} read as {_WORDS[dayfirst]}: {why}."
        column.findings.append(Finding(column.name, text, n))


def _both_ways(
    key: str, texts: Mapping[str, _Column], fixed: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the days of each row read day first and month first where open, and where that is."""
    if key in fixed:
        return fixed[key], fixed[key], np.zeros(len(fixed[key]), bool)
    column = texts[key]
    d, m = (
        column.rows(np.where(column.is_open, column.readings[c].to_numpy("int64"), column.chosen))
        for c in ("day_first", "month_first")
    )
    return d, m, np.append(column.is_open, False)[column.codes]


def _pairs(
    texts: Mapping[str, _Column], fixed: Mapping[str, np.ndarray], order: Sequence[tuple[str, str]]
) -> list[tuple[str, str, np.ndarray, np.ndarray, np.ndarray]]:
    """For each pair: its keys, whether a row is in order read day first and month first, and where that says something."""
    out = []
    for early, late in order:
        if not all(key in texts or key in fixed for key in (early, late)):
            continue
        e_d, e_m, e_open = _both_ways(early, texts, fixed)
        l_d, l_m, l_open = _both_ways(late, texts, fixed)
        known = (e_d != MISSING_DAY) & (l_d != MISSING_DAY) & (e_open | l_open)
        in_order = [
            (later >= earlier) & (later - earlier <= _LONGEST_TERMS)
            for earlier, later in ((e_d, l_d), (e_m, l_m))
        ]
        out.append((early, late, in_order[0], in_order[1], known))
    return out


def _decide_by_order(
    texts: dict[str, _Column], fixed: Mapping[str, np.ndarray], order: Sequence[tuple[str, str]]
) -> None:
    """Choose the order of day and month that puts clearly fewer rows out of order."""
    open_groups = [(c, g) for c in texts.values() for g in _open_groups(c)]
    if not open_groups:
        return
    pairs = _pairs(texts, fixed, order)
    n_day = sum(int((known & ~day).sum()) for _, _, day, _, known in pairs)
    n_month = sum(int((known & ~month).sum()) for _, _, _, month, known in pairs)
    if 2 * min(n_day, n_month) < max(n_day, n_month):
        dayfirst = n_day < n_month
        why = f"else {counted(max(n_day, n_month), 'pair')} of dates would be out of order, so {min(n_day, n_month):,}"
        for column, group in open_groups:
            _settle(column, group, dayfirst, why)


def _open_groups(column: _Column) -> list[str]:
    """Separators that are open as a whole: those of several layouts are decided row by row."""
    groups = set(column.readings["group"][column.is_open])
    return sorted(groups - {g for g, dayfirst in column.dayfirst.items() if dayfirst is None})


def _decide_by_others(texts: dict[str, _Column]) -> None:
    """Follow the other columns of the table where they agree."""
    decided = {value for c in texts.values() for value in c.dayfirst.values()}
    if len(decided) != 1 or None in decided:
        return
    dayfirst = bool(decided.pop())
    for column in texts.values():
        for group in _open_groups(column):
            _settle(column, group, dayfirst, "the other dates of the table are written so")


def _decide_rows(
    texts: dict[str, _Column], fixed: Mapping[str, np.ndarray], order: Sequence[tuple[str, str]]
) -> None:
    """In a column of several layouts, read a row the only way that is in order."""
    verdicts: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for early, late, day, month, known in _pairs(texts, fixed, order):
        for key in (early, late):
            if key in texts:
                none = np.zeros(len(known), bool)
                as_day, as_month = verdicts.get(key, (none, none))
                verdicts[key] = (as_day | (known & day & ~month), as_month | (known & month & ~day))
    for key, (as_day, as_month) in verdicts.items():
        column = texts[key]
        d, m, is_open = _both_ways(key, texts, fixed)
        column.per_row = np.where(
            is_open & as_day & ~as_month, d, np.where(is_open & as_month & ~as_day, m, MISSING_DAY)
        )


def _refuse_open(column: _Column) -> None:
    """Refuse what nothing decided."""
    is_open = np.append(column.is_open, False)[column.codes] & (column.per_row == MISSING_DAY)
    if not is_open.any():
        return
    example = quoted(column.cells[column.codes[np.flatnonzero(is_open)[0]]])
    why = (
        "The column holds both layouts"
        if None in column.dayfirst.values()
        else "Nothing in the table decides"
    )
    raise LedgerError(
        f"{counted(int(is_open.sum()), 'date')} in column {column.name!r} (first: {example}) could be day/month or month/day. "
        f"{why}: pass dayfirst=True or dayfirst=False."
    )


def _finish(column: _Column) -> ParsedDates:
    r = column.readings
    days = np.where(column.per_row != MISSING_DAY, column.per_row, column.rows(column.chosen))
    n_by_row = int((column.per_row != MISSING_DAY).sum())
    if n_by_row:
        text = f"{counted(n_by_row, 'date')} that could be either layout read so that the dates of the row are in order."
        column.findings.append(Finding(column.name, text, n_by_row))
    problem = pd.Series(
        np.append(r["problem"].to_numpy(object), "")[column.codes], index=column.index, dtype="str"
    )
    is_far = np.append(r["is_placeholder"].to_numpy(bool), False)[column.codes]
    cells = pd.Series(np.append(column.cells, "")[column.codes], index=column.index)
    return _judge(days, problem, is_far, cells, column.name, _layout(column), column.findings)


def _layout(column: _Column) -> str:
    """Name the layouts of a column, most frequent first."""
    r = column.readings
    words = r["layout"].astype("object")
    numeric = (r["layout"] == "") & (r["group"] != "")
    words[numeric] = [
        _WORDS[column.dayfirst.get(group) is not False if day == other else day == days].replace(
            "/", group[0]
        )
        for day, other, days, group in zip(
            r["day_first"][numeric],
            r["month_first"][numeric],
            column.chosen[numeric.to_numpy()],
            r["group"][numeric],
            strict=True,
        )
    ]
    useful = (words != "") & (r["problem"] == "") & ~r["is_placeholder"]
    n = r["n_rows"][useful].groupby(words[useful]).sum().sort_values(ascending=False, kind="stable")
    return " and ".join(n.index) if len(n) else "no dates"


def _judge(
    days: np.ndarray,
    problem: pd.Series,
    is_far: np.ndarray,
    cells: pd.Series,
    name: str,
    layout: str,
    findings: list[Finding],
) -> ParsedDates:
    """Take placeholders as missing and implausible years as problems."""
    if is_far.any():
        example = quoted(cells[is_far].iloc[0])
        n = int(is_far.sum())
        findings = [
            *findings,
            Finding(name, f"{counted(n, 'placeholder date')} (first: {example}) taken as missing.", n),
        ]
    is_odd = (days != MISSING_DAY) & ((days < _FIRST_DAY) | (days > _LAST_DAY)) & ~is_far
    problem = problem.mask(is_odd, "a year before 1980 or after 2100").mask(is_far, "")
    is_gone = is_odd | is_far | (days == MISSING_DAY)
    moments = np.where(
        is_gone,
        np.datetime64("NaT", "s"),
        np.where(is_gone, 0, days).astype("datetime64[D]").astype("datetime64[s]"),
    )
    return ParsedDates(pd.Series(moments, index=problem.index), problem, layout, tuple(findings))
