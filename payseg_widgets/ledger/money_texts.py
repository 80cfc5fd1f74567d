"""One written amount, taken apart into sign, currency, digits and decimal mark."""

from __future__ import annotations

import re
from typing import NamedTuple

from payseg_widgets.ledger.currencies import iso_currency

_LONGEST = 100  # characters; a longer cell is no amount
_BLANKS = re.compile("[ \t\r\n\u00a0\u2007\u2009\u202f\ufeff]+")
_MINUS = re.compile("[\u2010-\u2015\u2212]")
_POWER = re.compile(r"([+-]?[0-9.,]+)E([+-]?[0-9]{1,3})")
_ABBREVIATED = re.compile(r"([A-Z])\.")  # "Rs. 1,200", "Fr.12"
_NO_CENTS = re.compile(r"([0-9][.,])--?$")  # "12.-", "12,--": not a minus
_SPLIT = re.compile(r"[0-9][^0-9]*[^0-9.,'’()+ -][^0-9]*[0-9]")  # "12 EUR 50"
_NOT_WORDS = re.compile(r"[0-9.,'’()+-]+")
_NOT_DIGITS = re.compile(r"[^0-9.,'’()+ -]+")
_SIGN_WORDS = {"CR": True, "CREDIT": True, "DR": False, "DEBIT": False}  # word -> is it negative

#: How the digits of one cell can be grouped, and the decimal mark this implies ("" none, "?" undecided).
_LAYOUTS = tuple(
    (re.compile(pattern.replace("\\d", "[0-9]")), mark)
    for pattern, mark in (
        (r"\d+", ""),
        (r"\d{1,3}(?:[ '’]\d{3})+", ""),
        (r"[1-9]\d{0,2}[.,]\d{3}", "?"),
        (r"\d+\.\d*|\.\d+|\d{1,3}(?:[ '’]\d{3})+\.\d*", "."),
        (r"\d{1,3}(?:,\d{2,3})*,\d{3}\.\d*|\d{1,3}(?:,\d{2,3})+,\d{3}", "."),
        (r"\d+,\d*|,\d+|\d{1,3}(?:[ '’]\d{3})+,\d*", ","),
        (r"\d{1,3}(?:\.\d{2,3})*\.\d{3},\d*|\d{1,3}(?:\.\d{2,3})+\.\d{3}", ","),
    )
)


class Amount(NamedTuple):
    """What one cell says.

    ``mark`` is its decimal mark, ``""`` where it has none and ``"?"`` where ``1.234`` could be either;
    ``problem`` says why it is no amount. A blank cell and a lone dash have no digits and no problem.
    """

    digits: str = ""
    power: str = ""
    mark: str = ""
    is_negative: bool = False
    currency: str = ""
    problem: str = ""

    @property
    def n_digits(self) -> int:
        """How many digits it has, zeros in front not counted."""
        return len(re.sub("[^0-9]", "", self.digits).lstrip("0"))

    def n_decimals(self, mark: str) -> int:
        """Count the digits behind the decimal mark."""
        return len(self.digits.partition(mark)[2]) if mark else 0

    def plain(self, mark: str) -> str:
        """Write it with a point and no grouping, as `decimal.Decimal` reads it."""
        whole, _, decimals = self.digits.partition(mark) if mark else (self.digits, "", "")
        sign = "-" if self.is_negative else ""
        return f"{sign}{re.sub('[^0-9]', '', whole)}.{decimals}E{self.power or 0}"


def tidy(text: str) -> str:
    """Make blanks of any kind single spaces, none at the ends."""
    return _BLANKS.sub(" ", text).strip()


def is_dash(text: str) -> bool:
    """Tell whether a cell holds nothing but dashes."""
    text = _MINUS.sub("-", tidy(text))
    return bool(text) and not text.strip("-")


def read_amount(text: str) -> Amount:
    """Take one cell apart.

    Except for a power of ten, nothing depends on which digits the cell holds, but for zeros in front.

    >>> read_amount("(£1,234.56)")
    Amount(digits='1,234.56', power='', mark='.', is_negative=True, currency='GBP', problem='')
    >>> read_amount("1.234").mark, read_amount("12 EUR 50").problem
    ('?', 'not an amount')
    """
    text = tidy(text)
    if not text or is_dash(text):
        return Amount()
    upper = _MINUS.sub("-", text.upper())
    if len(upper) > _LONGEST:
        return Amount(problem="not an amount")
    power = ""
    if found := _POWER.fullmatch(upper):
        upper, power = found.groups()
    elif _SPLIT.search(upper):
        return Amount(problem="not an amount")
    upper = _NO_CENTS.sub(r"\1", _ABBREVIATED.sub(r"\1 ", upper))
    currency, n_credit, is_known = _read_words(" ".join(_NOT_WORDS.sub(" ", upper).split()))
    digits, n_signs = _without_signs(" ".join(_NOT_DIGITS.sub(" ", upper).split()))
    mark = next((mark for layout, mark in _LAYOUTS if layout.fullmatch(digits)), None)
    if mark is None or not is_known:
        return Amount(currency=currency, problem="not an amount")
    if n_signs + n_credit > 1:
        return Amount(currency=currency, problem="an amount with two signs")
    mark = "." if power and mark == "?" else mark
    return Amount(digits, power, mark, n_signs + n_credit == 1, currency)


def _without_signs(digits: str) -> tuple[str, int]:
    """Take off brackets and a sign before or behind; count what makes the amount negative."""
    n_signs = 0
    if digits.startswith("(") and digits.endswith(")"):
        digits, n_signs = digits[1:-1].strip(), 1
    if digits[:1] in ("-", "+"):
        n_signs += digits[0] == "-"
        digits = digits[1:].removeprefix(" ")
    elif digits[-1:] in ("-", "+"):
        n_signs += digits[-1] == "-"
        digits = digits[:-1].removesuffix(" ")
    return digits, n_signs


def _read_words(words: str) -> tuple[str, int, bool]:
    """Read the words of a cell as (currency, 1 if it is a credit, all understood)."""
    currency = iso_currency(words) if words else None
    if currency or not words:
        return currency or "", 0, True
    signs = [_SIGN_WORDS[word] for word in words.split(" ") if word in _SIGN_WORDS]
    rest = [word for word in words.split(" ") if word not in _SIGN_WORDS]
    currency = iso_currency(" ".join(rest)) if rest else ""
    if currency is None and len(rest) == 2 and iso_currency(rest[0]) == iso_currency(rest[1]):
        currency = iso_currency(rest[0])  # "GBP £12.00"
    return currency or "", int(any(signs)), currency is not None and len(signs) <= 1
