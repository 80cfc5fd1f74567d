"""From a feature table to segments of customers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.segmentation.attempts import COLUMNS, figures_of, try_all
from payseg_widgets.segmentation.cards import describe, with_categories
from payseg_widgets.segmentation.categories import Given, with_given
from payseg_widgets.segmentation.choose import Choice, choose
from payseg_widgets.segmentation.coordinates import coordinates
from payseg_widgets.segmentation.criteria import silhouette
from payseg_widgets.segmentation.identity import carry_on
from payseg_widgets.segmentation.model import MODELS, ClusteringModel, FittedModel
from payseg_widgets.segmentation.placement import Placement, placed_table
from payseg_widgets.segmentation.prepare import Preparation, Prepared, prepare, values_of
from payseg_widgets.segmentation.progress import Desk
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.segmentation.risk import numbered_by_risk, risk_scores, value_of
from payseg_widgets.segmentation.stability import bootstrap_jaccard
from payseg_widgets.segmentation.structure import Structure, check_structure

#: Number of segments, stability, structure and the other models are judged on at most this many customers.
SAMPLE = 1_500
_N_RESAMPLES = 20


def segment(
    features: FeatureTable,
    model: str = "kmeans",
    n_segments: int | None = None,
    *,
    names: Sequence[str] | None = None,
    seed: int = 0,
    min_invoices: int = 5,
    k_range: tuple[int, int] = (2, 8),
    compare: bool = True,
    previous: Segmentation | None = None,
    categories: pd.DataFrame | None = None,
    category_weight: float | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> Segmentation:
    """Group customers by how they pay.

    Parameters
    ----------
    features : FeatureTable
    model : str
        A name in ``payseg_widgets.segmentation.model.MODELS``, such as ``kmeans``, ``gaussian_mixture`` or
        ``hdbscan``.
    n_segments : int, optional
        Number of segments; chosen by several criteria where not given.
    names : sequence of str, optional
        Features to group by; those recommended, as far as the table has them, where not given.
    seed : int
        Decides every random step: the same table and seed give the same segments.
    min_invoices : int
        Customers with fewer are not known well enough and get label -1.
    k_range : tuple of int
        Smallest and largest number of segments considered.
    compare : bool
        Whether every other model is tried too, for ``attempts``.
    previous : Segmentation, optional
        An earlier segmentation that this one carries on: its segments keep number, letter and name, see
        `payseg_widgets.segmentation.identity.carry_on`.
    categories : pandas.DataFrame, optional
        For ``gower_kmedoids``, which needs them: index ``customer_id``, a column of texts for each category, such as region
        or currency. Rows may be missing, and there may be rows of other customers. A category missing of either of two
        customers takes no part in the distance between them.
    category_weight : float, optional
        How many features each category counts as, on average over pairs of customers; 1 where not given.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.
    cancel : object with ``is_set()``, optional
        Looked at between steps.

    Returns
    -------
    Segmentation
        Missing values never become 0: a customer with fewer than ``min_invoices`` invoices or more than half
        of the features missing gets label -1, other gaps are filled from the customer's other features. Only a category
        may stay missing.

    Raises
    ------
    SegmentationError
        If the customers cannot be segmented as asked.
    UnknownNameError
        If there is no such model.
    Cancelled
        If ``cancel`` was set; ``finished`` names the stages that were completed.
    """
    made = _made(
        features, model, n_segments, Desk(progress, cancel), names=names, seed=seed, min_invoices=min_invoices,
        k_range=k_range, compare=compare, categories=categories, category_weight=category_weight,
    )  # fmt: skip
    return made if previous is None else carry_on(made, previous)


def segment_unchecked(
    features: FeatureTable,
    model: str = "kmeans",
    n_segments: int | None = None,
    *,
    seed: int = 0,
    categories: pd.DataFrame | None = None,
    cancel: CancelSignal | None = None,
) -> Segmentation:
    """Group customers as `segment` does, without asking whether there are segments at all, which takes most of the time.

    For labels that are compared with others, not for customers to be put in: the result has no ``gate`` and thus no caution.

    Parameters
    ----------
    features, model, n_segments, seed, categories, cancel
        See `segment`.

    Returns
    -------
    Segmentation
        With the same labels as `segment` gives.

    Raises
    ------
    SegmentationError, UnknownNameError, Cancelled
        As `segment` does.
    """
    desk = Desk(None, cancel)
    return _made(
        features, model, n_segments, desk, seed=seed, compare=False, check=False, categories=categories
    )


def _made(
    features: FeatureTable,
    model: str,
    n_segments: int | None,
    desk: Desk,
    *,
    names: Sequence[str] | None = None,
    seed: int,
    min_invoices: int = 5,
    k_range: tuple[int, int] = (2, 8),
    compare: bool,
    check: bool = True,
    categories: pd.DataFrame | None = None,
    category_weight: float | None = None,
) -> Segmentation:
    if not isinstance(features, FeatureTable):
        raise SegmentationError(
            f"segments are made from a FeatureTable, not from a {type(features).__name__}; "
            "compute it first: compute_features(ledger)."
        )
    if len(features) < 2:
        raise SegmentationError(
            f"{len(features)} customer has invoices; segments need at least two. Read a ledger of more customers."
        )
    spec = MODELS[model]
    low, high = checked_range(k_range)
    desk.start("prepare")
    features = sorted_by_id(features)
    wanted = chosen_names(features, names)
    preparation, prepared = prepare(features, wanted, min_invoices)
    spec, given = with_given(spec, categories, category_weight, prepared.index)
    with threadpool_limits(
        1
    ):  # sums in one order, hence the same labels; and small fits lose time to threads
        return _segment(
            desk, features, preparation, prepared, given, spec, n_segments, (low, high), seed, compare, check
        )


def _segment(
    desk: Desk,
    features: FeatureTable,
    preparation: Preparation,
    prepared: Prepared,
    given: Given | None,
    spec: ClusteringModel,
    n_segments: int | None,
    k_range: tuple[int, int],
    seed: int,
    compare: bool,
    check: bool,
) -> Segmentation:
    rows = prepared.rows if given is None else given.beside(prepared.rows, prepared.index)
    n_wanted = n_segments or 2
    if n_wanted > len(rows):
        raise SegmentationError(
            f"{n_wanted} segments were asked for, but only {len(rows)} customers are known well enough. "
            "Ask for fewer segments (n_segments=), lower min_invoices, or read a longer period."
        )
    chosen_rows = sample_of(len(rows), seed)
    sample, numbers = rows[chosen_rows], prepared.rows[chosen_rows]
    between = spec.distances(sample)
    ks = numbers_to_try(k_range, n_segments, len(sample))
    desk.start("choose")
    started = time.perf_counter()
    choice = choose(spec, sample, between, ks, n_resamples=_N_RESAMPLES, seed=seed, step=desk.step)
    choice = as_asked(choice, spec, n_segments)
    seconds = time.perf_counter() - started
    desk.start("fit")
    option, asked = choice.setting
    fitted = option.fit(rows, asked, seed)
    labels = fitted.labels[chosen_rows]
    stable = bootstrap_jaccard(
        sample,
        [(option.quick().pinned(fitted), asked)],
        [replace(fitted, labels=labels)],
        n_resamples=_N_RESAMPLES,
        seed=seed,
        step=desk.step,
    )[0]
    desk.start("structure")
    structure = None
    if check:
        structure = check_structure(MODELS["kmeans"].quick(), numbers, labels, seed=seed, step=desk.step)
    desk.start("compare")
    attempts = (
        try_all(
            spec,
            figures_of(choice, between, labels),
            numbers,
            labels,
            ks,
            structure=structure,
            seconds=seconds,
            seed=seed,
            step=desk.step,
        )
        if compare and structure is not None
        else pd.DataFrame(columns=list(COLUMNS))
    )
    desk.start("describe")
    quality = {
        "silhouette": silhouette(between, labels),
        **(_structure_items(structure) if structure else {}),
    }
    done = _assemble(features, preparation, prepared, given, fitted, stable, quality)
    notes = (
        *preparation.notes,
        *(given.notes if given else ()),
        *fitted.notes,
        *_note_on_sample(len(sample), len(rows)),
        *((structure.sentence,) if structure else ()),
    )
    provenance = {
        "parameters": _parameters(preparation, spec, given, n_segments, k_range, compare),
        "versions": _versions(),
        "seed": seed,
        "as_of": f"{features.as_of:%Y-%m-%d}",
    }
    desk.finish()
    return Segmentation(
        **done, model=spec.name, features=preparation.names, criteria=choice.table, why_k=choice.why,
        attempts=attempts, notes=notes, seed=seed, gate=structure, provenance={**features.provenance, **provenance},
    )  # fmt: skip


def _assemble(
    features: FeatureTable,
    preparation: Preparation,
    prepared: Prepared,
    given: Given | None,
    fitted: FittedModel,
    stable: np.ndarray,
    quality: dict[str, Any],
) -> dict[str, Any]:
    frame = values_of(features, preparation.names)
    scores, value = risk_scores(features, frame), value_of(features)
    numbering = numbered_by_risk(
        pd.Series(fitted.labels, index=prepared.index), scores, value, fitted.n_segments
    )
    placement = Placement(preparation, fitted, numbering, categories=given.learnt if given else None)
    table = placed_table(prepared, placement.renumbered(fitted.labels), fitted.probabilities)
    labels = table["segment"].rename("segment")
    by_segment = pd.Series(
        stable[np.argsort(numbering)], name="stability", index=pd.RangeIndex(len(stable), name="segment")
    )
    cards = describe(
        features, labels, scores=scores, value=value, names=preparation.names,
        nearness=_distance_to_middle(prepared, labels[prepared.index].to_numpy()),
    )  # fmt: skip
    if given is not None:
        cards = with_categories(cards, given, labels)
    quality = {
        **quality,
        "stability": float(stable.mean()) if len(stable) else float("nan"),
        "stability_by_segment": by_segment,
    }
    return {
        "labels_": labels, "probabilities_": table["probability"], "cards": cards, "quality": quality,
        "coordinates": coordinates(prepared, preparation.columns, {m.name: m.label for m in features.measures}),
        "_assigner": placement,
    }  # fmt: skip


def _distance_to_middle(prepared: Prepared, labels: np.ndarray) -> pd.Series:
    distance = np.full(len(labels), np.nan)
    for label in np.unique(labels):
        mine = labels == label
        distance[mine] = np.linalg.norm(prepared.rows[mine] - np.median(prepared.rows[mine], axis=0), axis=1)
    return pd.Series(distance, index=prepared.index)


def checked_range(k_range: tuple[int, int]) -> tuple[int, int]:
    """Return the smallest and largest number of segments, or raise."""
    low, high = k_range
    if not 2 <= low <= high:
        raise SegmentationError(
            f"k_range={k_range} is no range of segments; give (smallest, largest) with smallest at least 2."
        )
    return low, high


def sorted_by_id(features: FeatureTable) -> FeatureTable:
    """Return the table in the order of its ids, so that the order it came in decides nothing."""
    index = features.frame.index
    if not index.is_unique:
        raise SegmentationError(
            f"{int(index.duplicated().sum())} rows of the feature table repeat a customer id; "
            "give one row per customer."
        )
    # tables with invoices behind them come sorted, and their counts go by position
    return features if index.is_monotonic_increasing else replace(features, frame=features.frame.sort_index())


def chosen_names(features: FeatureTable, names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the features to segment by: those asked for, else the recommended ones the table has."""
    if names is None:
        from payseg_widgets.features.presets import RECOMMENDED

        names = [name for name in RECOMMENDED if name in features.frame]
        if not names:
            raise SegmentationError(
                f"the feature table has none of the recommended features ({', '.join(RECOMMENDED)}). "
                "Say which to use: names=[...]."
            )
    if not len(names) or len(set(names)) < len(names):
        raise SegmentationError(f"names={list(names)!r}: give at least one feature, each once.")
    return tuple(names)


def sample_of(n: int, seed: int) -> np.ndarray:
    """Return the positions of at most ``SAMPLE`` of n customers."""
    return (
        np.arange(n) if n <= SAMPLE else np.sort(np.random.default_rng(seed).choice(n, SAMPLE, replace=False))
    )


def numbers_to_try(k_range: tuple[int, int], n_segments: int | None, n: int) -> list[int]:
    """Return the numbers considered: none with fewer than three customers a segment, unless asked for."""
    low, high = k_range
    ks = set(range(low, min(high, n // 3) + 1)) or {low}
    if n_segments is not None and n_segments >= 2:
        ks.add(n_segments)
    return sorted(ks)


def as_asked(choice: Choice, spec: ClusteringModel, n_segments: int | None) -> Choice:
    """Return the choice with the number asked for, and what the criteria would have chosen."""
    if n_segments is None or n_segments == choice.n_segments:
        return choice
    table = choice.table.assign(chosen=choice.table.index == n_segments)
    own = f"The criteria would have chosen: {choice.why}" if choice.n_segments else choice.why
    why = f"{n_segments} segments, as asked for. {own}"
    return replace(choice, setting=(spec, n_segments), n_segments=n_segments, table=table, why=why)


def _structure_items(structure: Structure) -> dict[str, Any]:
    return {
        "structure": structure.verdict,
        "structure_p": structure.p_value,
        "structure_sentence": structure.sentence,
    }


def _note_on_sample(n_sample: int, n: int) -> list[str]:
    if n_sample == n:
        return []
    return [
        "The number of segments, silhouette, stability, structure and the other models were judged on a "
        f"random sample of {n_sample:,} of {n:,} customers."
    ]


def _parameters(
    preparation: Preparation,
    spec: ClusteringModel,
    given: Given | None,
    n_segments: int | None,
    k_range: tuple[int, int],
    compare: bool,
) -> dict[str, Any]:
    return {
        "model": spec.name, "n_segments": n_segments, "names": list(preparation.names),
        "min_invoices": preparation.min_invoices, "k_range": list(k_range), "compare": compare,
        "categories": list(given.learnt.columns) if given else [],
        "category_weight": getattr(spec, "category_weight", None),
    }  # fmt: skip


def _versions() -> dict[str, str]:
    return {
        package: version(package)
        for package in ("payseg-widgets", "scikit-learn", "numpy", "scipy", "pandas")
    }
