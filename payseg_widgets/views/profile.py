"""Picture: how each segment differs from the other customers, feature by feature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper
from bokeh.palettes import PuOr9

from payseg_widgets.features.measure import Measure
from payseg_widgets.segmentation.result import SegmentCard
from payseg_widgets.views.theme import INK, new_figure
from payseg_widgets.views.view import View

#: Beyond this many standard deviations the colour does not change any more.
LIMIT = 2.0


def profile_view(cards: Sequence[SegmentCard], measures: Sequence[Measure]) -> View:
    """Draw the effect size of each feature in each segment as a heat map with the figures written in.

    Parameters
    ----------
    cards : sequence of SegmentCard
    measures : sequence of Measure
        Features to draw, in this order. Orange is worse than the other customers, purple better; a feature of which
        neither direction is worse stays grey.
    """
    shown = [card for card in cards if card.segment >= 0 and len(card.profile)]
    drawn = [measure for measure in measures if shown and measure.name in shown[0].profile.index]
    sign = {"higher": 1.0, "lower": -1.0, "": 0.0}
    long = pd.DataFrame(
        [
            {
                "letter": card.letter,
                "segment": f"{card.letter} {card.name}",
                "feature": measure.label,
                **{
                    name: float(card.profile[name][measure.name])
                    for name in ("effect", "median", "portfolio_median")
                },
                "direction": sign[measure.worse],
            }
            for card in shown
            for measure in drawn
        ],
        columns=["letter", "segment", "feature", "effect", "median", "portfolio_median", "direction"],
    )
    long["worse"] = long["effect"] * long["direction"]
    long["text"] = [f"{effect:+z.1f}" if np.isfinite(effect) else "–" for effect in long["effect"]]
    long["ink"] = np.where(long["worse"].abs() > 0.6 * LIMIT, "white", INK)
    mapper = LinearColorMapper(palette=PuOr9, low=-LIMIT, high=LIMIT, nan_color="#FFFFFF")
    plot = new_figure(
        "Standard deviations from the others",
        x_range=list(dict.fromkeys(long["letter"])), y_range=list(dict.fromkeys(long["feature"]))[::-1],
        height=130 + 30 * len(drawn), x_axis_location="above", x_axis_label="segment; orange is worse", tools="save",
    )  # fmt: skip
    source = ColumnDataSource({name: long[name].tolist() for name in long})
    plot.rect(
        "letter",
        "feature",
        1,
        1,
        source=source,
        fill_color={"field": "worse", "transform": mapper},
        line_color="white",
    )
    plot.text(
        "letter",
        "feature",
        text="text",
        text_color="ink",
        text_align="center",
        text_baseline="middle",
        text_font_size="12px",
        source=source,
    )
    plot.add_tools(
        HoverTool(
            tooltips=[
                ("segment", "@segment"),
                ("feature", "@feature"),
                ("median", "@median{0,0.00}"),
                ("all customers", "@portfolio_median{0,0.00}"),
            ]
        )
    )
    plot.grid.visible = False
    table = (
        long.pivot_table(index="feature", columns="segment", values="median", sort=False).reset_index()
        if len(long)
        else long
    )
    return View("What sets each segment apart", plot, table, _sentence(long))


def _sentence(long: pd.DataFrame) -> str:
    if not long["effect"].notna().any():
        return "There is no segment to describe."
    top = long.iloc[int(np.nanargmax(long["effect"].abs().to_numpy()))]
    return (
        f"The largest difference is that of {top['segment']} in “{top['feature']}”: {top['effect']:+.1f} standard "
        "deviations from the other customers. The segments were made from these figures: that they differ in them is "
        "no evidence in itself."
    )
