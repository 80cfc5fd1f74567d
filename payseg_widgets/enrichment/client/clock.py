"""The clock that quota and pauses go by; the clock on the wall, which may be wrong by minutes, is never read."""

from __future__ import annotations

import asyncio


class Clock:
    """Seconds of the running event loop.

    Parameters
    ----------
    speed : float, default 1
        How many seconds pass in one real second. A register server of `payseg_widgets.enrichment.testing` may run fast,
        so that a window of five minutes takes half a second; its clients need a clock of the same speed.
    """

    def __init__(self, *, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(f"speed={speed!r} must be above 0; 1 is real time")
        self._speed = speed

    def now(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        return asyncio.get_running_loop().time() * self._speed

    async def sleep(self, seconds: float) -> None:
        """Let the others work for that long."""
        await asyncio.sleep(seconds / self._speed)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when the event is set or after that many seconds (``inf`` for ever), whichever comes first."""
        try:
            async with asyncio.timeout(None if seconds == float("inf") else seconds / self._speed):
                await event.wait()
        except TimeoutError:
            return
