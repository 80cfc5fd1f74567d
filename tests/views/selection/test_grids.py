"""Cells of an axis and lassos over them, held to the definitions written out plainly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selection_strategies import COLUMNS, SCALES, SIZES, around_edges

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.selection import NO_CELL, Grid, lasso_hits


def by_definition(grid, values):
    codes = np.clip(np.searchsorted(grid.edges, values, side="right") - 1, 0, grid.n - 1)
    with np.errstate(invalid="ignore"):
        return np.where((values >= grid.low) & (values <= grid.high), codes, NO_CELL).astype(np.uint16)


@given(COLUMNS, SIZES, SCALES, st.lists(st.integers(0, 65_535), min_size=1, max_size=40))
def test_the_code_is_the_one_searchsorted_finds_on_edges_beside_them_and_anywhere(column, n, scale, picks):
    grid = Grid.of(column, n=n, scale=scale)
    inside = np.random.default_rng(0).uniform(0, 1, 50)
    spread = grid.low + (grid.high / 2 - grid.low / 2) * inside * 2
    for values in (column, around_edges(grid, picks), spread):
        np.testing.assert_array_equal(grid.encode(values), by_definition(grid, values))


@given(COLUMNS, SIZES, SCALES)
def test_the_axis_of_a_column_shows_every_value_it_can_and_its_edges_increase(column, n, scale):
    grid = Grid.of(column, n=n, scale=scale)
    assert (np.diff(grid.edges) > 0).all()
    assert grid.edges[0] == grid.low
    assert grid.edges[-1] == grid.high
    least = np.finfo(float).tiny if scale == "log" else -np.inf
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(grid.encode(column) != NO_CELL, np.isfinite(column) & (column >= least))


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize(
    ("low", "high"), [(1e-300, 1e300), (1.0, 1.0 + 1e-9), (2.3e-308, 3e-308), (0.5, 1.7e308), (3.0, 700.0)]
)
def test_every_edge_and_both_its_neighbours_get_their_code(low, high, scale):
    grid = Grid.of([low, high], scale=scale)
    values = around_edges(grid, np.arange(grid.n + 1))
    np.testing.assert_array_equal(grid.encode(values), by_definition(grid, values))


def test_a_width_that_overflows_still_has_cells():
    most = np.finfo(float).max
    grid = Grid.of([-most, most], n=4)
    np.testing.assert_allclose(grid.edges, [-most, -most / 2, 0.0, most / 2, most], rtol=1e-15)
    assert grid.encode([-most, -1.0, 0.0, most]).tolist() == [0, 1, 2, 3]


def test_linear_edges_are_those_of_linspace_and_logarithmic_ones_double_by_hand():
    np.testing.assert_array_equal(Grid(0.1, 7.3).edges, np.linspace(0.1, 7.3, 65_536))
    np.testing.assert_allclose(Grid(1, 16, n=4, scale="log").edges, [1, 2, 4, 8, 16], rtol=1e-15)


def test_a_constant_column_gets_a_width_and_an_empty_one_an_axis():
    assert Grid.of([7.0, 7.0, np.nan]) == Grid(5.25, 8.75)
    assert Grid.of([0.0]) == Grid(-0.5, 0.5)
    assert Grid.of([np.nan, np.inf]) == Grid.of([]) == Grid(0, 1)
    assert Grid.of([-1.0, 0.0], scale="log") == Grid(1, 10, scale="log")


def test_denormal_values_are_told_from_zero_by_no_cell_but_stay_on_the_axis():
    grid = Grid.of([0.0, 5e-324])
    assert NO_CELL not in grid.encode([0.0, 5e-324])
    assert Grid.of([5e-324, 1.0], scale="log").encode([5e-324]).tolist() == [NO_CELL]


def test_missing_infinite_and_outside_values_have_no_cell():
    codes = Grid(1, 10, scale="log").encode([np.nan, np.inf, -np.inf, 0.0, -1.0, 0.99, 10.01])
    assert set(codes.tolist()) == {NO_CELL}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((1.0, 1.0), "two increasing"), ((0.0, np.inf), "not a finite"), ((np.nan, 1.0), "not a finite"),
        ((2.0, 1.0), "two increasing"),
        ((0.0, 1.0, 0), "n=0"), ((0.0, 1.0, 65_536), "n=65536"), ((0.0, 1.0, True), "n=True"),
        ((0.0, 1.0, 5, "cubic"), "'cubic'"), ((0.0, 1.0, 5, "log"), "above 0"), ((1.0, 1.0 + 1e-15), "too narrow"),
    ],
)  # fmt: skip
def test_an_impossible_axis_is_refused_with_what_to_give(arguments, said):
    with pytest.raises(SelectionError, match=said):
        Grid(*arguments)


def plainly_inside(x, y, polygon):
    """Even-odd rule in exact fractions, as the contract writes it."""
    odd = False
    for (xi, yi), (xj, yj) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (yi > y) != (yj > y) and x < Fraction((xj - xi) * (y - yi), yj - yi) + xi:
            odd = not odd
    return odd


CORNERS = st.lists(st.tuples(st.integers(-3, 12), st.integers(-3, 12)), min_size=1, max_size=8)
FAR_CORNERS = st.lists(
    st.tuples(st.integers(-131_071, 131_071), st.integers(-131_071, 131_071)), min_size=3, max_size=8
)


@given(CORNERS)
def test_a_lasso_hits_the_cells_that_exact_fractions_say(polygon):
    x, y = (codes.ravel().astype(np.uint16) for codes in np.meshgrid(np.arange(11), np.arange(11)))
    wanted = [plainly_inside(int(a), int(b), polygon) for a, b in zip(x, y, strict=True)]
    assert lasso_hits(x, y, polygon).tolist() == wanted


@given(FAR_CORNERS, st.lists(st.tuples(st.integers(0, 65_534), st.integers(0, 65_534)), min_size=1))
def test_a_lasso_over_the_whole_range_of_cells_is_exact(polygon, points):
    x, y = np.array(points, dtype=np.uint16).T
    assert lasso_hits(x, y, polygon).tolist() == [plainly_inside(a, b, polygon) for a, b in points]


@given(CORNERS, CORNERS)
def test_a_lasso_cut_in_three_hits_the_same_cells_modulo_two(first, second):
    """Sides are half open, so no cell on a cut is hit twice or never."""
    x, y = (codes.ravel().astype(np.uint16) for codes in np.meshgrid(np.arange(11), np.arange(11)))
    (a, b), (c, d) = (first[0], first[-1]), (second[0], second[-1])
    whole = lasso_hits(x, y, first + second)
    bridge = lasso_hits(x, y, [a, b, c, d])
    np.testing.assert_array_equal(lasso_hits(x, y, first) ^ lasso_hits(x, y, second) ^ bridge, whole)


def test_no_lasso_hits_what_has_no_cell():
    everywhere = [(-1, -1), (70_000, -1), (70_000, 70_000), (-1, 70_000)]
    x = np.array([NO_CELL, 0, 65_534], dtype=np.uint16)
    assert lasso_hits(x, x[::-1].copy(), everywhere).tolist() == [False, True, False]
    assert lasso_hits(x, np.zeros(3, dtype=np.uint16), everywhere).tolist() == [False, True, True]
