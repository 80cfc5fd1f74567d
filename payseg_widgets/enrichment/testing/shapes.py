"""Companies in the shapes in which the register's endpoints send them, keys as recorded."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Any

from payseg_widgets.enrichment.company import Company

_PREMISES = re.compile(r"(?P<premises>\d\S*) (?P<street>.+)")


def profile(company: Company) -> dict[str, Any]:
    """As ``/company/{number}``; of accounts, charges and insolvency it says that there are none."""
    return _without_empty(
        {
            "accounts": {
                "last_accounts": {"type": "null"},
                "next_accounts": {"overdue": False},
                "overdue": False,
            },
            "can_file": company.status == "active",
            "company_name": company.name,
            "company_number": company.number,
            "company_status": company.status,
            "confirmation_statement": {"overdue": False},
            "date_of_cessation": _day(company.dissolved_on),
            "date_of_creation": _day(company.incorporated_on),
            "etag": _etag(company.number),
            "has_charges": False,
            "has_insolvency_history": False,
            "has_super_secure_pscs": False,
            "jurisdiction": {"SC": "scotland", "NI": "northern-ireland"}.get(
                company.number[:2], "england-wales"
            ),
            "links": {"self": f"/company/{company.number}"},
            "previous_company_names": _previous(company),
            "registered_office_address": _address(company),
            "registered_office_is_in_dispute": False,
            "sic_codes": list(company.sic_codes),
            "type": company.company_type,
            "undeliverable_registered_office_address": False,
        }
    )


def advanced_hit(company: Company) -> dict[str, Any]:
    """As ``/advanced-search/companies``: all there is but previous names."""
    return _without_empty(
        {
            "company_name": company.name,
            "company_number": company.number,
            "company_status": company.status,
            "company_type": company.company_type,
            "date_of_cessation": _day(company.dissolved_on),
            "date_of_creation": _day(company.incorporated_on),
            "kind": "search-results#company",
            "links": {"company_profile": f"/company/{company.number}"},
            "registered_office_address": _address(company),
            "sic_codes": list(company.sic_codes),
        }
    )


def search_hit(company: Company, previous_name: str) -> dict[str, Any]:
    """As ``/search/companies``: no sectors, and the previous name that was found as snippet."""
    verb, day = (
        ("Dissolved", company.dissolved_on)
        if company.dissolved_on
        else ("Incorporated", company.incorporated_on)
    )
    address = _address(company)
    match = _PREMISES.fullmatch(address.get("address_line_1", ""))
    if match:
        address = {**address, "address_line_1": match["street"], "premises": match["premises"]}
    record = _without_empty(
        {
            "address_snippet": ", ".join(filter(None, [company.address, company.country, company.postcode])),
            "company_number": company.number,
            "company_status": company.status,
            "company_type": company.company_type,
            "date_of_cessation": _day(company.dissolved_on),
            "date_of_creation": _day(company.incorporated_on),
            "description": f"{company.number} - {verb} on {day.day} {day:%B %Y}" if day else company.number,
            "description_identifier": [f"{verb.lower()}-on" if day else None],
            "kind": "searchresults#company",
            "links": {"self": f"/company/{company.number}"},
            "title": company.name,
        }
    )
    return {**record, "address": address, "matches": {"snippet": []}, "snippet": previous_name}


def alphabetical_hit(company: Company) -> dict[str, Any]:
    """As ``/alphabetical-search/companies``."""
    return {
        "company_name": company.name,
        "company_number": company.number,
        "company_status": company.status,
        "company_type": company.company_type,
        "kind": "searchresults#alphabetical-search",
        "links": {"company_profile": f"/company/{company.number}"},
        "ordered_alpha_key_with_id": f"{alpha_key(company.name)}:{company.number}",
    }


def dissolved_hit(company: Company, previous_name: str, today: date) -> dict[str, Any]:
    """As ``/dissolved-search/companies``; more than 20 years after the end without an address."""
    record: dict[str, Any] = {
        "company_name": company.name,
        "company_number": company.number,
        "company_status": company.status,
        "date_of_cessation": _day(company.dissolved_on),
        "date_of_creation": _day(company.incorporated_on),
        "kind": "searchresults#dissolved-company",
    }
    if company.dissolved_on and (today - company.dissolved_on).days <= 20 * 365.25:
        record["registered_office_address"] = _address(company)
    if not previous_name:
        return _without_empty(
            {**record, "ordered_alpha_key_with_id": f"{alpha_key(company.name)}:{company.number}"}
        )
    previous = [{**each, "company_number": company.number} for each in _previous(company)]
    matched = next(each for each in previous if each["name"] == previous_name)
    return _without_empty(
        {**record, "matched_previous_company_name": matched, "previous_company_names": previous}
    )


def alpha_key(name: str) -> str:
    """Write a name as the alphabetical search sorts it: no legal form, no blanks."""
    text = re.sub(r"\s+(LIMITED|LTD|PLC|LLP)\.?$", "", name.upper()).replace("&", "AND")
    return re.sub(r"[^A-Z0-9]", "", text)


def _address(company: Company) -> dict[str, str]:
    lines = [part.strip() for part in company.address.split(",") if part.strip()]
    names = (
        ("address_line_1", "locality")
        if len(lines) <= 2
        else ("address_line_1", "address_line_2", "locality", "region")
    )
    head, tail = lines[: len(names) - 1], lines[len(names) - 1 :]
    address = dict(zip(names, [*head, *([", ".join(tail)] if tail else [])], strict=False))
    return _without_empty({**address, "country": company.country, "postal_code": company.postcode})


def _previous(company: Company) -> list[dict[str, Any]]:
    return [
        _without_empty(
            {"ceased_on": _day(each.until_on), "effective_from": _day(each.from_on), "name": each.name}
        )
        for each in company.previous_names
    ]


def _etag(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _without_empty(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value not in ("", None, [], {})}
