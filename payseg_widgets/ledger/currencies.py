"""Currencies by code, symbol and name."""

from __future__ import annotations

import re

#: ISO 4217 codes in use, without funds and precious metals.
CODES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
    NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
    SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UZS VED VES VND VUV WST
    XAF XCD XOF XPF XXX YER ZAR ZMW ZWL
    """.split()  # noqa: SIM905  a list of 160 quoted codes reads worse
)

_NAMES = {
    "£": "GBP", "€": "EUR", "$": "USD", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "₦": "NGN",
    "₴": "UAH", "฿": "THB", "₫": "VND", "₱": "PHP", "US$": "USD", "$US": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD",
    "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "R$": "BRL", "MX$": "MXN", "RM": "MYR", "ZŁ": "PLN", "KČ": "CZK",
    "FT": "HUF", "RS": "INR", "FR": "CHF", "SFR": "CHF", "RMB": "CNY", "STG": "GBP", "UKP": "GBP",
    "POUND": "GBP", "POUNDS": "GBP", "POUND STERLING": "GBP", "POUNDS STERLING": "GBP", "STERLING": "GBP",
    "BRITISH POUND": "GBP", "BRITISH POUNDS": "GBP", "EURO": "EUR", "EUROS": "EUR", "DOLLAR": "USD", "DOLLARS": "USD",
    "US DOLLAR": "USD", "US DOLLARS": "USD", "YEN": "JPY", "SWISS FRANC": "CHF", "SWISS FRANCS": "CHF", "RUPEE": "INR",
    "RUPEES": "INR", "YUAN": "CNY", "RENMINBI": "CNY", "RAND": "ZAR", "ZLOTY": "PLN", "FORINT": "HUF",
}  # fmt: skip


def iso_currency(text: str) -> str | None:
    """Return the ISO 4217 code that a code, symbol or name means, or ``None``.

    A bare dollar sign is read as the US dollar, a bare yen sign as the Japanese yen; ``kr`` is several currencies
    and so none.

    >>> iso_currency("£"), iso_currency("eur"), iso_currency("Pounds Sterling"), iso_currency("kr")
    ('GBP', 'EUR', 'GBP', None)
    """
    name = re.sub(r"[\s.]+", " ", text).strip().upper()
    return name if name in CODES else _NAMES.get(name)
