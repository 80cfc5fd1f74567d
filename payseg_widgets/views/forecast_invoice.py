"""Pictures of one invoice: what leads to its chance, and when it is paid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, FactorRange, LabelSet, NumeralTickFormatter, PrintfTickFormatter

from payseg_widgets.prediction.explain import InvoiceReasons
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.views.forecast import LONGEST_NAME
from payseg_widgets.views.quantities import shortened
from payseg_widgets.views.theme import INK, MUTED, NOISE_COLOUR, SEGMENT_COLOURS, new_figure
from payseg_widgets.views.view import View

_BLUE, _ORANGE, _SKY = SEGMENT_COLOURS[0], SEGMENT_COLOURS[1], SEGMENT_COLOURS[5]
#: Column of the forecast -> the chance that the invoice is paid by that day.
_QUANTILES = {"paid_q10": 0.1, "paid_q50": 0.5, "paid_q90": 0.9}


def reasons_view(reasons: InvoiceReasons) -> View:
    """Draw what leads from the chance under a typical customer to that of this invoice, in percentage points."""
    points = reasons.table["points"].to_numpy(dtype=float)
    typical, chance = 100 * reasons.typical, 100 * reasons.chance
    ends = typical + np.cumsum(points)
    starts = np.concatenate(([typical], ends[:-1])) if len(points) else ends
    names = ["Owed by a typical customer", *(f"{one}" for one in reasons.table.index), "This invoice"]
    left, right = np.concatenate(([0.0], starts, [0.0])), np.concatenate(([typical], ends, [chance]))
    texts = [f"{typical:.0f}%", *(f"{round(value) + 0:+d}" for value in points), f"{chance:.0f}%"]
    source = ColumnDataSource(
        {
            "name": names, "left": left, "right": right, "text": texts, "at": np.maximum(left, right),
            "colour": [NOISE_COLOUR, *(_ORANGE if value > 0 else _SKY for value in points), _BLUE],
        }
    )  # fmt: skip
    plot = new_figure(
        f"Why the chance of being {reasons.what} is {chance:.0f}%", y_range=FactorRange(factors=names[::-1]),
        height=130 + 30 * len(names), x_range=(min(0.0, left.min(), right.min()), 1.15 * max(left.max(), right.max(), 1.0)),
        x_axis_label=f"chance of being {reasons.what}; orange adds to it, pale blue takes from it", tools="save",
    )  # fmt: skip
    plot.hbar(
        y="name", left="left", right="right", height=0.6, source=source, fill_color="colour", line_color=MUTED
    )
    plot.add_layout(
        LabelSet(x="at", y="name", text="text", source=source, x_offset=6, text_baseline="middle", text_font_size="12px",
                 text_color=INK)
    )  # fmt: skip
    plot.xaxis.formatter = PrintfTickFormatter(format="%d%%")
    plot.ygrid.visible = False
    table = pd.DataFrame(
        {"reason": names, "points": texts, "chance by then": [f"{one:.0f}%" for one in right]}
    )
    return View("Why this chance", plot, table, reasons.sentence)


def pay_dates_view(forecast: PaymentForecast, invoice: str, curve: pd.DataFrame) -> View:
    """Draw the chance that an invoice is paid by each day, with the days of 10, 50 and 90 %.

    Parameters
    ----------
    forecast : PaymentForecast
    invoice : str
    curve : pandas.DataFrame
        `InvoiceReasons.curve`.
    """
    days: dict[float, Any] = {chance: forecast.invoices[name][invoice] for name, chance in _QUANTILES.items()}
    marks = {chance: day for chance, day in days.items() if not pd.isna(day)}
    called = shortened(invoice, LONGEST_NAME)
    plot = new_figure(
        f"When {called} is paid", x_axis_type="datetime", y_axis_label="chance that it is paid by then", y_range=(0, 1.02),
        x_axis_label="day; marked: 10, 50 and 90%", x_range=_seen(curve, days[0.9]),
    )  # fmt: skip
    plot.line(x=curve.index.to_numpy(), y=curve["p_paid"].to_numpy(), line_color=_BLUE, line_width=2)
    source = ColumnDataSource(
        {
            "day": pd.DatetimeIndex(list(marks.values())).to_numpy(), "chance": list(marks),
            "text": [f"{chance:.0%}: {day:%Y-%m-%d}" for chance, day in marks.items()],
        }
    )  # fmt: skip
    plot.segment(
        x0="day", x1="day", y0=0, y1="chance", source=source, line_color=NOISE_COLOUR, line_dash="dashed"
    )
    plot.scatter(x="day", y="chance", source=source, size=10, marker="diamond", color=_ORANGE, line_color=INK)
    plot.add_layout(
        LabelSet(x="day", y="chance", text="text", source=source, x_offset=8, y_offset=-14, text_font_size="12px",
                 text_color=INK)
    )  # fmt: skip
    plot.yaxis.formatter = NumeralTickFormatter(format="0%")
    table = pd.DataFrame(
        {"chance": [f"{chance:.0%}" for chance in days],
         "paid by": [_day(day) for day in days.values()]}
    )  # fmt: skip
    told = "; ".join(f"{chance:.0%} by {_day(day)}" for chance, day in days.items())
    return View("When it is paid", plot, table, f"Chances that {called} is paid: {told}.")


def _seen(curve: pd.DataFrame, nearly_paid: Any) -> tuple[Any, Any]:
    """Return the days drawn: all, or where it is nearly paid before long twice as many as until then, a fortnight or more."""
    first, last = curve.index[0], curve.index[-1]
    if not pd.isna(nearly_paid):
        last = min(last, first + max(2 * (nearly_paid - first), pd.Timedelta(days=14)))
    return first, last


def _day(day: Any) -> str:
    return "later than can be told" if pd.isna(day) else f"{day:%Y-%m-%d}"
