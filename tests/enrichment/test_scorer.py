"""The scorer: plain numbers in, calibrated probabilities out."""

from __future__ import annotations

import numpy as np
import pytest

from payseg_widgets.enrichment.evidence import FEATURES
from payseg_widgets.enrichment.scorer import Scorer, recalibrate, shipped_scorer
from payseg_widgets.errors import EnrichmentError


def stump(threshold=0.5, low=-2.0, high=2.0, slope=1.0, offset=0.0):
    """One tree that asks the first feature."""
    trees = {
        "feature": np.array([[0, -1, -1]]), "threshold": np.array([[threshold, 0, 0]]), "left": np.array([[1, 0, 0]]),
        "right": np.array([[2, 0, 0]]), "value": np.array([[0, low, high]]),
    }  # fmt: skip
    return Scorer(trees, 0.0, slope, offset, ((0.5, 0.1), (0.9, 0.5), (0.99, 0.95)))


def test_a_tree_is_read_as_it_is_written():
    # at most the threshold goes left: 1 / (1 + e^2) = 0.1192, 1 / (1 + e^-2) = 0.8808
    assert stump().probabilities(np.array([[0.5], [0.6]])) == pytest.approx([0.11920, 0.88080], abs=1e-5)


def test_calibration_shifts_and_stretches_log_odds():
    scorer = stump(slope=0.5, offset=-1.0)
    assert scorer.probabilities(np.array([[1.0]])) == pytest.approx([0.5])  # 0.5 * 2 - 1 = 0


def test_thresholds_lie_between_those_measured():
    assert stump().accept_from(0.9) == 0.5
    assert stump().accept_from(0.945) == pytest.approx(0.725)
    with pytest.raises(EnrichmentError, match="cannot be promised"):
        stump().accept_from(0.995)


def test_the_shipped_scorer_favours_what_speaks_for_a_candidate():
    scorer, rng = shipped_scorer(), np.random.default_rng(1)
    rows = rng.random((200, len(FEATURES)))
    before = scorer.log_odds(rows)
    for column, direction in enumerate(FEATURES.values()):
        moved = rows.copy()
        moved[:, column] += 0.3 * direction
        assert (scorer.log_odds(moved) >= before - 1e-9).all()


def test_reviewers_who_find_half_of_the_sure_ones_wrong_lower_the_probability():
    sure = np.array([[1.0]])
    scorer = stump()
    once = recalibrate([(0.88, k % 2 == 0) for k in range(400)], scorer=scorer)
    assert once.probabilities(sure)[0] == pytest.approx(0.5, abs=0.03)
    assert once.n_decisions == 400


def test_few_decisions_move_little_and_none_nothing():
    scorer = stump()
    assert recalibrate([], scorer=scorer) is scorer
    moved = recalibrate([(0.88, False)], scorer=scorer).probabilities(np.array([[1.0]]))[0]
    assert 0.8 < moved < 0.88


def test_decisions_in_line_with_the_probabilities_change_nothing_to_speak_of():
    right = [(0.88, True)] * 88 + [(0.88, False)] * 12 + [(0.12, True)] * 12 + [(0.12, False)] * 88
    assert recalibrate(right, scorer=stump()).probabilities(np.array([[1.0]]))[0] == pytest.approx(
        0.88, abs=0.005
    )


def test_a_decision_with_an_impossible_probability_is_refused():
    with pytest.raises(EnrichmentError, match=r"1\.5"):
        recalibrate([(1.5, True)])


def test_its_repr_is_short():
    assert repr(stump()) == "Scorer(1 trees, 0 decisions)"
