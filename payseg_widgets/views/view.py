"""A picture with its text twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True, repr=False)
class View:
    """A Bokeh figure, the table it draws, and one sentence of what it shows.

    Attributes
    ----------
    title : str
    figure : bokeh.model.Model
        A figure or a layout.
    table : pandas.DataFrame
        The figures behind the picture, ready to print.
    sentence : str
    """

    title: str
    figure: Any
    table: pd.DataFrame
    sentence: str

    def __repr__(self) -> str:
        return f"View({self.title!r}, rows={len(self.table)})"
