"""Pictures of how good forecasters are: curves, calibration, cost by threshold, all models side by side, month by month.

Models can be picked, see `payseg_widgets.views.picks`: the column is ``model``. What moves with the threshold is drawn by the
renderer called ``CHOSEN``: whoever shows the picture can hand it new data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from bokeh.layouts import row
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, LabelSet, NumeralTickFormatter, Span
from bokeh.plotting import figure

from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.compare import ForecastComparison
from payseg_widgets.prediction.curves import by_month, precision_recall, roc, threshold_costs
from payseg_widgets.prediction.customer_intervals import FEWEST_CUSTOMERS, too_few_customers
from payseg_widgets.prediction.scores import confusion, reliability
from payseg_widgets.views.picks import PICKS, picked
from payseg_widgets.views.theme import INK, NOISE_COLOUR, SEGMENT_COLOURS, legend_row, new_figure
from payseg_widgets.views.view import View

_BLUE, _ORANGE, _RED = SEGMENT_COLOURS[0], SEGMENT_COLOURS[1], SEGMENT_COLOURS[3]
_LINE = {"line_color": _BLUE, "line_width": 2}
_DASHED = {"line_color": NOISE_COLOUR, "line_dash": "dashed"}  # a grey that is seen on either ground
#: Name of the renderer that shows the threshold chosen.
CHOSEN = "chosen"
_MOST_POINTS, _MOST_ROWS = 400, 21


def models_view(comparison: ForecastComparison, model: str = "") -> View:
    """Draw what each forecaster is worth, with intervals, the best by error on top; one may be picked.

    On the left the area under the ROC curve, on the right the gain over the customer's own history.
    """
    table = comparison.table
    names = table["label"].astype(str).tolist()
    columns = ["auc", "auc_low", "auc_high", "gain", "gain_low", "gain_high", "skill"]
    markers = ["square" if one else "circle" for one in table["is_baseline"]]
    source = ColumnDataSource(
        {
            "model": table.index.astype(str),
            "label": names,
            "marker": markers,
            **{name: table[name] for name in columns},
        }
    )
    if model in table.index:
        source.selected.indices = [table.index.get_loc(model)]
    auc = _forest(
        source, "auc", "Late told from in time", "AUC with 95% interval; 0.5 is chance; square: baseline", 0.5
    )
    gain = _forest(source, "gain", "Gain over own history", "Brier score lower by, with 95% interval", 0.0)
    gain.yaxis.visible = False
    shown = table[["label", *columns]].round(4).reset_index(drop=True)
    return View("Models", row(auc, gain, sizing_mode="stretch_width"), shown, comparison.sentence)


def _forest(source: ColumnDataSource, column: str, title: str, axis: str, nothing: float) -> figure:
    """Draw a column of the models with its interval, beside the value that is worth nothing."""
    names = list(source.data["label"])
    plot = new_figure(
        title,
        y_range=FactorRange(factors=names[::-1]),
        height=130 + 34 * len(names),
        x_axis_label=axis,
        tools="tap,save",
    )
    low, high = f"{column}_low", f"{column}_high"
    plot.segment(low, "label", high, "label", source=source, nonselection_line_alpha=1.0, **_LINE)
    dots = plot.scatter(
        column, "label", marker="marker", size=11, source=source, color=_BLUE, name=PICKS, **picked()
    )
    tips = [
        ("", "@label"),
        (title, f"@{column}{{0.000}} (@{low}{{0.000}} to @{high}{{0.000}})"),
        ("skill", "@skill{0%}"),
    ]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
    plot.add_layout(Span(location=nothing, dimension="height", **_DASHED))
    plot.ygrid.visible = False
    return plot


def roc_view(comparison: ForecastComparison, model: str, threshold: float) -> View:
    """Draw which share of the late ones is flagged for which share of the timely ones, and where the threshold lies."""
    p, is_late = _judged(comparison, model)
    curve = roc(p, is_late)
    plot = _share_figure("ROC curve", "timely invoices flagged", "late invoices flagged", height=420)
    plot.line([0, 1], [0, 1], legend_label="chance", **_DASHED)
    drawn, called = _thinned(curve, _MOST_POINTS), _label(comparison, model)
    plot.line(drawn["false_positive_rate"], drawn["true_positive_rate"], legend_label=called, **_LINE)
    (hit, wrong), (missed, right) = confusion(p, is_late, threshold).to_numpy()
    x, y = _share(wrong, wrong + right), _share(hit, hit + missed)
    _mark(plot, x, y)
    sentence = (
        f"At {threshold:.0%}, {y:.0%} of the late invoices are flagged, and {x:.0%} of those in time. AUC "
        f"{comparison.table['auc'][model]:.3f}: so often a late invoice has a higher chance than a timely one."
    )
    return View("ROC curve", plot, _rounded(curve), sentence)


def precision_recall_view(comparison: ForecastComparison, model: str, threshold: float) -> View:
    """Draw which share of what is flagged is late, for which share of the late ones, beside the share of late ones at all."""
    p, is_late = _judged(comparison, model)
    curve = precision_recall(p, is_late)
    base = float(is_late.mean())
    plot = _share_figure(
        "Precision and recall", "late invoices flagged (recall)", "flagged invoices late (precision)"
    )
    plot.line([0, 1], [base, base], legend_label=f"share of late ones {base:.0%}", **_DASHED)
    drawn, called = _thinned(curve, _MOST_POINTS), _label(comparison, model)
    plot.line(drawn["recall"], drawn["precision"], legend_label=called, **_LINE)
    (hit, wrong), (missed, _) = confusion(p, is_late, threshold).to_numpy()
    x, y = _share(hit, hit + missed), _share(hit, hit + wrong)
    _mark(plot, x, y)
    flagged = f"{y:.0%} of what is flagged is late" if hit + wrong else "nothing is flagged"
    sentence = f"At {threshold:.0%}, {flagged}, and {x:.0%} of the late invoices are found; {base:.0%} of all are late."
    return View("Precision and recall", plot, _rounded(curve), sentence)


def calibration_view(comparison: ForecastComparison, model: str) -> View:
    """Draw how many of the invoices with a chance turn out late, with intervals, beside the line where both are the same."""
    table = reliability(*_judged(comparison, model), comparison.probabilities["customer_id"].to_numpy())
    plot = _share_figure(
        "Calibration", "chance told, tenths of the invoices", "late in fact, with 95% interval", height=420
    )
    plot.line([0, 1], [0, 1], legend_label="as told", **_DASHED)
    source, called = _source(table), _label(comparison, model)
    plot.segment("predicted", "conf_low", "predicted", "conf_high", source=source, **_LINE)
    plot.line("predicted", "observed", source=source, line_color=_BLUE, legend_label=called)
    dots = plot.scatter("predicted", "observed", source=source, size=9, color=_BLUE)
    tips = [("told", "@predicted{0%}"), ("late", "@observed{0%}"), ("invoices", "@n_invoices{0,0}")]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
    legend_row(plot, "below")
    inside = table["predicted"].between(table["conf_low"], table["conf_high"])
    scores: Any = comparison.table.loc[model]
    slope = scores["calibration_slope"]
    steep = (
        "no calibration slope: all chances are alike"
        if np.isnan(slope)
        else f"calibration slope {slope:.2f} (1 is right)"
    )
    sentence = (
        f"In {int(inside.sum())} of {len(table)} tenths the chance told lies within the interval of what was seen; "
        f"{steep}, predicted over observed {scores['mean_ratio']:.2f}."
    )
    return View("Calibration", plot, table.round(3), sentence)


def costs_view(
    comparison: ForecastComparison, model: str, threshold: float, *, cost_of_missing: float, cost_of_flagging: float
) -> View:  # fmt: skip
    """Draw what each threshold would have cost on the judged invoices, with the one chosen and the cheapest."""
    p, is_late = _judged(comparison, model)
    table = threshold_costs(p, is_late, cost_of_missing=cost_of_missing, cost_of_flagging=cost_of_flagging)
    some = table[np.isfinite(table["threshold"])]  # at an infinite one nothing is flagged
    drawn, called = _thinned(some, _MOST_POINTS), _label(comparison, model)
    best: Any = some.iloc[int(some["cost"].to_numpy().argmin())]
    plot = new_figure(
        f"Cost by threshold: {cost_of_missing:g} a late one missed, {cost_of_flagging:g} a timely one flagged",
        x_axis_label="threshold: invoices with this chance or more are flagged", y_axis_label="cost", x_range=(-0.02, 1.02),
    )  # fmt: skip
    plot.line(drawn["threshold"], drawn["cost"], legend_label=called, **_LINE)
    plot.scatter(
        [best["threshold"]], [best["cost"]], marker="diamond", size=13, color=_ORANGE, line_color=INK,
        legend_label="cheapest on these invoices",
    )  # fmt: skip
    (_, wrong), (missed, _) = confusion(p, is_late, threshold).to_numpy()
    now = cost_of_missing * missed + cost_of_flagging * wrong
    plot.xaxis.formatter = NumeralTickFormatter(format="0%")
    plot.yaxis.formatter = NumeralTickFormatter(format="0,0")
    _mark(plot, threshold, now)
    sentence = (
        f"At {threshold:.0%} the cost is {now:,.0f}; on these invoices {best['threshold']:.1%} would have been cheapest, with "
        f"{best['cost']:,.0f}. Which is cheapest differs from one sample to the next: go by the costs, not by the lowest point."
    )
    return View("Cost by threshold", plot, _rounded(table), sentence)


def forecast_months_view(comparison: ForecastComparison, model: str) -> View:
    """Draw what was told and what was seen by month of issue, and mark the months in which the two drift apart.

    A month without an interval is not judged: of too few customers, or where all paid alike.
    """
    judged = comparison.probabilities
    issued_on, customer_id = judged["issued_on"].to_numpy(), judged["customer_id"].to_numpy()
    months = by_month(*_judged(comparison, model), issued_on, customer_id)
    names = months.index.astype(str).str.slice(0, 7).tolist()
    table = months.reset_index(drop=True)
    table.insert(0, "month", names)
    table["drift"] = [_month_told(one) for one in table.to_dict("records")]
    plot = new_figure(
        "Told and seen, by month of issue", x_range=FactorRange(factors=names), y_axis_label="late invoices",
        x_axis_label="month of issue; bar: 95% interval of what was seen", y_range=(0, 1.02), tools="save",
    )  # fmt: skip
    source = _source(table)
    plot.segment("month", "conf_low", "month", "conf_high", source=source, **_LINE)
    dots = plot.scatter("month", "observed", source=source, size=9, color=_BLUE, legend_label="late in fact")
    told = {"marker": "dash", "line_width": 3, "color": _ORANGE, "legend_label": "told"}
    plot.scatter("month", "predicted", source=source, size=12, **told)
    drifting = table[table["is_drifting"].astype(bool)]
    if len(drifting):
        _mark_drift(plot, drifting)
    tips = [
        ("", "@month"),
        ("late", "@observed{0%}"),
        ("told", "@predicted{0%}"),
        ("invoices", "@n_invoices{0,0}"),
        ("drift", "@drift"),
    ]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
    plot.yaxis.formatter = NumeralTickFormatter(format="0%")
    plot.xaxis.major_label_orientation = 0.9
    legend_row(plot, "below")
    return View("Month by month", plot, table.drop(columns="is_drifting").round(3), _months_sentence(table))


def _month_told(month: dict[Any, Any]) -> str:
    if not np.isnan(month["conf_low"]):
        return "drift" if month["is_drifting"] else "none shown"
    few = month["n_customers"] < FEWEST_CUSTOMERS
    return too_few_customers(month["n_customers"]) if few else "all customers paid alike"


def _months_sentence(table: pd.DataFrame) -> str:
    """Say in how many of the months that can be judged there is a drift, and why the others cannot."""
    n_judged, is_few = int(table["conf_low"].notna().sum()), table["n_customers"] < FEWEST_CUSTOMERS
    n_few, n_alike = int(is_few.sum()), int((table["conf_low"].isna() & ~is_few).sum())
    left_out = f"; {n_few} had too few customers" if n_few else ""
    left_out += f"; in {n_alike} all customers paid alike" if n_alike else ""
    if not n_judged:
        whether = "whether what was told drifts from what was seen"
        if n_alike:
            return f"In no month can it be told {whether}: {left_out[2:]}."
        return f"{too_few_customers(int(table['n_customers'].max())).capitalize()} {whether}."
    months = counted(n_judged, "month") + (" that could be judged" if left_out else "")
    drifting = table.loc[table["is_drifting"].astype(bool), "month"]
    if len(drifting):
        told = (
            f"In {len(drifting)} of {months} what was told drifts from what was seen: {', '.join(drifting)}"
        )
    elif n_judged == 1:
        told = f"In the {months} what was told does not drift from what was seen"
    else:
        told = f"In none of {months} does what was told drift from what was seen"
    return f"{told}{left_out}."


def _judged(comparison: ForecastComparison, model: str) -> tuple[np.ndarray, np.ndarray]:
    judged = comparison.probabilities
    return judged[model].to_numpy(dtype=float), judged["is_late"].to_numpy(dtype=bool)


def _label(comparison: ForecastComparison, model: str) -> str:
    return str(comparison.table["label"][model])


def _source(table: pd.DataFrame) -> ColumnDataSource:
    return ColumnDataSource({str(name): table[name].to_numpy() for name in table.columns})


def _share_figure(title: str, across: str, up: str, **options: Any) -> figure:
    """Return a figure both of whose axes are shares."""
    plot = new_figure(
        title, x_axis_label=across, y_axis_label=up, x_range=(-0.02, 1.02), y_range=(-0.02, 1.02), **options
    )
    plot.axis.formatter = NumeralTickFormatter(format="0%")
    return plot


def _mark(plot: figure, x: float, y: float) -> None:
    """Mark the threshold chosen: a cross in a ring; and end the picture with its legend."""
    source = ColumnDataSource({"x": [x], "y": [y]})
    look = {"marker": "circle_x", "size": 14, "fill_alpha": 0.2, "color": _RED, "line_width": 2}
    plot.scatter("x", "y", source=source, name=CHOSEN, legend_label="threshold chosen", **look)
    legend_row(plot, "below")


def _mark_drift(plot: figure, months: pd.DataFrame) -> None:
    source = ColumnDataSource(
        {"month": months["month"], "told": months["predicted"], "text": ["drift"] * len(months)}
    )
    look = {"marker": "diamond", "size": 18, "fill_color": None, "line_color": _RED, "line_width": 2}
    plot.scatter("month", "told", source=source, legend_label="drift", **look)
    plot.add_layout(
        LabelSet(
            x="month",
            y="told",
            text="text",
            source=source,
            x_offset=12,
            text_font_size="12px",
            text_color=INK,
        )
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _thinned(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return at most so many rows of a curve, evenly spaced, with its ends."""
    rows = np.unique(np.linspace(0, len(table) - 1, min(most, len(table))).round().astype(int))
    return table.iloc[rows]


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    return _thinned(table, _MOST_ROWS).replace([np.inf, -np.inf], np.nan).round(3).reset_index(drop=True)
