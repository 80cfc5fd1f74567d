"""Features, customers, models, a register, effects, forecasts and actions on one screen: what is chosen above is shown below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets
import pandas as pd
import traitlets

from payseg_widgets.enrichment.source import Source
from payseg_widgets.errors import EnrichmentError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.study import Study
from payseg_widgets.widgets.cluster_explorer import ClusterExplorer
from payseg_widgets.widgets.effect_viewer import EffectViewer
from payseg_widgets.widgets.enrichment_panel import EnrichmentPanel
from payseg_widgets.widgets.feature_selector import FeatureSelector
from payseg_widgets.widgets.forecast_panel import ForecastPanel
from payseg_widgets.widgets.model_bench import ModelBench
from payseg_widgets.widgets.segmenter import Segmenter
from payseg_widgets.widgets.strategy_board import StrategyBoard


class Workbench(ipywidgets.VBox):
    """Choose features, segment, look at the segments, brush customers, compare models and groups, in one place.

    The features chosen in ``selector`` are those of ``segmenter``, both ways; its segments are shown by ``explorer``, and
    the model picked in ``bench`` becomes its model. A group picked in ``effects`` is selected in ``explorer``; customers
    brushed there are those compared in ``effects``. The customer of an invoice picked in ``forecast``, or of a
    call in ``strategy``, is selected there too.

    Parameters
    ----------
    source : Ledger, FeatureTable or Study
        Features are computed from a ledger; a study brings its own features and segments.
    segmentation : Segmentation, optional
        Of these customers, shown first; made with ``segment(features, compare=False)`` where there is none.
    enrichment : EnrichmentPanel, optional
        Shown below; the regions and sectors it finds become ``categories``.
    register : Source or path, optional
        Makes a panel that looks the ledger's customers up there.
    **options
        Those of `ClusterExplorer`: ``axes``, ``shows_ids``.

    Attributes
    ----------
    selector : FeatureSelector
    explorer : ClusterExplorer
    segmenter : Segmenter
    bench : ModelBench
        Compares when asked to. Without a ledger, as from a table of features alone, nothing is said of a later period.
    enrichment : EnrichmentPanel or None
    effects : EffectViewer or None
        Compares when asked to, by what the enrichment, the study or the ledger knows of customers; ``None`` where none is
        there.
    forecast : ForecastPanel or None
        Forecasts when asked to; ``None`` without a ledger.
    strategy : StrategyBoard or None
        Computes when asked to; ``None`` unless made from a `Study`, whose segments and forecast it takes.

    Raises
    ------
    FeatureError
        If this is nothing that features can be had from.
    EnrichmentError
        If a register is given without a ledger, whose customers could be looked up there.
    """

    def __init__(
        self,
        source: Ledger | FeatureTable | Study,
        segmentation: Segmentation | None = None,
        *,
        enrichment: EnrichmentPanel | None = None,
        register: Source | str | Path | None = None,
        **options: Any,
    ) -> None:
        ledger = source if isinstance(source, Ledger) else None
        study = source if isinstance(source, Study) else None
        if isinstance(source, Study):
            segmentation, ledger = segmentation or source.segmentation, source.ledger
            source = source.features
        features = source if isinstance(source, FeatureTable) else compute_features(source)
        self.explorer = ClusterExplorer(features, segmentation, **options)
        self.selector = FeatureSelector(features, features=self.segmenter.features)
        self.bench = ModelBench(features, ledger, segmenter=self.segmenter, start=False)
        self.enrichment = enrichment if register is None else _looking_up(ledger, register)
        self._known = None if study is None else study.customers
        self.effects = self._viewer(features, ledger)
        shows_ids = bool(options.get("shows_ids", True))
        self.forecast = self._forecasting(ledger, shows_ids=shows_ids)
        self.strategy = None
        if study is not None:
            self.strategy = StrategyBoard(study, explorer=self.explorer, start=False, shows_ids=shows_ids)
        parts = (
            self.selector, self.explorer, self.bench, self.enrichment, self.effects, self.forecast, self.strategy
        )  # fmt: skip
        super().__init__(children=tuple(part for part in parts if part is not None))
        if self.enrichment is not None:
            self.enrichment.observe(self._take_categories, "enrichment")
            self._take_categories()
        self._link = traitlets.link((self.selector, "features"), (self.segmenter, "features"))

    @property
    def segmenter(self) -> Segmenter:
        """What segments again whenever the features, the model or the number of segments change."""
        return self.explorer.segmenter

    @property
    def categories(self) -> pd.DataFrame | None:
        """Region and sector of each customer, as far as they tell customers apart; ``None`` where they do not."""
        return self.segmenter.categories

    def to_code(self) -> str:
        """Return Python that shows the same, given the ledger as ``ledger``.

        With an enrichment also ``source`` or ``journal``, as `EnrichmentPanel.to_code` says; made from a study, where
        ``effects`` or ``strategy`` has computed, the study as ``study``.
        """
        found, joins = [], ""
        if self.enrichment is not None:
            found = [
                "customers = ledger", self.enrichment.to_code(), "categories = enrichment.categories\n"
            ]  # fmt: skip
            joins = ", enrichment=panel"
        lines = [
            "from payseg_widgets import Workbench, compute_features\n",
            "features = compute_features(ledger)",
            *found,
            self.explorer.to_code(),
            f"workbench = Workbench(features, segmentation{joins})",
            "workbench.explorer.selection = explorer.selection",
        ]
        if self.effects is not None and self.effects.effects is not None:
            known = "ledger.customers" if self._known is None else "study.customers"
            lines.append(self.effects.to_code("features", known if self.enrichment is None else "enrichment"))
        if self.forecast is not None and self.forecast.forecast is not None:
            lines.append(self.forecast.to_code())
        if self.strategy is not None and self.strategy.plan is not None:
            lines.append(self.strategy.to_code())
        return "\n".join(lines)

    def close(self) -> None:
        """Take all parts from every page and cut what joins them."""
        if self.comm is not None:  # neither closed before nor refused at birth
            self._link.unlink()
            if self.enrichment is not None:
                self.enrichment.unobserve(self._take_categories, "enrichment")
                self.enrichment.close()
            for viewer in (self.effects, self.forecast, self.strategy):
                if viewer is not None:
                    viewer.close()
            for part in (self.bench, self.segmenter, self.selector, self.explorer):
                part.close()
        super().close()

    def __repr__(self) -> str:
        return f"Workbench(features={len(self.selector.features)}, {repr(self.explorer).partition('(')[2]}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if isinstance(bundle, Mapping):
            return {**bundle, "text/html": self.explorer.as_html()}
        return bundle

    def _take_categories(self, _change: Any = None) -> None:
        assert self.enrichment is not None  # noqa: S101  observed only where there is one
        self.segmenter.categories = self.enrichment.enrichment.categories
        if self.effects is not None:
            self.effects.customers = self.enrichment.enrichment

    def _viewer(self, features: FeatureTable, ledger: Ledger | None) -> EffectViewer | None:
        customers = self._known if self.enrichment is None else self.enrichment.enrichment
        if features.invoices is None or (customers is None and ledger is None):
            return None
        return EffectViewer(features, customers, ledger=ledger, explorer=self.explorer, start=False)

    def _forecasting(self, ledger: Ledger | None, *, shows_ids: bool) -> ForecastPanel | None:
        if ledger is None:
            return None
        return ForecastPanel(ledger, explorer=self.explorer, start=False, shows_ids=shows_ids)


def _looking_up(ledger: Ledger | None, register: Source | str | Path) -> EnrichmentPanel:
    if ledger is None:
        raise EnrichmentError(
            "register= looks a ledger's customers up; features alone have none. Give the Ledger or the Study, or make the "
            "panel yourself: enrichment=EnrichmentPanel(customers, register)."
        )
    return EnrichmentPanel(ledger, register)
