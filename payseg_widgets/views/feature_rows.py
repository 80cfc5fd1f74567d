"""What an analyst needs to know of each feature to choose it: what it means, how it is spread, how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import FeatureError, UnknownNameError
from payseg_widgets.features.measure import Measure
from payseg_widgets.features.presets import RECOMMENDED, TEN_AR_FEATURES
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.views.histogram import Spread, spread_of
from payseg_widgets.views.quantities import quantity, shortened
from payseg_widgets.views.twins import Twins, twins_among

#: Longest name, label and sentence shown; longer ones are cut.
LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT = 60, 80, 300

_KINDS = {
    "days": "Days",
    "ratio": "Shares",
    "money": "Money",
    "count": "Counts",
    "per_year": "Trends",
    "days_per_year": "Trends",
    "index": "Indices",
}
_UNITS = {"per_year": "per year", "days_per_year": "days per year", "ratio": "share", "index": "number"}
_WORSE = {"higher": "higher is worse", "lower": "lower is worse"}


@dataclass(frozen=True)
class FeatureRow:
    """One feature in words and figures.

    Attributes
    ----------
    name, label, unit, meaning : str
        Cut to a readable length.
    kind : str
        What sort of quantity it is, in the plural.
    worse : str
        Which direction is worse, in words; empty where neither is.
    share_missing : float
        In [0, 1]; NaN for a table without customers.
    missing : str
        The share in words, with the commonest reason.
    reliability : float
        In [0, 1]; NaN where it cannot be told.
    spread : Spread
    distribution : str
        The picture in words.
    """

    name: str
    label: str
    unit: str
    meaning: str
    kind: str
    worse: str
    share_missing: float
    missing: str
    reliability: float
    spread: Spread
    distribution: str


def feature_rows(table: FeatureTable) -> tuple[FeatureRow, ...]:
    """Return one row for each feature, in the order of the table."""
    reliability = _reliability(table)
    return tuple(_row(table, measure, reliability[measure.name]) for measure in table.measures)


def feature_twins(table: FeatureTable) -> tuple[Twins, ...]:
    """Return the pairs of features that say the same, as positions in the table: see `twins_among`."""
    return twins_among(table.frame[[m.name for m in table.measures]].to_numpy(dtype=np.float64))


def presets(table: FeatureTable) -> dict[str, tuple[str, ...]]:
    """Return the sets of features with a purpose, as far as the table has them; none is empty."""
    has = {m.name: None for m in table.measures}
    sets = {"Recommended": RECOMMENDED, "The ten AR features": TEN_AR_FEATURES, "All": tuple(has)}
    found = {label: tuple(name for name in names if name in has) for label, names in sets.items()}
    return {
        label if len(found[label]) == len(names) else f"{label} ({len(found[label])} of {len(names)})": found[
            label
        ]
        for label, names in sets.items()
        if found[label]
    }


def checked_names(names: Iterable[str], table: FeatureTable) -> tuple[str, ...]:
    """Return the names as a tuple.

    Raises
    ------
    FeatureError
        If there is none, one is given twice, or a text is given instead of a list.
    UnknownNameError
        If the table has no such feature; the message says which was meant.
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise FeatureError(
            f"features={shortened(repr(names), 60)} is no list of names; give one: features=[...]."
        )
    chosen, known = tuple(names), [m.name for m in table.measures]
    for name in chosen:
        if name not in known:
            hint = did_you_mean(shortened(str(name), 60), [shortened(k, 60) for k in known])
            raise UnknownNameError(f"no feature is called {shortened(repr(name), 60)}. {hint}")
    if not chosen:
        raise FeatureError("no feature is left; choose at least one.")
    if len(set(chosen)) < len(chosen):
        twice = next(name for name in chosen if chosen.count(name) > 1)
        raise FeatureError(f"{shortened(repr(twice), 60)} is chosen twice; give each feature once.")
    return chosen


def rows_table(rows: Sequence[FeatureRow], chosen: Sequence[bool]) -> pd.DataFrame:
    """Return the rows as a table to print, the chosen first."""
    table = pd.DataFrame(
        {
            "chosen": ["yes" if is_chosen else "no" for is_chosen in chosen],
            "feature": [row.label for row in rows],
            "name": [row.name for row in rows],
            "unit": [row.unit for row in rows],
            "values": [row.distribution for row in rows],
            "missing": [row.missing for row in rows],
            "reliability": [_two_digits(row.reliability) for row in rows],
        }
    )
    return table.sort_values("chosen", ascending=False, kind="stable", ignore_index=True)


def _row(table: FeatureTable, measure: Measure, reliability: float) -> FeatureRow:
    values = table.frame[measure.name].to_numpy(dtype=np.float64)
    spread = spread_of(values)
    return FeatureRow(
        name=shortened(measure.name, LONGEST_NAME),
        label=shortened(measure.label, LONGEST_LABEL),
        unit=table.currency if measure.unit == "money" else _UNITS.get(measure.unit, measure.unit),
        meaning=shortened(measure.meaning, LONGEST_TEXT),
        kind=_KINDS.get(measure.unit, "Others"),
        worse=_WORSE.get(measure.worse, ""),
        share_missing=spread.n_missing / len(values) if len(values) else math.nan,
        missing=shortened(_missing(table, measure, np.isnan(values)), LONGEST_TEXT),
        reliability=reliability,
        spread=spread,
        distribution=in_words(spread, measure.unit, table.currency),
    )


def _reliability(table: FeatureTable) -> dict[str, float]:
    if table.invoices is None or len(table) == 0:
        return {m.name: math.nan for m in table.measures}
    return {m.name: float(table.reliability[m.name]) for m in table.measures}


def in_words(spread: Spread, unit: str, currency: str) -> str:
    """Say how the values are spread: the picture's text twin."""
    low, middle, high = (quantity(q, unit, currency) for q in spread.quartiles)
    said = [spread.instead] if spread.instead else []
    if spread.counts:
        said.append(f"Median {middle}, middle half {low} to {high}.")
    elif not math.isnan(spread.quartiles[1]):
        said.append(f"Value: {middle}." if low == high else f"From {low} to {high}.")
    for n, where, end in ((spread.n_below, "below", spread.low), (spread.n_above, "above", spread.high)):
        if n:
            said.append(f"{n:,} {where} {quantity(end, unit, currency)}, not drawn.")
    if spread.n_infinite:
        said.append(f"{spread.n_infinite:,} infinite, left out.")
    return " ".join(said)


def _missing(table: FeatureTable, measure: Measure, is_missing: np.ndarray) -> str:
    n = int(is_missing.sum())
    if not n:
        return "none missing"
    invoices = table.invoices
    if invoices is not None and invoices.n_customers != len(is_missing):
        invoices = None  # rows were taken away since: it can no longer be told which reason holds for which
    why = measure.why_missing(invoices)
    if not isinstance(why, str):
        reasons, counts = np.unique(why[is_missing], return_counts=True)
        why = ("mostly: " if len(reasons) > 1 else "") + str(reasons[counts.argmax()])
    share = n / len(is_missing)
    return f"{'under 1%' if share < 0.01 else f'{share:.0%}'} missing: {why}"


def _two_digits(value: float) -> str:
    return "not known" if math.isnan(value) else f"{value:.2f}"
