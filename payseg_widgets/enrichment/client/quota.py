"""What is known of the register's quota: a fixed window, told by the headers of its replies.

Two facts make it exact. A reply's ``Reset - Date`` says on the register's own clock how long the window lasts, so
that no local clock matters; both are whole seconds, so that each reply gives an upper bound, and the least counts.
And of the requests on their way each may be counted already or not: all are taken to be still to come.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

LIMIT, WINDOW_SECONDS = 600, 300.0  # as documented and recorded; headers that say otherwise win
MARGIN_SECONDS = 1.25  # Reset is a whole second, and clocks drift by some 0.1 s in five minutes
LEFT_TO_OTHERS = 16  # twice what a client of this package has on its way
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class WindowReport:
    """The quota headers of one reply; ``None`` where missing or unreadable."""

    limit: int | None
    remain: int | None
    reset_in: float | None
    seconds: float | None


def read_window(headers: Mapping[str, str]) -> WindowReport:
    """Read the headers of a reply, whose names are in lower case."""
    reset, sent = _whole(headers.get("x-ratelimit-reset")), _moment(headers.get("date"))
    window = re.fullmatch(r"(\d+)([smh])", headers.get("x-ratelimit-window", "").strip())
    seconds = float(window[1]) * _UNITS[window[2]] if window else None
    return WindowReport(
        limit=_whole(headers.get("x-ratelimit-limit")) or None,
        remain=_whole(headers.get("x-ratelimit-remain")),
        reset_in=reset - sent if reset is not None and sent is not None else None,
        seconds=seconds or None,
    )


@dataclass(eq=False)
class Ticket:
    """The right to send one request; given back when it was answered or lost."""

    sent_at: float


class Quota:
    """How many requests may be sent now. Pure: every method is told the time.

    Attributes
    ----------
    limit, seconds : int, float
        The window; corrected by the headers.
    in_flight : int
    is_shared : bool
        Whether somebody else uses the key: a window had begun before our first request of it, or the count goes down
        faster than by ours. Twice as many requests as are on their way here are then left unused, at least
        `LEFT_TO_OTHERS` and at most a quarter of the quota, for those on their way there.
    """

    def __init__(self, *, limit: int = LIMIT, seconds: float = WINDOW_SECONDS) -> None:
        self.limit, self.seconds = limit, seconds
        self.in_flight = 0
        self.is_shared = False
        self._most_in_flight = 0
        self._remain: int | None = None  # None: in a window of which nothing is known yet
        self._ends_at = self._ends_from = -math.inf  # it ends between the latter and the former
        self._probe: Ticket | None = None
        self._lost_at: list[
            float
        ] = []  # no reply came: counted by the register, or not; inf: perhaps yet to come
        self._ours = 0  # what the register's count cannot be below if nobody else uses the key

    def left(self, now: float) -> int | None:
        """Say how many requests may still be sent in this window; ``None`` until its first reply."""
        if self._remain is None or now >= self._ends_at:
            return None
        return max(0, self._remain - self.in_flight - len(self._lost_at) - self._reserve())

    def _reserve(self) -> int:
        if not self.is_shared:
            return 0
        return min(max(LEFT_TO_OTHERS, 2 * self._most_in_flight), self.limit // 4)

    def wait(self, now: float) -> float:
        """Seconds until a request may be sent, if nothing is heard before; 0 for now, infinite for after the next reply."""
        if now >= self._ends_at:
            self._remain = None
        left = self.left(now)
        if left is None:  # one asks, the others wait for what it hears
            return 0.0 if self._probe is None else math.inf
        return 0.0 if left else self._ends_at - now

    def window_ends_in(self, now: float) -> float:
        """Seconds until the window is over; 0 if none is known."""
        return 0.0 if self._remain is None else max(0.0, self._ends_at - now)

    def take(self, now: float) -> Ticket:
        """Count a request that is about to be sent."""
        ticket = Ticket(now)
        self.in_flight += 1
        self._ours -= 1
        self._most_in_flight = max(self._most_in_flight, self.in_flight)
        if self._remain is None:
            self._probe = ticket
        return ticket

    def heard(self, ticket: Ticket, headers: Mapping[str, str], now: float) -> None:
        """Learn from a reply that was not refused."""
        is_probe = self._give_back(ticket)
        report = read_window(headers)
        self.limit, self.seconds = report.limit or self.limit, report.seconds or self.seconds
        ahead = self._compare(ticket, report, now)
        if report.remain is None:
            self._count_unreported(ticket, report, now, is_probe=is_probe)
        elif is_probe or ahead > 0:
            unsure = self.in_flight + len(self._lost_at)
            self.is_shared = self.is_shared or (is_probe and report.remain < self.limit - 1 - unsure)
            self._adopt(ticket, report, report.remain, now)
        elif self._remain is None or ahead < 0:
            return  # a late word of a window that is over
        else:
            self.is_shared = self.is_shared or report.remain < self._ours
            self._remain = min(self._remain, report.remain)
            self._narrow(ticket, report, now)
        # what was lost before this request was sent is in this reply's count, if it is anywhere
        self._lost_at = [at for at in self._lost_at if at >= ticket.sent_at]

    def refused(self, ticket: Ticket, headers: Mapping[str, str], now: float) -> bool:
        """Learn from a 429. Whether it said credibly when the window ends."""
        self._give_back(ticket)
        report = read_window(headers)
        if self._is_plausible(report):
            self._adopt(ticket, report, 0, now)
            return True
        self._lost_at.append(
            now
        )  # it says nothing, perhaps it was counted; what is known of the window stays true
        return False

    def lost(self, ticket: Ticket, now: float, *, may_come_late: bool = False) -> None:
        """Take back a request that nothing was heard of; one that we gave up may still arrive, and count, later."""
        self._give_back(ticket)
        self._lost_at.append(math.inf if may_come_late else now)

    def _give_back(self, ticket: Ticket) -> bool:
        self.in_flight -= 1
        is_probe = ticket is self._probe
        if is_probe:
            self._probe = None
        return is_probe

    def _is_plausible(self, report: WindowReport) -> bool:
        return report.reset_in is not None and 0 <= report.reset_in <= self.seconds + 2

    def _compare(self, ticket: Ticket, report: WindowReport, now: float) -> int:
        """1 if the reply is certainly from a later window than the latest known, -1 if from an earlier one.

        By how long it still lasts, not by the moment of its end: the register's machines may differ in their clocks.
        The reply was written between the sending of its request and now.
        """
        if report.reset_in is None or not self._is_plausible(report):
            return 0
        if ticket.sent_at + report.reset_in > self._ends_at + self.seconds / 4:
            return 1
        return -1 if now + report.reset_in < self._ends_from - self.seconds / 4 else 0

    def _adopt(self, ticket: Ticket, report: WindowReport, remain: int, now: float) -> None:
        self._remain, self._ends_at, self._ends_from = remain, math.inf, -math.inf
        self._narrow(ticket, report, now)
        self._lost_at = [at for at in self._lost_at if at < math.inf]
        self._ours = remain - self.in_flight - len(self._lost_at)

    def _narrow(self, ticket: Ticket, report: WindowReport, now: float) -> None:
        """Bound the window's end by a reply of it."""
        if report.reset_in is not None and self._is_plausible(report):
            self._ends_at = min(self._ends_at, now + report.reset_in + MARGIN_SECONDS)
            self._ends_from = max(self._ends_from, ticket.sent_at + report.reset_in)
        else:  # it can have begun no later than now
            self._ends_at = min(self._ends_at, now + self.seconds + MARGIN_SECONDS)

    def _count_unreported(self, ticket: Ticket, report: WindowReport, now: float, *, is_probe: bool) -> None:
        if is_probe:
            self._adopt(ticket, report, self.limit - 1, now)
        elif self._remain is not None:
            self._remain = max(0, self._remain - 1)


def _whole(text: str | None) -> int | None:
    try:
        return max(0, int(text)) if text is not None else None
    except ValueError:
        return None


def _moment(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None
