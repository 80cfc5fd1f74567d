"""Time that jumps: hours of waiting for the next rate window, simulated in seconds."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Coroutine, Mapping
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self, TypeVar

from payseg_widgets.enrichment.client.faults import Reply
from payseg_widgets.enrichment.testing.served import ServedRegister
from payseg_widgets.enrichment.testing.window import FixedWindow

T = TypeVar("T")


class _Jump(selectors.DefaultSelector):
    """Never waits: the time it should have waited has passed."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen: all tasks wait for each other")
        self.now += max(timeout, 0.0)
        return super().select(0)


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run_virtually(coroutine: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run a coroutine that waits for nothing but time.

    Returns
    -------
    tuple
        Its result, and the virtual seconds it took.
    """
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        began_at = runner.get_loop().time()
        result = runner.run(coroutine)
        return result, runner.get_loop().time() - began_at


class SimulatedTransport:
    """In place of HTTP: a register, its rate window and a latency, in the time of the loop.

    Parameters
    ----------
    register : ServedRegister
    window : FixedWindow, optional
    latency_seconds : float
        The mean; half of it on the way there. Each is drawn between half and one and a half times that.
    clock_offset_seconds : float
        How far the register's clock is off ours.
    seed : int
    """

    def __init__(
        self,
        register: ServedRegister,
        *,
        window: FixedWindow | None = None,
        latency_seconds: float = 0.085,
        clock_offset_seconds: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.window = window or FixedWindow()
        self._register, self._latency = register, latency_seconds
        self._epoch = 1_781_784_013.4 + clock_offset_seconds
        self._random = random.Random(seed)  # noqa: S311  a simulation

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def get(self, path: str, parameters: Mapping[str, str]) -> Reply:
        """Answer one request after its latency."""
        half = self._latency * self._random.uniform(0.25, 0.75)
        await asyncio.sleep(half)
        now = self._epoch + asyncio.get_running_loop().time()
        counted = self.window.count(now)
        headers = {
            "date": formatdate(int(now), usegmt=True),
            "x-ratelimit-limit": str(counted.limit),
            "x-ratelimit-remain": str(counted.remain),
            "x-ratelimit-reset": str(counted.reset),
            "x-ratelimit-window": f"{self.window.seconds // 60}m",
        }
        await asyncio.sleep(half)
        if counted.is_refused:
            return Reply(429, headers, b"")
        answer = self._register.answer(path, parameters)
        return Reply(answer.status, headers, answer.body())
