"""What a reviewer is shown of one customer: the ledger's words, the companies weighed, the evidence, the decision."""

from __future__ import annotations

from typing import Any

from payseg_widgets.enrichment.answer import Candidate
from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.review import Question

#: Companies shown; each has a key.
SHOWN = 3


def question_card(question: Question) -> dict[str, Any]:
    """Return a question as the page draws it: for the reviewer's eyes, not to be kept."""
    record, answer, decision = question.record, question.answer, question.decision
    return {
        "name": record.name, "address": record.address, "postcode": record.postcode, "number": record.company_number,
        "state": answer.state if answer else "pending", "reason": answer.reason if answer else "Not asked for yet.",
        "candidates": [_candidate(candidate) for candidate in question.candidates[:SHOWN]],
        "decision": None if decision is None else {
            "choice": decision.choice, "who": decision.who, "at": decision.decided_at,
            "company": company_card(decision.company) if decision.company else None,
        },
    }  # fmt: skip


def company_card(company: Company) -> dict[str, Any]:
    """Return a company as the page draws it."""
    facts = [
        company.status,
        f"incorporated {company.incorporated_on:%d %B %Y}" if company.incorporated_on else "",
        f"dissolved {company.dissolved_on:%d %B %Y}" if company.dissolved_on else "",
    ]
    return {
        "number": company.number, "name": company.name, "address": company.address, "postcode": company.postcode,
        "facts": [fact for fact in facts if fact], "before": [was.name for was in company.previous_names],
    }  # fmt: skip


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return company_card(candidate.company) | {
        "probability": candidate.probability,
        "for": list(candidate.evidence_for), "against": list(candidate.evidence_against),
    }  # fmt: skip
