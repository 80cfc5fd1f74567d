"""Pictures of past forecasts: the cash of each week as forecast and as it came, and whether forecasts still hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, LabelSet, NumeralTickFormatter
from bokeh.plotting import figure

from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import minor_digits
from payseg_widgets.prediction.customer_intervals import too_few_customers
from payseg_widgets.prediction.drift import Drift
from payseg_widgets.prediction.outcomes import ForecastOutcomes
from payseg_widgets.views.theme import INK, SEGMENT_COLOURS, new_figure
from payseg_widgets.views.view import View

_BLUE, _ORANGE, _BAND = SEGMENT_COLOURS[0], SEGMENT_COLOURS[3], "#CFE3F1"
_MONEY = ("expected", "p10", "p90", "came")


def outcome_weeks_view(outcomes: ForecastOutcomes) -> View:
    """Draw the weeks that have ended: the 10-90 band, what was expected, what came; weeks outside the band are marked.

    Parameters
    ----------
    outcomes : ForecastOutcomes
    """
    weeks = outcomes.weeks
    per_unit = 10 ** minor_digits(outcomes.currency)
    money = {name: weeks[f"{name}_minor"].astype("Float64") / per_unit for name in _MONEY}
    told = weeks["is_within"].map({True: "within", False: "outside"}).fillna("not known").astype(str)
    table = pd.DataFrame(
        {
            "week": pd.DatetimeIndex(weeks.index).strftime("%Y-%m-%d"),
            **{k: v.to_numpy(float) for k, v in money.items()},
        }
    )
    table["band"] = told.to_numpy()
    title = f"Cash by week, forecast of {outcomes.as_of:%Y-%m-%d} and what came"
    return View(title, _weeks_figure(title, table, outcomes.currency), table.round(2), _weeks_sentence(table))


def _weeks_figure(title: str, table: pd.DataFrame, currency: str) -> figure:
    plot = new_figure(
        title, x_range=FactorRange(factors=table["week"].tolist()), x_axis_label="week from",
        y_axis_label=f"cash, {currency}", tools="save",
    )  # fmt: skip
    source = ColumnDataSource(
        {**_columns(table), "mark": ["outside" if band == "outside" else "" for band in table["band"]]}
    )
    plot.vbar(
        x="week", bottom="p10", top="p90", width=0.7, source=source, color=_BAND, line_color=_BLUE, legend_label="10-90 band"
    )  # fmt: skip
    plot.scatter(
        x="week", y="expected", marker="dash", size=26, line_width=2.5, color=_BLUE, source=source, legend_label="expected"
    )  # fmt: skip
    came = plot.scatter(
        x="week", y="came", marker="diamond", size=11, color=_ORANGE, source=source, legend_label="came"
    )
    _mark(plot, source, "week", "came")
    tips = [("week from", "@week"), *((name, f"@{name}{{0,0}}") for name in _MONEY), ("band", "@band")]
    plot.add_tools(HoverTool(renderers=[came], tooltips=tips))
    plot.yaxis.formatter = NumeralTickFormatter(format="0.[0]a")
    return _dressed(plot)


def _weeks_sentence(table: pd.DataFrame) -> str:
    known = table[table["band"] != "not known"]
    if known.empty:
        return "No week of the forecast can be judged yet."
    outside = known[known["band"] == "outside"]
    share = known["came"].sum() / known["expected"].sum() if known["expected"].sum() else float("nan")
    told = f"Cash lay within its band in {len(known) - len(outside)} of {counted(len(known), 'week')}"
    total = f"; {share:.0%} of what was expected came" if pd.notna(share) else ""
    weeks = f"; outside: {', '.join(outside['week'])}" if len(outside) else ""
    return f"{told}{total}{weeks}."


def drift_view(drift: Drift) -> View:
    """Draw the share late after each past forecast, as forecast and as it came with its interval; drifts are marked.

    Where too few customers were seen to tell, the table says so.

    Parameters
    ----------
    drift : Drift
    """
    table = drift.table.reset_index()
    table["as_of"] = table["as_of"].dt.strftime("%Y-%m-%d")
    table["drift"] = np.where(table["is_drifting"], "drift", "none shown").astype(object)
    few = ~table["is_judged"]
    table.loc[few, "drift"] = table.loc[few, "n_customers"].map(too_few_customers)
    title = "Share late after each forecast, forecast and observed"
    plot = new_figure(
        title, x_range=FactorRange(factors=table["as_of"].tolist()), y_axis_label="share late", x_axis_label="forecast of",
        y_range=(0, 1.1 * _top(table)), tools="save",
    )  # fmt: skip
    source = ColumnDataSource(
        {**_columns(table), "mark": ["drift" if one else "" for one in table["is_drifting"]]}
    )
    plot.segment(
        x0="as_of", x1="as_of", y0="conf_low", y1="conf_high", source=source, line_color=_ORANGE, line_width=2,
        legend_label="its interval",
    )  # fmt: skip
    seen = plot.scatter(
        x="as_of", y="observed", marker="diamond", size=11, color=_ORANGE, source=source, legend_label="observed"
    )  # fmt: skip
    plot.line(
        x="as_of", y="predicted", line_color=_BLUE, line_width=2, source=source, legend_label="forecast"
    )
    plot.scatter(
        x="as_of", y="predicted", marker="circle", size=7, color=_BLUE, source=source, legend_label="forecast"
    )
    _mark(plot, source, "as_of", "observed")
    tips = [
        ("forecast of", "@as_of"),
        ("forecast", "@predicted{0.0%}"),
        ("observed", "@observed{0.0%}"),
        ("drift", "@drift"),
    ]
    plot.add_tools(HoverTool(renderers=[seen], tooltips=tips))
    plot.yaxis.formatter = NumeralTickFormatter(format="0%")
    shown = ["as_of", "n_invoices", "n_customers", "predicted", "observed", "conf_low", "conf_high", "drift"]
    return View(title, _dressed(plot), table[shown].round(4), drift.sentence)


def _top(table: pd.DataFrame) -> float:
    """Return the greatest share to be drawn; 1 where there is none."""
    shares = table[["predicted", "observed", "conf_high"]].to_numpy(dtype=float)
    return float(np.nanmax(shares)) if np.isfinite(shares).any() else 1.0


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    return {str(name): table[name].to_numpy() for name in table}


def _mark(plot: figure, source: ColumnDataSource, x: str, y: str) -> None:
    """Write the source's ``mark`` beside its points: colour does not stand alone."""
    plot.add_layout(
        LabelSet(
            x=x,
            y=y,
            text="mark",
            source=source,
            x_offset=8,
            y_offset=-5,
            text_font_size="11px",
            text_color=INK,
        )
    )


def _dressed(plot: figure) -> Any:
    plot.add_layout(plot.legend[0], "below")  # above the marks it would hide some
    plot.legend.orientation = "horizontal"
    plot.legend.border_line_color = None
    plot.xaxis.major_label_orientation = 0.9
    plot.xgrid.visible = False
    return plot
