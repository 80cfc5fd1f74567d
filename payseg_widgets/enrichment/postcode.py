"""Find the British postcode in a cell or an address, mended where the slip of the pen is plain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from payseg_widgets.enrichment.cells import cell_text, read_cells
from payseg_widgets.enrichment.facts.areas import AREA_REGION

#: Areas some of whose districts end in a letter, as SW1A does.
_LETTERED = {"E", "EC", "N", "NW", "SE", "SW", "W", "WC"}
#: Areas that have a district 0, as CR0 is.
_WITH_ZERO = {"BL", "BS", "CM", "CR", "FY", "HA", "PR", "SL", "SS"}
#: Codes that stand for an organisation or a service, not for a place.
_NOWHERE = {"BX": "non-geographic", "XX": "non-geographic", "BF": "BFPO"}
_OVERSEAS = re.compile(
    r"\b(?:(ASCN|BBND|BIQQ|FIQQ|PCRN|SIQQ|STHL|TDCU|TKCA) ?(1ZZ)|(GX11) ?(1AA)|(AI)-?(2640)|(KY[1-3])-(\d{4})"
    r"|(VG)(11\d\d)|(MSR) ?(1\d{3}))\b"
)
_LETTERS = r"([ABD-HJLNP-UW-Z]{2})"
_START, _END = (
    r"(?<![A-Z0-9])",
    r"(?![A-Z0-9])(?! (?:FLOOR|FLR|STOREY|LEVEL)\b)",
)  # "E1 2nd Floor" is a unit and a storey
_UNIT = re.compile(rf"{_START}([A-Z]{{1,2}})(\d[A-Z\d]?) ?(\d){_LETTERS}{_END}")
_LOOSE = re.compile(rf"{_START}([A-Z]{{1,2}})[ .\-]*(\d ?[A-Z\d]?)[ .\-]*(\d) ?{_LETTERS}{_END}")
#: An area torn in two at the start of a line: P L9 9ZZ is of Plymouth, not of Liverpool.
_TORN = re.compile(rf"(?:^|,)([A-Z] [A-Z])(\d[A-Z\d]?) ?(\d) ?{_LETTERS}$")
#: What a hasty hand or a scanner makes of a postcode; letters stand where digits should and the other way round.
_SLIPPED = re.compile(rf"{_START}([A-Z0-9]{{2,4}})[ .\-]*([0-9OIL]){_LETTERS}{_END}")
_PART = re.compile(r"(?:^|.* )([A-Z]{1,2})(\d[A-Z\d]?)(?: (\d)[A-Z]?)?$")
#: A word before ``B1`` at an address's end that makes it a building's or a road's, not a district.
_NOT_A_TOWN = re.compile(
    r"\b(?:UNITS?|FLAT|SUITE|BLOCK|PLOT|LEVEL|ROOM|BAY|BOX|GATE|ZONE|DOCK|FLOOR|JUNCTION|J\d+|OFF|HOUSE|NO|AND)$|\d$|&$"
)
_GIRO = re.compile(r"\bG[I1]R ?[0O]AA\b")
_BFPO = re.compile(r"\bB\.?F\.?P\.?O\.? ?(\d{1,4})\b")
_TO_DIGIT = str.maketrans("OIL", "011")
_TO_LETTER = str.maketrans("01", "OI")
_BREAKS = re.compile(r"[,;\n\r|]+")


@dataclass(frozen=True)
class Postcode:
    """A postcode, or the part of one that was written.

    Attributes
    ----------
    area, district : str
        ``"SW"``, ``"SW1A"``.
    sector, unit : str
        ``"SW1A 1"``, ``"SW1A 1AA"``; empty where only a part was written.
    kind : {"geographic", "Crown Dependencies", "overseas territory", "BFPO", "non-geographic"}
    is_mended : bool
        Whether letters and digits had to be swapped or spaces moved; a missing space or lower case is no slip.
    """

    area: str
    district: str
    sector: str = ""
    unit: str = ""
    kind: str = "geographic"
    is_mended: bool = False

    def __str__(self) -> str:
        return self.unit or self.sector or self.district

    @property
    def precision(self) -> str:
        """``"unit"``, ``"sector"`` or ``"district"``: how much of it was written."""
        return "unit" if self.unit else "sector" if self.sector else "district"


def find_postcode(text: Any) -> Postcode | None:
    """Return the postcode written in a cell or at the end of an address.

    A whole postcode counts wherever it stands; the last one wins. Where there is none, one with plain slips is
    mended: letters O, I and L for digits and the other way round where only one reading is a postcode, spaces
    lost, added or moved. Where there is none either, a district or sector at the very end counts as such
    (``precision``).

    Returns
    -------
    Postcode or None
        ``None`` where there is none. Only the shape and the area are checked: the postcode need not exist.

    References
    ----------
    Royal Mail, "Programmers' guide to PAF": formats, and letters no postcode ends in (C, I, K, M, O, V).

    Examples
    --------
    >>> str(find_postcode("10 Downing Street, London sw1a2aa"))
    'SW1A 2AA'
    >>> [str(find_postcode(text)) for text in ("Croydon CRO 1JB", "EC1", "S1O 3TH", "75008 Paris")]
    ['CR0 1JB', 'EC1', 'S10 3TH', 'None']
    """
    upper = _spaced(cell_text(text))
    return (
        _special(upper)
        or _last(_TORN, upper, is_mended=True)
        or _last(_UNIT, upper)
        or _last(_LOOSE, upper, is_mended=True)
        or _slipped(upper)
        or _moved_space(upper)
        or _partial(upper)
    )


def find_postcodes(cells: pd.Series) -> pd.DataFrame:
    """Return the postcode of each cell of a column; equal cells are read once.

    Returns
    -------
    pandas.DataFrame, index as ``cells``
        ``postcode``, ``area``, ``district``, ``kind``, ``precision`` (text, missing where there is no postcode) and
        ``is_mended`` (bool).

    Examples
    --------
    >>> find_postcodes(pd.Series(["M1 1AE", "n/a"]))["district"].tolist()
    ['M1', nan]
    """
    found = read_cells(cells, find_postcode)
    columns: dict[str, Any] = {
        "postcode": [str(code) if code else None for code in found],
        **{
            name: [getattr(code, name) if code else None for code in found]
            for name in ("area", "district", "kind", "precision")
        },
    }
    table = pd.DataFrame({name: pd.Series(column, cells.index, "str") for name, column in columns.items()})
    return table.assign(is_mended=[bool(code and code.is_mended) for code in found])


def _spaced(text: str) -> str:
    """Return upper case with single spaces, breaks as commas."""
    return ",".join(" ".join(part.split()) for part in _BREAKS.split(text.upper()) if part.strip())


def _special(text: str) -> Postcode | None:
    if _GIRO.search(text):
        return Postcode("GIR", "GIR", "GIR 0", "GIR 0AA", "non-geographic")
    if match := _BFPO.search(text):
        return Postcode("BFPO", f"BFPO {match[1]}", kind="BFPO")
    if match := _OVERSEAS.search(text):
        area, inward = (part for part in match.groups() if part)
        join = {"VG": "", "AI": "-"}.get(area, "-" if area.startswith("KY") else " ")
        return Postcode(area, area, area, f"{area}{join}{inward}", "overseas territory")
    return None


def _last(pattern: re.Pattern[str], text: str, *, is_mended: bool = False) -> Postcode | None:
    """Return the last match that can be a postcode."""
    read = (_read(*match.groups(), is_mended=is_mended) for match in pattern.finditer(text))
    found = [code for code in read if code]
    return found[-1] if found else None


def _read(area: str, number: str, sector: str, letters: str, *, is_mended: bool) -> Postcode | None:
    area, number = area.replace(" ", ""), number.replace(" ", "")
    if not _is_district(area, number):
        return None
    district = area + number
    whole = f"{district} {sector}{letters}"
    return Postcode(area, district, f"{district} {sector}", whole, _kind(area), is_mended)


def _is_district(area: str, number: str) -> bool:
    """Tell whether there can be such a district.

    >>> [_is_district(*parts) for parts in (("SW", "1A"), ("CR", "0"), ("S", "0"), ("B", "1A"), ("AA", "1"))]
    [True, True, False, False, False]
    """
    if (area not in AREA_REGION and area not in _NOWHERE) or not number[0].isdigit() or len(number) > 2:
        return False
    if number.isdigit():
        return number[0] != "0" or (number == "0" and area in _WITH_ZERO)
    return area in _LETTERED and number[0] in "123456789" and number[-1] not in "ILOQZ"


def _slipped(text: str) -> Postcode | None:
    """Read letters as digits and digits as letters; the reading that changes least decides, if there is one.

    >>> str(_slipped("NIO 3JA")), str(_slipped("S023 9NA")), _slipped("BOX 1AB")
    ('N10 3JA', 'SO23 9NA', None)
    """
    found = [
        code for match in _SLIPPED.finditer(text)
        if re.search(r"\d", match[1] + match[2])  # without a digit it is a word, as WIGMORE is
        and (code := _nearest(*match.groups()))
    ]  # fmt: skip
    return found[-1] if found else None


def _nearest(outward: str, sector: str, letters: str) -> Postcode | None:
    changes: dict[Postcode, int] = {}
    for size in range(1, min(3, len(outward))):
        area, number = outward[:size].translate(_TO_LETTER), outward[size:]
        for mended in {number, number.translate(_TO_DIGIT), number[0].translate(_TO_DIGIT) + number[1:]}:
            if code := _read(area, mended, sector.translate(_TO_DIGIT), letters, is_mended=True):
                changes[code] = sum(a != b for a, b in zip(outward, area + mended, strict=True))
    fewest = [code for code, n in changes.items() if n == min(changes.values())]
    return fewest[0] if len(fewest) == 1 else None


def _kind(area: str) -> str:
    is_crown = AREA_REGION.get(area) == "Crown Dependencies"
    return _NOWHERE.get(area, "Crown Dependencies" if is_crown else "geographic")


def _moved_space(text: str) -> Postcode | None:
    """Read the last part of an address, or its last words, without the spaces in it: ``SW1 H0TL``."""
    for tail in _tails(text):
        match = _UNIT.fullmatch(tail.replace(" ", ""))
        if match and (code := _read(*match.groups(), is_mended=True)):
            return code
    return None


def _tails(text: str) -> Iterator[str]:
    words = text.rsplit(",", 1)[-1].split()
    for size in (4, 3, 2):
        if size <= len(words):
            yield " ".join(words[-size:])


def _partial(text: str) -> Postcode | None:
    """Read a district or a sector at the very end, where no word before it says otherwise."""
    end = text.rsplit(",", 1)[-1].strip(" .")
    match = _PART.match(end)
    if match is None or _NOT_A_TOWN.search(end[: match.start(1)].strip()):
        return None
    area, number, sector = match.groups()
    if not _is_district(area, number) or (_is_road(area, number) and end != text):
        return None
    district = area + number
    return Postcode(area, district, f"{district} {sector}" if sector else "", kind=_kind(area))


def _is_road(area: str, number: str) -> bool:
    """Tell whether ``B12`` or ``M25`` may be a road or a bay of an estate rather than a district."""
    return len(area) == 1 and area in "BM" and len(number) > 1
