"""Picture: the tree of a hierarchical clustering, cut into segments."""

from __future__ import annotations

from itertools import groupby
from math import pi
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, LabelSet, Span
from bokeh.plotting import figure
from scipy.cluster.hierarchy import dendrogram

from payseg_widgets.segmentation.cards import letter
from payseg_widgets.segmentation.linkage_tree import LinkageTree
from payseg_widgets.views.compared import said
from payseg_widgets.views.theme import INK, MUTED, new_figure, segment_colour
from payseg_widgets.views.view import View

#: Ends of the tree drawn; what was joined further down is one end with the number of its customers.
_MOST_ENDS = 30
#: More ends than these have their numbers written upwards.
_ENDS_ACROSS = 10


def dendrogram_view(tree: LinkageTree, *, caution: str = "") -> View:
    """Draw the upper joins of a tree, each at its height, the branches below the cut in the colours of their segments.

    A dashed line is the cut. Below the ends stand the letters of the segments, and how many customers each end holds.

    Parameters
    ----------
    tree : LinkageTree
    caution : str
        What is to be said first, such as `ModelComparison.caution`.

    Returns
    -------
    View
        Table, one row a join drawn, the highest first: ``height``, ``customers``, ``segments`` (letters), ``left`` and
        ``right`` (customers of the two joined), ``is_kept`` (below the cut).
    """
    drawn = dendrogram(
        tree.merges, p=_MOST_ENDS, truncate_mode="lastp", no_plot=True, link_color_func=str
    )  # the "colours" are the numbers of the joins
    joins = [int(node) for node in drawn["color_list"]]
    table = _joins(tree, sorted(joins, reverse=True))
    plot = new_figure(
        "Tree of joins", height=380, x_axis_label="customers at each end", tools="save",
        y_axis_label="height of the join; dashed: the cut",
    )  # fmt: skip
    _draw_joins(plot, tree, drawn, joins, table)
    _draw_ends(plot, tree, drawn["leaves"])
    plot.add_layout(Span(location=tree.cut, dimension="width", line_color=MUTED, line_dash="dashed"))
    plot.xgrid.visible = False
    sentence = said(caution, _sentence(tree, table))
    return View(f"Tree: {tree.label}", plot, table.reset_index(drop=True), sentence)


def _joins(tree: LinkageTree, joins: list[int]) -> pd.DataFrame:
    """Return the joins as a table, index ``node``."""
    n, branch = len(tree.segments), tree.joined
    below: dict[int, set[int]] = {}
    for node in range(n, 2 * n - 1):  # from the lowest up
        sides = tree.merges[node - n, :2].astype(int).tolist()
        parts = [below.get(side, {int(branch[side])}) for side in sides]
        if branch[node] < 0:
            below[node] = parts[0] | parts[1]
    sizes = np.r_[np.ones(n, int), tree.merges[:, 3].astype(int)]
    upper = tree.merges[np.array(joins) - n]
    left, right = sizes[upper[:, 0].astype(int)], sizes[upper[:, 1].astype(int)]
    return pd.DataFrame(
        {
            "height": upper[:, 2],
            "customers": left + right,
            "segments": [" + ".join(map(letter, sorted(below.get(j, {int(branch[j])})))) for j in joins],
            "left": left,
            "right": right,
            "is_kept": upper[:, 2] < tree.cut,
        },
        index=pd.Index(joins, name="node"),
    )


def _draw_joins(
    plot: figure, tree: LinkageTree, drawn: dict[str, Any], joins: list[int], table: pd.DataFrame
) -> None:
    """Draw each join as a bar with a leg down to either side, a leg in the colour of what hangs on it."""
    branch, n = tree.joined, len(tree.segments)
    lines = []
    for node, xs, ys in zip(joins, drawn["icoord"], drawn["dcoord"], strict=True):
        left, right = tree.merges[node - n, :2].astype(int)
        for i, owner in ((0, left), (1, node), (2, right)):
            lines.append((node, xs[i], ys[i], xs[i + 1], ys[i + 1], _colour(int(branch[owner]))))
    data = pd.DataFrame(lines, columns=["node", "x0", "y0", "x1", "y1", "colour"])
    about = table[["height", "customers", "segments"]].loc[data["node"]].reset_index(drop=True)
    source = ColumnDataSource({name: column.tolist() for name, column in data.join(about).items()})
    shown = plot.segment(
        "x0", "y0", "x1", "y1", source=source, color="colour", line_width=2, line_cap="round"
    )
    tips = [("join at", "@height{0.00}"), ("customers", "@customers"), ("segments", "@segments")]
    plot.add_tools(HoverTool(renderers=[shown], tooltips=tips))


def _draw_ends(plot: figure, tree: LinkageTree, ends: list[int]) -> None:
    """Draw the strip of segments below the ends, and write how many customers each holds."""
    top, branch, n = float(tree.merges[-1, 2]), tree.joined, len(tree.segments)
    runs = [
        (segment, [i for i, _ in run]) for segment, run in groupby(enumerate(branch[ends].tolist()), lambda e: e[1])
    ]  # fmt: skip
    lefts, rights = [10 * run[0] + 0.8 for _, run in runs], [10 * run[-1] + 9.2 for _, run in runs]
    colours = [_colour(segment) for segment, _ in runs]
    plot.quad(left=lefts, right=rights, bottom=-0.1 * top, top=-0.02 * top, color=colours, alpha=0.35)
    middles = [(left + right) / 2 for left, right in zip(lefts, rights, strict=True)]
    source = ColumnDataSource(
        {"x": middles, "y": [-0.06 * top] * len(runs), "text": [letter(segment) for segment, _ in runs]}
    )
    plot.add_layout(
        LabelSet(
            x="x", y="y", text="text", source=source, text_color=INK, text_align="center", text_baseline="middle",
            text_font_size="12px", text_font_style="bold",
        )
    )  # fmt: skip
    places = [10 * i + 5 for i in range(len(ends))]
    sizes = [1 if end < n else int(tree.merges[end - n, 3]) for end in ends]
    plot.xaxis.ticker = places
    plot.xaxis.major_label_text_font_size = "10px"
    plot.xaxis.major_label_overrides = {x: f"{size:,}" for x, size in zip(places, sizes, strict=True)}
    plot.xaxis.major_label_orientation = pi / 2 if len(ends) > _ENDS_ACROSS else 0
    plot.x_range.start, plot.x_range.end = 0, 10 * len(ends)
    plot.y_range.start, plot.y_range.end = -0.12 * top, max(1.05 * top, 1.02 * tree.cut)


def _colour(segment: int) -> str:
    """Return the colour of a branch; a join of several has none."""
    return MUTED if segment < 0 else segment_colour(segment)


def _sentence(tree: LinkageTree, table: pd.DataFrame) -> str:
    segments, sizes = np.unique(tree.segments, return_counts=True)
    parts = ", ".join(f"{letter(int(s))} {n:,}" for s, n in zip(segments, sizes, strict=True))
    found = f"Cut at {tree.cut:.3g}, the tree of {len(tree.segments):,} customers has {len(segments)} branches: {parts}."
    undone = table[~table["is_kept"]]
    if len(undone):
        lowest = undone.iloc[-1]
        found += f" The next join, at {lowest['height']:.3g}, would be that of {lowest['segments']}."
    return (
        f"{found} {tree.agreement:.0%} of them are in the segment of their branch"
        f"{'.' if tree.agreement == 1 else '; the others lie nearer to the middle of another segment.'}"
    )
