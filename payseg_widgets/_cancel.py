"""How a user's wish to stop reaches long work."""

from __future__ import annotations

from typing import Protocol


class CancelSignal(Protocol):
    """Anything like `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the user asked to stop."""
        ...
