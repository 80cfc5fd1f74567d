"""Numbers that a reader can keep in mind, written exactly as they are used."""

from __future__ import annotations

import math

#: Unit of a measure -> how a value is written; ``{}`` is the number.
WORDS = {
    "days": "{} days",
    "count": "{}",
    "per_year": "{} a year",
    "days_per_year": "{} days a year",
    "index": "{}",
}
#: A double holds no more decimal digits than these.
_DIGITS = 17


def roundest(low: float, high: float) -> float:
    """Return the number of fewest digits from low to high, both included; near the middle where several are.

    Multiples of a half of a power of ten come before other numbers of as many digits.

    >>> roundest(11.2, 13.9), roundest(0.382, 0.417), roundest(1830, 2600), roundest(-3, 20)
    (13.0, 0.4, 2000.0, 0.0)
    """
    if low <= 0 <= high:
        return 0.0
    first = math.floor(math.log10(max(abs(low), abs(high))))
    for exponent in range(first + 1, first - _DIGITS, -1):
        for digit in (10, 5):
            step = digit * 10.0 ** (exponent - 1)
            if step == 0:  # below the smallest double: no fewer digits will do
                return low
            times = round((low / 2 + high / 2) / step)
            value = float(f"{times * digit}e{exponent - 1}")  # read from decimals: 0.3, not 3 * 0.1
            if low <= value <= high:
                return value
    return low


def written(value: float, unit: str, currency: str = "", *, digits: int = 12) -> str:
    """Write a value with its unit, all digits of it unless told otherwise.

    >>> written(0.125, "ratio"), written(12.0, "days"), written(25000, "money", "GBP"), written(1.0, "days")
    ('12.5 %', '12 days', 'GBP 25,000', '1 day')
    >>> written(12.3456, "days", digits=3), written(float("nan"), "days")
    ('12.3 days', 'not known')
    """
    if math.isnan(value):
        return "not known"
    if unit == "ratio":
        return f"{_plain(100 * value, digits)} %"
    if unit == "money":
        return f"{'' if currency == 'XXX' else currency} {_plain(value, digits)}".strip()
    words = WORDS.get(unit, "{}")
    return (words.replace("days", "day") if abs(value) == 1 else words).format(_plain(value, digits))


def _plain(value: float, digits: int) -> str:
    if value and abs(value) >= 10**digits:
        digits = len(f"{abs(value):.0f}")  # whole numbers are never cut short
    text = f"{value + 0.0:,.{digits}g}"  # adding 0 turns -0 into 0
    return text if "e" not in text else f"{value:,.{_DIGITS}f}".rstrip("0").rstrip(".")
