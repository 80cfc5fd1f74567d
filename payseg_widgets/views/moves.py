"""Who moved: the customers of two segmentations, old segments against new."""

from __future__ import annotations

import pandas as pd

from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.views.exploration import segment_names
from payseg_widgets.views.view import View

_NOWHERE = "not placed"


def moves_table(before: Segmentation, after: Segmentation) -> pd.DataFrame:
    """Count the customers by the segment they were in and are in.

    Returns
    -------
    pandas.DataFrame of int
        Index: old segments in order; columns: new ones; ``not placed`` last where there is any. Customers of only one of
        both segmentations are left out.
    """
    both = before.labels_.index.intersection(after.labels_.index)
    old, new = _named(before).reindex(both), _named(after).reindex(both)
    counts = pd.crosstab(old, new).rename_axis(index="before", columns="after")
    rows, columns = (
        [name for name in _order(made) if name in axis]
        for made, axis in ((before, counts.index), (after, counts.columns))
    )
    return counts.reindex(index=rows, columns=columns)


def moves_view(before: Segmentation, after: Segmentation) -> View:
    """Say who moved, in a table of counts and a sentence; segments correspond where most of their customers went."""
    counts = moves_table(before, after)
    total = int(counts.to_numpy().sum())
    stayed = int(counts.max(axis=1).sum()) if total else 0
    sentence = (
        f"{stayed:,} of {total:,} customers ({stayed / total:.0%}) went where most of their old segment went."
        if total
        else "No customer is in both."
    )
    table = counts.reset_index()
    table.columns.name = None
    return View("Old segments (rows) and new ones", None, table, sentence)


def _named(made: Segmentation) -> pd.Series:
    return made.labels_.map(segment_names(made)).fillna(_NOWHERE)


def _order(made: Segmentation) -> list[str]:
    return [*segment_names(made).values(), _NOWHERE]
