"""Figures in a grid."""

from __future__ import annotations

from payseg_widgets.views.grid import figure_grid
from payseg_widgets.views.theme import new_figure


def test_each_figure_keeps_its_place_in_a_wide_page_and_the_grid_breaks_in_a_narrow_one():
    plots = [new_figure(str(k)) for k in range(4)]
    grid = figure_grid(plots, across=3, least_width=300)
    assert [(row, column) for _, row, column in grid.children] == [(0, 0), (0, 1), (0, 2), (1, 0)]
    [columns] = grid.stylesheets
    for width, n in ((900, 2), (600, 1)):
        assert f"(width < {width}px) {{ .bk-GridBox {{ grid-template-columns: repeat({n}," in columns.css
    assert all("(width < 900px)" in plot.stylesheets[-1].css for plot in plots)


def test_two_figures_are_at_most_two_across():
    grid = figure_grid([new_figure("a"), new_figure("b")], across=3)
    assert "repeat(3" not in grid.stylesheets[0].css
