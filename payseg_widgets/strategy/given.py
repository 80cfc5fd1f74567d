"""What callers give: whole numbers and shares in their range, ids as text."""

from __future__ import annotations

import math
from numbers import Integral, Real

import pandas as pd

from payseg_widgets.errors import PaysegError


def whole_number(
    name: str, given: object, least: int, most: int | None = None, *, error: type[PaysegError]
) -> int:
    """Return a whole number, also one such as 2.0.

    Raises
    ------
    PaysegError
        Of the type ``error``, for anything else or what lies outside.

    Examples
    --------
    >>> from payseg_widgets.errors import ForecastError
    >>> whole_number("days", 2.0, 1, error=ForecastError)
    2
    """
    found = _finite(given)
    if found is None or found != int(found) or found < least or (most is not None and found > most):
        limits = f"of {least} or more" if most is None else f"from {least} to {most}"
        raise error(f"{name}={given!r}: give a whole number {limits}.")
    return int(found)


def share_of_one(name: str, given: object, *, error: type[PaysegError]) -> float:
    """Return a share above 0 and at most 1.

    Raises
    ------
    PaysegError
        Of the type ``error``, for anything else.
    """
    found = _finite(given)
    if found is None or not 0 < found <= 1:
        raise error(f"{name}={given!r}: give a share above 0 and at most 1, such as 0.1.")
    return found


def number_from(name: str, given: object, least: float, *, error: type[PaysegError]) -> float:
    """Return a finite number of ``least`` or more; of any size where that is minus infinity.

    Raises
    ------
    PaysegError
        Of the type ``error``, for anything else.
    """
    found = _finite(given)
    if found is None or found < least:
        limit = "" if math.isinf(least) else f" of {least:g} or more"
        raise error(f"{name}={given!r}: give a number{limit}.")
    return found


def by_text_id(values: pd.Series) -> pd.Series:
    """Return a series with its index as text, as customers' ids are held.

    >>> by_text_id(pd.Series(["a"], index=[7])).index.tolist()
    ['7']
    """
    return values.set_axis(values.index.astype(str))


def _finite(given: object) -> float | None:
    """Return a number as a float; ``None`` for a truth value, a text, or what is not finite."""
    is_number = isinstance(given, Integral | Real) and not isinstance(given, bool)
    return float(given) if is_number and math.isfinite(float(given)) else None  # type: ignore[arg-type]
