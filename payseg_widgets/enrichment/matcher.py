"""Answer for a customer from the companies that a register has, or that a search has found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from rapidfuzz import fuzz, process

from payseg_widgets.enrichment.answer import NOT_SURE_ENOUGH, Answer, Candidate
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.evidence import Pair, pairs_of
from payseg_widgets.enrichment.frequencies import typical_frequencies
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.names import ParsedName, parse_name, parse_registered_name
from payseg_widgets.enrichment.ranking import number_speaks, probabilities, ranked
from payseg_widgets.enrichment.scorer import REJECT_BELOW, Scorer, shipped_scorer

#: Candidates of each customer that are scored: the likest by letters, and the first the index found.
_SHORTLIST, _FIRST_FOUND = 8, 3
#: At a postcode of more companies than this the postcode finds nobody: they are an agent's.
_CROWD = 300
_SHOWN = 3
_NOBODY = np.array([], dtype="int64")


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
        By default the shipped one.
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
        self._accept_near = self.scorer.accept_from(accept_precision, has_postcode=True)

    def from_register(
        self, customers: Sequence[CustomerRecord], index: NameIndex, *, k: int = 30, is_whole: bool = True
    ) -> Iterator[tuple[CustomerRecord, Answer]]:
        """Search a register on this machine for each customer, and answer.

        Parameters
        ----------
        customers : sequence of CustomerRecord
        index : NameIndex
        k : int
            Candidates the index is asked for.
        is_whole : bool
            Whether companies come with address, type and sectors, which matching does not need.
        """
        found = [
            (record, *self._decided(record, parsed, pairs, scored))
            for record, parsed, pairs, scored in _compared(customers, index, k, self.scorer)
        ]
        whole: dict[str, Company] = {}
        if is_whole:
            numbers = [candidate.company.number for *_, top in found for candidate in top]
            whole = {company.number: company for company in index.register.companies(numbers) if company}
        for record, state, reason, top in found:
            full = [replace(c, company=whole.get(c.company.number, c.company)) for c in top]
            yield record, self._answer(record, state, reason, full)

    def from_companies(self, customer: CustomerRecord, companies: Sequence[Company]) -> Answer:
        """Answer from the companies that a search has found."""
        parsed = parse_name(customer.name)
        pairs = pairs_of(customer, parsed, companies, typical_frequencies())
        scored = probabilities([customer], [pairs], self.scorer)[0]
        return self._answer(customer, *self._decided(customer, parsed, pairs, scored))

    def _decided(
        self, customer: CustomerRecord, parsed: ParsedName, pairs: list[Pair], scored: np.ndarray
    ) -> tuple[str, str, list[Candidate]]:
        top = ranked(customer, pairs, scored, first=_SHOWN)
        accept_from = self._accept_near if customer.own_postcode else self.accept_from
        return *_outcome(customer, parsed, pairs, top, accept_from), top

    def _answer(self, customer: CustomerRecord, state: str, reason: str, top: Sequence[Candidate]) -> Answer:
        return Answer(customer.customer_id, state, reason, tuple(top), self.source, self.answered_on)


def _compared(
    batch: Sequence[CustomerRecord], index: NameIndex, k: int, scorer: Scorer
) -> list[tuple[CustomerRecord, ParsedName, list[Pair], np.ndarray]]:
    """Find, fetch and score the candidates of some customers together."""
    register = index.register
    parsed = [parse_name(record.name) for record in batch]
    by_number = register.positions_of([record.clean_number for record in batch])
    near = [register.positions_at(code) if (code := record.own_postcode) else _NOBODY for record in batch]
    alike = [_alike(name, here, index, k) for name, here in zip(parsed, near, strict=True)]
    wanted = np.unique(np.concatenate(alike))
    names = dict(zip(wanted, register.names_at(wanted), strict=True))
    lists = [
        _shortlist(name, index, int(own), here, positions, [names[place] for place in positions])
        for name, own, here, positions in zip(parsed, by_number, near, alike, strict=True)
    ]
    wanted = np.unique(np.concatenate([np.array(places, dtype="int64") for places in lists]))
    found = dict(zip(wanted, register.matched_by(wanted), strict=True))
    pairs = [
        pairs_of(record, name, [found[place] for place in places], index.frequencies)
        for record, name, places in zip(batch, parsed, lists, strict=True)
    ]
    return list(zip(batch, parsed, pairs, probabilities(batch, pairs, scorer), strict=True))


def _alike(parsed: ParsedName, near: np.ndarray, index: NameIndex, k: int) -> np.ndarray:
    """Positions of like names; where the very name is at the very postcode nobody else need be searched for."""
    same = index.exact(parsed)
    if len(near) and np.isin(same, near).any():
        return np.unique(np.array(same, dtype="int64"))
    return index.candidates(parsed, k, exact=same)


def _shortlist(
    parsed: ParsedName,
    index: NameIndex,
    by_number: int,
    near: np.ndarray,
    alike: np.ndarray,
    names: Sequence[Sequence[str]],
) -> list[int]:
    """Positions worth scoring: by number, by the likest names, and the likest at the customer's postcode."""
    chosen = [by_number] if by_number >= 0 else []
    if not parsed.core:
        return chosen
    scores = _likenesses(parsed, names)
    is_near = np.isin(alike, near)
    order = np.argsort(-(scores + 8 * is_near), kind="stable") if len(alike) else _NOBODY
    chosen += alike[:_FIRST_FOUND].tolist() + alike[order[:_SHORTLIST]].tolist()
    if 0 < len(near) <= _CROWD and not any(is_near[place] and scores[place] >= 90 for place in order[:1]):
        at_postcode = [name for name, *_ in index.register.names_at(near)]
        likest = process.extract(
            parsed.core, at_postcode, scorer=fuzz.token_set_ratio, limit=2, score_cutoff=55
        )
        chosen += [int(near[place]) for _, _, place in likest]
    return list(dict.fromkeys(chosen))


def _likenesses(parsed: ParsedName, names: Sequence[Sequence[str]]) -> np.ndarray:
    """Likeness, 0 to 100, of the readings and the names of each company, whichever are the likest."""
    cores = [parse_registered_name(name).core for known in names for name in known]
    if not cores:
        return np.array([])
    joined = ([text.replace(" ", "") for text in some] for some in (parsed.readings, cores))
    alike = np.maximum(
        process.cdist(parsed.readings, cores, scorer=fuzz.token_sort_ratio, dtype=np.float64),
        process.cdist(*joined, scorer=fuzz.ratio, dtype=np.float64),
    ).max(axis=0)
    first = np.cumsum([0, *(len(known) for known in names[:-1])])
    return np.asarray(np.maximum.reduceat(alike, first))


def _outcome(
    record: CustomerRecord,
    parsed: ParsedName,
    pairs: list[Pair],
    top: list[Candidate],
    accept_from: float,
) -> tuple[str, str]:
    spoken = {number_speaks(record, pair) for pair in pairs}
    if "agrees" in spoken:
        return "matched", "The company number in the ledger is on the register, with a like name."
    if "contradicts" in spoken:
        return "needs review", "The company number in the ledger is that of a company with another name."
    if not parsed.core:
        return "no match", "The name is empty."
    if parsed.several:
        return "needs review", "The name tells of several companies."
    best = top[0].probability if top else 0.0
    same = bool(top) and any(p.company is top[0].company and p.values["same_core"] for p in pairs)
    if parsed.kind == "individual" or (parsed.kind and not (same and best >= accept_from)):
        return (
            "not a company",
            f"The name is that of {'a public body' if parsed.kind == 'public body' else 'a person'}.",
        )
    if record.clean_number and best >= REJECT_BELOW:
        return "needs review", "The company number in the ledger is not on this register."
    if best >= accept_from:
        return "matched", f"Accepted for: {'; '.join(top[0].evidence_for)}."
    if best >= REJECT_BELOW:
        return (
            "needs review",
            f"{NOT_SURE_ENOUGH} ({best:.1%}, {accept_from:.1%} asked for).",
        )
    return "no match", "No company on the register is likely enough."
