"""The explorer's own controls: which features span a picture, and selections kept under a name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from html import escape
from typing import Any, Protocol

import ipywidgets
import pandas as pd

from payseg_widgets.errors import PaysegError
from payseg_widgets.features.measure import Measure


class Explorer(Protocol):
    """What the controls need of the explorer they serve."""

    axes: tuple[str, str]
    map: str

    def observe(self, handler: Callable[[Any], None], names: str) -> None:
        """Call back when a trait changes."""
        ...

    @property
    def is_selected(self) -> pd.Series:
        """Whether each customer is selected."""
        ...

    def save(self, name: str) -> Any:
        """Keep the selection under a name."""
        ...

    def compare(self, first: str, second: str) -> pd.DataFrame:
        """Compare two saved selections."""
        ...


class AxisControls:
    """How the map is made, and which features the second picture shows across and up."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        options = [(measure.label, measure.name) for measure in measures]
        self._lists = [
            ipywidgets.Dropdown(options=options, description=said, style={"description_width": "initial"})
            for said in ("Second picture, across", "Second picture, up")
        ]
        self._map = ipywidgets.Dropdown(
            options=[("principal components", "pca"), ("PaCMAP", "pacmap")], description="Map"
        )
        self._said = ipywidgets.HTML()
        self.box = ipywidgets.HBox([self._map, *self._lists, self._said], layout={"flex_flow": "row wrap"})

    def serve(self, explorer: Explorer) -> None:
        """Show the explorer's axes, and set them."""

        def show(_change: Any = None) -> None:
            for chosen, name in zip(self._lists, explorer.axes, strict=True):
                chosen.value = name

        def choose(_change: Any) -> None:
            across, up = (chosen.value for chosen in self._lists)
            explorer.axes = (across, up)

        def remap(change: Any) -> None:
            self._said.value = ""
            try:
                explorer.map = change["new"]
            except PaysegError as error:
                self._said.value = f"<p role='alert'>{escape(str(error))}</p>"
            self._map.value = explorer.map

        show()
        self._map.value = explorer.map
        explorer.observe(show, "axes")
        explorer.observe(lambda change: setattr(self._map, "value", change["new"]), "map")
        self._map.observe(remap, "value")
        for chosen in self._lists:
            chosen.observe(choose, "value")


class SavedControls:
    """A name to save the selection under, and two saved ones to compare."""

    def __init__(self) -> None:
        self._name = ipywidgets.Text(description="Save as", placeholder="a name for the selection")
        self._save = ipywidgets.Button(description="Save selection")
        self._pair = [ipywidgets.Dropdown(options=[], description=said) for said in ("Compare", "with")]
        self._compare = ipywidgets.Button(description="Compare", disabled=True)
        self._said = ipywidgets.HTML()
        row = [self._name, self._save, *self._pair, self._compare]
        self.box = ipywidgets.VBox([ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}), self._said])

    def serve(self, explorer: Explorer) -> None:
        """Save and compare in this explorer."""

        def save(_pressed: Any) -> None:
            self._try(lambda: _saved(explorer, self._name.value))

        def compare(_pressed: Any) -> None:
            first, second = (str(chosen.value) for chosen in self._pair)
            self._try(lambda: _comparison(explorer.compare(first, second), first, second))

        self._save.on_click(save)
        self._name.on_msg(
            lambda _text, message, _buffers: save(None) if message.get("event") == "submit" else None
        )
        self._compare.on_click(compare)

    def offer(self, names: Collection[str]) -> None:
        """Offer these saved selections for comparison; the last two are chosen."""
        listed = list(names)
        for chosen, name in zip(self._pair, (listed * 2)[-2:], strict=True):
            chosen.options = listed
            chosen.value = name
        self._compare.disabled = len(listed) < 2

    def _try(self, work: Callable[[], str]) -> None:
        try:
            self._said.value = work()
        except PaysegError as error:
            self._said.value = f"<p role='alert'>{escape(str(error))}</p>"


def _saved(explorer: Explorer, name: str) -> str:
    explorer.save(name)
    return _paragraph(f"Saved as “{name}”: {int(explorer.is_selected.sum()):,} customers.")


def _paragraph(text: str) -> str:
    return f"<p role='status'>{escape(text)}</p>"


def _comparison(compared: pd.DataFrame, first: str, second: str) -> str:
    n, m, both = (compared.attrs[key] for key in ("n_first", "n_second", "n_both"))
    shown = compared[["label", "median_first", "median_second", "effect", "size"]]
    shown = shown.set_axis(["", escape(first), escape(second), "Cliff’s delta", "size"], axis="columns")
    table = shown.to_html(index=False, border=0, na_rep="–", float_format="{:,.2f}".format, escape=True)
    table = table.replace("<table", '<table style="text-align: right"', 1)  # figures below their headings
    counts = f"“{first}”: {n:,} customers; “{second}”: {m:,}; in both: {both:,}. Medians:"
    return _paragraph(counts) + table
