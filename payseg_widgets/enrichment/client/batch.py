"""Looks up many customers at a time, tells each result as it comes, and can be paused and cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from payseg_widgets.enrichment.client.governor import Governor
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.errors import EnrichmentError, RequestError

Found = TypeVar("Found")
LookUp = Callable[[CustomerRecord], Awaitable[Found]]


@dataclass(frozen=True, repr=False)
class LookUpResult(Generic[Found]):
    """How the look-up of one customer ended.

    Attributes
    ----------
    customer : CustomerRecord
    found : object
        What the look-up returned; ``None`` if it failed.
    failure : str
        Why it failed; empty if it did not.
    """

    customer: CustomerRecord
    found: Found | None = None
    failure: str = ""

    def __repr__(self) -> str:
        return f"LookUpResult({'failed' if self.failure else 'found'})"


@dataclass(frozen=True)
class LookUpProgress:
    """How far a batch is.

    Attributes
    ----------
    n_done, n_total, n_failed : int
        Customers.
    per_second : float
        Customers a second since the start, pauses included.
    quota_left : int or None
        Requests left in the register's window; ``None`` before its first reply, or without a governor.
    seconds_left : float or None
        Under the quota, at the requests a customer took so far, those after this batch counted in; ``None`` before the first
        customer is done.
    is_waiting : bool
        Whether the register is not answering as it should, so that everybody pauses.
    """

    n_done: int
    n_total: int
    n_failed: int
    per_second: float
    quota_left: int | None
    seconds_left: float | None
    is_waiting: bool


class BatchControl:
    """Pauses a batch from any thread: those begun are finished, no further one is begun until `resume`."""

    def __init__(self) -> None:
        self.is_paused = False

    def pause(self) -> None:
        """Begin no further customer."""
        self.is_paused = True

    def resume(self) -> None:
        """Go on."""
        self.is_paused = False


async def look_up_all(
    customers: Sequence[CustomerRecord],
    look_up: LookUp[Found],
    *,
    on_result: Callable[[LookUpResult[Found]], None],
    on_progress: Callable[[LookUpProgress], None] | None = None,
    concurrency: int = 8,
    governor: Governor | None = None,
    control: BatchControl | None = None,
    n_after: int = 0,
) -> None:
    """Look up customers, at most `concurrency` at a time; cancel the task to stop.

    Parameters
    ----------
    customers : sequence of CustomerRecord
        Begun in this order.
    look_up : callable
        As `payseg_widgets.enrichment.sources.companies_house.CustomerSearch.look_up`.
    on_result : callable
        Called once for each customer as soon as it is done, in the thread of the loop. Whatever was told stays true when
        the batch is cancelled; customers that were begun but not told are pending.
    on_progress : callable, optional
        Called after each result and about once a second.
    governor : Governor, optional
        Who knows the quota, for the time left.
    control : BatchControl, optional
        To pause and resume.
    n_after : int
        Customers who will be looked up after these, counted in the time left.

    Raises
    ------
    SourceStoppedError
        If the source will answer nobody; customers not told are pending.
    """
    batch = _Batch(
        customers, look_up, on_result, on_progress, concurrency, governor, control or BatchControl(), n_after
    )
    await batch.run()


class _Batch(Generic[Found]):
    def __init__(
        self,
        customers: Sequence[CustomerRecord],
        look_up: LookUp[Found],
        on_result: Callable[[LookUpResult[Found]], None],
        on_progress: Callable[[LookUpProgress], None] | None,
        concurrency: int,
        governor: Governor | None,
        control: BatchControl,
        n_after: int,
    ) -> None:
        if concurrency < 1:
            raise EnrichmentError(f"concurrency={concurrency} must be at least 1.")
        self._waiting, self._n_total = iter(customers), len(customers)
        self._look_up, self._on_result, self._on_progress = look_up, on_result, on_progress
        self._concurrency, self._governor, self._control = concurrency, governor, control
        self._n_done = self._n_failed = 0
        self._n_after = n_after
        self._began_at = 0.0
        self._sent_before = governor.n_sent if governor else 0

    async def run(self) -> None:
        self._began_at = asyncio.get_running_loop().time()
        workers = [asyncio.create_task(self._work()) for _ in range(min(self._concurrency, self._n_total))]
        ticker = asyncio.create_task(self._tick())
        try:
            await asyncio.gather(*workers)
        finally:
            for task in (*workers, ticker):
                task.cancel()
            await asyncio.gather(*workers, ticker, return_exceptions=True)

    async def _work(self) -> None:
        for customer in self._waiting:
            while self._control.is_paused:
                await asyncio.sleep(0.05)
            try:
                result = LookUpResult(customer, await self._look_up(customer))
            except (RequestError, EnrichmentError) as error:
                result = LookUpResult(customer, failure=str(error))
                self._n_failed += 1
            self._on_result(
                result
            )  # nothing is awaited in between: what was looked up is told, or was not finished
            self._n_done += 1
            self._tell()

    async def _tick(self) -> None:
        while True:
            self._tell()
            await asyncio.sleep(1.0)

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self._progress())

    def _progress(self) -> LookUpProgress:
        governor, seconds_left = self._governor, None
        if governor is not None and self._n_done:
            each = (governor.n_sent - self._sent_before) / self._n_done
            n_requests = round(each * (self._n_total + self._n_after - self._n_done))
            seconds_left = governor.estimate_seconds(n_requests, concurrency=self._concurrency)
        return LookUpProgress(
            n_done=self._n_done,
            n_total=self._n_total,
            n_failed=self._n_failed,
            per_second=self._n_done / max(asyncio.get_running_loop().time() - self._began_at, 1e-9),
            quota_left=governor.quota_left() if governor is not None else None,
            seconds_left=seconds_left,
            is_waiting=governor is not None and governor.is_paused,
        )
