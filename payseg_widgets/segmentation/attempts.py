"""Try every model on the same customers, and say of each from its figures why it worked or did not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.segmentation.choose import SMALLEST_SHARE, Choice, choose
from payseg_widgets.segmentation.criteria import silhouette
from payseg_widgets.segmentation.model import MODELS, ClusteringModel
from payseg_widgets.segmentation.stability import DISSOLVED, HIGHLY_STABLE, VALID
from payseg_widgets.segmentation.structure import Structure

COLUMNS = (
    "model", "n_segments", "silhouette", "stability", "least_stable", "share_unassigned", "smallest_share",
    "agreement", "seconds", "account",
)  # fmt: skip
"""``agreement``: adjusted Rand index with the segments shown. ``seconds``: on the sample."""

_N_RESAMPLES = 8


def try_all(
    chosen: ClusteringModel,
    choice: Choice,
    rows: np.ndarray,
    between: np.ndarray,
    labels: np.ndarray,
    ks: Sequence[int],
    *,
    structure: Structure,
    seconds: float,
    seed: int,
    step: Callable[[], None],
) -> pd.DataFrame:
    """Return one row per registered model, the one shown first.

    Parameters
    ----------
    chosen, choice : ClusteringModel, Choice
        What the segmentation uses.
    rows, between : numpy.ndarray
        The sample of customers and their distances.
    labels : numpy.ndarray of int
        The segments shown, of the sample.
    ks : sequence of int
    structure : Structure
    seconds : float
        What the chosen model took on the sample.
    """
    table = [_row(chosen, choice, between, labels, labels, seconds, structure, is_shown=True)]
    for model in MODELS.values():
        if model.name == chosen.name:
            continue
        started = time.perf_counter()
        other = choose(model, rows, between, ks, n_resamples=_N_RESAMPLES, seed=seed, step=step)
        step()
        found = other.setting[0].quick().fit(rows, other.setting[1], seed).labels
        table.append(_row(model, other, between, found, labels, time.perf_counter() - started, structure))
    return pd.DataFrame(table, columns=list(COLUMNS))


def _row(
    model: ClusteringModel,
    choice: Choice,
    between: np.ndarray,
    labels: np.ndarray,
    shown: np.ndarray,
    seconds: float,
    structure: Structure,
    is_shown: bool = False,
) -> dict[str, Any]:
    criteria = (
        choice.table.loc[choice.n_segments]
        if choice.n_segments in choice.table.index
        else pd.Series(dtype="float64")
    )
    sizes = np.bincount(labels[labels >= 0]) if (labels >= 0).any() else np.zeros(1)
    figures: dict[str, Any] = {
        "model": model.name,
        "n_segments": choice.n_segments,
        "silhouette": silhouette(between, labels),
        "stability": criteria.get("stability", np.nan),
        "least_stable": criteria.get("least_stable", np.nan),
        "share_unassigned": float((labels < 0).mean()),
        "smallest_share": float(sizes.min() / len(labels)),
        "agreement": float(adjusted_rand_score(shown, labels)),
        "seconds": seconds,
    }
    return {**figures, "account": account(model, figures, structure, is_shown=is_shown)}


def account(model: ClusteringModel, figures: dict[str, Any], structure: Structure, *, is_shown: bool) -> str:
    """Return in words why a model worked, or did not, on these customers."""
    k = figures["n_segments"]
    opening = f"{model.label} takes a segment to be {model.idea}."
    if k < 2:
        return f"{opening} It found none here: no crowds stand apart, only denser and thinner ground."
    parts = [opening, _stability_in_words(k, figures["least_stable"], figures["stability"])]
    parts.append(_separation_in_words(figures["silhouette"]))
    parts += _shortcomings(figures["share_unassigned"], figures["smallest_share"])
    if not is_shown:
        parts.append(_agreement_in_words(figures["agreement"]))
    if structure.verdict != "segments":
        parts.append(
            f"The check for structure says {structure.verdict!r}: its segments are no kinds of customer."
        )
    return " ".join(parts)


def _stability_in_words(k: int, least: float, mean: float) -> str:
    figures = f"(Jaccard {least:.2f} for the least stable, {mean:.2f} on average)"
    if least >= HIGHLY_STABLE:
        return f"It worked: its {k} segments come back with other customers {figures}."
    if least >= VALID:
        return f"It worked: its {k} segments mostly come back with other customers {figures}."
    if least >= DISSOLVED:
        return (
            f"It worked in part: of its {k} segments at least one shifts when the customers change {figures}."
        )
    return f"It did not work: of its {k} segments at least one dissolves when the customers change {figures}."


def _separation_in_words(width: float) -> str:
    strength = "clearly apart" if width >= 0.5 else "apart but touching" if width >= 0.25 else "hardly apart"
    return f"They lie {strength} (silhouette {width:.2f})."


def _shortcomings(unassigned: float, smallest: float) -> list[str]:
    said = []
    if unassigned >= 0.2:
        said.append(f"It leaves {unassigned:.0%} of the customers without a segment, too many to act on.")
    elif unassigned > 0:
        said.append(f"It leaves {unassigned:.0%} of the customers without a segment.")
    if smallest < SMALLEST_SHARE:
        said.append(f"Its smallest segment holds only {smallest:.1%} of them.")
    return said


def _agreement_in_words(agreement: float) -> str:
    if agreement >= 0.8:
        return f"It agrees with the segments shown (adjusted Rand {agreement:.2f})."
    if agreement >= 0.4:
        return f"It partly agrees with the segments shown (adjusted Rand {agreement:.2f})."
    return f"It draws other lines than the segments shown (adjusted Rand {agreement:.2f})."
