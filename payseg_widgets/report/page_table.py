"""A table of the HTML page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Table:
    """Headings and rows of finished text, for the template, which escapes it unless it is markup.

    Attributes
    ----------
    headings : sequence of str
    rows : sequence of sequence of str
        Each as long as ``headings``.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    @classmethod
    def of(cls, frame: pd.DataFrame, write: Callable[[Any], str]) -> Table:
        """Write each cell of a frame with ``write``; a missing one stays empty."""
        rows = [
            tuple("" if pd.isna(value) else write(value) for value in row)
            for row in frame.itertuples(index=False)
        ]
        return cls(tuple(spaced(column) for column in frame.columns), rows)


def spaced(name: object) -> str:
    """Write the name of a column as words."""
    return str(name).replace("_", " ")
