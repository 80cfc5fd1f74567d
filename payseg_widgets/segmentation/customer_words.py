"""What is found of one customer, as a colleague would say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from payseg_widgets.segmentation.confidence import LEAST_SURE
from payseg_widgets.segmentation.prepare import MOST_MISSING, Preparation, invoice_counts, values_of
from payseg_widgets.segmentation.readable import written
from payseg_widgets.segmentation.rules import lowered

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable
    from payseg_widgets.segmentation.explain_customer import CustomerExplanation

_N_REASONS = 3
_N_CHANGES = 3
#: A reason against is worth mentioning if it has at least this share of what speaks for the segment.
_WORTH_SAYING = 0.1
#: Figures that are context are rounded to so many digits; those one would act upon are not.
_ROUGHLY = 3


def opening_sentence(explained: CustomerExplanation, names: Mapping[int, str]) -> str:
    """Say where the customer is, or that it is in no segment and why."""
    if explained.segment >= 0:
        return f"It is in {names[explained.segment]}."
    if explained.likely >= 0:
        return f"It is in no segment: {names[explained.likely]} fits best, but that is not sure enough."
    if explained.other >= 0:
        return "It is in no segment: it is known well enough, but unlike all of them."
    return f"It is in no segment: {explained.status.removeprefix('not enough yet: ')}."


def reasons_sentence(explained: CustomerExplanation, names: Mapping[int, str], currency: str) -> str:
    """Say which features bring it closer to its segment than to the nearest other."""
    if explained.other < 0:
        return ""
    rows = explained.reasons[explained.reasons["contribution"] != 0].to_dict("records")
    there = _letter(names[explained.other])
    if explained.likely < 0:
        usual = {"other_median": there}
        far = _listed([_compared(row, usual, currency) for row in rows[:_N_REASONS]])
        return f"The nearest is {names[explained.other]}; furthest from it: {far}."
    here = _letter(names[explained.likely])
    usual = {"segment_median": here, "other_median": there}
    speaks = [row for row in rows if row["contribution"] > 0]
    total = sum(row["contribution"] for row in rows)
    reasons = _listed([_compared(row, usual, currency) for row in speaks[:_N_REASONS]])
    said = f"The nearest other is {names[explained.other]}."
    said += f" For {here} rather than {there} speak mostly: {reasons}." if reasons else ""
    least = _WORTH_SAYING * sum(row["contribution"] for row in speaks)
    against = [row for row in rows[::-1] if row["contribution"] < -least]
    if against:
        said += f" For {there} speaks: {_compared(against[0], usual, currency)}."
    if total <= 0:
        said += f" By distance to the middles alone it would be in {there}; the model goes by the shape of segments too."
    return said


def sure_sentence(explained: CustomerExplanation, names: Mapping[int, str], *, has_invoices: bool) -> str:
    """Say where halves of its invoices are, and what that is worth."""
    if explained.likely < 0:
        return ""
    if not has_invoices:
        return "How sure that is cannot be told: the table has no invoices to resample."
    found = explained.halves.sort_values(ascending=False, kind="stable")
    letters = {segment: _letter(name) for segment, name in names.items()}
    places = [
        f"{n} are in {letters.get(k, 'none')}" for k, n in zip(found.index.tolist(), found, strict=True)
    ]
    said = f"Of {found.sum()} random halves of its invoices, placed on their own, {_listed(places)}."
    if np.isnan(explained.confidence):
        return said
    return (
        f"{said} Halves say less than the whole; by what long histories cut short have shown, "
        f"{_letter(names[explained.likely])} is right with probability {explained.confidence:.2f}."
    )


def needed_sentence(explained: CustomerExplanation, one: FeatureTable, preparation: Preparation) -> str:
    """Say what a customer in no segment lacks."""
    if explained.segment >= 0:
        return ""
    if explained.likely >= 0:
        return f"It is placed from a probability of {LEAST_SURE} on; more invoices will tell."
    lacks = [_invoices_needed(one, preparation), _features_needed(one, preparation)]
    return " ".join(filter(None, lacks))


def changes_sentence(explained: CustomerExplanation, names: Mapping[int, str], one: FeatureTable) -> str:
    """Say which change of one feature moves it, the smallest first."""
    if not len(explained.changes):
        return ""
    measures = {measure.name: measure for measure in one.measures}
    moving = explained.changes[explained.changes["new_value"].notna()]
    said = []
    for name, row in moving.head(_N_CHANGES).to_dict("index").items():
        measure = measures[str(name)]
        now = written(row["value"], measure.unit, one.currency, digits=_ROUGHLY)
        then = written(row["new_value"], measure.unit, one.currency)
        target = int(row["segment"])
        where = f"to {_letter(names[target])}" if target in names else "out of every segment"
        said.append(
            f"{lowered(measure.label)} from {now} to {then} ({where}; {row['spreads']:.1f} standard deviations)"
        )
    unknown = explained.changes.index[explained.changes["value"].isna()]
    labels = _listed([lowered(measures[name].label) for name in unknown])
    rest = f" Not known, and so not changed: {labels}." if labels else ""
    if not said:
        return f"No change of one feature within what this portfolio shows would move it.{rest}"
    first = f"The smallest change of one feature that would move it: {said[0]}."
    return first + (f" Or {', or '.join(said[1:])}." if said[1:] else "") + rest


def _compared(row: Mapping[Any, Any], usual: Mapping[str, str], currency: str) -> str:
    """Write a value beside the median of each segment named; ``usual`` maps the column to the letter."""
    label = lowered(row["label"])
    if np.isnan(row["value"]):
        return f"{label} (not known; told from its other features)"
    value, *middles = (
        written(row[name], row["unit"], currency, digits=_ROUGHLY) for name in ("value", *usual)
    )
    beside = ", ".join(
        f"in {letter} {middle}" for letter, middle in zip(usual.values(), middles, strict=True)
    )
    return f"{label} {value} (usual {beside})"


def _letter(name: str) -> str:
    """Return the letter a segment's name begins with."""
    return name.partition(" ")[0]


def _invoices_needed(one: FeatureTable, preparation: Preparation) -> str:
    counts = invoice_counts(one)
    if counts is None:
        return ""
    more = preparation.min_invoices - int(counts.fillna(0).iloc[0])
    return f"{more} more invoice{'s are' if more > 1 else ' is'} needed." if more > 0 else ""


def _features_needed(one: FeatureTable, preparation: Preparation) -> str:
    names = preparation.names
    row = values_of(one, names).iloc[0]
    absent = list(row.index[row.isna()])
    most = int(MOST_MISSING * len(names))
    if len(absent) <= most:
        return ""
    labels = {measure.name: lowered(measure.label) for measure in one.measures}
    why = [f"{labels[name]} ({one.reasons[name].iloc[0].removeprefix('not estimable: ')})" for name in absent]
    return f"At least {len(absent) - most} of these must become known: {'; '.join(why)}."


def _listed(words: list[str]) -> str:
    """Join words: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
