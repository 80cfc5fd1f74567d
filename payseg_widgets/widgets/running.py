"""A panel whose work runs in a thread: how far it is, a way to stop it, and what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import traitlets

from payseg_widgets.errors import Cancelled, PaysegError
from payseg_widgets.widgets.errands import ONE_AT_A_TIME, Errand, Outbox, wait_until
from payseg_widgets.widgets.panel import Panel


class RunningPanel(Panel):
    """Begins one run after the other; only the latest has a say. Its page's half is ``run_bar.js``.

    Subclasses write `start` and `cancel`, which the page's buttons call, and hand their work to `_begin`.

    Attributes
    ----------
    progress : float
        In [0, 1].
    state : {"idle", "running", "cancelled", "failed"}
    message : str
        What goes on, or went wrong.
    error : Exception or None
        Why the latest run failed.
    """

    progress = traitlets.Float(0.0, read_only=True).tag(sync=True)
    state = traitlets.Enum(("idle", "running", "cancelled", "failed"), "idle", read_only=True).tag(sync=True)
    message = traitlets.Unicode("", read_only=True).tag(sync=True)
    _seconds_left = traitlets.Float(None, allow_none=True).tag(sync=True)
    _errand: Errand | None = None  # here too, so that a panel refused at birth can be closed
    _turn = ONE_AT_A_TIME  # what runs wait for; a panel that computes nothing has a lock of its own

    def __init__(self, **options: Any) -> None:
        self.error: Exception | None = None
        self._outbox = Outbox()
        super().__init__(**options)
        self.on_msg(self._heard)

    def start(self) -> None:
        """Begin anew; a run under way is stopped."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop the run under way, if any."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop what runs and take the panel from every page."""
        self._forget()
        super().close()

    def _begin(self, work: Callable[[Errand], None]) -> None:
        """Begin a run; the errand it is called with says when to stop."""
        self._forget()
        self.error, self._outbox = None, Outbox()
        self._errand = Errand(work, turn=self._turn)
        self._show("running", 0.0, "Waiting for an earlier run to stop.")
        self._errand.begin()

    def _carry_out(
        self,
        errand: Errand,
        work: Callable[..., Any],
        finish: Callable[[Any], None],
        stopped: Callable[[Any], None] = lambda _kept: None,
    ) -> None:
        """Do the work of a run, in its thread, and tell how far it is.

        Parameters
        ----------
        errand : Errand
        work : callable
            Called with ``progress=`` and ``cancel=``; what it makes is handed to ``finish``, where the widget lives. Steps
            done may be told with a part of the one under way, which the bar shows.
        finish, stopped : callable
            The latter gets what was done by then where the run was cancelled.
        """
        began = time.perf_counter()

        def tell(what: str, done: float, total: int) -> None:
            spent = time.perf_counter() - began
            left = spent * (total - done) / done if done >= 2 else None
            text = f"Step {int(done) + 1} of {total}: {what}." if done < total else "Done."
            self._deliver(errand, lambda: self._show("running", done / total, text, left))

        try:
            made = work(progress=tell, cancel=errand)
        except Cancelled as cancelled:
            self._deliver(errand, lambda kept=cancelled.finished: stopped(kept))  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001  shown in the widget, kept, and raised by wait()
            self._deliver(errand, lambda error=error: self._fail(error))  # type: ignore[misc]
        else:
            self._deliver(errand, lambda: finish(made))

    def _forget(self) -> None:
        """Stop the run; what it may still deliver is not wanted."""
        if self._errand is not None:
            self._errand.stop()
            self._errand = None

    def _wait_for_end(self, timeout: float | None) -> None:
        """Wait until nothing runs; raise what made the run fail, or `TimeoutError`."""
        if not wait_until(lambda: self.state != "running", lambda: self._outbox.carry_out(), timeout):
            raise TimeoutError(f"still running after {timeout:g} s: {self.message} Wait longer, or cancel().")
        if self.error is not None:
            raise self.error

    def _deliver(self, errand: Errand, call: Callable[[], None]) -> None:
        """Carry out a call of the thread's where the widget lives, unless a newer run has begun by then."""
        self._outbox.post(lambda: call() if errand is self._errand else None)

    def _fail(self, error: Exception) -> None:
        self.error = error
        kind = "" if isinstance(error, PaysegError) else f"{type(error).__name__}: "
        self._show("failed", 0.0, f"{kind}{error}")

    def _show(self, state: str, progress: float, message: str, left: float | None = None) -> None:
        self._seconds_left = left
        for name, value in (("progress", progress), ("message", message), ("state", state)):
            self.set_trait(name, value)

    def _heard(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        if message.get("kind") == "cancel":
            self.cancel()
        elif message.get("kind") == "start":
            self.start()
