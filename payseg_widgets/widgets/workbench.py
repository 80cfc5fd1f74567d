"""Features, customers and models on one screen: what is chosen above is segmented and shown below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets
import traitlets

from payseg_widgets.features.compute import compute_features
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.study import Study
from payseg_widgets.widgets.cluster_explorer import ClusterExplorer
from payseg_widgets.widgets.feature_selector import FeatureSelector
from payseg_widgets.widgets.model_bench import ModelBench
from payseg_widgets.widgets.segmenter import Segmenter


class Workbench(ipywidgets.VBox):
    """Choose features, segment, look at the segments, brush customers, and compare models, in one place.

    The features chosen in ``selector`` are those of ``segmenter``, both ways; its segments are shown by ``explorer``, and
    the model picked in ``bench`` becomes its model.

    Parameters
    ----------
    source : Ledger, FeatureTable or Study
        Features are computed from a ledger; a study brings its own features and segments.
    segmentation : Segmentation, optional
        Of these customers, shown first; made with ``segment(features, compare=False)`` where there is none.
    **options
        Those of `ClusterExplorer`: ``axes``, ``shows_ids``.

    Attributes
    ----------
    selector : FeatureSelector
    explorer : ClusterExplorer
    segmenter : Segmenter
    bench : ModelBench
        Compares when asked to. Without a ledger, as from a table of features alone, nothing is said of a later period.

    Raises
    ------
    FeatureError
        If this is nothing that features can be had from.
    """

    def __init__(
        self,
        source: Ledger | FeatureTable | Study,
        segmentation: Segmentation | None = None,
        **options: Any,
    ) -> None:
        ledger = source if isinstance(source, Ledger) else None
        if isinstance(source, Study):
            segmentation, ledger = segmentation or source.segmentation, source.ledger
            source = source.features
        features = source if isinstance(source, FeatureTable) else compute_features(source)
        self.explorer = ClusterExplorer(features, segmentation, **options)
        self.selector = FeatureSelector(features, features=self.segmenter.features)
        self.bench = ModelBench(features, ledger, segmenter=self.segmenter, start=False)
        super().__init__(children=(self.selector, self.explorer, self.bench))
        self._link = traitlets.link((self.selector, "features"), (self.segmenter, "features"))

    @property
    def segmenter(self) -> Segmenter:
        """What segments again whenever the features, the model or the number of segments change."""
        return self.explorer.segmenter

    def to_code(self) -> str:
        """Return Python that shows the same, given the ledger as ``ledger``."""
        return "\n".join(
            [
                "from payseg_widgets import Workbench, compute_features\n",
                "features = compute_features(ledger)",
                self.explorer.to_code(),
                "workbench = Workbench(features, segmentation)",
                "workbench.explorer.selection = explorer.selection",
            ]
        )

    def close(self) -> None:
        """Take all parts from every page and cut what joins them."""
        if self.comm is not None:  # neither closed before nor refused at birth
            self._link.unlink()
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
