"""A short rule that says who is in a group: at most three conditions, in the units of the features."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.segmentation.readable import roundest, written

if TYPE_CHECKING:
    from payseg_widgets.features.measure import Measure

MOST_CONDITIONS = 3
#: A further condition must raise the F1 of a rule by so much, or the shorter rule is better.
_WORTH = 0.02
#: Rules that are extended at each step of the search.
_BEAM = 16
#: Where thresholds are tried: these quantiles of all customers, and those of the group.
_OF_ALL = np.arange(0.05, 0.96, 0.05)
_OF_GROUP = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.8, 0.9, 0.95, 0.98, 1.0])
#: A threshold may move by this share of the customers to become a round number.
_ROUNDING = 0.01


@dataclass(frozen=True)
class Condition:
    """One bound on a feature.

    Attributes
    ----------
    feature : str
    operator : {">", "<="}
    value : float
        In the unit of the feature.
    """

    feature: str
    operator: str
    value: float

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Say of each value whether it keeps the bound; a missing one never does."""
        return values > self.value if self.operator == ">" else values <= self.value


@dataclass(frozen=True)
class Rule:
    """Conditions that all hold.

    Attributes
    ----------
    conditions : tuple of Condition
        At most three; each feature has at most one bound from below and one from above.
    """

    conditions: tuple[Condition, ...]

    @property
    def features(self) -> frozenset[str]:
        """Names of the features it looks at."""
        return frozenset(condition.feature for condition in self.conditions)

    def picks(self, frame: pd.DataFrame) -> np.ndarray:
        """Say of each customer whether every condition holds, shape (n_customers,); a missing value fails one."""
        held = np.ones(len(frame), dtype=bool)
        for condition in self.conditions:
            held &= condition.holds(frame[condition.feature].to_numpy(dtype="float64"))
        return held

    def in_words(self, measures: Iterable[Measure], currency: str = "") -> str:
        """Write it for a reader, with labels and units, every number in full.

        Examples
        --------
        >>> from payseg_widgets.features.measure import MEASURES
        >>> bounds = (Condition("mean_days_late", ">", 12.0), Condition("mean_days_late", "<=", 30.0))
        >>> Rule((*bounds, Condition("on_time_ratio", "<=", 0.4))).in_words(MEASURES.values())
        'mean days late above 12 days and at most 30 days, and paid on time at most 40 %'
        """
        known = {measure.name: measure for measure in measures}
        by_feature: dict[str, list[str]] = {}
        for bound in sorted(self.conditions, key=lambda condition: condition.operator, reverse=True):
            measure = known[bound.feature]
            is_least = bound.value == 0 and not measure.can_be_negative
            how = "above" if bound.operator == ">" else "exactly" if is_least else "at most"
            amount = written(bound.value, measure.unit, currency)
            by_feature.setdefault(bound.feature, []).append(f"{how} {amount}")
        order = dict.fromkeys(condition.feature for condition in self.conditions)
        return ", and ".join(
            f"{lowered(known[name].label)} {' and '.join(by_feature[name])}" for name in order
        )


def lowered(label: str) -> str:
    """Return a label as it stands inside a sentence: DSO keeps its capitals.

    >>> lowered("Mean days late"), lowered("DSO, count-back")
    ('mean days late', 'DSO, count-back')
    """
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def learn_rule(frame: pd.DataFrame, is_in: np.ndarray) -> Rule:
    """Find the short rule that agrees best with a group, by F1.

    Thresholds at quantiles of all customers and of the group, moved to round numbers before they are tried, so that the
    rule that is printed is the one that was scored. A beam search joins them.

    Parameters
    ----------
    frame : pandas.DataFrame, shape (n_customers, n_features)
        Features in their own units; a missing value keeps no bound.
    is_in : numpy.ndarray of bool, shape (n_customers,)
        At least one of each.

    References
    ----------
    Clark, P. and Niblett, T. (1989). The CN2 induction algorithm. Machine Learning 3, 261-283 (the beam search).
    """
    columns = {str(name): frame[name].to_numpy(dtype="float64") for name in frame}
    bounds = [
        Condition(name, operator, threshold)
        for name, values in columns.items()
        for threshold in _thresholds(values[np.isfinite(values)], values[is_in & np.isfinite(values)])
        for operator in (">", "<=")
    ]
    held = np.array([bound.holds(columns[bound.feature]) for bound in bounds], dtype="float32")
    held = held.reshape(len(bounds), len(frame))
    group = is_in.astype("float32")  # sums of noughts and ones are exact
    chosen: list[tuple[int, ...]] = [()]
    kept = np.ones((1, len(frame)), dtype="float32")
    best: tuple[int, ...] = ()
    best_score = -np.inf
    for length in range(1, MOST_CONDITIONS + 1):
        score = _f1((kept * group) @ held.T, kept @ held.T, group.sum())
        chosen, at = _extended(chosen, score, bounds)
        if not chosen:
            break
        kept = np.array([held[list(rule)].prod(axis=0) for rule in chosen])
        if score.flat[at[0]] - _WORTH * length > best_score + 1e-12:
            best, best_score = chosen[0], score.flat[at[0]] - _WORTH * length
    return Rule(tuple(bounds[i] for i in best))


def _f1(right: np.ndarray, picked: np.ndarray, n_in: float) -> np.ndarray:
    return 2 * right / (picked + n_in)


def _extended(
    rules: list[tuple[int, ...]], score: np.ndarray, bounds: Sequence[Condition]
) -> tuple[list[tuple[int, ...]], list[int]]:
    """Return the best rules one condition longer, each set of conditions once, and where their scores stand."""
    found: dict[frozenset[int], int] = {}
    for place in np.argsort(-score, axis=None, kind="stable"):
        rule, new = divmod(int(place), len(bounds))
        sides = {(bounds[i].feature, bounds[i].operator) for i in rules[rule]}
        if (bounds[new].feature, bounds[new].operator) not in sides:
            found.setdefault(frozenset((*rules[rule], new)), int(place))
        if len(found) == _BEAM:
            break
    at = list(found.values())
    return [(*rules[place // len(bounds)], place % len(bounds)) for place in at], at


def _thresholds(values: np.ndarray, of_group: np.ndarray) -> list[float]:
    """Return round numbers that divide the values near the quantiles."""
    different = np.unique(values)
    if len(different) < 2:
        return []
    levels = _OF_ALL
    if len(of_group):
        edges = np.quantile(of_group, _OF_GROUP)
        below, upto = (np.searchsorted(np.sort(values), edges, side=side) for side in ("left", "right"))
        levels = np.concatenate([_OF_ALL, (below + upto) / 2 / len(values)])
    low = np.quantile(values, np.maximum(levels - _ROUNDING, 0), method="lower")
    high = np.quantile(values, np.minimum(levels + _ROUNDING, 1), method="higher")
    first, last = np.searchsorted(different, low), np.searchsorted(different, high)
    spans = {(i, j) for i, j in zip(first.tolist(), last.tolist(), strict=True) if i < j}
    for i in first[first == last].tolist():  # one value has it all: divide right below and right above it
        spans |= {(max(i - 1, 0), max(i, 1)), (min(i, len(different) - 2), min(i + 1, len(different) - 1))}
    # above a threshold that is a value itself lie only greater ones, so the upper end is left out
    return sorted({roundest(different[i], np.nextafter(different[j], -np.inf)) for i, j in spans})
