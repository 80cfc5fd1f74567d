"""Selections as values: their algebra, and every way out and back in."""

from __future__ import annotations

import json
import pickle

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selection_strategies import SELECTIONS, TABLES

from payseg_widgets import Selection, SelectionError
from payseg_widgets.views.selection import Grid, lasso, one_of
from payseg_widgets.views.selection.expression import MAX_DEPTH


def same(a, b, table):
    pd.testing.assert_series_equal(a.apply(table), b.apply(table))


@given(SELECTIONS, SELECTIONS, SELECTIONS, TABLES)
def test_selections_are_a_boolean_algebra_missing_values_or_not(a, b, c, table):
    same(~(a & b), ~a | ~b, table)
    same(~(a | b), ~a & ~b, table)
    same(a & (b | c), (a & b) | (a & c), table)
    same(a | (b & c), (a | b) & (a | c), table)
    same(a & b, b & a, table)
    same(a | b, b | a, table)
    same(a & ~a, Selection.nothing(), table)
    same(a | ~a, Selection.everything(), table)
    same(a - b, a & ~b, table)
    assert ~~a == a


@given(SELECTIONS, SELECTIONS, SELECTIONS)
def test_what_changes_nothing_is_left_out_and_brackets_of_the_same_kind_too(a, b, c):
    assert a & Selection.everything() == Selection.everything() & a == a
    assert a | Selection.nothing() == Selection.nothing() | a == a
    assert a & Selection.nothing() == Selection.nothing()
    assert a | Selection.everything() == Selection.everything()
    assert (a & b) & c == a & (b & c)
    assert (a | b) | c == a | (b | c)


@given(SELECTIONS, TABLES)
def test_each_operator_is_the_one_of_numpy_on_the_parts(a, table):
    b = Selection.parse("late_ratio >= 0.5")
    x, y = a.apply(table), table["late_ratio"] >= 0.5
    assert (a & b).apply(table).tolist() == (x & y).tolist()
    assert (a | b).apply(table).tolist() == (x | y).tolist()
    assert (~a).apply(table).tolist() == (~x).tolist()


@given(SELECTIONS)
def test_every_way_out_leads_back_exactly(a):
    assert Selection.parse(str(a)) == a
    assert Selection.from_json(json.loads(json.dumps(a.to_json()))) == a
    assert pickle.loads(pickle.dumps(a)) == a
    assert eval(a.to_code(), {"Selection": Selection}) == a
    assert hash(Selection.parse(str(a))) == hash(a)
    assert str(Selection.parse(str(a))) == str(a)
    assert len(repr(a)) <= 110
    assert len(repr(a).splitlines()) == 1


@given(SELECTIONS, TABLES, st.randoms())
def test_the_same_customers_are_selected_in_any_order_of_rows(a, table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    assert set(a.customers(table.iloc[order])) == set(a.customers(table))
    pd.testing.assert_series_equal(a.apply(table.iloc[order]), a.apply(table).iloc[order])


def test_a_selection_is_saved_and_loaded(tmp_path):
    kept = Selection.parse("late_ratio > 0.1 and region == '\\u00e9😀'") | Selection.picked(["C1", 7])
    assert Selection.load(kept.save(tmp_path / "late.json")) == kept


def test_a_file_that_holds_no_selection_is_refused(tmp_path):
    with pytest.raises(SelectionError, match="No such file"):
        Selection.load(tmp_path / "none.json")
    with pytest.raises(SelectionError, match="cannot write"):
        Selection.everything().save(tmp_path / "no" / "folder.json")
    (tmp_path / "text.json").write_bytes(b"\xff late_ratio > 0.4")
    with pytest.raises(SelectionError, match="not JSON"):
        Selection.load(tmp_path / "text.json")
    (tmp_path / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(SelectionError, match="not JSON"):
        Selection.load(tmp_path / "deep.json")


def test_a_selection_applies_to_a_table_with_a_row_or_none_and_is_aligned_with_it(customers):
    late = Selection.parse("late_ratio > 0.4")
    pd.testing.assert_series_equal(
        late.apply(customers),
        pd.Series([True, False, False, False, True], index=customers.index, name="is_selected"),
    )
    assert late.apply(customers.iloc[:1]).tolist() == [True]
    empty = late.apply(customers.iloc[:0])
    assert empty.dtype == bool
    assert len(empty) == 0
    assert late.customers(customers.iloc[:0]).tolist() == []
    assert Selection.everything().apply(pd.DataFrame(index=["a"])).tolist() == [True]


def test_ids_come_from_the_index_or_from_a_column_of_that_name(customers):
    picked = Selection.picked(["C2", "C5", "C99"])
    assert picked.customers(customers).tolist() == ["C2", "C5"]
    assert picked.customers(customers.reset_index()).tolist() == ["C2", "C5"]
    numbered = pd.DataFrame({"late_ratio": [1.0, 0.0]}, index=[10, 20])
    assert Selection.picked([20]).customers(numbered).tolist() == ["20"]


def test_columns_are_those_it_needs(customers):
    everywhere = Selection.parse("a > 1 and (b is missing or not c in ('x', 'y')) and customer_id == 'C1'")
    everywhere |= lasso(("d", Grid(0, 1), [0, 1, 2]), ("e", Grid(0, 1), [0, 1, 2]))
    assert everywhere.columns == {"a", "b", "c", "d", "e"}


def test_a_repr_tells_no_customer_and_str_does():
    known = Selection.parse("customer_id in ('C1', 'C2') and name == 'Acorn Foods' and segment == 'C'")
    assert repr(known) == 'Selection(customer_id in (2 ids) and name == (1 text) and segment == "C")'
    assert repr(~known).startswith("Selection(not (customer_id in (2 ids)")
    assert "Acorn Foods" in str(known)
    assert "C2" in known.to_code()


def test_a_long_selection_has_a_short_repr_and_code_of_short_lines():
    many = one_of("n_invoices", range(500))
    assert len(repr(many)) == 110
    assert max(map(len, many.to_code().splitlines())) <= 110


def test_names_of_a_million_characters_do_no_harm(customers):
    long = Selection.parse(f"`{'x ' * 500_000}` > 1")
    assert Selection.parse(str(long)) == long
    assert len(repr(long)) <= 110
    with pytest.raises(SelectionError) as refused:
        long.apply(customers.assign(**{"y" * 1_000_000: 1}))
    assert len(str(refused.value)) < 400


def test_a_selection_is_no_boolean_and_joins_selections_only():
    a = Selection.parse("late_ratio > 0.4")
    with pytest.raises(SelectionError, match="join with &"):
        bool(a)
    for join in (lambda: a & True, lambda: a | "b > 1", lambda: a - 1):
        with pytest.raises(TypeError):
            join()


def test_nesting_has_a_bottom_wherever_it_comes_from():
    a, deep = Selection.parse("a > 1"), Selection.parse("b > 1")
    for _ in range(MAX_DEPTH // 2):
        deep = (deep & a) | a
    assert Selection.parse(str(deep)) == deep
    with pytest.raises(SelectionError, match="100 deep"):
        deep & a
    with pytest.raises(SelectionError, match="100 parentheses"):
        Selection.parse("(" * 101 + "a > 1" + ")" * 101)
    stored = a.to_json()
    for _ in range(2_000):
        stored = {"version": 1, "selection": {"kind": "not", "part": stored["selection"]}}
    with pytest.raises(SelectionError, match="100 deep"):
        Selection.from_json(stored)
    assert Selection.parse("not " * 10_001 + "a > 1") == ~a


def test_a_selection_cannot_be_changed():
    with pytest.raises(AttributeError):
        Selection.parse("a > 1").value = 2


def test_hits_never_write_into_the_table(customers):
    before = customers.copy()
    Selection.parse("late_ratio > 0.4 and region != 'Wales' or segment in ('A', 'B')").apply(customers)
    pd.testing.assert_frame_equal(customers, before)
