"""Choose the number of segments by several criteria shown together, and say why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from payseg_widgets.segmentation import criteria
from payseg_widgets.segmentation.model import ClusteringModel, FittedModel, Setting
from payseg_widgets.segmentation.stability import VALID, bootstrap_jaccard

#: A silhouette within this of the best is as good as the best.
_SILHOUETTE_TIE = 0.02
#: A least stable segment within this of the best number's is as stable, the bootstrap being what it is.
STABILITY_TIE = 0.1
#: A segment below this share of the customers, or this many, is an outlier group, not a segment.
SMALLEST_SHARE, SMALLEST = 0.02, 3


@dataclass(frozen=True)
class Choice:
    """The number of segments chosen.

    Attributes
    ----------
    setting : tuple
        Model with its options and the number of segments to ask of it.
    n_segments : int
    table : pandas.DataFrame
        Index ``n_segments``; the criteria and ``chosen``.
    why : str
    labels, stability : Mapping of int to numpy.ndarray
        For each number tried, the segments of the sample and how stable each of them is.
    """

    setting: Setting
    n_segments: int
    table: pd.DataFrame
    why: str
    labels: Mapping[int, np.ndarray] = field(default_factory=dict)
    stability: Mapping[int, np.ndarray] = field(default_factory=dict)


def choose(
    model: ClusteringModel,
    rows: np.ndarray,
    between: np.ndarray,
    ks: Sequence[int],
    *,
    n_resamples: int,
    seed: int,
    step: Callable[[], None],
) -> Choice:
    """Fit the model with every number of segments and choose one.

    A number is admissible if each of its segments is stable (clusterwise bootstrap Jaccard of at least 0.75,
    and at most 0.1 below the number whose least stable segment is the most stable) and none is smaller than
    2 % of the customers or 3 of them. The largest admissible number is taken, but not more than the most that
    a criterion of separation favours: silhouette, gap statistic, elbow, or BIC for a mixture. The largest,
    because a segment that comes back with other customers is worth knowing and two segments can be treated
    alike; bounded, because any cut across a stretched crowd comes back too.

    Parameters
    ----------
    rows, between : numpy.ndarray
        Prepared customers (a sample of at most a few thousand) and the distances between them, those of the model.
    ks : sequence of int
    n_resamples : int
    seed : int
    step : callable
        Called before each piece of work; may raise to stop.
    """
    quick = model.quick()
    settings = quick.settings(ks)
    step()
    fits = quick.fit_each(rows, settings, seed)
    settings, fits = _one_per_number(settings, fits)
    if not fits:
        return _nothing_found(model)
    table = _separation(quick, rows, between, fits, seed=seed, step=step)
    again = [(option.pinned(fit), k) for (option, k), fit in zip(settings, fits, strict=True)]
    stable = bootstrap_jaccard(rows, again, fits, n_resamples=n_resamples, seed=seed, step=step)
    table["stability"] = [values.mean() for values in stable]
    table["least_stable"] = [values.min() for values in stable]
    favoured = favourites(table)
    chosen, why = decide(table, favoured)
    table["chosen"] = table.index == chosen
    position = list(table.index).index(chosen)
    option, asked = settings[position]
    return Choice(
        (_with_options(model, option), asked), chosen, table, why,
        labels={fit.n_segments: fit.labels for fit in fits},
        stability=dict(zip(table.index.tolist(), stable, strict=True)),
    )  # fmt: skip


def _with_options(model: ClusteringModel, option: ClusteringModel) -> ClusteringModel:
    # a model that finds the number itself carries its choice in its options; the others start afresh
    return option if not model.size_criterion else model


def _one_per_number(
    settings: list[Setting], fits: list[FittedModel]
) -> tuple[list[Setting], list[FittedModel]]:
    best: dict[int, int] = {}
    for i, fit in enumerate(fits):
        k = fit.n_segments
        if k >= 2 and (k not in best or (fits[best[k]].labels < 0).sum() > (fit.labels < 0).sum()):
            best[k] = i
    kept = [best[k] for k in sorted(best)]
    return [settings[i] for i in kept], [fits[i] for i in kept]


def _nothing_found(model: ClusteringModel) -> Choice:
    columns = ["inertia", "silhouette", "unassigned", "smallest_share", "stability", "least_stable", "chosen"]
    table = pd.DataFrame(
        columns=columns, index=pd.Index([], name="n_segments", dtype="int64"), dtype="float64"
    )
    why = f"{model.label} found no two groups with emptier space between them, so there are no segments."
    return Choice((model, None), 0, table, why)


def _separation(
    model: ClusteringModel,
    rows: np.ndarray,
    between: np.ndarray,
    fits: list[FittedModel],
    *,
    seed: int,
    step: Callable[[], None],
) -> pd.DataFrame:
    ks = [fit.n_segments for fit in fits]
    table = pd.DataFrame(index=pd.Index(ks, name="n_segments"))
    table.attrs["least_share"] = max(SMALLEST_SHARE, SMALLEST / len(rows))
    table["inertia"] = [criteria.inertia(model.numbers(rows), fit.labels) for fit in fits]
    table["silhouette"] = [criteria.silhouette(between, fit.labels) for fit in fits]
    step()
    if model.size_criterion == "gap":
        whole = criteria.inertia(rows, np.zeros(len(rows), dtype=int))
        gaps, errors = criteria.gap_statistic(model, rows, [1, *ks], [whole, *table["inertia"]], seed=seed)
        table["gap"], table["gap_error"] = gaps[1:], errors[1:]
        table.attrs["gap_choice"] = criteria.gap_choice([1, *ks], gaps, errors)
        table.attrs["elbow"] = criteria.elbow([1, *ks], [whole, *table["inertia"]])
    if model.size_criterion == "bic":
        table["bic"] = [fit.bic for fit in fits]
    table["unassigned"] = [float((fit.labels < 0).mean()) for fit in fits]
    table["smallest_share"] = [np.bincount(fit.labels[fit.labels >= 0]).min() / len(rows) for fit in fits]
    return table


def favourites(table: pd.DataFrame) -> dict[str, int]:
    """Return which number of segments each criterion of separation favours.

    Of silhouettes within 0.02 of the best the one with most segments counts.
    """
    close = table.index[table["silhouette"] >= table["silhouette"].max() - _SILHOUETTE_TIE]
    favoured = {"silhouette": int(close.max())} if len(close) else {}
    if table.attrs.get("gap_choice", 1) > 1:
        favoured["gap statistic"] = table.attrs["gap_choice"]
    if table.attrs.get("elbow") in table.index:
        favoured["elbow"] = table.attrs["elbow"]
    if "bic" in table:
        favoured["BIC"] = int(table.index[int(table["bic"].to_numpy().argmin())])
    return favoured


def decide(table: pd.DataFrame, favoured: dict[str, int]) -> tuple[int, str]:
    """Return the number of segments by the rule of `choose`, and the reason in words with its figures."""
    least = max(VALID, float(table["least_stable"].max()) - STABILITY_TIE)
    large = table["smallest_share"] >= table.attrs["least_share"]
    firm = (table["least_stable"] >= least) & large
    admissible = [int(k) for k in table.index[firm].to_numpy()]
    said = ", ".join(f"{name} {k}" for name, k in favoured.items()) or "none"
    most = max(favoured.values(), default=0)
    below = [k for k in admissible if k <= most]
    if below:
        chosen = max(below)
        rule = "the largest number whose every segment is stable, but not more than the criteria favour"
    elif admissible:
        chosen = min(admissible)
        rule = "the smallest number whose every segment is stable; the criteria of separation favour fewer"
    else:
        few = table[large & (table.index <= most)]
        rest = few if len(few) else table
        chosen = int(rest.index[int((rest["least_stable"] + rest["silhouette"]).to_numpy().argmax())])
        rule = (
            "the best compromise of stability and silhouette; at no number was every segment stable and "
            "large enough, so take the segments as a way of sorting"
        )
    row = table.loc[chosen]
    stable = f"least stable segment {row['least_stable']:.2f} (Jaccard, {VALID} needed)"
    figures = f"{stable}, silhouette {row['silhouette']:.2f}"
    return chosen, f"{chosen} segments: {rule}. Favoured: {said}. At {chosen}: {figures}."
