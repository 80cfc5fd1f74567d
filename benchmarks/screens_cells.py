"""The notebooks that `screens.py` compares: for each stack a cell that prepares and one that shows six linked views.

Each defines ``heard``, to which [milliseconds since 1970, number selected] is added whenever Python hears of a
selection; ``selected()``, the number of customers selected in each view as Python has it; and ``live()``, which has
linked views change while the mouse drags, where the stack can do that but does not by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: Customers above which a stack is known to fail: it is tried once and reported.
LARGEST = {"jupyter_bokeh": 100_000}
#: The first is brushed: a cloud, of which a box about the middle hits a part in every stack, whatever its margins.
PICTURES = [
    ("trend", "late"),
    ("invoiced", "late"),
    ("late", "on_time"),
    ("part", "on_time"),
    ("invoiced", "part"),
    ("disputed", "part"),
]
_SHARED = """
import time
import pandas as pd
table, heard = pd.read_parquet({path!r}), []
pictures, segments = {pictures!r}, list("ABCDE")
def hear(count):
    heard.append([time.time() * 1000, int(count)])
def live():
    pass
"""


@dataclass(frozen=True)
class Stack:
    """A way to show linked views."""

    prepare: str
    show: str

    def cells(self, table: Path) -> tuple[str, str]:
        """Return the two cells over a table saved as Parquet."""
        return _SHARED.format(path=str(table), pictures=PICTURES) + self.prepare, self.show


STACKS = {
    "payseg_widgets": Stack(
        """
from payseg_widgets.views.brush import BrushAxis, brush_view
from payseg_widgets.widgets.brush_pane import BrushPane
axes = {name: BrushAxis(name, name, "", "log" if name == "invoiced" else "linear") for name in table if name != "segment"}
def selected():
    return [int(pane.is_selected.sum())]
""",
        """
pane = BrushPane(brush_view(table, pictures=[(axes[x], axes[y]) for x, y in pictures], segments=segments))
pane.observe(lambda change: hear(change.new), "count")
pane
""",
    ),
    "jupyter-scatter": Stack(
        """
import jscatter
table["segment"] = table["segment"].astype("category")
def scatter(x, y):
    shown = jscatter.Scatter(data=table, x=x, y=y, color_by="segment", x_scale="log" if x == "invoiced" else "linear")
    shown.mouse("lasso")
    shown.lasso(type="rectangle")
    return shown
def selected():
    return [len(view.widget.selection) for view in views]
""",
        """
views = [scatter(x, y) for x, y in pictures]
for view in views:  # before compose, whose own observers tell the other views
    view.widget.observe(lambda change: hear(0 if change.new is None else len(change.new)), "selection")
jscatter.compose(views, sync_selection=True, rows=2, cols=3, row_height=360)
""",
    ),
    "jupyter_bokeh": Stack(
        """
from bokeh.io import output_notebook
from bokeh.layouts import gridplot
from bokeh.models import BoxSelectTool, ColumnDataSource
from bokeh.palettes import Category10
from bokeh.plotting import figure
from bokeh.resources import INLINE
from bokeh.transform import factor_cmap
from jupyter_bokeh import BokehModel
output_notebook(INLINE, hide_banner=True)
def scatter(x, y):
    plot = figure(height=360, tools="pan,wheel_zoom,reset", x_axis_type="log" if x == "invoiced" else "linear")
    plot.add_tools(BoxSelectTool())
    plot.toolbar.active_drag = plot.tools[-1]
    plot.scatter(x, y, source=source, size=4, line_color=None, color=factor_cmap("segment", Category10[5], segments))
    return plot
def selected():
    return [len(source.selected.indices)]
def live():
    for plot in plots:
        plot.tools[-1].continuous = True
""",
        """
source = ColumnDataSource(table)
source.selected.on_change("indices", lambda name, old, new: hear(len(new)))
plots = [scatter(x, y) for x, y in pictures]
BokehModel(gridplot(plots, ncols=3, sizing_mode="stretch_width"))
""",
    ),
}
