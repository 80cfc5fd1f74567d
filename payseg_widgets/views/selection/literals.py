"""How numbers, texts and column names are written in a selection, so that they are read back exactly."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import numpy as np

from payseg_widgets.errors import SelectionError

#: Words of the grammar; a column of such a name is written in backticks.
KEYWORDS = frozenset(
    {"and", "or", "not", "in", "is", "between", "missing", "present", "everything", "nothing", "lasso"}
)
#: The name by which a selection speaks of the customers themselves.
IDS = "customer_id"
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_HALF = re.compile("[\ud800-\udfff]")
_LONGEST_QUOTE = 60
_HUGE = sys.float_info.max

Value = float | str


def quoted(text: str, mark: str = '"') -> str:
    r"""Write a text in quotes on one line, with the escapes of JSON.

    >>> print(quoted('say "no"'), quoted("odd name", "`"))
    "say \"no\"" `odd name`
    """
    inner = json.dumps(text, ensure_ascii=False)[1:-1]
    if mark != '"':
        inner = re.sub(r"\\.", lambda escape: '"' if escape[0] == r"\"" else escape[0], inner)
        inner = inner.replace(mark, "\\" + mark)
    if not inner.isprintable():
        inner = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in inner)
    return f"{mark}{inner}{mark}"


def column_text(name: str) -> str:
    """Write a column's name, in backticks unless it is a plain word.

    >>> column_text("late_ratio"), column_text("late share"), column_text("in")
    ('late_ratio', '`late share`', '`in`')
    """
    return name if _BARE.match(name) and name.lower() not in KEYWORDS else quoted(name, "`")


def value_text(value: Value) -> str:
    """Write a number as short as reads back exactly, a text in quotes.

    >>> value_text(0.1), value_text(3.0), value_text("Wales")
    ('0.1', '3', '"Wales"')
    """
    if isinstance(value, str):
        return quoted(value)
    return repr(value).removesuffix(".0")


def clipped(text: str, length: int = _LONGEST_QUOTE) -> str:
    """Cut a text to be quoted in a message."""
    return text if len(text) <= length else text[: length - 1] + "…"


def checked_text(text: str) -> str:
    """Return a text, refusing half a character (a lone surrogate), which no table or file can hold."""
    if _HALF.search(text):
        raise SelectionError("a text holds half a character (a lone surrogate); type it again.")
    return str(text)


def checked_column(name: Any) -> str:
    """Return the name of a column, refusing what is none and what stands for the customers."""
    if not isinstance(name, str) or not name:
        raise SelectionError(f"a column is named by a text, not {clipped(repr(name))}.")
    if name == IDS:
        raise SelectionError(f"{IDS!r} names the customers: pick them with Selection.picked([...]).")
    return checked_text(name)


def checked_number(value: Any) -> float:
    """Return a finite number as a float, refusing anything else."""
    if isinstance(value, int | float | np.integer | np.floating) and -_HUGE <= value <= _HUGE:
        return float(value) + 0.0  # no negative zero: the two are equal and would be written apart
    raise SelectionError(
        f"{clipped(repr(value))} is not a finite number. A missing value is asked for with 'is missing'."
    )


def checked_value(value: Any) -> Value:
    """Return a number as a float or a text as it is, refusing anything else."""
    return checked_text(value) if isinstance(value, str) else checked_number(value)
