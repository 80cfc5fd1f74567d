"""What a source answers for one customer: in which of five states the search ended, and the companies it weighed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from payseg_widgets.enrichment.company import Company, PreviousName
from payseg_widgets.errors import EnrichmentError

CANDIDATE_COLUMNS = (
    "customer_id", "rank", "company_number", "company_name", "postcode", "company_status", "probability",
    "evidence_for", "evidence_against",
)  # fmt: skip
#: How the search for a customer can end.
STATES = ("matched", "needs review", "no match", "not a company", "failed")
#: How the reason begins where the probability alone leaves a customer to the reviewer.
NOT_SURE_ENOUGH = "The likeliest company is not sure enough"


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

    @property
    def company(self) -> Company | None:
        """The company the customer was matched to."""
        return self.candidates[0].company if self.state == "matched" else None

    def __repr__(self) -> str:
        return f"Answer(state={self.state!r}, candidates={len(self.candidates)})"


def candidate_table(answers: Iterable[Answer]) -> pd.DataFrame:
    """Return the companies weighed for each customer.

    Returns
    -------
    pandas.DataFrame
        ``CANDIDATE_COLUMNS``: ``rank`` from 1; evidence is text, one piece a line.
    """
    rows = [
        (
            answer.customer_id, rank, c.company.number, c.company.name, c.company.postcode, c.company.status,
            c.probability, "\n".join(c.evidence_for), "\n".join(c.evidence_against),
        )
        for answer in answers
        for rank, c in enumerate(answer.candidates, 1)
    ]  # fmt: skip
    kinds = dict.fromkeys(CANDIDATE_COLUMNS, "str") | {"rank": "int64", "probability": "float64"}
    return pd.DataFrame(rows, columns=list(CANDIDATE_COLUMNS)).astype(kinds)


def company_to_json(company: Company | None) -> str:
    """Return a company, or that there is none, as text that `company_from_json` reads back the same."""
    return json.dumps(None if company is None else _packed(company), ensure_ascii=False)


def company_from_json(text: str) -> Company | None:
    """Return the company that was written."""
    row = json.loads(text)
    return None if row is None else _unpacked(row)


def candidates_to_json(candidates: tuple[Candidate, ...]) -> str:
    """Return candidates as text that `candidates_from_json` reads back the same."""
    rows = [[_packed(c.company), c.probability, c.evidence_for, c.evidence_against] for c in candidates]
    return json.dumps(rows, ensure_ascii=False)


def candidates_from_json(text: str) -> tuple[Candidate, ...]:
    """Return the candidates that were written."""
    return tuple(
        Candidate(_unpacked(company), probability, tuple(evidence_for), tuple(evidence_against))
        for company, probability, evidence_for, evidence_against in json.loads(text)
    )


def _packed(c: Company) -> dict[str, Any]:
    return vars(c) | {
        "incorporated_on": _day(c.incorporated_on),
        "dissolved_on": _day(c.dissolved_on),
        "previous_names": [[was.name, _day(was.from_on), _day(was.until_on)] for was in c.previous_names],
    }


def _unpacked(row: dict[str, Any]) -> Company:
    return Company(**row | {
        "incorporated_on": _date(row["incorporated_on"]),
        "dissolved_on": _date(row["dissolved_on"]),
        "sic_codes": tuple(row["sic_codes"]),
        "previous_names": tuple(PreviousName(n, _date(a), _date(b)) for n, a, b in row["previous_names"]),
    })  # fmt: skip


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
