"""How a user's wish to stop reaches long work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from payseg_widgets.errors import Cancelled


class CancelSignal(Protocol):
    """Anything like `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the user asked to stop."""
        ...


class Steps:
    """The steps of long work: each call tells the next as it begins, and stops before it where that is wished.

    Parameters
    ----------
    work : str
        What is stopped, for the message.
    names : sequence of str
        In order; one call for each.
    tell : callable, optional
        Called with the step about to begin, the number of steps done and their total.
    cancel : CancelSignal, optional
    """

    def __init__(
        self,
        work: str,
        names: Sequence[str],
        tell: Callable[[str, int, int], None] | None,
        cancel: CancelSignal | None,
    ) -> None:
        self._work, self._names, self._tell, self._cancel, self._done = work, names, tell, cancel, 0

    def __call__(self) -> None:
        name = self._names[self._done]
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled(f"{self._work} was stopped before {name}; nothing is kept.")
        if self._tell is not None:
            self._tell(name, self._done, len(self._names))
        self._done += 1


def in_parts(
    tell: Callable[[str, int, int], None] | None, n_parts: int
) -> Callable[[int], Callable[[str, int, int], None]]:
    """Return what tells the steps of each part of long work as so many hundredths of the whole."""

    def of(part: int) -> Callable[[str, int, int], None]:
        def told(step: str, done: int, total: int) -> None:
            if tell is not None:
                tell(step, round(100 * (part + done / total) / n_parts), 100)

        return told

    return of
