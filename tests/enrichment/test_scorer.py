"""The scorer: plain numbers in, calibrated probabilities out."""

from __future__ import annotations

import numpy as np
import pytest

from payseg_widgets.enrichment.evidence import FEATURES
from payseg_widgets.enrichment.scorer import Scorer, shipped_scorer
from payseg_widgets.errors import EnrichmentError


def stump(threshold=0.5, low=-2.0, high=2.0, slope=1.0, offset=0.0):
    """One tree that asks the first feature."""
    trees = {
        "feature": np.array([[0, -1, -1]]), "threshold": np.array([[threshold, 0, 0]]), "left": np.array([[1, 0, 0]]),
        "right": np.array([[2, 0, 0]]), "value": np.array([[0, low, high]]),
    }  # fmt: skip
    return Scorer(trees, 0.0, slope, offset, ((0.5, 0.1, 0.2), (0.9, 0.5, 0.6), (0.99, 0.95, 0.98)))


def test_a_tree_is_read_as_it_is_written():
    # at most the threshold goes left: 1 / (1 + e^2) = 0.1192, 1 / (1 + e^-2) = 0.8808
    assert stump().probabilities(np.array([[0.5], [0.6]])) == pytest.approx([0.11920, 0.88080], abs=1e-5)


def test_calibration_shifts_and_stretches_log_odds():
    scorer = stump(slope=0.5, offset=-1.0)
    assert scorer.probabilities(np.array([[1.0]])) == pytest.approx([0.5])  # 0.5 * 2 - 1 = 0


def test_thresholds_lie_between_those_measured():
    assert stump().accept_from(0.9, has_postcode=True) == 0.5
    assert stump().accept_from(0.945, has_postcode=True) == pytest.approx(0.725)
    assert stump().accept_from(0.945) == pytest.approx(0.79)
    with pytest.raises(EnrichmentError, match="cannot be promised"):
        stump().accept_from(0.995)


def test_a_name_alone_is_accepted_for_no_less_than_a_name_with_a_postcode():
    for precision in (0.5, 0.9, 0.99, 0.995, 0.996):
        assert shipped_scorer().accept_from(precision) >= shipped_scorer().accept_from(
            precision, has_postcode=True
        )
    assert shipped_scorer().accept_from(0.995) > shipped_scorer().accept_from(0.995, has_postcode=True)


def test_the_shipped_scorer_favours_what_speaks_for_a_candidate():
    scorer, rng = shipped_scorer(), np.random.default_rng(1)
    rows = rng.random((200, len(FEATURES)))
    before = scorer.log_odds(rows)
    for column, direction in enumerate(FEATURES.values()):
        moved = rows.copy()
        moved[:, column] += 0.3 * direction
        assert (scorer.log_odds(moved) >= before - 1e-9).all()


def test_its_repr_is_short():
    assert repr(stump()) == "Scorer(1 trees)"
