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
#: Mean days late, and share of invoices more than 30 days late, of a segment's median customer: see `risk_level`.
_LOW_DAYS, _HIGH_DAYS = 5, 30
_LOW_SHARE, _HIGH_SHARE = 0.05, 0.25
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


def numbered_by_risk(
    labels: pd.Series, scores: pd.Series, value: pd.Series | None, n_segments: int
) -> np.ndarray:
    """Return the numbering of `order_by_risk` for labels by customer; without a value it is by risk and size alone."""
    money = np.zeros(len(labels)) if value is None else value[labels.index].to_numpy()
    return order_by_risk(labels.to_numpy(), scores[labels.index].to_numpy(), money, n_segments)


def risk_level(behaviour: pd.DataFrame, mean_rank: float) -> str:
    """Return low, medium or high for a segment, in absolute terms where the features allow it.

    In a portfolio of good payers nobody is a high risk, and where nobody pays nobody is a low one. So the word
    depends on the segment's median customer: low is a mean delay of at most 5 days with at most 5 % of invoices more
    than 30 days late; high is a mean delay above 30 days, or above 25 % of invoices that late.

    Parameters
    ----------
    behaviour : pandas.DataFrame
        Features of the segment's customers; ``mean_days_late`` and ``late_by_30_ratio`` are read.
    mean_rank : float
        Mean percentile rank of risk, which decides where a portfolio has neither feature.

    Examples
    --------
    >>> risk_level(pd.DataFrame({"mean_days_late": [2.0, 4.0], "late_by_30_ratio": [0.0, 0.01]}), 0.9)
    'low'
    """
    days, share = (
        float(behaviour[name].median()) if name in behaviour else np.nan
        for name in ("mean_days_late", "late_by_30_ratio")
    )
    if np.isnan(days) and np.isnan(share):
        return level(mean_rank)
    if days > _HIGH_DAYS or share > _HIGH_SHARE:
        return "high"
    return "medium" if days > _LOW_DAYS or share > _LOW_SHARE else "low"


def level(mean_rank: float) -> str:
    """Return low, medium or high of a mean percentile rank.

    >>> level(0.3), level(0.5), level(0.75)
    ('low', 'medium', 'high')
    """
    return "low" if mean_rank < 0.4 else "high" if mean_rank > 0.6 else "medium"
