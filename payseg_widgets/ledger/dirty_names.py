"""Invent UK companies, and write their names and addresses as a busy clerk would."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_FIRST = (
    "Abbey", "Acorn", "Aldgate", "Amber", "Apex", "Ashdown", "Aspen", "Avon", "Beacon", "Beech", "Blackwater",
    "Bramble", "Bridge", "Brook", "Calder", "Castle", "Cedar", "Chiltern", "Clyde", "Cobalt", "Copper",
    "Crown", "Dale", "Derwent", "Eagle", "Eastgate", "Eden", "Elm", "Falcon", "Fern", "Forth", "Foxglove",
    "Garnet", "Granite", "Greenfield", "Harbour", "Hawthorn", "Hazel", "Heron", "Highfield", "Holly", "Ivy",
    "Jubilee", "Juniper", "Kestrel", "Keystone", "Kingsway", "Lakeside", "Larch", "Linden", "Lion", "Lomond",
    "Maple", "Marlow", "Meadow", "Medway", "Mercia", "Mill", "Northgate", "Oak", "Orchard", "Osprey", "Otter",
    "Park", "Peak", "Pennine", "Phoenix", "Pinewood", "Quarry", "Raven", "Redwood", "Ribble", "Riverside",
    "Rowan", "Saffron", "Severn", "Silver", "Spring", "Station", "Sterling", "Stour", "Summit", "Swift",
    "Tamar", "Thistle", "Tower", "Trent", "Tyne", "Union", "Vale", "Victoria", "Wensum", "Westbrook",
    "Willow", "Windmill", "Wren", "Yew",
)  # fmt: skip
_SECOND = (
    "Bakeries", "Bearings", "Brewing", "Builders", "Building Supplies", "Care Homes", "Catering", "Chemicals",
    "Civil Engineering", "Cleaning", "Components", "Consulting", "Controls", "Couriers", "Data Services",
    "Design", "Distribution", "Dry Lining", "Electrical", "Engineering", "Fabrications", "Facilities",
    "Fasteners", "Flooring", "Foods", "Freight", "Furniture", "Glass", "Groundworks", "Haulage", "Healthcare",
    "Heating & Plumbing", "Hotels", "Interiors", "Joinery", "Labels", "Landscapes", "Leisure", "Logistics",
    "Media", "Metals", "Motors", "Networks", "Office Supplies", "Packaging", "Paints", "Papers", "Pharma",
    "Plant Hire", "Plastics", "Precision", "Print", "Properties", "Recruitment", "Recycling", "Refrigeration",
    "Roofing", "Scaffolding", "Security", "Shopfitters", "Software", "Solutions", "Steel", "Surveying",
    "Systems", "Textiles", "Tools", "Training", "Transport", "Upholstery", "Valves", "Vehicle Rental",
    "Veterinary Supplies", "Waste Management", "Windows", "Wines",
)  # fmt: skip
_LAST = (
    *["Limited"] * 4, "(UK) Limited", "Group Limited", "Holdings Limited", "LLP", "plc", "& Sons Limited",
)  # fmt: skip
_STREETS = (
    "High Street", "Station Road", "Church Lane", "London Road", "Victoria Road", "Mill Lane", "Park Avenue",
    "The Industrial Estate", "Albert Street", "Queens Road", "Canal Wharf", "Bridge Street", "Enterprise Way",
    "Riverside Park", "Market Place",
)  # fmt: skip

#: A few postcode areas, with the town, that lie wholly or almost wholly in each region.
_AREAS: dict[str, tuple[tuple[str, str], ...]] = {
    "East Midlands": (("NG", "Nottingham"), ("LE", "Leicester"), ("LN", "Lincoln")),
    "East of England": (("NR", "Norwich"), ("IP", "Ipswich"), ("CO", "Colchester")),
    "London": (("EC1", "London"), ("SE", "London"), ("SW", "London"), ("N", "London")),
    "North East": (("NE", "Newcastle upon Tyne"), ("SR", "Sunderland"), ("DH", "Durham")),
    "North West": (("M", "Manchester"), ("L", "Liverpool"), ("PR", "Preston")),
    "Northern Ireland": (("BT", "Belfast"),),
    "Scotland": (("G", "Glasgow"), ("EH", "Edinburgh"), ("AB", "Aberdeen")),
    "South East": (("BN", "Brighton"), ("SO", "Southampton"), ("ME", "Rochester")),
    "South West": (("EX", "Exeter"), ("PL", "Plymouth"), ("TR", "Truro")),
    "Wales": (("CF", "Cardiff"), ("SA", "Swansea")),
    "West Midlands": (("B", "Birmingham"), ("CV", "Coventry"), ("WV", "Wolverhampton")),
    "Yorkshire and The Humber": (("LS", "Leeds"), ("BD", "Bradford"), ("HU", "Hull")),
}
_TOWNS = {area: town for places in _AREAS.values() for area, town in places}
#: The inward part of a postcode never holds C, I, K, M, O or V.
_INWARD_LETTERS = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))


def company_names(rng: np.random.Generator, n: int) -> np.ndarray:
    """Invent registered names; in a large portfolio some occur twice, as in life."""
    words = (np.array(part, dtype=object)[rng.integers(0, len(part), n)] for part in (_FIRST, _SECOND, _LAST))
    first, second, last = words
    return first + " " + second + " " + last


def company_numbers(rng: np.random.Generator, regions: np.ndarray) -> np.ndarray:
    """Invent unique company numbers; Scotland's start ``SC``, Northern Ireland's ``NI``."""
    drawn = rng.choice(9_900_000, len(regions), replace=False) + 10_001
    numbers = np.array([f"{k:08d}" for k in drawn], dtype=object)
    for prefix, region in (("SC", "Scotland"), ("NI", "Northern Ireland")):
        here = regions == region
        drawn = rng.choice(900_000, int(here.sum()), replace=False) + 10_001
        numbers[here] = [f"{prefix}{k:06d}" for k in drawn]
    return numbers


def postcodes(rng: np.random.Generator, regions: np.ndarray) -> np.ndarray:
    """Invent a postcode in each region: a real area, district 1 to 9, an inward part that need not exist."""
    n = len(regions)
    draw, district, sector = rng.random(n), rng.integers(1, 10, n), rng.integers(1, 10, n)
    letters = _INWARD_LETTERS[rng.integers(0, len(_INWARD_LETTERS), (n, 2))]
    codes = np.empty(n, dtype=object)
    for i, region in enumerate(regions):
        area = _AREAS[region][int(draw[i] * len(_AREAS[region]))][0]
        outward = area + "AMNRV"[district[i] % 5] if area[-1].isdigit() else f"{area}{district[i]}"
        codes[i] = f"{outward} {sector[i]}{letters[i, 0]}{letters[i, 1]}"
    return codes


def address_of(rng: np.random.Generator, codes: np.ndarray) -> np.ndarray:
    """Invent an address for each postcode: number, street, town, postcode."""
    number, street = rng.integers(1, 200, len(codes)), rng.integers(0, len(_STREETS), len(codes))
    return np.array([
        f"{number[i]} {_STREETS[street[i]]}, {_town(code)}, {code}" for i, code in enumerate(codes)
    ], dtype=object)  # fmt: skip


def _town(code: str) -> str:
    outward = code.split()[0]
    return next(_TOWNS[outward[:size]] for size in (3, 2, 1) if outward[:size] in _TOWNS)


def _swapped(text: str, at: float) -> str:
    place = 1 + int(at * (len(text) - 2)) if len(text) > 3 else 0
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


def _dropped(text: str, at: float) -> str:
    place = 1 + int(at * (len(text) - 1))
    return text[:place] + text[place + 1 :]


#: How a clerk spoils a name: text and a number in [0, 1) in, text out.
_NAME_SLIPS: tuple[Callable[[str, float], str], ...] = (
    lambda text, at: text.upper(),
    lambda text, at: text.replace("Limited", ("Ltd", "LTD", "Ltd.", "Lmtd")[int(at * 4)]),
    lambda text, at: text.replace(" Limited", "").replace(" plc", "").replace(" LLP", ""),
    lambda text, at: text.replace("&", "and").replace(" (UK)", " UK"),
    _swapped,
    _dropped,
    lambda text, at: f"  {text.replace(' ', '  ', 1)} ",
    lambda text, at: f"{text} - {('Head Office', 'Accounts Payable', 'Branch 2', 'Depot')[int(at * 4)]}",
    lambda text, at: f"{text} t/a {text.split()[0]}s",
    lambda text, at: f"{int(at * 9000) + 1000} {text}",
)
_ADDRESS_SLIPS: tuple[Callable[[str, float], str], ...] = (
    lambda text, at: text.upper(),
    lambda text, at: text.replace(", ", "\n"),
    lambda text, at: text.replace("Street", "St").replace("Road", "Rd").replace("Avenue", "Ave"),
    lambda text, at: text.rsplit(", ", 1)[0],
    lambda text, at: text.lower().replace(",", ""),
    _swapped,
)


def mangled(
    rng: np.random.Generator, names: np.ndarray, addresses: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Spoil each name by two slips and each address by one; no name returned is the one given."""
    n = len(names)
    at, which = rng.random((n, 3)), rng.integers(0, len(_NAME_SLIPS), (n, 2))
    other = rng.integers(0, len(_ADDRESS_SLIPS), n)
    spoiled, moved = np.empty(n, dtype=object), np.empty(n, dtype=object)
    for i in range(n):
        text = _NAME_SLIPS[which[i, 1]](_NAME_SLIPS[which[i, 0]](names[i], at[i, 0]), at[i, 1])
        spoiled[i] = text if text != names[i] else names[i].upper()
        moved[i] = _ADDRESS_SLIPS[other[i]](addresses[i], at[i, 2])
    return spoiled, moved
