"""Read a sector written in words as a section of the Standard Industrial Classification."""

from __future__ import annotations

import re

from rapidfuzz import process
from rapidfuzz.distance import Indel

from payseg_widgets.enrichment.facts.sic_codes import DIVISIONS, SECTIONS

_FEWEST_LETTERS, _CLOSE, _MARGIN = 7, 0.9, 0.06
_LETTER = re.compile(r"([A-U])(?: ?[-–:.] .*)?", re.DOTALL)
_DROPPED = re.compile(r"\b(?:and|the|of|activities|activity|services?|sector|industry|industries)\b|[^a-z ]")

#: How people call sections, beside their titles and those of their divisions.
_ALSO = {
    "A": "agriculture|farming|forestry|fishing|horticulture|agri food",
    "B": "mining|quarrying|oil gas|oil and gas|extraction",
    "C": (
        "manufacturer|manufacture|production|food manufacturing|food drink|automotive|aerospace|chemical|steel"
        "|textile"
    ),
    "D": "energy|electricity|gas|utilities energy|power|energy supply|renewable energy|renewables",
    "E": (
        "water|waste|recycling|waste management|environmental services"
        "|water supply sewerage waste management remediation"
    ),
    "F": "building|builders|construction trades|civil engineering|house building|housebuilding|trades",
    "G": (
        "wholesale|retail|wholesale retail|retail wholesale|trade|distribution wholesale|retailer|wholesaler"
        "|e commerce|wholesale retail trade repair motor vehicles motorcycles|motor trade|supermarkets"
    ),
    "H": (
        "transport|logistics|transportation|haulage|transport logistics|transport storage|freight|shipping"
        "|warehousing"
    ),
    "I": (
        "hospitality|hotels|catering|restaurants|hotels restaurants|hotels catering|accommodation|food service"
        "|pubs|leisure hospitality"
    ),
    "J": (
        "it|ict|technology|software|media|telecoms|telecommunication|information technology|tech|computing"
        "|publishing"
    ),
    "K": "finance|banking|insurance|financial|bank|financial insurance|fintech|financial services|banking finance",
    "L": "property|real estate|property management|estate agents|housing",
    "M": (
        "professional|consulting|consultancy|legal|accounting|accountancy|engineering consultancy|law|advertising"
        "|marketing|architects|research|scientific|professional services|veterinary"
        "|business services professional"
    ),
    "N": (
        "recruitment|security|cleaning|facilities management|administrative|business support|employment agency"
        "|travel agency|support services"
    ),
    "O": (
        "public sector|government|local government|public administration|defence|council|local authority"
        "|central government"
    ),
    "P": "schools|school|university|universities|education training|training|higher education|college",
    "Q": (
        "health|healthcare|care|social care|health social care|health social work|human health social work|nhs|medical|care homes"
        "|human health"
    ),
    "R": "arts|entertainment|leisure|sport|sports|recreation|culture|arts entertainment|gambling",
    "S": "other|charity|charities|membership|personal|other services|hairdressing|repair",
    "T": (
        "households|households as employers|domestic staff"
        "|activities households employers undifferentiated goods producing own use"
    ),
    "U": "extraterritorial|embassies|international organisations|extraterritorial organisations bodies",
}  # fmt: skip


def _key(text: str) -> str:
    return " ".join(_DROPPED.sub(" ", text.casefold().replace("&", " and ")).split())


_KEYS = {
    **{_key(title): section for section, title in DIVISIONS.values() if _key(title)},
    **{_key(name): section for section, names in _ALSO.items() for name in names.split("|")},
    **{_key(title): section for section, title in SECTIONS.items()},
}
del _KEYS[_key("other")]  # a sector called "other" is none
_TITLES = {title.casefold(): section for section, title in SECTIONS.items()}


def section_named(text: str) -> str:
    """Return the section a sector in words belongs to; empty where that cannot be said.

    The letter alone, titles of sections and divisions, common names, and these with a slip of the pen.

    >>> section_named("Construction"), section_named("Hotels & Catering"), section_named("Manufacturng"), section_named("Other")
    ('F', 'I', 'C', '')
    """
    if match := _LETTER.fullmatch(text.strip()):
        return match[1]
    key = _key(text)
    if text.strip().casefold() in _TITLES:
        return _TITLES[text.strip().casefold()]
    if key in _KEYS or len(key) < _FEWEST_LETTERS:
        return _KEYS.get(key, "")
    close = process.extract(key, list(_KEYS), scorer=Indel.normalized_similarity, limit=3)
    best = close[0]
    rival = max((score for name, score, _ in close if _KEYS[name] != _KEYS[best[0]]), default=0.0)
    return _KEYS[best[0]] if best[1] >= _CLOSE and best[1] - rival >= _MARGIN else ""
