"""Long work off the kernel's loop: one errand of a turn at a time, what it has to say delivered on the loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

#: Work that limits the threads of numerical libraries sets that for the whole process: never two at once.
ONE_AT_A_TIME = threading.Lock()


class Outbox:
    """Calls made by a thread, carried out where the owner lives.

    Where an event loop runs in the thread that opens the outbox, as in a kernel, calls are carried out on that loop;
    otherwise in the thread that posts them. `carry_out` does it at once, for code that waits without a loop.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._turn = threading.RLock()
        self._loop = _running_loop()

    def post(self, call: Callable[[], None]) -> None:
        """Have a call carried out; from any thread."""
        self._calls.put(call)
        if self._loop is None or self._loop.is_closed():
            self.carry_out()
            return
        try:
            self._loop.call_soon_threadsafe(self.carry_out)
        except RuntimeError:  # closed since
            self.carry_out()

    def carry_out(self) -> None:
        """Carry out what was posted, in order."""
        with self._turn:
            while True:
                try:
                    call = self._calls.get_nowait()
                except Empty:
                    return
                call()


class Errand:
    """One piece of work in a thread of its own, which begins when no other of the same turn is under way.

    Parameters
    ----------
    work : callable
        Called with the errand, whose ``is_set()`` says whether to stop.
    turn : threading.Lock, optional
        Held while it works. Without one it waits for all numerical work; work that only waits for others, such as
        requests over a network, has a lock of its own.
    """

    def __init__(self, work: Callable[[Errand], None], *, turn: threading.Lock = ONE_AT_A_TIME) -> None:
        self._work, self._turn = work, turn
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="payseg-errand", daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the work to stop at its next step."""
        self._stop.set()

    def is_set(self) -> bool:
        """Whether the work was asked to stop."""
        return self._stop.is_set()

    def _run(self) -> None:
        with self._turn:
            self._work(self)


def wait_until(is_so: Callable[[], bool], carry_out: Callable[[], None], timeout: float | None) -> bool:
    """Carry out what is posted until a condition holds; say whether it does."""
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        carry_out()
        if is_so():
            return True
        if end is not None and time.monotonic() >= end:
            return False
        time.sleep(0.01)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
