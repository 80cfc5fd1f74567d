"""Linked pictures in a notebook: what is brushed in the page is a selection in Python, and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import traitlets

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.brush import BRUSH_CSS, BRUSH_MODULES, Brush
from payseg_widgets.views.scripts import joined
from payseg_widgets.views.selection import Selection
from payseg_widgets.views.still import brush_still
from payseg_widgets.widgets.pane import PANE_CSS, PANE_MODULES, BokehPane, fallback_html

_MODULES = dict.fromkeys([*BRUSH_MODULES, *PANE_MODULES, Path(__file__).with_name("brush_pane.js")])


class BrushPane(BokehPane):
    """Show a `Brush`; Python hears once of each finished brush.

    Parameters
    ----------
    brush : Brush
        From `payseg_widgets.views.brush.brush_view`.

    Attributes
    ----------
    steps : list of dict
        What was brushed since the last replacement, for `selection`; empty where nothing is chosen, or Python chose
        without saying by which condition.
    count : int
        How many customers are selected; set after ``steps`` and ``is_selected``, so that an observer finds all three.
    """

    _esm = joined(*_MODULES) + "\nexport default brushPane;\n"
    _css = PANE_CSS + BRUSH_CSS
    _spec = traitlets.Dict().tag(sync=True)
    _columns: traitlets.List[bytes] = traitlets.List().tag(sync=True)
    _chosen = traitlets.Int(1).tag(
        sync=True, to_json=lambda _, pane: {"bits": pane._bits, "text": pane._text()}
    )
    _answers = traitlets.Bool(False).tag(sync=True)
    steps: traitlets.List[dict[str, Any]] = traitlets.List(read_only=True)
    count = traitlets.Int(0, read_only=True)

    def __init__(self, brush: Brush, **options: Any) -> None:
        self._brush = brush
        self._bits = bytes((brush.spec["n"] + 7) // 8)
        self._apply_condition: Callable[[Selection], Any] | None = None
        fallback = fallback_html(brush.view, still=brush_still(brush))
        sent: dict[str, Any] = {
            "_spec": dict(brush.spec),
            "_columns": list(brush.buffers),
            "_fallback": fallback,
        }
        super().__init__(brush.view, **sent, **options)

    @property
    def is_selected(self) -> np.ndarray:
        """Whether each customer is selected, bool, in the order of the table."""
        bits = np.frombuffer(self._bits, "uint8")
        return np.unpackbits(bits, bitorder="little", count=self._brush.spec["n"]).astype(bool)

    @property
    def selection(self) -> Selection:
        """What was brushed, as an expression; `SelectionError` after `select`, whose mask is no condition."""
        if self.count and not self.steps:
            raise SelectionError(
                f"{self.count} customers were chosen by a mask, which is no condition; use is_selected."
            )
        return self._brush.selection(self.steps)

    def select(self, is_selected: np.ndarray | Sequence[bool], *, selection: Selection | None = None) -> None:
        """Show customers as selected in every page.

        Parameters
        ----------
        is_selected : array-like of bool, shape (n_customers,)
        selection : Selection, optional
            The condition that selects them: `selection` then returns it, and the page's field shows it.
        """
        flags = np.asarray(is_selected, dtype=bool)
        if flags.shape != (self._brush.spec["n"],):
            raise SelectionError(
                f"{flags.shape} flags for {self._brush.spec['n']} customers: give one a customer."
            )
        step = {"kind": "mask", "mode": "replace", "geometry": None, "text": str(selection)}
        self._take(np.packbits(flags, bitorder="little").tobytes(), [] if selection is None else [step])
        self.send_state("_chosen")

    def on_condition(self, apply: Callable[[Selection], np.ndarray | pd.Series] | None) -> None:
        """Answer conditions typed in the page in Python.

        Without this the page answers by itself, from what exact values it holds.

        Parameters
        ----------
        apply : callable, optional
            Says of each customer whether the condition selects it, such as ``lambda typed: typed.apply(table)``. A
            `SelectionError` from it is shown in the page. None: the page answers again. Pages that are open already
            take heed of a change when they are drawn again.
        """
        self._apply_condition = apply
        self._answers = apply is not None

    def show_expression(self, selection: Selection) -> None:
        """Show a condition in the page's field without selecting by it."""
        self.send({"kind": "expression", "text": str(selection)})

    def __repr__(self) -> str:
        return f"BrushPane(customers={self._brush.spec['n']}, selected={self.count})"

    def _heard(self, pane: Any, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        if message["kind"] == "brush":
            self._take(bytes(buffers[0]), message["steps"])
        elif message["kind"] == "condition":
            self._typed(message["text"])
        else:
            super()._heard(pane, message, buffers)

    def _typed(self, text: str) -> None:
        try:
            if self._apply_condition is None:
                raise SelectionError("nobody answers conditions in Python any more: draw the pane again.")
            selection = Selection.parse(text)
            flags = np.asarray(self._apply_condition(selection))
        except SelectionError as error:
            self.send({"kind": "condition_error", "text": str(error), "position": error.position})
            return
        self.select(flags, selection=selection)

    def _text(self) -> str | None:
        """Return the condition of what is selected, for the page's field, where there is one."""
        if any(step["kind"] == "mask" and not step.get("text") for step in self.steps):
            return None
        return str(self.selection) if self.steps else None

    def _take(self, bits: bytes, steps: list[dict[str, Any]]) -> None:
        self._bits = bits
        self.set_trait("steps", steps)
        self.set_trait("count", int(self.is_selected.sum()))
