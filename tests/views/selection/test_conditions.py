"""Single conditions: whom they select, what they refuse, and that a box of cells is an interval of values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selection_strategies import COLUMNS, SCALES, SIZES, around_edges

from payseg_widgets import Selection, SelectionError
from payseg_widgets.views.selection import Grid, box, lasso, lasso_hits, one_of
from payseg_widgets.views.selection.conditions import Compare, Lasso, Picked, Within


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("late_ratio > 0.4", "C1 C5"), ("late_ratio >= 0.4", "C1 C2 C5"), ("late_ratio < 40%", "C3"),
        ("late_ratio <= 0.4", "C2 C3"), ("late_ratio == 1", "C5"), ("late_ratio != 1", "C1 C2 C3"),
        ("not late_ratio > 0.4", "C2 C3 C4"), ("0.39 <= late_ratio < 0.5", "C2 C3"),
        ("0.39 < late_ratio <= 0.5", "C1 C2"), ("late_ratio in (1, 0.5)", "C1 C5"),
        ("mean_days_late is missing", "C4"), ("mean_days_late is present", "C1 C2 C3 C5"),
        ("segment == 'C'", "C1 C3 C5"), ("segment != 'C'", "C2 C4"), ("segment in ('A', 'B', 'Z')", "C2 C4"),
        ("region == 'Wales'", "C1 C4"), ("region != 'Wales'", "C2 C5"), ("region not in ('Wales', 'London')", "C2 C3"),
        ("region is missing", "C3"), ("n_invoices >= 20 and region is present", "C2"),
        ("customer_id in ('C1', 'C9')", "C1"), ("everything", "C1 C2 C3 C4 C5"), ("nothing", ""),
    ],
)  # fmt: skip
def test_each_condition_selects_whom_one_finds_by_hand(customers, typed, wanted):
    assert Selection.parse(typed).customers(customers).tolist() == wanted.split()


@pytest.mark.parametrize("kind", ["int64", "Int64", "Float64", "object", "category", "float32"])
def test_numbers_are_numbers_in_any_column(kind):
    table = pd.DataFrame({"n": pd.Series([1, 2, 3]).astype(kind)})
    assert Selection.parse("n >= 2").apply(table).tolist() == [False, True, True]
    assert one_of("n", [1, 3]).apply(table).tolist() == [True, False, True]


def test_missing_values_of_any_kind_are_missing_and_compare_false():
    table = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "t": pd.Series(["x", None], dtype=object)})
    table["c"] = pd.Categorical(["x", None])
    for typed in ("n == 1", "n != 2", "t == 'x'", "t != 'y'", "c == 'x'", "c != 'y'", "t is present"):
        assert Selection.parse(typed).apply(table).tolist() == [True, False], typed


def test_a_column_with_nothing_in_it_compares_with_anything():
    table = pd.DataFrame({"f": [np.nan], "o": [None], "c": pd.Categorical([None])})
    for column in table:
        assert Selection.parse(f"{column} > 1 or {column} == 'x' or {column} != 'x'").customers(table).empty


def test_infinite_values_are_greater_than_any_number():
    table = pd.DataFrame({"n": [np.inf, -np.inf]})
    assert Selection.parse("n > 1e308").apply(table).tolist() == [True, False]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("late_ration > 0.4", "no column is called 'late_ration'. Did you mean 'late_ratio'?"),
        ("zzzz > 0.4", "There are: late_ratio, mean_days_late"),
        ("region > 0.4", "column 'region' holds text, which cannot be compared with a number"),
        ("segment == 2", "column 'segment' holds text"),
        ("late_ratio == 'x'", "column 'late_ratio' holds number, which cannot be compared with a text"),
        ("since > 3", "column 'since' holds dates"), ("since == '2024-01-01'", "column 'since' holds dates"),
        ("both == 'x'", "column 'both' holds mixed"), ("twice > 1", "2 columns are called 'twice'"),
    ],
)  # fmt: skip
def test_a_column_that_does_not_fit_is_named_with_what_to_do(customers, typed, said):
    table = customers.assign(since=pd.Timestamp("2024-01-01"), both=["x", 1, "y", 2, 3])
    table = pd.concat([table, pd.DataFrame(np.ones((5, 2)), table.index, ["twice", "twice"])], axis=1)
    with pytest.raises(SelectionError) as refused:
        Selection.parse(typed).apply(table)
    assert said in str(refused.value)


def test_what_is_no_table_is_refused():
    with pytest.raises(SelectionError, match="not to a Series"):
        Selection.parse("a > 1").apply(pd.Series([1]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Compare("a", ">", np.nan), lambda: Compare("a", ">", 10**400), lambda: Compare("a", "~", 1),
        lambda: Compare("", ">", 1), lambda: Compare(3, ">", 1), lambda: Compare("customer_id", ">", 1),
        lambda: Compare("a", ">", None), lambda: Compare("a", "==", "\ud800"), lambda: Picked(("\udfff",)),
        lambda: Within("a", 0, np.inf), lambda: Within("a", 0, 1, 1, 0),
        lambda: one_of("a", [1, "b"]), lambda: Picked(()), lambda: Picked((1.5,)),
        lambda: box(("a", Grid(0, 1, 9), (3, 2))), lambda: box(("a", Grid(0, 1, 9), (0, 9))),
        lambda: box(("a", Grid(0, 1, 9), (-1, 2))), lambda: box(("a", Grid(0, 1, 9), (0.5, 2))),
        lambda: lasso(("a", Grid(0, 1), [0, 1]), ("b", Grid(0, 1), [0, 1])),
        lambda: lasso(("a", Grid(0, 1), [0, 1, 2]), ("b", Grid(0, 1), [0, 1])),
        lambda: lasso(("a", Grid(0, 1), [0, 1, 2**17]), ("b", Grid(0, 1), [0, 1, 2])),
        lambda: Lasso("a", Grid(0, 1), "b", "grid", ((0, 0), (1, 1), (2, 2))),
    ],
)  # fmt: skip
def test_an_impossible_condition_cannot_be_made(make):
    with pytest.raises(SelectionError):
        make()


@given(COLUMNS, SIZES, SCALES, st.data())
def test_a_box_of_cells_and_its_values_select_the_same_customers(column, n, scale, data):
    grid = Grid.of(column, n=n, scale=scale)
    first, last = sorted(data.draw(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))))
    values = np.concatenate([column, around_edges(grid, [first, first + 1, last, last + 1, 0, n])])
    codes = grid.encode(values)
    brushed = box(("a", grid, (first, last)))
    assert (
        brushed.apply(pd.DataFrame({"a": values})).tolist() == ((codes >= first) & (codes <= last)).tolist()
    )


def test_a_box_over_two_columns_is_both_intervals():
    days, share = Grid(0, 10, n=5), Grid(0, 1, n=4)
    table = pd.DataFrame({"days": [2, 5.9, 6, 10, 3], "share": [0.5, 1, 0.7, 1, 0.4]})
    brushed = box(("days", days, (1, 2)), ("share", share, (2, 3)))
    assert brushed.apply(table).tolist() == [True, True, False, False, False]
    corner = box(("days", days, (4, 4)), ("share", share, (3, 3)))
    assert corner.apply(table).tolist() == [False, False, False, True, False]


@given(COLUMNS, COLUMNS, SCALES, st.lists(st.tuples(st.integers(-9, 60), st.integers(-9, 60)), min_size=3))
def test_a_lasso_selects_in_a_table_what_it_hits_in_codes(x, y, scale, polygon):
    n = min(len(x), len(y))
    x_grid, y_grid = Grid.of(x, n=50, scale=scale), Grid.of(y, n=50)
    across, up = zip(*polygon, strict=True)
    found = lasso(("x", x_grid, across), ("y", y_grid, up)).apply(pd.DataFrame({"x": x[:n], "y": y[:n]}))
    assert found.tolist() == lasso_hits(x_grid.encode(x[:n]), y_grid.encode(y[:n]), polygon).tolist()


def test_a_lasso_keeps_its_axes_when_the_table_changes():
    grid = Grid.of([0.0, 10.0], n=10)
    square = lasso(("x", grid, [2, 5, 5, 2]), ("y", grid, [2, 2, 5, 5]))
    later = pd.DataFrame({"x": [2.0, 4.99, 5.0, 1000.0], "y": [2.0, 4.0, 4.0, 3.0]})
    assert square.apply(later).tolist() == [True, True, False, False]


def test_whole_numbers_of_numpy_are_cells_and_ids():
    corners = np.array([0, 4, 0]), np.array([0, 0, 4])
    found = lasso(("a", Grid(0, 1, 9), corners[0]), ("b", Grid(0, 1, 9), corners[1]))
    assert found.polygon == ((0, 0), (4, 0), (0, 4))
    assert Selection.picked(np.array([3, 1])) == Selection.picked(["1", "3"])
