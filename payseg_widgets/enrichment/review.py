"""Customers, what a source answered for each, and what people decide; the enrichment keeps up with both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets import __version__
from payseg_widgets.enrichment.answer import Answer, Candidate
from payseg_widgets.enrichment.assembly import assembled
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.company_number import clean_company_number
from payseg_widgets.enrichment.enrichment import Enrichment
from payseg_widgets.enrichment.fields import REGISTERED_OFFICE
from payseg_widgets.enrichment.journal import ACCEPTED, CHOICES, SKIPPED, Decision, Journal
from payseg_widgets.enrichment.recalibration import is_doubtful, recalibrated, settled
from payseg_widgets.enrichment.records import customer_records
from payseg_widgets.enrichment.source import Source
from payseg_widgets.errors import EnrichmentError
from payseg_widgets.ledger.export import safe_csv
from payseg_widgets.ledger.schema import Ledger

if TYPE_CHECKING:
    from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory

REFUSALS = tuple(choice for choice in CHOICES if choice not in (ACCEPTED, SKIPPED))
#: A match is as likely as not here: what a reviewer says there tells most.
EVEN = 0.5
DECISION_COLUMNS = ("customer_id", "choice", "company_number", "company_name", "who", "decided_at")


@dataclass(frozen=True, repr=False)
class Question:
    """Which company a customer is: what the ledger has, what was found, and what was decided.

    Attributes
    ----------
    record : CustomerRecord
    answer : Answer or None
        ``None`` where nothing was answered yet.
    decision : Decision or None
        The one that stands.
    """

    record: CustomerRecord
    answer: Answer | None
    decision: Decision | None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The companies weighed, the likeliest first."""
        return () if self.answer is None else self.answer.candidates

    def __repr__(self) -> str:
        return f"Question(candidates={len(self.candidates)}, decided={self.decision is not None})"


class Review:
    """What is known of the customers so far, and the decisions of those who look through it.

    Parameters
    ----------
    customers : Ledger or pandas.DataFrame
        See `customer_records`.
    journal : Journal
        Where answers and decisions are kept.
    source : Source, optional
        Whose answers are read, and who is asked for a company by its number.
    region_from : {"registered office", "ledger"}
    postcode_directory : PostcodeDirectory, optional
        Makes the regions of postcodes exact.

    Attributes
    ----------
    records : list of CustomerRecord
    places : dict of str to int
        Where each customer stands among them.
    recalibration : Recalibration
        How the decisions compare with what the source stated; open questions that they settle are matched.
    enrichment : Enrichment
        Of the answers and decisions read so far.

    Raises
    ------
    EnrichmentError
        If these are no customers that can be looked up.
    """

    def __init__(
        self,
        customers: Ledger | pd.DataFrame,
        journal: Journal,
        *,
        source: Source | None = None,
        region_from: str = REGISTERED_OFFICE,
        postcode_directory: PostcodeDirectory | None = None,
    ) -> None:
        self._directory = postcode_directory
        self.records = customer_records(customers)
        self._table = customers.customers if isinstance(customers, Ledger) else customers
        day = customers.as_of if isinstance(customers, Ledger) else pd.Timestamp.now()
        self._as_of = pd.Timestamp(day).normalize()
        self.places = {record.customer_id: i for i, record in enumerate(self.records)}
        self._journal, self._region_from = journal, region_from
        self.read(source)

    def read(self, source: Source | None, *, region_from: str | None = None) -> None:
        """Read answers and decisions anew, as the journal has them by now."""
        self.source = source
        self._region_from = region_from or self._region_from
        self._read()
        self.enrichment = self._assembled(self.places)

    def adopt(self, made: Enrichment) -> None:
        """Take over the enrichment that a run of `enrich` on the same journal has made."""
        known = {*self.decisions}
        self._read()
        doubtful = {name for name, answer in self._given.items() if is_doubtful(answer)}
        is_same = made.provenance.get("region_from") == self._region_from  # else chosen since
        self.enrichment = made if is_same else self._assembled(self.places)
        self._renew(known | doubtful | {*self.decisions})  # decided since it was made

    def take(self, answers: Iterable[Answer]) -> None:
        """Take in answers that have just come."""
        new = {answer.customer_id: answer for answer in answers if answer.customer_id in self.places}
        self._given.update(new)
        self.answers.update(new)
        self._renew({*new, *self._settle()})

    # ---- questions --------------------------------------------------------------------------------------------------

    def queue(self) -> list[str]:
        """Return the customers whose answer needs a review, the most valuable question first.

        That is the one whose likeliest company is nearest to being as likely as not; equal ones keep the ledger's order,
        those without any company come last. Decided ones keep their place.
        """
        waiting = [n for n in self.places if n in self.answers and self.answers[n].state == "needs review"]
        return sorted(waiting, key=lambda n: _doubt(self.answers[n]))

    def question(self, customer_id: str) -> Question:
        """Return what there is to decide of a customer."""
        record = self.records[self._known(customer_id)]
        return Question(record, self.answers.get(customer_id), self.decisions.get(customer_id))

    @property
    def n_left(self) -> int:
        """How many customers of the queue nobody has decided on; those skipped are among them."""
        return sum(
            answer.state == "needs review" and not self._is_closed(name)
            for name, answer in self.answers.items()
        )

    @property
    def learnt(self) -> str:
        """What the decisions say of the stated probabilities, and what that settles; empty without decisions."""
        return self.recalibration.sentence(len(self._settled))

    # ---- decisions --------------------------------------------------------------------------------------------------

    def company(self, customer_id: str, number: str | None = None) -> Company:
        """Return the company a customer is said to be: its likeliest, or that of a number.

        Raises
        ------
        EnrichmentError
            If there is none, or the number is none.
        SourceError
            If the source cannot answer.
        """
        candidates = self.question(customer_id).candidates
        if number is None:
            if not candidates:
                raise EnrichmentError("No company was found for this customer; give the number of one.")
            return candidates[0].company
        clean = clean_company_number(number)
        if not clean:
            raise EnrichmentError(
                f"{str(number)[:40]!r} is no company number; those have eight characters: 01234567, SC123456."
            )
        for candidate in candidates:
            if candidate.company.number == clean:
                return candidate.company
        found = None if self.source is None else self.source.company(clean)
        if found is None:
            where = (
                "there is no register to ask" if self.source is None else "the register has no such company"
            )
            raise EnrichmentError(f"Company {clean} cannot be accepted: {where}. Check the number.")
        return found

    def accept(self, customer_id: str, company: Company, *, who: str) -> None:
        """Keep that a customer is this company."""
        self._decide(customer_id, ACCEPTED, company, who)

    def refuse(self, customer_id: str, choice: str, *, who: str) -> None:
        """Keep that a customer is ``"not a company"`` on the register, or has ``"no match"`` there."""
        if choice not in REFUSALS:
            raise EnrichmentError(f"choice={str(choice)[:40]!r} is none of: {', '.join(REFUSALS)}.")
        self._decide(customer_id, choice, None, who)

    def skip(self, customer_id: str, *, who: str) -> None:
        """Leave the question open for later."""
        self._decide(customer_id, SKIPPED, None, who)

    def undo(self, *, who: str) -> str | None:
        """Take back this person's latest decision; return its customer, ``None`` where there is nothing to take back."""
        customer_id = self._journal.undo(who=who)
        if customer_id in self.places:
            self._decided(customer_id)
        return customer_id

    def decisions_table(self, *, names: bool = False) -> pd.DataFrame:
        """Return the decisions that stand, the earliest first.

        Parameters
        ----------
        names : bool
            Whether names and numbers of companies are told too.

        Returns
        -------
        pandas.DataFrame
            ``customer_id, choice, who, decided_at`` (UTC), with ``names`` also ``company_number, company_name``.
        """
        standing = sorted(self.decisions.values(), key=lambda decision: decision.decided_at)
        rows = [
            (
                d.customer_id, d.choice, d.company.number if d.company else "", d.company.name if d.company else "",
                d.who, pd.Timestamp(d.decided_at, unit="s", tz="UTC").strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            for d in standing
        ]  # fmt: skip
        table = pd.DataFrame(rows, columns=list(DECISION_COLUMNS), dtype="str")
        return table if names else table.drop(columns=["company_number", "company_name"])

    def decisions_to_csv(self, path: str | Path, *, names: bool = False) -> Path:
        """Write the decisions that stand as CSV that no spreadsheet runs as formulas."""
        path = Path(path)
        text = safe_csv(self.decisions_table(names=names))
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def __repr__(self) -> str:
        return f"Review(customers={len(self.records)}, left={self.n_left}, decided={len(self.decisions)})"

    # ---- keeping up -------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        answers = {} if self.source is None else self._journal.answers(self.source.name)
        self._given = {name: answer for name, answer in answers.items() if name in self.places}
        self.answers = dict(self._given)
        self.decisions = self._journal.decisions(self.records)
        self._settled: dict[str, Answer] = {}
        self._settle()

    def _decide(self, customer_id: str, choice: str, company: Company | None, who: str) -> None:
        record = self.records[self._known(customer_id)]
        self._journal.decide(record, choice, company, who=who)
        self._decided(customer_id)

    def _decided(self, customer_id: str) -> None:
        now = self._journal.decisions([self.records[self.places[customer_id]]])
        self.decisions.pop(customer_id, None)
        self.decisions.update(now)
        self._renew({customer_id, *self._settle()})

    def _settle(self) -> set[str]:
        """Recalibrate by the decisions that stand; return the customers whose answer this may change."""
        self.recalibration = recalibrated(self._given, self.decisions)
        accept_from = np.inf if self.source is None else self.source.accept_from
        before = {name: self._given[name] for name in self._settled}
        self._settled = settled(self._given, self.decisions, self.recalibration, accept_from)
        self.answers |= before | self._settled
        return {*before, *self._settled}

    def _known(self, customer_id: str) -> int:
        if customer_id not in self.places:
            raise EnrichmentError(f"There is no customer {str(customer_id)[:40]!r} in this ledger.")
        return self.places[customer_id]

    def _is_closed(self, customer_id: str) -> bool:
        decision = self.decisions.get(customer_id)
        return decision is not None and decision.choice != SKIPPED

    def _assembled(self, customers: Iterable[str]) -> Enrichment:
        places = [self.places[customer_id] for customer_id in customers]
        return assembled(
            self._table.iloc[places], [self.records[i] for i in places], self.answers, self.decisions, self.source,
            as_of=self._as_of, region_from=self._region_from, postcode_directory=self._directory, notes=(),
            provenance={"source": self.source.name if self.source else "ledger", "as_of": f"{self._as_of:%Y-%m-%d}",
                        "region_from": self._region_from, "version": __version__},
        )  # fmt: skip

    def _renew(self, customers: Iterable[str]) -> None:
        names = list(customers)
        if names:
            self.enrichment = self.enrichment.renewed(self._assembled(names))


def _doubt(answer: Answer) -> float:
    """Return how far the likeliest company is from being as likely as not; 1 where there is none."""
    return abs(answer.candidates[0].probability - EVEN) if answer.candidates else 1.0
