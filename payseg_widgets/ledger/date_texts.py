"""One written date, and every day it could mean."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

#: Stands for "no such day"; days are counted from 1970-01-01.
MISSING_DAY = -(2**31)
_EPOCH = date(1970, 1, 1).toordinal()
_EXCEL_EPOCH = date(1899, 12, 30).toordinal() - _EPOCH  # 1900 system, right from 1900-03-01 on
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR_FIRST = re.compile(r"(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_SERIAL = re.compile(r"(\d{1,5})(?:\.\d+)?")
_DAY_NAME = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-/., ]*({_MONTH})[-/., ']*(\d{{4}}|\d{{2}})")
_NAME_DAY = re.compile(rf"({_MONTH})[-/. ]*(\d{{1,2}})(?:st|nd|rd|th)?[-/, ']+(\d{{4}}|\d{{2}})")
_YEAR_NAME = re.compile(rf"(\d{{4}})[-/. ]*({_MONTH})[-/. ]*(\d{{1,2}})")
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s+")
_ZEROS = re.compile(r"[0\-/. ]*0[0\-/. ]*")


class Reading(NamedTuple):
    """What one cell can mean, in days since 1970-01-01 (``MISSING_DAY`` where it cannot be read so).

    ``group`` is empty where the cell speaks for itself; else it is the separator, with ``"yy"`` behind it where the
    year has two digits, and the column decides between the three days.
    """

    day_first: int = MISSING_DAY
    month_first: int = MISSING_DAY
    year_first: int = MISSING_DAY
    group: str = ""
    layout: str = ""
    problem: str = ""
    is_placeholder: bool = False


def read_date(text: str) -> Reading:
    """Read a date without its time part.

    Two-digit years 80-99 are 1980-1999, others 2000-2079. Excel serials are days of the 1900 system.

    >>> from datetime import date
    >>> read_date("31-JAN-24").day_first == (date(2024, 1, 31) - date(1970, 1, 1)).days
    True
    >>> read_date("03/04/2024").group, read_date("soon").problem
    ('/', 'not a date')
    """
    text = _WEEKDAY.sub("", text.strip().lower(), count=1)
    if _ZEROS.fullmatch(text):
        return Reading(layout="", is_placeholder=True)
    if found := _NUMERIC.fullmatch(text):
        return _numeric(int(found[1]), int(found[3]), found[4], found[2])
    if found := _YEAR_FIRST.fullmatch(text):
        return _fixed(int(found[1]), int(found[3]), int(found[4]), f"year{found[2]}month{found[2]}day")
    if found := _COMPACT.fullmatch(text):
        return _fixed(int(found[1]), int(found[2]), int(found[3]), "yearmonthday")
    if found := _SERIAL.fullmatch(text):
        return _serial(int(found[1]))
    if found := _DAY_NAME.fullmatch(text):
        return _fixed(_year(found[3]), _MONTHS[found[2]], int(found[1]), "day month-name year")
    if found := _NAME_DAY.fullmatch(text):
        return _fixed(_year(found[3]), _MONTHS[found[1]], int(found[2]), "month-name day year")
    if found := _YEAR_NAME.fullmatch(text):
        return _fixed(int(found[1]), _MONTHS[found[2]], int(found[3]), "year month-name day")
    return Reading(problem="not a date")


def _fixed(year: int, month: int, day: int, layout: str) -> Reading:
    days = _days(year, month, day)
    if days == MISSING_DAY:
        return Reading(
            problem="no such day", layout=layout, is_placeholder=year in (0, 1900) and 0 in (month, day)
        )
    return Reading(days, days, days, layout=layout)


def _numeric(first: int, second: int, third: str, separator: str) -> Reading:
    year = _year(third)
    is_short = len(third) == 2
    reading = Reading(
        day_first=_days(year, second, first),
        month_first=_days(year, first, second),
        year_first=_days(_year(f"{first:02}"), second, int(third)) if is_short else MISSING_DAY,
        group=separator + ("yy" if is_short else ""),
    )
    if max(reading[:3]) == MISSING_DAY:
        is_placeholder = year in (0, 1900) and 0 in (first, second)
        return reading._replace(problem="no such day", is_placeholder=is_placeholder)
    return reading


def _serial(number: int) -> Reading:
    if number <= 2:
        return Reading(is_placeholder=True)
    if not 20_000 <= number <= 80_000:
        return Reading(problem="not a date")
    days = _EXCEL_EPOCH + number
    return Reading(days, days, days, layout="Excel serial number")


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= 80 else 2000)


def _days(year: int, month: int, day: int) -> int:
    try:
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:  # no such day, or year 0
        return MISSING_DAY
