"""Picture: what was invoiced each month and how much of it was paid late, with what cannot be known yet."""

from __future__ import annotations

import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, LinearAxis, NumeralTickFormatter, Range1d

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.views.theme import MUTED, SEGMENT_COLOURS, new_figure
from payseg_widgets.views.view import View


def months_view(invoices: SettledInvoices, currency: str, late_rule: str) -> View:
    """Draw invoiced money and the late share by month of issue.

    The late share is drawn only for months whose invoices have all passed their due date: a younger month would look
    better than it is, since its late payers have not had the time to be late.
    """
    month = pd.to_datetime(invoices.issued.astype("datetime64[D]").astype("datetime64[s]")).to_period("M")
    frame = pd.DataFrame(
        {
            "month": month,
            "invoiced": invoices.sales,
            "open": invoices.outstanding,
            "late": invoices.is_known & (invoices.days_late > invoices.grace_days),
            "counted": invoices.is_known,
            "not_due": invoices.is_owed & ~invoices.is_known,
        }
    )
    table = frame.groupby("month").agg(
        invoiced=("invoiced", "sum"),
        open=("open", "sum"),
        late=("late", "sum"),
        counted=("counted", "sum"),
        not_due=("not_due", "sum"),
    )
    table["late_ratio"] = (table["late"] / table["counted"]).where(
        (table["not_due"] == 0) & (table["counted"] > 0)
    )
    table = table.assign(
        invoiced=invoices.money(table["invoiced"].to_numpy()), open=invoices.money(table["open"].to_numpy())
    )
    source = ColumnDataSource(
        {
            "month": pd.PeriodIndex(table.index).to_timestamp(),
            **{c: table[c].to_numpy() for c in ("invoiced", "open", "late_ratio")},
        }
    )
    top = float(table["invoiced"].max()) if len(table) else 1.0
    plot = new_figure(
        "Invoiced, and paid late, by month of issue",
        x_axis_type="datetime",
        y_axis_label=f"invoiced, {currency}" if currency else "invoiced",
        y_range=Range1d(0, top * 1.05),
    )
    width = 25 * 24 * 3600 * 1000
    plot.vbar("month", width=width, top="invoiced", color="#C9D1D9", source=source, legend_label="invoiced")
    plot.vbar(
        "month", width=width, top="open", color=SEGMENT_COLOURS[1], source=source, legend_label="still open"
    )
    plot.extra_y_ranges = {"share": Range1d(0, 1)}
    plot.add_layout(
        LinearAxis(
            y_range_name="share",
            axis_label="late share",
            formatter=NumeralTickFormatter(format="0%"),
            axis_label_text_font_style="normal",
            axis_label_text_color=MUTED,
        ),
        "right",
    )
    plot.line(
        "month",
        "late_ratio",
        source=source,
        y_range_name="share",
        color=SEGMENT_COLOURS[0],
        line_width=2.5,
        legend_label="late share",
    )
    plot.scatter(
        "month",
        "late_ratio",
        source=source,
        y_range_name="share",
        color=SEGMENT_COLOURS[0],
        size=6,
        legend_label="late share",
    )
    plot.add_tools(
        HoverTool(
            tooltips=[
                ("month", "@month{%b %Y}"),
                ("invoiced", "@invoiced{0,0}"),
                ("open", "@open{0,0}"),
                ("late", "@late_ratio{0.0%}"),
            ],
            formatters={"@month": "datetime"},
            renderers=[plot.renderers[0]],
        )
    )
    plot.yaxis[0].formatter = NumeralTickFormatter(format="0.[0]a")
    plot.add_layout(plot.legend[0], "above")
    plot.legend.orientation = "horizontal"
    plot.legend.border_line_color = None
    plot.yaxis.minor_tick_line_color = None
    shown = table.reset_index()[["month", "invoiced", "open", "late_ratio"]]
    return View(
        "Invoiced and paid late, month by month",
        plot,
        shown.assign(month=shown["month"].astype(str)),
        _sentence(table["late_ratio"].dropna(), late_rule),
    )


def _sentence(late: pd.Series, late_rule: str) -> str:
    rule = f"Late: {late_rule.removeprefix('late = ')}. Months with invoices that are not due yet have no late share."
    half = len(late) // 2
    if half < 3:
        return rule
    return (
        f"The late share was {late.iloc[:half].mean():.0%} in the first half of the months "
        f"and {late.iloc[half:].mean():.0%} in the second. {rule}"
    )
