"""Read a region, county, town or country in free text as one of the classes of region."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from payseg_widgets.enrichment.cells import cell_text
from payseg_widgets.enrichment.facts.countries import COUNTRY_CODES, COUNTRY_NAMES
from payseg_widgets.enrichment.facts.places import CUT, PLACES, REGION_ALIASES, UK_ALONE
from payseg_widgets.enrichment.regions import CROWN, FOREIGN, REGIONS, UNKNOWN

_BREAKS = re.compile(r"[,;|/\n\r]+|\s{2,}|\s+-\s+|[()]")
_BLANK = {
    "",
    "n a",
    "na",
    "nan",
    "none",
    "null",
    "unknown",
    "not known",
    "tbc",
    "other",
    "test",
    "x",
    "xx",
    "nil",
}
_FEWEST_LETTERS = 6


@dataclass(frozen=True)
class RegionText:
    """How a text about a customer's place was read.

    Attributes
    ----------
    region : str
        One of ``payseg_widgets.enrichment.regions.REGION_CLASSES``.
    how : str
        ``"region"`` (its name), ``"place"`` (a county, council or town), ``"part"`` (a place within the text),
        ``"spelling"`` (a name with a slip), ``"country"``, ``"not said"`` (a country that holds several regions),
        ``"unread"`` or ``"blank"``.
    is_uk : bool or None
        ``None`` where the text does not say.
    text : str
        As written.
    name : str
        The name it was read as.
    is_cut : bool
        Whether the place's borders are not those of regions, or the name is also another place's.
    """

    region: str
    how: str
    is_uk: bool | None
    text: str
    name: str = ""
    is_cut: bool = False


def read_region(text: Any, *, is_country: bool = False) -> RegionText:
    """Return the class of region that a free text names.

    Parameters
    ----------
    text : object
        A cell: a region, county, town or country, several of them, an abbreviation, or missing.
    is_country : bool
        Whether the column holds countries: two letters are then an ISO code (``NE`` is Niger, not the North East).

    Returns
    -------
    RegionText
        ``region="unknown"`` where the text is blank, cannot be read for sure (kept in ``text``), or names only the
        United Kingdom or England, which hold several.

    Examples
    --------
    >>> [read_region(text).region for text in ("Yorks & Humber", "Herts", "Accrington, Lancs", "Hertforshire")]
    ['Yorkshire and The Humber', 'East of England', 'North West', 'East of England']
    >>> read_region("England")
    RegionText(region='unknown', how='not said', is_uk=True, text='England', name='england', is_cut=False)
    """
    written = cell_text(text)
    key = _key(written)
    if key in _BLANK and not (is_country and key == "na"):
        return RegionText(UNKNOWN, "blank", None, written)
    if is_country and key == "ni":  # Nicaragua, or Northern Ireland by somebody who does not know ISO codes
        return RegionText(UNKNOWN, "unread", None, written)
    if is_country and key in COUNTRY_CODES:
        return RegionText(FOREIGN, "country", False, written, COUNTRY_CODES[key])
    pieces = _pieces(written)
    return (
        _named(key, written) or _in_parts(pieces, written) or _spelt(key, written)
        or _in_parts(_endings(pieces), written) or RegionText(UNKNOWN, "unread", None, written)
    )  # fmt: skip


def _key(text: str) -> str:
    """Return lower case ASCII words.

    >>> _key(" Tyne & Wear."), _key("Yorkshire and the Humber"), _key("CO. DOWN")
    ('tyne and wear', 'yorkshire and the humber', 'co down')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"['`]", "", plain.casefold().replace("&", " and "))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def _names() -> dict[str, tuple[str, str]]:
    """Return each known key with its class and the way it counts as read."""
    names = {_key(name): (FOREIGN, "country") for name in COUNTRY_NAMES}
    for region, listed in PLACES.items():
        names |= {_key(name): (region, "place") for name in listed.split("|")}
    for region, listed in REGION_ALIASES.items():
        names |= {_key(name): (region, "region") for name in (region, *listed.split("|"))}
        names |= {
            _key(name.replace(" ", " and ", 1)): (region, "region")
            for name in listed.split("|")
            if " humber" in name
        }
    return names | {_key(name): (UNKNOWN, "not said") for name in UK_ALONE}


_NAMES = _names()
_LONG = [name for name in _NAMES if len(name) >= _FEWEST_LETTERS]


def _named(key: str, written: str) -> RegionText | None:
    known = _NAMES.get(key) or _NAMES.get(key.removeprefix("the ")) or _NAMES.get(key.removesuffix(" county"))
    if known is None:
        return None
    region, how = known
    return RegionText(region, how, region != FOREIGN and region != CROWN, written, key, key in CUT)


def _in_parts(pieces: list[str], written: str) -> RegionText | None:
    """Return the first piece that names a region or a country abroad; else the first that says UK."""
    fallback = None
    for piece in pieces:
        found = _named(piece, written)
        if found and found.region in (*REGIONS, CROWN):
            return replace(found, how="part")
        if found and found.region == FOREIGN:
            return found  # London in Ontario, Canada
        fallback = fallback or found
    return fallback


def _pieces(written: str) -> list[str]:
    """Return the parts of a list, the last first: it is the widest in an address."""
    return [key for piece in reversed(_BREAKS.split(written)) if (key := _key(piece))]


def _endings(pieces: list[str]) -> list[str]:
    """Return the last words of each piece, the longest run first; three letters at an end are seldom a place.

    >>> _endings(["preston lancashire", "isle of man"])
    ['lancashire', 'of man']
    """
    words = [piece.split() for piece in pieces]
    runs = [w[-size:] for w in words for size in range(min(len(w) - 1, 5), 0, -1)]
    return [" ".join(run) for run in runs if len(run) > 1 or len(run[0]) > 3]


def _spelt(key: str, written: str) -> RegionText | None:
    """Read a name with one slip, or two in a long one, if no name of another class is as close, or nearly."""
    if len(key) < _FEWEST_LETTERS:
        return None
    allowed = 2 if len(key) >= 10 else 1
    close = process.extract(key, _LONG, scorer=OSA.distance, score_cutoff=allowed + 1, limit=None)
    best = min(close, key=lambda item: item[1], default=None)
    if best is None or best[1] > allowed:
        return None
    region, _ = _NAMES[best[0]]
    if any(_NAMES[name][0] != region and distance <= best[1] + (best[1] > 1) for name, distance, _ in close):
        return None
    is_uk = region != FOREIGN and region != CROWN
    return RegionText(region, "spelling", is_uk, written, best[0], best[0] in CUT)
