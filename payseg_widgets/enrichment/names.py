"""Read a company's name as a ledger or a register writes it: what identifies it, its legal form, its trading name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from payseg_widgets.enrichment.name_words import (
    ABBREVIATIONS,
    APPENDED,
    BUSINESS_WORDS,
    FAMILY_WORDS,
    FORMS,
    LONG_FORMS,
    MISSPELT_FORMS,
    PUBLIC_BODIES,
    SILENT,
    TITLES,
)

#: Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"Ø": "O", "Ł": "L", "Đ": "D", "ß": "SS", "Æ": "AE", "Œ": "OE", "Þ": "TH", "Ð": "D", "ı": "I"}
)
_QUOTES = str.maketrans("", "", "'’‘`´\"“”")
_ASCII_QUOTES = "'`\""
_TRADING_AS = re.compile(
    r"\s*[,(\-]*\s*(?:\bT\s?[/\\.]\s?A\b\.?|\bTRADING\s+(?:AS|UNDER)\b|\bD\s?/\s?B\s?/\s?A\b|\bDBA\b|\bTRADES AS\b)\s*:?\s*"
)
_CARE_OF = re.compile(
    r"(?:[\s,(\-]+|^)(?:C\s?/\s?[O0]\b|CARE OF\b|F\.?A\.?O\b\.?|ATTN\b\.?|ATTENTION\b)[\s:]*(.*)$"
)
_APPENDED = re.compile(
    r"[\s,:(\[\-/*]+(?:"
    + "|".join(text.replace(" ", r"\s+").replace("#", r"(?:NO\.?\s*)?\d+") for text in sorted(APPENDED, key=len, reverse=True))
    + r")[\s)\]*.]*$"
)  # fmt: skip
_ACCOUNT = re.compile(
    r"^[\s*#]*(?:(?:A/?C|ACC(?:OUNT)?|CUST(?:OMER)?)\.?\s*(?:NO\.?)?\s*[:#]?\s*[A-Z]{0,3}\d+[\s\-:/.*]+"
    r"|[A-Z]{0,3}\d{3,}\s*[\-:/*]+\s*|\d{4,}\s+)(?=\S*[A-Z])"
)
_PLACE = re.compile(r"(?:\s+-\s+[^-]*|\s*\([^()]*\)|,[^,]*)\s*$")
_DOTTED = re.compile(r"(?<=\b[A-Z])\.\s?(?=[A-Z]\b)")
_AND = re.compile(r"[&+]")
_NOT_WORD = re.compile(r"[^A-Z0-9]+")
_PARTED = re.compile(r"\s+/\s+|;|\|")
_LONG_FORM_ENDS = frozenset(text.split()[-1] for text in LONG_FORMS)
_PUBLIC = re.compile("|".join(PUBLIC_BODIES))
_ESTATE = re.compile(r"^(?:(?:THE )?(?:EXECUTORS?|EXORS|TRUSTEES?) OF|(?:THE )?ESTATE OF THE LATE)\b")
_SLIP_FORMS = ("LIMITED", "CYFYNGEDIG")


@dataclass(frozen=True, repr=False)
class ParsedName:
    """A name, read.

    Attributes
    ----------
    core : str
        What identifies the company: capitals without accents, punctuation and legal form, one spelling for abbreviations.
    text : str
        All words, legal form included.
    suffix_class : str
        ``LTD``, ``PLC``, ``LLP``, ``LP``, ``CIC``, ``CIO``, ``OTHER``; empty where none is written.
    trading_as : str
        The core of the name behind "t/a"; empty where there is none.
    several : bool
        Whether more than one company is named, so that no single one may be chosen.
    other_readings : tuple of str
        Cores the name may have instead: with its leading number, without an appended place.
    kind : str
        ``public body`` or ``individual`` where the words say so; otherwise empty.
    """

    core: str
    text: str = ""
    suffix_class: str = ""
    trading_as: str = ""
    several: bool = False
    other_readings: tuple[str, ...] = ()
    kind: str = ""

    @cached_property
    def readings(self) -> tuple[str, ...]:
        """Every core to be searched, the likeliest first, without repeats."""
        cores = (self.core, *self.other_readings, self.trading_as)
        return tuple(dict.fromkeys(core for core in cores if core))

    def __repr__(self) -> str:
        return "ParsedName()"  # a customer's name belongs in no log


class RegisteredName(NamedTuple):
    """A name of a register, read: ``core``, ``text`` and ``suffix_class`` as of `ParsedName`."""

    core: str
    text: str
    suffix_class: str


@lru_cache(maxsize=50_000)
def parse_registered_name(name: str) -> RegisteredName:
    """Read a name as a register has it: nothing in it is a clerk's addition.

    Examples
    --------
    >>> parse_registered_name("C.S. Engineering (South East) Limited").core
    'CS ENGINEERING SOUTH EAST'
    """
    words = _words(_clean(name))
    core, form = _cut_form(words)
    return RegisteredName(_core(core) or _core(words), " ".join(words), form)


def parse_name(name: str) -> ParsedName:
    """Read a name as a ledger has it.

    Parameters
    ----------
    name : str

    Returns
    -------
    ParsedName
        With an empty ``core`` where the text holds no letter or digit.

    Examples
    --------
    >>> parsed = parse_name("1044 Müller Bros. & Co Ltd. t/a The Pie Shop - Head Office")
    >>> parsed.core, parsed.suffix_class, parsed.trading_as
    ('MULLER BROTHERS CO', 'LTD', 'PIE SHOP')
    >>> parse_name("Acorn Print Ltd / Beech Labels Ltd").several
    True
    """
    text = _clean(name)
    text = _CARE_OF.sub("", text) or text
    text = _without_appended(text)
    legal, trading = _split_trading(text)
    bare = _without_account(legal)
    words = _words(bare)
    n_forms, first_end = _count_forms(words)
    several = n_forms > 1 or words[first_end : first_end + 1] == ["AND"] or _names_two(bare)
    cut = words[:first_end] if n_forms and not several else words
    inner, form = _cut_form(cut)
    core = _core(inner) or _core(words)
    trade = _core(_cut_form(_words(trading))[0])
    others = _other_readings(legal, bare, words) if not several else ()
    return ParsedName(
        core, " ".join(cut), form, trade, several,
        tuple(other for other in dict.fromkeys(others) if other and other != core), _kind(words, form),
    )  # fmt: skip


def _clean(name: str) -> str:
    """Capitals, no accents, no quotes, single spaces."""
    if name.isascii() and not any(map(name.__contains__, _ASCII_QUOTES)):
        return " ".join(name.upper().split())
    folded = name
    if not name.isascii():
        folded = unicodedata.normalize("NFKD", name.upper().translate(_LETTERS))
        folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(folded.upper().translate(_QUOTES).split())


def _words(text: str) -> list[str]:
    """Split into words: ``&`` is AND, initials are joined."""
    if "&" in text or "+" in text:
        text = _AND.sub(" AND ", text)
    if "." in text:
        text = _DOTTED.sub("", text)
    words = text.split()
    if not all(map(str.isalnum, words)) or not text.isascii():
        words = _NOT_WORD.sub(" ", text).split()
    return _shortened(_joined(words))


def _shortened(words: list[str]) -> list[str]:
    """Write a legal form of several words as its letters."""
    if _LONG_FORM_ENDS.isdisjoint(words):
        return words
    text = f" {' '.join(words)} "
    for long, short in LONG_FORMS.items():
        text = text.replace(f" {long} ", f" {short} ")
    return text.split()


def _joined(words: list[str]) -> list[str]:
    """Make one word of initials that stand apart."""
    if not words or min(map(len, words)) > 1:
        return words
    joined: list[str] = []
    run = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and run:
            joined[-1] += word
        else:
            joined.append(word)
        run = single
    return joined


def _form_of(word: str) -> str:
    form = FORMS.get(word) or MISSPELT_FORMS.get(word)
    if form is None and 6 <= len(word) <= 11 and word[0] in "LC":
        slips = (OSA.distance(word, known, score_cutoff=1) for known in _SLIP_FORMS)
        form = "LTD" if min(slips) <= 1 and word != "UNLIMITED" else None
    return form or ""


def _cut_form(words: list[str]) -> tuple[list[str], str]:
    """Split off the legal form at the end, however often it is said; the last says which."""
    rest, form = list(words), ""
    if len(rest) > 2 and rest[-1] == "THE":
        rest.pop()  # "Wool Company Limited (The)"
    while rest:
        found = _form_of(rest[-1]) if len(rest) > 1 else ""
        if not found:
            break
        form, rest = form or found, rest[:-1]
    return rest, form


def _count_forms(words: list[str]) -> tuple[int, int]:
    """Count the legal forms with a name before each; and where the first ends."""
    n, end, named = 0, 0, False
    for place, word in enumerate(words):
        known = FORMS.get(word) in ("LTD", "PLC", "LLP", "CIC") or MISSPELT_FORMS.get(word) == "LTD"
        if known and named:
            n, named = n + 1, False
            end = end or place + 1
        elif n == 1 and place == end and known:
            end = place + 1
        elif word not in SILENT and not known and word not in ("CO", "COMPANY"):
            named = True
    return n, end if n else len(words)


def _core(words: list[str]) -> str:
    spoken = [ABBREVIATIONS.get(word, word) for word in words if word not in SILENT]
    return " ".join(_joined(spoken) or words)


def _without_appended(text: str) -> str:
    while (shorter := _APPENDED.sub("", text)) != text and shorter.strip():
        text = shorter
    return text


def _without_account(text: str) -> str:
    """Cut a leading account number off, unless nothing but a legal form is left: "1610 Limited" is a name."""
    shorter = _without_appended(_ACCOUNT.sub("", text))
    words = _words(shorter)
    return shorter if words and not (len(words) == 1 and _form_of(words[0])) else text


def _split_trading(text: str) -> tuple[str, str]:
    parts = _TRADING_AS.split(text, maxsplit=1)
    if len(parts) == 1:
        return text, ""
    legal, trading = parts
    return (legal, _without_appended(trading)) if legal.strip() else (trading, "")


def _names_two(text: str) -> bool:
    """Tell whether a slash with spaces, a semicolon or a bar parts two names of two words or more."""
    parts = [_words(part) for part in _PARTED.split(text)]
    return len(parts) > 1 and sum(len(part) > 1 for part in parts) > 1


def _other_readings(legal: str, bare: str, words: list[str]) -> list[str]:
    """Cores with the leading number, with what follows the legal form, and without an appended place."""
    readings = [_core(_cut_form(words)[0])]
    if bare != legal:
        readings.append(_core(_cut_form(_words(legal))[0]))
    shorter = _PLACE.sub("", bare)
    if shorter != bare and shorter.strip() and not FAMILY_WORDS.issuperset(_words(bare[len(shorter) :])):
        readings.append(_core(_cut_form(_words(shorter))[0]))
    return readings


def _kind(words: list[str], form: str) -> str:
    text = " ".join(words)
    if not form and _PUBLIC.search(text):
        return "public body"
    if form:
        return ""
    titled = len(words) > 1 and words[0] in TITLES and len(words) <= 6 and not BUSINESS_WORDS & set(words)
    return "individual" if titled or _ESTATE.search(text) else ""
