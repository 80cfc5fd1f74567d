"""A selection of customers as a value, and how selections are joined."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.selection.literals import clipped
from payseg_widgets.views.selection.lookup import check_columns, ids_of

#: Deeper nesting is refused: nobody reads it, and it would overflow the stack.
MAX_DEPTH = 100
_LONGEST_REPR = 110
_CODE_LINE = 90


class Selection:
    """Which customers: an immutable expression that applies to any table of customers.

    Selections are joined with ``&``, ``|``, ``~`` and ``-`` (but not). A comparison with a missing value is false, and
    its negation therefore true: logic has two values, so that ``~(a & b)`` and ``~a | ~b`` are the same customers. Two
    selections are equal if they are written alike.

    Examples
    --------
    >>> from payseg_widgets import Selection
    >>> late = Selection.parse("late_ratio > 40% and segment == 'C'")
    >>> late
    Selection(late_ratio > 0.4 and segment == "C")
    >>> table = pd.DataFrame({"late_ratio": [0.5, 0.1], "segment": ["C", "C"]}, index=["C1", "C2"])
    >>> late.customers(table).tolist()
    ['C1']
    >>> str(~late)
    'not (late_ratio > 0.4 and segment == "C")'
    """

    @staticmethod
    def parse(text: str) -> Selection:
        """Read a selection as an analyst types it; `payseg_widgets.views.selection` states the grammar.

        Raises
        ------
        SelectionError
            With the place and what was expected there.
        """
        from payseg_widgets.views.selection.grammar import parsed

        return parsed(text)

    @staticmethod
    def picked(ids: Iterable[str | int]) -> Selection:
        """Select customers picked by hand, by their ids; of no id, nobody."""
        from payseg_widgets.views.selection.conditions import Picked

        wanted = tuple(ids)
        return Picked(wanted) if wanted else Nothing()

    @staticmethod
    def everything() -> Selection:
        """Select every customer."""
        return Everything()

    @staticmethod
    def nothing() -> Selection:
        """Select nobody."""
        return Nothing()

    def __and__(self, other: Selection) -> Selection:
        return joined(And, self, other) if isinstance(other, Selection) else NotImplemented

    def __or__(self, other: Selection) -> Selection:
        return joined(Or, self, other) if isinstance(other, Selection) else NotImplemented

    def __sub__(self, other: Selection) -> Selection:
        return self & ~other if isinstance(other, Selection) else NotImplemented

    def __invert__(self) -> Selection:
        return Not(self)

    def __bool__(self) -> bool:
        raise SelectionError("a selection is neither true nor false: join with &, | and ~, not with 'and'.")

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns it needs."""
        return frozenset()

    @property
    def depth(self) -> int:
        """How deep ``and``, ``or`` and ``not`` are nested in it."""
        return 0

    def apply(self, table: pd.DataFrame) -> pd.Series:
        """Say of each row of a table whether it is selected.

        Parameters
        ----------
        table : pandas.DataFrame
            A row for each customer; the ids are its column ``customer_id`` or else its index.

        Returns
        -------
        pandas.Series of bool
            Aligned with the table, called ``is_selected``; never missing.

        Raises
        ------
        SelectionError
            For a column that is not there, or that holds text where a number is asked for and the reverse.
        """
        check_columns(table, self.columns)
        return pd.Series(self.hits(table), index=table.index, name="is_selected", dtype=bool)

    def customers(self, table: pd.DataFrame) -> pd.Index:
        """Return the ids of the customers of a table that are selected, in its order."""
        selected = self.apply(table).to_numpy()
        return ids_of(table)[selected]

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Say of each row whether it is selected, shape (n_rows,), the columns having been checked."""
        raise NotImplementedError

    def text(self, *, shows_ids: bool = True) -> str:
        """Write it as `parse` reads it; without ids, texts that identify customers are only counted."""
        raise NotImplementedError

    def negated_text(self, *, shows_ids: bool = True) -> str:
        """Write its negation."""
        return f"not {self.text(shows_ids=shows_ids)}"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        room = _LONGEST_REPR - len("Selection()")
        return f"Selection({clipped(self.text(shows_ids=False), room)})"

    def to_code(self) -> str:
        """Return Python that makes this selection, given ``from payseg_widgets import Selection``."""
        text, lines = str(self), []
        while len(text) > _CODE_LINE:
            cut = text.rfind(" ", 0, _CODE_LINE) + 1 or _CODE_LINE
            lines.append(repr(text[:cut]))
            text = text[cut:]
        if not lines:
            return f"Selection.parse({text!r})"
        return "Selection.parse(\n    " + "\n    ".join([*lines, repr(text)]) + "\n)"

    def to_json(self) -> dict[str, Any]:
        """Return it as dicts and lists that JSON can hold, with the version of their layout."""
        from payseg_widgets.views.selection.storage import as_json

        return as_json(self)

    @staticmethod
    def from_json(stored: Any) -> Selection:
        """Return what `to_json` gave.

        Raises
        ------
        SelectionError
            If it is something else, or of a later version.
        """
        from payseg_widgets.views.selection.storage import from_json

        return from_json(stored)

    def save(self, path: str | Path) -> Path:
        """Write it to a JSON file; ids picked by hand are in it."""
        path = Path(path)
        try:
            path.write_text(json.dumps(self.to_json(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise SelectionError(
                f"cannot write {str(path)!r}: {error.strerror}. Give another path."
            ) from error
        return path

    @staticmethod
    def load(path: str | Path) -> Selection:
        """Return what `save` wrote.

        Raises
        ------
        SelectionError
            If the file cannot be read or holds something else.
        """
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise SelectionError(f"cannot read {str(path)!r}: {error.strerror}. Check the path.") from error
        except (ValueError, RecursionError) as error:
            raise SelectionError(f"{str(path)!r} holds no selection: it is not JSON.") from error
        return Selection.from_json(stored)


@dataclass(frozen=True, repr=False)
class Everything(Selection):
    """Every customer."""

    def __invert__(self) -> Selection:
        return Nothing()

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Hit all."""
        return np.ones(len(table), dtype=bool)

    def text(self, *, shows_ids: bool = True) -> str:
        """Return the keyword."""
        return "everything"


@dataclass(frozen=True, repr=False)
class Nothing(Selection):
    """Nobody."""

    def __invert__(self) -> Selection:
        return Everything()

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Hit none."""
        return np.zeros(len(table), dtype=bool)

    def text(self, *, shows_ids: bool = True) -> str:
        """Return the keyword."""
        return "nothing"


@dataclass(frozen=True, repr=False)
class Not(Selection):
    """Whom a selection leaves out."""

    part: Selection

    def __post_init__(self) -> None:
        _check_depth(self)

    def __invert__(self) -> Selection:
        return self.part

    @property
    def columns(self) -> frozenset[str]:
        """Those of its part."""
        return self.part.columns

    @cached_property
    def depth(self) -> int:
        """One more than its part."""
        return self.part.depth + 1

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Hit whom the part does not."""
        return ~self.part.hits(table)

    def text(self, *, shows_ids: bool = True) -> str:
        """Write the negation of its part."""
        return self.part.negated_text(shows_ids=shows_ids)


@dataclass(frozen=True, repr=False)
class _Joint(Selection):
    parts: tuple[Selection, ...]

    def __post_init__(self) -> None:
        _check_depth(self)

    def negated_text(self, *, shows_ids: bool = True) -> str:
        """Write ``not`` before parentheses."""
        return f"not ({self.text(shows_ids=shows_ids)})"

    @cached_property
    def columns(self) -> frozenset[str]:
        """Those of its parts."""
        return frozenset().union(*(part.columns for part in self.parts))

    @cached_property
    def depth(self) -> int:
        """One more than its deepest part."""
        return 1 + max(part.depth for part in self.parts)


@dataclass(frozen=True, repr=False)
class And(_Joint):
    """Whom all of its parts select."""

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Hit whom all parts do."""
        return np.logical_and.reduce([part.hits(table) for part in self.parts])

    def text(self, *, shows_ids: bool = True) -> str:
        """Write its parts with ``and`` between them."""
        texts = ((part, part.text(shows_ids=shows_ids)) for part in self.parts)
        return " and ".join(f"({text})" if isinstance(part, Or) else text for part, text in texts)


@dataclass(frozen=True, repr=False)
class Or(_Joint):
    """Whom at least one of its parts selects."""

    def hits(self, table: pd.DataFrame) -> np.ndarray:
        """Hit whom any part does."""
        return np.logical_or.reduce([part.hits(table) for part in self.parts])

    def text(self, *, shows_ids: bool = True) -> str:
        """Write its parts with ``or`` between them."""
        return " or ".join(part.text(shows_ids=shows_ids) for part in self.parts)


def joined(kind: type[And] | type[Or], *given: Selection) -> Selection:
    """Join selections, flat, without those that change nothing."""
    neutral: Selection
    decisive: Selection
    neutral, decisive = (Everything(), Nothing()) if kind is And else (Nothing(), Everything())
    if decisive in given:
        return decisive
    flat = [p for part in given for p in (part.parts if isinstance(part, kind) else (part,)) if p != neutral]
    return kind(tuple(flat)) if len(flat) > 1 else flat[0] if flat else neutral


def _check_depth(selection: Selection) -> None:
    if selection.depth > MAX_DEPTH:
        raise SelectionError(f"the selection is nested more than {MAX_DEPTH} deep; write it flatter.")
