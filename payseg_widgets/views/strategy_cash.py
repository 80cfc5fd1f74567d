"""Picture: cash by week as forecast and as it would be if an assumption held."""

from __future__ import annotations

import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, NumeralTickFormatter

from payseg_widgets.ledger.amounts import amount, currency_label
from payseg_widgets.ledger.schema import minor_digits
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.views.theme import SEGMENT_COLOURS, legend_row, new_figure
from payseg_widgets.views.view import View

_BLUE, _ORANGE = SEGMENT_COLOURS[0], SEGMENT_COLOURS[3]
_NAMES = ("expected", "p10", "p90")


def scenario_view(scenario: Scenario) -> View:
    """Draw the expected cash of each week with its band, with the assumption and without."""
    weeks, unit = scenario.weeks.iloc[:-1], 10 ** minor_digits(scenario.currency)
    columns = [f"{prefix}{name}" for prefix in ("base_", "") for name in _NAMES]
    texts = {name: [amount(float(v), scenario.currency) for v in weeks[f"{name}_minor"]] for name in columns}
    source = ColumnDataSource(
        {
            "week": weeks.index.to_numpy(),
            **{name: weeks[f"{name}_minor"].to_numpy() / unit for name in columns},
            **{f"{name}_text": text for name, text in texts.items()},
        }
    )
    plot = new_figure(
        "Cash by week, if the assumption holds", x_axis_type="datetime",
        y_axis_label=currency_label(scenario.currency) or "amount",
        x_axis_label="week beginning; bands: 10% to 90%, four weeks of five fall inside",
    )  # fmt: skip
    plot.yaxis.formatter = NumeralTickFormatter(format="0,0")
    plot.y_range.start = 0
    dots = []
    for prefix, colour, dash, marker, called in (
        ("base_", _BLUE, "dashed", "circle", "as forecast"), ("", _ORANGE, "solid", "square", "if it holds"),
    ):  # fmt: skip
        low, high, middle = f"{prefix}p10", f"{prefix}p90", f"{prefix}expected"
        plot.varea(
            "week", low, high, source=source, color=colour, alpha=0.18, legend_label=f"{called}, 10% to 90%"
        )
        for edge in (low, high):
            plot.line(
                "week", edge, source=source, line_color=colour, line_width=1, line_dash=dash, line_alpha=0.6
            )
        plot.line(
            "week",
            middle,
            source=source,
            line_color=colour,
            line_width=2,
            line_dash=dash,
            legend_label=called,
        )
        dots.append(
            plot.scatter(
                "week", middle, source=source, marker=marker, size=7, color=colour, legend_label=called
            )
        )
    tips = [
        ("week of", "@week{%F}"),
        ("as forecast", "@base_expected_text"),
        ("if it holds", "@expected_text"),
    ]
    plot.add_tools(HoverTool(renderers=dots[:1], tooltips=tips, formatters={"@week": "datetime"}))
    legend_row(plot, "above")
    return View("Cash by week, if the assumption holds", plot, scenario_table(scenario), scenario.sentence)


def scenario_table(scenario: Scenario) -> pd.DataFrame:
    """Return the weeks as text: expected with 80 % band, as forecast and if it holds, and the change.

    Returns
    -------
    pandas.DataFrame
        A row a week, the last for later or never, of which there is no band.
    """
    weeks, currency = scenario.weeks, scenario.currency
    starts = [*(f"{day:%Y-%m-%d}" for day in weeks.index[:-1]), "later or never"]
    table = {"week beginning": starts}
    for prefix, called in (("base_", "as forecast"), ("", "if it holds"), ("change_", "change")):
        expected, low, high = (
            [amount(float(v), currency) for v in weeks[f"{prefix}{name}_minor"]] for name in _NAMES
        )
        table[called] = expected
        table[f"{called}, 10% to 90%"] = [
            *(f"{a} to {b}" for a, b in list(zip(low, high, strict=True))[:-1]),
            "–",
        ]
    return pd.DataFrame(table)
