"""Rank compared models by what the user says matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import SegmentationError, UnknownNameError

#: Each merit, in [0, 1], from the columns of `ModelComparison.table`.
MERITS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "stability": lambda table: table["least_stable"],
    "invoices": lambda table: table["invoices"],
    "halves": lambda table: table["halves"],
    "later": lambda table: table["later_explained"],
    "prediction": lambda table: table["gain_over_none"],
    "placed": lambda table: 1 - table["share_unassigned"],
    "balance": lambda table: table["balance"],
    "speed": lambda table: 1 / (1 + table["seconds"]),
}

#: What comes back and says something of later payment counts most.
DEFAULT_WEIGHTS = {
    "stability": 1.0, "invoices": 1.0, "halves": 1.0, "later": 1.0, "prediction": 1.0, "placed": 0.5, "balance": 0.25,
    "speed": 0.1,
}  # fmt: skip


def ranked(table: pd.DataFrame, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the table with ``score``, the weighted mean of the merits, best first: see `ModelComparison.ranked`.

    A merit that was measured of no model is left out; a model it was not measured of gets 0 for it. Models without an
    answer have no score and come last.
    """
    weights = DEFAULT_WEIGHTS if weights is None else dict(weights)
    for name, weight in weights.items():
        if name not in MERITS:
            raise UnknownNameError(f"no merit is called {name!r}. {did_you_mean(str(name), MERITS)}")
        if not weight >= 0:
            raise SegmentationError(f"the weight of {name!r} is {weight!r}; give 0 or more.")
    found = {name: MERITS[name](table).astype("float64") for name, weight in weights.items() if weight > 0}
    if not found:
        raise SegmentationError(f"weights={weights!r} rank nothing: give at least one above 0.")
    score, whole = pd.Series(0.0, index=table.index), 0.0
    for name, merit in found.items():
        if merit.notna().any():
            score += weights[name] * merit.clip(0, 1).fillna(0.0)
            whole += weights[name]
    answered = (table["status"] == "done") & (table["n_segments"] >= 2)
    score = (score / whole if whole else score).where(answered, np.nan)
    return table.assign(score=score).sort_values("score", ascending=False, kind="stable", na_position="last")
