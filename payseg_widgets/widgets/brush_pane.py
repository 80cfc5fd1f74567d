"""Linked pictures in a notebook: what is brushed in the page is a selection in Python, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import traitlets

from payseg_widgets.errors import SelectionError
from payseg_widgets.views.brush import BRUSH_CSS, BRUSH_MODULES, Brush
from payseg_widgets.views.scripts import joined
from payseg_widgets.views.selection import Selection
from payseg_widgets.widgets.pane import PANE_CSS, PANE_MODULES, BokehPane

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
        What was brushed since the last replacement, for `selection`; empty where Python chose, or nothing is chosen.
    count : int
        How many customers are selected; set after ``steps`` and ``is_selected``, so that an observer finds all three.
    """

    _esm = joined(*_MODULES) + "\nexport default brushPane;\n"
    _css = PANE_CSS + BRUSH_CSS
    _spec = traitlets.Dict().tag(sync=True)
    _columns: traitlets.List[bytes] = traitlets.List().tag(sync=True)
    _chosen = traitlets.Int(1).tag(sync=True, to_json=lambda _, pane: {"bits": pane._bits})
    steps: traitlets.List[dict[str, Any]] = traitlets.List(read_only=True)
    count = traitlets.Int(0, read_only=True)

    def __init__(self, brush: Brush, **options: Any) -> None:
        self._brush = brush
        self._bits = bytes((brush.spec["n"] + 7) // 8)
        super().__init__(brush.view, _spec=dict(brush.spec), _columns=list(brush.buffers), **options)

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

    def select(self, is_selected: np.ndarray | Sequence[bool]) -> None:
        """Show customers as selected in every page.

        Parameters
        ----------
        is_selected : array-like of bool, shape (n_customers,)
        """
        flags = np.asarray(is_selected, dtype=bool)
        if flags.shape != (self._brush.spec["n"],):
            raise SelectionError(
                f"{flags.shape} flags for {self._brush.spec['n']} customers: give one a customer."
            )
        self._take(np.packbits(flags, bitorder="little").tobytes(), [])
        self.send_state("_chosen")

    def __repr__(self) -> str:
        return f"BrushPane(customers={self._brush.spec['n']}, selected={self.count})"

    def _heard(self, pane: Any, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        if message["kind"] == "brush":
            self._take(bytes(buffers[0]), message["steps"])
        else:
            super()._heard(pane, message, buffers)

    def _take(self, bits: bytes, steps: list[dict[str, Any]]) -> None:
        self._bits = bits
        self.set_trait("steps", steps)
        self.set_trait("count", int(self.is_selected.sum()))
