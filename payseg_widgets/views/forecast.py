"""Pictures of a payment forecast: cash by week, the balance by age, the invoices that bind most.

Invoices can be picked, see `payseg_widgets.views.picks`: the column is ``invoice``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from bokeh.models import (
    ColumnDataSource,
    FactorRange,
    HoverTool,
    NumeralTickFormatter,
)
from bokeh.plotting import figure
from bokeh.transform import dodge

from payseg_widgets.ledger.amounts import amount, currency_label
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import minor_digits
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.views.picks import PICKS, picked
from payseg_widgets.views.quantities import shortened
from payseg_widgets.views.theme import AGE_COLOURS, SEGMENT_COLOURS, legend_row, new_figure
from payseg_widgets.views.view import View

_BLUE, _ORANGE, _PALE = SEGMENT_COLOURS[0], SEGMENT_COLOURS[1], AGE_COLOURS[1]
#: Invoices drawn; the others are summed up.
MOST_DRAWN = 15
#: Characters of an invoice's number in a picture.
LONGEST_NAME = 24


def cash_view(forecast: PaymentForecast) -> View:
    """Draw what each week brings: expected, in the middle, and the band of 10 % to 90 %."""
    source = _week_source(forecast)
    plot = _money_figure(
        "Cash expected by week", forecast, x_axis_type="datetime",
        x_axis_label="week beginning; band: 10% to 90%, four weeks of five fall inside",
    )  # fmt: skip
    plot.varea("week", "p10", "p90", source=source, color=_BLUE, alpha=0.22, legend_label="10% to 90%")
    plot.segment("week", "p10", "week", "p90", source=source, line_color=_BLUE, line_alpha=0.5)
    plot.line("week", "expected", source=source, line_color=_BLUE, line_width=2, legend_label="expected")
    dots = plot.scatter("week", "expected", source=source, size=8, color=_BLUE, legend_label="expected")
    plot.line(
        "week", "p50", source=source, line_color=_ORANGE, line_width=2, line_dash="dashed", legend_label="as likely more as less"
    )  # fmt: skip
    tips = [("week of", "@week{%F}"), ("expected", "@expected_text"), ("10% to 90%", "@band_text")]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=tips, formatters={"@week": "datetime"}))
    legend_row(plot, "above")
    return View("Cash expected by week", plot, _week_table(forecast), _week_sentence(forecast))


def ageing_ahead_view(forecast: PaymentForecast) -> View:
    """Draw today's open balance by age, now and as it is expected in 30 days."""
    now, later = forecast.ageing["now_minor"], forecast.ageing["in_30_days_minor"]
    ages, unit = forecast.ageing.index.astype(str).tolist(), _unit(forecast)
    table = pd.DataFrame(
        {"days past due": ages, "now": _amounts(now, forecast), "in 30 days": _amounts(later, forecast)}
    )
    source = ColumnDataSource(
        {"age": ages, "now": now / unit, "later": later / unit, "now_text": table["now"], "later_text": table["in 30 days"]}
    )  # fmt: skip
    plot = _money_figure(
        "Open balance by age, now and in 30 days", forecast, x_range=FactorRange(factors=ages), x_axis_label="days past due",
        tools="save",
    )  # fmt: skip
    bars = [
        plot.vbar(
            dodge("age", offset, range=plot.x_range), 0.36, name, source=source, fill_color=colour, line_color=_BLUE,
            legend_label=called, hatch_pattern=hatch, hatch_color=_BLUE, hatch_alpha=0.6,
        )
        for name, offset, colour, called, hatch in (
            ("now", -0.2, _BLUE, "now", " "), ("later", 0.2, _PALE, "expected in 30 days", "/"),
        )
    ]  # fmt: skip
    tips = [("days past due", "@age"), ("now", "@now_text"), ("in 30 days", "@later_text")]
    plot.add_tools(HoverTool(renderers=bars, tooltips=tips))
    plot.xgrid.visible = False
    legend_row(plot, "above")
    return View("Open balance by age", plot, table, _ageing_sentence(forecast))


def ranked_invoices(forecast: PaymentForecast) -> pd.DataFrame:
    """Return the open invoices by amount times days until it is expected, the largest first."""
    return forecast.invoices.sort_values("amount_days", ascending=False, kind="stable")


def open_invoices_view(forecast: PaymentForecast, invoice: str = "") -> View:
    """Draw the invoices that bind most money for longest, as amount times expected days; one may be picked."""
    drawn = ranked_invoices(forecast).head(MOST_DRAWN)
    ids = drawn.index.astype(str).tolist()
    names = [f"{k}. {shortened(one, LONGEST_NAME)}" for k, one in enumerate(ids, 1)]
    weight = drawn["amount_days"].to_numpy() / _unit(forecast)
    table = pd.DataFrame(
        {
            "invoice": ids, "amount": _amounts(drawn["outstanding_minor"], forecast),
            "expected in days": [f"{days:.0f}" for days in drawn["expected_days"]],
            "amount × days": [f"{one:,.0f}" for one in weight],
        }
    )  # fmt: skip
    source = ColumnDataSource(
        {
            "invoice": ids,
            "name": names,
            "weight": weight,
            "money": table["amount"],
            "days": [counted(round(days), "day") for days in drawn["expected_days"]],
        }
    )
    if invoice in ids:
        source.selected.indices = [ids.index(invoice)]
    plot = new_figure(
        "Open invoices by amount and time", y_range=FactorRange(factors=names[::-1]), height=150 + 22 * len(names),
        x_axis_label=f"{_currency(forecast)}amount × days until it is expected", tools="tap,save",
    )  # fmt: skip
    look = {"fill_color": _PALE, "line_color": _BLUE, **picked()}
    bars = plot.hbar("name", 0.7, "weight", source=source, name=PICKS, **look)
    tips = [("invoice", "@invoice"), ("amount", "@money"), ("expected in", "@days")]
    plot.add_tools(HoverTool(renderers=[bars], tooltips=tips))
    plot.xaxis.formatter = NumeralTickFormatter(format="0,0")
    plot.ygrid.visible = False
    return View("Open invoices by amount and time", plot, table, _rest_sentence(forecast))


def _week_source(forecast: PaymentForecast) -> ColumnDataSource:
    weeks, unit = forecast.weeks.iloc[:-1], _unit(forecast)
    names = ("expected", "p10", "p50", "p90")
    low, high = (_amounts(weeks[f"{name}_minor"], forecast) for name in ("p10", "p90"))
    return ColumnDataSource(
        {
            "week": weeks.index.to_numpy(), **{name: weeks[f"{name}_minor"].to_numpy() / unit for name in names},
            "expected_text": _amounts(weeks["expected_minor"], forecast),
            "band_text": [f"{one} to {other}" for one, other in zip(low, high, strict=True)],
        }
    )  # fmt: skip


def _week_table(forecast: PaymentForecast) -> pd.DataFrame:
    weeks = forecast.weeks
    names = {"expected": "expected", "p10": "10%", "p50": "as likely more as less", "p90": "90%"}
    table = {called: _amounts(weeks[f"{name}_minor"], forecast) for name, called in names.items()}
    first = ["later or never" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in weeks.index]
    return pd.DataFrame({"week beginning": first, **table})


def _week_sentence(forecast: PaymentForecast) -> str:
    first, last = forecast.weeks.iloc[0], forecast.weeks.iloc[-1]
    expected, low, high, later = (
        amount(float(value), forecast.currency)
        for value in (first["expected_minor"], first["p10_minor"], first["p90_minor"], last["expected_minor"])
    )
    return (
        f"{forecast.sentence} The first week brings {expected} (80% interval {low} to {high}); {later} is expected after the "
        f"{counted(len(forecast.weeks) - 1, 'week')} drawn, or never."
    )


def _ageing_sentence(forecast: PaymentForecast) -> str:
    later = forecast.ageing["in_30_days_minor"]
    whole, left, oldest = forecast.balance_minor, float(later.sum()), float(later.iloc[-1])
    open_now, still, old = (amount(minor, forecast.currency) for minor in (whole, left, oldest))
    return (
        f"Of {open_now} open now, {still} ({left / whole if whole else 0:.0%}) is expected to be open still in 30 days, {old} "
        "of it over 90 days past due. Invoices yet to be issued are not counted."
    )


def _rest_sentence(forecast: PaymentForecast) -> str:
    """Say how much of amount × days is drawn, and what the others come to."""
    ranked = ranked_invoices(forecast)
    rest = ranked.iloc[MOST_DRAWN:]
    if rest.empty:
        return (
            f"All {len(ranked)} open invoices are drawn."
            if len(ranked) != 1
            else "The one open invoice is drawn."
        )
    others = "the other one comes" if len(rest) == 1 else f"the other {len(rest):,} come"
    share = float(rest["amount_days"].sum()) / (float(ranked["amount_days"].sum()) or 1.0)
    return (
        f"The first {MOST_DRAWN} of {len(ranked):,} open invoices are {1 - share:.0%} of amount × days; {others} to "
        f"{amount(float(rest['outstanding_minor'].sum()), forecast.currency)} and {share:.0%}."
    )


def _money_figure(title: str, forecast: PaymentForecast, **options: Any) -> figure:
    plot = new_figure(title, y_axis_label=_currency(forecast).strip() or "amount", **options)
    plot.yaxis.formatter = NumeralTickFormatter(format="0,0")
    plot.y_range.start = 0
    return plot


def _unit(forecast: PaymentForecast) -> int:
    return int(10 ** minor_digits(forecast.currency))


def _currency(forecast: PaymentForecast) -> str:
    return f"{currency_label(forecast.currency)} ".lstrip()


def _amounts(minor: pd.Series, forecast: PaymentForecast) -> list[str]:
    return [amount(float(value), forecast.currency) for value in minor]
