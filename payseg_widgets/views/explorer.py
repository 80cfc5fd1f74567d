"""Picture: the customers, in linked scatters and a table that brush each other, in the page and without a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from bokeh.layouts import column, gridplot, row
from bokeh.models import (
    Button,
    ColumnDataSource,
    CustomJS,
    DataTable,
    Div,
    HoverTool,
    LassoSelectTool,
    NumberFormatter,
    NumeralTickFormatter,
    Select,
    StringFormatter,
    TableColumn,
)
from bokeh.plotting import figure

from payseg_widgets.features.measure import Measure
from payseg_widgets.views.theme import new_figure, segment_colour, segment_marker
from payseg_widgets.views.view import View

#: Customers drawn at most; a larger portfolio is sampled, and the page says so.
MAX_SHOWN = 5_000

# The page's half of the brush: what the selected customers have in common, against the rest.
_CARD_JS = """
const d = source.data, chosen = source.selected.indices, n = d.customer_id.length;
if (chosen.length === 0) { card.text = nothing; return; }
const picked = new Uint8Array(n); for (const i of chosen) picked[i] = 1;
const middle = (name, want, is_ratio) => {
  const v = [];
  for (let i = 0; i < n; i++) if (picked[i] === want && Number.isFinite(d[name][i])) v.push(d[name][i]);
  if (v.length === 0) return "–";
  v.sort((a, b) => a - b);
  const h = v.length >> 1, m = v.length % 2 ? v[h] : (v[h - 1] + v[h]) / 2;
  return is_ratio ? (100 * m).toFixed(0) + " %" : m.toLocaleString("en-GB", {maximumFractionDigits: 1});
};
let money = 0, all = 0;
for (let i = 0; i < n; i++) { all += d.invoiced[i]; if (picked[i]) money += d.invoiced[i]; }
const whole = x => x.toLocaleString("en-GB", {maximumFractionDigits: 0});
const rows = measures.map(([name, label, unit]) => `<tr><th scope="row">${label}</th>`
  + `<td>${middle(name, 1, unit === "ratio")}</td><td>${middle(name, 0, unit === "ratio")}</td>`
  + `<td>${unit === "ratio" ? "" : unit}</td></tr>`).join("");
card.text = `<p role="status"><b>${whole(chosen.length)} of ${whole(n)} customers selected</b>: `
  + `${currency} ${whole(money)} invoiced (${all > 0 ? (100 * money / all).toFixed(1) : 0} % of the money shown)</p>`
  + `<table><thead><tr><th>medians</th><th>selected</th><th>the others</th><th></th></tr></thead><tbody>${rows}</tbody></table>`;
"""

_PICK_JS = """
const d = source.data, out = [];
if (pick.value !== "all") for (let i = 0; i < d.segment.length; i++) if (d.segment[i] === pick.value) out.push(i);
let focused = document.activeElement;
while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
source.selected.indices = out;  // the table takes the focus when its selection changes: give it back
requestAnimationFrame(() => focused?.focus({preventScroll: true}));
"""

_CARD_CSS = """
:host { font-size: 14px; color: #1B1F24; } table { border-collapse: collapse; } p { margin: 4px 0; }
th, td { text-align: right; padding: 2px 14px 2px 0; font-weight: normal; } th[scope=row] { text-align: left; }
"""


@dataclass(frozen=True)
class _Axis:
    """A column on an axis: what it is called there and how its figures are written."""

    column: str
    label: str
    is_ratio: bool = False


def explorer_view(
    customers: pd.DataFrame, *, axes: tuple[str, str], measures: Sequence[Measure], currency: str
) -> View:
    """Draw customers in three linked scatters and a table; a brush in one shows in all.

    Box and lasso with the mouse; by keyboard, the *Segment* list selects and *Clear* undoes.

    Parameters
    ----------
    customers : pandas.DataFrame
        Columns ``customer_id``, ``segment`` (int), ``letter``, ``segment_name``, ``x``, ``y`` (the map), ``invoiced``
        and one column for each of ``measures``; NaN where not estimable.
    axes : tuple of str
        What the map's axes mean.
    measures : sequence of Measure
        At least two; the first two span the second scatter, ``invoiced`` and the first the third.
    currency : str
        Empty where the ledger names none.
    """
    shown, note = _sample(customers)
    source = ColumnDataSource(_columns(shown, measures))
    first, second = (_Axis(m.name, m.label, m.unit == "ratio") for m in measures[:2])
    money = _Axis("invoiced", f"Invoiced, {currency}" if currency else "Invoiced")
    plots = [
        _scatter(source, "Map of payment behaviour", _Axis("x", "first axis"), _Axis("y", "second axis")),
        _scatter(source, f"{first.label} and {second.label.lower()}", first, second),
        _scatter(source, f"Money and {first.label.lower()}", money, first, x_axis_type="log"),
    ]
    in_order = shown.sort_values("segment", key=lambda segment: segment.where(segment >= 0, np.inf))
    names = list(dict.fromkeys(in_order["segment_name"]))  # those not placed come last
    controls = _controls(source, names, measures, currency, note)
    grid = gridplot(
        [plots], sizing_mode="stretch_width", toolbar_location="above", toolbar_options={"logo": None}
    )
    layout = column(*controls, grid, _table(source, measures), sizing_mode="stretch_width")
    medians = {m.label: (m.name, "median") for m in measures}
    table = (
        shown.groupby("segment_name")
        .agg(customers=("customer_id", "size"), **medians)
        .reset_index(names="segment")
    )
    sentence = (
        f"The map's {axes[0][0].lower()}{axes[0][1:]}; {axes[1][0].lower()}{axes[1][1:]}. {note}".strip()
    )
    return View("Explore the customers", layout, table, sentence)


def _sample(customers: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    if len(customers) <= MAX_SHOWN:
        return customers, ""
    chosen = np.sort(np.random.default_rng(0).choice(len(customers), MAX_SHOWN, replace=False))
    note = f"A random {MAX_SHOWN:,} of {len(customers):,} customers are drawn; every table but this one counts them all."
    return customers.iloc[chosen], note


def _columns(shown: pd.DataFrame, measures: Sequence[Measure]) -> dict[str, Any]:
    numbers = dict.fromkeys(["x", "y", "invoiced", *(m.name for m in measures)])
    return {
        "customer_id": shown["customer_id"].astype(str).tolist(),
        "segment": shown["segment_name"].tolist(),
        "letter": shown["letter"].tolist(),
        "colour": [segment_colour(s) for s in shown["segment"]],
        "marker": [segment_marker(s) for s in shown["segment"]],
        **{name: shown[name].to_numpy(dtype="float32") for name in numbers},
    }


def _scatter(source: ColumnDataSource, title: str, x: _Axis, y: _Axis, **options: Any) -> figure:
    plot = new_figure(
        title,
        x_axis_label=x.label,
        y_axis_label=y.label,
        height=380,
        tools="box_select,lasso_select,pan,wheel_zoom,reset,save",
        active_drag="box_select",
        **options,
    )
    plot.scatter(
        x.column,
        y.column,
        source=source,
        marker="marker",
        color="colour",
        size=7,
        alpha=0.6,
        line_color="colour",  # a cross is nothing but line
        selection_alpha=0.95,
        nonselection_alpha=0.06,
        legend_group="letter",
    )
    plot.select_one({"type": LassoSelectTool}).continuous = False  # redraw once, when the lasso is closed
    tips = [("customer", "@customer_id"), ("segment", "@segment")]
    tips += [(axis.label, f"@{axis.column}{{{'0 %' if axis.is_ratio else '0,0.0'}}}") for axis in (x, y)]
    plot.add_tools(HoverTool(tooltips=tips))
    for axis, drawn in ((x, plot.xaxis), (y, plot.yaxis)):
        drawn.formatter = NumeralTickFormatter(format="0%" if axis.is_ratio else "0,0.[0]a")
    plot.legend.label_text_font_size = "11px"
    plot.legend.background_fill_alpha = 0.6
    plot.legend.padding = plot.legend.spacing = 2
    if x.column == "x":
        plot.add_layout(plot.legend[0], "right")  # beside the points, not over them
        plot.legend.border_line_color = None
    else:
        plot.legend.visible = False
    return plot


def _controls(
    source: ColumnDataSource, names: Sequence[str], measures: Sequence[Measure], currency: str, note: str
) -> tuple[Any, Div]:
    how = "Draw a box or a lasso in a picture, click rows of the table, or choose a segment."
    nothing = f"<p role='status'>Nothing selected. {how} {note}</p>"
    card = Div(text=nothing, sizing_mode="stretch_width", stylesheets=[_CARD_CSS])
    pick = Select(
        title="Segment", value="all", options=[("all", "all customers"), *((n, n) for n in names)], width=280
    )
    clear = Button(label="Clear the selection", width=160, align="end")
    described = [
        [m.name, m.label, currency if m.unit == "money" else m.unit.replace("_", " ")] for m in measures
    ]
    values = {
        "source": source,
        "card": card,
        "pick": pick,
        "nothing": nothing,
        "currency": currency,
        "measures": described,
    }
    source.selected.js_on_change("indices", CustomJS(args=values, code=_CARD_JS))
    pick.js_on_change("value", CustomJS(args=values, code=_PICK_JS))
    clear.js_on_click(CustomJS(args=values, code="pick.value = 'all'; source.selected.indices = [];"))
    return row(pick, clear, sizing_mode="stretch_width"), card


def _table(source: ColumnDataSource, measures: Sequence[Measure]) -> DataTable:
    def numbers(unit: str) -> NumberFormatter:
        return NumberFormatter(
            format={"ratio": "0 %", "money": "0,0"}.get(unit, "0,0.0"), nan_format="–", text_align="right"
        )

    columns = [
        TableColumn(field="customer_id", title="Customer", formatter=StringFormatter(), width=110),
        TableColumn(field="segment", title="Segment", formatter=StringFormatter(), width=230),
        TableColumn(field="invoiced", title="Invoiced", formatter=numbers("money"), width=100),
        *(TableColumn(field=m.name, title=m.label, formatter=numbers(m.unit), width=110) for m in measures),
    ]
    return DataTable(
        source=source,
        columns=columns,
        height=320,
        sizing_mode="stretch_width",
        index_position=None,
        reorderable=False,
    )
