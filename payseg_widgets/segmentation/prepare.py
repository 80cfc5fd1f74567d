"""Turn a feature table into rows a clustering model can measure distances between, and say what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation import preparation_notes
from payseg_widgets.segmentation.gaps import GapFiller
from payseg_widgets.segmentation.transforms import Column, Composition

if TYPE_CHECKING:
    from payseg_widgets.features.measure import Measure
    from payseg_widgets.features.table import FeatureTable

#: Two prepared columns correlated beyond this say the same thing twice.
DUPLICATE = 0.98
#: Features whose two halves of the invoices agree less than this say nothing of the customer.
LEAST_RELIABLE = 0.1
#: Customers with more than this share of the features missing are left out.
MOST_MISSING = 0.5


@dataclass(frozen=True, repr=False)
class Prepared:
    """Rows ready for a model.

    Attributes
    ----------
    rows : numpy.ndarray, shape (n_placeable, n_columns)
        Of the customers known well enough, in the order of ``index``.
    index : pandas.Index
        Their ids.
    status : pandas.Series of str
        Of every customer of the table: ``""`` or ``"not enough yet: ..."``.
    """

    rows: np.ndarray
    index: pd.Index
    status: pd.Series

    def __repr__(self) -> str:
        left_out = len(self.status) - len(self.index)
        return f"Prepared(customers={len(self.index)}, columns={self.rows.shape[1]}, left_out={left_out})"


@dataclass(frozen=True, repr=False)
class Preparation:
    """What was learnt about a feature table in order to prepare it, and others after it, in the same way.

    Attributes
    ----------
    names : tuple of str
        Features asked for.
    parts : tuple of Column or Composition
        The transformations kept.
    dropped : tuple of str
        Prepared columns left out because they were constant or said the same as another.
    gaps : GapFiller
    min_invoices : int
    notes : tuple of str
    """

    names: tuple[str, ...]
    parts: tuple[Column | Composition, ...]
    dropped: tuple[str, ...]
    gaps: GapFiller
    min_invoices: int
    notes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns."""
        return tuple(name for name in _column_names(self.parts) if name not in self.dropped)

    def transform(self, features: FeatureTable) -> Prepared:
        """Prepare another table in the same way.

        Raises
        ------
        SegmentationError
            If a feature is not in the table.
        """
        frame, status = values_of(features, self.names), self.status(features)
        enough = (status == "").to_numpy()
        rows = self.rows(frame[enough], _counts(features, enough))
        return Prepared(rows, frame.index[enough], status)

    def status(self, features: FeatureTable) -> pd.Series:
        """Say of each customer why too little is known of it to be placed; ``""`` where enough is."""
        return _status(features, self.names, self.min_invoices)

    def rows(self, frame: pd.DataFrame, counts: pd.DataFrame | None) -> np.ndarray:
        """Prepare customers whatever is known of them, shape (n_customers, n_columns).

        Parameters
        ----------
        frame, counts : pandas.DataFrame
            The features, and the observations behind each where they are known.
        """
        return self.gaps.fill(_apply(self.parts, frame, counts)[list(self.columns)].to_numpy())

    def __repr__(self) -> str:
        sizes = f"features={len(self.names)}, columns={len(self.columns)}"
        return f"Preparation({sizes}, min_invoices={self.min_invoices})"


def prepare(
    features: FeatureTable, names: tuple[str, ...], min_invoices: int
) -> tuple[Preparation, Prepared]:
    """Learn the preparation from a table and apply it.

    Raises
    ------
    SegmentationError
        If a feature is unknown, nobody is known well enough, or every feature is constant.
    """
    measures = _measures(features, names)
    frame = values_of(features, names)
    status = _status(features, names, min_invoices)
    enough = (status == "").to_numpy()
    if not enough.any():
        raise SegmentationError(
            f"none of the {len(frame)} customers is known well enough "
            f"({status.iloc[0] if len(status) else 'the table is empty'}). "
            "Lower min_invoices, or read a longer period."
        )
    known = frame[enough]
    parts, constant = _fit_parts(measures, known)
    counts = _counts(features, enough)
    parts, unrepeated = _shrink(parts, features, counts)
    if not parts:
        raise SegmentationError(
            "no feature tells customers apart: "
            f"{', '.join(constant) or 'none'} the same for all, "
            f"{', '.join(unrepeated) or 'none'} not repeatable. "
            "Choose other features (names=)."
        )
    table = _apply(parts, known, counts)
    dropped, said = _duplicates(table)
    table = table.drop(columns=dropped)
    gaps = GapFiller.fit(table.to_numpy())
    notes = (
        *preparation_notes.on_customers(status, min_invoices),
        *preparation_notes.on_parts(parts, constant),
        *preparation_notes.on_shrinkage(parts, unrepeated),
        *said,
        *preparation_notes.on_gaps(table),
    )
    preparation = Preparation(tuple(names), parts, tuple(dropped), gaps, min_invoices, notes)
    return preparation, Prepared(gaps.fill(table.to_numpy()), known.index, status)


def values_of(features: FeatureTable, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the chosen features, infinities as missing."""
    missing = [name for name in names if name not in features.frame]
    if missing:
        raise SegmentationError(
            f"the feature table has no {', '.join(map(repr, missing))}. "
            "Compute it with compute_features(ledger, names=[...]), "
            f"or choose from: {', '.join(features.frame.columns)}."
        )
    return features.frame[list(names)].astype("float64").replace([np.inf, -np.inf], np.nan)


def _counts(features: FeatureTable, enough: np.ndarray) -> pd.DataFrame | None:
    # a table put together by hand, or loaded, has no invoices behind it, hence nothing to count
    return None if features._invoices is None else features.counts[enough]


def _shrink(
    parts: tuple[Column | Composition, ...], features: FeatureTable, counts: pd.DataFrame | None
) -> tuple[tuple[Column | Composition, ...], list[str]]:
    """Set how strongly each value is pulled in, from the split-half reliability; drop what does not repeat.

    A reliability r at n observations means that one value in n / (n + k) is the customer and the rest is
    chance, with k = n (1 - r) / r (Spearman-Brown). New customers are so shrunk towards this portfolio, not
    towards whoever happens to be in the same table. Balances count too: they are facts about one day, and
    reliable about the customer only as far as another day would show the same.
    """
    if counts is None:
        return parts, []
    kept: list[Column | Composition] = []
    unrepeated = []
    for part in parts:
        reliability = np.nan if isinstance(part, Composition) else float(features.reliability[part.name])
        if isinstance(part, Composition) or np.isnan(reliability):
            kept.append(part)
        elif reliability < LEAST_RELIABLE:
            unrepeated.append(part.name)
        else:
            n = float(counts.loc[counts[part.name] > 0, part.name].median())
            kept.append(replace(part, half_count=n * (1 - reliability) / reliability))
    return tuple(kept), unrepeated


def invoice_counts(features: FeatureTable) -> pd.Series | None:
    """Return the number of invoices known of each customer; ``None`` where the table cannot tell."""
    for name in ("n_invoices", "invoice_count"):
        if name in features.frame:
            return features.frame[name]
    return None if features._invoices is None else features.counts.max(axis=1)


def _measures(features: FeatureTable, names: tuple[str, ...]) -> list[Measure]:
    values_of(features, names)
    known = {measure.name: measure for measure in features.measures}
    return [known[name] for name in names]


def _status(features: FeatureTable, names: tuple[str, ...], min_invoices: int) -> pd.Series:
    absent = features.frame[list(names)].isna().to_numpy().sum(axis=1)
    too_many = absent > MOST_MISSING * len(names)
    status = np.full(len(absent), "", dtype=object)
    status[too_many] = [
        f"not enough yet: {n} of {len(names)} features cannot be told" for n in absent[too_many]
    ]
    counts = invoice_counts(features)
    if counts is not None:
        n_invoices = counts.fillna(0).to_numpy().astype("int64")
        few = n_invoices < min_invoices
        status[few] = [
            f"not enough yet: {n} invoice{'' if n == 1 else 's'}, {min_invoices} needed"
            for n in n_invoices[few]
        ]
    return pd.Series(status, index=features.frame.index, dtype="str")


def _fit_parts(
    measures: list[Measure], known: pd.DataFrame
) -> tuple[tuple[Column | Composition, ...], list[str]]:
    families: dict[str, list[str]] = {}
    for measure in measures:
        families.setdefault(measure.family or f"={measure.name}", []).append(measure.name)
    units = {measure.name: measure.unit for measure in measures}
    parts: list[Column | Composition] = []
    for family, names in families.items():
        if len(names) > 1:
            parts.append(Composition.fit(family, tuple(names), known[names].to_numpy()))
        else:
            parts.append(Column.fit(names[0], units[names[0]], known[names[0]].to_numpy()))
    constant = [_title(part) for part in parts if part.is_constant]
    return tuple(part for part in parts if not part.is_constant), constant


def _title(part: Column | Composition) -> str:
    return part.family if isinstance(part, Composition) else part.name


def _column_names(parts: tuple[Column | Composition, ...]) -> list[str]:
    return [
        name for part in parts for name in (part.columns if isinstance(part, Composition) else (part.name,))
    ]


def _apply(
    parts: tuple[Column | Composition, ...], frame: pd.DataFrame, counts: pd.DataFrame | None
) -> pd.DataFrame:
    blocks = [
        part.apply(frame[list(part.names)].to_numpy())
        if isinstance(part, Composition)
        else part.apply(
            frame[part.name].to_numpy(), None if counts is None else counts[part.name].to_numpy()
        )[:, None]
        for part in parts
    ]
    return pd.DataFrame(np.hstack(blocks), index=frame.index, columns=_column_names(parts))


def _duplicates(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    # a part of a composition is never dropped alone: the others would lose their meaning
    correlation = table.corr(min_periods=10).abs().fillna(0.0).to_numpy()
    dropped: list[str] = []
    notes = []
    for j, name in enumerate(table.columns):
        twins = [i for i in range(j) if correlation[i, j] > DUPLICATE and table.columns[i] not in dropped]
        if twins and "log-ratio" not in name:
            dropped.append(name)
            twin = table.columns[twins[0]]
            notes.append(
                f"{name} was left out: it says the same as {twin} (r = {correlation[twins[0], j]:.3f})."
            )
    return dropped, notes
