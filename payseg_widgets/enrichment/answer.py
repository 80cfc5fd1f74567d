"""What a source answers for one customer: in which of five states the search ended, and the companies it weighed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from payseg_widgets.enrichment.company import Company, PreviousName
from payseg_widgets.errors import EnrichmentError

#: How the search for a customer can end.
STATES = ("matched", "needs review", "no match", "not a company", "failed")


@dataclass(frozen=True, repr=False)
class Candidate:
    """A company that a customer may be.

    Attributes
    ----------
    company : Company
    probability : float
        That this is the customer, in [0, 1].
    evidence_for, evidence_against : tuple of str
        Sentences for whoever reviews it.
    """

    company: Company
    probability: float
    evidence_for: tuple[str, ...] = ()
    evidence_against: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Candidate({self.company!r}, probability={self.probability:.3f})"


@dataclass(frozen=True, repr=False)
class Answer:
    """Where the search for one customer ended.

    Attributes
    ----------
    customer_id : str
    state : str
        One of `STATES`.
    reason : str
        Why, in a sentence without the customer's name.
    candidates : tuple of Candidate
        The likeliest first, at most three; the first one is the company where the state is ``"matched"``.
    source : str
        Name of the source.
    answered_on : date or None
        Which day the source's data are of.
    """

    customer_id: str
    state: str
    reason: str
    candidates: tuple[Candidate, ...] = ()
    source: str = ""
    answered_on: date | None = None

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise EnrichmentError(f"state={self.state!r} is none of: {', '.join(STATES)}.")
        if self.state == "matched" and not self.candidates:
            raise EnrichmentError("An answer that is matched names the company: give candidates.")

    def __repr__(self) -> str:
        return f"Answer(state={self.state!r}, candidates={len(self.candidates)})"


def candidates_to_json(candidates: tuple[Candidate, ...]) -> str:
    """Return candidates as text that `candidates_from_json` reads back the same."""
    return json.dumps([_packed(c) for c in candidates], ensure_ascii=False)


def candidates_from_json(text: str) -> tuple[Candidate, ...]:
    """Return the candidates that were written."""
    return tuple(_unpacked(row) for row in json.loads(text))


def _packed(candidate: Candidate) -> dict[str, Any]:
    c = candidate.company
    return {
        "probability": candidate.probability,
        "for": candidate.evidence_for,
        "against": candidate.evidence_against,
        "company": {
            "number": c.number, "name": c.name, "status": c.status, "company_type": c.company_type,
            "incorporated_on": _day(c.incorporated_on), "dissolved_on": _day(c.dissolved_on), "address": c.address,
            "postcode": c.postcode, "country": c.country, "sic_codes": c.sic_codes,
            "previous_names": [[p.name, _day(p.from_on), _day(p.until_on)] for p in c.previous_names],
        },
    }  # fmt: skip


def _unpacked(row: dict[str, Any]) -> Candidate:
    c = dict(row["company"])
    c["incorporated_on"], c["dissolved_on"] = _date(c["incorporated_on"]), _date(c["dissolved_on"])
    c["sic_codes"] = tuple(c["sic_codes"])
    c["previous_names"] = tuple(PreviousName(n, _date(a), _date(b)) for n, a, b in c["previous_names"])
    return Candidate(Company(**c), row["probability"], tuple(row["for"]), tuple(row["against"]))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
