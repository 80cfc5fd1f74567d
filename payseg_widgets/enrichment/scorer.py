"""How likely a candidate is the customer: boosted trees, calibrated, kept as plain numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from payseg_widgets.enrichment.evidence import FEATURES
from payseg_widgets.errors import EnrichmentError

_FILE = Path(__file__).with_name("scorer.json")
#: Below this probability the best candidate is no match.
REJECT_BELOW = 0.05
#: Recalibration leans on the shipped calibration as if it were so many decisions.
_PRIOR_DECISIONS = 20.0


@dataclass(frozen=True, eq=False, repr=False)
class Scorer:
    """Turns features of a candidate into a probability.

    Attributes
    ----------
    trees : dict of str to numpy.ndarray, shape (n_trees, n_nodes)
        ``feature`` (-1 at a leaf), ``threshold``, ``left``, ``right``, ``value`` in log-odds.
    base : float
        Log-odds before any tree.
    slope, offset : float
        Calibration: probability = logistic(slope * log-odds + offset).
    thresholds : tuple of (precision, probability)
        From which probability on the accepted have that precision, as measured when the scorer was calibrated.
    n_decisions : int
        Review decisions it was recalibrated with.
    """

    trees: dict[str, np.ndarray]
    base: float
    slope: float
    offset: float
    thresholds: tuple[tuple[float, float], ...]
    n_decisions: int = 0

    def __repr__(self) -> str:
        return f"Scorer({len(self.trees['value'])} trees, {self.n_decisions} decisions)"

    def log_odds(self, rows: np.ndarray) -> np.ndarray:
        """Return what the trees say, uncalibrated, shape (n_rows,)."""
        feature, left, right = self.trees["feature"], self.trees["left"], self.trees["right"]
        total = np.full(len(rows), self.base)
        index = np.arange(len(rows))
        for tree in range(len(feature)):
            node = np.zeros(len(rows), dtype=int)
            while (inner := feature[tree, node] >= 0).any():
                goes_left = rows[index, feature[tree, node]] <= self.trees["threshold"][tree, node]
                node = np.where(inner, np.where(goes_left, left[tree, node], right[tree, node]), node)
            total += self.trees["value"][tree, node]
        return total

    def probabilities(self, rows: np.ndarray) -> np.ndarray:
        """Return the calibrated probability of each row, shape (n_rows,)."""
        return _logistic(self.slope * self.log_odds(rows) + self.offset)

    def accept_from(self, precision: float) -> float:
        """Return the probability from which on a candidate is accepted.

        Parameters
        ----------
        precision : float
            Share of the accepted that shall be right.

        Raises
        ------
        EnrichmentError
            If it is not between 0.5 and 0.999.
        """
        known = np.array(self.thresholds)
        if not 0.5 <= precision <= known[-1, 0]:
            raise EnrichmentError(
                f"accept_precision={precision!r} cannot be promised; give a share from 0.5 to {known[-1, 0]}."
            )
        return float(np.interp(precision, known[:, 0], known[:, 1]))


@cache
def shipped_scorer() -> Scorer:
    """Return the scorer of the package, trained on simulated ledgers by ``benchmarks/train_matcher.py``."""
    stored = json.loads(_FILE.read_text(encoding="utf-8"))
    if stored["features"] != list(FEATURES):
        raise EnrichmentError(
            f"{_FILE.name} was trained on {len(stored['features'])} features, {len(FEATURES)} are computed. "
            "Run `uv run python benchmarks/train_matcher.py`."
        )
    trees = {
        name: np.array(stored["trees"][name]) for name in ("feature", "threshold", "left", "right", "value")
    }
    thresholds = tuple((float(precision), float(p)) for precision, p in stored["thresholds"])
    return Scorer(trees, stored["base"], stored["slope"], stored["offset"], thresholds)


def recalibrate(decisions: Iterable[tuple[float, bool]], *, scorer: Scorer | None = None) -> Scorer:
    """Fit the calibration to what reviewers decided.

    Parameters
    ----------
    decisions : iterable of (probability, was right)
        The probability that the scorer gave and whether the candidate was accepted. They count against the former
        calibration, which weighs as much as 20 decisions, so that few of them move little.
    scorer : Scorer, optional
        The one that gave the probabilities; by default the shipped one.

    Returns
    -------
    Scorer
        With the same trees and thresholds.

    Raises
    ------
    EnrichmentError
        If a probability is not between 0 and 1.

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines; with a ridge towards the former calibration.
    """
    scorer = scorer or shipped_scorer()
    pairs = [(float(p), bool(right)) for p, right in decisions]
    if wrong := [p for p, _ in pairs if not 0 <= p <= 1]:
        raise EnrichmentError(
            f"a decision has the probability {wrong[0]!r}; give what the scorer gave, from 0 to 1."
        )
    if not pairs:
        return scorer
    p = np.clip([p for p, _ in pairs], 1e-6, 1 - 1e-6)
    slope, offset = _platt(np.log(p / (1 - p)), np.array([right for _, right in pairs], dtype=float))
    return replace(
        scorer,
        slope=slope * scorer.slope,
        offset=slope * scorer.offset + offset,
        n_decisions=scorer.n_decisions + len(pairs),
    )


def _platt(odds: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Slope and offset of a logistic regression with a ridge towards (1, 0), by Newton's method."""
    design = np.column_stack([odds, np.ones_like(odds)])
    start = np.array([1.0, 0.0])
    at = start.copy()
    ridge = _PRIOR_DECISIONS * np.diag(
        [2.0, 0.25]
    )  # the information of decisions at odds of about 3, in nats
    for _ in range(50):
        p = _logistic(design @ at)
        slope = design.T @ (p - right) + ridge @ (at - start)
        curve = (design * (p * (1 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(curve, slope)
        at -= np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return max(float(at[0]), 0.05), float(at[1])


def _logistic(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
