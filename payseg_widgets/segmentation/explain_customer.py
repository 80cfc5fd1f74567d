"""Why one customer is in its segment, how sure that is, and what would move it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.borders import nearest_other
from payseg_widgets.segmentation.changes import smallest_changes
from payseg_widgets.segmentation.confidence import confidence_of, labels_of_halves, measures_of
from payseg_widgets.segmentation.customer_words import (
    changes_sentence,
    needed_sentence,
    opening_sentence,
    reasons_sentence,
    sure_sentence,
)
from payseg_widgets.segmentation.segment import sorted_by_id
from payseg_widgets.segmentation.transforms import Composition

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable
    from payseg_widgets.segmentation.placement import Placement
    from payseg_widgets.segmentation.result import Segmentation

_REASONS = ["feature", "label", "unit", "value", "segment_median", "other_median", "contribution"]
_CHANGES = ["value", "new_value", "spreads", "segment"]
_LONGEST_ID = 60


@dataclass(frozen=True, repr=False)
class CustomerExplanation:
    """One customer and its segment.

    Attributes
    ----------
    segment : int
        As ``.assign`` says; -1 for none.
    likely : int
        The segment that fits best, also where the confidence in it is too low; -1 where none fits or too little is known.
    other : int
        The nearest other segment, -1 if there is none; for a customer that fits in none, the nearest.
    status : str
        As ``.assign`` says.
    reasons : pandas.DataFrame
        For each feature: ``feature``, ``label``, ``unit``, ``value``, ``segment_median`` of ``likely``, ``other_median``,
        ``contribution``: how much closer it brings the customer to the middle of ``likely`` than to that of ``other``
        (difference of squared distances on the prepared scale; negative speaks for ``other``). For a customer that fits in
        none, how far each feature takes it from the nearest (negative). Shares that sum to 1 count as one feature, whose
        contribution they split evenly.
    halves : pandas.Series of int
        Of 20 random halves of its invoices, how many are in which segment; empty without invoices.
    confidence : float
        Probability that ``likely`` is right, after `with_confidence`; else NaN.
    changes : pandas.DataFrame
        For each feature alone the nearest value that moves the customer: see `smallest_changes`. Empty where too little is
        known of it.
    sentences : tuple of str
        All of it in words: what, why, how sure, what would move it or what is needed.
    """

    segment: int
    likely: int
    other: int
    status: str
    reasons: pd.DataFrame
    halves: pd.Series
    confidence: float
    changes: pd.DataFrame
    sentences: tuple[str, ...]

    def text(self) -> str:
        """Return the sentences as one paragraph."""
        return " ".join(self.sentences)

    def __repr__(self) -> str:
        return f"CustomerExplanation(segment={self.segment}, likely={self.likely}, other={self.other})"


def explain_customer(
    segmentation: Segmentation, features: FeatureTable, customer_id: str
) -> CustomerExplanation:
    """Say of one customer why it is in its segment, how sure that is, and the smallest change that would move it.

    Parameters
    ----------
    segmentation : Segmentation
        After `with_confidence` it is also said how probable it is that the segment is right.
    features : FeatureTable
        Of the portfolio: changes are looked for within what it shows.
    customer_id : str
        In the table; not necessarily among the customers the segments were made from.

    Returns
    -------
    CustomerExplanation

    Raises
    ------
    SegmentationError
        If the table has no such customer or lacks a feature, or there are no segments.

    Examples
    --------
    >>> from payseg_widgets import compute_features, explain_customer, segment, simulate_ledger
    >>> features = compute_features(simulate_ledger(120, seed=1).ledger)
    >>> made = segment(features, n_segments=4, compare=False)
    >>> explained = explain_customer(made, features, made.cards[3].exemplars[0])
    >>> explained
    CustomerExplanation(segment=3, likely=3, other=2)
    >>> print(explained.sentences[0])
    It is in D High-Risk Medium-Value, weeks late.
    """
    placement = segmentation._assigner
    if placement is None:
        raise SegmentationError(f"there are no segments to place a customer in: {segmentation.why_k}")
    if placement.categories is not None:
        raise SegmentationError(
            f"these segments go by {', '.join(placement.categories.columns)} too, and one customer is explained by features "
            "alone. Make them without categories."
        )
    one = _alone(features, str(customer_id))
    plain = replace(placement, calibration=None)
    likely, status = plain.assign(one).iloc[0][["segment", "status"]]
    halves, confidence = _how_sure(placement, one, likely)
    segment = int(likely)
    if placement.calibration is not None and likely >= 0:
        segment, status = placement.assign(one).iloc[0][["segment", "status"]]
    other, reasons, changes = -1, pd.DataFrame(columns=_REASONS), pd.DataFrame(columns=_CHANGES)
    is_known = placement.preparation.status(one).iloc[0] == ""
    if is_known:
        other, reasons = _reasons(segmentation, one)
        changes = smallest_changes(plain, features, one)
    explained = CustomerExplanation(
        int(segment), int(likely), other, status, reasons, halves, confidence, changes, ()
    )
    return replace(explained, sentences=_sentences(segmentation, explained, one))


def _alone(features: FeatureTable, customer_id: str) -> FeatureTable:
    """Return the table of one customer."""
    features = sorted_by_id(features)
    at = features.frame.index.get_indexer(pd.Index([customer_id]))
    if at[0] < 0:
        raise SegmentationError(
            f"the feature table has no customer {customer_id[:_LONGEST_ID]!r} among its {len(features):,}. Ids are compared as "
            "texts, letter by letter: look it up in features.frame.index."
        )
    invoices = features.invoices
    return replace(
        features,
        frame=features.frame.iloc[at],
        _invoices=None if invoices is None else invoices.customers(at),
    )


def _how_sure(placement: Placement, one: FeatureTable, likely: int) -> tuple[pd.Series, float]:
    """Return where halves of the invoices are, and the confidence, by the same halves."""
    if one.invoices is None or likely < 0:
        return pd.Series(dtype="int64", name="n_halves"), float("nan")
    calibration = placement.calibration
    rng = np.random.default_rng(0 if calibration is None else calibration.seed)
    labels = labels_of_halves(placement, one.invoices, measures_of(placement, one), rng)[:, 0]
    counts = pd.Series(labels).value_counts().rename_axis("segment").rename("n_halves")
    return counts, float("nan") if calibration is None else float(
        confidence_of(placement, one, calibration)[0]
    )


def _reasons(segmentation: Segmentation, one: FeatureTable) -> tuple[int, pd.DataFrame]:
    """Return the nearest other segment, and what each feature says for the customer's own against it."""
    placement = segmentation._assigner
    rows = placement.preparation.transform(one).rows
    label = placement.fitted.assign(rows)[0]
    found = nearest_other(placement.fitted, rows, label)[0]
    middles, at = placement.fitted.middles, int(found[0])
    away = (rows[0] - middles[at]) ** 2 if at >= 0 else np.zeros(rows.shape[1])
    gain = -away if label[0] < 0 else away - (rows[0] - middles[label[0]]) ** 2
    gains = dict(zip(placement.preparation.columns, gain, strict=True))
    own, other = (int(segment) for segment in placement.renumbered(np.array([label[0], at])))
    medians = {card.segment: card.profile["median"] for card in segmentation.cards}
    measures = {measure.name: measure for measure in one.measures}
    table = []
    for part in placement.preparation.parts:
        columns = part.columns if isinstance(part, Composition) else (part.name,)
        contribution = sum(gains.get(name, 0.0) for name in columns)
        for name in part.names if isinstance(part, Composition) else (part.name,):
            share = contribution / len(part.names) if isinstance(part, Composition) else contribution
            usual = [medians[k].get(name, np.nan) if k in medians else np.nan for k in (own, other)]
            measure = measures[name]
            table.append((name, measure.label, measure.unit, float(one.frame[name].iloc[0]), *usual, share))
    reasons = pd.DataFrame(table, columns=_REASONS)
    order = "contribution" if own >= 0 else "away"
    ranked = reasons.assign(away=-reasons["contribution"]).sort_values(order, ascending=False, kind="stable")
    return other, ranked[_REASONS].reset_index(drop=True)


def _sentences(
    segmentation: Segmentation, explained: CustomerExplanation, one: FeatureTable
) -> tuple[str, ...]:
    names = {card.segment: f"{card.letter} {card.name}" for card in segmentation.cards if card.segment >= 0}
    preparation = segmentation._assigner.preparation
    said = (
        opening_sentence(explained, names),
        reasons_sentence(explained, names, one.currency),
        sure_sentence(explained, names, has_invoices=one.invoices is not None),
        needed_sentence(explained, one, preparation),
        changes_sentence(explained, names, one),
    )
    return tuple(filter(None, said))
