"""Picture: the open balance by age, for each segment."""

from __future__ import annotations

from textwrap import fill

import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, Label, NumeralTickFormatter

from payseg_widgets.views.theme import AGE_COLOURS, new_figure
from payseg_widgets.views.view import View

#: Letters of a segment's name on one line.
_LINE = 20


def ageing_view(balance: pd.DataFrame, currency: str) -> View:
    """Draw the open balance of each segment by ageing bucket.

    Parameters
    ----------
    balance : pandas.DataFrame
        Index: name of the segment; columns: ageing buckets from not due to oldest; money.
    currency : str
        Empty where the ledger names none.
    """
    share = balance.div(balance.sum(axis=1).where(lambda total: total > 0), axis=0).fillna(0.0)
    names = list(balance.index.astype(str))
    lanes = [fill(name, _LINE, break_on_hyphens=False) for name in names]
    plot = new_figure(
        "Open balance by age",
        y_range=lanes[::-1],
        x_range=(0, 1),
        x_axis_label="share of the segment's open balance",
        height=140 + 48 * len(names),
    )
    colours = [AGE_COLOURS[min(i, len(AGE_COLOURS) - 1)] for i in range(balance.shape[1])]
    left = pd.Series(0.0, index=share.index)
    for bucket, colour in zip(balance.columns, colours, strict=True):
        source = ColumnDataSource(
            {
                "name": names, "lane": lanes, "left": left.to_numpy(), "right": (left + share[bucket]).to_numpy(),
                "share": share[bucket].to_numpy(), "money": balance[bucket].to_numpy(), "bucket": [str(bucket)] * len(balance),
            }
        )  # fmt: skip
        plot.hbar(
            y="lane",
            left="left",
            right="right",
            height=0.7,
            color=colour,
            line_color="white",
            source=source,
            legend_label=str(bucket).removesuffix(" days"),
        )
        left = left + share[bucket]
    plot.add_tools(
        HoverTool(
            tooltips=[
                ("segment", "@name"),
                ("age", "@bucket"),
                ("share", "@share{0.0%}"),
                (currency or "money", "@money{0,0}"),
            ]
        )
    )
    plot.xaxis.formatter = NumeralTickFormatter(format="0%")
    plot.ygrid.visible = False
    plot.add_layout(plot.legend[0], "below")
    plot.legend.orientation = "horizontal"
    plot.legend.ncols = 3  # two rows, where one would not fit into a narrow page
    plot.legend.title = "days past due"
    plot.legend.location = "left"
    plot.legend.border_line_color = None
    oldest = balance.columns[-1]
    whole = balance.to_numpy().sum()
    if whole <= 0:
        sentence = "Nothing is outstanding."
        said = Label(x=12, y=12, x_units="screen", y_units="screen", text=sentence)
        plot.add_layout(said)
    else:
        worst = balance[oldest].idxmax()
        part = balance[oldest].sum() / whole
        sentence = (
            f"{part:.0%} of the open balance is in the oldest bucket ({oldest}), most of it owed by {worst}."
        )
        if balance[oldest].sum() == 0:
            sentence = f"Nothing is in the oldest bucket ({oldest})."
    return View("Ageing of the open balance", plot, balance.reset_index(names="segment"), sentence)


def bucket_label(name: str) -> str:
    """Name an ageing bucket for readers.

    >>> bucket_label("not_due"), bucket_label("1_30"), bucket_label("over_90")
    ('not due', '1–30 days', 'over 90 days')
    """
    if name == "not_due":
        return "not due"
    return f"{name.replace('over_', 'over ').replace('_', '–')} days"
