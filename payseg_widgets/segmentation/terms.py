"""What a customer with few or no invoices will do: which segment, how long it will take, what a wrong guess costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.errors import SegmentationError

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable
    from payseg_widgets.segmentation.result import Segmentation

#: Delays are told apart from so many days early to so many late; whatever is later counts as this late.
EARLIEST, LATEST = -60, 120
#: A segment less probable than this is no basis for terms.
LEAST_PROBABLE = 0.8
#: Weight, in invoices, of the segment's delays in what is expected of one of its customers.
_PRIOR_INVOICES = 3.0
#: Standard deviation in days by which a delay seen speaks of its neighbours.
_SMOOTHING = 2.0


@dataclass(frozen=True, repr=False)
class TermsAdvice:
    """What may be expected of a customer.

    Attributes
    ----------
    n_invoices : int
        Delays the advice rests on.
    segments : pandas.DataFrame
        Index ``segment``: ``called``, ``prior`` (share of the portfolio), ``probability``, ``mean_days_late``.
    days_late_low, days_late_high : float
        Range that holds the next invoice's days late with probability 0.9; ``LATEST`` reads "or later, or never".
    cost_days : float
        Days later than expected the customer would pay on average if treated as of the likeliest segment: the mean over
        the worse segments, by their probability.
    status : str
        ``"likely: ..."`` or ``"not enough yet: ..."``.
    """

    n_invoices: int
    segments: pd.DataFrame
    days_late_low: float
    days_late_high: float
    cost_days: float
    status: str

    def __repr__(self) -> str:
        return f"TermsAdvice({self.n_invoices} invoices, {self.days_late_low:.0f} to {self.days_late_high:.0f} days late)"


def advise_terms(
    segmentation: Segmentation, features: FeatureTable, days_late: Sequence[float] = ()
) -> TermsAdvice:
    """Say what to expect of a customer from its first invoices, if any, and from all customers of the portfolio.

    Every known customer is one way in which the new one may pay. Each counts by how probable the new one's delays would
    be for it; all alike if there are none yet.

    Parameters
    ----------
    segmentation : Segmentation
    features : FeatureTable
        The table the segments were made from, with its invoices.
    days_late : sequence of float
        Days late of the customer's settled invoices; negative is early. For one not settled ``LATEST`` or more if it is
        that late, else leave it out.

    Returns
    -------
    TermsAdvice

    Raises
    ------
    SegmentationError
        If the table has no invoices behind it, none is old enough, or a delay is no number.

    References
    ----------
    Robbins, H. (1956). An empirical Bayes approach to statistics. Proceedings of the Third Berkeley Symposium 1, 157-163.
    """
    seen = np.asarray(list(days_late), dtype="float64")
    if np.isnan(seen).any():
        raise SegmentationError(
            "days_late holds a missing value; leave invoices out whose delay is not known."
        )
    curves, labels = _curves(segmentation, features)
    at = np.clip(np.rint(seen), EARLIEST, LATEST).astype(int) - EARLIEST
    log_weight = np.log(curves[:, at]).sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    expected = weight @ curves
    low, high = (EARLIEST + int(np.searchsorted(np.cumsum(expected), q)) for q in (0.05, 0.95))
    segments = _segments(segmentation, curves, labels, weight)
    probability, means = (segments[name].to_numpy() for name in ("probability", "mean_days_late"))
    best = int(probability.argmax())
    share, called = float(probability[best]), str(segments["called"].iloc[best])
    status = f"likely: {called} ({share:.0%})"
    if share < LEAST_PROBABLE:
        status = f"not enough yet: {called} has {share:.0%}, {LEAST_PROBABLE:.0%} needed"
    return TermsAdvice(
        n_invoices=len(seen), segments=segments, days_late_low=float(low), days_late_high=float(high),
        cost_days=float((np.maximum(means - means[best], 0) * probability).sum()), status=status,
    )  # fmt: skip


def _segments(
    segmentation: Segmentation, curves: np.ndarray, labels: np.ndarray, weight: np.ndarray
) -> pd.DataFrame:
    days = np.arange(EARLIEST, LATEST + 1)
    rows = {}
    for card in segmentation.cards:
        mine = labels == card.segment
        if card.segment >= 0 and mine.any():
            mean = float((curves[mine] @ days).mean())
            rows[card.segment] = (f"{card.letter} {card.name}", mine.mean(), weight[mine].sum(), mean)
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["called", "prior", "probability", "mean_days_late"]
    )
    return table.rename_axis("segment")


def _curves(segmentation: Segmentation, features: FeatureTable) -> tuple[np.ndarray, np.ndarray]:
    """Return for each placed customer the probability of each day's delay, and its segment.

    Its own delays are smoothed and mixed with those of its segment, which weigh as much as three invoices.
    """
    if features.invoices is None:
        raise SegmentationError(
            "this feature table has no invoices to learn payment times from. Compute it from a ledger: "
            "compute_features(ledger)."
        )
    invoices = features.invoices
    labels = (
        segmentation.labels_.reindex(pd.Index(invoices.customer_ids)).fillna(-1).to_numpy().astype("int64")
    )
    # due this long ago, so that it is known of every invoice on which of these days it was settled, if at all
    is_known = invoices.is_due_for(LATEST) & (invoices.by_customer.repeat(labels) >= 0)
    customer = invoices.by_customer.repeat(np.arange(invoices.n_customers))[is_known]
    days = np.clip(invoices.days_late[is_known], EARLIEST, LATEST) - EARLIEST
    has_any, customer = np.unique(customer, return_inverse=True)
    if not len(has_any):
        raise SegmentationError(
            f"no invoice of a placed customer was due more than {LATEST} days before {features.as_of:%Y-%m-%d}, so payment "
            "times are not known. Read a longer period."
        )
    counts = np.zeros((len(has_any), LATEST - EARLIEST + 1))
    np.add.at(counts, (customer, days), 1)
    smooth, labels = counts @ _kernel(), labels[has_any]
    curves = np.empty_like(smooth)
    for segment in np.unique(labels):
        mine = labels == segment
        of_segment = smooth[mine].sum(axis=0) / smooth[mine].sum()
        n = smooth[mine].sum(axis=1, keepdims=True)
        curves[mine] = (smooth[mine] + _PRIOR_INVOICES * of_segment) / (n + _PRIOR_INVOICES)
    return np.maximum(curves, 1e-9), labels


def _kernel() -> np.ndarray:
    """Return how a delay speaks of its neighbours, rows summing to 1; "this late or later" speaks of itself alone."""
    days = np.arange(LATEST - EARLIEST + 1)
    kernel = np.exp(-0.5 * ((days[:, None] - days) / _SMOOTHING) ** 2)
    kernel[-1, :-1] = kernel[:-1, -1] = 0.0
    return kernel / kernel.sum(axis=1, keepdims=True)
