"""Segment again whenever the features, the model or the number of segments change, without holding up the notebook."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pandas as pd
import traitlets

from payseg_widgets.errors import Cancelled, FeatureError, SegmentationError
from payseg_widgets.features.presets import RECOMMENDED
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.segmentation.model import MODELS
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.views.view import View
from payseg_widgets.widgets.errands import Errand
from payseg_widgets.widgets.pace import Pace
from payseg_widgets.widgets.panel import FeatureNames, page_script, page_style
from payseg_widgets.widgets.running import RunningPanel

DOING = {
    "prepare": "preparing the features",
    "choose": "choosing the number of segments",
    "fit": "fitting",
    "structure": "checking for structure",
    "compare": "trying the other models",
    "describe": "describing the segments",
}
#: Numbers of segments the page offers.
OFFERED = range(2, 13)


class _Request(NamedTuple):
    features: tuple[str, ...]
    model: str
    n_segments: int | None
    categories: pd.DataFrame | None = None


class _ModelName(traitlets.TraitType[str, str]):
    def validate(self, obj: Any, value: Any) -> str:
        model = MODELS[str(value)]
        if model.needs_categories and obj.categories is None:
            raise SegmentationError(
                f"{model.name!r} needs categorical columns, which this widget has not. Set its categories, such as "
                f"enrichment.categories, or take 'kmedoids'."
            )
        return model.name


class _SegmentCount(traitlets.TraitType[Any, Any]):
    def validate(self, obj: Any, value: Any) -> int | None:
        if value is None or (type(value) is int and value >= 2):
            return value
        raise SegmentationError(
            f"n_segments={str(value)[:40]!r} is no number of segments; give 2 or more, "
            "or None to have it chosen by the criteria."
        )


class Segmenter(RunningPanel):
    """Keeps a segmentation in step with what it is made from.

    A change of ``features``, ``model`` or ``n_segments`` starts `payseg_widgets.segment` in a thread; the newest request
    wins, older ones are cancelled. Results arrive on the kernel's event loop, or in the thread where there is none.

    Parameters
    ----------
    table : FeatureTable
    segmentation : Segmentation, optional
        One made before: shown as it is; without it a first run starts at once.
    seed, min_invoices, compare
        As in `payseg_widgets.segment`.

    Attributes
    ----------
    features : tuple of str
    model : str
    n_segments : int or None
        ``None``: chosen by the criteria.
    categories : pandas.DataFrame or None
        For models that go by categories, which are offered where there are any: see `payseg_widgets.segment`. Setting
        others starts nothing: they come often while customers are looked up.
    segmentation : Segmentation or None
        The latest result; read only. A run that is cancelled or fails leaves it.
    progress, state, message, error
        See `payseg_widgets.widgets.running.RunningPanel`.
    """

    _esm = (
        page_script("kernel.js", "run_bar.js", "segmenter.js")
        + "\nexport default { render: renderSegmenter };\n"
    )
    _css = page_style("panel.css", "segmenter.css")

    features = FeatureNames()
    model = _ModelName("kmeans").tag(sync=True, echo_update=False)
    n_segments = _SegmentCount(None, allow_none=True).tag(sync=True, echo_update=False)
    categories = traitlets.Instance(pd.DataFrame, allow_none=True)
    segmentation = traitlets.Instance(Segmentation, allow_none=True, read_only=True)
    _models: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _offered: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        table: FeatureTable,
        /,
        *,
        segmentation: Segmentation | None = None,
        categories: pd.DataFrame | None = None,
        seed: int = 0,
        min_invoices: int = 5,
        compare: bool = True,
        **options: Any,
    ) -> None:
        if not isinstance(table, FeatureTable):
            raise FeatureError(
                f"segments are made from a FeatureTable, not from a {type(table).__name__}; "
                "compute it first: compute_features(ledger)."
            )
        self.table = table
        self._options: dict[str, Any] = {"seed": seed, "min_invoices": min_invoices, "compare": compare}
        self._took: dict[tuple[str, int | None], dict[str, float]] = {}
        features = _first_choice(table) if segmentation is None else segmentation.features
        options = {"features": features, **options}
        self.set_trait("categories", with_kinds(categories))  # ahead of the model, which may need them
        options.setdefault("model", self._model_of(segmentation))
        super().__init__(_models=self._models_there(), _offered=list(OFFERED), **options)
        if segmentation is not None:
            self.set_trait("segmentation", segmentation)
            self._show("idle", 1.0, self._in_words(segmentation))
        self.observe(lambda _change: self.start(), ["features", "model", "n_segments"])
        if segmentation is None:
            self.start()

    def start(self) -> None:
        """Segment with the present features, model and number of segments; an older run is cancelled."""
        categories = self.categories if MODELS[self.model].needs_categories else None
        request = _Request(self.features, self.model, self.n_segments, categories)
        self._begin(lambda errand: self._segment(errand, request))

    def cancel(self) -> None:
        """Stop the run; the segmentation made before stays."""
        if self._errand is None or self.state != "running":
            return
        self._forget()
        kept = (
            "The segments of the run before stay."
            if self.segmentation is not None
            else "Nothing was made yet."
        )
        self._show("cancelled", 0.0, f"Cancelled. {kept}")

    def wait(self, timeout: float | None = None) -> Segmentation:
        """Wait for the run to end, for scripts and tests.

        Parameters
        ----------
        timeout : float, optional
            Seconds.

        Returns
        -------
        Segmentation

        Raises
        ------
        TimeoutError
            If it takes longer; it goes on.
        Cancelled
            If the run was cancelled.
        Exception
            Whatever made it fail.
        """
        self._wait_for_end(timeout)
        if self.state == "cancelled" or self.segmentation is None:
            raise Cancelled(self.message, self.segmentation)
        return self.segmentation

    def as_view(self) -> View:
        """Return the segments as a sentence and a table."""
        cards = self.segmentation.cards if self.segmentation is not None else ()
        table = pd.DataFrame(
            [(card.letter, card.name, card.n_customers, card.summary) for card in cards],
            columns=["segment", "name", "customers", "summary"],
        )
        return View("Segmentation", None, table, self.message)

    def __repr__(self) -> str:
        made = "none yet" if self.segmentation is None else f"{self.segmentation.n_segments}"
        return f"Segmenter({self.model}, features={len(self.features)}, segments={made}, {self.state})"

    # ---- in the thread ----------------------------------------------------------------------------------------------

    def _segment(self, errand: Errand, asked: _Request) -> None:
        pace = Pace(time.perf_counter(), self._took.get(asked[1:3]))

        def tell(stage: str, done: int, total: int) -> None:
            now = time.perf_counter()
            if done == total:
                pace.end(now)
                return
            share, left = pace.begin(stage, now)
            text = f"Step {done + 1} of {total}: {DOING[stage]}."
            self._deliver(errand, lambda: self._show("running", share, text, left))

        try:
            made = segment(
                self.table, asked.model, asked.n_segments, names=asked.features, categories=asked.categories,
                progress=tell, cancel=errand, **self._options,
            )  # fmt: skip
        except Cancelled:
            return  # whoever cancelled has said so
        except Exception as error:  # noqa: BLE001  shown in the widget, kept, and raised by wait()
            self._deliver(errand, lambda error=error: self._fail(error))  # type: ignore[misc]
            return
        self._deliver(errand, lambda: self._finish(errand, made, asked, pace))

    # ---- where the widget lives ---------------------------------------------------------------------------------------

    @traitlets.validate("categories")
    def _that_tell_apart(self, proposal: Any) -> pd.DataFrame | None:
        return with_kinds(proposal["value"])

    @traitlets.observe("categories")
    def _offer_models(self, _change: Any) -> None:
        self._models = self._models_there()
        if self.categories is None and MODELS[self.model].needs_categories:
            self.model = "kmeans"

    def _models_there(self) -> list[list[str]]:
        has_categories = self.categories is not None
        return [[m.name, m.label] for m in MODELS.values() if has_categories or not m.needs_categories]

    def _model_of(self, made: Segmentation | None) -> str:
        """Return the model to go on with; one that needs categories is shown also where there are none to go on with."""
        lacks = made is not None and MODELS[made.model].needs_categories and self.categories is None
        return "kmeans" if made is None or lacks else made.model

    def _in_words(self, made: Segmentation) -> str:
        unplaced = int((made.labels_ < 0).sum())
        rest = f", {unplaced:,} unassigned" if unplaced else ""
        said = f"{made.n_segments} segments of {len(made):,} customers{rest}."
        if not MODELS[made.model].needs_categories:
            return said
        said = f"{said} Made with categories by {MODELS[made.model].label}"
        return (
            f"{said}."
            if self.categories is not None
            else f"{said}; a change here goes by the features alone."
        )

    def _finish(self, errand: Errand, made: Segmentation, asked: _Request, pace: Pace) -> None:
        self._took[asked[1:3]] = pace.seconds
        try:
            self.set_trait("segmentation", made)
        finally:
            if self._errand is errand:  # else whoever heard of it has started or cancelled a run
                self._show("idle", 1.0, f"{self._in_words(made)} {sum(pace.seconds.values()):.1f} s.")


def _first_choice(table: FeatureTable) -> tuple[str, ...]:
    names = [measure.name for measure in table.measures]
    return tuple(name for name in RECOMMENDED if name in names) or tuple(names)


def with_kinds(categories: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the columns that tell customers apart; ``None`` where there is none."""
    if categories is None:
        return None
    kept = categories.loc[:, [categories[name].dropna().unique().size > 1 for name in categories]]
    return None if kept.empty else kept
