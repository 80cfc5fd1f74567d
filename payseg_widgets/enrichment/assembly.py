"""Put what sources, ledger and reviewers say of each customer into one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from payseg_widgets.enrichment.answer import Answer, candidate_table
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.enrichment import PENDING, TABLE_COLUMNS, Enrichment
from payseg_widgets.enrichment.fields import (
    LEDGER_ADDRESS,
    LEDGER_COUNTRY,
    LEDGER_POSTCODE,
    LEDGER_TEXT,
    REGISTERED_OFFICE,
    Field,
    field_table,
)
from payseg_widgets.enrichment.journal import ACCEPTED, SKIPPED, Decision
from payseg_widgets.enrichment.postcode import find_postcode
from payseg_widgets.enrichment.region_names import read_region
from payseg_widgets.enrichment.regions import UNKNOWN, region_of
from payseg_widgets.enrichment.sic import sectors_of
from payseg_widgets.enrichment.source import Source
from payseg_widgets.enrichment.sources.ledger import ledger_fields

if TYPE_CHECKING:
    from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory

LEDGER_BASES = (LEDGER_POSTCODE, LEDGER_ADDRESS, LEDGER_TEXT, LEDGER_COUNTRY)
#: Who says what a company is that a reviewer accepted, where no register is asked now.
FROM_REVIEW = "review"
_DAYS_A_YEAR = 365.2425


def assembled(
    customers: pd.DataFrame,
    records: Sequence[CustomerRecord],
    answers: Mapping[str, Answer],
    decisions: Mapping[str, Decision],
    source: Source | None,
    *,
    as_of: pd.Timestamp,
    region_from: str,
    postcode_directory: PostcodeDirectory | None,
    notes: tuple[str, ...],
    provenance: Mapping[str, Any],
) -> Enrichment:
    """Return the enrichment of all customers, those not answered yet as pending."""
    endings = [_ending(r, answers.get(r.customer_id), decisions.get(r.customer_id), source) for r in records]
    table = pd.DataFrame(endings).set_index("customer_id")
    found = {e["customer_id"]: e["company"] for e in endings if e["company"] is not None}
    said = ledger_fields(customers, as_of=as_of.date(), postcode_directory=postcode_directory)
    days = {name: answer.answered_on for name, answer in answers.items()}
    match = table["match_probability"].to_dict()
    told_by = source.name if source else FROM_REVIEW
    registered = field_table(
        (customer_id, name, value)
        for customer_id, company in found.items()
        for name, value in _register_fields(
            company, match[customer_id], told_by,
            days.get(customer_id) or as_of.date(), postcode_directory,
        )
    )  # fmt: skip
    fields = pd.concat([registered, said], ignore_index=True)
    office_first = region_from == REGISTERED_OFFICE
    bases = (REGISTERED_OFFICE, *LEDGER_BASES) if office_first else (*LEDGER_BASES, REGISTERED_OFFICE)
    table = table.join(chosen(fields, "region", bases)).join(chosen(fields, "sector", (told_by, LEDGER_TEXT)))
    return Enrichment(
        table=_finished(table, found, as_of), fields=fields,
        candidates=candidate_table(answers[r.customer_id] for r in records if r.customer_id in answers),
        as_of=as_of, notes=notes, provenance=provenance,
    )  # fmt: skip


def _ending(
    record: CustomerRecord, answer: Answer | None, decision: Decision | None, source: Source | None
) -> dict[str, Any]:
    """Return where the search for a customer stands: what was decided goes before what was computed."""
    state, reason = (answer.state, answer.reason) if answer else (PENDING, "Not asked for yet.")
    if source is None:
        reason = "No register was asked."
    company, probability, who = None, np.nan, ""
    if answer is not None and answer.company is not None:
        company, probability = answer.company, answer.candidates[0].probability
    if decision is not None and decision.choice != SKIPPED:
        who = decision.who
        state = "matched" if decision.choice == ACCEPTED else decision.choice
        company, probability = (decision.company, 1.0) if decision.company else (None, np.nan)
        reason = "Accepted in review." if company else "Refused in review."
    return {
        "customer_id": record.customer_id, "state": state, "reason": reason, "company": company,
        "company_number": company.number if company else "", "company_name": company.name if company else "",
        "match_probability": probability, "decided_by": who,
    }  # fmt: skip


def _register_fields(
    company: Company, match: float, source: str, day: Any, directory: PostcodeDirectory | None
) -> Iterator[tuple[str, Field]]:
    """Return what the register says of a company, each with the doubt whether it is the customer."""
    code = find_postcode(company.postcode)
    if code is not None:
        region = directory.region_of(code) if directory else region_of(code)
        note = f"The district also lies in {', '.join(region.others)}." if region.straddles else ""
        yield "region", Field(region.region, REGISTERED_OFFICE, day, match * region.share, note)
        yield "postcode", Field(str(code), REGISTERED_OFFICE, day, match)
    elif company.country and (read := read_region(company.country, is_country=True)) is not None:
        yield (
            "region",
            Field(read.region, REGISTERED_OFFICE, day, match, "By country: the register has no postcode."),
        )
    sector = sectors_of(company.sic_codes)
    if sector.kind not in ("none supplied", "unknown"):
        codes = ", ".join(sector.codes)
        note = f"SIC {codes}" + ("" if sector.is_informative else "; says little of what it does")
        yield "sector", Field(sector.title, source, day, match, note)
    yield "company_number", Field(company.number, source, day, match)
    for name, value in (("company_status", company.status), ("company_type", company.company_type)):
        if value:
            yield name, Field(value, source, day, match)
    if company.incorporated_on is not None:
        yield "incorporated_on", Field(company.incorporated_on.isoformat(), source, day, match)


def chosen(fields: pd.DataFrame, name: str, bases: tuple[str, ...]) -> pd.DataFrame:
    """Return for each customer of whom it is known the value of the first basis that has one, on which, and how sure it is."""
    known = fields[(fields["field"] == name) & (fields["value"] != UNKNOWN) & fields["source"].isin(bases)]
    order = known["source"].map({basis: i for i, basis in enumerate(bases)})
    first = (
        known.assign(order=order)
        .sort_values(["customer_id", "order"], kind="stable")
        .drop_duplicates("customer_id")
    )
    return first.set_index("customer_id")[["value", "source", "probability"]].rename(
        columns={"value": name, "source": f"{name}_basis", "probability": f"{name}_probability"}
    )


def _finished(table: pd.DataFrame, found: Mapping[str, Company], as_of: pd.Timestamp) -> pd.DataFrame:
    texts = {
        "region": UNKNOWN, "region_basis": "", "sector": UNKNOWN, "sector_basis": "",
    }  # fmt: skip
    table = table.fillna(texts)
    companies = [found.get(customer_id) for customer_id in table.index]
    born = pd.Series(
        [c.incorporated_on if c else None for c in companies], table.index, dtype="datetime64[s]"
    )
    sectors = {title: sectors_of(title) for title in table["sector"].unique()}
    table = table.assign(
        section=table["sector"].map({title: s.section or None for title, s in sectors.items()}),
        company_status=[c.status if c else "" for c in companies],
        company_type=[c.company_type if c else "" for c in companies],
        incorporated_on=born,
        age_years=(as_of - born).dt.days / _DAYS_A_YEAR,
    )
    return table[list(TABLE_COLUMNS)]
