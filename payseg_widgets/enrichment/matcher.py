"""Answer for a customer from the companies that a register has, or that a search has found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from payseg_widgets.enrichment.answer import Answer, Candidate
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.evidence import pairs_of
from payseg_widgets.enrichment.frequencies import typical_frequencies
from payseg_widgets.enrichment.match import _SHOWN, _compared, _outcome
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.names import parse_name
from payseg_widgets.enrichment.ranking import Ranked, probabilities, ranked
from payseg_widgets.enrichment.scorer import Scorer, shipped_scorer


class Matcher:
    """Decides which company a customer is, or that nobody can say.

    Parameters
    ----------
    source : str
        What answers are marked with.
    answered_on : datetime.date, optional
        The day the register is of.
    accept_precision : float
        Share of the customers matched without review that shall be right.
    scorer : Scorer, optional
        One that was recalibrated on reviewed customers.
    """

    def __init__(
        self,
        source: str,
        *,
        answered_on: date | None = None,
        accept_precision: float = 0.995,
        scorer: Scorer | None = None,
    ) -> None:
        self.source, self.answered_on = source, answered_on
        self.scorer = scorer or shipped_scorer()
        self.accept_from = self.scorer.accept_from(accept_precision)

    def from_register(
        self, customers: Sequence[CustomerRecord], index: NameIndex, *, k: int = 30
    ) -> Iterator[tuple[CustomerRecord, Answer]]:
        """Search a register on this machine for each customer, and answer."""
        found = []
        for record, parsed, pairs, scored in _compared(customers, index, k, self.scorer):
            top = ranked(record, pairs, scored, first=_SHOWN)
            found.append(
                (record, *_outcome(record, parsed, pairs, top, self.accept_from, index.register), top)
            )
        numbers = [candidate.company.number for *_, top in found for candidate in top]
        whole = {c.number: c for c in index.register.companies(numbers) if c}  # with address and sectors
        for record, state, reason, top in found:
            full = [replace(candidate, company=whole[candidate.company.number]) for candidate in top]
            yield record, self._answer(record, state, reason, full)

    def from_companies(self, customer: CustomerRecord, companies: Sequence[Company]) -> Answer:
        """Answer from the companies that a search has found."""
        parsed = parse_name(customer.name)
        pairs = pairs_of(customer, parsed, companies, typical_frequencies())
        scored = probabilities([customer], [pairs], self.scorer)[0]
        top = ranked(customer, pairs, scored, first=_SHOWN)
        state, reason = _outcome(customer, parsed, pairs, top, self.accept_from, None)
        return self._answer(customer, state, reason, top)

    def _answer(self, customer: CustomerRecord, state: str, reason: str, top: Sequence[Ranked]) -> Answer:
        candidates = tuple(
            Candidate(c.company, c.probability, c.evidence_for, c.evidence_against) for c in top
        )
        return Answer(
            customer.customer_id,
            state,
            f"{reason[:1].upper()}{reason[1:]}.",
            candidates,
            self.source,
            self.answered_on,
        )
