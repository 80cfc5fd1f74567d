"""Whether region and sector form clusters: is how customers pay tied to where they are and what they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
from sklearn.model_selection import StratifiedKFold

from payseg_widgets._cancel import CancelSignal, Steps
from payseg_widgets.effects.compared import columns_of
from payseg_widgets.effects.design import UNKNOWN, adjustment, column_of
from payseg_widgets.errors import Cancelled, EffectError
from payseg_widgets.features.compute import compute_columns, compute_features
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.segmentation.periods import split_periods
from payseg_widgets.segmentation.segment import segment_unchecked

if TYPE_CHECKING:
    from payseg_widgets.enrichment.enrichment import Enrichment

#: What it does, in this order, as ``progress`` hears it.
STEPS = (
    "segments of the first half", "tying later payment to the groups", "what the groups add", "segments with the groups",
)  # fmt: skip
_LEVEL = 0.05
_FOLDS = 5
#: Known of every customer without a register; what region and sector add is counted on top of it.
_BESIDES = ("size", "terms")
#: Below this the tie can be shown and is still too weak to group by (adjusted mutual information).
_WEAK = 0.1


@dataclass(frozen=True, repr=False, eq=False)
class GroupClusters:
    """Whether groups of customers and ways of paying go together.

    Attributes
    ----------
    association : pandas.DataFrame
        Index ``by``: ``ami`` (adjusted mutual information with the segments of a later period: 0 chance, 1 the same),
        ``p_value`` (of as strong a tie by chance, customers' groups exchanged), ``p_adjusted`` (over all of ``by``),
        ``n_customers``.
    counts : dict of str to pandas.DataFrame
        For each of ``by``: customers by group (rows) and later segment (columns).
    ari_with : float
        Agreement of the segments made with the groups and without them: 1 the same, 0 chance. Missing where none were made.
    gain : float
        How much less surprised one is by a customer's segment, in bits, for knowing the groups besides size and terms;
        out of sample.
    gain_low, gain_high : float
        95 %.
    n_segments : int
    """

    association: pd.DataFrame
    counts: dict[str, pd.DataFrame]
    ari_with: float
    gain: float
    gain_low: float
    gain_high: float
    n_segments: int

    @property
    def tied(self) -> tuple[str, ...]:
        """Those of ``by`` of which a tie is shown."""
        return tuple(self.association.index[self.association["p_adjusted"] <= _LEVEL])

    @property
    def verdict(self) -> str:
        """``"clusters"``, ``"a weak tie"``, ``"a tie"`` where its worth cannot be told, or ``"no tie shown"``."""
        if not self.tied:
            return "no tie shown"
        if self.association["ami"].max() < _WEAK:
            return "a weak tie"
        if np.isnan(self.gain):
            return "a tie"
        return "clusters" if self.gain_low > 0 else "a weak tie"

    @property
    def sentence(self) -> str:
        """The verdict with its figures."""
        names, tied = " and ".join(self.association.index), " and ".join(self.tied)
        others = " and ".join(name for name in self.association.index if name not in self.tied)
        told = ", ".join(
            f"{name} {round(row['ami'], 2) + 0.0:.2f} (p = {max(row['p_adjusted'], 0.001):.3f})"
            for name, row in self.association.iterrows()
        )
        begins = {
            "clusters": f"Ways of paying go together with {tied}",
            "a weak tie": f"Ways of paying have something to do with {tied}, too little to group customers by",
            "a tie": f"Ways of paying have something to do with {tied}",
            "no tie shown": f"No tie between ways of paying and {names} can be shown",
        }[self.verdict]
        besides = f"; no tie with {others} can be shown" if self.tied and others else ""
        return f"{begins}{besides}: adjusted mutual information with segments of a later period: {told}; {self._gained(names)}."

    def _gained(self, names: str) -> str:
        if np.isnan(self.gain):
            return f"what knowing {names} adds cannot be told: a segment has fewer than {_FOLDS} customers"
        gain, low, high = (
            f"{round(value, 2) + 0.0:+.2f}" for value in (self.gain, self.gain_low, self.gain_high)
        )
        if self.gain <= 0:
            return f"knowing {names} makes the segment no less surprising ({gain} bits, {low} to {high})"
        return f"knowing {names} makes the segment less surprising by {gain} bits ({low} to {high})"

    def __repr__(self) -> str:
        return f"GroupClusters({', '.join(self.association.index)}: {self.verdict})"


def do_groups_cluster(
    ledger: Ledger,
    customers: Enrichment | pd.DataFrame | None = None,
    by: Sequence[str] = ("region", "sector"),
    *,
    n_segments: int | None = None,
    n_permutations: int = 999,
    with_groups: bool = True,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> GroupClusters:
    """Ask whether groups and ways of paying go together, on payment that the segments have not seen.

    Segments are made from the first half of the ledger without the groups; each customer's segment is then read off its
    *later* invoices, and tied to its group.

    Parameters
    ----------
    ledger : Ledger
    customers : Enrichment or pandas.DataFrame, optional
        See `estimate_effects`.
    by : sequence of str
        Columns; customers of whom one is not known are left out of it.
    n_segments : int, optional
        Chosen where not given.
    n_permutations : int
    with_groups : bool
        Whether segments are made with the groups too, for ``ari_with``; the verdict does not need them.
    seed : int
    progress, cancel : optional
        As in `estimate_effects`; the signal is looked at within steps too.

    Returns
    -------
    GroupClusters

    Raises
    ------
    EffectError
        If a column is missing or has one value.
    SegmentationError
        If the ledger is too short for two blocks.
    Cancelled
        If ``cancel`` was set.

    References
    ----------
    Vinh, Epps and Bailey (2010), Journal of Machine Learning Research 11, 2837-2854, for adjusted mutual information.
    """
    periods = split_periods(ledger)
    settled = SettledInvoices.from_ledger(ledger)
    table = columns_of(ledger, customers, settled)
    groups = {name: column_of(table, name, "by").astype("object") for name in by}
    told: dict[str, Any] = {"seed": seed, "cancel": cancel}

    step = Steps("do_groups_cluster()", STEPS if with_groups else STEPS[:-1], progress, cancel)
    step()
    early = compute_features(ledger.until(periods.until))
    made = segment_unchecked(early, n_segments=n_segments, **told)
    step()
    placed = made.assign(_later_features(early, settled, periods.later_from))["segment"]
    placed = placed[placed >= 0]
    rng = np.random.default_rng(seed)
    rows, counts = [], {}
    for name, values in groups.items():
        known = values.reindex(placed.index)
        known = known[known.notna() & (known != UNKNOWN)].astype(str)
        if known.nunique() < 2:
            raise EffectError(
                f"by={name!r} has {known.nunique()} groups among {len(known)} customers; two are needed."
            )
        labels = placed.loc[known.index].to_numpy()
        ami, p = _tie(labels, pd.factorize(known)[0], n_permutations, rng, cancel)
        rows.append((name, ami, p, len(known)))
        counts[name] = pd.crosstab(known.rename(name), pd.Series(labels, known.index, name="segment"))
    association = pd.DataFrame(rows, columns=["by", "ami", "p_value", "n_customers"]).set_index("by")
    association["p_adjusted"] = _holm(association["p_value"].to_numpy())
    step()
    gain = _gain(placed, {name: values.reindex(placed.index) for name, values in groups.items()}, table, seed)
    agreement = np.nan
    if with_groups:
        step()
        agreement = _agreement(early, groups, made.n_segments, **told)
    return GroupClusters(
        association=association, counts=counts, ari_with=agreement,
        gain=gain[0], gain_low=gain[1], gain_high=gain[2], n_segments=made.n_segments,
    )  # fmt: skip


def _agreement(early: FeatureTable, groups: dict[str, pd.Series], n_segments: int, **told: Any) -> float:
    """Return how far segments made with the groups agree with those made without."""
    categories = pd.DataFrame(groups).where(lambda frame: frame != UNKNOWN)
    mixed = segment_unchecked(early, "gower_kmedoids", n_segments, categories=categories, **told)
    plain = segment_unchecked(early, "kmedoids", n_segments, **told)
    both = (plain.labels_ >= 0) & (mixed.labels_ >= 0)
    return float(adjusted_rand_score(plain.labels_[both], mixed.labels_[both]))


def _later_features(early: FeatureTable, settled: SettledInvoices, day: pd.Timestamp) -> FeatureTable:
    """Return the same features of the invoices issued from a day on alone."""
    first = int(day.to_datetime64().astype("datetime64[D]").astype(np.int64))
    later = settled.subset(settled.issued >= first)
    later = later.customers(np.flatnonzero(later.by_customer.sizes > 0))
    index = pd.Index(later.customer_ids.astype(str), name=early.frame.index.name)
    frame = pd.DataFrame(compute_columns(later, early.measures), index=index)
    return replace(early, frame=frame, as_of=pd.Timestamp(settled.as_of, unit="D"), _invoices=later)


def _tie(
    labels: np.ndarray,
    codes: np.ndarray,
    n_permutations: int,
    rng: np.random.Generator,
    cancel: CancelSignal | None,
) -> tuple[float, float]:
    """Return adjusted mutual information, and how often chance ties as strongly."""
    n_codes = int(codes.max()) + 1

    def order(
        one: np.ndarray,
    ) -> float:  # grows with mutual information: how many there are of each stays the same
        joint = np.bincount(labels * n_codes + one)
        return float(special.xlogy(joint, joint).sum())

    seen, as_strong = order(codes), 1
    for k in range(n_permutations):
        if k % 100 == 0 and cancel is not None and cancel.is_set():
            raise Cancelled(f"do_groups_cluster() was stopped after {k} of {n_permutations} permutations.")
        as_strong += order(rng.permutation(codes)) >= seen - 1e-9
    return float(adjusted_mutual_info_score(labels, codes)), as_strong / (n_permutations + 1)


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted


def _gain(
    placed: pd.Series, groups: dict[str, pd.Series], table: dict[str, pd.Series], seed: int
) -> tuple[float, float, float]:
    """Return the bits saved per customer, out of sample, with a 95 % interval over customers."""
    labels = placed.to_numpy()
    sizes = np.bincount(labels, minlength=1)
    if (sizes > 0).sum() < 2 or sizes[sizes > 0].min() < _FOLDS:
        return np.nan, np.nan, np.nan
    besides = [adjustment(name, table[name].reindex(placed.index)).columns for name in _BESIDES]
    plain = np.column_stack([np.ones((len(labels), 1)), *besides])
    whole = np.column_stack([plain, *(adjustment(name, values).columns for name, values in groups.items())])
    saved = np.zeros(len(labels))
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(plain, labels):
        for sign, design in ((1, plain), (-1, whole)):
            model = LogisticRegression(C=1.0, max_iter=1_000).fit(design[train], labels[train])
            p = model.predict_proba(design[test])
            at = np.searchsorted(model.classes_, labels[test])
            saved[test] += sign * -np.log2(np.maximum(p[np.arange(len(test)), at], 1e-12))
    half = 1.96 * saved.std(ddof=1) / np.sqrt(len(saved))
    return float(saved.mean()), float(saved.mean() - half), float(saved.mean() + half)
