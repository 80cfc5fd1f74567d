"""What the cells of a column look like, from a sample: dates, money, ids, names, yes and no."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_SAMPLE = 1000
_DATE = (
    r"(?:\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{1,2}[-/. ]*[A-Za-zä]{3,9}\.?[-/., ]*\d{2,4}"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|(?:19|20)\d{6})(?:[T ]\d{1,2}:\d{2}.*)?"
)
_SERIAL = r"[2-6]\d{4}(?:\.\d+)?"
_UNIT = r"(?:[A-Za-z]{3}|[£$€¥])?"
_MONEY = rf"[-+(]?\s*{_UNIT}\s*[-+(]?\s*\d[\d.,'’ \u00a0]*\)?\s*-?\s*{_UNIT}\s*\)?\s*(?:CR|DR|Cr|Dr)?"
_FLAGS = frozenset((
    "yes", "no", "y", "n", "true", "false", "1", "0", "ja", "nein", "x", "t", "f", "1.0", "0.0", "disputed",
    "none", "open",
))  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """Shares of the non-empty cells of a column that look like something, and how often they repeat.

    Attributes
    ----------
    n : int
        Non-empty cells looked at; with 0 all shares are 0.
    filled : float
        Share of all cells that are not empty.
    dates, serials, money, fractions, ids, names, flags : float
        Share of cells of that look; ``serials`` are numbers that may be Excel dates, ``fractions`` amounts
        with decimals.
    unique : float
        Distinct cells over cells.
    """

    n: int
    filled: float
    dates: float
    serials: float
    money: float
    fractions: float
    ids: float
    names: float
    flags: float
    unique: float

    def fits(self, kind: str) -> bool:
        """Tell whether the cells are what a role of this kind holds (an empty column fits everything)."""
        if self.n == 0:
            return True
        if kind == "date":
            return self.dates + self.serials >= 0.5
        if kind in ("money", "number"):
            return self.money >= 0.5 and self.dates < 0.5
        if kind == "key":
            return self.ids >= 0.8
        if kind == "name":
            return self.names >= 0.5
        if kind == "flag":
            return self.flags >= 0.9
        return True


def profile_of(column: pd.Series) -> Profile:
    """Look at up to 1,000 cells spread evenly over the column."""
    cells = column.iloc[:: max(1, len(column) // _SAMPLE)]
    filled = cells.dropna()
    if not len(filled):
        return Profile(0, 0.0, *(0.0,) * 8)
    share = len(filled) / len(cells)
    unique = filled.astype("str").nunique() / len(filled)
    if pd.api.types.is_datetime64_any_dtype(column):
        return Profile(len(filled), share, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, unique)
    text = filled.astype("str").str.slice(0, 200).str.strip()
    dates = text.str.fullmatch(_DATE).to_numpy(bool)
    money = text.str.fullmatch(_MONEY).to_numpy(bool) & ~dates
    fractions = money & text.str.contains(r"[.,]\d*[1-9]", regex=True).to_numpy(bool)
    spaced = text.str.contains(r"\s", regex=True).to_numpy(bool)
    wordy = ~text.str.contains(r"\d", regex=True).to_numpy(bool) & text.str.contains(
        "[a-z]", regex=True
    ).to_numpy(bool)
    names = (spaced | wordy) & ~money & ~dates
    ids = ~names & ~dates & (text.str.len() <= 40).to_numpy(bool) & ~fractions
    return Profile(
        len(filled),
        share,
        float(dates.mean()),
        float(text.str.fullmatch(_SERIAL).to_numpy(bool).mean()),
        float(money.mean()),
        float(fractions.mean()),
        float(ids.mean()),
        float(names.mean()),
        float(np.mean(text.str.lower().isin(_FLAGS))),
        unique,
    )
