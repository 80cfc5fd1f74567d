"""Every exception this package raises on purpose.

::

    PaysegError
    ├── LedgerError          the input cannot become a ledger (also a ValueError)
    ├── FeatureError         a feature was asked for that cannot be given (also a ValueError)
    ├── SegmentationError    the customers cannot be segmented as asked (also a ValueError)
    ├── EnrichmentError      customers cannot be enriched as asked (also a ValueError)
    ├── EffectError          groups cannot be compared as asked (also a ValueError)
    ├── ForecastError        payments cannot be forecast as asked (also a ValueError)
    ├── StrategyError        actions cannot be chosen or compared as asked (also a ValueError)
    ├── SourceError          a source of company data cannot answer
    │   ├── RequestError         one customer's request failed for good; the others go on
    │   └── SourceStoppedError   no further request makes sense; who was not asked for stays pending
    │       ├── KeyRefusedError           the key is wrong, or was withdrawn
    │       ├── AccessRefusedError        this address or application may not ask
    │       └── RegisterUnavailableError  no usable answer for long
    ├── MissingDependencyError   something optional is not installed; says how to (also an ImportError)
    ├── SelectionError       a selection of customers cannot be read or applied (also a ValueError)
    ├── UnknownNameError     no part of that name; says which was meant (also a KeyError)
    └── Cancelled            the user stopped long work; carries what was finished

Each message quotes the value seen and names the next step.
"""

from __future__ import annotations

from typing import Any


class PaysegError(Exception):
    """Base of all errors this package raises on purpose."""


class LedgerError(PaysegError, ValueError):
    """The input cannot become a ledger."""


class FeatureError(PaysegError, ValueError):
    """A feature was asked for that cannot be given."""


class SegmentationError(PaysegError, ValueError):
    """The customers cannot be segmented as asked."""


class EnrichmentError(PaysegError, ValueError):
    """Customers cannot be enriched as asked."""


class EffectError(PaysegError, ValueError):
    """Groups of customers cannot be compared as asked."""


class ForecastError(PaysegError, ValueError):
    """Payments cannot be forecast as asked."""


class StrategyError(PaysegError, ValueError):
    """Actions cannot be chosen or compared as asked."""


class SourceError(PaysegError):
    """A source of company data cannot answer.

    Attributes
    ----------
    finished : object
        What had been found before, or ``None``.
    """

    finished: Any = None


class RequestError(SourceError):
    """One request to a source failed for good; others may still work.

    Attributes
    ----------
    kind : str
        Which fault, in a word or two: the key of `payseg_widgets.enrichment.client.faults.RULES`.
    """

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class SourceStoppedError(SourceError):
    """A source will answer nobody now: whoever was not asked for stays pending."""


class KeyRefusedError(SourceStoppedError):
    """The key is wrong, or was withdrawn."""


class AccessRefusedError(SourceStoppedError):
    """The register lets nobody of this address or application ask."""


class RegisterUnavailableError(SourceStoppedError):
    """A register gave no usable answer for so long that it was given up."""


class MissingDependencyError(PaysegError, ImportError):
    """Something optional that this needs is not installed."""


class SelectionError(PaysegError, ValueError):
    """A selection of customers cannot be read or applied.

    Attributes
    ----------
    position : int or None
        Where in the text that was typed, counted from 0; ``None`` where there is no text.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class UnknownNameError(PaysegError, KeyError):
    """No part is registered under that name."""

    def __str__(self) -> str:  # KeyError shows the repr of its argument; a sentence reads better
        return str(self.args[0]) if self.args else ""


class Cancelled(PaysegError):  # noqa: N818  the user stopped the work: nothing went wrong
    """The user stopped long work.

    Attributes
    ----------
    finished : object
        What had been completed before the stop, or ``None``.
    """

    def __init__(self, message: str, finished: Any = None) -> None:
        super().__init__(message)
        self.finished = finished
