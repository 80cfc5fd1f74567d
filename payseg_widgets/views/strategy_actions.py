"""Pictures of a plan: customers by action, and by late probability."""

from __future__ import annotations

import pandas as pd
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, NumeralTickFormatter

from payseg_widgets.ledger.amounts import amount, percent
from payseg_widgets.ledger.findings import counted
from payseg_widgets.strategy.plan import Plan
from payseg_widgets.views.theme import AGE_COLOURS, SEGMENT_COLOURS, legend_row, new_figure
from payseg_widgets.views.view import View

_BLUE, _PALE = SEGMENT_COLOURS[0], AGE_COLOURS[1]
#: Half the height of a bar, and how far the bars of one lane lie from its middle.
_HALF = 0.36


def actions_view(plan: Plan) -> View:
    """Draw the share of customers, and of the open balance, that each action gets."""
    actions = plan.actions.iloc[:-1]
    labels = actions["label"].tolist()
    money = [amount(float(value), plan.currency) for value in actions["outstanding_minor"]]
    table = pd.DataFrame(
        {
            "action": labels, "customers": [f"{n:,}" for n in actions["n_customers"]], "share": _percents(actions["share"]),
            "open balance": money, "share of it": _percents(actions["outstanding_share"]),
        }
    )  # fmt: skip
    source = ColumnDataSource(
        {
            "action": labels, "share": actions["share"].fillna(0), "owed": actions["outstanding_share"].fillna(0),
            "n": table["customers"], "money": money, "share_text": table["share"], "owed_text": table["share of it"],
            "upper": [(label, 0.2) for label in labels], "lower": [(label, -0.2) for label in labels],
        }
    )  # fmt: skip
    plot = new_figure(
        "Customers by action", y_range=FactorRange(factors=labels[::-1]), x_axis_label="share", tools="save",
        height=160 + 44 * len(labels),
    )  # fmt: skip
    bars = [
        plot.hbar(
            y=lane, right=right, height=_HALF, source=source, fill_color=colour, line_color=_BLUE, legend_label=called,
            hatch_pattern=hatch, hatch_color=_BLUE, hatch_alpha=0.6,
        )
        for lane, right, colour, called, hatch in (
            ("upper", "share", _BLUE, "of customers", " "), ("lower", "owed", _PALE, "of the open balance", "/"),
        )
    ]  # fmt: skip
    tips = [("action", "@action"), ("customers", "@n (@share_text)"), ("open balance", "@money (@owed_text)")]
    plot.add_tools(HoverTool(renderers=bars, tooltips=tips))
    plot.xaxis.formatter = NumeralTickFormatter(format="0%")
    plot.x_range.start = 0
    plot.ygrid.visible = False
    legend_row(plot, "above")
    return View("Customers by action", plot, table, plan.sentence)


def risk_distribution_view(distribution: pd.DataFrame, currency: str) -> View:
    """Draw how many customers have which late probability.

    Parameters
    ----------
    distribution : pandas.DataFrame
        As `payseg_widgets.strategy.risk_kpis.risk_distribution` returns it.
    currency : str
    """
    ends = [
        f"{low:.0%} to {high:.0%}" for low, high in zip(distribution.index, distribution["high"], strict=True)
    ]
    money = [amount(float(value), currency) for value in distribution["outstanding_minor"]]
    n = distribution["n_customers"].astype(int)
    table = pd.DataFrame(
        {"late probability": ends, "customers": [f"{k:,}" for k in n], "share": _percents(distribution["share"]),
         "open balance": money}
    )  # fmt: skip
    source = ColumnDataSource(
        {
            "low": distribution.index.to_numpy(),
            "high": distribution["high"],
            "n": n,
            "ends": ends,
            "money": money,
        }
    )
    plot = new_figure(
        "Customers by late probability", x_axis_label="late probability", y_axis_label="customers", x_range=(0, 1), tools="save"
    )  # fmt: skip
    bars = plot.quad(
        left="low", right="high", bottom=0, top="n", source=source, fill_color=_PALE, line_color=_BLUE
    )
    plot.add_tools(
        HoverTool(
            renderers=[bars],
            tooltips=[("late probability", "@ends"), ("customers", "@n"), ("they owe", "@money")],
        )
    )
    plot.xaxis.formatter = NumeralTickFormatter(format="0%")
    plot.y_range.start = 0
    known = int(n.sum())
    likely = int(n[distribution.index >= 0.5].sum())
    sentence = (
        f"{counted(likely, 'customer')} of {known:,} of whom it is known {'has' if likely == 1 else 'have'} a late probability "
        "of 50% or more."
    )
    return View("Customers by late probability", plot, table, sentence)


def _percents(shares: pd.Series) -> list[str]:
    return ["–" if pd.isna(share) else percent(share) for share in shares]
