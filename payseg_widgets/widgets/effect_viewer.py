"""What region, sector and other groups have to do with payment, to choose, look at, and follow to the customers."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
import traitlets

from payseg_widgets.effects.clusters import GroupClusters, do_groups_cluster
from payseg_widgets.effects.compared import columns_of, columns_offered, payments_of
from payseg_widgets.effects.estimate import estimate_effects
from payseg_widgets.effects.outcomes import OUTCOMES
from payseg_widgets.effects.report import EffectReport
from payseg_widgets.enrichment.enrichment import Enrichment
from payseg_widgets.errors import EffectError
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.views.effect_pictures import CALLED, effect_pictures
from payseg_widgets.views.selection import Selection
from payseg_widgets.widgets.cluster_explorer import ClusterExplorer
from payseg_widgets.widgets.effect_table import EffectTable, Offered
from payseg_widgets.widgets.panel import Checked
from payseg_widgets.widgets.viewer import Viewer

_TRAITS = ("effects", "clusters", "by", "outcome", "adjust_for", "group", "picture", "follows_brush")


class EffectViewer(Viewer):
    """Compare groups of customers, see what can be said of them, and go to the customers behind it.

    Parameters
    ----------
    payments : FeatureTable or Ledger
    customers : Enrichment or pandas.DataFrame, optional
        See `estimate_effects`; the ledger's own columns where not given.
    ledger : Ledger, optional
        Behind a feature table; without one it cannot be asked whether groups form clusters.
    effects : EffectReport, optional
        One made before; without it a run starts at once.
    explorer : ClusterExplorer, optional
        A group picked here is selected there, and customers brushed there are those compared here.
    start : bool
        Whether to begin comparing where no effects are given.
    shows_ids : bool
        Whether the page may tell who a customer is.
    **choices
        ``by``, ``outcome``, ``adjust_for``, ``picture``.

    Attributes
    ----------
    effects : EffectReport or None
    clusters : GroupClusters or None
        Whether groups and ways of paying go together, once it was asked: see `start_tie`.
    by, outcome : str
        Setting one compares anew.
    adjust_for : tuple of str
        What is usual for ``by`` until chosen otherwise.
    group : str
        The one picked; empty for none.
    picture : str
        Which picture is shown.
    selection : Selection
        The customers of the group picked.
    only : Selection or None
        Customers compared; ``None`` for all. Follows the explorer while ``follows_brush`` holds.
    customers : Enrichment or pandas.DataFrame or None
        Setting others offers their columns and compares nothing: they come often while customers are looked up.

    Raises
    ------
    EffectError
        If payments cannot be read from what is given.
    UnknownNameError
        For ``by``, ``outcome``, ``adjust_for``, ``group``: if there is none of that name.
    """

    effects = traitlets.Instance(EffectReport, allow_none=True)
    clusters = traitlets.Instance(GroupClusters, allow_none=True)
    by = Checked("")
    outcome = Checked("days_late")
    adjust_for = Checked(())
    group = Checked("")
    picture = traitlets.Enum(tuple(CALLED), "forest")
    follows_brush = traitlets.Bool(True)
    selection = traitlets.Instance(Selection, read_only=True)
    only = traitlets.Instance(Selection, allow_none=True)
    customers = traitlets.Any()
    _pickable: ClassVar = ("group",)

    def __init__(
        self,
        payments: FeatureTable | Ledger,
        customers: Enrichment | pd.DataFrame | None = None,
        *,
        ledger: Ledger | None = None,
        effects: EffectReport | None = None,
        explorer: ClusterExplorer | None = None,
        start: bool = True,
        shows_ids: bool = True,
        **choices: Any,
    ) -> None:
        self._invoices, features = payments_of(payments)
        self.payments = payments
        self.ledger = payments if isinstance(payments, Ledger) else ledger
        self.features, self.explorer = features, explorer
        if customers is None and self.ledger is not None:
            customers = self.ledger.customers
        table = EffectTable(
            self._estimate, self._tie if self.ledger is not None else None, self._offered_by(customers), effects,
            shows_ids=shows_ids, has_brush=explorer is not None, **choices,
        )  # fmt: skip
        self._drawn: tuple[Any, ...] = ()
        super().__init__(table, _TRAITS, customers=customers)
        self.set_trait("selection", Selection.nothing())
        self.observe(self._draw, ["effects", "clusters", "group", "picture"])
        self.observe(self._select, "group")
        self.observe(self._restrict, "only")
        self.observe(self._take_brush, "follows_brush")
        self.observe(self._offer, "customers")
        if explorer is not None:
            explorer.observe(self._take_brush, "selection")
        self._draw()
        if effects is None and start:
            self.start()

    def start_tie(self) -> None:
        """Ask, in a thread, whether the groups and ways of paying go together: see `do_groups_cluster`."""
        self.table.start_tie()

    @property
    def compared(self) -> pd.Series | None:
        """Whether each customer is one of those compared, index ``customer_id``; ``None`` for all."""
        return None if self.only is None else self.only.apply(self._rows)

    def to_code(self, payments: str = "payments", customers: str = "customers") -> str:
        """Return Python that compares the same.

        Parameters
        ----------
        payments, customers : str
            What the two are called there. Where only brushed customers are compared, the table they were brushed in is taken
            from ``explorer``, or from the payments where there is none.
        """
        names, chosen, only = "estimate_effects", "", ""
        if self.only is not None:
            table = f"{payments}.frame" if self.explorer is None else "explorer.table"
            names, only = "Selection, estimate_effects", ", only=only"
            chosen = f"only = {self.only.to_code()}.apply({table})\n"
        return (
            f"from payseg_widgets import {names}\n\n{chosen}"
            f"effects = estimate_effects(\n    {payments}, {customers}, by={self.by!r}, outcome={self.outcome!r}, "
            f"adjust_for={tuple(self.adjust_for)!r}{only}\n)"
        )

    def close(self) -> None:
        """Stop what runs and take all parts from every page."""
        if self.comm is not None and self.explorer is not None:
            self.explorer.unobserve(self._take_brush, "selection")
        super().close()

    def __repr__(self) -> str:
        made = "nothing yet" if self.effects is None else f"{len(self.effects.groups)} groups"
        return f"EffectViewer({self.outcome} by {self.by or None}: {made}, {self.table.state})"

    # ---- computing --------------------------------------------------------------------------------------------------

    def _estimate(self, **asked: Any) -> EffectReport:
        return estimate_effects(self.payments, self.customers, only=self.compared, **asked)

    def _tie(self, **asked: Any) -> GroupClusters:
        assert self.ledger is not None  # noqa: S101  not offered without
        return do_groups_cluster(self.ledger, self.customers, **asked)

    @property
    def _rows(self) -> pd.DataFrame:
        """What conditions on customers are applied to."""
        if self.explorer is not None:
            return self.explorer.table
        if self.features is None:
            raise EffectError(
                "only= needs features to apply its conditions to: EffectViewer(compute_features(ledger), ...)."
            )
        return self.features.frame

    def _offered_by(self, customers: Enrichment | pd.DataFrame | None) -> Offered:
        labels = [(one.name, one.label) for one in OUTCOMES.values()]
        labels += [] if self.features is None else [(m.name, m.label) for m in self.features.measures]
        if customers is None:
            return Offered((), tuple(labels), ())
        groups, figures = columns_offered(columns_of(self.payments, customers, self._invoices))
        return Offered(tuple(groups), tuple(labels), (*groups, *figures))

    # ---- wiring -----------------------------------------------------------------------------------------------------

    def _offer(self, _change: Any) -> None:
        self.table.offer(self._offered_by(self.customers))
        if self.effects is not None:
            self.table.remark(
                "More is known of the customers than these figures were made with: compare again."
            )

    def _select(self, _change: Any) -> None:
        """Select the customers of the group picked, in the explorer too."""
        if self.effects is None:
            return
        of = self.effects.customers["group"]
        self.set_trait("selection", Selection.picked(of.index[of == self.group] if self.group else ()))
        if self.explorer is not None:
            brushed = Selection.nothing() if self.only is None else self.only
            self.explorer.selection = self.selection if self.group else brushed

    def _take_brush(self, _change: Any) -> None:
        """Compare only whom was brushed in the explorer; a group picked here is no brush."""
        if self.explorer is None:
            return
        brushed = self.explorer.selection
        if self.follows_brush and self.group and brushed == self.selection:
            return
        nobody = not self.follows_brush or brushed == Selection.nothing()
        self.only = None if nobody else brushed

    @traitlets.validate("only")
    def _applied(self, proposal: Any) -> Selection | None:
        if proposal["value"] is not None:
            proposal["value"].apply(self._rows)  # refused here, before anything changes
        return proposal["value"]

    def _restrict(self, _change: Any) -> None:
        flags = self.compared
        self.table.caution = "" if flags is None or self.only is None else _caution(flags, self.only)
        if self.effects is not None:
            self.start()

    def _draw(self, _change: Any = None) -> None:
        if self.effects is None:
            return
        there = effect_pictures(self.effects, self.group, self.clusters)
        name = self.picture if self.picture in there else "forest"
        shown = (name, self.effects, self.clusters, self.group if name in ("years", "distribution") else None)
        if shown == self._drawn:
            self._mark()
            return
        self._drawn = shown
        self._show_picture(there[name]())


def _caution(flags: pd.Series, only: Selection) -> str:
    how = f"by {', '.join(sorted(only.columns))}" if only.columns else "by hand"
    return (
        f"Only {int(flags.sum()):,} of {len(flags):,} customers are compared, chosen {how}. Choosing customers by how "
        "they pay makes their groups alike, or different, by the choice alone: what holds here need not hold of them at large."
    )
