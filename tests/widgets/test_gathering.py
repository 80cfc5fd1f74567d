"""News gathered in a thread: all arrive once, in order, soon, and not too often."""

from __future__ import annotations

import threading
import time

from payseg_widgets.widgets.errands import Outbox
from payseg_widgets.widgets.gathering import Gathering


def until(is_so):
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_all_news_arrive_once_and_in_order_however_many_threads_bring_them():
    taken = []
    gathering = Gathering(Outbox(), taken.append, every=0.01)
    threads = [
        threading.Thread(target=lambda k=k: [gathering.add((k, i)) for i in range(200)]) for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: sum(map(len, taken)) == 800)
    flat = [one for batch in taken for one in batch]
    assert all([i for k, i in flat if k == thread] == list(range(200)) for thread in range(4))


def test_the_last_of_them_does_not_wait_for_another():
    taken = []
    gathering = Gathering(Outbox(), taken.append, every=0.02)
    gathering.add("first")
    until(lambda: taken == [["first"]])
    gathering.add("second")
    until(lambda: taken == [["first"], ["second"]])


def test_they_are_handed_over_at_once_where_that_is_asked():
    taken = []
    gathering = Gathering(Outbox(), taken.append, every=3600)
    gathering.add("first")
    until(lambda: taken)
    gathering.add("second")
    gathering.hand_over()
    assert taken == [["first"], ["second"]]
    gathering.hand_over()
    assert len(taken) == 2  # nothing is no news
