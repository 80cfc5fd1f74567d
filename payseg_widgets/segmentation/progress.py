"""Tell how far the work is, and stop it when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.errors import Cancelled

STAGES = ("prepare", "choose", "fit", "structure", "compare", "describe")


@dataclass
class Desk:
    """Tells how far the work is and stops it when asked."""

    progress: Callable[[str, int, int], None] | None
    cancel: CancelSignal | None
    done: int = -1

    def start(self, stage: str) -> None:
        """Begin a stage, unless asked to stop."""
        self.done = STAGES.index(stage)
        self.step()
        self._tell(stage)

    def finish(self) -> None:
        """Say that everything is done."""
        self.done = len(STAGES)
        self._tell(STAGES[-1])

    def _tell(self, stage: str) -> None:
        if self.progress is not None:
            self.progress(stage, self.done, len(STAGES))

    def step(self) -> None:
        """Raise `Cancelled` if asked to stop; called between pieces of work."""
        if self.cancel is not None and self.cancel.is_set():
            finished = STAGES[: self.done]
            raise Cancelled(
                f"segment() was stopped after: {', '.join(finished) or 'nothing yet'}.", finished=finished
            )
