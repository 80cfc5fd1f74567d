"""A page of the customers and what was found for each: filtered, sorted, as many as fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.enrichment import PENDING, Enrichment
from payseg_widgets.errors import EnrichmentError

#: Columns and their headings.
COLUMNS = (
    ("state", "State"), ("name", "Customer"), ("company_name", "Company"), ("company_number", "Number"),
    ("match_probability", "Probability"), ("region", "Region"), ("sector", "Sector"),
)  # fmt: skip
ROWS_A_PAGE = 50
_SORTABLE = tuple(name for name, _ in COLUMNS)
#: By state, those come first that somebody has to look at.
_STATE_ORDER = {"needs review": 0, "failed": 1, "matched": 2, "no match": 3, "not a company": 4, PENDING: 5}


@dataclass(frozen=True)
class PageAsked:
    """Which rows are wanted.

    Attributes
    ----------
    state : str
        Only customers of this state; empty for all.
    text : str
        Only those whose name, or whose company's name or number, has this in it.
    sort : str
        A column of `COLUMNS`; empty for the ledger's order.
    is_down : bool
        Whether the largest comes first.
    start : int
        How many rows come before; the last page there is, where that is beyond it.
    """

    state: str = ""
    text: str = ""
    sort: str = ""
    is_down: bool = False
    start: int = 0

    def __post_init__(self) -> None:
        if self.sort and self.sort not in _SORTABLE:
            raise EnrichmentError(f"sort={self.sort[:40]!r} is none of: {', '.join(_SORTABLE)}.")

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> PageAsked:
        """Return what a page's message asks for."""
        state, text, sort = (str(message.get(name, "")) for name in ("state", "text", "sort"))
        return cls(state, text, sort, bool(message.get("down")), max(0, int(message.get("start", 0))))


def rows_page(made: Enrichment, records: Sequence[CustomerRecord], asked: PageAsked) -> dict[str, Any]:
    """Return the rows wanted, with names: for the eyes of the page, not to be kept.

    Returns
    -------
    dict
        ``rows``: lists of the customer's place in the ledger, the values of `COLUMNS` as text (probability a number or
        ``None``), the reason and who decided; ``start``; ``n_matching``; ``n_all``.
    """
    table = made.table.assign(name=[record.name for record in records], at=range(len(records)))
    kept = table[_is_wanted(table, asked)]
    if asked.sort:
        kept = kept.sort_values(
            asked.sort, ascending=not asked.is_down, kind="stable", na_position="last", key=_sort_key
        )
    last = max(0, (len(kept) - 1) // ROWS_A_PAGE * ROWS_A_PAGE)
    start = min(asked.start, last)
    shown = kept.iloc[start : start + ROWS_A_PAGE]
    columns = ["at", *_SORTABLE, "reason", "decided_by"]
    rows = [[_plain(value) for value in row] for row in shown[columns].itertuples(index=False)]
    return {"rows": rows, "start": start, "n_matching": len(kept), "n_all": len(table)}


def _is_wanted(table: pd.DataFrame, asked: PageAsked) -> pd.Series:
    wanted = pd.Series(data=True, index=table.index)
    if asked.state:
        wanted &= table["state"] == asked.state
    if text := asked.text.strip().casefold():
        found = [table[name].str.casefold().str.contains(text, regex=False) for name in _SORTABLE[1:4]]
        wanted &= found[0] | found[1] | found[2]
    return wanted


def _sort_key(values: pd.Series) -> pd.Series:
    if values.name == "state":
        return values.map(_STATE_ORDER)
    return values if values.name == "match_probability" else values.str.casefold()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return None
    return float(value) if isinstance(value, float) else int(value)
