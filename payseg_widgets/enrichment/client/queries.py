"""What is asked of the register for a name as a ledger has it."""

from __future__ import annotations

import re

from payseg_widgets.enrichment.name_words import FAMILY_WORDS

_TRADING_AS = re.compile(r"\b(?:T/A|T/AS|TRADING AS)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['.’][^\W_]+)*")  # "RELEASE.ART" and "O'BRIEN" are one word to the register
_FORMS = re.compile(  # written in many ways, or left out, by ledgers
    r"L\.?T\.?D(\.CO)?|LIMI?TED|P\.?L\.?C|L\.?L\.?P|LP|C\.?I\.?C|CIO|CBC|PAC|CCC|CYF|CYFYNGEDIG|INC|LLC|UNLTD|UNLIMITED"
    r"|CO|COMPANY|THE|AND|UK"
)


def words_of(name: str) -> list[str]:
    """Words by which a name is told from others, in upper case; all its words if none is left.

    The advanced search finds a company only if its current name has every word asked for, so that legal forms,
    which ledgers write as they like, and what follows "T/A" are left out.

    Examples
    --------
    >>> words_of("The Acorn Bakery & Co. Ltd T/A Acorns")
    ['ACORN', 'BAKERY']
    """
    registered = next((part for part in _TRADING_AS.split(name) if part.strip()), "")
    words = [word.upper().replace("’", "'") for word in _WORD.findall(registered)]
    return [word for word in words if not _FORMS.fullmatch(word)] or words


def telling_words(words: list[str]) -> list[str]:
    """Leave out words that tell companies of one family apart, where two others are left.

    Clerks add and drop them as they like, and the advanced search forgives no word too many: asked without them it finds the
    company with its family, in one request.

    Examples
    --------
    >>> telling_words(["ACORN", "BAKERY", "NORTHERN"]), telling_words(["ACORN", "GROUP"])
    (['ACORN', 'BAKERY'], ['ACORN', 'GROUP'])
    """
    telling = [word for word in words if word not in FAMILY_WORDS]
    return telling if len(telling) >= 2 else words
