"""Picture: how fast each segment pays, as the share of invoices still unpaid."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, NumeralTickFormatter, Span

from payseg_widgets.strategy.payment_curve import median_days
from payseg_widgets.views.theme import MUTED, new_figure, segment_colour, segment_marker
from payseg_widgets.views.view import View


def payment_curve_view(curves: Mapping[int, pd.Series], names: Mapping[int, str]) -> View:
    """Draw one curve of `unpaid_curve` for each segment.

    Parameters
    ----------
    curves : mapping of segment to pandas.Series
    names : mapping of segment to str
        Legend texts.
    """
    plot = new_figure(
        "Invoices still unpaid, by days from the due date",
        x_axis_label="days after the due date (negative: before)", y_axis_label="share unpaid", y_range=(0, 1.02),
        height=340 + 22 * len(curves),
    )  # fmt: skip
    for segment, curve in curves.items():
        colour = segment_colour(segment)
        source = ColumnDataSource(
            {"day": curve.index, "share": curve.to_numpy(), "name": [names[segment]] * len(curve)}
        )
        plot.step(
            "day",
            "share",
            source=source,
            mode="after",
            color=colour,
            line_width=2.5,
            legend_label=names[segment],
        )
        dots = curve.iloc[:: max(len(curve) // 8, 1)]
        plot.scatter(
            dots.index,
            dots.to_numpy(),
            marker=segment_marker(segment),
            color=colour,
            size=8,
            legend_label=names[segment],
        )
    plot.add_layout(Span(location=0, dimension="height", line_color=MUTED, line_dash="dashed"))
    plot.add_tools(
        HoverTool(tooltips=[("segment", "@name"), ("day", "@day"), ("unpaid", "@share{0.0%}")], mode="mouse")
    )
    plot.yaxis.formatter = NumeralTickFormatter(format="0%")
    plot.legend.click_policy = "hide"
    plot.add_layout(plot.legend[0], "below")  # beside the curves it would leave them no room in a narrow page
    plot.legend.border_line_color = None
    table = pd.DataFrame(
        {
            "segment": [names[s] for s in curves],
            **{
                f"unpaid at {day:+d} days": [c.get(day, float("nan")) for c in curves.values()]
                for day in (-15, 0, 15, 30, 60, 90)
            },
            "half paid by day": [median_days(c) for c in curves.values()],
        }
    )
    return View("How fast each segment pays", plot, table, _sentence(table))


def _sentence(table: pd.DataFrame) -> str:
    known = table.dropna(subset=["unpaid at +30 days"])
    if known.empty:
        return "No segment has been observed for 30 days after a due date."
    unpaid = known["unpaid at +30 days"].to_numpy()
    best, worst = known.iloc[int(unpaid.argmin())], known.iloc[int(unpaid.argmax())]
    return (
        f"Thirty days after the due date {worst['unpaid at +30 days']:.0%} of the invoices of {worst['segment']} are unpaid, "
        f"{best['unpaid at +30 days']:.0%} of those of {best['segment']}."
    )
