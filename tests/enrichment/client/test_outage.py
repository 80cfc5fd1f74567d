"""Outages: failures in a row, pauses that grow, an end to patience."""

import pytest

from payseg_widgets.enrichment.client.outage import Outage


def test_single_failures_pause_nobody():
    outage = Outage()
    for _ in range(7):
        outage.failed(0.0)
    outage.worked()
    for _ in range(7):
        outage.failed(1.0)
    assert not outage.is_on


def test_pauses_double_up_to_the_longest_and_are_drawn_apart():
    lengths = []
    for seed in range(20):
        outage, now = Outage(seed=seed, threshold=1), 0.0
        run = []
        for _ in range(9):
            outage.failed(now)
            run.append(outage.resumes_at - now)
            now = outage.resumes_at
        lengths.append(run)
    for k, longest in enumerate([1, 2, 4, 8, 16, 32, 60, 60, 60]):
        assert all(longest / 2 <= run[k] <= longest for run in lengths)
    assert len({run[0] for run in lengths}) == 20  # notebooks do not come back together


def test_those_on_their_way_when_a_pause_begins_do_not_lengthen_it():
    outage = Outage(threshold=1, seed=0)
    outage.failed(0.0)
    until = outage.resumes_at
    outage.failed(0.1)
    assert outage.resumes_at == until


def test_patience_counts_from_the_last_useful_answer():
    outage = Outage(patience_seconds=100)
    outage.failed(0.0)
    outage.worked()
    outage.failed(60.0)
    assert not outage.is_hopeless(150.0)
    assert outage.is_hopeless(161.0)


@pytest.mark.parametrize("pause_now", [True, False])
def test_a_refusal_pauses_at_once(pause_now):
    outage = Outage()
    outage.failed(0.0, pause_now=pause_now)
    assert outage.is_on is pause_now
