"""What speaks for and against a customer being a company, as figures for the scorer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.frequencies import Frequencies
from payseg_widgets.enrichment.name_words import FAMILY_WORDS
from payseg_widgets.enrichment.names import ParsedName, parse_registered_name

#: What the scorer sees of each candidate: name -> whether more of it speaks for (1), against (-1) or neither (0).
FEATURES = {
    "ratio": 1, "sorted_ratio": 1, "set_ratio": 1, "joined_ratio": 1, "winkler": 1, "overlap_of_customer": 1,
    "overlap_of_company": 1, "shared_information": 1, "unshared_of_customer": -1, "unshared_of_company": -1, "whole_ratio": 1,
    "same_form": 1, "same_core": 1, "n_same_core": -1, "margin": 1, "n_rivals": -1, "postcode": 1, "postcode_margin": 1,
    "is_former_name": -1, "years_dissolved": -1, "is_dissolved": -1, "other_reading": 0, "n_words": 0,
    "n_family_words": -1,
}  # fmt: skip

#: Agreement of two postcodes; unknown lies between another area and the same one.
OTHER_AREA, UNKNOWN, SAME_AREA, SAME_DISTRICT, SAME_POSTCODE = range(5)
#: A company may be invoiced while it is being formed.
FORMATION = timedelta(days=31)
_POSTCODE = re.compile(r"([A-Z]{1,2})(\d[A-Z\d]?)(\d[ABD-HJLNP-UW-Z]{2})$")
_VOWELS = str.maketrans("", "", "AEIOU")


@dataclass(frozen=True, repr=False)
class Pair:
    """A customer beside one candidate.

    Attributes
    ----------
    company : Company
    name : str
        The name of the company, current or former, that is most like the customer's.
    former_until : date or None
        Last day of that name, if it is a former one.
    is_former : bool
    reading : int
        Which of the customer's readings is meant; 0 is the likeliest.
    postcode : int
        `OTHER_AREA` to `SAME_POSTCODE`.
    is_ruled_out : bool
        The company did not exist yet at the first invoice.
    values : dict of str to float
        By `FEATURES`.
    """

    company: Company
    name: str
    former_until: date | None
    is_former: bool
    reading: int
    postcode: int
    is_ruled_out: bool
    values: dict[str, float]

    def __repr__(self) -> str:
        return f"Pair({self.company.number})"


def pairs_of(
    customer: CustomerRecord, parsed: ParsedName, companies: Sequence[Company], frequencies: Frequencies
) -> list[Pair]:
    """Compare a customer with each candidate, and the candidates with each other.

    Companies that did not exist at the first invoice are no rivals of the others.
    """
    code = customer.own_postcode
    pairs = [_pair(customer, parsed, company, code, frequencies) for company in companies]
    blends = [(pair, _blend(pair.values)) for pair in pairs]
    possible = [(pair, blend) for pair, blend in blends if not pair.is_ruled_out]
    for pair, blend in blends:
        _beside(pair, blend, [one for one in possible if one[0] is not pair])
    return pairs


def feature_rows(pairs: Sequence[Pair]) -> np.ndarray:
    """Return the features, shape (n_pairs, n_features), to six decimals: so they fall the same side of a threshold anywhere."""
    rows = np.array([[pair.values[name] for name in FEATURES] for pair in pairs], dtype=float)
    return rows.reshape(len(pairs), len(FEATURES)).round(6)


def _pair(
    customer: CustomerRecord, parsed: ParsedName, company: Company, code: str, frequencies: Frequencies
) -> Pair:
    names = [(company.name, None, False)] + [(old.name, old.until_on, True) for old in company.previous_names]
    readings = parsed.readings or ("",)
    best: tuple[float, int, str, date | None, bool] = (-1.0, 0, company.name, None, False)
    for name, until, is_former in names:
        core = parse_registered_name(name).core
        for place, reading in enumerate(readings):
            likeness = (
                fuzz.token_sort_ratio(reading, core) + 0.5 * fuzz.ratio(reading, core) - 2 * is_former - place
            )
            if likeness > best[0]:
                best = (likeness, place, name, until, is_former)
    _, place, name, until, is_former = best
    registered = parse_registered_name(name)
    postcode = _postcode_agreement(code, _plain_postcode(company.postcode))
    values = _name_values(readings[place], registered.core, frequencies)
    values |= {
        "whole_ratio": fuzz.ratio(parsed.text, registered.text) / 100,
        "same_form": _same_form(parsed.suffix_class, registered.suffix_class),
        "postcode": postcode,
        "is_former_name": _former(is_former, until, customer.first_invoice_on),
        "years_dissolved": _years_dissolved(company, customer.first_invoice_on, customer.last_invoice_on),
        "is_dissolved": float(company.dissolved_on is not None),
        "other_reading": float(place),
    }
    return Pair(company, name, until, is_former, place, postcode, is_ruled_out(customer, company), values)


def is_ruled_out(customer: CustomerRecord, company: Company) -> bool:
    """Whether the company was incorporated more than a month after the first invoice."""
    first, born = customer.first_invoice_on, company.incorporated_on
    return first is not None and born is not None and born > first + FORMATION


def _name_values(mine: str, theirs: str, frequencies: Frequencies) -> dict[str, float]:
    sorted_ratio = fuzz.token_sort_ratio(mine, theirs) / 100
    joined_mine, joined_theirs = mine.replace(" ", ""), theirs.replace(" ", "")
    shared, total_mine, total_theirs = _overlap(mine.split(), theirs.split(), frequencies)
    return {
        "ratio": fuzz.ratio(mine, theirs) / 100,
        "sorted_ratio": sorted_ratio,
        "set_ratio": fuzz.token_set_ratio(mine, theirs) / 100,
        "joined_ratio": fuzz.ratio(joined_mine, joined_theirs) / 100,
        "winkler": JaroWinkler.similarity(joined_mine, joined_theirs),
        "overlap_of_customer": shared / max(total_mine, 1e-9),
        "overlap_of_company": shared / max(total_theirs, 1e-9),
        "shared_information": shared,
        "unshared_of_customer": total_mine - shared,
        "unshared_of_company": max(total_theirs - shared, 0.0),
        "same_core": float(joined_mine == joined_theirs),
        "n_words": float(min(mine.count(" "), 5)),
        "n_family_words": float(
            sum(w in FAMILY_WORDS or w.isdigit() for w in set(mine.split()) ^ set(theirs.split()))
        ),
    }


def _overlap(mine: list[str], theirs: list[str], frequencies: Frequencies) -> tuple[float, float, float]:
    """Information of the words in common, of all of the customer's and of all of the company's."""
    weight = frequencies.weight
    total_mine, total_theirs = sum(map(weight, mine)), sum(map(weight, theirs))
    left = list(theirs)
    shared, odd = 0.0, []
    for word in mine:
        if word in left:
            left.remove(word)
            shared += weight(word)
        else:
            odd.append(word)
    for word in odd:
        likeness, other = max(((_likeness(word, other), other) for other in left), default=(0.0, ""))
        if likeness:
            left.remove(other)
            shared += likeness * min(weight(word), weight(other))
    return shared, total_mine, total_theirs


def _likeness(word: str, other: str) -> float:
    """How far two different words may be one, misspelt or shortened."""
    short, long = sorted((word, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return 0.8
    if len(short) >= 3 and short[0] == long[0] and short.translate(_VOWELS) == long.translate(_VOWELS):
        return 0.8
    alike = OSA.normalized_similarity(word, other)
    return alike if alike >= 0.7 and len(short) >= 4 else 0.0


def _beside(pair: Pair, own: float, others: Sequence[tuple[Pair, float]]) -> None:
    """Add what a candidate's rivals, each with its likeness, say of it."""
    values = pair.values
    rivals = [other for other, blend in others if blend >= own - 0.08]
    twins = sum(other.values["same_core"] for other, _ in others) if values["same_core"] else 0.0
    values["n_same_core"] = min(twins, 5.0)
    values["margin"] = own - max((blend for _, blend in others), default=0.0)
    values["n_rivals"] = float(min(len(rivals), 6))
    values["postcode_margin"] = float(
        pair.postcode - max((other.postcode for other in rivals), default=UNKNOWN)
    )


def _blend(values: dict[str, float]) -> float:
    """One figure for how alike two names are."""
    overlap = (values["overlap_of_customer"] + values["overlap_of_company"]) / 2
    likeness = max(values["sorted_ratio"], values["joined_ratio"])
    return 0.45 * likeness + 0.4 * overlap + 0.15 * values["whole_ratio"]


def _same_form(mine: str, theirs: str) -> float:
    if not mine or not theirs:
        return 0.0
    return 1.0 if mine == theirs else -1.0


def _former(is_former: bool, until: date | None, first: date | None) -> float:
    """0 the current name; 1 a former one that may have been valid at the first invoice; 2 one given up before."""
    if not is_former:
        return 0.0
    return 2.0 if until is not None and first is not None and until < first else 1.0


def _years_dissolved(company: Company, first: date | None, last: date | None) -> float:
    """Years from dissolution to the last invoice, counted from 1 (up to 5) where even the first came after; 0 if open."""
    if company.dissolved_on is None or last is None or last <= company.dissolved_on:
        return 0.0
    years = (last - company.dissolved_on).days / 365.25
    return min(years + (first is not None and first > company.dissolved_on), 5.0)


def _plain_postcode(text: str) -> str:
    return "".join(text.upper().split())


def _postcode_agreement(mine: str, theirs: str) -> int:
    if mine and mine == theirs:
        return SAME_POSTCODE
    ours, other = _POSTCODE.match(mine), _POSTCODE.match(theirs)
    if ours is None or other is None:
        return UNKNOWN
    if ours[1] != other[1]:
        return OTHER_AREA
    return SAME_DISTRICT if ours[2] == other[2] else SAME_AREA
