"""From the register's records to companies; a record may lack anything but its number, and no value is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from payseg_widgets.enrichment.company import Company, PreviousName

_LINES = ("address_line_1", "address_line_2", "locality", "region")


def read_company(record: object) -> Company | None:
    """Read a profile, or a hit of any of the searches.

    Parameters
    ----------
    record : object
        As parsed from JSON. Statuses and types not known here survive as they are.

    Returns
    -------
    Company or None
        ``None`` if it is no record or has no number. What it lacks is empty; dates such as ``Unknown`` are ``None``.

    Examples
    --------
    >>> read_company({"company_number": "sc123456", "title": "ACORN LTD", "company_status": "mothballed"}).status
    'mothballed'
    """
    if not isinstance(record, Mapping) or not _text(record.get("company_number")):
        return None
    address = record.get("registered_office_address") or record.get("address")
    address = address if isinstance(address, Mapping) else {}
    name = _text(record.get("company_name")) or _text(record.get("title"))
    return Company(
        number=_text(record.get("company_number")).upper(),
        name=name,
        status=_text(record.get("company_status")),
        company_type=_text(record.get("company_type")) or _text(record.get("type")),
        incorporated_on=_day(record.get("date_of_creation")),
        dissolved_on=_day(record.get("date_of_cessation")),
        address=_one_line(address),
        postcode=_text(address.get("postal_code")),
        country=_text(address.get("country")),
        sic_codes=tuple(filter(None, map(_text, _list(record.get("sic_codes"))))),
        previous_names=_previous_names(record, name),
    )


def read_companies(answer: Mapping[str, Any]) -> list[Company]:
    """Read the hits of a search in their order, each number once."""
    companies: dict[str, Company] = {}
    for record in _list(answer.get("items")):
        company = read_company(record)
        if company is not None:
            companies.setdefault(company.number, company)
    return list(companies.values())


def _previous_names(record: Mapping[str, Any], name: str) -> tuple[PreviousName, ...]:
    names = [
        PreviousName(_text(each.get("name")), _day(each.get("effective_from")), _day(each.get("ceased_on")))
        for each in _list(record.get("previous_company_names"))
        if isinstance(each, Mapping) and _text(each.get("name"))
    ]
    snippet = _text(
        record.get("snippet")
    )  # the search by relevance shows the previous name that was found there
    if not names and snippet and snippet != name:
        names = [PreviousName(snippet)]
    return tuple(sorted(names, key=lambda each: each.until_on or date.min, reverse=True))


def _one_line(address: Mapping[str, Any]) -> str:
    box = _text(address.get("po_box"))
    first, *others = [_text(address.get(name)) for name in _LINES]
    premises = _text(address.get("premises"))
    separator = " " if premises[:1].isdigit() else ", "  # "124 City Road", but "Comet House, Calleva Park"
    street = separator.join(filter(None, [premises, first]))
    return ", ".join(filter(None, [box and f"PO Box {box}", street, *others]))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(_text(value)[:10])
    except ValueError:
        return None
