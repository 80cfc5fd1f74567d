"""A selection as plain dicts and lists, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.selection.conditions import Compare, Lasso, Missing, OneOf, Picked, Within
from payseg_widgets.views.selection.expression import (
    MAX_DEPTH,
    And,
    Everything,
    Not,
    Nothing,
    Or,
    Selection,
    joined,
)
from payseg_widgets.views.selection.grids import Grid
from payseg_widgets.views.selection.literals import clipped

#: Raised when the layout changes; an older one is still read.
VERSION = 1

_KINDS: dict[str, type[Selection]] = {
    kind.__name__.lower(): kind
    for kind in (And, Or, Not, Everything, Nothing, Compare, Within, OneOf, Missing, Picked, Lasso)
}


def as_json(selection: Selection) -> dict[str, Any]:
    """Return a selection as plain data under a version; each node names its kind and fields."""
    return {"version": VERSION, "selection": _plain(selection)}


def from_json(stored: Any) -> Selection:
    """Return the selection that `as_json` gave; every field is checked as if it were typed."""
    if not isinstance(stored, dict) or not {"version", "selection"} <= set(stored):
        raise SelectionError(
            f"{clipped(repr(stored))} is no stored selection: it needs 'version' and 'selection'."
        )
    if stored["version"] != VERSION:
        raise SelectionError(
            f"the selection was stored as version {clipped(repr(stored['version']))}, this package reads {VERSION}. "
            "Update payseg_widgets, or store str(selection) and read it with Selection.parse."
        )
    return _selection(stored["selection"], 0)


def _plain(value: Any) -> Any:
    if isinstance(value, Selection | Grid):
        kind = {} if isinstance(value, Grid) else {"kind": type(value).__name__.lower()}
        return {**kind, **{field.name: _plain(getattr(value, field.name)) for field in fields(value)}}  # type: ignore[arg-type]
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _selection(stored: Any, depth: int) -> Selection:
    if depth > MAX_DEPTH:
        raise SelectionError(f"the stored selection is nested more than {MAX_DEPTH} deep.")
    kind = _KINDS.get(str(stored.get("kind"))) if isinstance(stored, dict) else None
    if kind is None:
        raise SelectionError(f"{clipped(repr(stored))} is no stored condition. Kinds: {', '.join(_KINDS)}.")
    given = {name: value for name, value in stored.items() if name != "kind"}
    _check_fields(kind, given)
    if "part" in given:
        return ~_selection(given["part"], depth + 1)
    if "parts" in given:
        parts = [_selection(part, depth + 1) for part in _listed(given["parts"])]
        return joined(And if kind is And else Or, *parts)
    for name in given.keys() & {"x_grid", "y_grid"}:
        _check_fields(Grid, given[name])
        given[name] = Grid(**given[name])
    for name in given.keys() & {"values", "ids"}:
        given[name] = tuple(_listed(given[name]))
    if "polygon" in given:
        given["polygon"] = tuple(_corner(corner) for corner in _listed(given["polygon"]))
    return kind(**given)


def _check_fields(kind: type, given: Any) -> None:
    wanted = {field.name for field in fields(kind)}
    if not isinstance(given, dict) or set(given) != wanted:
        found = sorted(map(str, given)) if isinstance(given, dict) else given
        raise SelectionError(
            f"a stored {kind.__name__.lower()} has the fields {sorted(wanted)}, not {clipped(repr(found))}."
        )


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise SelectionError(f"{clipped(repr(value))} is not a list.")
    return list(value)


def _corner(stored: Any) -> tuple[Any, Any]:
    pair = _listed(stored)
    if len(pair) != 2:
        raise SelectionError(f"a corner of a lasso is a pair of cells, not {clipped(repr(stored))}.")
    return pair[0], pair[1]
