"""Picture: customers flowing from their segments of one period to those of a later one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, LabelSet
from bokeh.plotting import figure

from payseg_widgets.segmentation.cards import letter
from payseg_widgets.segmentation.compare import ModelComparison
from payseg_widgets.segmentation.migration import Migration
from payseg_widgets.views.compared import of_model, said
from payseg_widgets.views.theme import INK, new_figure, segment_colour
from payseg_widgets.views.view import View

#: Empty space between two segments of a side, as a share of all customers.
_BETWEEN = 0.03
_WIDTH = 0.06
_CURVE = np.linspace(0, 1, 25)


def flow_view(migration: Migration) -> View:
    """Draw the segments of the earlier period against those of the later one, joined by bands as wide as customers moved.

    A band has the colour of the earlier segment. That customers move is expected by chance alone: the sentence says how
    many would have, and the table how many of each pair.

    Parameters
    ----------
    migration : Migration

    Returns
    -------
    View
        Table: ``earlier, later, customers, expected`` (by chance), ``alerts``.
    """
    moves = migration.table[migration.table["customers"] > 0]
    table = migration.table[["was_called", "now_called", "customers", "expected", "alerts"]].rename(
        columns={"was_called": "earlier", "now_called": "later"}
    )
    plot = _picture("Earlier to later period", moves)
    return View("From period to period", plot, table.reset_index(drop=True), migration.sentence)


def model_flow_view(comparison: ModelComparison, model: str) -> View:
    """Draw the segments a compared model makes from the earlier invoices against those it makes from the later ones.

    Both are made anew, each from one block's invoices alone; the same letter is the same segment as far as most of its
    customers are the same. Customers in no segment are grey.

    Parameters
    ----------
    comparison : ModelComparison
    model : str

    Returns
    -------
    View
        Table: ``earlier, later, customers``, for the customers of both blocks.

    Raises
    ------
    UnknownNameError
        If the model is not in the comparison, or was not made again in both blocks.
    """
    flow = of_model(comparison.flows, model, "flow from period to period")
    long = flow.rename_axis(index="was", columns="now").melt(ignore_index=False, value_name="customers")
    moves = long[long["customers"] > 0].reset_index().sort_values(["was", "now"], ignore_index=True)
    for side in ("was", "now"):
        moves[f"{side}_called"] = [_called(segment) for segment in moves[side].tolist()]
    table = moves[["was_called", "now_called", "customers"]].set_axis(
        ["earlier", "later", "customers"], axis=1
    )
    [row] = comparison.table.loc[[model]].to_dict("records")
    plot = _picture("Made from earlier / later invoices", moves)
    sentence = said(comparison.caution, _made_again(moves, row["label"], row["halves"]))
    return View(f"Made again in a later period: {row['label']}", plot, table, sentence)


def _called(segment: int) -> str:
    return letter(segment) if segment >= 0 else f"{letter(segment)} in none"


def _made_again(moves: pd.DataFrame, label: str, halves: float) -> str:
    placed = moves[(moves["was"] >= 0) & (moves["now"] >= 0)]
    n, stayed = (int(part["customers"].sum()) for part in (placed, placed[placed["was"] == placed["now"]]))
    if not n:
        return f"{label} places no customer in both periods."
    return (
        f"{label} made again from the later invoices alone: {stayed / n:.0%} of the {n:,} customers it places in both "
        f"periods are in the same segment (adjusted Rand {halves:.2f}; 0 is what chance brings, 1 all the same)."
    )


def _picture(title: str, moves: pd.DataFrame) -> figure:
    most = max(moves["was"].nunique(), moves["now"].nunique(), 4)
    low = 1.03 + _BETWEEN * (most - 1)
    plot = new_figure(title, height=340, x_range=(-0.3, 1.3), tools="save", y_range=(low, -0.02))
    plot.axis.visible = plot.grid.visible = False
    if len(moves):
        _draw(plot, moves)
    return plot


def bands(moves: pd.DataFrame) -> pd.DataFrame:
    """Return where each band begins and ends, in shares of all customers from the top.

    Parameters
    ----------
    moves : pandas.DataFrame
        ``was, now, customers``, each pair once.

    Returns
    -------
    pandas.DataFrame
        The same rows by ``was`` and ``now``, with ``left`` and ``right``, the upper ends, and ``size``.

    Examples
    --------
    >>> bands(pd.DataFrame({"was": [0, 0], "now": [0, 1], "customers": [3, 1]}))["size"].tolist()
    [0.75, 0.25]
    """
    found = moves.sort_values(["was", "now"]).reset_index(drop=True)
    found["size"] = found["customers"] / found["customers"].sum()
    found["left"] = _stacked(found["was"], found["size"])
    order = found.sort_values(["now", "was"])
    found["right"] = _stacked(order["now"], order["size"])
    return found


def _stacked(segment: pd.Series, size: pd.Series) -> pd.Series:
    """Return the upper end of each band of one side, bands in this order, space between two segments."""
    rank = pd.Series(pd.factorize(segment)[0], index=segment.index)
    return size.cumsum() - size + _BETWEEN * rank


def _draw(plot: figure, moves: pd.DataFrame) -> None:
    found, by_chance = bands(moves), "expected" in moves
    ease = 3 * _CURVE**2 - 2 * _CURVE**3
    across = np.r_[_CURVE, _CURVE[::-1]] * (1 - 2 * _WIDTH) + _WIDTH
    upper = [row["left"] + (row["right"] - row["left"]) * ease for row in found.to_dict("records")]
    source = ColumnDataSource(
        {
            "xs": [across.tolist()] * len(found),
            "ys": [
                np.r_[top, (top + size)[::-1]].tolist()
                for top, size in zip(upper, found["size"], strict=True)
            ],
            "colour": [segment_colour(int(s)) for s in found["was"]],
            "alpha": [0.35 if was == now else 0.7 for was, now in zip(found["was"], found["now"], strict=True)],
            **{name: found[name].tolist() for name in ("was_called", "now_called", "customers")},
            **({"expected": found["expected"].tolist()} if by_chance else {}),
        }
    )  # fmt: skip
    drawn = plot.patches("xs", "ys", source=source, fill_color="colour", fill_alpha="alpha", line_color=None)
    tips = [("from", "@was_called"), ("to", "@now_called"), ("customers", "@customers")]
    if by_chance:
        tips.append(("by chance", "@expected{0.0}"))
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips))
    for side, top, x in (("was", "left", 0.0), ("now", "right", 1 - _WIDTH)):
        _side(plot, found, side, top, x)


def _side(plot: figure, found: pd.DataFrame, side: str, top: str, x: float) -> None:
    """Draw the segments of one side as bars, their names beside them."""
    grouped = found.groupby(side, sort=True)
    upper, height = grouped[top].min(), grouped["size"].sum()
    called: Sequence[str] = grouped[f"{side}_called"].first().tolist()
    counts: Sequence[int] = grouped["customers"].sum().tolist()
    colours = [segment_colour(int(str(s))) for s in upper.index]
    plot.quad(left=x, right=x + _WIDTH, top=upper.tolist(), bottom=(upper + height).tolist(), color=colours)
    is_left = side == "was"
    # a letter fits a narrow page, whose theme a label follows; names are in the hover and the table
    words = [f"{name.split(' ', 1)[0]} {n:,}" for name, n in zip(called, counts, strict=True)]
    place = x - 0.02 if is_left else x + _WIDTH + 0.02
    source = ColumnDataSource({"x": [place] * len(words), "y": (upper + height / 2).tolist(), "text": words})
    labels = LabelSet(
        x="x", y="y", text="text", source=source, text_color=INK, text_font_size="12px",
        text_align="right" if is_left else "left", text_baseline="middle",
    )  # fmt: skip
    plot.add_layout(labels)
