"""Picture: the condensed tree of HDBSCAN, crowds that part and thin out as more density is asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, LabelSet
from bokeh.plotting import figure

from payseg_widgets.segmentation.cards import letter
from payseg_widgets.segmentation.condensed_tree import CondensedTree
from payseg_widgets.views.compared import said
from payseg_widgets.views.theme import INK, MUTED, new_figure, segment_colour
from payseg_widgets.views.view import View

#: Heights at which the width of a crowd is read off.
_LEVELS = 40
#: Share of the customers that are still in a crowd at the upper edge of the picture: the last few reach far.
_BEYOND = 0.02
#: Share of the picture that a letter needs.
_ROOM = 0.05


def condensed_tree_view(tree: CondensedTree, *, caution: str = "") -> View:
    """Draw crowds as columns, as wide as they have customers, from all of them below to the densest above.

    A chosen crowd is outlined, has its segment's letter and, with all that grows out of it, its colour; the others are
    grey. The density of the last two in a hundred customers is cut off.

    Parameters
    ----------
    tree : CondensedTree
    caution : str
        What is to be said first, such as `ModelComparison.caution`.

    Returns
    -------
    View
        Table, one row a crowd: ``crowd``, ``parent`` (missing for everybody), ``segment`` (its letter; empty if it was not
        chosen), ``customers``, ``born`` and ``ended`` (densities), ``persistence`` in [0, 1].
    """
    crowds = tree.crowds
    plot = new_figure(
        "Crowds by density", height=380, tools="save", x_axis_label="width: number of customers",
        y_axis_label="density (1 / distance)",
    )  # fmt: skip
    _draw(plot, tree, _upper_edge(tree))
    table = pd.DataFrame(
        {
            "crowd": crowds.index,
            "parent": crowds["parent"].astype("Int64").mask(crowds["parent"] < 0),
            "segment": [letter(s) if s >= 0 else "" for s in crowds["segment"].tolist()],
            **{name: crowds[name] for name in ("customers", "born", "ended", "persistence")},
        }
    ).reset_index(drop=True)
    return View(f"Condensed tree: {tree.label}", plot, table, said(caution, _sentence(tree)))


def middles(crowds: pd.DataFrame) -> np.ndarray:
    """Return where the middle of each crowd stands: side by side above the middle of the one they part from.

    Examples
    --------
    >>> middles(pd.DataFrame({"parent": [-1, 0, 0], "customers": [10, 6, 2]})).tolist()
    [0.0, -1.0, 3.0]
    """
    found = np.zeros(len(crowds))
    sizes = crowds["customers"].to_numpy()
    for parent, sides in crowds.groupby("parent").groups.items():
        if int(str(parent)) >= 0:
            ends = np.r_[0, np.cumsum(sizes[sides])]
            found[sides] = found[int(str(parent))] - ends[-1] / 2 + (ends[:-1] + ends[1:]) / 2
    return found


def _upper_edge(tree: CondensedTree) -> float:
    """Return the density at the upper edge of the picture."""
    until = tree.last["until"].to_numpy()
    finite = until[np.isfinite(until)]
    # where most customers are the same, what is finite ends below them
    return float(np.quantile(finite, 1 - _BEYOND)) * 1.05 if len(finite) else 1.0


def outline(tree: CondensedTree, crowd: int, top: float) -> tuple[np.ndarray, np.ndarray]:
    """Return densities from a crowd's birth up, and how many customers it has from each of them on, up to ``top``.

    Examples
    --------
    >>> from payseg_widgets.segmentation.condensed_tree import condense
    >>> tree = condense(np.array([[0, 1, 0.5, 2], [2, 3, 1.0, 3]]), 2)
    >>> [values.tolist() for values in outline(tree, 0, 2.0)]
    [[0.0, 1.0, 2.0], [3, 2, 0]]
    """
    born, ended, customers = (float(tree.crowds[c].iloc[crowd]) for c in ("born", "ended", "customers"))
    until = np.sort(np.minimum(tree.last["until"].to_numpy()[tree.last["crowd"] == crowd], top))
    heights = np.unique(np.r_[born, until, min(ended, top)])
    if len(heights) > _LEVELS:
        heights = heights[np.linspace(0, len(heights) - 1, _LEVELS).astype(int)]
    return heights, int(customers) - np.searchsorted(until, heights, side="right")


def _draw(plot: figure, tree: CondensedTree, top: float) -> None:
    crowds, centre = tree.crowds, middles(tree.crowds)
    within = _within(crowds)
    columns: dict[str, list[object]] = {name: [] for name in ("xs", "ys", "colour", "alpha", "edge", "wide")}
    seen = np.flatnonzero((crowds["born"] < top).to_numpy()).tolist()
    for crowd in seen:
        heights, widths = outline(tree, crowd, top)
        ys, half = np.repeat(heights, 2)[1:], np.repeat(widths, 2)[:-1] / 2
        columns["xs"].append(np.r_[centre[crowd] - half, (centre[crowd] + half)[::-1]].tolist())
        columns["ys"].append(np.r_[ys, ys[::-1]].tolist())
        is_chosen, segment = bool(crowds.at[crowd, "is_chosen"]), int(within[crowd])
        columns["colour"].append(segment_colour(segment))
        columns["alpha"].append(0.55 if segment >= 0 else 0.3)
        columns["edge"].append(MUTED if is_chosen else "#FFFFFF")
        columns["wide"].append(2.5 if is_chosen else 0.5)
    about = crowds.loc[seen]
    letters = [letter(s) if s >= 0 else "none" for s in about["segment"].tolist()]
    source = ColumnDataSource(
        {
            **columns,
            "segment": letters,
            **{c: about[c].tolist() for c in ("customers", "born", "persistence")},
        }
    )
    drawn = plot.patches(
        "xs",
        "ys",
        source=source,
        fill_color="colour",
        fill_alpha="alpha",
        line_color="edge",
        line_width="wide",
    )
    tips = [("segment", "@segment"), ("customers", "@customers"), ("from density", "@born{0.00}")]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=[*tips, ("persistence", "@persistence{0.00}")]))
    _letters(plot, about[about["is_chosen"]], centre, len(tree.segments), top)
    plot.xaxis.major_label_text_font_size = "0px"  # the width says it; where it stands means nothing
    plot.xaxis.major_tick_line_color = None
    plot.xgrid.visible = False
    plot.y_range.start, plot.y_range.end = 0, top


def _letters(plot: figure, chosen: pd.DataFrame, centre: np.ndarray, n: int, top: float) -> None:
    """Write each letter into its crowd, and above one too narrow or too low for it."""
    ended = chosen["ended"].clip(upper=top)
    is_small = (chosen["customers"] < _ROOM * n) | (ended - chosen["born"] < _ROOM * top)
    source = ColumnDataSource(
        {
            "x": centre[chosen.index].tolist(),
            "y": ended.where(is_small, 0.7 * chosen["born"] + 0.3 * ended).tolist(),
            "up": [10 if small else 0 for small in is_small],
            "text": [letter(s) for s in chosen["segment"].tolist()],
        }
    )
    plot.add_layout(
        LabelSet(
            x="x", y="y", y_offset="up", text="text", source=source, text_color=INK, text_align="center", text_baseline="middle",
            text_font_size="14px", text_font_style="bold",
        )
    )  # fmt: skip


def _within(crowds: pd.DataFrame) -> np.ndarray:
    """Return the segment that each crowd is or grows out of, else -1."""
    found = crowds["segment"].to_numpy().copy()
    for crowd, parent in enumerate(crowds["parent"].tolist()):  # a crowd comes after its parent
        if found[crowd] < 0 <= parent:
            found[crowd] = found[parent]
    return found


def _sentence(tree: CondensedTree) -> str:
    chosen = tree.crowds[tree.crowds["is_chosen"]].sort_values("segment")
    if chosen.empty:
        return (
            f"Whatever density is asked for, the {len(tree.segments):,} customers never part into two crowds of at least "
            f"{tree.least_size}: there are no segments."
        )
    parts = ", ".join(
        f"{letter(int(row['segment']))} {int(row['customers']):,} customers (persistence {row['persistence']:.2f})"
        for row in chosen.to_dict("records")
    )
    otherwise = (
        f" {tree.agreement:.0%} have the same segment where the model is fitted to everybody."
        if tree.agreement < 1
        else ""
    )
    return (
        f"{len(chosen)} crowds of at least {tree.least_size} customers last longest: {parts}. "
        f"{(tree.segments < 0).mean():.0%} of {len(tree.segments):,} customers are in none of them.{otherwise}"
    )
