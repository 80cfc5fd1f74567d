"""A study's tables as they leave the house: ids without names unless asked, text defused for spreadsheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from payseg_widgets.ledger.export import defused
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.views.rule_selection import rule_selection

if TYPE_CHECKING:
    from payseg_widgets.study import (
        Study,  # loading scikit-learn takes seconds, which reading a ledger need not wait for
    )


def safe_for_spreadsheets(table: pd.DataFrame) -> pd.DataFrame:
    """Defuse every text cell a spreadsheet would run as a formula, headings included."""
    safe = table.copy()
    for column in safe.columns:
        kind = safe[column].dtype
        held = kind.categories.dtype if isinstance(kind, pd.CategoricalDtype) else kind
        if pd.api.types.is_string_dtype(held) or pd.api.types.is_object_dtype(held):
            safe[column] = defused(safe[column].astype("str"))
    safe.columns = defused(pd.Series(safe.columns.astype(str), dtype="str"))
    return safe


def segments_table(study: Study, *, names: bool = False) -> pd.DataFrame:
    """List every customer with segment, verdict on structure, strength of membership, actions and main figures.

    Parameters
    ----------
    study : Study
    names : bool
        Whether the customers' names come along.

    Returns
    -------
    pandas.DataFrame
        One row per customer with an invoice; money in units of the ledger's currency. ``region`` and ``sector`` where they are
        known of anybody. ``suggested_action`` is the segment's,
        ``action`` the customer's own, with the ``rule`` that chose it and ``why``, where a strategy was asked for.
    """
    segmentation = study.segmentation
    cards = pd.DataFrame(
        [
            {
                "segment": c.segment,
                "letter": c.letter,
                "segment_name": c.name,
                "risk": c.risk,
                "suggested_action": c.action,
            }
            for c in segmentation.cards
        ]
    )
    frame = study.features.frame
    table = pd.DataFrame(
        {
            "customer_id": frame.index,
            "segment": segmentation.labels_.to_numpy(),
            "structure": segmentation.quality.get("structure", ""),
            "membership": segmentation.probabilities_.round(3).to_numpy(),
        }
    ).merge(cards, on="segment", how="left", validate="many_to_one")
    if names:
        called = study.ledger.customers.set_index("customer_id")["name"]
        table.insert(1, "name", called.reindex(frame.index).to_numpy())
    if study.strategy.plan is not None:
        chosen = study.strategy.plan.customers.reindex(frame.index)[["action", "rule", "why"]]
        table = table.join(chosen.reset_index(drop=True))
    if study.groups.is_known:
        known = study.groups.customers.reindex(frame.index)[["region", "sector"]]
        table = table.join(known.reset_index(drop=True))
    figures = [
        name for name in ("total_invoiced", "outstanding", "overdue", *segmentation.features) if name in frame
    ]
    return table.join(frame[list(dict.fromkeys(figures))].round(4).reset_index(drop=True))


@dataclass(frozen=True)
class RuleWords:
    """A segment's rule for a reader.

    Attributes
    ----------
    sentence : str
        The rule, or that there is none, with what it is worth on customers held out.
    condition : str
        The rule as the explorer reads it; empty where no short rule describes the segment.
    """

    sentence: str
    condition: str


def rules_by_segment(study: Study) -> dict[int, RuleWords]:
    """Return the rule of each segment in words and as a condition."""
    explanation = study.explanation
    conditions = {segment: str(rule_selection(rule)) for segment, rule in explanation.by_segment.items()}
    said = {}
    for segment in explanation.rules.index.tolist():
        name, text = explanation.rules.loc[segment, ["called", "sentence"]]
        text = text.removeprefix(f"{name}: ")
        said[segment] = RuleWords(text[:1].upper() + text[1:], conditions.get(segment, ""))
    return said


def features_table(study: Study) -> pd.DataFrame:
    """Each feature with the number of observations, the shrunken value and its 95 % interval.

    Returns
    -------
    pandas.DataFrame
        Index ``customer_id``; for each feature ``x`` the columns ``x``, ``x.n``, and for estimates of behaviour
        ``x.shrunken``, ``x.conf_low``, ``x.conf_high``.
    """
    features = study.features
    estimates = [m.name for m in features.measures if not m.is_fact]
    uncertain = [
        getattr(features, suffix)[estimates].add_suffix(f".{suffix}")
        for suffix in ("shrunken", "conf_low", "conf_high")
    ]
    wide = pd.concat([features.frame, features.counts.add_suffix(".n"), *uncertain], axis=1)
    position = {name: i for i, name in enumerate(features.frame.columns)}
    columns = wide.columns.astype(str)
    return wide[sorted(columns, key=lambda column: (position[column.split(".")[0]], "." in column))]


def rejected_table(ledger: Ledger) -> pd.DataFrame:
    """Return every rejected row with its reason, safe for spreadsheets."""
    return safe_for_spreadsheets(ledger.rejected)
