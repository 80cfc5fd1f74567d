"""What every model of a comparison is judged on: the same customers, the same resampled invoices, the same two periods."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_columns, compute_features
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.segmentation.categories import Given
from payseg_widgets.segmentation.choose import Choice
from payseg_widgets.segmentation.criteria import silhouette
from payseg_widgets.segmentation.gain import prediction_gain
from payseg_widgets.segmentation.identity import numbers_like
from payseg_widgets.segmentation.later import LaterSeparation, separation
from payseg_widgets.segmentation.model import MODELS, ClusteringModel, FittedModel, Setting, Tree
from payseg_widgets.segmentation.periods import Periods, behaviour, delay_records, later_invoices
from payseg_widgets.segmentation.prepare import Preparation, Prepared, prepare, values_of
from payseg_widgets.segmentation.risk import numbered_by_risk, risk_scores, value_of
from payseg_widgets.segmentation.segment import numbers_to_try, sample_of
from payseg_widgets.segmentation.structure import Structure, check_structure

#: Times each customer's invoices are drawn anew.
N_INVOICE_RESAMPLES = 5
#: Share of different invoices among as many drawn with replacement.
_KEPT = 1 - math.exp(-1)


@dataclass(frozen=True, repr=False)
class Halves:
    """The two periods, prepared each on its own.

    Attributes
    ----------
    periods : Periods
    earlier, later : Prepared
        Customers by the features of that period alone.
    earlier_delays, later_delays : pandas.DataFrame
        See `delay_records`.
    later_paid : pandas.DataFrame
        See `behaviour`.
    """

    periods: Periods
    earlier: Prepared
    later: Prepared
    earlier_delays: pd.DataFrame
    later_delays: pd.DataFrame
    later_paid: pd.DataFrame


@dataclass(frozen=True, repr=False)
class Bench:
    """The customers, prepared once.

    Attributes
    ----------
    rows : numpy.ndarray, shape (n_placeable, n_columns)
    ids : pandas.Index
        Of the customers in ``rows``.
    sample : numpy.ndarray of int
        Positions in ``rows`` of those on whom numbers of segments, stability and structure are judged.
    between : numpy.ndarray
        Distances between the sample, by the features.
    redrawn : tuple of (positions in the sample, rows)
        The sample with other invoices of the same customers.
    halves : Halves or None
    structure : Structure
    scores, value : pandas.Series
        What the segments are numbered by: see `numbered_by_risk`.
    seed : int
    categories : Given or None
    """

    rows: np.ndarray
    ids: pd.Index
    sample: np.ndarray
    between: np.ndarray
    redrawn: tuple[tuple[np.ndarray, np.ndarray], ...]
    halves: Halves | None
    structure: Structure
    scores: pd.Series
    value: pd.Series | None
    seed: int
    categories: Given | None

    @property
    def n_categories(self) -> int:
        """Number of columns of categories."""
        return 0 if self.categories is None else len(self.categories.learnt.columns)

    @property
    def notes_on_categories(self) -> tuple[str, ...]:
        """What was decided about the categories, and what they do to the figures."""
        if self.categories is None:
            return ()
        return (
            *self.categories.notes,
            "A customer keeps its categories with other invoices and in both periods: a model that goes by them finds its "
            "segments again for that alone.",
        )

    def seen_by(self, model: ClusteringModel, rows: np.ndarray, ids: pd.Index) -> np.ndarray:
        """Return prepared customers as the model takes them: with their categories, or without."""
        if self.categories is None or not model.needs_categories:
            return rows
        return self.categories.beside(rows, ids)

    def numbered(self, fitted: FittedModel) -> pd.Series:
        """Return the segment of each customer, numbered from the least risky as `segment` numbers them."""
        labels = pd.Series(fitted.labels, index=self.ids, name="segment")
        numbering = numbered_by_risk(labels, self.scores, self.value, fitted.n_segments)
        return labels.map({-1: -1, **dict(enumerate(numbering.tolist()))})

    def stability_of(self, choice: Choice, shown: pd.Series) -> pd.Series | None:
        """Return the stability of each segment of the sample, numbered like those shown; ``None`` if not measured."""
        labels = choice.labels.get(choice.n_segments)
        if labels is None:
            return None
        numbers = _numbers_like(pd.Series(labels, index=self.ids[self.sample]), shown)
        index = pd.Index([numbers[k] for k in range(choice.n_segments)], name="segment")
        return pd.Series(choice.stability[choice.n_segments], index=index, name="stability").sort_index()

    def tree_of(self, setting: Setting, shown: pd.Series) -> Tree | None:
        """Return the model's tree of the sample, its segments numbered like those shown; ``None`` if it makes none."""
        model, asked = setting
        tree = model.tree(self.rows[self.sample], asked)
        if tree is None:
            return None
        labels = pd.Series(tree.segments, index=self.ids[self.sample])
        numbers = _numbers_like(labels, shown)
        is_same = labels.map({-1: -1, **numbers}) == shown[labels.index]
        return tree.numbered(numbers, float(is_same.mean()))

    def with_other_invoices(self, setting: Setting, fitted: FittedModel, step: Callable[[], None]) -> float:
        """Return how alike the segments are when customers have other invoices: mean adjusted Rand index.

        A resample in which the model finds no such number of segments counts as 0; NaN where the feature table came
        without its invoices.
        """
        found, ids = [], self.ids[self.sample]
        for positions, rows in self.redrawn:
            step()
            again = self._labels(setting, rows, ids[positions])
            found.append(0.0 if again is None else agreement(fitted.labels[self.sample][positions], again))
        return float(np.mean(found)) if found else float("nan")

    def over_time(self, setting: Setting, shown: pd.Series, step: Callable[[], None]) -> OverTime:
        """Return what the two periods say of a model whose segments of all invoices are those shown."""
        if self.halves is None:
            return OverTime()
        step()
        earlier = self._labels(setting, self.halves.earlier.rows, self.halves.earlier.index)
        step()
        later = self._labels(setting, self.halves.later.rows, self.halves.later.index)
        if earlier is None:
            return OverTime()
        first = _numbered_like(pd.Series(earlier, index=self.halves.earlier.index), shown, shown)
        figures, flow = {"halves": 0.0}, None
        if later is not None:
            second = _numbered_like(pd.Series(later, index=self.halves.later.index), first, shown)
            both = first.index.intersection(second.index)
            flow = pd.crosstab(first[both].rename("earlier"), second[both].rename("later"))
            figures["halves"] = agreement(first[both].to_numpy(), second[both].to_numpy())
        found = separation(
            first, self.halves.later_paid, seed=self.seed, n_permutations=499, periods=self.halves.periods
        )
        late = found.tests.loc["days_late"].to_dict()
        figures |= {
            "later_explained": late["explained"], "later_low": late["explained_low"],
            "later_high": late["explained_high"], "later_p": float(found.tests["p_adjusted"].min()),
        }  # fmt: skip
        gain = prediction_gain(first, self.halves.earlier_delays, self.halves.later_delays)
        return OverTime({**figures, **gain}, found, flow)

    def _labels(self, setting: Setting, rows: np.ndarray, ids: pd.Index) -> np.ndarray | None:
        model, asked = setting
        try:
            return model.quick().fit(self.seen_by(model, rows, ids), asked, self.seed).labels
        except SegmentationError:  # fewer different customers, or a number this model never finds in them
            return None


@dataclass(frozen=True, repr=False)
class OverTime:
    """What two periods say of a model; nothing where there are none or it finds no segments in the earlier one.

    Attributes
    ----------
    figures : Mapping of str to float
        ``halves`` and the figures of separation and prediction.
    later : LaterSeparation or None
    flow : pandas.DataFrame of int or None
        Customers in both periods by their segments made from the ``earlier`` and from the ``later`` invoices, -1 for
        none; ``None`` where no segments were found in the later period.
    """

    figures: Mapping[str, float] = field(default_factory=dict)
    later: LaterSeparation | None = None
    flow: pd.DataFrame | None = None


def _numbers_like(labels: pd.Series, known: pd.Series, shown: pd.Series | None = None) -> dict[int, int]:
    """Return numbers like those known; a segment that carries on none gets one that is not shown either."""
    used = known if shown is None else pd.concat([known, shown])
    return numbers_like(labels, known, int(used.max()) + 1)


def _numbered_like(labels: pd.Series, known: pd.Series, shown: pd.Series) -> pd.Series:
    return labels.map({-1: -1, **_numbers_like(labels, known, shown)})


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Return the adjusted Rand index of two groupings; NaN without customers.

    It is 0 where either holds fewer than two segments: finding nothing twice is no agreement.

    >>> agreement(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])), agreement(np.array([-1, -1]), np.array([-1, -1]))
    (1.0, 0.0)
    """
    if not len(one):
        return float("nan")
    if min(len(np.unique(labels[labels >= 0])) for labels in (one, other)) < 2:
        return 0.0
    return float(adjusted_rand_score(one, other))


def lay_out(
    features: FeatureTable,
    names: tuple[str, ...],
    min_invoices: int,
    halves: Halves | None,
    k_range: tuple[int, int],
    *,
    seed: int,
    step: Callable[[], None],
    categories: pd.DataFrame | None = None,
) -> tuple[Bench, Preparation]:
    """Prepare the customers for every model.

    Raises
    ------
    SegmentationError
        If they cannot be prepared, or ``categories`` is no table of categories.
    """
    preparation, prepared = prepare(features, names, min_invoices)
    given = None if categories is None else Given.of(categories, prepared.index)
    sample = sample_of(len(prepared.rows), seed)
    step()
    redrawn = _redrawn(features, preparation, prepared.index[sample], seed, step)
    rows = prepared.rows[sample]
    ks = numbers_to_try(k_range, None, len(rows))
    k_means = MODELS["kmeans"].quick()
    between = k_means.distances(rows)
    fits = k_means.fit_each(rows, k_means.settings(ks), seed)
    clearest = max(fits, key=lambda fitted: silhouette(between, fitted.labels))
    structure = check_structure(k_means, rows, clearest.labels, seed=seed, step=step)
    scores = risk_scores(features, values_of(features, preparation.names))
    bench = Bench(
        prepared.rows, prepared.index, sample, between, redrawn, halves, structure, scores, value_of(features), seed, given,
    )  # fmt: skip
    return bench, preparation


def _redrawn(
    features: FeatureTable, preparation: Preparation, ids: pd.Index, seed: int, step: Callable[[], None]
) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    if features.invoices is None:
        return ()
    rng = np.random.default_rng(seed)
    own = features.invoices.customers(np.sort(features.frame.index.get_indexer(ids)))
    fewer = replace(preparation, min_invoices=max(1, round(_KEPT * preparation.min_invoices)))
    done = []
    for _ in range(N_INVOICE_RESAMPLES):
        step()
        part = own.subset(rng.random(len(own)) < _KEPT)
        again = fewer.transform(_table(features, part, preparation.names))
        if len(again.index):
            done.append((ids.get_indexer(again.index), again.rows))
    return tuple(done)


def _table(features: FeatureTable, invoices: SettledInvoices, names: tuple[str, ...]) -> FeatureTable:
    measures = tuple(m for m in features.measures if m.name in names)
    index = pd.Index(invoices.customer_ids, dtype="str", name="customer_id")
    frame = pd.DataFrame(compute_columns(invoices, measures), index=index)
    return replace(features, frame=frame, measures=measures, _invoices=invoices)


def halves_of(
    ledger: Ledger,
    features: FeatureTable,
    names: tuple[str, ...],
    min_invoices: int,
    periods: Periods,
    step: Callable[[], None],
) -> Halves:
    """Prepare the customers of both periods.

    Raises
    ------
    SegmentationError
        If one of the periods holds too little.
    """
    step()
    earlier = compute_features(ledger.until(periods.until), list(names))
    step()
    block = later_invoices(ledger, periods)
    later = _table(features, block, names)
    step()
    first, second = (prepare(table, names, min_invoices)[1] for table in (earlier, later))
    known = earlier.invoices
    assert known is not None  # noqa: S101  computed just now
    return Halves(periods, first, second, delay_records(known), delay_records(block), behaviour(block))
