"""An event loop of our own in a thread, so that a busy kernel loses nothing.

A notebook's own loop stands still while a cell computes: replies are not read, and time out. This one does not.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import os
import threading
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

from payseg_widgets.errors import Cancelled

T = TypeVar("T")


class Handle(Generic[T]):
    """Work that runs in the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._task: asyncio.Task[T] | None = None

    @property
    def is_done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._future.done()

    def result(self, timeout: float | None = None) -> T:
        """Wait for the end.

        Raises
        ------
        Cancelled
            If it was cancelled.
        TimeoutError
            If it takes longer than `timeout` seconds; it goes on.
        """
        return self._future.result(timeout)

    def wait(self, timeout: float) -> bool:
        """Wait at most ``timeout`` seconds for the end. Whether it has ended."""
        concurrent.futures.wait([self._future], timeout)
        return self.is_done

    def cancel(self, *, timeout: float = 0.25) -> bool:
        """Ask it to stop, and wait at most `timeout` seconds for that. Whether it has ended."""
        if not self.is_done:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile, and its work has ended
                self._loop.call_soon_threadsafe(self._cancel)
        return self.wait(timeout)

    def _start(self, coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> None:
        self._task = loop.create_task(coroutine)
        self._task.add_done_callback(self._finish)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _finish(self, task: asyncio.Task[T]) -> None:
        error = Cancelled("The work was stopped.") if task.cancelled() else task.exception()
        if error is not None:
            self._future.set_exception(error)
        else:
            self._future.set_result(task.result())


class LoopThread:
    """A daemon thread that runs an event loop until it is closed."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._waiting: set[tuple[Coroutine[Any, Any, Any], Handle[Any]]] = set()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._thread = threading.Thread(target=self._run, name="payseg enrichment", daemon=True)
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        with asyncio.Runner() as runner:  # on leaving it cancels what still runs, so that sessions are closed
            self._loop = runner.get_loop()
            self._stop = asyncio.Event()
            self._ready.set()
            runner.run(self._stopped())
        for coroutine, handle in self._waiting.copy():  # submitted too late to be started
            coroutine.close()
            handle._future.set_exception(Cancelled("The work was stopped before it began."))

    async def _stopped(self) -> None:
        await self._stop.wait()

    @property
    def is_running(self) -> bool:
        """Whether work can be submitted."""
        return self._thread.is_alive() and not self._stop.is_set()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Handle[T]:
        """Start the coroutine in the thread; returns at once."""
        handle: Handle[T] = Handle(self._loop)
        waiting = (coroutine, handle)
        self._waiting.add(waiting)

        def start() -> None:
            self._waiting.discard(waiting)
            handle._start(coroutine, self._loop)

        try:
            self._loop.call_soon_threadsafe(start)
        except RuntimeError:
            self._waiting.discard(waiting)
            coroutine.close()
            raise Cancelled("The loop's thread is closed; nothing more can be started in it.") from None
        return handle

    def close(self, timeout: float = 2.0) -> None:
        """Cancel what runs, let it close its connections, and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout)


_shared: LoopThread | None = None
_lock = threading.Lock()


def submit(coroutine: Coroutine[Any, Any, T]) -> Handle[T]:
    """Run a coroutine in the process's one loop thread, from a script, a notebook cell or a callback.

    Parameters
    ----------
    coroutine : coroutine

    Returns
    -------
    Handle
        `Handle.cancel`, `Handle.result`. At the process's end what still runs is cancelled.

    Examples
    --------
    >>> import asyncio
    >>> submit(asyncio.sleep(0, "done")).result()
    'done'
    """
    global _shared
    with _lock:
        if _shared is None or not _shared.is_running:
            _shared = LoopThread()
    return _shared.submit(coroutine)


def _close_shared() -> None:
    if _shared is not None:
        _shared.close()


def _forget_after_fork() -> None:
    global _shared, _lock
    _shared, _lock = None, threading.Lock()  # the thread is in the parent only


atexit.register(_close_shared)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
