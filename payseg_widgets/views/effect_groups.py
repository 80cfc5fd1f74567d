"""Pictures that look into the groups of an effect report: the customers of one, its years, others' figures, its segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, LabelSet, Span

from payseg_widgets.effects.clusters import GroupClusters
from payseg_widgets.effects.published import Published
from payseg_widgets.effects.report import EffectReport
from payseg_widgets.views.effects import unit_of
from payseg_widgets.views.histogram import spread_of
from payseg_widgets.views.theme import GRID, INK, MUTED, REST_COLOUR, SEGMENT_COLOURS, new_figure
from payseg_widgets.views.view import View

_BLUE, _ORANGE = SEGMENT_COLOURS[0], SEGMENT_COLOURS[1]


def distribution_view(report: EffectReport, group: str) -> View:
    """Draw how the customers of a group are spread, as shares, with those of all others behind them."""
    values, is_in = report.customers["value"], report.customers["group"] == group
    spread = spread_of(values.to_numpy())
    title = f"{report.label}: customers of {group} among the others"
    table = pd.DataFrame({"customers": [group, "all others"], **_quartiles(values, is_in)})
    if not spread.counts:
        return View(title, new_figure(title, tools="save"), table, spread.instead)
    edges = np.linspace(spread.low, spread.high, len(spread.counts) + 1)
    plot = new_figure(
        title, tools="save", height=300,
        x_axis_label=f"{unit_of(report)}, as measured on each customer, adjusted for nothing", y_axis_label="share of customers",
    )  # fmt: skip
    plot.yaxis.formatter.use_scientific = False
    for name, flags, options in (
        ("all others", ~is_in, {"fill_color": REST_COLOUR, "line_color": None}),
        (group, is_in, {"fill_color": None, "line_color": _BLUE, "line_width": 2}),
    ):
        known = values[flags].clip(spread.low, spread.high)
        share = np.histogram(known, edges)[0] / max(int(flags.sum()), 1)
        source = ColumnDataSource({"left": edges[:-1], "right": edges[1:], "share": share})
        plot.quad(
            left="left", right="right", top="share", bottom=0, source=source, legend_label=name, **options
        )
    plot.legend.background_fill_alpha = 0
    plot.y_range.start = 0
    return View(title, plot, table.round(2), _spread_said(report, group, table))


def _quartiles(values: pd.Series, is_in: pd.Series) -> dict[str, list[float]]:
    both = [values[is_in], values[~is_in]]
    return {
        "n_customers": [len(one) for one in both],
        **{
            name: [float(one.quantile(q)) for one in both]
            for name, q in (("q25", 0.25), ("median", 0.5), ("q75", 0.75))
        },
    }


def _spread_said(report: EffectReport, group: str, table: pd.DataFrame) -> str:
    own, rest = (table.iloc[k] for k in (0, 1))
    return (
        f"Half of the {own['n_customers']:,} customers of {group} lie between {own['q25']:.1f} and {own['q75']:.1f} "
        f"({unit_of(report)}), half of the {rest['n_customers']:,} others between {rest['q25']:.1f} and {rest['q75']:.1f}."
    )


def years_view(report: EffectReport, group: str = "") -> View:
    """Draw each group's adjusted mean year by year; one may be picked, else the highest and the lowest stand out."""
    ordered = (
        report.groups.sort_values("estimate", ascending=False, kind="stable")["group"].astype(str).tolist()
    )
    outstanding = [group] if group else [ordered[0], ordered[-1]]
    plot = new_figure(
        f"{report.label} by {report.by}, year by year", tools="save", x_axis_label="year the invoices fell due",
        y_axis_label=unit_of(report),
    )  # fmt: skip
    years = sorted(set(report.years["year"]))
    plot.xaxis.ticker = years
    for name in sorted(ordered, key=lambda one: one in outstanding):  # what stands out is drawn last
        rows = report.years[report.years["group"] == name]
        at = outstanding.index(name) if name in outstanding else None
        colour = REST_COLOUR if at is None else (_BLUE, SEGMENT_COLOURS[3])[at]
        source = ColumnDataSource(
            {"year": rows["year"], "estimate": rows["estimate"], "group": [name] * len(rows)}
        )
        plot.line(x="year", y="estimate", source=source, line_color=colour, line_width=1 if at is None else 3)
        marks = plot.scatter(
            x="year", y="estimate", source=source, color=colour, size=5 if at is None else 9,
            marker=("circle", "square")[at or 0], **({} if at is None else {"legend_label": name}),
        )  # fmt: skip
        plot.add_tools(HoverTool(renderers=[marks], tooltips=[("", "@group"), ("", "@year: @estimate{0.0}")]))
    plot.legend.background_fill_alpha = 0
    table = report.years.pivot_table(index="group", columns="year", values="estimate").reindex(ordered)
    table.columns = [str(year) for year in table.columns]
    return View("Years", plot, table.round(2).reset_index(), _years_said(report, years))


def _years_said(report: EffectReport, years: list[int]) -> str:
    if len(years) < 2:
        return "There are not two years with customers enough to compare them."
    wide = report.years.pivot_table(index="group", columns="year", values="estimate")
    shown = report.shown
    if shown.empty:
        return f"{years[0]} to {years[-1]}, each year by itself; no difference between groups can be shown over all."
    first, second = shown.iloc[0][["first", "second"]]
    gaps = (wide.loc[first] - wide.loc[second]).dropna()
    same = int((np.sign(gaps) == np.sign(shown.iloc[0]["estimate"])).sum())
    told = ", ".join(f"{gap:+.1f} in {year}" for year, gap in gaps.items())
    return f"{first} less {second}: {told}; the same way as over all in {same} of {len(gaps)} years."


def published_view(report: EffectReport, published: Published) -> View:
    """Draw one's own differences from the average beside published ones; sources say who pays and who is paid.

    Raises
    ------
    EffectError
        If the published figures are of the other side.
    """
    beside = published.beside(report.groups).sort_values("own", kind="stable")
    names = [str(name) for name in beside.index]
    plot = new_figure(
        f"Beside {published.source}, {published.period}", y_range=FactorRange(factors=names), height=140 + 26 * len(names),
        x_axis_label="days from the average; dot: here, square: published", tools="save",
    )  # fmt: skip
    source = ColumnDataSource({"group": names, "own": beside["own"], "published": beside["published"]})
    plot.segment(x0="own", x1="published", y0="group", y1="group", source=source, line_color=MUTED)
    plot.scatter(x="own", y="group", source=source, size=9, color=_BLUE)
    plot.scatter(x="published", y="group", source=source, size=9, marker="square", color=_ORANGE)
    plot.add_layout(Span(location=0, dimension="height", line_color=MUTED, line_dash="dashed"))
    plot.ygrid.visible = False
    table = beside.round(2).rename_axis("group").reset_index().iloc[::-1]
    alike = int((np.sign(beside["own"]) == np.sign(beside["published"])).sum())
    return View(
        "Published figures", plot, table,
        f"{alike} of {len(beside)} regions lie on the same side of the average in both. {published.caption}",
    )  # fmt: skip


def clusters_view(clusters: GroupClusters, by: str) -> View:
    """Draw which share of each group's customers is in each segment of the later period."""
    counts = clusters.counts[by]
    share = counts.div(counts.sum(axis=1), axis=0)
    segments = [f"segment {int(one) + 1}" for one in counts.columns]
    long = pd.DataFrame(
        {
            "group": np.repeat(counts.index.astype(str), len(segments)), "segment": segments * len(counts),
            "share": share.to_numpy().ravel(), "n": counts.to_numpy().ravel(),
        }
    )  # fmt: skip
    long["text"] = [f"{value:.0%}" for value in long["share"]]
    long["alpha"], long["ink"] = long["share"], np.where(long["share"] > 0.55, "#FFFFFF", INK)
    plot = new_figure(
        f"Segments of the later period by {by}", x_range=FactorRange(factors=segments), tools="save",
        y_range=FactorRange(factors=counts.index.astype(str).tolist()[::-1]), height=140 + 26 * len(counts),
        x_axis_location="above", x_axis_label="share of the group's customers",
    )  # fmt: skip
    source = ColumnDataSource({str(name): long[name].to_numpy() for name in long})
    ground = {"x": "segment", "y": "group", "width": 1, "height": 1, "source": source}
    plot.rect(
        fill_color="#FFFFFF", line_color=GRID, **ground
    )  # shares are read against white in either theme
    cells = plot.rect(fill_color="#0B3C61", fill_alpha="alpha", line_color=GRID, **ground)
    plot.add_layout(
        LabelSet(x="segment", y="group", text="text", source=source, text_align="center", text_baseline="middle",
                 text_font_size="12px", text_color="ink")
    )  # fmt: skip
    plot.add_tools(HoverTool(renderers=[cells], tooltips=[("", "@group, @segment: @n customers, @text")]))
    plot.grid.visible = False
    table = counts.set_axis(segments, axis=1).rename_axis(by).reset_index()
    return View(f"Ways of paying and {by}", plot, table, clusters.sentence)
