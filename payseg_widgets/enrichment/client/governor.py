"""The one gate all requests pass: never more than the quota, one shared pause for everybody."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping

from payseg_widgets.enrichment.client.clock import Clock
from payseg_widgets.enrichment.client.outage import Outage
from payseg_widgets.enrichment.client.quota import MARGIN_SECONDS, Quota, Ticket
from payseg_widgets.errors import RegisterUnavailableError, SourceStoppedError


class Governor:
    """Lets requests pass as the register's headers allow.

    A request that would be refused is not sent: it waits for the next window. The first request of a window goes alone,
    and the others wait for what it hears; so a wrong guess of the window's end costs one refusal, not one a worker.

    Parameters
    ----------
    quota, outage, clock : optional
        Their defaults are those of Companies House.

    Attributes
    ----------
    n_sent, n_refused : int
        Requests so far, and how many of them the register refused (429).
    """

    def __init__(
        self, *, quota: Quota | None = None, outage: Outage | None = None, clock: Clock | None = None
    ) -> None:
        self._quota, self._outage, self.clock = quota or Quota(), outage or Outage(), clock or Clock()
        self._changed = asyncio.Event()
        self._stopped: SourceStoppedError | None = None
        self._reply_seconds = 0.1
        self.n_sent = self.n_refused = 0

    async def enter(self) -> Ticket:
        """Wait until a request may be sent, and count it.

        Raises
        ------
        SourceStoppedError
            If no further request makes sense.
        """
        while True:
            if self._stopped is not None:
                raise type(self._stopped)(*self._stopped.args)  # one of its own for each worker's traceback
            seconds = self._wait(self.clock.now())
            if seconds <= 0:
                self.n_sent += 1
                return self._quota.take(self.clock.now())
            await self.clock.wait(self._changed, seconds)

    def _wait(self, now: float) -> float:
        if self._outage.is_on:  # after the pause one asks whether it is over
            if now < self._outage.resumes_at:
                return self._outage.resumes_at - now
            if self._quota.in_flight:
                return math.inf
        return self._quota.wait(now)

    def heard(self, ticket: Ticket, headers: Mapping[str, str], *, is_useful: bool) -> None:
        """Give the ticket back with a reply's headers; `is_useful` if the reply is what was asked for."""
        now = self.clock.now()
        self._reply_seconds += 0.05 * (now - ticket.sent_at - self._reply_seconds)
        if is_useful or "x-ratelimit-remain" in headers:
            self._quota.heard(ticket, headers, now)
        else:  # from a gateway or a login page, which know nothing of the quota
            self._quota.lost(ticket, now)
        self._judge(now, is_useful=is_useful)

    def lost(self, ticket: Ticket, *, is_fault: bool = True, may_come_late: bool = False) -> None:
        """Give the ticket back without a reply.

        Not a fault if the user stopped the work; it may come late if we stopped waiting for it.
        """
        now = self.clock.now()
        self._quota.lost(ticket, now, may_come_late=may_come_late)
        if is_fault:
            self._judge(now, is_useful=False)
        else:
            self._wake()

    def refused(self, ticket: Ticket, headers: Mapping[str, str]) -> None:
        """Give the ticket back with a 429: everybody waits for the window's end, or as long as seems wise."""
        now = self.clock.now()
        self.n_refused += 1
        if self._quota.refused(ticket, headers, now):
            self._outage.began(now)
            self._give_up_if_hopeless(now)
            self._wake()
        else:
            self._judge(now, is_useful=False, pause_now=True)

    def stop(self, error: SourceStoppedError) -> None:
        """Let nobody pass any more."""
        self._stopped = self._stopped or error
        self._wake()

    @property
    def is_paused(self) -> bool:
        """Whether everybody waits because the register does not answer as it should."""
        return self._outage.is_on

    def quota_left(self) -> int | None:
        """Say how many requests are left in this window; ``None`` before its first reply."""
        return self._quota.left(self.clock.now())

    def estimate_seconds(self, n_requests: int, *, concurrency: int) -> float:
        """How long so many further requests take under the quota.

        Parameters
        ----------
        n_requests : int
        concurrency : int
            How many are sent at a time.

        Returns
        -------
        float
            Seconds. Windows that have to be waited for, and the time of the requests in the last one.
        """
        each = self._reply_seconds / concurrency
        now = self.clock.now()
        left = self._quota.left(now)
        left = self._quota.limit if left is None else left
        if n_requests <= left:
            return n_requests * each
        first = max(self._quota.window_ends_in(now), left * each)
        further = n_requests - left
        n_whole = math.ceil(further / self._quota.limit) - 1
        whole = max(self._quota.seconds + MARGIN_SECONDS, self._quota.limit * each)
        return first + n_whole * whole + (further - n_whole * self._quota.limit) * each

    def _judge(self, now: float, *, is_useful: bool, pause_now: bool = False) -> None:
        if is_useful:
            self._outage.worked()
        else:
            self._outage.failed(now, pause_now=pause_now)
            self._give_up_if_hopeless(now)
        self._wake()

    def _give_up_if_hopeless(self, now: float) -> None:
        if self._outage.is_hopeless(now):
            minutes = self._outage.patience_seconds / 60
            self.stop(
                RegisterUnavailableError(
                    f"Companies House gave no usable answer for {minutes:g} minutes. What was found is kept; look at "
                    "https://resources.companieshouse.gov.uk/serviceInformation.shtml and your network, then run again."
                )
            )

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
