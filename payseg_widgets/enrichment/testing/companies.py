"""A small made-up register, and ledgers that write its names as ledgers do."""

from __future__ import annotations

import random
from datetime import date, timedelta

from payseg_widgets.enrichment.company import Company, CustomerRecord, PreviousName

_FIRST = (
    (
        "Acorn Beacon Cedar Drift Ember Falcon Granite Harbour Ivory Juniper Kestrel Lantern Meadow Northgate Osprey Pinnacle "
        "Quarry Raven Summit Thistle Upland Vale Willow Yarrow Zephyr Brunel Calder Derwent Ennerdale Fylde"
    )
    .upper()
    .split()
)
_SECOND = (
    (
        "Bakery Brewing Castings Coatings Couriers Dental Electrical Fabrications Foods Freight Glazing Haulage Interiors "
        "Joinery Logistics Mouldings Packaging Plastics Plumbing Printing Roofing Scaffolding Signs Systems Textiles "
        "Timber Tooling"
    )
    .upper()
    .split()
)
_PLACES = (
    ("LONDON", "EC1V 2NX"),
    ("MANCHESTER", "M4 1BF"),
    ("GLASGOW", "G2 4AD"),
    ("CARDIFF", "CF10 1EP"),
    ("LEEDS", "LS1 4DY"),
)
_SECTORS = ("62020", "10710", "25110", "43220", "49410", "56101", "82990", "68209")
_FORMS = ("LIMITED", "LTD", "LTD.", "PLC")


def simulate_companies(n: int, *, seed: int) -> list[Company]:
    """Made-up companies with distinct numbers; one in ten has a previous name, one in eight is dissolved.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    list of Company
    """
    draw = random.Random(seed)  # noqa: S311  a simulation
    return [_company(draw, 1_000_000 + k) for k in range(n)]


def _company(draw: random.Random, number: int) -> Company:
    place, postcode = draw.choice(_PLACES)
    begun_on = date(1980, 1, 1) + timedelta(draw.randrange(15_000))
    is_over = draw.random() < 0.125
    previous: tuple[PreviousName, ...] = ()
    if draw.random() < 0.1:
        changed_on = begun_on + timedelta(draw.randrange(200, 2000))
        previous = (PreviousName(_name(draw), begun_on, changed_on),)
    return Company(
        number=f"{number:08d}",
        name=_name(draw),
        status="dissolved" if is_over else "active",
        company_type="ltd",
        incorporated_on=begun_on,
        dissolved_on=begun_on + timedelta(draw.randrange(2500, 6000)) if is_over else None,
        address=f"{draw.randrange(1, 200)} {draw.choice(_FIRST).title()} Street, {place.title()}",
        postcode=postcode,
        country="England",
        sic_codes=tuple(draw.sample(_SECTORS, draw.choice((1, 1, 1, 2)))),
        previous_names=previous,
    )


def _name(draw: random.Random) -> str:
    distinct = "".join(draw.choice("BCDFGHKLMNPRST") + draw.choice("AEIOU") for _ in range(3))
    return f"{distinct} {draw.choice(_FIRST)} {draw.choice(_SECOND)} {draw.choice(_FORMS)}"


def simulate_customers(
    companies: list[Company], *, seed: int, share_hard: float = 0.15
) -> list[CustomerRecord]:
    """Make a ledger's customers, one for each company, named as a ledger names them.

    Parameters
    ----------
    companies : list of Company
    seed : int
    share_hard : float, default 0.15
        How many names no search for all words can find: a letter wrong (two thirds of them), a word added. Further
        names are the previous ones of companies that have some. The rest differ in legal form, case and "T/A" only.

    Returns
    -------
    list of CustomerRecord
    """
    draw = random.Random(seed)  # noqa: S311  a simulation
    return [
        CustomerRecord(f"C{k}", _written(draw, company, share_hard), postcode=company.postcode)
        for k, company in enumerate(companies)
    ]


def _written(draw: random.Random, company: Company, share_hard: float) -> str:
    name = company.previous_names[0].name if company.previous_names and draw.random() < 0.5 else company.name
    words = name.split()[:-1]
    if draw.random() < share_hard:
        if draw.random() < 1 / 3:
            words.append("NORTHERN")
        else:
            at = draw.randrange(1, len(words[1]))
            words[1] = words[1][:at] + draw.choice("AEIOU") + words[1][at + 1 :]
    form = draw.choice(("Ltd", "LIMITED", "ltd.", "", "Ltd T/A The Shop"))
    text = " ".join([*words, form]).strip()
    return text if draw.random() < 0.5 else text.title()
