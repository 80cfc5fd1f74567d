"""Pictures of key figures: how one of them went month by month."""

from __future__ import annotations

import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, NumeralTickFormatter

from payseg_widgets.ledger.amounts import amount, currency_label
from payseg_widgets.ledger.schema import minor_digits
from payseg_widgets.views.theme import SEGMENT_COLOURS, new_figure
from payseg_widgets.views.view import View


def figure_text(value: float, unit: str, currency: str) -> str:
    """Write a key figure; "–" where it is missing.

    >>> figure_text(0.125, "share", "GBP"), figure_text(41.26, "days", "GBP"), figure_text(123456, "minor", "GBP")
    ('12.5%', '41.3 days', 'GBP 1,235')
    """
    if pd.isna(value):
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.1f} days" if unit == "days" else amount(value, currency)


def trend_words(trend: pd.Series, unit: str, currency: str) -> str:
    """Say where a figure began, where it is now, and its lowest and highest value; missing days are left out.

    Parameters
    ----------
    trend : pandas.Series
        Index of days, oldest first.
    unit : {"share", "days", "minor"}
    currency : str
    """
    known = trend.dropna()
    if known.empty:
        return "Not known of any month end."
    told = {
        name: f"{figure_text(float(known[day]), unit, currency)} on {day:%Y-%m-%d}"
        for name, day in {
            "first": known.index[0], "now": known.index[-1], "low": known.idxmin(), "high": known.idxmax()
        }.items()
    }  # fmt: skip
    return f"From {told['first']} to {told['now']}; lowest {told['low']}, highest {told['high']}."


def trend_view(label: str, trend: pd.Series, unit: str, currency: str) -> View:
    """Draw a key figure as it was at the end of each month, with what was known then.

    Parameters
    ----------
    label : str
        What the figure is called.
    trend, unit, currency
        As in `trend_words`.
    """
    texts = [figure_text(float(value), unit, currency) for value in trend]
    table = pd.DataFrame({"day": [f"{day:%Y-%m-%d}" for day in trend.index], label: texts})
    scale = 10 ** minor_digits(currency) if unit == "minor" else 1
    source = ColumnDataSource(
        {"day": trend.index.to_numpy(), "value": trend.to_numpy(dtype=float) / scale, "text": texts}
    )
    axis = {"share": "share", "days": "days"}.get(unit, currency_label(currency) or "amount")
    plot = new_figure(
        f"{label}, month by month", x_axis_type="datetime", x_axis_label="as of", y_axis_label=axis
    )
    plot.line("day", "value", source=source, line_color=SEGMENT_COLOURS[0], line_width=2)
    dots = plot.scatter("day", "value", source=source, size=8, color=SEGMENT_COLOURS[0])
    plot.add_tools(
        HoverTool(
            renderers=[dots],
            tooltips=[("as of", "@day{%F}"), (label, "@text")],
            formatters={"@day": "datetime"},
        )
    )
    plot.yaxis.formatter = NumeralTickFormatter(format={"share": "0%", "days": "0.[0]"}.get(unit, "0,0"))
    plot.y_range.start = min(0.0, float(trend.min(skipna=True)) / scale) if trend.notna().any() else 0.0
    return View(f"{label}, month by month", plot, table, f"{label}: {trend_words(trend, unit, currency)}")
