"""Describe each segment in words and figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.segmentation.categories import Given, phrase
from payseg_widgets.segmentation.naming import distinctions, in_a_row, segment_names
from payseg_widgets.segmentation.result import SegmentCard
from payseg_widgets.segmentation.risk import level, risk_level
from payseg_widgets.segmentation.transforms import Column

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable

#: Suggested treatment by risk, then value.
ACTIONS = {
    ("low", "high"): "Keep as is; offer loyalty or better terms.",
    ("low", "medium"): "Keep as is.",
    ("low", "low"): "Keep as is, handled automatically.",
    ("medium", "high"): "Friendly reminder before the due date, by a person.",
    ("medium", "medium"): "Reminder before the due date.",
    ("medium", "low"): "Automated reminders.",
    ("high", "high"): "AR follow-up by a named person; review the credit limit.",
    ("high", "medium"): "Tighter follow-up; restrict further exposure.",
    ("high", "low"): "Automated reminders at short intervals; prepayment for new orders.",
}
_N_EXEMPLARS = 5


def describe(
    features: FeatureTable,
    labels: pd.Series,
    *,
    scores: pd.Series,
    value: pd.Series | None,
    names: tuple[str, ...],
    nearness: pd.Series,
) -> tuple[SegmentCard, ...]:
    """Return a card per segment, in order of risk; the customers no segment fits come last.

    Parameters
    ----------
    features : FeatureTable
    labels : pandas.Series of int
        Of every customer of the table.
    scores, value : pandas.Series
        Risk score in [0, 1] and money invoiced.
    names : tuple of str
        The features the segments were made from; they alone give names and summaries.
    nearness : pandas.Series
        Distance of each customer known well enough from the middle of its segment.
    """
    scaled = standardised(features)
    segments = [int(k) for k in np.unique(labels[labels >= 0])]
    value_ranks = None if value is None else value[labels >= 0].rank(pct=True)
    risk_ranks = scores[labels >= 0].rank(pct=True)
    risks = [
        risk_level(features.frame[labels == k], float(risk_ranks[labels[labels >= 0] == k].mean()))
        for k in segments
    ]
    values = [
        None if value_ranks is None else level(float(value_ranks[labels[labels >= 0] == k].mean()))
        for k in segments
    ]
    profiles = [profile_of(features.frame, scaled, (labels == k).to_numpy()) for k in segments]
    titles = {measure.name: measure.label for measure in features.measures}
    telling = [profile[profile.index.isin(names)] for profile in profiles]
    called = segment_names(risks, values, telling, titles)
    cards = [
        _card(
            k,
            name,
            risk,
            value_level or "medium",
            profile,
            labels,
            value,
            nearness,
            distinctions(short, titles),
        )
        for k, name, risk, value_level, profile, short in zip(
            segments, called, risks, values, profiles, telling, strict=True
        )
    ]
    if (labels < 0).any():
        profile = profile_of(features.frame, scaled, (labels < 0).to_numpy())
        card = _card(-1, "Not placed", "medium", "medium", profile, labels, value, nearness, [])
        unlike = labels.index[labels < 0].intersection(nearness.index)
        rank = float(scores.rank(pct=True)[unlike].mean())
        cards.append(_not_placed(card, features.frame.loc[unlike], rank))
    return tuple(cards)


def _card(
    segment: int,
    name: str,
    risk: str,
    value_level: str,
    profile: pd.DataFrame,
    labels: pd.Series,
    value: pd.Series | None,
    nearness: pd.Series,
    words: list[str],
) -> SegmentCard:
    mine = labels == segment
    n = int(mine.sum())
    share_value = (
        float(value[mine].sum() / value.sum()) if value is not None and value.sum() > 0 else float("nan")
    )
    apart = f": {in_a_row(words[:3])}" if words else ", close to the portfolio in every feature"
    near = nearness[mine.reindex(nearness.index)].sort_values(kind="stable")
    return SegmentCard(
        segment=segment, letter=letter(segment), name=name, n_customers=n, share_customers=float(mine.mean()),
        share_value=share_value, risk=risk, value=value_level, profile=profile,
        summary=f"{_how_many(n, float(mine.mean()), share_value)}{apart}.",
        action=ACTIONS[risk, value_level], exemplars=tuple(near.index[:_N_EXEMPLARS]),
    )  # fmt: skip


def with_categories(
    cards: tuple[SegmentCard, ...], given: Given, labels: pd.Series
) -> tuple[SegmentCard, ...]:
    """Return the cards with how common each category is in the segment, the telling ones in its summary."""
    shares = [given.shares(labels, card.segment) for card in cards]
    return tuple(
        replace(card, categories=share, summary=f"{card.summary} {phrase(share)}".rstrip())
        for card, share in zip(cards, shares, strict=True)
    )


def _not_placed(card: SegmentCard, unlike: pd.DataFrame, mean_rank: float) -> SegmentCard:
    """Tell apart customers of whom too little is known and those well known but unlike every segment.

    ``unlike`` holds the features of the latter: they may be the worst payers, whom no rule should pass over.
    """
    few = card.n_customers - len(unlike)
    counts, actions, risk = [], [], card.risk
    if few:
        counts.append(f"{few:,} not known well enough")
        actions.append("Treat those not known well enough by the usual rules until more is known.")
    if len(unlike):
        risk = risk_level(unlike, mean_rank)
        riskier = " and riskier than most" if level(mean_rank) == "high" else ""
        counts.append(f"{len(unlike):,} known well but unlike every segment{riskier}")
        actions.append("Look one by one at those unlike every segment.")
    summary = f"{_how_many(card.n_customers, card.share_customers, card.share_value)}: {', '.join(counts)}."
    return replace(card, risk=risk, summary=summary, action=" ".join(actions))


def _how_many(n: int, share: float, share_value: float) -> str:
    money = "" if np.isnan(share_value) else f" and {share_value:.0%} of the money invoiced"
    return f"{n:,} customers ({share:.0%}){money}"


def letter(segment: int) -> str:
    """Return A for segment 0, B for 1, ..., AA after Z, and a dash for the customers not placed.

    >>> letter(0), letter(25), letter(26), letter(-1)
    ('A', 'Z', 'AA', '–')
    """
    if segment < 0:
        return "–"
    first, last = divmod(segment, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)


def standardised(features: FeatureTable) -> pd.DataFrame:
    """Return every feature of the table on its prepared scale, one column each; NaN where it is missing."""
    return pd.DataFrame(
        {
            measure.name: Column.fit(measure.name, measure.unit, values).apply(values)
            for measure in features.measures
            if measure.name in features.frame
            for values in [features.frame[measure.name].to_numpy(dtype="float64")]
        },
        index=features.frame.index,
    )


def profile_of(frame: pd.DataFrame, scaled: pd.DataFrame, mine: np.ndarray) -> pd.DataFrame:
    """Return median, quartiles, the portfolio's median and the effect of each feature, largest effect first.

    The effect is Cohen's d on the prepared scale: the difference of the segment's mean from the mean of the
    other customers, over the pooled standard deviation. NaN where either side has no two values.
    """
    frame = frame[list(scaled.columns)]
    inside, outside = scaled[mine], scaled[~mine]
    pooled = np.sqrt(
        (inside.var() * (inside.count() - 1) + outside.var() * (outside.count() - 1))
        / (inside.count() + outside.count() - 2)
    )
    with np.errstate(invalid="ignore"):  # between two infinite values lies nothing
        quartiles = frame[mine].quantile([0.5, 0.25, 0.75])
    profile = pd.DataFrame(
        {
            "median": quartiles.loc[0.5],
            "q25": quartiles.loc[0.25],
            "q75": quartiles.loc[0.75],
            "portfolio_median": frame.median(),
            "effect": ((inside.mean() - outside.mean()) / pooled.where(pooled > 0)).astype("float64"),
        }
    )
    profile.index.name = "feature"
    return profile.sort_values("effect", key=np.abs, ascending=False, kind="stable")
