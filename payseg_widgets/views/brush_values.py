"""What the panels below the pictures read: exact values of the customers, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import SelectionError
from payseg_widgets.features.measure import Measure
from payseg_widgets.views.contrast import FEW, MONEY, SIZES
from payseg_widgets.views.selection.literals import IDS, checked_column
from payseg_widgets.views.selection.lookup import numbers

#: With more customers a page carries no exact values: its panels read the two-byte cells of the pictures' columns.
EXACT_AT_MOST = 50_000


@dataclass(frozen=True)
class ValueColumn:
    """What the panels say of a column of exact values; a `Measure` says the same.

    Attributes
    ----------
    name, label : str
    unit : str
        ``"ratio"`` is written in per cent.
    worse : {"higher", "lower", ""}
        Which direction means more risk.
    """

    name: str
    label: str
    unit: str = ""
    worse: str = ""


def panel_columns(
    values: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    measures: Sequence[Measure | ValueColumn],
    axes: Sequence[ValueColumn],
) -> tuple[list[dict[str, str]], tuple[bytes, ...]]:
    """Return what the page is told of each exact column, and the columns as little-endian float64.

    Parameters
    ----------
    values : pandas.DataFrame
        Numbers, a row for each row of ``customers``.
    customers : pandas.DataFrame
    measures : sequence of Measure or ValueColumn
        What the columns are called; one that is not among them goes by its name.
    axes : sequence of ValueColumn
        Columns of ``customers`` that come along where ``values`` has none of their name.

    Raises
    ------
    SelectionError
        If the rows are others than those of ``customers``, or a column does not hold numbers.
    """
    if not values.index.equals(customers.index):
        raise SelectionError(
            f"values has {len(values)} rows that are not the {len(customers)} of the customers in their order: "
            "give values.loc[customers.index]."
        )
    table = values.assign(**{axis.name: customers[axis.name] for axis in axes if axis.name not in values})
    described = {axis.name: axis for axis in axes} | {
        measure.name: ValueColumn(measure.name, measure.label, measure.unit, measure.worse)
        for measure in measures
    }
    columns = [described.get(name) or ValueColumn(name, name) for name in map(_checked, table.columns)]
    buffers = (numbers(table, column.name).astype("<f8").tobytes() for column in columns)
    return [asdict(column) for column in columns], tuple(buffers)


def _checked(name: Any) -> str:
    if name in ("segment", IDS):
        raise SelectionError(f"values has a column {name!r}, which the page knows already: drop it.")
    return checked_column(name)


def other_segments(segment: pd.Series, placed: np.ndarray) -> list[str | None] | None:
    """Return the segments of the customers whose segment is none of the page's, None where it is missing.

    One value where all have the same; nothing where they differ and are too many to list.
    """
    others = [None if pd.isna(name) else str(name) for name in segment[~placed]]
    if len(set(others)) <= 1:
        return others[:1]
    return others if len(segment) <= EXACT_AT_MOST else None


def panel_words() -> Mapping[str, Any]:
    """Return what `payseg_widgets.views.contrast` fixes, for the page to do alike."""
    return {"sizes": list(map(list, SIZES)), "few": FEW, "money": MONEY, "exact_at_most": EXACT_AT_MOST}
