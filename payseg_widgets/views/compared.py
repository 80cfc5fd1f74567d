"""What the pictures of one compared model share: finding what was measured of it, and what must be said first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import UnknownNameError

_T = TypeVar("_T")


def of_model(measured: Mapping[str, _T], model: str, what: str) -> _T:
    """Return what was measured of a model.

    Raises
    ------
    UnknownNameError
        If the model is not in the comparison, or this was not measured of it.
    """
    if model not in measured:
        raise UnknownNameError(f"no {what} of {model!r} was measured. {did_you_mean(model, measured)}")
    return measured[model]


def said(caution: str, sentence: str) -> str:
    """Return the sentence after the caution, if there is one."""
    return f"{caution} {sentence}".strip()
