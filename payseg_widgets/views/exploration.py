"""Customers and their segments as linked pictures: what the explorer shows and an exported page carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from payseg_widgets.errors import SelectionError, UnknownNameError
from payseg_widgets.features.ageing import ageing
from payseg_widgets.features.measure import Measure
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.segmentation.coordinates import customer_map
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.views.ageing import ageing_view, bucket_label
from payseg_widgets.views.brush import Brush, BrushAxis, brush_view
from payseg_widgets.views.brush_values import EXACT_AT_MOST
from payseg_widgets.views.profile import profile_view
from payseg_widgets.views.view import View

#: What the customers are compared by beside what they were segmented by, where the table has it.
COMPARED = (
    "mean_days_late", "late_by_30_ratio", "on_time_ratio", "payment_consistency", "total_invoiced", "outstanding",
    "overdue",
)  # fmt: skip
#: The two features that span a picture of their own, the first the table has.
SPANNED = ("on_time_ratio", "late_by_30_ratio", "median_days_late", "mean_days_late")
_DELAY = ("mean_days_late", "median_days_late", "weighted_days_late")
_MONEY = ("total_invoiced", "outstanding", "average_invoice")
#: Columns of the map, which no feature is called.
MAP = ("map_1", "map_2")


@dataclass(frozen=True, repr=False)
class Exploration:
    """What is shown of some customers and their segments.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``customer_id``: every feature, ``segment`` (its name as text, missing for whoever is in none), ``map_1`` and
        ``map_2``. What a `Selection` is applied to.
    brush : Brush
        The linked pictures, with the segments' profile and ageing beside them.
    views : mapping of str to View
        ``profile`` and ``ageing`` with their text twins.
    measures : tuple of Measure
        What the customers are compared by.
    """

    table: pd.DataFrame
    brush: Brush
    views: Mapping[str, View]
    measures: tuple[Measure, ...]

    def __repr__(self) -> str:
        return f"Exploration(customers={len(self.table)}, pictures={len(self.brush.spec['pictures'])})"


def explore(
    features: FeatureTable,
    segmentation: Segmentation,
    *,
    axes: tuple[str, str] | None = None,
    map: str = "pca",  # noqa: A002  what it is
    shows_ids: bool = True,
    called: pd.Series | None = None,
) -> Exploration:
    """Draw customers in a map, by two features, by delay and segment, and by money, all brushed together.

    Parameters
    ----------
    features : FeatureTable
        With a feature at least.
    segmentation : Segmentation
        Of the same customers, or of some of them.
    axes : tuple of str, optional
        The two features that span a picture of their own; by default the first of ``SPANNED`` there are.
    map : {"pca", "pacmap"}
        How the map is made: see `customer_map`.
    shows_ids : bool
        Whether the page may tell who a customer is. Of more than `EXACT_AT_MOST` customers it never does.
    called : pandas.Series of str, optional
        What the page calls each customer, index ``customer_id``; by default the id.

    Raises
    ------
    UnknownNameError
        If ``axes`` names no feature of the table, or there is no such map.
    MissingDependencyError
        If PaCMAP is not installed.
    SelectionError
        If the table has no feature.
    """
    if not features.measures:
        raise SelectionError("the table has no feature to draw; compute some: compute_features(ledger).")
    measures = {m.name: m for m in features.measures}
    place = customer_map(segmentation, features, map)
    table = _table(features, segmentation, place)
    shown = list(segment_names(segmentation).values())
    views = {
        "profile": profile_view(
            segmentation.cards, [measures[n] for n in segmentation.features if n in measures]
        )
    }
    if features.invoices is not None:
        views["ageing"] = _ageing(features, table["segment"], shown)
    compared = [n for n in dict.fromkeys([*segmentation.features, *COMPARED]) if n in measures]
    brush = brush_view(
        table,
        pictures=_pictures(measures, place.attrs, axes or first_two(features.measures)),
        segments=shown,
        titles=["Map of payment behaviour"],
        ids=_called(table, called) if shows_ids and len(table) <= EXACT_AT_MOST else None,
        across=2,
        values=features.frame[[*compared, *(n for n in measures if n not in compared)]],
        measures=features.measures,
        beside=[view.figure for view in views.values()],
    )
    said = replace(brush.view, sentence=f"{segmentation.caution} {brush.view.sentence}".strip())
    brush = replace(brush, view=said)
    return Exploration(table, brush, views, tuple(measures[n] for n in compared))


def _called(table: pd.DataFrame, called: pd.Series | None) -> list[str]:
    return list(table.index) if called is None else called.reindex(table.index).tolist()


def segment_names(segmentation: Segmentation) -> dict[int, str]:
    """Return what each segment is called, in order: its letter and its name."""
    return {card.segment: f"{card.letter} {card.name}" for card in segmentation.cards if card.segment >= 0}


def _table(features: FeatureTable, segmentation: Segmentation, place: pd.DataFrame) -> pd.DataFrame:
    frame = features.frame
    place = place.reindex(frame.index)
    labels = segmentation.labels_.reindex(frame.index)
    return frame.assign(
        **{
            MAP[0]: place["x"],
            MAP[1]: place["y"],
            "segment": labels.map(segment_names(segmentation)).astype("str"),
        }
    )


def _pictures(
    measures: Mapping[str, Measure], labels: Mapping[Any, Any], axes: tuple[str, str]
) -> Sequence[tuple[BrushAxis, BrushAxis]]:
    for name in axes:
        if name not in measures:
            raise UnknownNameError(f"{name!r} is no feature of this table. There are: {', '.join(measures)}.")
    delay = next((n for n in _DELAY if n in measures), axes[0])
    money = next((n for n in _MONEY if n in measures), axes[1])
    return [
        (_map_axis(MAP[0], labels["x_label"]), _map_axis(MAP[1], labels["y_label"])),
        (_axis(measures[axes[0]]), _axis(measures[axes[1]])),
        (_axis(measures[money]), _axis(measures[delay])),
        (_axis(measures[delay]), BrushAxis("segment", "Segment", is_lanes=True)),
    ]


def _map_axis(column: str, label: str) -> BrushAxis:
    return BrushAxis(column, label.replace(" and ", "\nand ", 1), is_told=False)


def _axis(measure: Measure) -> BrushAxis:
    return BrushAxis(
        measure.name, measure.label, measure.unit, "log" if measure.unit == "money" else "linear"
    )


def first_two(measures: Sequence[Measure]) -> tuple[str, str]:
    """Return the features that span a picture where nobody chose; one feature spans it twice."""
    names = [measure.name for measure in measures]
    ranked = [name for name in (*SPANNED, *names) if name in names]
    first, second = (list(dict.fromkeys(ranked)) * 2)[:2]
    return first, second


def _ageing(features: FeatureTable, segment: pd.Series, names: Sequence[str]) -> View:
    assert features.invoices is not None  # noqa: S101  whoever calls has looked
    balance = ageing(features.invoices) / features.invoices.minor_per_unit
    balance.columns = [bucket_label(str(column)) for column in balance.columns]
    by_segment = balance.groupby(segment.reindex(balance.index).fillna("not placed")).sum()
    order = [name for name in (*names, "not placed") if name in by_segment.index]
    return ageing_view(by_segment.loc[order], "" if features.currency == "XXX" else features.currency)
