"""Read a cell of industry codes, or a sector in words, as a section of the Standard Industrial Classification."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from payseg_widgets.enrichment.cells import cell_text
from payseg_widgets.enrichment.facts.sic_codes import (
    DIVISIONS,
    OLD_GROUPS,
    OLD_SECTIONS,
    SECTIONS,
    SPECIAL,
    UNINFORMATIVE,
    ZERO_LOST,
)
from payseg_widgets.enrichment.sector_names import section_named

_BREAKS = re.compile(r"[\n\r;|,]+\s*(?=[\d\"'])|[\n\r;|]+|(?<!\.\d\d)/\s*(?=\d)")
#: A code, alone or before its text; three digits or fewer only where a dash or nothing follows: "24 hours" is no code.
_CODE = re.compile(
    r"(?:SIC[\s:]*(?:\(?20\d\d\)?)?[\s:]*)?(?:[A-U] ?)?"
    r"(\d{4,5}(?=\.0+$|$|[\s:,)\-–—])|\d{1,3}(?=\.0+$|$|\s*[-–—:]))"
)
_DOTTED = re.compile(r"(?:[A-U] ?)?(\d\d)\.(\d{1,2})(?:[/.](\d))?(?!\d)")
_NONE = {"NONE SUPPLIED", "NONE", "N/A", "NA", "NAN", "NULL", "NOT SUPPLIED", "NOT AVAILABLE", "-", ""}


@dataclass(frozen=True)
class SectorOf:
    """What a cell says of a company's sector.

    Attributes
    ----------
    section : str
        ``"A"`` to ``"U"``; empty where the cell names no activity.
    division : str
        Two digits of SIC 2007; empty for words and for codes of SIC 2003.
    codes : tuple of str
        Every code of the cell, the primary one first, five digits where it is SIC 2007.
    kind : str
        ``"section"``; by rule ``"dormant"``, ``"residents' property management"``, ``"non-trading"``,
        ``"public sector"``; ``"none supplied"``; or ``"unknown"``: there is something that cannot be read.
    scheme : str
        ``"SIC 2007"``, ``"SIC 2003"``, ``"words"`` or empty.
    is_informative : bool
        False where the section is not known, and for the codes of whatever fits nowhere else.
    text : str
        As written, where it cannot be read.
    """

    section: str = ""
    division: str = ""
    codes: tuple[str, ...] = ()
    kind: str = "unknown"
    scheme: str = ""
    is_informative: bool = False
    text: str = ""

    @property
    def title(self) -> str:
        """Title of the section, or the kind where there is none."""
        return SECTIONS.get(self.section, self.kind)

    @property
    def division_title(self) -> str:
        """Short title of the division; empty where it is not known."""
        return DIVISIONS[self.division][1] if self.division else ""


def sectors_of(text: Any) -> SectorOf:
    r"""Read a cell with one industry code, several, or a sector in words.

    The first code is the primary one and decides; all are kept. Codes may have their text beside them
    (``62020 - Information technology consultancy``), dots, or lost their leading zero. Four digits are SIC 2003
    unless they are one of the 56 codes of agriculture and mining without its zero, or lie in no group that SIC 2003
    had. A ``1`` alone is how one official file marks the public sector: the next code then decides.

    Parameters
    ----------
    text : object
        A cell: text, a number, or missing; or codes one by one, as a register's ``sic_codes``.

    Returns
    -------
    SectorOf
        ``kind="none supplied"`` where the cell is empty or says so.

    References
    ----------
    Office for National Statistics, SIC 2007 and its correlation with SIC 2003.

    Examples
    --------
    >>> sectors_of("62020 - Information technology consultancy activities").title
    'Information and communication'
    >>> sectors_of("1,\n84110").section, sectors_of(1110).section, sectors_of("99999").kind
    ('O', 'A', 'dormant')
    """
    written = "\n".join(map(cell_text, text)) if isinstance(text, tuple | list) else cell_text(text)
    if written.upper() in _NONE:
        return SectorOf(kind="none supplied")
    codes = [code for piece in _BREAKS.split(written) if (code := _code_in(piece))]
    if not codes:
        section = section_named(written)
        if not section:
            return SectorOf(text=written)
        return SectorOf(section, kind="section", scheme="words", is_informative=True)
    named = codes[1:] if codes[0] == "1" and len(codes) > 1 else codes
    sector = _sector_of(named[0], tuple(codes))
    return replace(sector, text=written) if sector.kind == "unknown" else sector


def _code_in(piece: str) -> str:
    """Return the code at the start of a piece, five digits where its zero was lost; empty where there is none."""
    piece = piece.strip(" \t\"'()[]").upper()
    if match := _DOTTED.match(piece):
        digits = "".join(part for part in match.groups() if part)
        is_float = match[2].strip("0") == "" and match[3] is None  # 62.0 is a spreadsheet's 62
        digits = match[1] if is_float else digits
    elif match := _CODE.match(piece):
        digits = match[1]
    else:
        return ""
    return f"0{digits}" if digits in ZERO_LOST else digits


def _sector_of(code: str, codes: tuple[str, ...]) -> SectorOf:
    if code in SPECIAL:
        return SectorOf(codes=codes, kind=SPECIAL[code], scheme="SIC 2007" if len(code) == 5 else "SIC 2003")
    if code == "1":
        return SectorOf(codes=codes, kind="public sector")
    old = _old_section(code) if len(code) == 4 else ""
    if old:
        return SectorOf(old, codes=codes, kind="section", scheme="SIC 2003", is_informative=True)
    division = code[:2]
    if division not in DIVISIONS:
        return SectorOf(codes=codes)
    is_informative = code not in UNINFORMATIVE
    return SectorOf(DIVISIONS[division][0], division, codes, "section", "SIC 2007", is_informative)


def _old_section(code: str) -> str:
    """Return the section of SIC 2007 that a code of SIC 2003 went to; empty where SIC 2003 had no such group.

    >>> _old_section("7222"), _old_section("7450"), _old_section("6202")
    ('J', 'N', '')
    """
    if code[:3] not in OLD_GROUPS:
        return ""
    return next(OLD_SECTIONS[code[:size]] for size in (4, 3, 2) if code[:size] in OLD_SECTIONS)
