"""The outcome of a segmentation: who is in which segment, how sure, what else was tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from payseg_widgets.segmentation.structure import Structure, caution_of

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable


#: Columns of `Segmentation.lineage` and their types.
LINEAGE = {
    "as_of": "str",
    "event": "str",
    "segment": "int64",
    "called": "str",
    "other": "int64",
    "n_customers": "int64",
    "share": "float64",
    "sentence": "str",
}


def no_lineage() -> pd.DataFrame:
    """Return the lineage of segments that carry on nothing."""
    return pd.DataFrame(columns=list(LINEAGE)).astype(LINEAGE)


@dataclass(frozen=True)
class SegmentCard:
    """One segment in words and figures.

    Attributes
    ----------
    segment : int
        0 is the least risky, the last the most, where the segments carry on no earlier ones; -1 holds the customers
        no segment fits.
    letter : str
        ``"A"`` for 0 and so on; ``"–"`` for -1.
    name : str
        Such as ``"Low-Risk High-Value"``; unique within a segmentation.
    n_customers : int
    share_customers, share_value : float
        Of all customers, of all money invoiced.
    risk, value : {"low", "medium", "high"}
    profile : pandas.DataFrame
        Index feature; columns ``median``, ``q25``, ``q75``, ``portfolio_median``, ``effect`` (standardised
        difference from the other customers), sorted by size of effect.
    summary : str
        One sentence of what sets the segment apart.
    action : str
        The suggested treatment, one line.
    exemplars : tuple of str
        Ids of the customers nearest to the segment's middle.
    categories : pandas.DataFrame or None
        Of segments made with categories: index ``column, category``; ``share`` of the segment's customers of whom it is
        known, ``share_elsewhere`` of the others; most telling first.
    """

    segment: int
    letter: str
    name: str
    n_customers: int
    share_customers: float
    share_value: float
    risk: str
    value: str
    profile: pd.DataFrame
    summary: str
    action: str
    exemplars: tuple[str, ...]
    categories: pd.DataFrame | None = None


@dataclass(frozen=True, repr=False)
class Segmentation:
    """Customers grouped by payment behaviour.

    Attributes
    ----------
    labels_ : pandas.Series of int
        Segment of each customer, index ``customer_id`` as in the feature table; noise is -1.
    probabilities_ : pandas.Series of float
        Strength of membership in [0, 1]; 0 for noise.
    cards : tuple of SegmentCard
        In order of their numbers: that of risk, unless they carry on earlier segments.
    model : str
    features : tuple of str
        What the customers were grouped by.
    criteria : pandas.DataFrame
        For each number of segments considered: index ``n_segments``; one column per criterion
        (inertia or BIC, silhouette, gap, stability ...), ``chosen`` (bool).
    why_k : str
        In words, how the number of segments was chosen.
    attempts : pandas.DataFrame
        Every model tried: ``model, n_segments, silhouette, stability, share_unassigned, seconds, account``.
    quality : Mapping
        ``silhouette``, ``stability`` (mean clusterwise bootstrap Jaccard), ``stability_by_segment`` ...
    notes : tuple of str
        What was decided about the data on the way: transformations, missing values, customers left out.
    coordinates : pandas.DataFrame
        ``x``, ``y``: first two principal components of the prepared features, with ``x_label``/``y_label`` in
        ``attrs``.
    seed : int
    lineage : pandas.DataFrame
        What became of the segments at each refit with ``previous=``: ``as_of``; ``event`` (continued, born, split,
        merged, died, drifted); ``segment``, what it is ``called``, the ``other`` segment it came from or went to (-1
        for none), ``n_customers`` of it seen again, the ``share`` of them that makes the event, ``sentence``. Empty for
        segments that carry on nothing.
    gate : Structure, optional
        Whether there are kinds of customer at all, and what that was judged by.
    """

    labels_: pd.Series
    probabilities_: pd.Series
    cards: tuple[SegmentCard, ...]
    model: str
    features: tuple[str, ...]
    criteria: pd.DataFrame
    why_k: str
    attempts: pd.DataFrame
    quality: Mapping[str, Any]
    notes: tuple[str, ...]
    coordinates: pd.DataFrame
    seed: int
    provenance: Mapping[str, Any] = field(default_factory=dict)
    lineage: pd.DataFrame = field(default_factory=no_lineage)
    gate: Structure | None = None
    _assigner: Any = field(default=None, compare=False)

    @property
    def n_segments(self) -> int:
        """Number of segments, noise not counted."""
        return int(np.unique(self.labels_[self.labels_ >= 0]).size)

    @property
    def caution(self) -> str:
        """What every page must say that shows these segments; empty where they are kinds of customer."""
        return "" if self.gate is None else caution_of(self.gate.verdict)

    def assign(self, features: FeatureTable, *, categories: pd.DataFrame | None = None) -> pd.DataFrame:
        """Place customers, seen or new, in these segments without refitting.

        Parameters
        ----------
        features : FeatureTable
        categories : pandas.DataFrame, optional
            Of segments made with categories: those of the customers, see `payseg_widgets.segmentation.segment.segment`.
            Without them customers are placed by their features alone.

        Returns
        -------
        pandas.DataFrame
            Index ``customer_id``; ``segment`` (int, -1 where none fits), ``probability`` (float), ``status``
            (``"assigned"``, ``"no segment fits"`` or ``"not enough yet: ..."``). After
            `payseg_widgets.segmentation.confidence.with_confidence` also ``confidence`` and ``likely``. Of segments made
            with categories also ``without``: the categories that took no part, each with the reason (missing, unseen:
            met in no customer the segments were made from, not given).

        Raises
        ------
        SegmentationError
            If the tables lack a feature or category the segments were made from, or categories are given to segments
            made without.
        """
        return self._assigner.assign(features, categories)

    def __len__(self) -> int:
        return len(self.labels_)

    def __repr__(self) -> str:
        unplaced = int((self.labels_ < 0).sum())
        sizes = f"segments={self.n_segments}, customers={len(self)}, unassigned={unplaced}"
        return f"Segmentation({self.model}, {sizes})"


def unsegmented(features: FeatureTable, why: str) -> Segmentation:
    """Return customers in no segment, for where none can be made.

    Parameters
    ----------
    features : FeatureTable
    why : str
        What stands in the way: becomes ``why_k`` and a note.
    """
    nobody = features.frame.index
    coordinates = pd.DataFrame(np.nan, index=nobody, columns=["x", "y"])
    coordinates.attrs = {"x_label": "no map", "y_label": "no map"}
    return Segmentation(
        labels_=pd.Series(-1, index=nobody, name="segment"),
        probabilities_=pd.Series(0.0, index=nobody, name="probability"),
        cards=(), model="kmeans", features=tuple(measure.name for measure in features.measures),
        criteria=pd.DataFrame(columns=["chosen"]), why_k=why, attempts=pd.DataFrame(), quality={}, notes=(why,),
        coordinates=coordinates, seed=0,
    )  # fmt: skip
