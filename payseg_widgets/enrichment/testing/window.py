"""The register's rate window as its recorded headers show it: fixed, and begun by the first request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counted:
    """What one request's headers say, and whether it was one too many."""

    limit: int
    remain: int
    reset: int
    is_refused: bool


class FixedWindow:
    """Counts requests in windows of fixed length; the first request after a window begins the next.

    Parameters
    ----------
    limit : int, default 600
    seconds : int, default 300
    refuses_longer : bool, default False
        Whether a refused request begins the window anew. What the real register does is not known.

    Attributes
    ----------
    counts : list of int
        Requests answered in each window so far.
    n_refused : int
    """

    def __init__(self, *, limit: int = 600, seconds: int = 300, refuses_longer: bool = False) -> None:
        self.limit, self.seconds, self._refuses_longer = limit, seconds, refuses_longer
        self.counts: list[int] = []
        self.n_refused = 0
        self._began_at = float("-inf")

    def count(self, now: float) -> Counted:
        """Count a request that arrives now, in epoch seconds.

        The window ends a whole window after the first request, so up to a second after the second in ``reset``: the
        recordings fit that as well as an end at the second, and it is the harder for a client.
        """
        if now >= self._began_at + self.seconds:
            self._began_at = now
            self.counts.append(0)
        is_refused = self.counts[-1] >= self.limit
        if is_refused:
            self.n_refused += 1
            if self._refuses_longer:
                self._began_at = now
        else:
            self.counts[-1] += 1
        return Counted(
            self.limit, self.limit - self.counts[-1], int(self._began_at) + self.seconds, is_refused
        )
