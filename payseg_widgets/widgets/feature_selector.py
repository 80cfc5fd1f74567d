"""Choose the features to segment by, seeing what each means, how it is spread and how far it can be trusted."""

from __future__ import annotations

import math
from typing import Any

import traitlets

from payseg_widgets.errors import FeatureError
from payseg_widgets.features.presets import RECOMMENDED
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.views.feature_rows import (
    FeatureRow,
    feature_rows,
    feature_twins,
    presets,
    rows_table,
)
from payseg_widgets.views.twins import SAMPLE
from payseg_widgets.views.view import View
from payseg_widgets.widgets.panel import FeatureNames, Panel, page_script, page_style


class FeatureSelector(Panel):
    """Choose features of a table in a notebook.

    Each feature is shown with its meaning, unit, distribution, share missing with the commonest reason, and
    reliability; two chosen features that say the same (rank correlation of 0.9 or more, read off at most 20,000
    customers) are warned of. Everything can be done with the keyboard.

    Parameters
    ----------
    table : FeatureTable
    features : sequence of str, optional
        Those chosen at first; the recommended ones, as far as the table has them, where not given.

    Attributes
    ----------
    features : tuple of str
        The chosen names, in the order they were chosen. A trait: ``observe`` or ``traitlets.link`` it.

    Raises
    ------
    FeatureError
        If this is no feature table, it has no features, or none is chosen.
    UnknownNameError
        If a name is no feature of the table; the message says which was meant.
    """

    _esm = page_script("kernel.js", "feature_picture.js", "feature_selector.js") + (
        "\nexport default { render: renderSelector };\n"
    )
    _css = page_style("panel.css", "feature_selector.css")

    # The page speaks of places in the table: a name may be of any length.
    features = FeatureNames().tag(
        sync=True,
        echo_update=False,
        to_json=lambda names, selector: [selector._places[name] for name in names],
        from_json=lambda places, selector: selector._names(places),
    )
    _rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _presets: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _twins: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _about = traitlets.Unicode().tag(sync=True)

    def __init__(self, table: FeatureTable, /, **options: Any) -> None:
        if not isinstance(table, FeatureTable):
            raise FeatureError(
                f"features are chosen from a FeatureTable, not from a {type(table).__name__}; "
                "compute it first: compute_features(ledger)."
            )
        if not table.measures:
            raise FeatureError("the feature table has no features; compute some: compute_features(ledger).")
        self.table = table
        self._places = {measure.name: i for i, measure in enumerate(table.measures)}
        self._shown = feature_rows(table)
        self._pairs = feature_twins(table)
        options.setdefault("features", self._first_choice())
        super().__init__(
            _rows=[_for_page(row) for row in self._shown],
            _presets=[[label, [self._places[n] for n in names]] for label, names in presets(table).items()],
            _twins=[[pair.first, pair.second, round(pair.rho, 2)] for pair in self._pairs],
            _about=self._sentence(),
            **options,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each two chosen features that say the same, the closest first."""
        chosen = {self._places[name] for name in self.features}
        return tuple(
            f"{self._shown[pair.first].label} and {self._shown[pair.second].label} say the same (ρ = {pair.rho:.2f})."
            for pair in self._pairs
            if {pair.first, pair.second} <= chosen
        )

    def to_code(self) -> str:
        """Return Python that repeats the choice, given the table as ``features``."""
        names = "".join(f"    {name!r},\n" for name in self.features)
        return (
            "from payseg_widgets import FeatureSelector\n\n"
            f"names = [\n{names}]\nselector = FeatureSelector(features, features=names)"
        )

    def as_view(self) -> View:
        """Return the features as a sentence and a table, the chosen first."""
        chosen = [measure.name in self.features for measure in self.table.measures]
        sentence = " ".join([f"{sum(chosen)} of {len(chosen)} features are chosen.", *self.warnings])
        return View("Features", None, rows_table(self._shown, chosen), sentence)

    def __repr__(self) -> str:
        sizes = f"chosen={len(self.features)}, features={len(self._shown)}, customers={len(self.table)}"
        return f"FeatureSelector({sizes})"

    def _first_choice(self) -> tuple[str, ...]:
        return tuple(name for name in RECOMMENDED if name in self._places) or tuple(self._places)

    def _names(self, places: Any) -> tuple[str, ...]:
        names = tuple(self._places)
        if not all(type(place) is int and 0 <= place < len(names) for place in places):
            raise FeatureError(
                f"the page chose {str(places)[:60]}; there are features 0 to {len(names) - 1}."
            )
        return tuple(names[place] for place in places)

    def _sentence(self) -> str:
        n = len(self.table)
        customers = "1 customer" if n == 1 else f"{n:,} customers"
        sample = f" Features that say the same are found on {SAMPLE:,} of them." if n > SAMPLE else ""
        return f"{customers}, as of {self.table.as_of:%Y-%m-%d}.{sample}"


def _for_page(row: FeatureRow) -> dict[str, Any]:
    """Return what the page shows of a feature, without anything JSON cannot say."""
    return {
        "name": row.name,
        "label": row.label,
        "unit": row.unit,
        "meaning": row.meaning,
        "kind": row.kind,
        "worse": row.worse,
        "missing": row.missing,
        "share": None if math.isnan(row.share_missing) else row.share_missing,
        "reliability": None if math.isnan(row.reliability) else round(row.reliability, 2),
        "counts": list(row.spread.counts),
        "instead": row.spread.instead,
        "distribution": row.distribution,
    }
