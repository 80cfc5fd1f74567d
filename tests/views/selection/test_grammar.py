"""What can be typed, what it means, and what is said of mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets import Selection, SelectionError
from payseg_widgets.views.selection import Grid, lasso, one_of
from payseg_widgets.views.selection.conditions import Compare, Missing, Within

A, B, C = Compare("a", ">", 1), Compare("b", "<", 2), Compare("c", "==", "x")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a > 1", A), ("a>1", A), ("1 < a", A), ("`a` > +1.0e0", A), ("\n a \t> 1 ", A),
        ("late_ratio > 40%", Compare("late_ratio", ">", 0.4)), ("x >= .5%", Compare("x", ">=", 0.005)),
        ("x == -12.5 %", None), ("x == -12.5%", Compare("x", "==", -0.125)),
        ("3 == n", Compare("n", "==", 3)), ("3 >= n", Compare("n", "<=", 3)), ("3 != n", Compare("n", "!=", 3)),
        ("c == 'x'", C), ('c == "x"', C), ("c in ('x')", C), ("c in ['x']", C),
        ("c in ('y', 'x', 'y')", one_of("c", ["x", "y"])), ("c not in (1, 2)", ~one_of("c", [1, 2])),
        ("a between 1 and 2", Within("a", 1, 2, True, True)), ("1 <= a < 2", Within("a", 1, 2)),
        ("2 > a >= 1", Within("a", 1, 2)), ("1 < a <= 2", Within("a", 1, 2, False, True)),
        ("a not between 1 and 2", ~Within("a", 1, 2, True, True)),
        ("a is missing", Missing("a")), ("a is not missing", ~Missing("a")),
        ("a is present", ~Missing("a")), ("a is not present", Missing("a")),
        ("a > 1 and b < 2 or c == 'x'", (A & B) | C), ("c == 'x' or a > 1 & b < 2", C | (A & B)),
        ("a > 1 and (b < 2 | c == 'x')", A & (B | C)), ("not a > 1 and b < 2", ~A & B),
        ("~(a > 1 & b < 2)", ~(A & B)), ("not not a > 1", A), ("A > 1 AND NOT b < 2", Compare("A", ">", 1) & ~B),
        ("a between 1 and 2 and b < 2", Within("a", 1, 2, True, True) & B),
        ("everything", Selection.everything()), ("a > 1 or NOTHING", A),
        ("customer_id == 'C1'", Selection.picked(["C1"])), ("customer_id != 'C1'", ~Selection.picked(["C1"])),
        ("customer_id not in ('C1', 'C2')", ~Selection.picked(["C2", "C1"])),
        (r"`it\`s \"odd\"` > 1", Compare('it`s "odd"', ">", 1)), (r"c == 'it\'s'", Compare("c", "==", "it's")),
        (r"c == '\u00e9\n\\'", Compare("c", "==", "é\n\\")), (r"c == '\ud83d\ude00'", Compare("c", "==", "😀")),
        ("lasso(a linear(0, 1, 9), `b b` log(1, 10, 5), (0 0, 4 -1, 1 1))",
         lasso(("a", Grid(0, 1, 9), [0, 4, 1]), ("b b", Grid(1, 10, 5, "log"), [0, -1, 1]))),
    ],
)  # fmt: skip
def test_a_selection_means_what_was_typed(typed, meant):
    if meant is None:
        with pytest.raises(SelectionError):
            Selection.parse(typed)
    else:
        assert Selection.parse(typed) == meant


def test_a_percent_sign_gives_the_double_nearest_to_the_decimal():
    for percent, value in (("40%", 0.4), ("0.1%", 0.001), ("7%", 0.07), ("110%", 1.1), ("57.3%", 0.573)):
        assert Selection.parse(f"a > {percent}").value == value


@pytest.mark.parametrize(
    ("typed", "place", "said"),
    [
        ("", 0, "expected a condition"), ("late_ratio > ", 13, "expected a number or a quoted text, found the end"),
        ("segment == C", 11, 'Did you mean "C"?'), ("x = 3", 2, "Did you mean '=='?"),
        ("late ratio > 4", 5, "backticks"), ("x iss missing", 2, "Did you mean 'is'?"),
        ("x is mising", 5, "Did you mean 'missing'?"), ("(a > 1", 6, "closing parenthesis"),
        ("a > 1)", 5, "expected 'and', 'or' or the end, found ')'"), ("a > 1 an b < 2", 6, "Did you mean 'and'?"),
        ("x == 'abc", 5, "never closed"), ("größe > 3", 2, "backticks"), ("in > 3", 0, "`in`"),
        ("'x' > 3", 0, "the column x"), ("a > 1 < 2", 6, "found '<'"), ("5 < x > 3", 6, "as before the column"),
        ("x in (1, 'a')", 0, "mixes texts and numbers"), ("x in (1, 2", 10, "',' or ')'"), ("x in ()", 6, "a number or a"),
        ("x between 5 and 1", 0, "no value lies from 5 up to 1"), ("x not 3", 6, "'in' or 'between'"),
        ("x > 'a'", 0, "compared with == and !="), ("x > 1e999", 4, "below 1.8e308"), (r"x == 'a\q'", 7, "backslash"),
        ("customer_id > 3", 12, "names the customers"), ("customer_id == 3", 15, "quoted text"),
        ("a > 1 and", 9, "found the end"), ("a > 1; b > 2", 5, "found ';'"), ("x == y", 5, "number or a quoted"),
        ("lasso(a cubic(0, 1, 9), b log(1, 2, 3), (0 0))", 8, "'linear' or 'log'"),
        ("lasso(a linear(0, 1), b log(1, 2, 3), (0 0))", 14, "ends of the axis"),
        ("lasso(a linear(0, 1, 9), b log(1, 2, 3), (0 0))", 0, "at least 3 corners"),
        ("lasso(a linear(0, 1, 9), b log(0, 2, 3), (0 0, 1 1, 2 2))", 0, "above 0"),
        ("lasso(a linear(0, 1, 9), b log(1, 2, 3), (0 0, 1 0.5, 2 2))", 0, "whole number"),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_in_its_place_with_what_was_expected(typed, place, said):
    with pytest.raises(SelectionError) as refused:
        Selection.parse(typed)
    message, line, caret = str(refused.value).split("\n")
    assert said in message
    assert f"at character {place + 1}:" in message
    assert refused.value.position == place
    assert caret.index("^") == 2 + place - (0 if not line.startswith("  …") else place - 37)


def test_of_a_long_text_only_the_surroundings_of_a_mistake_are_quoted():
    with pytest.raises(SelectionError) as refused:
        Selection.parse("a > 1 and " * 10_000 + "oh no" + " and a > 1" * 10_000)
    _, line, caret = str(refused.value).split("\n")
    assert len(line) < 80
    assert line[caret.index("^") :].startswith("no and")


def read_or_refused(text):
    try:
        return Selection.parse(text)
    except SelectionError as refused:
        return refused


def is_sound(text):
    found = read_or_refused(text)
    if isinstance(found, SelectionError):
        return found.position is not None and 0 <= found.position <= len(text)
    return Selection.parse(str(found)) == found


@given(st.text() | st.text(alphabet="ab><=!&|~()[]'\"`\\,.%+-e0123 \n"))
def test_any_text_is_a_selection_or_a_mistake_in_a_place(text):
    assert is_sound(text)


WORDS = "a late_ratio not and or in is missing between 1 0.4 40% 'C' ( ) , > <= == & | ~ lasso customer_id"


@given(st.lists(st.sampled_from(WORDS.split()), max_size=8))
def test_any_row_of_words_is_a_selection_or_a_mistake_in_a_place(words):
    assert is_sound(" ".join(words))


def test_only_texts_are_read():
    with pytest.raises(SelectionError, match="not from a int"):
        Selection.parse(3)
