"""What a rule is worth: on customers it was not learnt from, and when the customers are drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from payseg_widgets.segmentation.rules import Rule, learn_rule

#: Parts of the customers that are held out in turn.
N_FOLDS = 5
N_RESAMPLES = 20
#: A segment, or the rest, of fewer known customers teaches no rule.
FEWEST = 2 * N_FOLDS


@dataclass(frozen=True)
class RuleQuality:
    """How well rules learnt in the same way tell the segment on customers they were not learnt from.

    Attributes
    ----------
    precision, precision_low, precision_high : float
        Of the customers a rule picks, the share in the segment, with its 95 % interval (Wilson); NaN where it picks nobody.
    coverage, coverage_low, coverage_high : float
        Of the segment's customers, the share that a rule picks.
    same_features : float
        Share of the resamples whose rule uses the same features.
    same_customers : float
        Jaccard similarity of the customers picked, mean over the resamples.
    """

    precision: float
    precision_low: float
    precision_high: float
    coverage: float
    coverage_low: float
    coverage_high: float
    same_features: float
    same_customers: float


def rule_quality(frame: pd.DataFrame, is_in: np.ndarray, rule: Rule, seed: int = 0) -> RuleQuality:
    """Learn the rule again without a fifth of the customers at a time, and on resampled customers.

    The segments stay as they are; the rule alone is learnt again. A resample draws with replacement and keeps each
    customer drawn once.

    Parameters
    ----------
    frame : pandas.DataFrame, shape (n_customers, n_features)
    is_in : numpy.ndarray of bool, shape (n_customers,)
    rule : Rule
        What was learnt from all of them.
    seed : int

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the American
    Statistical Association 22, 209-212.
    """
    rng = np.random.default_rng(seed)
    fold = folds(is_in, rng)
    picked = np.zeros(len(frame), dtype=bool)
    for part in range(N_FOLDS):
        out = fold == part
        picked[out] = learn_rule(frame[~out], is_in[~out]).picks(frame[out])
    right = int((picked & is_in).sum())
    features, customers = _stability(frame, is_in, rule, rng)
    return RuleQuality(
        *wilson(right, int(picked.sum())), *wilson(right, int(is_in.sum())), features, customers
    )


def folds(is_in: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the fold of each customer, at random, the segment spread evenly over the folds."""
    fold = np.empty(len(is_in), dtype=np.int64)
    for side in (is_in, ~is_in):
        fold[rng.permutation(np.flatnonzero(side))] = np.arange(side.sum()) % N_FOLDS
    return fold


def wilson(right: int, n: int, level: float = 0.95) -> tuple[float, float, float]:
    """Return a share and its interval; NaN, 0 and 1 out of nothing.

    >>> tuple(round(part, 3) for part in wilson(8, 10))
    (0.8, 0.49, 0.943)
    """
    if not n:
        return float("nan"), 0.0, 1.0
    z = float(ndtri((1 + level) / 2))
    share = right / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return share, max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def _stability(
    frame: pd.DataFrame, is_in: np.ndarray, rule: Rule, rng: np.random.Generator
) -> tuple[float, float]:
    picked = rule.picks(frame)
    same, similar = [], []
    for _ in range(N_RESAMPLES):
        drawn = np.unique(rng.integers(len(frame), size=len(frame)))
        other = learn_rule(frame.iloc[drawn], is_in[drawn])
        both = other.picks(frame)
        same.append(other.features == rule.features)
        similar.append((both & picked).sum() / max((both | picked).sum(), 1))
    return float(np.mean(same)), float(np.mean(similar))
