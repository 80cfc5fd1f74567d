"""How sure it is that a customer belongs where it is placed: its invoices resampled, and held to account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_columns
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.segmentation.prepare import values_of

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices
    from payseg_widgets.features.measure import Measure
    from payseg_widgets.segmentation.placement import Placement
    from payseg_widgets.segmentation.result import Segmentation

#: A customer whose confidence is below this is placed in no segment.
LEAST_SURE = 0.7
#: Halves of a customer's invoices that are placed on their own.
_N_HALVES = 20
#: Histories are cut to so many invoices to see how often such a short one misleads.
_CUTS = (5, 7, 10, 14, 20, 28, 40, 56)
#: A history is cut if it is at least this many times as long.
_LONG = 4
#: Fewer cut histories than these teach nothing.
_LEAST_CUT = 50


@dataclass(frozen=True)
class Calibration:
    """What the agreement between halves of a customer's invoices is worth, learnt by cutting long histories.

    Attributes
    ----------
    weights : numpy.ndarray, shape (4 + n_segments,)
        Of a constant, the log-odds of the agreement, those of the strength of membership, the log of the number of
        invoices, and being placed in each segment: the log-odds that the label is that of a long history.
    n_cut : int
        Cut histories learnt from.
    seed : int
    """

    weights: np.ndarray
    n_cut: int
    seed: int

    def confidence(self, evidence: np.ndarray) -> np.ndarray:
        """Return the probability that a customer's label is right."""
        return expit(self.weights[0] + evidence @ self.weights[1:])


@dataclass(frozen=True, repr=False)
class Placed:
    """Where each customer is by some of its invoices; rows are NaN and the label -1 where that is not known."""

    frame: pd.DataFrame
    rows: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray


def with_confidence(segmentation: Segmentation, features: FeatureTable, *, seed: int = 0) -> Segmentation:
    """Return the segmentation with a calibrated confidence in what ``assign`` says.

    Long histories are cut to a few invoices at random, and the segment of the cut history is compared with that of the
    whole. Halves of the cut history are placed too: their agreement, the strength of membership and the number of invoices
    tell by logistic regression how often such a label is right.

    Parameters
    ----------
    segmentation : Segmentation
    features : FeatureTable
        The table the segments were made from, with its invoices.
    seed : int

    Returns
    -------
    Segmentation
        Its ``assign`` gives also ``confidence``, and ``likely``, the segment that fits best; ``segment`` is -1 where the
        confidence is below 0.7.

    Raises
    ------
    SegmentationError
        If the table has no invoices behind it, or too few customers have at least ten.

    References
    ----------
    Platt, J. (1999). Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods.
    """
    placement, invoices = segmentation._assigner, _invoices_of(features)
    measures = measures_of(placement, features)
    rng = np.random.default_rng(seed)
    lessons = [_lesson(placement, invoices, measures, cut, rng) for cut in _CUTS]
    evidence, is_right = (np.concatenate(part) for part in zip(*lessons, strict=True))
    if len(is_right) < _LEAST_CUT or is_right.all() or not is_right.any():
        raise SegmentationError(
            f"{len(is_right)} histories could be cut, {int(is_right.sum())} of which kept their segment; confidence is learnt "
            f"from at least {_LEAST_CUT}, some right and some wrong. Read a longer period or more customers."
        )
    model = LogisticRegression(C=1.0, max_iter=1000).fit(evidence, is_right)
    weights = np.append(model.intercept_, model.coef_[0])
    calibration = Calibration(weights, len(is_right), seed)
    return replace(segmentation, _assigner=replace(placement, calibration=calibration))


def confidence_of(placement: Placement, features: FeatureTable, calibration: Calibration) -> np.ndarray:
    """Return the confidence in the segment of each customer of a table; 0 where it is in none."""
    invoices, measures = _invoices_of(features), measures_of(placement, features)
    whole = place_part(placement, invoices, measures)
    rng = np.random.default_rng(calibration.seed)
    confidence = calibration.confidence(_evidence(placement, invoices, measures, whole, rng))
    return np.where(whole.labels >= 0, confidence, 0.0)


def place_part(
    placement: Placement,
    invoices: SettledInvoices,
    measures: tuple[Measure, ...],
    *,
    min_invoices: int | None = None,
) -> Placed:
    """Place every customer by the invoices given.

    Parameters
    ----------
    min_invoices : int, optional
        In place of the segmentation's own.

    Raises
    ------
    SegmentationError
        If the segments were made with categories, which are not told by invoices.
    """
    if placement.categories is not None:
        raise SegmentationError(
            f"these segments go by {', '.join(placement.categories.columns)} too, which resampled invoices cannot tell. Make "
            "segments of the features alone for this, such as segment(features, 'kmedoids')."
        )
    index = pd.Index(invoices.customer_ids, dtype="str", name="customer_id")
    frame = pd.DataFrame(compute_columns(invoices, measures), index=index)
    table = FeatureTable(frame, measures, pd.Timestamp(0), "", "", {}, invoices)
    preparation = placement.preparation
    if min_invoices is not None:
        preparation = replace(preparation, min_invoices=min_invoices)
    prepared = preparation.transform(table)
    rows = np.full((len(index), len(preparation.columns)), np.nan)
    labels, probabilities = np.full(len(index), -1), np.zeros(len(index))
    if len(prepared.rows):
        at = index.get_indexer(prepared.index)
        rows[at] = prepared.rows
        found, probabilities[at] = placement.fitted.assign(prepared.rows)
        labels[at] = placement.renumbered(found)
    return Placed(frame, rows, labels, probabilities)


def _lesson(
    placement: Placement,
    invoices: SettledInvoices,
    measures: tuple[Measure, ...],
    cut: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is seen of histories cut to so many invoices, and whether their segment is that of the rest."""
    long = np.flatnonzero(invoices.by_customer.sizes >= _LONG * cut)
    if not len(long):
        return np.empty((0, 3 + len(placement.numbering))), np.empty(0, bool)
    taken = invoices.customers(long)
    is_cut = _place_of(taken, rng) < cut
    short = taken.subset(is_cut)
    placed, rest = (place_part(placement, part, measures) for part in (short, taken.subset(~is_cut)))
    known = (placed.labels >= 0) & (rest.labels >= 0)
    evidence = _evidence(placement, short, measures, placed, rng)
    return evidence[known], (placed.labels == rest.labels)[known]


def _evidence(
    placement: Placement,
    invoices: SettledInvoices,
    measures: tuple[Measure, ...],
    placed: Placed,
    rng: np.random.Generator,
) -> np.ndarray:
    sizes = invoices.by_customer.sizes
    agree = (labels_of_halves(placement, invoices, measures, rng) == placed.labels).sum(axis=0)
    share = (agree + 0.5) / (_N_HALVES + 1)
    membership = np.clip(placed.probabilities, 0.01, 0.99)
    is_in = placed.labels[:, None] == np.sort(placement.numbering)
    return np.column_stack([logit(share), logit(membership), np.log(np.maximum(sizes, 1)), is_in])


def labels_of_halves(
    placement: Placement,
    invoices: SettledInvoices,
    measures: tuple[Measure, ...],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the segments in which 20 random halves of each customer's invoices are, shape (20, n_customers)."""
    sizes = invoices.by_customer.sizes
    found = np.empty((_N_HALVES, len(sizes)), dtype=np.int64)
    for row in found:
        # of an odd number now the larger half, now the smaller
        half = (sizes + rng.integers(0, 2, len(sizes))) // 2
        is_kept = _place_of(invoices, rng) < invoices.by_customer.repeat(half)
        row[:] = place_part(placement, invoices.subset(is_kept), measures, min_invoices=0).labels
    return found


def _place_of(invoices: SettledInvoices, rng: np.random.Generator) -> np.ndarray:
    """Return the place, from 0, of each invoice in a random order of its customer's."""
    customer = invoices.by_customer.repeat(np.arange(invoices.n_customers))
    place = np.empty(len(customer), dtype=np.int64)
    order = np.lexsort((rng.random(len(customer)), customer))
    place[order] = np.arange(len(customer)) - invoices.by_customer.repeat(invoices.start[:-1])
    return place


def _invoices_of(features: FeatureTable) -> SettledInvoices:
    if features.invoices is None:
        raise SegmentationError(
            "this feature table has no invoices to resample, so it cannot be said how sure a placement is. Compute it "
            "from a ledger: compute_features(ledger)."
        )
    return features.invoices


def measures_of(placement: Placement, features: FeatureTable) -> tuple[Measure, ...]:
    """Return the measures the segments were made from."""
    wanted = placement.preparation.names
    values_of(features, wanted)  # says which is not there
    known = {measure.name: measure for measure in features.measures}
    return tuple(known[name] for name in wanted)
