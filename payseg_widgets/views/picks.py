"""Marks that stand for something to pick: a group, an invoice, a model.

Their renderer is called ``PICKS`` and its source has a column of what they stand for: whoever shows the picture can listen to
what is clicked.
"""

from __future__ import annotations

from typing import Any

#: Name of the renderer whose marks can be picked.
PICKS = "picks"
_EDGE = "#B3005E"  # stands out on either ground and on all that is drawn
#: Marks that are not picked keep their looks; Bokeh would make them pale.
KEPT = {"nonselection_fill_alpha": 1.0, "nonselection_line_alpha": 1.0}


def picked() -> dict[str, Any]:
    """Return how a mark looks that is picked."""
    return {"selection_line_color": _EDGE, "selection_line_width": 4, **KEPT}
