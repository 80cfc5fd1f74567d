"""What the widgets of this package share: a refused value is explained in the page, and there is always something to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from payseg_widgets.errors import PaysegError
from payseg_widgets.views.feature_rows import checked_names
from payseg_widgets.views.scripts import joined
from payseg_widgets.views.view import View
from payseg_widgets.widgets.pane import fallback_html

_HERE = Path(__file__).parent


class Panel(anywidget.AnyWidget):
    """A widget that tells its page why Python refused a value, and which value still holds.

    Subclasses say in `as_view` what to read where no widget can be.
    """

    def as_view(self) -> View:
        """Return what the widget shows as a sentence and a table."""
        raise NotImplementedError

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page sends; what cannot be taken is put right there, explained, and raised."""
        try:
            super().set_state(sync_data)
        except (PaysegError, traitlets.TraitError) as error:
            self.send({"kind": "error", "text": str(error)})
            self.send_state(list(sync_data))
            raise

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is not None:
            bundle[0]["text/html"] = fallback_html(self.as_view())
        return bundle


class FeatureNames(traitlets.TraitType[tuple[str, ...], Any]):
    """Names of features of the widget's ``table``: at least one, each once, a list or a tuple."""

    info_text = "names of features"

    def validate(self, obj: Any, value: Any) -> tuple[str, ...]:
        """Return the names as a tuple, or raise as `checked_names` does."""
        return checked_names(value, obj.table)


class Checked(traitlets.TraitType[Any, Any]):
    """A value that the widget's ``checked(name, value)`` takes, or refuses before anything has changed.

    A method under `traitlets.validate` is asked too late where a page sets several values at once: what it refuses then stays.
    """

    info_text = "one of those there are"

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the value as it is kept, or raise as ``checked`` does."""
        return obj.checked(self.name, value)


def page_script(*names: str) -> str:
    """Join modules of this folder into the text of a widget's page."""
    return joined(*(_HERE / name for name in names))


def page_style(*names: str) -> str:
    """Join style sheets of this folder."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
