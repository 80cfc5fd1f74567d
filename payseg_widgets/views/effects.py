"""Pictures of an effect report: a forest of groups, a matrix of pairs, regions as tiles, what adjustments remove.

Groups can be picked, see `payseg_widgets.views.picks`: the column is ``group``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, LabelSet, Span
from bokeh.transform import factor_cmap

from payseg_widgets.effects.report import FEWEST_TO_SPEAK_OF, EffectReport
from payseg_widgets.views.picks import KEPT, PICKS, picked
from payseg_widgets.views.theme import GRID, INK, MUTED, SEGMENT_COLOURS, new_figure
from payseg_widgets.views.view import View

_BLUE, _ORANGE = SEGMENT_COLOURS[0], SEGMENT_COLOURS[1]
#: A square each, roughly where the region is: column from the west, row from the north.
TILES = {
    "Scotland": (1, 0), "North East": (2, 1), "Northern Ireland": (0, 1), "North West": (1, 2),
    "Yorkshire and The Humber": (2, 2),
    "Wales": (0, 3), "West Midlands": (1, 3), "East Midlands": (2, 3), "East of England": (3, 3),
    "South West": (1, 4), "South East": (2, 4), "London": (3, 4),
}  # fmt: skip
SHORT = {
    "Scotland": "SCO", "North East": "NE", "Northern Ireland": "NI", "North West": "NW", "Yorkshire and The Humber": "YH",
    "Wales": "WAL", "West Midlands": "WM", "East Midlands": "EM", "East of England": "EE", "South West": "SW", "South East": "SE",
    "London": "LON",
}  # fmt: skip
VERDICTS = ("more", "less", "not told apart", "too few")


def forest_view(report: EffectReport, group: str = "") -> View:
    """Draw each group's mean with its interval, adjusted and raw side by side, the highest first; one may be picked."""
    shown = report.groups.sort_values("estimate", ascending=False, kind="stable")
    names = shown["group"].astype(str).tolist()
    plot = new_figure(
        f"{report.label} by {report.by}", y_range=FactorRange(factors=names[::-1]), height=130 + 26 * len(names),
        x_axis_label=f"{unit_of(report)}; dot: adjusted, with {report.level:.0%} interval of the group; cross: raw",
        tools="tap,save",
    )  # fmt: skip
    source = _source(shown.assign(group=names), group)
    plot.segment(
        x0="conf_low", x1="conf_high", y0="group", y1="group", source=source, line_color=_BLUE, line_width=2,
        nonselection_line_alpha=1.0,
    )  # fmt: skip
    dots = plot.scatter(x="estimate", y="group", source=source, size=9, color=_BLUE, name=PICKS, **picked())
    plot.scatter(x="raw", y="group", source=source, marker="x", size=9, color=_ORANGE, line_width=2, **KEPT)
    tips = [
        ("group", "@group"),
        ("adjusted", "@estimate{0.0}"),
        ("raw", "@raw{0.0}"),
        ("customers", "@n_customers{0,0}"),
    ]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
    average = float(np.average(shown["estimate"], weights=shown["n_customers"]))
    plot.add_layout(Span(location=average, dimension="height", line_color=MUTED, line_dash="dashed"))
    plot.ygrid.visible = False
    table = shown[
        [
            "group",
            "estimate",
            "conf_low",
            "conf_high",
            "pooled",
            "raw",
            "rank_low",
            "rank_high",
            "n_customers",
            "n_invoices",
        ]
    ]
    return View(
        f"{report.label} by {report.by}", plot, table.round(2).reset_index(drop=True), report.sentences[0]
    )


def matrix_view(report: EffectReport, group: str = "") -> View:
    """Draw every pair of groups with the verdict on its difference: row less column; the row of one may be picked."""
    names = (
        report.groups.sort_values("estimate", ascending=False, kind="stable")["group"].astype(str).tolist()
    )
    rows = []
    for row in report.contrasts.to_dict("records"):
        verdict = (
            "too few"
            if row["n_fewest"] < FEWEST_TO_SPEAK_OF
            else "not told apart"
            if not row["is_shown"]
            else ""
        )
        for first, second, sign in ((row["first"], row["second"], 1), (row["second"], row["first"], -1)):
            value = sign * row["estimate"]
            told = verdict or ("more" if value > 0 else "less")
            mark = {"more": f"+{value:.1f}", "less": f"{value:.1f}", "not told apart": "·", "too few": "–"}[
                told
            ]
            rows.append((first, second, value, told, mark))
    cells = pd.DataFrame(rows, columns=["row", "column", "difference", "verdict", "mark"])
    plot = new_figure(
        f"Row less column: {report.label.lower()}", x_range=FactorRange(factors=names), y_range=FactorRange(factors=names[::-1]),
        height=190 + 28 * len(names), x_axis_location="above", tools="tap,save", min_border_right=90,
    )  # fmt: skip
    source = _source(cells.assign(group=cells["row"], ink=INK), group)
    colours = factor_cmap("verdict", [_ORANGE, SEGMENT_COLOURS[5], "#F4F5F7", "#FFFFFF"], list(VERDICTS))
    squares = plot.rect(
        x="column", y="row", width=1, height=1, source=source, fill_color=colours, line_color=GRID, name=PICKS, **picked()
    )  # fmt: skip
    plot.add_layout(
        LabelSet(x="column", y="row", text="mark", source=source, text_align="center", text_baseline="middle",
                 text_font_size="11px", text_color="ink")
    )  # fmt: skip
    plot.add_tools(
        HoverTool(renderers=[squares], tooltips=[("", "@row less @column: @difference{0.0}, @verdict")])
    )
    plot.xaxis.major_label_orientation = 0.9
    plot.grid.visible = False
    table = cells.drop(columns="mark").round(2)
    return View("Pairs of groups", plot, table, _how_many(report))


def tiles_view(report: EffectReport, group: str = "") -> View:
    """Draw the UK's regions as equal squares, darker where customers have more of the outcome; others are in the table.

    One may be picked.
    """
    shown = report.groups[report.groups["group"].isin(list(TILES))].copy()
    shown["x"] = [TILES[name][0] for name in shown["group"]]
    shown["y"] = [-TILES[name][1] for name in shown["group"]]
    shown["short"] = shown["group"].map(SHORT)
    shown["text"] = shown["estimate"].map("{:.1f}".format)
    low, high = shown["estimate"].min(), shown["estimate"].max()
    share = (shown["estimate"] - low) / (high - low) if high > low else 0.5 + 0 * shown["estimate"]
    shown["colour"] = [_shade(value) for value in share]
    shown["ink"] = ["#FFFFFF" if value > 0.55 else INK for value in share]
    plot = new_figure(
        f"{report.label} by region, {unit_of(report)}. {_how_many(report)}", height=420, x_range=(-0.7, 3.7), y_range=(-4.7, 0.7),
        match_aspect=True, tools="tap,save",
    )  # fmt: skip
    source = _source(shown, group)
    squares = plot.rect(
        x="x", y="y", width=0.96, height=0.96, source=source, fill_color="colour", line_color=GRID, name=PICKS, **picked()
    )  # fmt: skip
    for field, offset, size in (("short", 8, "13px"), ("text", -10, "12px")):
        plot.add_layout(
            LabelSet(x="x", y="y", text=field, y_offset=offset, source=source, text_align="center", text_baseline="middle",
                     text_font_size=size, text_color="ink")
        )  # fmt: skip
    tips = [
        ("", "@group"),
        (report.label, "@text"),
        ("customers", "@n_customers{0,0}"),
        ("rank", "@rank_low to @rank_high"),
    ]
    plot.add_tools(HoverTool(renderers=[squares], tooltips=tips))
    plot.axis.visible = False
    plot.grid.visible = False
    table = report.groups[["group", "estimate", "conf_low", "conf_high", "n_customers"]].round(2)
    return View("Regions", plot, table, report.sentences[0])


def removed_view(report: EffectReport) -> View:
    """Draw what each adjustment takes away from the largest raw differences."""
    largest = report.contrasts.assign(size=report.contrasts["raw"].abs()).nlargest(8, "size")
    pairs = [f"{row['first']} less {row['second']}" for row in largest.to_dict("records")]
    plot = new_figure(
        "Raw differences, and what adjusting leaves", y_range=FactorRange(factors=pairs[::-1]), height=150 + 30 * len(pairs),
        x_axis_label=f"{unit_of(report)}; cross: raw, dot: adjusted", tools="save",
    )  # fmt: skip
    source = ColumnDataSource({"pair": pairs, "raw": largest["raw"], "estimate": largest["estimate"]})
    plot.segment(x0="raw", x1="estimate", y0="pair", y1="pair", source=source, line_color=MUTED, line_width=2)
    plot.scatter(x="raw", y="pair", source=source, marker="x", size=9, color=_ORANGE, line_width=2)
    plot.scatter(x="estimate", y="pair", source=source, size=9, color=_BLUE)
    plot.add_layout(Span(location=0, dimension="height", line_color=MUTED, line_dash="dashed"))
    plot.ygrid.visible = False
    wide = report.removed.pivot_table(index=["first", "second"], columns="adjustment", values="difference")
    table = (
        report.contrasts.set_index(["first", "second"])[["raw", "estimate"]].join(wide).round(2).reset_index()
    )
    adjusted = (
        f"adjusted for {', '.join(report.adjusted_for)}" if report.adjusted_for else "nothing is adjusted for"
    )
    first = largest.iloc[0]
    sentence = (
        f"The largest raw difference, {first['first']} less {first['second']}, is {first['raw']:.1f}; {adjusted}, "
        f"{first['estimate']:.1f} are left."
    )
    return View("What adjusting removes", plot, table, sentence)


def ladder_view(report: EffectReport, group: str = "") -> View:
    """Draw which ranks each group may have, all groups together, the highest first; one may be picked."""
    shown = report.groups.sort_values("estimate", ascending=False, kind="stable")
    names, k = shown["group"].astype(str).tolist(), len(shown)
    highest, lowest = k + 1 - shown["rank_high"], k + 1 - shown["rank_low"]  # place 1 has most of the outcome
    rungs = shown.assign(group=names, place=np.arange(1, k + 1), highest=highest, lowest=lowest)
    plot = new_figure(
        f"Places by {report.by}: {report.label.lower()}", y_range=FactorRange(factors=names[::-1]), height=130 + 26 * k,
        x_range=(0.4, k + 0.6), tools="tap,save",
        x_axis_label=f"place, 1 has most; bar: places it may have, {report.level:.0%} for all together; dot: its place here",
    )  # fmt: skip
    source = _source(rungs.assign(left=rungs["highest"] - 0.4, right=rungs["lowest"] + 0.4), group)
    bars = plot.hbar(
        y="group", left="left", right="right", height=0.55, source=source, fill_color="#9CC5E0", line_color=_BLUE, name=PICKS,
        **picked(),
    )  # fmt: skip
    plot.scatter(x="place", y="group", source=source, size=8, color=_BLUE, **KEPT)
    tips = [("", "@group"), ("places", "@highest to @lowest"), ("customers", "@n_customers{0,0}")]
    plot.add_tools(HoverTool(renderers=[bars], tooltips=tips))
    plot.ygrid.visible = False
    table = rungs[["group", "place", "highest", "lowest", "estimate", "n_customers"]]
    sure = int((highest == lowest).sum())
    first = rungs.iloc[0]
    sentence = (
        f"{sure} of {k} places are sure. The first, {first['group']}, may have any place from {first['highest']} to "
        f"{first['lowest']}."
    )
    return View("Places", plot, table.round(2).reset_index(drop=True), sentence)


def _source(frame: pd.DataFrame, group: str = "") -> ColumnDataSource:
    source = ColumnDataSource({str(name): frame[name].to_numpy() for name in frame.columns})
    if group:
        source.selected.indices = np.flatnonzero(frame["group"].to_numpy() == group).tolist()
    return source


def unit_of(report: EffectReport) -> str:
    """Return the unit of the outcome, for an axis."""
    return {"log": "log of the standard deviation", "points": "of a hundred invoices"}.get(
        report.unit, report.unit
    )


def _how_many(report: EffectReport) -> str:
    n = len(report.contrasts)
    told = (
        f"{len(report.shown)} of {n} pairs" if n > 1 else "The pair" if len(report.shown) else "0 of 1 pair"
    )
    return f"{told} can be told apart, at {report.level:.0%} for all of them together."


def _shade(share: float) -> str:
    """Return a blue between pale (0) and deep (1)."""
    pale, deep = (0xCF, 0xE3, 0xF1), (0x0B, 0x3C, 0x61)
    return "#" + "".join(f"{round(a + share * (b - a)):02X}" for a, b in zip(pale, deep, strict=True))
