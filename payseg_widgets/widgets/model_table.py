"""The page's half of the bench: the run, what matters, the models in order, the account of the one picked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import traitlets

from payseg_widgets.errors import Cancelled, UnknownNameError
from payseg_widgets.report.attempted_models import attempted_models
from payseg_widgets.segmentation.compare import ModelComparison
from payseg_widgets.segmentation.ranking import DEFAULT_WEIGHTS, MERITS
from payseg_widgets.views.merits import merits_view
from payseg_widgets.views.model_pictures import CALLED, model_pictures
from payseg_widgets.views.view import View
from payseg_widgets.widgets.panel import Checked, page_script, page_style
from payseg_widgets.widgets.running import RunningPanel

#: Column of the comparison, its heading, and how it is written: a number, a share or as it is.
COLUMNS = (
    ("score", "Score", "number"), ("n_segments", "Segments", "count"), ("least_stable", "Least stable", "number"),
    ("invoices", "Other invoices", "number"), ("halves", "Two periods", "number"),
    ("later_explained", "Later explained", "share"), ("gain_over_none", "Predicts", "share"),
    ("gain_added", "Beside own record", "share"), ("share_unassigned", "Unassigned", "share"),
    ("smallest_share", "Smallest", "share"), ("seconds", "Seconds", "number"), ("peak_mb", "MB", "count"),
)  # fmt: skip
#: What each merit is called beside its weight.
MERIT_LABELS = {
    "stability": "comes back with other customers", "invoices": "comes back with other invoices",
    "halves": "comes back in the later period", "later": "explains later payment", "prediction": "helps to predict",
    "placed": "places everybody", "balance": "even sizes", "speed": "is fast",
}  # fmt: skip


class ModelTable(RunningPanel):
    """Runs a comparison in a thread and shows it as a table; `ModelBench` adds the pictures.

    Parameters
    ----------
    compare : callable
        Called with ``progress=`` and ``cancel=``; returns a `ModelComparison`.
    comparison : ModelComparison, optional
        One made before.

    Attributes
    ----------
    comparison : ModelComparison or None
    weights : dict of str to float
    model : str
        The one picked; empty for none.
    picture : str
    progress, state, message, error
        See `payseg_widgets.widgets.running.RunningPanel`.
    """

    _esm = (
        page_script("kernel.js", "run_bar.js", "model_table.js")
        + "\nexport default { render: renderModelTable };\n"
    )
    _css = page_style("panel.css", "segmenter.css", "listing.css", "model_table.css")

    comparison = traitlets.Instance(ModelComparison, allow_none=True)
    weights = Checked(DEFAULT_WEIGHTS).tag(sync=True)
    model = Checked("").tag(sync=True, echo_update=False)
    picture = traitlets.Enum(tuple(CALLED), "merits").tag(sync=True, echo_update=False)
    _shown = traitlets.Dict().tag(sync=True)
    _told = traitlets.Dict().tag(sync=True)
    _merits: traitlets.List[Any] = traitlets.List([[name, MERIT_LABELS[name]] for name in MERITS]).tag(
        sync=True
    )

    def __init__(
        self,
        compare: Callable[..., ModelComparison],
        comparison: ModelComparison | None = None,
        **options: Any,
    ) -> None:
        self._compare = compare
        super().__init__(weights=dict(DEFAULT_WEIGHTS), **options)
        if comparison is None:
            self._show("idle", 0.0, "Not compared yet.")
        else:
            self.comparison = comparison
            self._show("idle", 1.0, _in_words(comparison))

    def start(self) -> None:
        """Compare the models anew; a run under way is cancelled."""
        self._begin(
            lambda errand: self._carry_out(
                errand,
                self._compare,
                lambda made: self._finish(made, is_whole=True),
                lambda kept: self._finish(kept, is_whole=False),
            )
        )

    def cancel(self) -> None:
        """Stop at the next step; the models compared by then are kept."""
        if self._errand is not None and self.state == "running":
            self._errand.stop()
            self._show("running", self.progress, "Stopping; what is done is kept.")

    def remark(self, text: str) -> None:
        """Say something of the figures shown, unless a run has more to say."""
        if self.state != "running":
            self._show(self.state, self.progress, text)

    def wait(self, timeout: float | None = None) -> ModelComparison:
        """Wait for the run to end and return the comparison; raise what made it fail.

        Raises
        ------
        TimeoutError
            If it takes longer; it goes on.
        Cancelled
            If the run was cancelled before any model was done.
        """
        self._wait_for_end(timeout)
        if self.comparison is None:
            raise Cancelled(self.message)
        return self.comparison

    def as_view(self) -> View:
        """Return the merits of the models, in the table those that count."""
        if self.comparison is None:
            return View("Models compared", None, _EMPTY, self.message)
        view = merits_view(self.comparison, self.weights)
        uncounted = [name for name in MERITS if not self.weights.get(name)]
        return replace(view, table=view.table.drop(columns=uncounted))

    def _finish(self, made: ModelComparison | None, *, is_whole: bool) -> None:
        if made is not None and (is_whole or len(made.table)):
            self.comparison = made
        if is_whole and made is not None:
            self._show("idle", 1.0, _in_words(made))
        else:
            done = len(made.table) if made is not None else 0
            were = "model was done and is" if done == 1 else "models were done and are"
            kept = f"{done} {were} kept." if done else "No model was done by then."
            self._show("cancelled", 0.0, f"Cancelled. {kept}")

    def _heard(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        super()._heard(_widget, message, _buffers)
        if message.get("kind") == "markdown" and self.comparison is not None:
            self.send({"kind": "markdown", "text": attempted_models(self.comparison)})

    def checked(self, name: str, value: Any) -> Any:
        """Return a value of ``weights`` or ``model`` as it is kept.

        Raises
        ------
        SegmentationError, UnknownNameError
            If these weights rank nothing; if there is no such merit or model.
        """
        if name == "weights":
            weights = {str(merit): float(weight) for merit, weight in value.items()}
            if self.comparison is not None:
                self.comparison.ranked(weights)
            return weights
        if value and (self.comparison is None or value not in self.comparison.table.index):
            there = "none yet" if self.comparison is None else ", ".join(self.comparison.table.index)
            raise UnknownNameError(f"{str(value)[:60]!r} was not compared. Compared: {there}.")
        return value

    @traitlets.observe("comparison", "weights")
    def _rank(self, change: Any) -> None:
        if self.comparison is None:
            return
        if change["name"] == "comparison" and self.model not in self.comparison.table.index:
            self.model = ""
        ranked = self.comparison.ranked(self.weights)
        self._shown = {
            "verdict": self.comparison.structure,
            "sentence": self.comparison.structure_sentence,
            "caution": self.comparison.caution,
            "columns": [list(column) for column in COLUMNS],
            "rows": [
                _row(str(name), {str(key): row[key] for key in row.index}) for name, row in ranked.iterrows()
            ],
        }
        self._tell_account()

    @traitlets.observe("model")
    def _tell_account(self, _change: Any = None) -> None:
        if self.comparison is None:
            return
        there = model_pictures(self.comparison, self.model)
        if self.picture not in there:
            self.picture = "merits"
        clauses = self.comparison.accounts.get(self.model, ())
        told = [[clause.text, clause.picture if clause.picture in there else ""] for clause in clauses]
        label = str(self.comparison.table["label"].get(self.model, ""))
        why = self.comparison.why_k.get(self.model, "")
        self._told = {
            "label": label,
            "clauses": [*told, *([[f"Why this number: {why}", "criteria"]] if why else [])],
            "pictures": [[name, CALLED[name]] for name in there],
        }


_EMPTY = pd.DataFrame({"model": []})


def _row(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    values = {column: _plain(row[column]) for column, _, _ in COLUMNS}
    return {"name": name, "label": str(row["label"]), "status": str(row["status"]), "values": values}


def _plain(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _in_words(made: ModelComparison) -> str:
    done = int((made.table["status"] == "done").sum())
    rest = f"; {len(made.table) - done} without an answer" if done < len(made.table) else ""
    return f"{done} models compared{rest}."
