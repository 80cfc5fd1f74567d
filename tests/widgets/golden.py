"""The widgets whose trees are kept in ``golden/``, on small made-up data.

    uv run python -m tests.widgets.golden

writes the trees anew; read the difference before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ipywidgets
import pandas as pd
from bokeh.plotting import figure

from payseg_widgets import (
    ClusterExplorer,
    EffectViewer,
    EnrichmentPanel,
    FeatureSelector,
    ForecastPanel,
    ModelBench,
    Segmenter,
    StrategyBoard,
    Workbench,
    compute_features,
    segment,
    simulate_ledger,
)
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.views.forecast import ranked_invoices
from payseg_widgets.views.view import View
from payseg_widgets.widgets.pane import BokehPane
from tests import forecasts, studies
from tests.enrichment.scripted import CUSTOMERS, ScriptedSource
from tests.widgets.widget_tree import widget_tree

FOLDER = Path(__file__).with_name("golden")


def made() -> tuple[FeatureTable, Segmentation]:
    """Return features of sixty invented customers and two segments."""
    features = compute_features(simulate_ledger(60, seed=1).ledger)
    return features, segment(features, n_segments=2, compare=False)


def pane(x: str = "invoices", y: str = "late") -> BokehPane:
    """Return a picture of two columns; a test swaps them."""
    table = pd.DataFrame({"invoices": [3, 5, 8], "late": [0.5, 12.0, 31.0]})
    plot = figure(
        title="Days late", x_axis_label="invoices", y_axis_label="days late", tools="pan,box_select,reset"
    )
    plot.scatter(x, y, source=table.to_dict("list"))
    return BokehPane(View("Days late", plot, table, "The third pays last."))


def looked_up() -> EnrichmentPanel:
    """Return a panel that has looked six customers up in a register of five companies."""
    panel = EnrichmentPanel(CUSTOMERS, ScriptedSource(), who="Kim")
    panel.start()
    panel.wait(60)
    return panel


def effects() -> EffectViewer:
    """Return a viewer that has compared the sectors of sixty invented customers, the first of them picked."""
    ledger = simulate_ledger(60, seed=1).ledger
    viewer = EffectViewer(compute_features(ledger), ledger=ledger, by="sector", adjust_for=("size",))
    viewer.group = str(viewer.wait(60).groups["group"].iloc[0])
    return viewer


def forecasting() -> ForecastPanel:
    """Return a panel that shows the forecast of sixty invented customers, the invoice picked that binds most."""
    forecast = forecasts.forecast()
    first = str(ranked_invoices(forecast).index[0])
    return ForecastPanel(
        forecasts.ledger(), comparison=forecasts.comparison(), forecast=forecast, invoice=first
    )


def advising() -> StrategyBoard:
    """Return a board of sixty invented customers, the first to be called picked."""
    board = StrategyBoard(studies.study(), calls_a_day=2, call_days=2)
    board.wait(60)
    board.customer = str(board.worklist.calls["customer_id"].iloc[0])
    return board


WIDGETS: dict[str, Callable[[], ipywidgets.Widget]] = {
    "bokeh_pane": pane,
    "feature_selector": lambda: FeatureSelector(made()[0]),
    "segmenter": lambda: Segmenter(made()[0], segmentation=made()[1]),
    "cluster_explorer": lambda: ClusterExplorer(*made()),
    "model_bench": lambda: ModelBench(made()[0], start=False),
    "effect_viewer": effects,
    "forecast_panel": forecasting,
    "strategy_board": advising,
    "enrichment_panel": looked_up,
    "workbench": lambda: Workbench(*made()),
}


def tree_text(widget: ipywidgets.Widget) -> str:
    """Return a widget's tree as it is kept."""
    return "\n".join(widget_tree(widget)) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, build in WIDGETS.items():
        (FOLDER / f"{name}.txt").write_text(tree_text(build()), encoding="utf-8", newline="\n")
