"""Each segment in a short rule, tested on customers it was not learnt from, with its typical and borderline customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.borders import nearest_other
from payseg_widgets.segmentation.naming import distinctions, in_a_row, in_words
from payseg_widgets.segmentation.rule_quality import FEWEST, N_RESAMPLES, RuleQuality, rule_quality
from payseg_widgets.segmentation.rules import MOST_CONDITIONS, Rule, learn_rule
from payseg_widgets.segmentation.segment import sorted_by_id

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable
    from payseg_widgets.segmentation.prepare import Prepared
    from payseg_widgets.segmentation.result import Segmentation

#: Rules are learnt and tested on at most this many customers.
SAMPLE = 3_000
#: A rule describes a segment if it is more often right than wrong, and finds more than half of it.
LEAST_PRECISION = LEAST_COVERAGE = 0.5
#: Customers with the weakest membership among whom the borderline ones are looked for.
_CANDIDATES = 50
_N_CUSTOMERS = 5
_QUALITY = tuple(field.name for field in fields(RuleQuality))
_NOTE_DESCRIBES = (
    "What sets a segment apart is described, not tested: the segments were made from these very features, so that they "
    "differ in them is no evidence."
)
_NOTE_HELD_OUT = (
    "Precision and coverage are of rules learnt without a fifth of the customers at a time and tried on that fifth. The "
    "rule alone is learnt again; the segments stay as they are. A good rule says what a segment is, not that it is real."
)


@dataclass(frozen=True, repr=False)
class Explanation:
    """What the segments are, in rules and in customers.

    Attributes
    ----------
    rules : pandas.DataFrame
        Index ``segment``; ``called``, ``rule`` (in words; ``""`` where no short rule describes it), ``n_customers`` known
        well enough and their ``share`` (what a rule that picks at random is right for), ``precision`` and ``coverage`` on
        customers held out, each with ``_low`` and ``_high`` of its 95 % interval, ``same_features`` and
        ``same_customers`` of rules of resampled customers (see `RuleQuality`), ``is_described``, ``sentence``.
    by_segment : mapping of int to Rule
        The rules themselves, of the segments that have one.
    apart : pandas.DataFrame
        A row for each segment and feature the segments were made from, largest effect first: ``segment``, ``feature``,
        ``label``, ``unit``, ``median``, ``q25``, ``q75``, ``portfolio_median``, ``effect`` (Cohen's d from the other
        customers, on the prepared scale), ``direction`` (higher, lower), ``words``.
    customers : pandas.DataFrame
        ``segment``, ``kind`` (typical, borderline), ``customer_id``; of a borderline one also the ``other`` segment it is
        nearest to, what that is ``called``, and the ``way`` (share of the way to a middle of another segment at which
        it is placed there; NaN where it cannot be told).
    notes : tuple of str
        How it was made.
    """

    rules: pd.DataFrame
    by_segment: Mapping[int, Rule]
    apart: pd.DataFrame
    customers: pd.DataFrame
    notes: tuple[str, ...]

    def text(self) -> str:
        """Return a paragraph for each segment, then how it was made."""
        paragraphs = []
        for segment, row in self.rules.iterrows():
            said = self._apart_in_words(int(segment))  # type: ignore[call-overload]  # an index of numbers
            paragraphs.append(f"{row['sentence']} {said} {self._borders(segment)}".strip())
        return "\n\n".join([*paragraphs, *self.notes])

    def _apart_in_words(self, segment: int) -> str:
        mine = self.apart[self.apart["segment"] == segment].set_index("feature")
        words = distinctions(mine, dict(zip(mine.index, mine["label"], strict=True)))
        return (
            f"Against the rest: {in_a_row(words)}."
            if words
            else "It is close to the portfolio in every feature."
        )

    def _borders(self, segment: Any) -> str:
        is_mine = (self.customers["segment"] == segment) & (self.customers["kind"] == "borderline")
        others = self.customers.loc[is_mine & (self.customers["called"] != ""), "called"].value_counts()
        return (
            f"Its borderline customers are nearest to {' and '.join(others.index[:2])}."
            if len(others)
            else ""
        )

    def __repr__(self) -> str:
        return f"Explanation(segments={len(self.rules)}, described={len(self.by_segment)})"


def explain_segments(segmentation: Segmentation, features: FeatureTable, *, seed: int = 0) -> Explanation:
    """Say what each segment is: by a short rule, by what sets it apart, and by typical and borderline customers.

    Parameters
    ----------
    segmentation : Segmentation
    features : FeatureTable
        The table the segments were made from.
    seed : int
        Decides which customers are held out, resampled and, above 3,000, sampled.

    Returns
    -------
    Explanation
        Customers of whom too little is known take no part. A missing value fails the condition on it.

    Raises
    ------
    SegmentationError
        If the table lacks a feature the segments were made from, or holds customers they do not.

    Examples
    --------
    >>> from payseg_widgets import compute_features, explain_segments, segment, simulate_ledger
    >>> features = compute_features(simulate_ledger(120, seed=1).ledger)
    >>> explanation = explain_segments(segment(features, n_segments=4, compare=False), features)
    >>> explanation
    Explanation(segments=4, described=4)
    >>> print(explanation.rules["rule"].iloc[0])
    median days late at most 10 days
    """
    if segmentation._assigner is None:
        none = pd.DataFrame(
            columns=["called", "rule", "n_customers", "share", *_QUALITY, "is_described", "sentence"]
        )
        return Explanation(none, {}, pd.DataFrame(), pd.DataFrame(), (segmentation.why_k,))
    features = sorted_by_id(features)
    prepared = segmentation._assigner.preparation.transform(features)
    labels = segmentation.labels_.reindex(prepared.index)
    if labels.isna().any():
        raise SegmentationError(
            f"{int(labels.isna().sum())} of the {len(labels)} customers are not in the segmentation. Give the feature table it "
            "was made from; new customers are placed with .assign and explained one by one with explain_customer."
        )
    chosen = np.arange(len(labels))
    if len(chosen) > SAMPLE:
        chosen = np.sort(np.random.default_rng(seed).choice(len(chosen), SAMPLE, replace=False))
    frame = features.frame.loc[prepared.index[chosen], list(segmentation.features)]
    with threadpool_limits(1):  # small products lose time to threads
        rows, rules = _rules(segmentation, features, frame, labels.to_numpy()[chosen], seed)
    apart, customers = _apart(segmentation, features), _customers(segmentation, prepared)
    return Explanation(rows, rules, apart, customers, _notes(len(chosen), features, len(labels)))


def called(segmentation: Segmentation) -> dict[int, str]:
    """Return letter and name of each segment, the customers in none left out."""
    return {card.segment: f"{card.letter} {card.name}" for card in segmentation.cards if card.segment >= 0}


def _rules(
    segmentation: Segmentation, features: FeatureTable, frame: pd.DataFrame, labels: np.ndarray, seed: int
) -> tuple[pd.DataFrame, dict[int, Rule]]:
    rows, rules = {}, {}
    for segment, name in called(segmentation).items():
        is_in = labels == segment
        row: dict[str, Any] = {
            "called": name,
            "rule": "",
            "n_customers": int(is_in.sum()),
            "share": is_in.mean(),
        }
        row |= dict.fromkeys(_QUALITY, np.nan) | {"is_described": False}
        if min(is_in.sum(), (~is_in).sum()) < FEWEST:
            row["sentence"] = f"{name}: {_too_few(is_in)}"
        else:
            rule = learn_rule(frame, is_in)
            quality = rule_quality(frame, is_in, rule, seed)
            row |= asdict(quality) | {"is_described": _describes(quality, is_in.mean())}
            if row["is_described"]:
                rules[segment], row["rule"] = rule, rule.in_words(features.measures, features.currency)
            row["sentence"] = f"{name}: {_in_full(row) if row['rule'] else _no_rule(row)}"
        rows[segment] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("segment"), rules


def _describes(quality: RuleQuality, share: float) -> bool:
    return (
        quality.precision > LEAST_PRECISION
        and quality.coverage > LEAST_COVERAGE
        and quality.precision_low > share  # else no better than chance
    )


def _too_few(is_in: np.ndarray) -> str:
    if is_in.sum() < FEWEST:
        return f"only {is_in.sum()} customers of those looked at are in it; a rule is learnt from at least {FEWEST}."
    return f"all but {(~is_in).sum()} customers are in it; a rule needs at least {FEWEST} others to tell it from."


def _in_full(row: Mapping[str, Any]) -> str:
    return (
        f"{row['rule']}. Of customers it was not learnt from, {row['precision']:.0%} of those it picks are in the segment "
        f"({row['precision_low']:.0%} to {row['precision_high']:.0%}), and it picks {row['coverage']:.0%} of the segment "
        f"({row['coverage_low']:.0%} to {row['coverage_high']:.0%}). Learnt from resampled customers it uses the same features "
        f"{round(row['same_features'] * N_RESAMPLES)} of {N_RESAMPLES} times; the customers it picks agree to "
        f"{row['same_customers']:.0%}."
    )


def _no_rule(row: Mapping[str, Any]) -> str:
    said = f"no rule of at most {MOST_CONDITIONS} conditions describes it"
    if np.isnan(row["precision"]):
        return f"{said}: those learnt pick nobody they were not learnt from."
    return (
        f"{said}. Those learnt are right for {row['precision']:.0%} of the customers they pick and were not learnt from "
        f"({row['share']:.0%} would be chance), and pick {row['coverage']:.0%} of the segment."
    )


def _apart(segmentation: Segmentation, features: FeatureTable) -> pd.DataFrame:
    measures = {measure.name: measure for measure in features.measures}
    titles = {name: measure.label for name, measure in measures.items()}
    rows = []
    for card in segmentation.cards:
        if card.segment < 0:
            continue
        profile = card.profile[card.profile.index.isin(segmentation.features)]
        for name, row in profile.to_dict("index").items():
            measure, effect = measures[str(name)], row["effect"]
            direction = "" if not np.abs(effect) > 0 else "higher" if effect > 0 else "lower"
            words = in_words(str(name), row, titles) if direction else ""
            what = {"segment": card.segment, "feature": name, "label": measure.label, "unit": measure.unit}
            rows.append(what | dict(row) | {"direction": direction, "words": words})
    return pd.DataFrame(rows)


def _customers(segmentation: Segmentation, prepared: Prepared) -> pd.DataFrame:
    columns = ["segment", "kind", "customer_id", "other", "called", "way"]
    names, parts = called(segmentation), []
    for card in segmentation.cards:
        if card.segment < 0:
            continue
        typical = pd.DataFrame(
            {"kind": "typical", "customer_id": list(card.exemplars), "other": -1, "called": ""}
        )
        border = _borderline(segmentation, prepared, card.segment)
        border["called"] = [names.get(other, "") for other in border["other"]]
        parts += [part.assign(segment=card.segment) for part in (typical.assign(way=np.nan), border)]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _borderline(segmentation: Segmentation, prepared: Prepared, segment: int) -> pd.DataFrame:
    """Return the customers of a segment that are nearest to another, nearest first."""
    placement = segmentation._assigner
    mine = segmentation.labels_.reindex(prepared.index).to_numpy() == segment
    strength = segmentation.probabilities_.reindex(prepared.index).to_numpy()
    at = np.flatnonzero(mine)
    at = at[np.argsort(strength[at], kind="stable")][:_CANDIDATES]
    own = np.full(len(at), int(np.flatnonzero(placement.numbering == segment)[0]))
    other, way = nearest_other(placement.fitted, prepared.rows[at], own)
    first = np.lexsort((np.arange(len(at)), np.where(np.isnan(way), np.inf, way)))[:_N_CUSTOMERS]
    return pd.DataFrame(
        {
            "kind": "borderline",
            "customer_id": prepared.index[at[first]],
            "other": placement.renumbered(other[first]),
            "way": way[first],
        }
    )


def _notes(n_used: int, features: FeatureTable, n_known: int) -> tuple[str, ...]:
    notes = [_NOTE_HELD_OUT, _NOTE_DESCRIBES]
    if n_used < n_known:
        notes.append(
            f"Rules were learnt and tested on a random sample of {n_used:,} of {n_known:,} customers."
        )
    if n_known < len(features):
        notes.append(
            f"{len(features) - n_known:,} customers of whom too little is known took no part; applied to the whole portfolio a "
            "rule may pick some of them too."
        )
    return tuple(notes)
