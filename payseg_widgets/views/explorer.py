"""Picture: the customers, in linked scatters and a table that brush each other, in the page and without a kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from bokeh.layouts import column, row
from bokeh.models import (
    Button,
    ColumnDataSource,
    CustomJS,
    DataTable,
    Div,
    HoverTool,
    NumberFormatter,
    Select,
    StringFormatter,
    TableColumn,
)  # fmt: skip
from bokeh.models.plots import Plot

from payseg_widgets.views.theme import new_figure, segment_colour, segment_marker
from payseg_widgets.views.view import View

#: Customers drawn at most; a larger portfolio is sampled, and the page says so.
MAX_SHOWN = 5_000

# The page's half of the brush: what the selected customers have in common, against the rest.
_CARD_JS = """
const d = source.data, chosen = source.selected.indices, n = d.customer_id.length;
if (chosen.length === 0 || chosen.length === n) { card.text = all_text; return; }
const picked = new Uint8Array(n); for (const i of chosen) picked[i] = 1;
const middle = (name, want) => {
  const v = []; for (let i = 0; i < n; i++) if (picked[i] === want && Number.isFinite(d[name][i])) v.push(d[name][i]);
  if (v.length === 0) return "–"; v.sort((a, b) => a - b);
  const h = v.length >> 1; const m = v.length % 2 ? v[h] : (v[h - 1] + v[h]) / 2;
  return m.toLocaleString("en-GB", {maximumFractionDigits: Math.abs(m) < 1 ? 2 : 1});
};
let money = 0, all = 0; for (let i = 0; i < n; i++) { all += d.invoiced[i]; if (picked[i]) money += d.invoiced[i]; }
const whole = x => x.toLocaleString("en-GB", {maximumFractionDigits: 0});
const rows = measures.map(([name, label, unit]) =>
  `<tr><th scope="row">${label}</th><td>${middle(name, 1)}</td><td>${middle(name, 0)}</td><td>${unit}</td></tr>`).join("");
card.text = `<p role="status"><b>${whole(chosen.length)} of ${whole(n)} customers selected</b>, ${whole(money)} ${currency} invoiced `
  + `(${(100 * money / all).toFixed(1)} % of the money shown)</p><table><thead><tr><th></th><th>selected</th><th>the others</th><th></th></tr></thead>`
  + `<tbody>${rows}</tbody></table><p>Middle values (medians).</p>`;
"""

_PICK_JS = """
const d = source.data, want = pick.value, out = [];
if (want !== "all") for (let i = 0; i < d.segment.length; i++) if (d.segment[i] === want) out.push(i);
source.selected.indices = out;
"""


def explorer_view(
    customers: pd.DataFrame, *, axes: tuple[str, str], measures: Sequence[tuple[str, str, str]], currency: str
) -> View:
    """Draw customers in three linked scatters and a table; a brush in one shows in all.

    Box and lasso with the mouse; by keyboard, the *Segment* list selects and *Clear* undoes.

    Parameters
    ----------
    customers : pandas.DataFrame
        Columns ``customer_id``, ``segment`` (int), ``segment_name``, ``x``, ``y`` (the map), ``invoiced`` and one column
        for each name in ``measures``; NaN where not estimable.
    axes : tuple of str
        What the map's axes mean.
    measures : sequence of (name, label, unit)
        At least two; the first two span the second scatter, the first and ``invoiced`` the third.
    currency : str
    """
    shown, note = _sample(customers)
    segments = sorted(shown["segment"].unique())
    names = {int(s): shown.loc[shown["segment"] == s, "segment_name"].iloc[0] for s in segments}
    source = ColumnDataSource(_columns(shown, measures))
    (first, first_label, _), (second, second_label, _) = measures[0], measures[1]
    plots = [
        _scatter(source, "x", "y", "Map of payment behaviour", axes[0], axes[1], names),
        _scatter(
            source,
            first,
            second,
            f"{first_label} and {second_label.lower()}",
            first_label,
            second_label,
            names,
        ),
        _scatter(
            source,
            "invoiced",
            first,
            f"Money and {first_label.lower()}",
            f"invoiced, {currency}",
            first_label,
            names,
            x_axis_type="log",
        ),
    ]
    all_text = f"<p role='status'>Nothing selected. Draw a box or a lasso in a picture, or choose a segment. {note}</p>"
    card = Div(text=all_text, sizing_mode="stretch_width", stylesheets=[_CARD_CSS])
    pick = Select(
        title="Segment",
        value="all",
        options=[("all", "all customers"), *((names[int(s)], names[int(s)]) for s in segments)],
        width=280,
    )
    clear = Button(label="Clear the selection", width=160)
    shared = {
        "source": source,
        "card": card,
        "all_text": all_text,
        "currency": currency,
        "measures": [list(m) for m in measures],
        "pick": pick,
    }
    source.selected.js_on_change("indices", CustomJS(args=shared, code=_CARD_JS))
    pick.js_on_change("value", CustomJS(args=shared, code=_PICK_JS))
    clear.js_on_click(CustomJS(args=shared, code="pick.value = 'all'; source.selected.indices = [];"))
    layout = column(
        row(pick, clear, sizing_mode="stretch_width"), card, row(*plots, sizing_mode="stretch_width"), _table(source, measures),
        sizing_mode="stretch_width",
    )  # fmt: skip
    table = shown.groupby("segment_name", sort=False).agg(
        customers=("customer_id", "size"), **{label: (name, "median") for name, label, _ in measures}
    )
    return View(
        "Explore the customers",
        layout,
        table.reset_index(names="segment"),
        note or "Every customer with a segment or without one is shown.",
    )


_CARD_CSS = """
:host { font-size: 14px; color: #1B1F24; } table { border-collapse: collapse; } p { margin: 4px 0; }
th, td { text-align: right; padding: 2px 14px 2px 0; font-weight: normal; } th[scope=row] { text-align: left; }
"""


def _sample(customers: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    if len(customers) <= MAX_SHOWN:
        return customers, ""
    chosen = np.sort(np.random.default_rng(0).choice(len(customers), MAX_SHOWN, replace=False))
    return customers.iloc[
        chosen
    ], f"A random {MAX_SHOWN:,} of {len(customers):,} customers are shown; all tables count every customer."


def _columns(
    shown: pd.DataFrame, measures: Sequence[tuple[str, str, str]]
) -> dict[str, np.ndarray | list[str]]:
    numbers = {
        name: shown[name].to_numpy(dtype="float32")
        for name in dict.fromkeys(["x", "y", "invoiced", *(m[0] for m in measures)])
    }
    return {
        "customer_id": shown["customer_id"].astype(str).tolist(),
        "segment": shown["segment_name"].tolist(),
        "colour": [segment_colour(s) for s in shown["segment"]],
        "marker": [segment_marker(s) for s in shown["segment"]],
        **numbers,
    }


def _scatter(
    source: ColumnDataSource,
    x: str,
    y: str,
    title: str,
    x_label: str,
    y_label: str,
    names: Mapping[int, str],
    **options: str,
) -> Plot:
    plot = new_figure(
        title,
        x_axis_label=x_label,
        y_axis_label=y_label,
        height=380,
        tools="box_select,lasso_select,pan,wheel_zoom,reset,save",
        active_drag="box_select",
        **options,
    )
    plot.scatter(
        x, y, source=source, marker="marker", color="colour", size=7, alpha=0.6, line_color=None,
        selection_alpha=0.95, nonselection_alpha=0.06, legend_group="segment",
    )  # fmt: skip
    plot.select_one({"type": _lasso()}).continuous = False  # redraw once, when the lasso is closed
    plot.add_tools(
        HoverTool(
            tooltips=[
                ("customer", "@customer_id"),
                ("segment", "@segment"),
                (x_label, f"@{x}{{0,0.0}}"),
                (y_label, f"@{y}{{0,0.0}}"),
            ]
        )
    )
    if x == "x":
        plot.legend.label_text_font_size = "11px"
        plot.legend.background_fill_alpha = 0.7
        plot.legend.location = "top_left"
    else:
        plot.legend.visible = False
    return plot


def _lasso() -> type:
    from bokeh.models import LassoSelectTool

    return LassoSelectTool


def _table(source: ColumnDataSource, measures: Sequence[tuple[str, str, str]]) -> DataTable:
    number = NumberFormatter(format="0,0.0", nan_format="–", text_align="right")
    columns = [
        TableColumn(field="customer_id", title="Customer", formatter=StringFormatter()),
        TableColumn(field="segment", title="Segment", formatter=StringFormatter()),
        TableColumn(
            field="invoiced", title="Invoiced", formatter=NumberFormatter(format="0,0", text_align="right")
        ),
        *(
            TableColumn(field=name, title=f"{label} ({unit})" if unit else label, formatter=number)
            for name, label, unit in measures
            if name != "invoiced"
        ),
    ]
    return DataTable(
        source=source,
        columns=columns,
        height=320,
        sizing_mode="stretch_width",
        index_position=None,
        selectable=True,
        reorderable=False,
    )
