"""Every clustering model on the same customers: compare them, weigh what matters, pick one and see its segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import pandas as pd
import traitlets

from payseg_widgets.errors import FeatureError
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.segmentation.compare import ModelComparison, compare_models
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.ranking import DEFAULT_WEIGHTS
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.segmentation.segment import chosen_names
from payseg_widgets.views.model_pictures import CALLED, model_pictures
from payseg_widgets.views.view import View
from payseg_widgets.widgets.model_table import ModelTable
from payseg_widgets.widgets.pane import BokehPane, fallback_html
from payseg_widgets.widgets.panel import Checked
from payseg_widgets.widgets.segmenter import Segmenter


class ModelBench(ipywidgets.VBox):
    """Compare clustering models, rank them by what matters, and have the segments of the one picked.

    Parameters
    ----------
    features : FeatureTable
    ledger : Ledger, optional
        Behind the features; without it nothing is said of a later period.
    comparison : ModelComparison, optional
        One made before; without it a run starts at once.
    segmenter : Segmenter, optional
        Takes over the model that is picked, so that an explorer on the same segmenter shows its segments; by default one
        of its own. Models are compared on its features.
    start : bool
        Whether to begin comparing where no comparison is given.
    seed : int
    **options
        Those of `compare_models`: ``models``, ``k_range``, ``budget_seconds`` ... ``categories`` become the segmenter's;
        without them those that the segmenter has by then take part.

    Attributes
    ----------
    comparison : ModelComparison or None
        The models done by then, where a run was cancelled.
    weights : dict of str to float
        How much each merit counts: see `ModelComparison.ranked`. Setting them ranks anew and computes nothing.
    model : str
        The model picked; empty for none.
    segmentation : Segmentation or None
        Of the model picked; arrives when it is made.
    picture : str
        Which picture is shown.

    Raises
    ------
    FeatureError
        If ``features`` is no table of features.
    UnknownNameError
        For ``model``: if it was not compared; for ``weights``: if there is no such merit.
    """

    comparison = traitlets.Instance(ModelComparison, allow_none=True)
    weights = Checked(DEFAULT_WEIGHTS)
    model = Checked("")
    picture = traitlets.Enum(tuple(CALLED), "merits")
    segmentation = traitlets.Instance(Segmentation, allow_none=True, read_only=True)

    def __init__(
        self,
        features: FeatureTable,
        ledger: Ledger | None = None,
        *,
        comparison: ModelComparison | None = None,
        segmenter: Segmenter | None = None,
        start: bool = True,
        seed: int = 0,
        names: Sequence[str] | None = None,
        **options: Any,
    ) -> None:
        if not isinstance(features, FeatureTable):
            raise FeatureError(
                f"models are compared on a FeatureTable, not on a {type(features).__name__}: compute_features(ledger)."
            )
        self.features, self.ledger, self.segmenter = features, ledger, segmenter
        self._names, self._seed = names, seed
        self._categories = options.pop("categories", None)
        self._options = options
        if segmenter is not None and self._categories is not None:
            segmenter.categories = self._categories
        self.table = ModelTable(self._compare, comparison)
        self._pane: BokehPane | None = None
        super().__init__(children=(self.table,))
        self._links = [
            traitlets.link((self.table, name), (self, name))
            for name in ("comparison", "weights", "model", "picture")
        ]
        self.observe(self._draw, ["comparison", "weights", "model", "picture"])
        self.observe(self._pick, "model")
        if segmenter is not None:
            self._follow(segmenter)
        self._draw()
        if comparison is None and start:
            self.start()

    def start(self) -> None:
        """Compare the models anew, in a thread."""
        self.table.start()

    def cancel(self) -> None:
        """Stop comparing at the next step; the models done by then are kept."""
        self.table.cancel()

    def wait(self, timeout: float | None = None) -> ModelComparison:
        """Wait for the run to end, for scripts and tests: see `ModelTable.wait`."""
        return self.table.wait(timeout)

    def checked(self, name: str, value: Any) -> Any:
        """Return a value as it is kept: see `ModelTable.checked`."""
        return self.table.checked(name, value)

    def to_code(self) -> str:
        """Return Python that compares, ranks and picks the same.

        It is given the tables as ``features`` and ``ledger``, and as ``categories`` where some took part.
        """
        made = self.comparison.provenance if self.comparison is not None else {}
        names = list(made.get("names", self._wanted()))
        given = "".join(f", {name}={value!r}" for name, value in self._options.items())
        given += ", categories=categories" if made.get("categories") else ""
        listed = "".join(f"    {name!r},\n" for name in names)
        source = "features" if self.ledger is None else "features, ledger"
        lines = [
            "from payseg_widgets import compare_models, segment\n",
            f"names = [\n{listed}]",
            f"comparison = compare_models({source}, names=names, seed={self._seed}{given})",
        ]
        if self.weights != DEFAULT_WEIGHTS:
            lines.append(f"ranked = comparison.ranked({dict(self.weights)!r})")
        if self.model:
            k = self._n_segments()
            goes_by = ", categories=categories" if MODELS[self.model].needs_categories else ""
            lines.append(
                f"segmentation = segment(features, {self.model!r}, {k}, names=names, seed={self._seed}{goes_by})"
            )
        return "\n".join(lines)

    def as_view(self) -> View:
        """Return the merits of the models with their sentence and table."""
        return self.table.as_view()

    def close(self) -> None:
        """Stop what runs and take all parts from every page."""
        if self.comm is not None:
            for link in self._links:
                link.unlink()
            if self.segmenter is not None:
                for heard, name in ((self._take, "segmentation"), (self._compare_names, "features")):
                    self.segmenter.unobserve(heard, name)
            for part in (self.table, self._pane):
                if part is not None:
                    part.close()
        super().close()

    def __repr__(self) -> str:
        n = 0 if self.comparison is None else len(self.comparison.table)
        return f"ModelBench(models={n}, picked={self.model or None!r}, {self.table.state})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if isinstance(bundle, Mapping):
            return {**bundle, "text/html": fallback_html(self.as_view())}
        return bundle

    # ---- wiring -----------------------------------------------------------------------------------------------------

    def _wanted(self) -> tuple[str, ...]:
        if self._names is None and self.segmenter is not None:
            return tuple(self.segmenter.features)
        return chosen_names(self.features, self._names)

    @property
    def categories(self) -> pd.DataFrame | None:
        """Those it was given, else those of the segmenter as they are now."""
        return self._categories if self.segmenter is None else self.segmenter.categories

    def _compare(self, **run: Any) -> ModelComparison:
        return compare_models(
            self.features, self.ledger, names=self._wanted(), seed=self._seed, categories=self.categories,
            **self._options, **run,
        )  # fmt: skip

    def _n_segments(self) -> int | None:
        assert self.comparison is not None  # noqa: S101  a model is picked from one
        found = float(self.comparison.table["n_segments"][self.model])
        return int(found) if found >= 2 else None  # missing: no answer

    def _pick(self, _change: Any) -> None:
        """Have the model picked segment the customers; one without an answer has no segments to show."""
        k = self._n_segments() if self.model else None
        if k is None or self.comparison is None:
            return
        if self.model not in MODELS or (MODELS[self.model].needs_categories and self.categories is None):
            self.table.remark(
                f"Its segments cannot be made here: call segment(features, {self.model!r}, {k}, ...) with what it was "
                "compared with."
            )
            return
        names = tuple(self.comparison.provenance["names"])
        if self.segmenter is None:
            self.segmenter = Segmenter(
                self.features, features=names, model=self.model, n_segments=k, categories=self._categories,
                seed=self._seed, compare=False,
            )  # fmt: skip
            self._follow(self.segmenter)
            return
        with self.segmenter.hold_trait_notifications():
            self.segmenter.model, self.segmenter.n_segments, self.segmenter.features = self.model, k, names

    def _follow(self, segmenter: Segmenter) -> None:
        segmenter.observe(self._take, "segmentation")
        segmenter.observe(self._compare_names, "features")

    def _take(self, change: Any) -> None:
        self.set_trait("segmentation", change["new"])

    def _compare_names(self, change: Any) -> None:
        if self.comparison is not None and list(change["new"]) != self.comparison.provenance["names"]:
            self.table.remark("These figures are of other features than those chosen now: compare again.")

    def _draw(self, _change: Any = None) -> None:
        if self.comparison is None:
            return
        there = model_pictures(self.comparison, self.model, self.weights)
        old, self._pane = self._pane, BokehPane(there.get(self.picture, there["merits"])())
        self.children = (self.table, self._pane)
        if old is not None:
            old.close()
