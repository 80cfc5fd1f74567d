from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.segmentation.cards import describe

NAMES = ("mean_days_late", "on_time_ratio", "payment_consistency", "total_invoiced")


@pytest.fixture
def not_placed(four_kinds):
    """The card of the last kind, or of some of it, with the rest as one segment."""
    features, kind = four_kinds

    def card(unlike: int, too_few: int):
        worst = np.flatnonzero(kind == 3)[: unlike + too_few]
        labels = pd.Series(0, index=features.frame.index)
        labels.iloc[worst] = -1
        known = labels.index.delete(worst[unlike:])
        return describe(
            features, labels, scores=features.frame["mean_days_late"].rank(pct=True), value=None, names=NAMES,
            nearness=pd.Series(1.0, index=known),
        )[-1]  # fmt: skip

    return card


def test_customers_too_little_is_known_of_wait(not_placed):
    card = not_placed(unlike=0, too_few=4)
    assert card.summary == "4 customers (2%): 4 not known well enough."
    assert card.action == "Treat those not known well enough by the usual rules until more is known."
    assert card.risk == "medium"


def test_risky_customers_unlike_every_segment_are_looked_at(not_placed):
    card = not_placed(unlike=3, too_few=0)
    assert card.summary == "3 customers (1%): 3 known well but unlike every segment and riskier than most."
    assert card.action == "Look one by one at those unlike every segment."
    assert card.risk == "high"


def test_both_kinds_of_unplaced_customers_are_counted_apart(not_placed):
    card = not_placed(unlike=2, too_few=5)
    assert "5 not known well enough, 2 known well but unlike every segment" in card.summary
    assert card.action.startswith("Treat those not known well enough by the usual rules")
    assert card.action.endswith("Look one by one at those unlike every segment.")


def test_a_card_compares_rather_than_judges(four_kinds):
    features, kind = four_kinds
    frame = features.frame.assign(mean_days_late=features.frame["mean_days_late"] / 10)
    labels = pd.Series(kind, index=frame.index)
    worst = describe(
        replace(features, frame=frame), labels, scores=frame["mean_days_late"].rank(pct=True), value=None,
        names=NAMES, nearness=pd.Series(1.0, index=frame.index),
    )[-1]  # fmt: skip
    assert "very late" not in worst.summary
    assert "later" in worst.summary
    assert worst.summary.endswith("than most.")
