"""The kind of payer the customer was known to be at issue, and how often that kind is late."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from payseg_widgets.prediction.forecaster import Predict, forecaster

#: How the customer pays, as known at issue; nothing of the invoice itself.
_BEHAVIOUR = [
    "late_odds", "mean_days_late", "recent_days_late", "days_late_sd", "max_days_late", "oldest_overdue_days",
    "reminders_per_invoice", "disputes_per_invoice",
]  # fmt: skip
_SEGMENTS, _FEWEST_EACH = 6, 30
#: Everybody's share counts as so many invoices beside those of a segment.
_PRIOR = 20.0
#: Standard deviations beyond which a value counts no further: one customer must not be a segment.
_FURTHEST = 3.0


@forecaster(
    "segment_only",
    label="Segment only",
    idea="the share of late invoices among payers of the same kind, as the customer was known to be at issue",
    weakness="All of a segment get the same chance, and who is between two of them jumps.",
)
def fit_segment_only(
    frame: pd.DataFrame, is_late: np.ndarray, seed: int, weights: np.ndarray | None = None
) -> Predict:
    """Find six segments by k-means; customers of whom nothing is known are a segment of their own.

    References
    ----------
    Lloyd (1982), IEEE Transactions on Information Theory 28, 129-137: k-means.
    """
    counts = np.ones(len(frame)) if weights is None else weights
    known = frame["n_known"].to_numpy() > 0
    segments = min(_SEGMENTS, int(known.sum()) // _FEWEST_EACH)
    place = _fit_places(frame[known], counts[known], segments, seed) if segments else None

    def segment_of(asked: pd.DataFrame) -> np.ndarray:
        told = np.full(len(asked), segments)  # the last one: no history
        has = asked["n_known"].to_numpy() > 0
        if place is not None and has.any():
            told[has] = place(asked[has])
        return told

    of = segment_of(frame)
    share = np.average(is_late, weights=counts)
    n_late = np.bincount(of, weights=counts * is_late, minlength=segments + 1)
    shares = (n_late + _PRIOR * share) / (np.bincount(of, weights=counts, minlength=segments + 1) + _PRIOR)
    return lambda asked: shares[segment_of(asked)]


def _fit_places(frame: pd.DataFrame, counts: np.ndarray, segments: int, seed: int) -> Predict:
    """Return what tells the segment of customers with a history."""
    scale = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    ).fit(frame[_BEHAVIOUR].to_numpy(dtype=float))  # fmt: skip

    def at(asked: pd.DataFrame) -> np.ndarray:
        return np.clip(scale.transform(asked[_BEHAVIOUR].to_numpy(dtype=float)), -_FURTHEST, _FURTHEST)

    middles = KMeans(segments, n_init=4, random_state=seed).fit(at(frame), sample_weight=counts)
    return lambda asked: np.asarray(middles.predict(at(asked)))
