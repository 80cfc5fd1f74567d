"""What a picture says in a sentence, and its figures as a table that stays unfolded while the picture changes."""

from __future__ import annotations

import anywidget
import traitlets

from payseg_widgets.views.view import View
from payseg_widgets.widgets.panel import page_script


class PictureTwin(anywidget.AnyWidget):
    """The text twin of the picture beside it.

    Attributes
    ----------
    sentence : str
    rows : str
        The table as HTML, its texts escaped.
    is_unfolded : bool
        Whether the table is shown.
    """

    _esm = page_script("kernel.js", "picture_twin.js") + "\nexport default { render: renderPictureTwin };\n"

    sentence = traitlets.Unicode("", read_only=True).tag(sync=True)
    rows = traitlets.Unicode("", read_only=True).tag(sync=True)
    is_unfolded = traitlets.Bool(False).tag(sync=True, echo_update=False)

    def show(self, view: View) -> None:
        """Tell another picture."""
        with self.hold_sync():
            self.set_trait("sentence", view.sentence)
            self.set_trait(
                "rows", view.table.to_html(index=False, border=0, na_rep="–", float_format="{:,.2f}".format)
            )

    def __repr__(self) -> str:
        return f"PictureTwin({self.sentence[:80]!r})"
