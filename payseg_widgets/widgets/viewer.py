"""What viewers share: a panel that runs and tells, and below it the picture chosen, with its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import ipywidgets
import traitlets

from payseg_widgets.views.picks import PICKS
from payseg_widgets.views.view import View
from payseg_widgets.widgets.pane import BokehPane, fallback_html
from payseg_widgets.widgets.picture_twin import PictureTwin


class Viewer(ipywidgets.VBox):
    """A running panel with a picture below it, whose marks may be picked.

    Subclasses say in ``_pickable`` which of their traits the columns of marks are: see `payseg_widgets.views.picks`.

    Parameters
    ----------
    table : RunningPanel
        Runs, and has the page in which is chosen what to see.
    shared : sequence of str
        Traits that the viewer and its table have in common.
    """

    _pickable: ClassVar[tuple[str, ...]] = ()

    def __init__(self, table: Any, shared: Sequence[str], **options: Any) -> None:
        self.table = table
        self._pane: BokehPane | None = None
        self._figure: Any = None  # the picture shown
        self._twin = PictureTwin()
        self._source: Any = None  # of the marks that can be picked, in the picture shown
        self._picks = ""
        super().__init__(children=(table,), **options)
        self._links = [traitlets.link((table, name), (self, name)) for name in shared]

    def start(self) -> None:
        """Begin anew, in a thread."""
        self.table.start()

    def cancel(self) -> None:
        """Stop at the next step; what was shown before stays."""
        self.table.cancel()

    def wait(self, timeout: float | None = None) -> Any:
        """Wait for the run to end, for scripts and tests, and return what it made; raise what made it fail."""
        return self.table.wait(timeout)

    def checked(self, name: str, value: Any) -> Any:
        """Return a value as it is kept, or raise as the ``checked`` of the table does."""
        return self.table.checked(name, value)

    def as_view(self) -> View:
        """Return what is shown first, as a sentence and a table."""
        return self.table.as_view()

    def close(self) -> None:
        """Stop what runs and take all parts from every page."""
        if self.comm is not None:  # neither closed before nor refused at birth
            for link in self._links:
                link.unlink()
            for part in (self.table, self._pane, self._twin):
                if part is not None:
                    part.close()
        super().close()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if isinstance(bundle, Mapping):
            return {**bundle, "text/html": fallback_html(self.as_view())}
        return bundle

    # ---- the picture ------------------------------------------------------------------------------------------------

    def _show_picture(self, view: View) -> None:
        """Put a picture in the place of the one shown."""
        old, self._pane, self._figure = self._pane, BokehPane(view), view.figure
        self._listen(view)
        self._tell_picture(view)
        self.children = (self.table, self._pane, self._twin)
        if old is not None:
            old.close()

    def _tell_picture(self, view: View) -> None:
        """Say the picture in a sentence and a table, folded away below it."""
        self._twin.show(view)

    def _listen(self, view: View) -> None:
        marks = next(
            iter(view.figure.select({"name": PICKS})), None
        )  # those of several figures share their source
        self._source = None if marks is None else marks.data_source
        if self._source is not None:
            self._picks = next(name for name in self._pickable if name in self._source.data)
            self._source.selected.on_change("indices", self._clicked)

    def _clicked(self, _name: str, _old: Any, new: list[int]) -> None:
        """Pick what was clicked; clicked again, let go."""
        before = getattr(self, self._picks)
        clicked = dict.fromkeys(str(self._source.data[self._picks][k]) for k in new)
        if not clicked or list(clicked) != [before]:
            clicked.pop(before, None)
            setattr(self, self._picks, next(iter(clicked), ""))
        self._mark()

    def _mark(self) -> None:
        """Show in the picture what is picked."""
        if self._source is not None:
            now = getattr(self, self._picks)
            self._source.selected.indices = [
                k for k, one in enumerate(self._source.data[self._picks]) if now and str(one) == now
            ]
