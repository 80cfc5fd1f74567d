"""Read a selection as it is typed: tokens, then recursive descent along the grammar of the package's docstring."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.selection.conditions import Compare, Lasso, Missing, Within, one_of
from payseg_widgets.views.selection.expression import MAX_DEPTH, And, Or, Selection, joined
from payseg_widgets.views.selection.grids import Grid
from payseg_widgets.views.selection.literals import IDS, KEYWORDS, Value, column_text, quoted

Item = TypeVar("Item")

# A quote that is never closed matches as `open`, so that its own place can be named.
_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
      (?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+|%)?)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>`(?:[^`\\]|\\.)*`)
    | (?P<open>["'`])
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>==|!=|>=|<=|[<>&|~(),\[\]])
    | (?P<end>\Z)
    | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"""\\(?:["'`\\/bfnrt]|u[0-9A-Fa-f]{4})|(\\)|([^\\]+)""", re.DOTALL)
_SIGNS = {"&": "and", "|": "or", "~": "not"}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
_AFTER_A_COLUMN = (*_MIRRORED, "in", "is", "between", "not in")
#: Characters of the text shown on each side of a mistake.
_SHOWN = 36


@dataclass(frozen=True)
class Token:
    """A piece of the text: what it is, what it says, where it starts."""

    kind: str
    text: str
    start: int


def parsed(text: str) -> Selection:
    """Return the selection a text describes; see `Selection.parse`."""
    if not isinstance(text, str):
        raise SelectionError(f"a selection is read from a text, not from a {type(text).__name__}.")
    return _Reader(text).selection()


class _Reader:
    def __init__(self, text: str) -> None:
        self._source = text
        self._tokens = self._scan()
        self._now = next(self._tokens)
        self._open = 0

    def selection(self) -> Selection:
        found = self._any()
        if self._now.kind != "end":
            raise self._wrong("'and', 'or' or the end", ("and", "or"))
        return found

    def _any(self) -> Selection:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return joined(Or, *parts)

    def _all(self) -> Selection:
        parts = [self._negation()]
        while self._take("and"):
            parts.append(self._negation())
        return joined(And, *parts)

    def _negation(self) -> Selection:
        negated = False
        while self._take("not"):
            negated = not negated
        if self._take("("):
            self._open += 1
            if self._open > MAX_DEPTH:
                raise self._wrong(f"at most {MAX_DEPTH} parentheses inside each other")
            found = self._any()
            self._need(")", "'and', 'or' or a closing parenthesis")
            self._open -= 1
        else:
            found = self._condition()
        return ~found if negated else found

    def _condition(self) -> Selection:
        start = self._now
        if self._take("everything"):
            return Selection.everything()
        if self._take("nothing"):
            return Selection.nothing()
        if self._take("lasso"):
            return self._checked(start, self._lasso)
        if start.kind == "number":
            return self._checked(start, self._chain)
        column = self._column("a condition such as late_ratio > 0.4")
        return self._checked(start, lambda: self._on_ids() if column == IDS else self._on_column(column))

    def _on_column(self, column: str) -> Selection:
        operator = self._now.text
        if self._take(*_MIRRORED):
            return Compare(column, operator, self._value())
        if self._take("is"):
            negated = self._take("not")
            present = self._now.text.lower() == "present"
            self._need_one_of(("missing", "present"))
            missing = Missing(column)
            return ~missing if negated != present else missing
        negated = self._take("not")
        if self._take("in"):
            found = one_of(column, self._list(self._value))
        elif self._take("between"):
            low = self._number()
            self._need("and", "'and'")
            found = Within(column, low, self._number(), with_high=True)
        elif negated:
            raise self._wrong("'in' or 'between'", ("in", "between"))
        else:
            hint = " A column name with spaces or odd characters goes in backticks: `late share` > 0.4."
            raise self._wrong(
                f"a comparison ({', '.join(_MIRRORED)}, in, is missing, between)", _AFTER_A_COLUMN, hint
            )
        return ~found if negated else found

    def _on_ids(self) -> Selection:
        operator = self._now.text
        if self._take("==", "!="):
            found = Selection.picked([self._text()])
            return ~found if operator == "!=" else found
        negated = self._take("not")
        self._need("in", "'in', '==' or '!=', since customer_id names the customers")
        found = Selection.picked(self._list(self._text))
        return ~found if negated else found

    def _chain(self) -> Selection:
        low = self._number()
        left = self._operator()
        column = self._column("a column")
        if self._now.text not in ("<", "<=", ">", ">=") or left in ("==", "!="):
            return Compare(column, _MIRRORED[left], low)
        if self._now.text[0] != left[0]:
            raise self._wrong(f"'{left[0]}' or '{left[0]}=', as before the column")
        right = self._operator()
        high = self._number()
        if left[0] == ">":
            low, left, right, high = high, right, left, low
        return Within(column, low, high, "=" in left, "=" in right)

    def _lasso(self) -> Selection:
        self._need("(", "'('")
        x, x_grid = self._column("a column"), self._grid()
        self._need(",", "','")
        y, y_grid = self._column("a column"), self._grid()
        self._need(",", "','")
        corners = self._list(lambda: (self._number(), self._number()))
        self._need(")", "')'")
        return Lasso(x, x_grid, y, y_grid, tuple(corners))  # type: ignore[arg-type]  # cells are checked there

    def _grid(self) -> Grid:
        scale = self._now.text.lower()
        self._need_one_of(("linear", "log"))
        start = self._now
        ends = self._list(self._number)
        if len(ends) != 3 or not ends[2].is_integer():
            raise self._error(
                start, "expected the ends of the axis and its whole number of cells: linear(0, 1, 65535)."
            )
        return Grid(ends[0], ends[1], int(ends[2]), scale)

    def _list(self, item: Callable[[], Item]) -> list[Item]:
        closing = "]" if self._now.text == "[" else ")"
        if not self._take("(", "["):
            raise self._wrong("a list in parentheses")
        items = [item()]
        while self._take(","):
            items.append(item())
        self._need(closing, f"',' or '{closing}'")
        return items

    def _column(self, wanted: str) -> str:
        token = self._now
        if token.kind == "name":
            self._advance()
            return _unquoted(token.text)
        if token.kind != "word" or token.text.lower() in KEYWORDS:
            hint = ""
            if token.kind == "text":
                hint = f" Did you mean the column {column_text(_unquoted(token.text))[:_SHOWN]}?"
            elif token.kind == "word":
                hint = f" {token.text!r} is a word of the language; a column of that name goes in backticks: `{token.text}`."
            raise self._wrong(wanted, (), hint)
        self._advance()
        return token.text

    def _value(self) -> Value:
        return self._text() if self._now.kind == "text" else self._number("a number or a quoted text")

    def _text(self) -> str:
        token = self._now
        if token.kind != "text":
            raise self._wrong("a quoted text", (), self._quotes_hint())
        self._advance()
        return _unquoted(token.text)

    def _number(self, wanted: str = "a number") -> float:
        token = self._now
        if token.kind != "number":
            raise self._wrong(wanted, (), self._quotes_hint() if "text" in wanted else "")
        value = float(token.text[:-1] + "e-2" if token.text.endswith("%") else token.text)
        if value in (float("inf"), float("-inf")):
            raise self._wrong("a number below 1.8e308")
        self._advance()
        return value

    def _operator(self) -> str:
        operator = self._now.text
        if not self._take(*_MIRRORED):
            raise self._wrong(f"a comparison ({', '.join(_MIRRORED)})", tuple(_MIRRORED))
        return operator

    def _quotes_hint(self) -> str:
        return (
            f" Did you mean {quoted(self._now.text[:_SHOWN])}?" if self._now.kind in ("word", "name") else ""
        )

    def _take(self, *wanted: str) -> bool:
        token = self._now
        word = _SIGNS.get(token.text, token.text.lower() if token.kind == "word" else token.text)
        if token.kind in ("word", "sign") and word in wanted:
            self._advance()
            return True
        return False

    def _need(self, wanted: str, called: str) -> None:
        if not self._take(wanted):
            raise self._wrong(called, (wanted,))

    def _need_one_of(self, wanted: tuple[str, ...]) -> None:
        if not self._take(*wanted):
            raise self._wrong(" or ".join(map(repr, wanted)), wanted)

    def _advance(self) -> None:
        self._now = next(self._tokens)

    def _scan(self) -> Iterator[Token]:
        place = 0
        while True:
            match = _TOKEN.match(self._source, place)
            assert match and match.lastgroup  # noqa: S101, PT018  `other` and `end` match anything
            token = Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
            if token.kind == "open":
                raise self._error(token, f"the {token.text} is never closed.")
            if token.kind in ("text", "name"):
                for escape in _ESCAPE.finditer(token.text):
                    if escape[1]:
                        at = Token("other", escape[1], token.start + escape.start())
                        raise self._error(at, r"a backslash is written \\ inside quotes.")
            yield token
            place = match.end()

    def _checked(self, start: Token, read: Callable[[], Selection]) -> Selection:
        """Name the place of a condition that is well written and still impossible."""
        try:
            return read()
        except SelectionError as error:
            if error.position is not None:
                raise
            raise self._error(start, str(error)) from None

    def _wrong(self, wanted: str, words: tuple[str, ...] = (), hint: str = "") -> SelectionError:
        token = self._now
        marks = "" if token.kind in ("text", "name") else "'"
        found = f"{marks}{token.text[:_SHOWN]}{marks}" if token.kind != "end" else "the end"
        close = difflib.get_close_matches(token.text[:_SHOWN].lower(), words, n=1, cutoff=0.6)
        if token.text == "=":
            close = ["=="]
        elif token.kind == "other" and not hint and token.text.isalpha():
            hint = " A column name with spaces or odd characters goes in backticks."
        if close:
            hint = f" Did you mean {close[0]!r}?"
        return self._error(token, f"expected {wanted}, found {found}.{hint}")

    def _error(self, token: Token, message: str) -> SelectionError:
        first = max(token.start - _SHOWN, 0)
        shown = self._source[first : token.start + _SHOWN]
        line = "".join(c if c.isprintable() else " " for c in shown)
        before = "…" if first else ""
        after = "…" if token.start + _SHOWN < len(self._source) else ""
        caret = " " * (len(before) + token.start - first) + "^"
        place = f"cannot read the selection at character {token.start + 1}"
        return SelectionError(f"{place}: {message}\n  {before}{line}{after}\n  {caret}", token.start)


def _unquoted(token: str) -> str:
    r"""Return what stands between quotes, escapes resolved.

    >>> _unquoted(r"'it\'s'"), _unquoted('"caf\\u00e9"')
    ("it's", 'café')
    """
    inner = re.sub(r"\\.", lambda escape: escape[0][1] if escape[0][1] in "'`" else escape[0], token[1:-1])
    inner = re.sub(r'(\\.)|"', lambda found: found[1] or r"\"", inner, flags=re.DOTALL)
    text: str = json.loads(f'"{inner}"', strict=False)
    return text
