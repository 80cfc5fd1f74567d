"""Money of a ledger's currency, in words."""

from __future__ import annotations

import math

from payseg_widgets.ledger.currency import NONE_NAMED
from payseg_widgets.ledger.schema import minor_digits

#: Units from which on pence are not worth telling.
_WHOLE_FROM = 100


def currency_label(currency: str) -> str:
    """Return a currency's code, or nothing where the export names none.

    >>> currency_label("GBP"), currency_label("XXX")
    ('GBP', '')
    """
    return "" if currency == NONE_NAMED else currency


def percent(share: float) -> str:
    """Write a share in whole per cent, 100 % only where it is all; "–" where it is missing.

    >>> percent(0.123), percent(0.999), percent(1.0), percent(math.nan)
    ('12%', 'over 99%', '100%', '–')
    """
    if math.isnan(share):
        return "–"
    return "over 99%" if 0.995 <= share < 1 else f"{share:.0%}"


def amount(minor: float, currency: str) -> str:
    """Write minor units of a ledger's currency, in whole units from a hundred on; a currency that is not named is left out.

    Less than a hundred is written to the minor unit, which there is no part of; "–" where it is missing.

    >>> amount(123456789, "GBP"), amount(1500, "JPY"), amount(50_000, "XXX")
    ('GBP 1,234,568', 'JPY 1,500', '500')
    >>> amount(1230.4, "GBP"), amount(1200, "GBP"), amount(14.9, "JPY"), amount(1e-5, "GBP"), amount(math.nan, "GBP")
    ('GBP 12.30', 'GBP 12', 'JPY 15', 'GBP 0', '–')
    """
    if not math.isfinite(minor):
        return "–"
    digits = minor_digits(currency)
    units, rest = divmod(abs(round(minor)), 10**digits)
    shown = 0 if units >= _WHOLE_FROM or not rest else digits
    return f"{currency_label(currency)} {round(minor) / 10**digits:,.{shown}f}".strip()
