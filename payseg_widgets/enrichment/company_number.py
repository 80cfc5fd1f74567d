"""Company and VAT numbers as clerks write them, in the form in which registers know them."""

from __future__ import annotations

import re
from typing import Any

from payseg_widgets.enrichment.cells import cell_text

#: Eight characters: digits; two letters and digits; Northern Ireland's old "R" numbers; societies' and other bodies'.
_SHAPES = re.compile(
    r"\d{8}|[A-Z]{2}\d{6}|R\d{7}|\d{7}R"
    r"|[A-Z]{2}\d{5}[A-Z]|[A-Z]{2}\d{4}[A-Z]{2}|MUT\d{5}|MUT\d{4}[A-Z]"
)
#: What was written without its zeros: prefix, digits, suffix.
_SHORT = re.compile(r"([A-Z]{0,2})(\d+)([A-Z]{0,2})")
_SUFFIXED = ("IP", "SP", "NP")  # societies: IP12345R, SP1234RS
_LABEL = re.compile(
    r"^(?:(?:UK|COMPANY|COMP|CO|REG|REGD|REGISTERED|REGISTRATION|CRN|NUMBER|NUM|NO|IN|ENGLAND|AND|WALES|SCOTLAND)[\s:.#&-]+)+"
    r"|^CRN(?=\d)"
)
_FLOAT = re.compile(r"\.0+$")
_JOINTS = re.compile(r"[\s.\-_/'`]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
#: A number of fewer digits is more often a placeholder than a company of the 19th century written without its zeros.
_FEWEST_DIGITS = 4
_VAT = re.compile(r"(?:GB|XI|VAT|REG|NO|NUMBER|[:#])*(\d{9})(?:\d{3})?")
_VAT_BODY = re.compile(r"(?:GB|XI|VAT|REG|NO|NUMBER|[:#])*(GD[0-4]\d\d|HA[5-9]\d\d)")
_VAT_WEIGHTS = (8, 7, 6, 5, 4, 3, 2)


def clean_company_number(text: Any) -> str | None:
    """Return the company number written in a cell, as the register has it.

    Digits are padded with zeros to eight characters, letters are upper case, spaces, dots and the ``.0`` of a
    spreadsheet's decimal are dropped. The prefix may be any two letters, since the register adds new ones: only
    the shape is checked, not that there is such a company.

    Parameters
    ----------
    text : object
        A cell: text, a whole number, a float, or missing.

    Returns
    -------
    str or None
        Eight characters. ``None`` where there is no number: blank, ``N/A``, zeros or nines only, fewer than four
        digits that are not padded, any other shape.

    References
    ----------
    Companies House, "Uniform Resource Identifiers (URI) customer guide": prefixes of company numbers.

    Examples
    --------
    >>> [clean_company_number(cell) for cell in ("977250", 977250.0, "sc 12345", "IP1234R", "0", "N/A")]
    ['00977250', '00977250', 'SC012345', 'IP01234R', None, None]
    """
    number = _padded(_squashed(text))
    if (
        number is None or _SHAPES.fullmatch(number) is None or number.startswith("GB")
    ):  # GB: part of a VAT number
        return None
    digits = re.sub(r"\D", "", number)
    return None if set(digits) in ({"0"}, {"9"}) and len(digits) > 4 else number


def clean_vat_number(text: Any) -> str | None:
    """Return the British VAT number written in a cell, if its check digits are right.

    Parameters
    ----------
    text : object
        A cell: text, a whole number, a float, or missing.

    Returns
    -------
    str or None
        ``GB`` and nine digits (a branch's three further digits are dropped), or ``GB`` and the five characters of a
        government department (``GD``) or health authority (``HA``). ``None`` for anything else: another country's
        number, a wrong check digit, no number.

    References
    ----------
    HM Revenue & Customs: the weighted sum of the first seven digits and the last two are a multiple of 97, or 55
    more than one.

    Examples
    --------
    >>> clean_vat_number("gb 980 7806 84"), clean_vat_number(980780684), clean_vat_number("GB 980 7806 85")
    ('GB980780684', 'GB980780684', None)
    """
    written = re.sub(r"[\s.\-_/()]+", "", _text_of(text))
    if body := _VAT_BODY.fullmatch(written):
        return f"GB{body[1]}"
    match = _VAT.fullmatch(written)
    if match is None or not int(match[1][:7]):
        return None
    total = sum(weight * int(digit) for weight, digit in zip(_VAT_WEIGHTS, match[1], strict=False))
    return f"GB{match[1]}" if (total + int(match[1][7:])) % 97 in (0, 42) else None  # 42: 55 more makes 97


def _text_of(value: Any) -> str:
    """Return a cell as upper-case text; what is not ASCII is a blank."""
    text = "".join(letter if letter.isascii() else " " for letter in cell_text(value).upper())
    return _FLOAT.sub("", text.strip())


def _squashed(value: Any) -> str:
    text = _LABEL.sub("", _text_of(value))
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if re.fullmatch(r"\d+\.\d+", text):  # a decimal that is no whole number
        return ""
    return _JOINTS.sub("", text)


def _padded(written: str) -> str | None:
    """Return eight characters, zeros put between prefix and digits, or surplus ones taken away."""
    match = _SHORT.fullmatch(written)
    if match is None or len(written) == 8:
        return written if len(written) == 8 else None
    prefix, digits, suffix = match.groups()
    bare = digits.lstrip("0")
    room = 8 - len(prefix) - len(suffix)
    if len(bare) > room or (prefix == "" and len(digits) < _FEWEST_DIGITS) or len(prefix) == 1:
        return None
    if suffix and prefix not in _SUFFIXED:
        return None
    return f"{prefix}{bare.zfill(room)}{suffix}"
