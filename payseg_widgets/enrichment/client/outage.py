"""When the register does not answer at all: everybody pauses, one asks again, and at last it is given up."""

from __future__ import annotations

import random


class Outage:
    """Failures in a row, over all workers. Pure: every method is told the time.

    Parameters
    ----------
    threshold : int, default 8
        So many in a row are an outage. With one failure in five by chance that many follow each other in 0.0003 % of cases.
    first_seconds, most_seconds : float, default 1 and 60
        The first pause, and the longest: each is twice the one before, drawn between half and all of it, so that several
        notebooks do not come back at the same moment.
    patience_seconds : float, default 900
        Given up after so long without any reply of use. It exceeds two windows: being refused for one is no reason.
    """

    def __init__(
        self,
        *,
        threshold: int = 8,
        first_seconds: float = 1.0,
        most_seconds: float = 60.0,
        patience_seconds: float = 900.0,
        seed: int | None = None,
    ) -> None:
        self.patience_seconds = patience_seconds
        self._threshold, self._first, self._most = threshold, first_seconds, most_seconds
        self._random = random.Random(seed)  # noqa: S311  jitter, no secret
        self.worked()

    def worked(self) -> None:
        """Something useful was heard: it is over."""
        self.is_on = False
        self.resumes_at = 0.0
        self._failing_since: float | None = None
        self._n_failed = 0
        self._n_pauses = 0

    def failed(self, now: float, *, pause_now: bool = False) -> None:
        """Count a failure; `pause_now` pauses without waiting for more of them."""
        self.began(now)
        self._n_failed += 1
        if not (pause_now or self.is_on or self._n_failed >= self._threshold):
            return
        if self.is_on and now < self.resumes_at:
            return  # one of those that were on their way when the pause began
        self.is_on = True
        longest = min(self._most, self._first * 2**self._n_pauses)
        self.resumes_at = now + longest * self._random.uniform(0.5, 1.0)
        self._n_pauses += 1

    def began(self, now: float) -> None:
        """From now on nothing useful was heard, unless this was said before."""
        if self._failing_since is None:
            self._failing_since = now

    def is_hopeless(self, now: float) -> bool:
        """Whether patience is at an end."""
        return self._failing_since is not None and now - self._failing_since > self.patience_seconds
