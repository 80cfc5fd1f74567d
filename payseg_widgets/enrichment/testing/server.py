"""A register server on this machine, in a thread: the real one's answers, quota and, on a plan, its faults."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import web

from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.testing import faults
from payseg_widgets.enrichment.testing.faults import Outgoing
from payseg_widgets.enrichment.testing.plan import FaultPlan
from payseg_widgets.enrichment.testing.served import Answer, ServedRegister
from payseg_widgets.enrichment.testing.window import Counted, FixedWindow

#: What every recorded reply carries.
HEADERS = {
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Headers": "X-RateLimit-Query, origin, content-type, content-length, "
    "user-agent, host, accept, authorization",
    "Access-Control-Expose-Headers": "X-RateLimit-Window, X-RateLimit-Limit, X-RateLimit-Remain, X-RateLimit-Reset, Location, "
    "www-authenticate, cache-control, pragma, content-type, expires, last-modified",
    "Access-Control-Max-Age": "3600",
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    "Connection": "keep-alive",
    "Expires": "0",
    "Pragma": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Xss-Protection": "0",
}
TEST_KEY = "a-key-for-the-local-register"


@dataclass(frozen=True)
class Seen:
    """A request as it arrived: when (the server's epoch seconds), what for, which fault it met, what was answered."""

    at: float
    target: str
    fault: str | None
    status: int


class RegisterServer:
    """Serves companies on 127.0.0.1; see `register_server` for the parameters.

    Attributes
    ----------
    url : str
    requests : list of Seen
    windows : list of int
        Requests answered in each rate window.
    n_refused : int
        Requests beyond the quota, answered with 429; those of a fault plan are not among them.
    most_at_once : int
        The most requests that were being answered at a time.
    plan : FaultPlan or None
        May be changed between requests.
    """

    def __init__(
        self,
        companies: Iterable[Company],
        *,
        plan: FaultPlan | None = None,
        key: str = TEST_KEY,
        window: FixedWindow | None = None,
        latency_seconds: float = 0.0,
        slow_seconds: float = 30.0,
        clock_offset_seconds: float = 0.0,
        speed: float = 1.0,
    ) -> None:
        self.plan, self.requests = plan, list[Seen]()
        self.most_at_once = self._n_now = 0
        self._register = companies if isinstance(companies, ServedRegister) else ServedRegister(companies)
        self._window = window or FixedWindow()
        self._authorization = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        self._latency, self._slow, self._speed = latency_seconds, slow_seconds, speed
        self._epoch, self._began_at = time.time() + clock_offset_seconds, time.monotonic()
        self._listening: asyncio.Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def windows(self) -> list[int]:
        """Requests answered in each rate window."""
        return list(self._window.counts)

    @property
    def n_refused(self) -> int:
        """Requests beyond the quota."""
        return self._window.n_refused

    def now(self) -> float:
        """Read the server's own clock, in epoch seconds."""
        return self._epoch + (time.monotonic() - self._began_at) * self._speed

    def start(self) -> None:
        """Listen, in a thread of its own."""
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="register server", daemon=True
        )
        self._thread.start()
        started.wait()

    def stop(self) -> None:
        """Close all connections and end the thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        application = web.Application()
        application.router.add_get("/{path:.*}", self._handle)
        application.on_response_prepare.append(_drop_what_the_register_does_not_send)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        await runner.setup()
        if runner.server is None:
            raise RuntimeError("the server was not set up")
        self._protocol = runner.server
        await self._listen()
        started.set()
        await self._stopping.wait()
        if self._listening is not None:
            self._listening.close()
        await runner.cleanup()

    async def _listen(self) -> None:
        self._listening = await self._loop.create_server(self._protocol, "127.0.0.1", self._port)
        self._port = self._listening.sockets[0].getsockname()[1]

    async def _go_away(self) -> None:
        """Refuse connections for a while, as long as what is slow takes."""
        if self._listening is None:
            return
        self._listening.close()
        self._listening = None
        await asyncio.sleep(self._slow)
        if not self._stopping.is_set():
            await self._listen()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self._n_now += 1
        self.most_at_once = max(self.most_at_once, self._n_now)
        try:
            return await self._reply(request)
        finally:
            self._n_now -= 1

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        fault = self.plan.next() if self.plan is not None else None
        counted: Counted | None = None
        if request.headers.get("Authorization") == self._authorization:
            counted = self._window.count(self.now())
            answer = Answer(429) if counted.is_refused else self._register.answer(request.path, request.query)
        else:
            answer = _unauthorised("Authorization" in request.headers)
        self.requests.append(Seen(self.now(), request.path_qs, fault, answer.status))
        if self._latency:
            await asyncio.sleep(self._latency)
        outgoing = self._outgoing(answer, counted)
        if fault is None or counted is None or counted.is_refused:
            return outgoing.response()
        if fault == "refused_connection":
            self._away = asyncio.create_task(self._go_away())
        change = faults.changed(fault, outgoing)
        return (
            change.response()
            if change is not None
            else await faults.BROKEN[fault](request, outgoing, self._slow)
        )

    def _outgoing(self, answer: Answer, counted: Counted | None) -> Outgoing:
        headers = {**HEADERS, "Date": formatdate(int(self.now()), usegmt=True)}
        if counted is not None:
            headers |= {
                "X-Ratelimit-Limit": str(counted.limit),
                "X-Ratelimit-Remain": str(counted.remain),
                "X-Ratelimit-Reset": str(counted.reset),
                "X-Ratelimit-Window": f"{self._window.seconds // 60}m",
            }
        if answer.content is not None:
            headers["Content-Type"] = "text/plain" if isinstance(answer.content, str) else "application/json"
        return Outgoing(answer.status, headers, answer.body())


@contextlib.contextmanager
def register_server(
    companies: Iterable[Company],
    *,
    plan: FaultPlan | None = None,
    key: str = TEST_KEY,
    window: FixedWindow | None = None,
    latency_seconds: float = 0.0,
    slow_seconds: float = 30.0,
    clock_offset_seconds: float = 0.0,
    speed: float = 1.0,
) -> Iterator[RegisterServer]:
    """Run a register server for the length of a ``with`` block.

    Parameters
    ----------
    companies : iterable of Company, or ServedRegister
    plan : FaultPlan, optional
        Default: no faults.
    key : str
        The one that is let in.
    window : FixedWindow, optional
        Default: 600 requests in five minutes.
    latency_seconds, slow_seconds : float
        Real seconds for each reply, and for the faults that are slow.
    clock_offset_seconds : float
        How far the server's clock is off the one on the wall.
    speed : float, default 1
        How many of the server's seconds pass in a real one; clients need ``Clock(speed=...)``.

    Yields
    ------
    RegisterServer
    """
    server = RegisterServer(
        companies,
        plan=plan,
        key=key,
        window=window,
        latency_seconds=latency_seconds,
        slow_seconds=slow_seconds,
        clock_offset_seconds=clock_offset_seconds,
        speed=speed,
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _unauthorised(has_header: bool) -> Answer:
    text = "Invalid Authorization" if has_header else "Empty Authorization header"
    return Answer(401, {"error": text, "type": "ch:service"})


async def _drop_what_the_register_does_not_send(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.popall("Server", None)
    if isinstance(response, web.Response) and not response.body:
        response.headers.popall("Content-Type", None)
