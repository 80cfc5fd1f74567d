"""Customers and their segments to look at, brush, name, compare and take away."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
import traitlets

from payseg_widgets.errors import SegmentationError, SelectionError, UnknownNameError
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.report.selection_csv import selection_csv
from payseg_widgets.segmentation.coordinates import MAPS
from payseg_widgets.segmentation.result import Segmentation, unsegmented
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.study import Study
from payseg_widgets.views.brush_export import brush_page_html
from payseg_widgets.views.contrast import (
    compare_selections,
    describe_selection,
    selection_money,
    selection_sentence,
)
from payseg_widgets.views.exploration import Exploration, explore, first_two
from payseg_widgets.views.moves import moves_table, moves_view
from payseg_widgets.views.selection import Selection
from payseg_widgets.views.still import brush_still
from payseg_widgets.views.view import View
from payseg_widgets.widgets.brush_pane import BrushPane
from payseg_widgets.widgets.explorer_controls import AxisControls, SavedControls
from payseg_widgets.widgets.pane import fallback_html
from payseg_widgets.widgets.segmenter import Segmenter


class ClusterExplorer(ipywidgets.VBox):
    """Linked pictures of customers in their segments; a brush in one shows in all and is a `Selection` in Python.

    Parameters
    ----------
    features : FeatureTable or Study
    segmentation : Segmentation, optional
        Of these customers; made with ``segment(features)`` where none is given, or the study's. Where none can be made,
        the customers are shown without, and it is said why.
    segmenter : Segmenter, optional
        Whose segmentation is shown, and changed in place; by default one of its own.
    axes : tuple of str, optional
        The two features that span a picture of their own.
    map : {"pca", "pacmap"}
        How the map is made; PaCMAP needs the extra ``maps``.
    shows_ids : bool
        Whether the page may tell who a customer is; an exported page carries no id without.

    Attributes
    ----------
    selection : Selection
        What is brushed, typed or set; ``Selection.nothing()`` where nothing is.
    segmentation : Segmentation
        Setting another redraws, keeps the selection, and shows who moved.
    axes : tuple of str
    map : str
    saved : dict of str to Selection
        What `save` has kept.
    table : pandas.DataFrame
        What selections are applied to: every feature, ``segment``, ``map_1`` and ``map_2``; index ``customer_id``.

    Raises
    ------
    SelectionError
        For ``selection``: if the table lacks one of its columns; what was selected stays.
    UnknownNameError
        For ``axes``: if a name is no feature.
    """

    selection = traitlets.Instance(Selection)
    segmentation = traitlets.Instance(Segmentation)
    axes = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode())
    map = traitlets.Enum(MAPS, "pca")
    saved: traitlets.Dict[str, Selection] = traitlets.Dict(read_only=True)

    def __init__(
        self,
        features: FeatureTable | Study,
        segmentation: Segmentation | None = None,
        *,
        segmenter: Segmenter | None = None,
        axes: tuple[str, str] | None = None,
        map: str = "pca",  # noqa: A002  the trait's name
        shows_ids: bool = True,
        **options: Any,
    ) -> None:
        if isinstance(features, Study):
            segmentation = features.segmentation if segmentation is None else segmentation
            features = features.features
        self.features, self._shows_ids = features, shows_ids
        if segmenter is not None and segmentation is None:
            segmentation = segmenter.segmentation
        made = _segmented(features) if segmentation is None else segmentation
        if segmenter is None:
            segmenter = Segmenter(features, segmentation=made, compare=False)
        self.segmenter = segmenter
        self._before: Segmentation | None = None
        self._next: Exploration | None = None
        self._past: list[Selection] = []
        self._shown: Exploration = explore(features, made, axes=axes, map=map, shows_ids=shows_ids)
        self._pane = self._new_pane()
        self._chosen = self._pane.is_selected
        self._axis_controls, self._saved_controls = AxisControls(features.measures), SavedControls()
        self._moves = ipywidgets.HTML(_first_said(made))
        super().__init__(
            selection=Selection.nothing(),
            segmentation=made,
            axes=axes or first_two(features.measures),
            map=map,
            **options,
        )
        self._axis_controls.serve(self)
        self._saved_controls.serve(self)
        self.segmenter.observe(self._segmented, "segmentation")
        self._place()

    # ---- what is selected ---------------------------------------------------------------------------------------------

    @property
    def table(self) -> pd.DataFrame:
        """What selections are applied to."""
        return self._shown.table

    @property
    def is_selected(self) -> pd.Series:
        """Whether each customer is selected; index ``customer_id``."""
        return pd.Series(self._chosen, index=self.table.index, name="is_selected")

    @property
    def selected(self) -> pd.DataFrame:
        """The selected customers: their rows of ``table``."""
        return self.table[self._chosen]

    @property
    def described(self) -> pd.DataFrame:
        """What the selected customers have in common against the rest: see `describe_selection`."""
        return describe_selection(self.table, self.is_selected, self._shown.measures)

    @property
    def money(self) -> pd.DataFrame:
        """Money of the selected customers and its share of the total: see `selection_money`."""
        return selection_money(self.table, self.is_selected)

    @property
    def sentence(self) -> str:
        """What sets the selected customers apart, in words."""
        return selection_sentence(self.described, self.is_selected, made_on=self.selection.columns)

    def undo(self) -> None:
        """Select again what was selected before; at the beginning nothing happens."""
        if self._past:
            self.selection = self._past.pop()
            self._past.pop()  # the change just made is no step of its own

    def save(self, name: str) -> Selection:
        """Keep the selection under a name; one of that name is replaced."""
        if not name.strip():
            raise SelectionError(f"{name!r} is no name for a selection; give a word or two.")
        self.set_trait("saved", {**self.saved, name: self.selection})
        self._saved_controls.offer(self.saved)
        return self.selection

    def compare(self, first: str, second: str) -> pd.DataFrame:
        """Compare two saved selections measure by measure: see `compare_selections`."""
        one, other = (self._saved(name).apply(self.table) for name in (first, second))
        return compare_selections(self.table, one, other, self._shown.measures)

    def column(self, name: str) -> pd.Series:
        """Return a saved selection as a column: bool, index ``customer_id``."""
        return self._saved(name).apply(self.table).rename(name)

    # ---- taking it away -----------------------------------------------------------------------------------------------

    def export_csv(self, path: str | Path) -> Path:
        """Write the selected customers to a CSV file that no spreadsheet takes for formulas; ids only, no names."""
        return selection_csv(self.table, self.is_selected, path)

    def to_html(self, path: str | Path) -> Path:
        """Write the pictures to one HTML file that brushes with no kernel and no network.

        It carries customer ids unless the explorer was made with ``shows_ids=False``.
        """
        path = Path(path)
        drawn = self._explored(self.map).brush  # figures of its own: those on the screen belong to the pane
        try:
            path.write_text(brush_page_html(drawn), encoding="utf-8")
        except OSError as error:
            raise SelectionError(
                f"cannot write {str(path)!r}: {error.strerror}. Give another path."
            ) from error
        return path

    def to_code(self) -> str:
        """Return Python that shows the same, given the table as ``features`` (and ``categories``, if it took any)."""
        made = self.segmentation
        names = "".join(f"    {name!r},\n" for name in made.features)
        lines = [
            "from payseg_widgets import ClusterExplorer, Selection, segment\n",
            f"names = [\n{names}]",
            f"segmentation = segment(features, {made.model!r}, {made.n_segments}, names=names, seed={made.seed}"
            f"{_categories_in_code(made)})",
            f"explorer = ClusterExplorer(features, segmentation, axes={self.axes!r}, map={self.map!r})",
        ]
        for name, kept in self.saved.items():
            lines += [f"explorer.selection = {kept.to_code()}", f"explorer.save({name!r})"]
        return "\n".join([*lines, f"explorer.selection = {self.selection.to_code()}"])

    @property
    def moved(self) -> pd.DataFrame | None:
        """Customers by the segment they were in and are in; ``None`` before the first change of segments."""
        return None if self._before is None else moves_table(self._before, self.segmentation)

    def as_view(self) -> View:
        """Return the pictures with their sentence and table."""
        return self._shown.brush.view

    def as_html(self) -> str:
        """Return the pictures as a still image, with their sentence and table, for where no widget can be."""
        return fallback_html(self.as_view(), still=brush_still(self._shown.brush))

    def __repr__(self) -> str:
        sizes = f"customers={len(self.table)}, segments={self.segmentation.n_segments}"
        return f"ClusterExplorer({sizes}, selected={int(self._chosen.sum())})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if isinstance(bundle, Mapping):
            return {**bundle, "text/html": self.as_html()}
        return bundle

    # ---- wiring -------------------------------------------------------------------------------------------------------

    @traitlets.validate("selection")
    def _applied(self, proposal: Any) -> Selection:
        proposal["value"].apply(self._shown.table)  # refused here, before anything changes
        return proposal["value"]

    @traitlets.observe("selection")
    def _select(self, change: Any) -> None:
        if isinstance(change["old"], Selection):
            self._past.append(change["old"])
        chosen = change["new"].apply(self.table).to_numpy()
        if not np.array_equal(chosen, self._chosen):
            self._chosen = chosen
            self._pane.select(chosen, selection=change["new"])

    def _brushed(self, _change: Any) -> None:
        chosen = self._pane.is_selected
        if np.array_equal(chosen, self._chosen):
            return
        self._chosen = chosen
        self.selection = self._as_expression(chosen)

    def _as_expression(self, chosen: np.ndarray) -> Selection:
        try:
            return self._pane.selection
        except SelectionError:  # rows picked in the table: no condition says who they are
            return Selection.picked(self.table.index[chosen])

    @traitlets.validate("axes")
    def _known_axes(self, proposal: Any) -> tuple[str, str]:
        for name in proposal["value"]:
            if name not in self.features.frame:
                raise UnknownNameError(
                    f"{name!r} is no feature of this table. There are: {', '.join(m.name for m in self.features.measures)}."
                )
        return proposal["value"]

    @traitlets.validate("map")
    def _drawn(self, proposal: Any) -> str:
        if self.children:  # refused here, before anything changes
            self._next = self._explored(proposal["value"])
        return proposal["value"]

    def _segmented(self, change: Any) -> None:
        if change["new"] is not None:
            self.segmentation = change["new"]

    @traitlets.observe("segmentation", "axes", "map")
    def _redraw(self, change: Any) -> None:
        if not self.children:
            return  # not built yet
        if change["name"] == "segmentation":
            self._before = change["old"]
            moves = fallback_html(moves_view(self._before, self.segmentation))
            self._moves.value = _caution(self.segmentation) + moves
        self._shown, self._next = self._next or self._explored(self.map), None
        old, self._pane = self._pane, self._new_pane()
        self._chosen = self.selection.apply(self.table).to_numpy()
        self._pane.select(self._chosen, selection=self.selection)
        self._place()
        old.close()

    def _explored(self, drawn_as: str) -> Exploration:
        return explore(
            self.features, self.segmentation, axes=self.axes, map=drawn_as, shows_ids=self._shows_ids
        )

    def _new_pane(self) -> BrushPane:
        pane = BrushPane(self._shown.brush)
        pane.on_condition(lambda typed: typed.apply(self.table))
        pane.observe(self._brushed, ["steps", "count"])
        return pane

    def _place(self) -> None:
        self.children = (
            self.segmenter, self._moves, self._axis_controls.box, self._pane, self._saved_controls.box
        )  # fmt: skip

    def _saved(self, name: str) -> Selection:
        if name not in self.saved:
            there = ", ".join(map(repr, self.saved)) or "none yet"
            raise UnknownNameError(f"no selection is saved as {name!r}. Saved: {there}.")
        return self.saved[name]


def _first_said(made: Segmentation) -> str:
    return _caution(made) if made.cards else f"<p role='status'>{escape(made.why_k)}</p>"


def _caution(made: Segmentation) -> str:
    return f"<p role='note'><strong>{escape(made.caution)}</strong></p>" if made.caution else ""


def _categories_in_code(made: Segmentation) -> str:
    parameters = made.provenance.get("parameters", {})
    columns = parameters.get("categories")
    if not columns:
        return ""
    return f", categories=categories[{columns!r}], category_weight={parameters['category_weight']}"


def _segmented(features: FeatureTable) -> Segmentation:
    try:
        return segment(features, compare=False)
    except SegmentationError as error:
        return unsegmented(features, f"There are no segments: {error}")
