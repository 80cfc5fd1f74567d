"""Match the customers of a ledger to the companies of a register, without any network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Protocol

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.evidence import Pair, pairs_of
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.names import ParsedName, parse_name, parse_registered_name
from payseg_widgets.enrichment.ranking import Ranked, number_speaks, plain_number, probabilities, ranked
from payseg_widgets.enrichment.register import Register
from payseg_widgets.enrichment.scorer import REJECT_BELOW, Scorer, shipped_scorer
from payseg_widgets.errors import Cancelled, EnrichmentError

OUTCOMES = ("matched", "needs review", "no match", "not a company")
#: Customers that are searched and scored together.
_BATCH = 200
#: Candidates of each that are scored: the likest by letters, and the first the index found.
_SHORTLIST, _FIRST_FOUND = 8, 3
#: At a postcode of more companies than this the postcode finds nobody: they are an agent's.
_CROWD = 300
_SHOWN = 3


class CancelSignal(Protocol):
    """Anything like `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the user asked to stop."""
        ...


@dataclass(frozen=True, repr=False)
class Matches:
    """Which company each customer is.

    Attributes
    ----------
    table : DataFrame
        One row for each customer: ``customer_id``; ``outcome``, one of `OUTCOMES`; ``company_number``, missing unless
        matched; ``probability`` of the likeliest candidate, missing where there is none; ``reason``.
    candidates : DataFrame
        The three likeliest of each customer: ``customer_id``, ``rank`` (from 1), ``company_number``, ``company_name``,
        ``postcode``, ``probability``, ``evidence_for``, ``evidence_against`` (sentences parted by semicolons).
    accept_precision : float
        Share of the matched that shall be right.
    accept_from : float
        The probability this takes.
    """

    table: pd.DataFrame
    candidates: pd.DataFrame
    accept_precision: float
    accept_from: float

    def __repr__(self) -> str:
        counts = self.table["outcome"].value_counts()
        told = ", ".join(f"{counts[name]:,} {name}" for name in OUTCOMES if name in counts)
        return f"Matches({told or 'no customers'})"


def match_names(
    customers: pd.DataFrame | Sequence[CustomerRecord],
    register: Register | NameIndex,
    *,
    k: int = 30,
    accept_precision: float = 0.995,
    scorer: Scorer | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> Matches:
    """Find the company that each customer is.

    A company number of the ledger decides, unless the name contradicts it. Else candidates come from the index of names,
    current and former, and from the customer's postcode; name, postcode, legal form and dates give each a probability.
    Customers that name several companies are left to the reviewer. People and public bodies are no companies.

    Parameters
    ----------
    customers : DataFrame or sequence of CustomerRecord
        Columns ``customer_id``, ``name``; optional the other fields of `CustomerRecord`.
    register : Register or NameIndex
        A `NameIndex` that is open already is used as it is.
    k : int
        Candidates the index is asked for.
    accept_precision : float
        Share of the matched that shall be right.
    scorer : Scorer, optional
        One that was recalibrated on reviewed customers; by default the shipped one.
    progress : callable, optional
        Called as ``progress("match", done, total)``.
    cancel : threading.Event or alike, optional

    Returns
    -------
    Matches

    Raises
    ------
    EnrichmentError
        If a column is missing, a customer stands twice, or the precision cannot be promised.
    Cancelled
        If asked to stop; ``finished`` is the `Matches` of the customers done.

    Examples
    --------
    >>> import tempfile
    >>> from payseg_widgets.enrichment.company import Company
    >>> from payseg_widgets.enrichment.register import write_register
    >>> register = write_register(
    ...     [Company("00000001", "ZEPHYRINE BRASSWARE LIMITED", postcode="LS1 1AA")], tempfile.mkdtemp()
    ... )
    >>> match_names([CustomerRecord("1", "Zephyrine Brassware Ltd", postcode="LS1 1AA")], register)
    Matches(1 matched)
    """
    if k < 1:
        raise EnrichmentError(f"k={k!r} candidates cannot be asked for; give 1 or more.")
    records = records_of(customers)
    scorer = scorer or shipped_scorer()
    accept_from = scorer.accept_from(accept_precision)
    index = register if isinstance(register, NameIndex) else NameIndex(register)
    rows: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for start in range(0, len(records), _BATCH):
        if cancel is not None and cancel.is_set():
            raise Cancelled(
                f"match_names() was stopped after {start:,} of {len(records):,} customers.",
                finished=_matches(rows, shown, accept_precision, accept_from),
            )
        batch = records[start : start + _BATCH]
        for record, parsed, pairs, scored in _compared(batch, index, k, scorer):
            top = ranked(record, pairs, scored, first=_SHOWN)
            rows.append(_row(record, parsed, pairs, top, accept_from, index.register))
            shown += [_shown(record, place, candidate) for place, candidate in enumerate(top, 1)]
        if progress is not None:
            progress("match", start + len(batch), len(records))
    return _matches(rows, shown, accept_precision, accept_from)


def records_of(customers: pd.DataFrame | Sequence[CustomerRecord]) -> list[CustomerRecord]:
    """Return customers as records; what a table leaves out or has missing is empty.

    Raises
    ------
    EnrichmentError
        If a column is missing, or a customer stands twice.
    """
    if isinstance(customers, pd.DataFrame):
        if missing := [name for name in ("customer_id", "name") if name not in customers]:
            raise EnrichmentError(
                f"the customers lack the column {missing[0]!r}; the columns are {list(customers)}."
            )
        known = [field.name for field in fields(CustomerRecord) if field.name in customers]
        columns = [
            _dates(customers[name]) if name.endswith("_on") else _texts(customers[name]) for name in known
        ]
        records = [CustomerRecord(**dict(zip(known, row, strict=True))) for row in zip(*columns, strict=True)]
    else:
        records = list(customers)
    if twice := len(records) - len({record.customer_id for record in records}):
        raise EnrichmentError(f"{twice} customers stand more than once. Keep one row for each customer_id.")
    return records


def _texts(column: pd.Series) -> list[str]:
    return ["" if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]


def _dates(column: pd.Series) -> list[date | None]:
    return [None if pd.isna(day) else day.date() for day in pd.to_datetime(column)]


def _compared(
    batch: Sequence[CustomerRecord], index: NameIndex, k: int, scorer: Scorer
) -> list[tuple[CustomerRecord, ParsedName, list[Pair], np.ndarray]]:
    """Find, fetch and score the candidates of some customers together."""
    register = index.register
    parsed = [parse_name(record.name) for record in batch]
    by_number = register.positions_of([plain_number(record.company_number) for record in batch])
    lists = [
        _shortlist(record, name, index, k, int(own))
        for record, name, own in zip(batch, parsed, by_number, strict=True)
    ]
    wanted = np.unique(np.concatenate([np.array(places, dtype="int64") for places in lists]))
    found = dict(zip(wanted, register.matched_by(wanted), strict=True))
    pairs = [
        pairs_of(record, name, [found[place] for place in places], index.frequencies)
        for record, name, places in zip(batch, parsed, lists, strict=True)
    ]
    return list(zip(batch, parsed, pairs, probabilities(batch, pairs, scorer), strict=True))


def _shortlist(
    record: CustomerRecord, parsed: ParsedName, index: NameIndex, k: int, by_number: int
) -> list[int]:
    """Positions worth scoring: by number, by the likest names, and the likest at the customer's postcode."""
    chosen = [by_number] if by_number >= 0 else []
    if not parsed.core:
        return chosen
    near = index.register.positions_at(record.postcode) if record.postcode else np.array([], dtype="int64")
    positions = index.candidates(parsed, k)
    names, former = index.register.names_at(positions)
    scores = np.array([_likeness(parsed, (own, *others)) for own, others in zip(names, former, strict=True)])
    is_near = np.isin(positions, near)
    order = (
        np.argsort(-(scores + 8 * is_near), kind="stable") if len(positions) else np.array([], dtype="int64")
    )
    chosen += positions[:_FIRST_FOUND].tolist() + positions[order[:_SHORTLIST]].tolist()
    if 0 < len(near) <= _CROWD and not any(is_near[place] and scores[place] >= 90 for place in order[:1]):
        at_postcode, _ = index.register.names_at(near)
        likest = process.extract(
            parsed.core, at_postcode, scorer=fuzz.token_set_ratio, limit=2, score_cutoff=55
        )
        chosen += [int(near[place]) for _, _, place in likest]
    return list(dict.fromkeys(chosen))


def _likeness(parsed: ParsedName, names: Sequence[str]) -> float:
    """Likeness, 0 to 100, of the readings and a company's names, whichever are the likest."""
    best = 0.0
    for name in names:
        core = parse_registered_name(name).core
        for reading in parsed.readings:
            best = max(
                best,
                fuzz.token_sort_ratio(reading, core),
                fuzz.ratio(reading.replace(" ", ""), core.replace(" ", "")),
            )
    return best


def _row(
    record: CustomerRecord,
    parsed: ParsedName,
    pairs: list[Pair],
    top: list[Ranked],
    accept_from: float,
    register: Register,
) -> dict[str, Any]:
    outcome, reason = _outcome(record, parsed, pairs, top, accept_from, register)
    return {
        "customer_id": record.customer_id,
        "outcome": outcome,
        "company_number": top[0].company.number if outcome == "matched" else None,
        "probability": top[0].probability if top else np.nan,
        "reason": reason,
    }


def _outcome(
    record: CustomerRecord,
    parsed: ParsedName,
    pairs: list[Pair],
    top: list[Ranked],
    accept_from: float,
    register: Register,
) -> tuple[str, str]:
    spoken = {number_speaks(record, pair) for pair in pairs}
    if "agrees" in spoken:
        return "matched", "the company number in the ledger is on the register, with a like name"
    if "contradicts" in spoken:
        return "needs review", "the company number in the ledger is that of a company with another name"
    if not parsed.core:
        return "no match", "the name is empty"
    if parsed.several:
        return "needs review", "the name tells of several companies"
    best = top[0].probability if top else 0.0
    same = bool(top) and any(p.company is top[0].company and p.values["same_core"] for p in pairs)
    if parsed.kind == "individual" or (parsed.kind and not (same and best >= accept_from)):
        return (
            "not a company",
            f"the name is that of {'a public body' if parsed.kind == 'public body' else 'a person'}",
        )
    if plain_number(record.company_number) and best >= REJECT_BELOW:
        return "needs review", "the company number in the ledger is not on this register"
    if best >= accept_from:
        return "matched", "; ".join(top[0].evidence_for)
    if best >= REJECT_BELOW:
        return (
            "needs review",
            f"the likeliest company is not sure enough ({best:.0%}, {accept_from:.1%} asked for)",
        )
    return "no match", "no company on the register is likely enough"


def _shown(record: CustomerRecord, place: int, candidate: Ranked) -> dict[str, Any]:
    company = candidate.company
    return {
        "customer_id": record.customer_id, "rank": place, "company_number": company.number, "company_name": company.name,
        "postcode": company.postcode, "probability": candidate.probability,
        "evidence_for": "; ".join(candidate.evidence_for), "evidence_against": "; ".join(candidate.evidence_against),
    }  # fmt: skip


def _matches(
    rows: list[dict[str, Any]], shown: list[dict[str, Any]], precision: float, accept_from: float
) -> Matches:
    columns = {
        "customer_id": "str",
        "outcome": "str",
        "company_number": "str",
        "probability": "float64",
        "reason": "str",
    }
    candidates = {
        "customer_id": "str", "rank": "int64", "company_number": "str", "company_name": "str", "postcode": "str",
        "probability": "float64", "evidence_for": "str", "evidence_against": "str",
    }  # fmt: skip
    return Matches(
        pd.DataFrame(rows, columns=list(columns)).astype(columns),
        pd.DataFrame(shown, columns=list(candidates)).astype(candidates),
        precision,
        accept_from,
    )
