"""Stored selections: the layout the page reads, and what was tampered with (round trips: test_expression.py)."""

from __future__ import annotations

import copy

import pytest

from payseg_widgets import Selection, SelectionError
from payseg_widgets.views.selection import Grid, lasso


def test_the_layout_is_plain_and_named():
    stored = Selection.parse("a > 40% and not s in ('x', 'y')").to_json()
    assert stored == {
        "version": 1,
        "selection": {
            "kind": "and",
            "parts": [
                {"kind": "compare", "column": "a", "operator": ">", "value": 0.4},
                {"kind": "not", "part": {"kind": "oneof", "column": "s", "values": ["x", "y"]}},
            ],
        },
    }
    axis = {"low": 0.0, "high": 1.0, "n": 9, "scale": "linear"}
    assert lasso(("a", Grid(0, 1, 9), [0, 4, 0]), ("b", Grid(0, 1, 9), [0, 0, 4])).to_json()["selection"] == {
        "kind": "lasso", "x": "a", "x_grid": axis, "y": "b", "y_grid": axis, "polygon": [[0, 0], [4, 0], [0, 4]],
    }  # fmt: skip


WHOLE = (
    Selection.parse("a > 1 and 1 <= b < 2 and s in ('x', 'y') and (c is missing or customer_id == 'C1')")
    | ~lasso(("a", Grid(0, 1, 9), [0, 4, 0]), ("b", Grid(1, 2, 9, "log"), [0, 0, 4]))
).to_json()


def _places(node, path=()):
    yield path
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in steps:
        yield from _places(inner, (*path, key))


@pytest.mark.parametrize("path", [p for p in _places(WHOLE) if p], ids=str)
@pytest.mark.parametrize("wrong", [None, [[[]]], {"kind": "open"}, 1e999], ids=repr)
def test_whatever_is_put_in_a_stored_selection_it_is_refused_in_words(path, wrong):
    stored = copy.deepcopy(WHOLE)
    node = stored
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = wrong
    with pytest.raises(SelectionError):
        Selection.from_json(stored)


@pytest.mark.parametrize("path", [p for p in _places(WHOLE) if p and isinstance(p[-1], str)], ids=str)
def test_a_field_that_is_gone_is_missed(path):
    stored = copy.deepcopy(WHOLE)
    node = stored
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    with pytest.raises(SelectionError):
        Selection.from_json(stored)


def test_a_later_version_says_to_update():
    with pytest.raises(SelectionError, match=r"version 2, this package reads 1.*Update"):
        Selection.from_json({"version": 2, "selection": {}})
    with pytest.raises(SelectionError, match="needs 'version'"):
        Selection.from_json("a > 1")
