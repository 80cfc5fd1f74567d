"""A value of a feature with its unit, in as few characters as an analyst needs."""

from __future__ import annotations

import math

from payseg_widgets.segmentation.readable import WORDS

#: Above this a number is written with an exponent.
_LONGEST = 1e15
#: From here on a number is written without decimals.
_WHOLE_FROM = 100


def quantity(value: float, unit: str, currency: str = "") -> str:
    """Write a value with its unit; "–" where it is missing.

    >>> quantity(12.34, "days"), quantity(0.125, "ratio"), quantity(1234567.8, "money", "GBP")
    ('12.3 days', '12.5%', 'GBP 1,234,568')
    """
    if math.isnan(value):
        return "–"
    if unit == "ratio":
        return f"{_number(100 * value)}%"
    if unit == "money":
        return f"{currency} {_number(value)}".strip()
    return WORDS.get(unit, "{}").format(_number(value))


def shortened(text: str, longest: int) -> str:
    """Return the text on one line, cut to a length.

    >>> shortened("Mean days late", 9)
    'Mean day…'
    """
    line = " ".join(text[: 4 * longest].split())
    return line if len(line) <= longest and len(text) <= 4 * longest else line[: longest - 1] + "…"


def _number(value: float) -> str:
    if not _WHOLE_FROM <= abs(value) < _LONGEST:
        return f"{value + 0.0:.3g}"  # adding 0 turns -0 into 0
    return f"{value:,.0f}"
