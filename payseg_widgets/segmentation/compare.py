"""Compare clustering models on the same customers: which number of segments, how stable, what they say of later payment."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.errors import Cancelled, SegmentationError
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.segmentation.account import Best, Clause, account_clauses, no_answer
from payseg_widgets.segmentation.bench import Bench, Halves, halves_of, lay_out
from payseg_widgets.segmentation.categories import checked
from payseg_widgets.segmentation.later import LaterSeparation
from payseg_widgets.segmentation.model import MODELS, ClusteringModel, Tree
from payseg_widgets.segmentation.periods import GAP_DAYS, Periods, split_periods
from payseg_widgets.segmentation.ranking import ranked
from payseg_widgets.segmentation.segment import (
    checked_range,
    chosen_names,
    numbers_to_try,
    sorted_by_id,
)
from payseg_widgets.segmentation.structure import Structure, caution_of
from payseg_widgets.segmentation.trial import Tried, Watch, try_model

COLUMNS = (
    "label", "status", "n_segments", "silhouette", "stability", "least_stable", "invoices", "halves",
    "later_explained", "later_low", "later_high", "later_p", "gain_over_none", "gain_low", "gain_high",
    "gain_over_own", "gain_added", "share_unassigned", "smallest_share", "balance", "seconds", "peak_mb", "account",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class ModelComparison:
    """Every model tried on the same customers.

    The segments of a model are numbered as `segment` numbers them, the least risky 0, and so wherever they are made
    again: -1 is no segment, and a number beyond the last one a segment that carries on none (`Overlap.matched`).

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``model``; ``label``; ``status`` (``"done"``, ``"over budget"`` or ``"cannot run"``); ``n_segments``;
        ``silhouette``; ``stability`` and ``least_stable`` (clusterwise bootstrap Jaccard, mean and least);
        ``invoices`` and ``halves`` (adjusted Rand index with other invoices, and of the two periods);
        ``later_explained`` with ``later_low, later_high`` (share of the differences in later days late that the
        segments account for), ``later_p`` (over all outcomes); ``gain_over_none`` with ``gain_low, gain_high``,
        ``gain_over_own``, ``gain_added`` (see `prediction_gain`); ``share_unassigned, smallest_share, balance`` (1: all
        segments equally large); ``seconds`` (one fit on all customers), ``peak_mb`` (memory of the arrays of that
        fit); ``account``, in words. Missing where it was not measured.
    criteria : Mapping of str to pandas.DataFrame
        For each model, the criteria at each number of segments.
    why_k : Mapping of str to str
    later : Mapping of str to LaterSeparation
    accounts : Mapping of str to tuple of Clause
        The account in clauses, each with the picture that shows its figures.
    stability : Mapping of str to pandas.Series
        For each model, index ``segment``, what ``stability`` and ``least_stable`` are the mean and the least of.
    flows : Mapping of str to pandas.DataFrame of int
        For each model, how many customers are in each pair of a segment made from the ``earlier`` block's invoices alone
        (rows) and one from the ``later`` block's (columns): what ``halves`` sums up.
    trees : Mapping of str to LinkageTree or CondensedTree
        For each model that makes one, its tree of the sample.
    structure, structure_sentence : str
    gate : Structure
        What the two were judged by.
    periods : Periods or None
    notes : tuple of str
    provenance : Mapping
    """

    table: pd.DataFrame
    criteria: Mapping[str, pd.DataFrame]
    why_k: Mapping[str, str]
    later: Mapping[str, LaterSeparation]
    accounts: Mapping[str, tuple[Clause, ...]]
    stability: Mapping[str, pd.Series]
    flows: Mapping[str, pd.DataFrame]
    trees: Mapping[str, Tree]
    structure: str
    structure_sentence: str
    gate: Structure
    periods: Periods | None
    notes: tuple[str, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def caution(self) -> str:
        """What must be said wherever the segments of these models are shown; empty where they are kinds of customer."""
        return caution_of(self.structure)

    def ranked(self, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
        """Return the table with a ``score`` in [0, 1], the best model first.

        Parameters
        ----------
        weights : Mapping of str to float, optional
            How much each merit counts: see `payseg_widgets.segmentation.ranking.MERITS`. Those not named count nothing.

        Raises
        ------
        UnknownNameError
            If there is no such merit.
        SegmentationError
            If a weight is negative or none is positive.
        """
        return ranked(self.table, weights)

    def __repr__(self) -> str:
        done = int((self.table["status"] == "done").sum())
        return f"ModelComparison(models={len(self.table)}, done={done}, structure={self.structure!r})"


def compare_models(
    features: FeatureTable,
    ledger: Ledger | None = None,
    *,
    models: Sequence[str | ClusteringModel] | None = None,
    names: Sequence[str] | None = None,
    n_segments: int | None = None,
    k_range: tuple[int, int] = (2, 8),
    min_invoices: int = 5,
    until: str | date | pd.Timestamp | None = None,
    gap_days: int = GAP_DAYS,
    budget_seconds: float = 120.0,
    budget_mb: float = 4_000.0,
    seed: int = 0,
    categories: pd.DataFrame | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> ModelComparison:
    """Try clustering models on the same customers and say of each why it worked or did not.

    Parameters
    ----------
    features : FeatureTable
    ledger : Ledger, optional
        Behind ``features``. With it models are also judged on two periods: found again in the second, telling how
        customers pay later, helping to predict it. Only the number of segments is taken over from all the data.
    models : sequence of str or ClusteringModel, optional
        Names in ``payseg_widgets.segmentation.model.MODELS``, or models with other options under names of their own; all
        by default.
    names, n_segments, k_range, min_invoices, seed
        See `segment`.
    until, gap_days
        See `later_separation`.
    budget_seconds : float
        A model that takes longer is stopped at its next step and listed with what was measured by then.
    budget_mb : float
        Memory one fit may take. A model known to take more on so many customers is not begun; one that did is stopped
        after the fit, and listed with what it took.
    categories : pandas.DataFrame, optional
        See `segment`; for the models that take them, which are listed as ``"cannot run"`` without. The same categories go
        with other invoices of a customer and with either period.
    progress : callable, optional
        Called as ``progress(what, done, total)``.
    cancel : object with ``is_set()``, optional
        Looked at between steps.

    Returns
    -------
    ModelComparison
        A model that cannot run on these customers is listed with the reason.

    Raises
    ------
    SegmentationError
        If the customers cannot be prepared, or an option makes no sense.
    UnknownNameError
        If there is no such model.
    Cancelled
        If ``cancel`` was set; ``finished`` is the `ModelComparison` of the models done by then, or ``None``.
    """
    specs = _specs(models)
    if not isinstance(features, FeatureTable):
        raise SegmentationError(
            f"models are compared on a FeatureTable, not on a {type(features).__name__}: compute_features(ledger)."
        )
    if budget_seconds <= 0:
        raise SegmentationError(f"budget_seconds={budget_seconds} leaves no time; give seconds above 0.")
    if not budget_mb > 0:
        raise SegmentationError(f"budget_mb={budget_mb} leaves no memory; give MB above 0.")
    low, high = checked_range(k_range)
    features = sorted_by_id(features)
    wanted = chosen_names(features, names)
    watch, tell = Watch(cancel, budget_seconds, budget_mb), progress or (lambda _what, _done, _total: None)
    total = len(specs) + 1
    done = _Done(
        specs,
        provenance=_parameters(
            specs, wanted, n_segments, (low, high), budget_seconds, budget_mb, seed, categories
        ),
    )
    try:
        with threadpool_limits(1):  # sums in one order, hence the same labels
            tell("preparing", 0, total)
            halves, notes = _halves(ledger, features, wanted, min_invoices, until, gap_days, watch.step)
            bench, preparation = lay_out(
                features, wanted, min_invoices, halves, (low, high), seed=seed, step=watch.step,
                categories=categories,
            )  # fmt: skip
            done.bench, done.notes = bench, (*preparation.notes, *bench.notes_on_categories, *notes)
            ks = numbers_to_try((low, high), n_segments, len(bench.sample))
            for i, spec in enumerate(specs):
                tell(spec.label, i + 1, total)
                watch.step()
                watch.started = time.perf_counter()
                done.add(spec, try_model(spec, bench, ks, n_segments, watch))
                watch.started = float("inf")
        tell("done", total, total)
    except Cancelled:
        kept = ", ".join(done.rows) or "nothing yet"
        raise Cancelled(f"compare_models() was stopped after: {kept}.", finished=done.result()) from None
    finished = done.result()
    assert finished is not None  # noqa: S101  the bench was laid out
    return finished


def _specs(models: Sequence[str | ClusteringModel] | None) -> list[ClusteringModel]:
    chosen = [MODELS[m] if isinstance(m, str) else m for m in (list(MODELS) if models is None else models)]
    names = [spec.name for spec in chosen]
    if not chosen or len(set(names)) < len(names):
        raise SegmentationError(
            f"models={names!r}: give at least one, each under a name of its own (dataclasses.replace(model, name=...))."
        )
    return chosen


def _halves(
    ledger: Ledger | None,
    features: FeatureTable,
    names: tuple[str, ...],
    min_invoices: int,
    until: str | date | pd.Timestamp | None,
    gap_days: int,
    step: Callable[[], None],
) -> tuple[Halves | None, tuple[str, ...]]:
    if ledger is None:
        return None, ("No ledger was given: what segments say of a later period was not measured.",)
    try:
        periods = split_periods(ledger, until=until, gap_days=gap_days)
        return halves_of(ledger, features, names, min_invoices, periods, step), (f"Two periods: {periods}.",)
    except SegmentationError as error:
        if until is not None:
            raise
        return None, (f"What segments say of a later period was not measured: {error}",)


@dataclass
class _Done:
    """The models finished so far."""

    specs: list[ClusteringModel]
    provenance: dict[str, Any]
    bench: Bench | None = None
    notes: tuple[str, ...] = ()
    rows: dict[str, Tried] = field(default_factory=dict)

    def add(self, spec: ClusteringModel, tried: Tried) -> None:
        self.rows[spec.name] = tried

    def _measured(self, what: str) -> dict[str, Any]:
        found = {name: getattr(tried, what) for name, tried in self.rows.items()}
        return {name: value for name, value in found.items() if value is not None}

    def result(self) -> ModelComparison | None:
        """Return the comparison of what was done; ``None`` before the customers were prepared."""
        if self.bench is None:
            return None
        structure = self.bench.structure
        specs = {spec.name: spec for spec in self.specs}
        best = _best(specs, self.rows)
        accounts = {
            name: _account(specs[name], tried, structure.verdict, best) for name, tried in self.rows.items()
        }
        table = pd.DataFrame(
            [_row(specs[name], tried, accounts[name]) for name, tried in self.rows.items()],
            index=pd.Index(list(self.rows), name="model", dtype="str"),
            columns=list(COLUMNS),
        )
        kept = self.rows.items()
        fits = tuple(note for _, tried in kept for note in tried.notes if "random sample" in note)
        return ModelComparison(
            table=table,
            criteria=self._measured("criteria"), why_k={name: tried.why_k for name, tried in kept if tried.why_k},
            later=self._measured("later"), accounts=accounts, stability=self._measured("stability"),
            flows=self._measured("flow"), trees=self._measured("tree"),
            structure=structure.verdict, structure_sentence=structure.sentence, gate=structure,
            periods=self.bench.halves.periods if self.bench.halves else None,
            notes=(*self.notes, *fits), provenance=self.provenance,
        )  # fmt: skip


def _best(specs: Mapping[str, ClusteringModel], rows: Mapping[str, Tried]) -> Best | None:
    """Return the model whose segments help most to predict, the first one where several do; ``None`` without periods."""
    found = [
        Best(specs[name].label, int(tried.figures["n_segments"]), float(tried.figures["gain_over_none"]))
        for name, tried in rows.items()
        if tried.status == "done" and np.isfinite(tried.figures.get("gain_over_none", np.nan))
    ]
    return max(found, key=lambda best: best.gain, default=None)


def _account(spec: ClusteringModel, tried: Tried, verdict: str, best: Best | None) -> tuple[Clause, ...]:
    if tried.status == "done":
        return account_clauses(spec, tried.figures, verdict, best=best)
    return (Clause(no_answer(spec, tried.reason)),)


def _row(spec: ClusteringModel, tried: Tried, said: tuple[Clause, ...]) -> dict[str, Any]:
    text = " ".join(clause.text for clause in said)
    return {"label": spec.label, "status": tried.status, **tried.figures, "account": text}


def _parameters(
    specs: list[ClusteringModel],
    names: tuple[str, ...],
    n_segments: int | None,
    k_range: tuple[int, int],
    budget_seconds: float,
    budget_mb: float,
    seed: int,
    categories: pd.DataFrame | None,
) -> dict[str, Any]:
    return {
        "models": [repr(spec) for spec in specs], "names": list(names), "n_segments": n_segments,
        "k_range": list(k_range), "budget_seconds": budget_seconds, "budget_mb": budget_mb, "seed": seed,
        "categories": [] if categories is None else list(checked(categories).columns),
    }  # fmt: skip
