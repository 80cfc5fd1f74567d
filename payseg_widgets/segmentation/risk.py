"""How risky and how valuable each customer is within the portfolio: it orders and names the segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from payseg_widgets.features.measure import Measure
    from payseg_widgets.features.table import FeatureTable

#: Behaviour; totals of money and counts grow with a customer's size, which is not risk.
_BEHAVIOUR_UNITS = ("days", "ratio", "days_per_year", "index", "per_year")
_VALUE_NAMES = ("total_invoiced", "invoiced_total", "total_amount", "total_value")


def risk_scores(features: FeatureTable, frame: pd.DataFrame) -> pd.Series:
    """Return how much worse than the others each customer pays, in [0, 1].

    The mean of the customer's percentile ranks over the measures with a worse direction, each weighted by its
    split-half reliability where that is known; 0.8 reads "on average worse than 80 % of the portfolio".

    Parameters
    ----------
    features : FeatureTable
        For what the columns mean.
    frame : pandas.DataFrame
        The features the segments were made from.

    Returns
    -------
    pandas.Series
        0.5 where nothing is known, or where no measure says which direction is worse.
    """
    measures = [
        measure
        for measure in features.measures
        if measure.name in frame and measure.worse and measure.unit in _BEHAVIOUR_UNITS
    ]
    if not measures:
        return pd.Series(0.5, index=frame.index)
    ranks = np.column_stack(
        [frame[m.name].rank(pct=True, ascending=m.worse == "higher").to_numpy() for m in measures]
    )
    weights = np.array([_weight(features, measure) for measure in measures])
    known = ~np.isnan(ranks) * weights
    total = known.sum(axis=1)
    score = np.divide(
        np.nansum(ranks * weights, axis=1), total, out=np.full(len(frame), 0.5), where=total > 0
    )
    return pd.Series(score, index=frame.index)


def _weight(features: FeatureTable, measure: Measure) -> float:
    if features._invoices is None:
        return 1.0
    reliability = float(features.reliability[measure.name])
    return 1.0 if np.isnan(reliability) else max(reliability, 0.0)


def value_of(features: FeatureTable) -> pd.Series | None:
    """Return the money invoiced to each customer; ``None`` where the table holds no amount of money."""
    money = [
        measure.name
        for measure in features.measures
        if measure.unit == "money" and measure.name in features.frame
    ]
    name = next((name for name in (*_VALUE_NAMES, *money) if name in features.frame), None)
    return None if name is None else features.frame[name].clip(lower=0).fillna(0.0)


def order_by_risk(labels: np.ndarray, scores: np.ndarray, value: np.ndarray, n_segments: int) -> np.ndarray:
    """Return ``numbering`` such that ``numbering[old]`` is the segment's place from least to most risky.

    Equal risk is ordered by size of value, most first, then by number of customers.
    """
    means = [
        (scores[labels == k].mean().round(12), -value[labels == k].mean(), -(labels == k).sum())
        for k in range(n_segments)
    ]
    numbering = np.empty(n_segments, dtype=np.int64)
    numbering[sorted(range(n_segments), key=means.__getitem__)] = np.arange(n_segments)
    return numbering


def level(mean_rank: float) -> str:
    """Return low, medium or high of a mean percentile rank.

    >>> level(0.3), level(0.5), level(0.75)
    ('low', 'medium', 'high')
    """
    return "low" if mean_rank < 0.4 else "high" if mean_rank > 0.6 else "medium"
