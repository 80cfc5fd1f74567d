"""Decide which day counts as the due date, and whether a settlement was late."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import Any

import holidays
import numpy as np

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.schema import LateRule

RULES = ("due_date", "next_business_day")


def parse_late_rule(late_rule: str | LateRule, grace_days: int = 0, country: str = "GB") -> LateRule:
    """Return the rule, once its parts are known to make sense.

    Parameters
    ----------
    late_rule : {"due_date", "next_business_day"} or LateRule
        A `LateRule` is checked and returned as it is.
    grace_days : int
    country : str
        ISO 3166 code with an optional subdivision. ``"GB"`` knows only the holidays of all four nations: no
        Easter Monday, no August bank holiday; ``"GB-ENG"``, ``"GB-SCT"``, ``"GB-WLS"``, ``"GB-NIR"`` know
        their own.

    Raises
    ------
    LedgerError
        If the rule, the days or the country is unknown; the message quotes it and says what there is.

    Examples
    --------
    >>> print(parse_late_rule("next_business_day", 3, "GB-ENG"))
    late = paid after the next business day (GB-ENG) on or after the due date plus 3 days of grace
    """
    rule = late_rule if isinstance(late_rule, LateRule) else LateRule(late_rule, grace_days, country)
    if rule.due not in RULES:
        raise LedgerError(f"late_rule={rule.due!r} is not a rule. There are: {', '.join(map(repr, RULES))}.")
    if (
        isinstance(rule.grace_days, bool)
        or not isinstance(rule.grace_days, int | np.integer)
        or rule.grace_days < 0
    ):
        raise LedgerError(
            f"grace_days={rule.grace_days!r} is not a number of days: give 0 or a positive whole number."
        )
    _check_country(rule.country)
    return LateRule(rule.due, int(rule.grace_days), rule.country)


def effective_due(due_on: Any, rule: LateRule) -> np.ndarray:
    """Return the day that counts as due.

    Parameters
    ----------
    due_on : array-like of datetime64
        Agreed due dates; NaT where there is none.
    rule : LateRule

    Returns
    -------
    numpy.ndarray of datetime64[D]
        The due date, or the first business day on or after it; NaT stays NaT. Grace days are not in it.
    """
    due = np.asarray(due_on, dtype="datetime64[D]")
    known = ~np.isnat(due)
    if rule.due == "due_date" or not known.any():
        return due
    first, last = due[known].min(), due[known].max()
    week, closed = _calendar(rule.country, *(int(str(day)[:4]) for day in (first, last)))
    # millions of due dates lie on a few thousand days: work each day out once
    days = np.arange(first, last + 1)
    counted = np.busday_offset(days, 0, roll="forward", weekmask=week, holidays=closed)
    moved = due.copy()
    moved[known] = counted[(due[known] - first).astype("int64")]
    return moved


def is_late(settled_on: Any, due_on: Any, rule: LateRule) -> np.ndarray:
    """Tell which settlements came after the day that counts plus the grace days.

    Parameters
    ----------
    settled_on, due_on : array-like of datetime64
    rule : LateRule

    Returns
    -------
    numpy.ndarray of bool
        False where either is NaT. To judge an open invoice, give ``as_of`` as the day it was settled on: it
        is late already, or not yet.

    Examples
    --------
    Due on a Saturday, paid on Monday:

    >>> is_late(["2024-06-03"], ["2024-06-01"], LateRule("due_date"))
    array([ True])
    >>> is_late(["2024-06-03"], ["2024-06-01"], LateRule("next_business_day"))
    array([False])
    """
    settled = np.asarray(settled_on, dtype="datetime64[D]")
    return settled > effective_due(due_on, rule) + np.timedelta64(rule.grace_days, "D")


def _check_country(country: str) -> None:
    code, _, part = str(country).partition("-")
    # financial-market codes such as XLON are listed apart, so these are countries only
    countries = holidays.list_supported_countries(include_aliases=True)
    if code not in countries:
        close = difflib.get_close_matches(code.upper(), countries, n=3, cutoff=0.3)
        hint = (
            f"Did you mean {' or '.join(map(repr, close))}?"
            if close
            else "Give an ISO 3166 code such as 'GB' or 'DE'."
        )
        raise LedgerError(f"no holidays are known for country {country!r}. {hint}")
    if part and part not in countries[code]:
        parts = ", ".join(f"{code}-{p}" for p in countries[code])
        raise LedgerError(
            f"country {code!r} has no part {part!r}. "
            + (f"There are: {parts}." if parts else f"Give {code!r} alone.")
        )


@lru_cache(maxsize=32)
def _calendar(country: str, first: int, last: int) -> tuple[str, np.ndarray]:
    """Return the week mask and the holidays, with a year more for due dates at the turn of the last."""
    _check_country(country)
    code, _, part = country.partition("-")
    days = holidays.country_holidays(code, subdiv=part or None, years=range(first, last + 2))
    week = "".join("0" if day in days.weekend else "1" for day in range(7))
    return week, np.array(sorted(days), dtype="datetime64[D]")
