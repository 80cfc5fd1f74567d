"""Say in sentences what speaks for and against a candidate."""

from __future__ import annotations

from payseg_widgets.enrichment import evidence as facts
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.evidence import Pair

_SPEAK_FOR = {
    facts.SAME_POSTCODE: "same postcode",
    facts.SAME_DISTRICT: "same postcode district",
    facts.SAME_AREA: "same postcode area",
}


def sentences(customer: CustomerRecord, pair: Pair) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what speaks for and what against, each a list of short sentences.

    Examples
    --------
    >>> from payseg_widgets.enrichment.company import Company
    >>> from payseg_widgets.enrichment.frequencies import typical_frequencies
    >>> from payseg_widgets.enrichment.names import parse_name
    >>> customer = CustomerRecord("1", "Acorn Print Ltd", postcode="LS1 1AA")
    >>> company = Company("00000001", "ACORN PRINT LIMITED", postcode="LS1 1AA")
    >>> pairs = facts.pairs_of(customer, parse_name(customer.name), [company], typical_frequencies())
    >>> sentences(customer, pairs[0])
    (('same name', 'same legal form', 'same postcode'), ())
    """
    speaks_for: list[str] = []
    against: list[str] = []
    for part in (_name, _form, _rivals, _postcode, _former, _dates):
        part(customer, pair, speaks_for, against)
    return tuple(speaks_for), tuple(against)


def _name(_customer: CustomerRecord, pair: Pair, speaks_for: list[str], against: list[str]) -> None:
    values = pair.values
    if values["same_core"]:
        speaks_for.append("same name")
    elif values["sorted_ratio"] == 1:
        speaks_for.append("same words in another order")
    elif values["overlap_of_customer"] > 0.6 or values["joined_ratio"] > 0.85:
        speaks_for.append(f"like name ({values['sorted_ratio']:.0%} of letters)")
    else:
        against.append(f"another name ({values['sorted_ratio']:.0%} of letters alike)")
    if values["unshared_of_customer"] > 3:
        against.append("words of the ledger's name are missing from the company's")
    if values["unshared_of_company"] > 3:
        against.append("words of the company's name are missing from the ledger's")
    if pair.reading:
        against.append("only without what the clerk seems to have added, or by the trading name")


def _form(_customer: CustomerRecord, pair: Pair, speaks_for: list[str], against: list[str]) -> None:
    if pair.values["same_form"] > 0:
        speaks_for.append("same legal form")
    elif pair.values["same_form"] < 0:
        against.append("another legal form")


def _rivals(_customer: CustomerRecord, pair: Pair, _speaks_for: list[str], against: list[str]) -> None:
    if twins := int(pair.values["n_same_core"]):
        against.append(f"{twins} other {'company has' if twins == 1 else 'companies have'} the same name")
    elif rivals := int(pair.values["n_rivals"]):
        against.append(
            f"{rivals} other {'company has' if rivals == 1 else 'companies have'} a name about as like"
        )


def _postcode(_customer: CustomerRecord, pair: Pair, speaks_for: list[str], against: list[str]) -> None:
    if pair.postcode in _SPEAK_FOR:
        speaks_for.append(_SPEAK_FOR[pair.postcode])
    elif pair.postcode == facts.OTHER_AREA:
        against.append("another postcode area (the register knows the registered office only)")


def _former(_customer: CustomerRecord, pair: Pair, speaks_for: list[str], against: list[str]) -> None:
    if not pair.is_former:
        return
    until = f" until {pair.former_until:%d %B %Y}" if pair.former_until else ""
    if pair.values["is_former_name"] < 2:
        speaks_for.append(f"its name{until}")
    else:
        against.append(f"its name{until} only, before the first invoice")


def _dates(customer: CustomerRecord, pair: Pair, _speaks_for: list[str], against: list[str]) -> None:
    company = pair.company
    if pair.is_ruled_out:
        against.append(
            f"incorporated on {company.incorporated_on:%d %B %Y}, after the first invoice: ruled out"
        )
    if company.dissolved_on is not None and pair.values["years_dissolved"]:
        against.append(f"dissolved on {company.dissolved_on:%d %B %Y}, before the last invoice")
