"""Measure one model on the bench: one fit after the other, watched, until it is done or its time is up."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.errors import Cancelled, SegmentationError
from payseg_widgets.segmentation.attempts import N_RESAMPLES, figures_of, shares_of
from payseg_widgets.segmentation.bench import Bench
from payseg_widgets.segmentation.choose import choose
from payseg_widgets.segmentation.later import LaterSeparation
from payseg_widgets.segmentation.model import ClusteringModel, FittedModel, Setting, Tree
from payseg_widgets.segmentation.segment import as_asked


class OverBudget(Exception):  # noqa: N818  a row of the table, not a mistake
    """A model takes longer, or more memory, than it may."""


@dataclass
class Watch:
    """Stops the work when asked, and a model when its time is up."""

    cancel: CancelSignal | None
    budget: float
    budget_mb: float = float("inf")
    started: float = float("inf")

    def step(self) -> None:
        """Raise if the work is to stop here."""
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled("stopped")
        if time.perf_counter() - self.started > self.budget:
            took = time.perf_counter() - self.started
            raise OverBudget(
                f"it was stopped after {took:.0f} s, its budget being {self.budget:g} s. Give it more (budget_seconds=)."
            )

    def weigh(self, taken: str, mb: float) -> None:
        """Raise if a fit takes more memory than it may."""
        if mb > self.budget_mb:
            raise OverBudget(
                f"one fit {taken} {mb:,.0f} MB, its budget being {self.budget_mb:,g} MB. Give it more (budget_mb=)."
            )


@dataclass
class Tried:
    """What was measured of one model, as far as it came."""

    figures: dict[str, Any] = field(default_factory=dict)
    status: str = "done"
    reason: str = ""
    criteria: pd.DataFrame | None = None
    why_k: str = ""
    stability: pd.Series | None = None
    tree: Tree | None = None
    later: LaterSeparation | None = None
    flow: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()


def try_model(
    spec: ClusteringModel, bench: Bench, ks: list[int], n_segments: int | None, watch: Watch
) -> Tried:
    """Measure a model on the bench, as far as it can run and its time lasts."""
    tried = Tried()
    try:
        spec = spec.with_categories(bench.n_categories)
        watch.weigh("would take about", spec.memory_mb(*bench.rows.shape))
        _try(tried, spec, bench, ks, n_segments, watch)
    except SegmentationError as error:
        tried.status, tried.reason = "cannot run", str(error)
    except OverBudget as over:
        tried.status, tried.reason = "over budget", str(over)
    return tried


def _try(
    tried: Tried,
    spec: ClusteringModel,
    bench: Bench,
    ks: list[int],
    n_segments: int | None,
    watch: Watch,
) -> None:
    step, rows = watch.step, bench.seen_by(spec, bench.rows, bench.ids)
    sample = rows[bench.sample]
    between = spec.distances(sample) if spec.n_categories else bench.between
    choice = choose(spec, sample, between, ks, n_resamples=N_RESAMPLES, seed=bench.seed, step=step)
    choice = as_asked(choice, spec, n_segments)
    tried.criteria, tried.why_k = choice.table, choice.why
    step()
    fitted, tried.figures["seconds"], tried.figures["peak_mb"] = _measured(choice.setting, rows, bench.seed)
    watch.weigh("took", tried.figures["peak_mb"])
    tried.notes = fitted.notes
    tried.figures |= figures_of(choice, between, fitted.labels[bench.sample])
    tried.figures |= shares_of(fitted.labels)
    shown = bench.numbered(fitted)
    tried.stability = bench.stability_of(choice, shown)
    tried.tree = bench.tree_of(choice.setting, shown)
    if choice.n_segments < 2:
        return
    option, asked = choice.setting
    setting = (option.quick().pinned(fitted), asked)
    tried.figures["invoices"] = bench.with_other_invoices(setting, fitted, step)
    over_time = bench.over_time(setting, shown, step)
    tried.figures |= over_time.figures
    tried.later, tried.flow = over_time.later, over_time.flow


def _measured(setting: Setting, rows: np.ndarray, seed: int) -> tuple[FittedModel, float, float]:
    """Fit to all customers; return the model, the seconds and the most memory its arrays took, in MB."""
    mine = not tracemalloc.is_tracing()
    if mine:
        tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    started = time.perf_counter()
    try:
        fitted = setting[0].fit(rows, setting[1], seed)
        seconds, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    finally:
        if mine:
            tracemalloc.stop()
    return fitted, seconds, (peak - before) / 1e6
