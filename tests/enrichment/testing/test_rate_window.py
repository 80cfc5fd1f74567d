"""The server's rate window against what the real one was recorded to say."""

from collections import defaultdict
from email.utils import parsedate_to_datetime

from payseg_widgets.enrichment.testing.window import FixedWindow


def test_recorded_sequences_are_reproduced(recordings):
    """Requests at the recorded moments, those that were not recorded in between, give the recorded Remain and Reset."""
    sessions = defaultdict(list)
    for recording in recordings.values():
        told = recording["headers"]
        at = parsedate_to_datetime(told["date"]).timestamp()
        sessions[int(told["x-ratelimit-reset"])].append((int(told["x-ratelimit-remain"]), at))
    n_compared = 0
    for reset, told in sessions.items():
        window, n_sent = FixedWindow(), 0
        began_at = reset - 300  # exactly, where the first request was recorded: next test
        for remain, at in sorted(told, reverse=True):
            while n_sent < 600 - remain:
                counted = window.count(began_at if n_sent == 0 else at)
                n_sent += 1
            assert (counted.remain, counted.reset, counted.limit, counted.is_refused) == (
                remain,
                reset,
                600,
                False,
            )
            n_compared += 1
    assert n_compared == len(recordings) > 30
    assert len(sessions) >= 2


def test_the_recorded_window_begins_with_its_first_request(recordings):
    firsts = [
        each["headers"] for each in recordings.values() if each["headers"]["x-ratelimit-remain"] == "599"
    ]
    for told in firsts:
        assert int(told["x-ratelimit-reset"]) - parsedate_to_datetime(told["date"]).timestamp() == 300
    assert firsts


def test_the_window_is_anchored_at_the_first_request_not_sliding():
    window = FixedWindow(limit=3)
    assert [window.count(at).is_refused for at in (10.7, 20, 300, 310.6)] == [False, False, False, True]
    first = window.count(310.7)  # a whole window later: a new one
    assert (first.remain, first.reset, first.is_refused) == (2, 610, False)
    assert window.count(609.9).reset == 610
    assert window.counts == [3, 2]


def test_a_client_that_does_not_look_at_the_headers_is_refused():
    """Two a second and a burst: what a bucket of 600 that refills allows, a fixed window does not."""
    window = FixedWindow()
    for k in range(1_200):
        window.count(0.0 if k < 600 else (k - 599) / 2)
    assert window.n_refused == 599


def test_refused_requests_may_begin_the_window_anew():
    window = FixedWindow(limit=1, refuses_longer=True)
    assert [window.count(at).is_refused for at in (0, 200, 400, 701)] == [False, True, True, False]
