"""Try every model on the same customers as the segments shown: the quick form of `compare_models`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.account import account, no_answer
from payseg_widgets.segmentation.choose import Choice, choose
from payseg_widgets.segmentation.criteria import silhouette
from payseg_widgets.segmentation.model import MODELS, ClusteringModel
from payseg_widgets.segmentation.structure import Structure

COLUMNS = (
    "model", "n_segments", "silhouette", "stability", "least_stable", "share_unassigned", "smallest_share",
    "agreement", "seconds", "account",
)  # fmt: skip
"""``agreement``: adjusted Rand index with the segments shown. ``seconds``: on the sample."""

N_RESAMPLES = 8
#: The models beside the one shown are tried on at most this many customers.
_MOST = 800


def try_all(
    chosen: ClusteringModel,
    shown: dict[str, Any],
    rows: np.ndarray,
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
    chosen : ClusteringModel
        What the segmentation uses.
    shown : dict
        Its figures: see `figures_of`.
    rows : numpy.ndarray
        The sample of customers, by their features.
    labels : numpy.ndarray of int
        The segments shown, of the sample.
    ks : sequence of int
    structure : Structure
    seconds : float
        What the chosen model took on the sample.
    """
    table = [_row(chosen, {**shown, "agreement": 1.0, "seconds": seconds}, structure, is_shown=True)]
    few = np.linspace(0, len(rows) - 1, min(_MOST, len(rows))).astype(int)
    rows, labels = rows[few], labels[few]
    between = cdist(rows, rows)
    ks = [k for k in ks if k <= len(rows)]
    for model in MODELS.values():
        if model.name == chosen.name:
            continue
        try:
            model.with_categories(0)
        except SegmentationError as error:
            table.append({"model": model.name, "n_segments": 0, "account": no_answer(model, str(error))})
            continue
        started = time.perf_counter()
        try:
            other = choose(model, rows, between, ks, n_resamples=N_RESAMPLES, seed=seed, step=step)
            step()
            found = other.setting[0].quick().fit(rows, other.setting[1], seed).labels
        except SegmentationError as error:
            table.append({"model": model.name, "n_segments": 0, "account": no_answer(model, str(error))})
            continue
        figures = {
            **figures_of(other, between, found),
            "agreement": float(adjusted_rand_score(labels, found)),
            "seconds": time.perf_counter() - started,
        }
        table.append(_row(model, figures, structure))
    return pd.DataFrame(table, columns=list(COLUMNS))


def figures_of(choice: Choice, between: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return what one look at the customers says of a model's segments.

    Parameters
    ----------
    choice : Choice
    between : numpy.ndarray, shape (n, n)
        Distances between the sample of customers.
    labels : numpy.ndarray of int, shape (n,)
    """
    known = choice.n_segments in choice.table.index
    criteria = choice.table.loc[choice.n_segments].to_dict() if known else {}
    return {
        "n_segments": choice.n_segments,
        "silhouette": silhouette(between, labels),
        "stability": float(criteria.get("stability", np.nan)),
        "least_stable": float(criteria.get("least_stable", np.nan)),
        **shares_of(labels),
    }


def shares_of(labels: np.ndarray) -> dict[str, float]:
    """Return the share without a segment, that of the smallest segment, and how even the sizes are (1: all equal)."""
    sizes = np.bincount(labels[labels >= 0]) if (labels >= 0).any() else np.zeros(1)
    shares = sizes[sizes > 0] / max(sizes.sum(), 1)
    even = float(-(shares * np.log(shares)).sum() / np.log(len(shares))) if len(shares) > 1 else 0.0
    return {
        "share_unassigned": float((labels < 0).mean()),
        "smallest_share": float(sizes.min() / len(labels)),
        "balance": even,
    }


def _row(
    model: ClusteringModel, figures: dict[str, Any], structure: Structure, *, is_shown: bool = False
) -> dict[str, Any]:
    return {
        "model": model.name,
        **figures,
        "account": account(model, figures, structure.verdict, is_shown=is_shown),
    }
