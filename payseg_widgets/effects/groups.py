"""What region and sector have to do with payment, all that a study says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal, in_parts
from payseg_widgets.effects.clusters import GroupClusters, do_groups_cluster
from payseg_widgets.effects.design import UNKNOWN
from payseg_widgets.effects.estimate import estimate_effects
from payseg_widgets.effects.report import EffectReport
from payseg_widgets.errors import Cancelled, EffectError, SegmentationError
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import Ledger

if TYPE_CHECKING:
    from payseg_widgets.enrichment.enrichment import Enrichment

BY = ("region", "sector")
OUTCOMES = ("days_late", "spread")
#: Of the intervals of each comparison: with four of them, all hold together with 96 %.
LEVEL = 0.99
#: Of customers, what goes into a study: nothing that tells who they are.
_KEPT = tuple(f"{by}{part}" for by in BY for part in ("", "_basis", "_probability"))


@dataclass(frozen=True, eq=False, repr=False)
class GroupEffects:
    """Regions and sectors compared.

    Attributes
    ----------
    customers : pandas.DataFrame
        Index ``customer_id``, everybody with an invoice: ``region``, ``sector`` (``"unknown"`` where nobody says), who says so
        (``_basis``) and how likely it is right (``_probability``), as far as told.
    effects : dict of (str, str) to EffectReport
        By column and outcome: delays, and how predictable they are.
    clusters : GroupClusters or None
        Whether the groups and ways of paying go together; ``None`` where it was not asked for, or cannot be told.
    notes : tuple of str
        Why something is not there, and how sure the whole is.
    """

    customers: pd.DataFrame
    effects: dict[tuple[str, str], EffectReport] = field(default_factory=dict)
    clusters: GroupClusters | None = None
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What can be said, the largest differences of each comparison first, and why something is not there."""
        told = [sentence for report in self.effects.values() for sentence in report.told()]
        tie = () if self.clusters is None else (self.clusters.sentence,)
        return tuple(dict.fromkeys((*told, *tie, *self.notes)))

    @property
    def is_known(self) -> bool:
        """Whether a region or sector is known of anybody."""
        return any((self.customers[by] != UNKNOWN).any() for by in self._known_columns())

    @property
    def coverage(self) -> pd.DataFrame:
        """How many customers each column is known of, and on whose word: ``by, basis, n_customers, share``."""
        rows = []
        for by in self._known_columns():
            values = self.customers[by]
            basis = self.customers.get(f"{by}_basis", pd.Series("", self.customers.index))
            basis = basis.fillna("").replace("", "not told by whom").where(values != UNKNOWN, "nobody")
            counts = basis.value_counts()
            rows += [(by, said, int(n), n / len(values)) for said, n in counts.items()]
        return pd.DataFrame(rows, columns=["by", "basis", "n_customers", "share"])

    @property
    def contrasts(self) -> pd.DataFrame:
        """All pairs of all comparisons: ``by, outcome, unit``, the columns of `EffectReport.contrasts`, what the interval is."""
        return self._stacked("contrasts")

    @property
    def groups(self) -> pd.DataFrame:
        """All groups of all comparisons: ``by, outcome, unit``, the columns of `EffectReport.groups`, what the interval is."""
        return self._stacked("groups")

    def _stacked(self, name: str) -> pd.DataFrame:
        tables = []
        for (by, outcome), report in self.effects.items():
            table = getattr(report, name).copy()
            table.insert(0, "by", by)
            table.insert(1, "outcome", outcome)
            table.insert(2, "unit", report.unit)
            table["adjusted_for"] = ", ".join(report.adjusted_for)
            table["level"] = report.level
            table["interval_of"] = "all pairs together" if name == "contrasts" else "the group by itself"
            tables.append(table)
        return (
            pd.concat(tables, ignore_index=True)
            if tables
            else pd.DataFrame(columns=["by", "outcome", "unit"])
        )

    def _known_columns(self) -> list[str]:
        return [by for by in BY if by in self.customers]

    def __repr__(self) -> str:
        shown = sum(len(report.shown) for report in self.effects.values())
        return f"GroupEffects({len(self.customers):,} customers, {len(self.effects)} comparisons, {shown} differences shown)"


def known_groups(features: FeatureTable, customers: Enrichment | pd.DataFrame) -> GroupEffects:
    """Return region and sector of the customers of a table, nothing compared.

    Parameters
    ----------
    features : FeatureTable
    customers : Enrichment or pandas.DataFrame
        See `compare_groups`.

    Returns
    -------
    GroupEffects
        Without comparisons; ``notes`` says of how many customers nothing is told.

    Raises
    ------
    EffectError
        If none of the customers is in the table, or one stands in it twice.
    """
    table = customers if isinstance(customers, pd.DataFrame) else customers.table
    if "customer_id" in table:
        table = table.set_index("customer_id")
    table = table.set_axis(table.index.astype(str))
    if table.index.has_duplicates:
        raise EffectError(
            f"{counted(int(table.index.duplicated().sum()), 'customer')} more than once in customers=. Keep one row for each."
        )
    ids = features.frame.index
    missing = int((~ids.isin(table.index)).sum())
    if missing == len(ids):
        raise EffectError(
            f"none of the {counted(len(ids), 'customer')} with invoices is among the {len(table):,} told of: their customer_id "
            "must be those of this ledger, and not pseudonyms of them."
        )
    table = table[[name for name in _KEPT if name in table]].reindex(ids)
    said = {by: _said(table[by] if by in table else pd.Series(None, ids, dtype=object)) for by in BY}
    for by in BY:
        if f"{by}_probability" in table:  # what cannot be is not known
            table[f"{by}_probability"] = table[f"{by}_probability"].astype(float).replace(0.0, np.nan)
            said[by] = said[by].where(table[f"{by}_probability"].notna(), UNKNOWN)
    notes = f"Nothing is told of {missing:,} of {counted(len(ids), 'customer')} with invoices."
    return GroupEffects(table.assign(**said), notes=(notes,) if missing else ())


def compare_groups(
    features: FeatureTable,
    ledger: Ledger,
    customers: Enrichment | pd.DataFrame,
    *,
    tie: bool = True,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> GroupEffects:
    """Compare regions and sectors by delay and predictability, and ask whether they form clusters.

    Parameters
    ----------
    features : FeatureTable
        With its invoices.
    ledger : Ledger
        Behind the features.
    customers : Enrichment or pandas.DataFrame
        Index ``customer_id``, or such a column: ``region``, ``sector``, and how likely each is right, as in
        `GroupEffects.customers`. Others may stand there too; what is blank is unknown.
    tie : bool
        Whether to ask if the groups and ways of paying go together, which takes longest.
    seed : int
    progress : callable, optional
        Called with the step about to begin and how many hundredths of the whole are done.
    cancel : CancelSignal, optional

    Returns
    -------
    GroupEffects
        What cannot be had is left out, and ``notes`` says why.

    Raises
    ------
    EffectError
        As `known_groups`.
    Cancelled
        If ``cancel`` was set; ``finished`` is the part that is made.
    """
    made = known_groups(features, customers)
    known = made.customers
    told_of = [by for by in BY if _kinds(known[by]) >= 2]
    asked = [(by, outcome) for by in told_of for outcome in OUTCOMES]
    made = _noting(made, *(_nothing_of(known[by], by) for by in BY if by not in told_of))
    tell = in_parts(progress, len(asked) + 1)
    try:
        for k, (by, outcome) in enumerate(asked):
            run: dict[str, Any] = {"level": LEVEL, "progress": tell(k), "cancel": cancel}
            report, note = _compared(features, known, by, outcome, **run)
            made = _noting(made, *note)
            if report is not None:
                made = replace(made, effects={**made.effects, (by, outcome): report})
        if made.effects:
            together = 1 - len(made.effects) * (1 - LEVEL)
            n = counted(len(made.effects), "comparison")
            made = _noting(
                made,
                f"Intervals of differences are of {LEVEL:.0%}, for all pairs of a comparison together; those of {n} hold "
                f"together with {together:.0%} at least.",
            )
        if tie and told_of:
            run = {"seed": seed, "progress": tell(len(asked)), "cancel": cancel}
            clusters = do_groups_cluster(ledger, known, told_of, with_groups=False, **run)
            made = replace(made, clusters=clusters)
    except (EffectError, SegmentationError) as error:
        return _noting(made, f"Whether groups and ways of paying go together cannot be told: {error}")
    except Cancelled as stopped:
        raise Cancelled(str(stopped), made) from stopped
    return made


def _compared(
    features: FeatureTable, known: pd.DataFrame, by: str, outcome: str, **run: Any
) -> tuple[EffectReport | None, tuple[str, ...]]:
    """Compare, adjusted for the other column where that can be; return what is to be said where it cannot, or nothing can."""
    try:
        return estimate_effects(features, known, by, outcome, **run), ()
    except EffectError as error:
        first = str(error)
    other = next(name for name in BY if name != by)
    called = outcome.replace("_", " ")
    try:
        report = estimate_effects(features, known, by, outcome, adjust_for=("size", "terms"), **run)
    except EffectError:
        return None, (f"No comparison of {called} by {by}: {first}",)
    return report, (f"{called.capitalize()} by {by} is not adjusted for {other}: {first}",)


def _said(values: pd.Series) -> pd.Series:
    """Return a column as text, what is missing or blank as unknown."""
    texts = values.astype(object).where(values.notna(), "").astype(str).str.strip()
    return texts.where(texts != "", UNKNOWN)


def _kinds(values: pd.Series) -> int:
    return int(values[values != UNKNOWN].nunique())


def _nothing_of(values: pd.Series, by: str) -> str:
    n = int((values != UNKNOWN).sum())
    if n:
        return f"{counted(n, 'customer')} of whom the {by} is known all have the same: nothing can be compared by it."
    return (
        f"The {by} is known of none of {counted(len(values), 'customer')}: nothing can be compared by it. A register of "
        "companies may tell it, see payseg enrich."
    )


def _noting(made: GroupEffects, *notes: str) -> GroupEffects:
    return replace(made, notes=(*made.notes, *notes))
