"""Many small news from a thread, handed over together, not too often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from payseg_widgets.widgets.errands import Outbox

News = TypeVar("News")
#: Handing over may take this share of the time.
MOST_SHARE = 0.1


class Gathering(Generic[News]):
    """Keeps what comes until it is time to hand it over; nothing waits for what comes next.

    Parameters
    ----------
    outbox : Outbox
        Where it is handed over.
    take : callable
        Called with a list of what has come since.
    every : float
        Seconds between two handings over, at least; more where `take` is slow.
    """

    def __init__(self, outbox: Outbox, take: Callable[[list[News]], None], *, every: float) -> None:
        self._outbox, self._take, self._every = outbox, take, every
        self._waiting: list[News] = []
        self._lock = threading.Lock()
        self._is_due, self._next = False, 0.0

    def add(self, news: News) -> None:
        """Keep one more; from any thread."""
        with self._lock:
            self._waiting.append(news)
            if self._is_due:
                return
            self._is_due = True
        timer = threading.Timer(max(0.0, self._next - time.monotonic()), self.hand_over)
        timer.daemon = True
        timer.start()

    def hand_over(self) -> None:
        """Hand over what there is, where the outbox's owner lives."""
        self._outbox.post(self._hand_over)

    def _hand_over(self) -> None:
        with self._lock:
            news, self._waiting, self._is_due = self._waiting, [], False
        began = time.monotonic()
        if news:
            self._take(news)
        now = time.monotonic()
        self._next = now + max(self._every, (now - began) / MOST_SHARE)
