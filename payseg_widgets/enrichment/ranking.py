"""Rank the companies that a customer may be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from payseg_widgets.enrichment.answer import Candidate
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.evidence import FEATURES, Pair, feature_rows, pairs_of
from payseg_widgets.enrichment.evidence_words import sentences
from payseg_widgets.enrichment.frequencies import Frequencies, typical_frequencies
from payseg_widgets.enrichment.names import parse_name
from payseg_widgets.enrichment.scorer import Scorer, shipped_scorer

#: A company number in the ledger is believed, unless the name says otherwise: then a reviewer decides.
NUMBER_AGREES, NUMBER_CONTRADICTS = 0.999, 0.5


def rank(
    customer: CustomerRecord,
    companies: Sequence[Company],
    frequencies: Frequencies | None = None,
    *,
    scorer: Scorer | None = None,
) -> list[Candidate]:
    """Rank companies by the probability that the customer is each.

    Parameters
    ----------
    customer : CustomerRecord
    companies : sequence of Company
        What a search returned; margins and ties are counted among these.
    frequencies : Frequencies, optional
        Of words: those of the register at hand (``NameIndex.frequencies``); by default the rough ones of a national register.
    scorer : Scorer, optional
        By default the shipped one.

    Returns
    -------
    list of Candidate
        The likeliest first. Companies that are ruled out have probability 0.

    Examples
    --------
    >>> acorn = Company("00000001", "ACORN PRINT LIMITED", postcode="LS1 1AA")
    >>> beech = Company("00000002", "BEECH PRINT LIMITED", postcode="LS1 1AA")
    >>> rank(CustomerRecord("1", "Acorn Print Ltd", postcode="LS1 1AA"), [beech, acorn])[0].company
    Company(00000001)
    """
    pairs = pairs_of(customer, parse_name(customer.name), companies, frequencies or typical_frequencies())
    scored = probabilities([customer], [pairs], scorer or shipped_scorer())
    return ranked(customer, pairs, scored[0])


def probabilities(
    customers: Sequence[CustomerRecord], pairs: Sequence[Sequence[Pair]], scorer: Scorer
) -> list[np.ndarray]:
    """Return the probability of each pair, customer by customer; the scorer sees all of them at once."""
    rows = [feature_rows(own) for own in pairs]
    scored = scorer.probabilities(np.vstack([np.empty((0, len(FEATURES))), *rows]))
    ends = np.cumsum([len(own) for own in pairs])
    parts = np.split(scored, ends[:-1]) if len(pairs) else []
    return [
        _decided(customer, own, part) for customer, own, part in zip(customers, pairs, parts, strict=True)
    ]


def ranked(
    customer: CustomerRecord, pairs: Sequence[Pair], scored: np.ndarray, *, first: int | None = None
) -> list[Candidate]:
    """Order candidates and put their evidence into words; ``first`` many of them."""
    order = sorted(
        range(len(pairs)), key=lambda k: (-scored[k], -pairs[k].values["ratio"], pairs[k].company.number)
    )
    return [_worded(customer, pairs[k], float(scored[k])) for k in order[:first]]


def number_speaks(customer: CustomerRecord, pair: Pair) -> str:
    """``agrees``, ``contradicts`` where the number is right but the name is another, or empty."""
    number = customer.clean_number
    if not number or number != pair.company.number:
        return ""
    values = pair.values
    alike = max(
        values["set_ratio"],
        values["joined_ratio"],
        values["overlap_of_customer"],
        values["overlap_of_company"],
    )
    return "agrees" if alike >= 0.5 else "contradicts"


def _decided(customer: CustomerRecord, pairs: Sequence[Pair], scored: np.ndarray) -> np.ndarray:
    """Rule out, let the ledger's number decide, and let the candidates share one certainty."""
    result = np.where([pair.is_ruled_out for pair in pairs], 0.0, scored) if len(pairs) else scored.copy()
    total = result.sum()
    if total > 1:
        result = result / total
    spoken = [number_speaks(customer, pair) for pair in pairs]
    for k, says in enumerate(spoken):
        if says == "agrees":
            result = np.minimum(result, 1 - NUMBER_AGREES)
            result[k] = NUMBER_AGREES
        elif says == "contradicts":
            result = np.minimum(result, 1 - NUMBER_CONTRADICTS)
            result[k] = NUMBER_CONTRADICTS
    return result


def _worded(customer: CustomerRecord, pair: Pair, probability: float) -> Candidate:
    speaks_for, against = sentences(customer, pair)
    says = number_speaks(customer, pair)
    if says:
        speaks_for = ("the ledger's company number is this company's", *speaks_for)
    if says == "contradicts":
        against = ("its name is not the ledger's although the company number is", *against)
    elif not says and (number := customer.clean_number):
        against = (f"the ledger's company number is {number}", *against)
    return Candidate(pair.company, probability, speaks_for, against)
