"""How likely a candidate is the customer: boosted trees, calibrated, kept as plain numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from payseg_widgets.enrichment.evidence import FEATURES
from payseg_widgets.errors import EnrichmentError

_FILE = Path(__file__).with_name("scorer.json")
#: Below this probability the best candidate is no match.
REJECT_BELOW = 0.05


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
    thresholds : tuple of (precision, with a postcode, by name alone)
        From which probability on the accepted have that precision, as measured when the scorer was calibrated.
    """

    trees: dict[str, np.ndarray]
    base: float
    slope: float
    offset: float
    thresholds: tuple[tuple[float, float, float], ...]

    def __repr__(self) -> str:
        return f"Scorer({len(self.trees['value'])} trees)"

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

    def accept_from(self, precision: float, *, has_postcode: bool = False) -> float:
        """Return the probability from which on a candidate is accepted.

        Parameters
        ----------
        precision : float
            Share of the accepted that shall be right.
        has_postcode : bool
            Whether the customer's postcode is known. Without one a company of nearly the same name is more often another than
            the figures of both kinds together say, and more is asked for.

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
        return float(np.interp(precision, known[:, 0], known[:, 1 if has_postcode else 2]))


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
    thresholds = tuple((float(q), float(near), float(alone)) for q, near, alone in stored["thresholds"])
    return Scorer(trees, stored["base"], stored["slope"], stored["offset"], thresholds)


def _logistic(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
