"""Place customers, seen or new, in segments that exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.categories import Categories, checked
from payseg_widgets.segmentation.confidence import LEAST_SURE, Calibration, confidence_of
from payseg_widgets.segmentation.model import FittedModel
from payseg_widgets.segmentation.prepare import Preparation, Prepared

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable


@dataclass(frozen=True, repr=False)
class Placement:
    """The fitted preparation and model, and how its groups are numbered.

    Attributes
    ----------
    preparation : Preparation
    fitted : FittedModel
    numbering : numpy.ndarray of int, shape (n_segments,)
        ``numbering[group of the model]`` is the segment.
    calibration : Calibration, optional
        What makes a confidence of resampled invoices: see `payseg_widgets.segmentation.confidence.with_confidence`.
    categories : Categories, optional
        Those the model takes beside the features.
    """

    preparation: Preparation
    fitted: FittedModel
    numbering: np.ndarray
    calibration: Calibration | None = None
    categories: Categories | None = None

    def assign(self, features: FeatureTable, categories: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return ``segment``, ``probability`` and ``status`` of each customer: see `Segmentation.assign`."""
        prepared = self.preparation.transform(features)
        rows = self._with_categories(prepared, categories)
        labels, probabilities = self.fitted.assign(rows) if len(rows) else (np.empty(0, int), np.empty(0))
        table = placed_table(prepared, self.renumbered(labels), probabilities)
        if self.categories is not None:
            return table.assign(without=self.categories.without(categories, table.index))
        if self.calibration is None:
            return table
        return _where_sure(table, confidence_of(self, features, self.calibration))

    def _with_categories(self, prepared: Prepared, categories: pd.DataFrame | None) -> np.ndarray:
        if categories is not None:
            if self.categories is None:
                raise SegmentationError("these segments were made without categories; leave categories= out.")
            return np.hstack([prepared.rows, self.categories.codes(checked(categories), prepared.index)])
        if self.categories is None:
            return prepared.rows
        unknown = np.full((len(prepared.rows), len(self.categories.columns)), -1.0)
        return np.hstack([prepared.rows, unknown])

    def renumbered(self, labels: np.ndarray) -> np.ndarray:
        """Return segments for the model's own group numbers; -1 stays -1."""
        return np.append(self.numbering, -1)[labels]  # -1 points at the last entry

    def __repr__(self) -> str:
        return f"Placement({self.fitted!r})"


def _where_sure(table: pd.DataFrame, confidence: np.ndarray) -> pd.DataFrame:
    """Return the table with the confidence, nobody placed of whom it is too low."""
    table = table.assign(confidence=confidence, likely=table["segment"])
    unsure = ((table["segment"] >= 0) & (confidence < LEAST_SURE)).to_numpy()
    table.loc[unsure, "segment"] = -1
    table.loc[unsure, "status"] = [
        f"not enough yet: the segment that fits best is right with probability {share:.2f}, {LEAST_SURE} needed"
        for share in confidence[unsure]
    ]
    return table


def placed_table(prepared: Prepared, segments: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """Return one row per customer of the table, those not known well enough with segment -1."""
    table = pd.DataFrame(
        {"segment": -1, "probability": 0.0, "status": prepared.status}, index=prepared.status.index
    )
    status = np.where(segments >= 0, "assigned", "no segment fits")
    table.loc[prepared.index] = pd.DataFrame(
        {"segment": segments, "probability": probabilities, "status": status}, index=prepared.index
    )
    return table.astype({"segment": "int64", "probability": "float64", "status": "str"})
