"""Picture: compared models side by side, one row a model, one column a merit, the figures written in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper
from bokeh.plotting import figure

from payseg_widgets.segmentation.compare import ModelComparison
from payseg_widgets.segmentation.ranking import MERITS
from payseg_widgets.views.theme import AGE_COLOURS, INK, new_figure
from payseg_widgets.views.view import View

#: What each merit is called in a narrow column.
CALLED = {
    "stability": "stable", "invoices": "invoices", "halves": "periods", "later": "later", "prediction": "predicts",
    "placed": "placed", "balance": "balance", "speed": "speed",
}  # fmt: skip
_MEANING = (
    "stable: least stable segment with other customers (Jaccard); invoices: same segments with other invoices, periods: "
    "in the later period (adjusted Rand); later: share of later days late explained; predicts: share of the error of "
    "prediction removed; placed: share of customers in a segment; balance: evenness of the sizes; speed: 1 / (1 + seconds)"
)


def merits_view(comparison: ModelComparison, weights: Mapping[str, float] | None = None) -> View:
    """Draw the merits of each model as a heat map with the figures written in, the best model on top.

    Parameters
    ----------
    comparison : ModelComparison
    weights : Mapping of str to float, optional
        What the score counts: see `ModelComparison.ranked`.

    Returns
    -------
    View
        A merit is in [0, 1], 1 being best, and a dash where it was not measured. A model without an answer has its row,
        its status beside its name, and its reason in the table. Where the check for structure found no segments, the
        sentence begins with that.

    Raises
    ------
    UnknownNameError
        If there is no such merit.
    SegmentationError
        If a weight is negative or none is positive.
    """
    table = merits_table(comparison, weights)
    called = [
        row["label"] if row["status"] == "done" else f"{row['label']} ({row['status']})"
        for row in table.to_dict("records")
    ]
    columns = {"score": "score", **CALLED}
    long = pd.DataFrame(
        [
            {"row": f"{i + 1}. {name}", "column": shown, "value": float(value)}
            for i, name in enumerate(called)
            for key, shown in columns.items()
            for value in [table[key].iloc[i]]
        ],
        columns=["row", "column", "value"],
    )
    long["text"] = [_short(value) for value in long["value"]]
    long["ink"] = np.where(long["value"] > 0.6, "white", INK)
    return View(
        "Models compared", _heat_map(long, list(columns.values())), table, _sentence(comparison, table)
    )


def merits_table(comparison: ModelComparison, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return one row a model, best first: ``model, label, status, n_segments, score``, each merit, ``reason``.

    Merits are in [0, 1], NaN where not measured. ``reason`` says why a model has no answer; it is empty where it has one.
    """
    ranked = comparison.ranked(weights)
    answered = ranked["score"].notna()
    merits = {name: merit(ranked).astype("float64").clip(0, 1) for name, merit in MERITS.items()}
    return pd.DataFrame(
        {
            "model": ranked.index, "label": ranked["label"], "status": ranked["status"],
            "n_segments": ranked["n_segments"], "score": ranked["score"],
            **{name: merit.where(answered) for name, merit in merits.items()},
            "reason": ranked["account"].where(~answered, ""),
        }
    ).reset_index(drop=True)  # fmt: skip


def _short(value: float) -> str:
    """Return two decimals as short as a narrow cell needs them.

    >>> [_short(value) for value in (0.984, 1.0, 0.0, float("nan"))]
    ['.98', '1', '0', '–']
    """
    if not np.isfinite(value):
        return "–"
    return f"{value:.2f}".lstrip("0") if 0.005 <= value < 0.995 else f"{value:.0f}"


def _heat_map(long: pd.DataFrame, columns: list[str]) -> figure:
    rows = list(dict.fromkeys(long["row"]))
    plot = new_figure(
        "Merits, 1 is best", x_range=columns, y_range=rows[::-1], height=110 + 30 * len(rows),
        x_axis_location="above", tools="save",
    )  # fmt: skip
    source = ColumnDataSource({name: long[name].tolist() for name in long})
    mapper = LinearColorMapper(palette=AGE_COLOURS, low=0, high=1, nan_color="#FFFFFF")
    cells = plot.rect(
        "column",
        "row",
        1,
        1,
        source=source,
        line_color="white",
        fill_color={"field": "value", "transform": mapper},
    )
    plot.text(
        "column",
        "row",
        text="text",
        text_color="ink",
        text_align="center",
        text_baseline="middle",
        text_font_size="11px",
        source=source,
    )
    plot.add_tools(HoverTool(renderers=[cells], tooltips=[("model", "@row"), ("@column", "@text")]))
    plot.grid.visible = False
    plot.xaxis.major_label_orientation = 0.6
    return plot


def _sentence(comparison: ModelComparison, table: pd.DataFrame) -> str:
    said = [] if comparison.structure == "segments" else [comparison.structure_sentence]
    answered = table[table["score"].notna()]
    if len(answered):
        best = answered.iloc[0]
        said.append(
            f"{best['label']} comes first of {len(answered)} models with a score of {best['score']:.2f}."
        )
    else:
        said.append("No model found segments.")
    failed = len(table) - len(answered)
    if failed:
        said.append(f"{failed} without segments; the table says why.")
    return " ".join([*said, f"{_MEANING[0].upper()}{_MEANING[1:]}."])
