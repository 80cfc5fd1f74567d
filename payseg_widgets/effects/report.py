"""What can be said of groups of customers, and what cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.effects.interaction import Interaction
from payseg_widgets.enrichment.regions import UNKNOWN

#: A group of fewer customers gets no sentence.
FEWEST_TO_SPEAK_OF = 5
#: Whoever has such a share of a group's invoices is told.
_DOMINATES = 0.2
_UNIT_LABELS = {"points": "of a hundred invoices", "log": "times", "ratio": "percentage points"}


@dataclass(frozen=True, repr=False, eq=False)
class EffectReport:
    """Groups compared, raw and adjusted, with intervals that hold together.

    Attributes
    ----------
    groups : pandas.DataFrame
        A row a group: ``group, estimate`` (mean of a customer, adjusted to the average customer), ``conf_low, conf_high`` (of the
        group by itself), ``pooled`` (pulled to the mean where few customers are behind it), ``raw``, ``n_customers, n_invoices,
        rank_low, rank_high`` (1 has the smallest estimate; ranks of all groups hold together).
    contrasts : pandas.DataFrame
        A row a pair: ``first, second, estimate`` (first less second), ``conf_low, conf_high`` (all pairs together), ``error,
        robust_error`` (standard errors), ``p_alone`` (of the pair by itself), ``detectable`` (the smallest difference that would
        have been shown with a chance of 80 %), ``raw, raw_low, raw_high, n_customers, n_fewest, n_invoices, is_shown,
        strongest`` (the customer that moves it most) and ``without_strongest``.
    removed : pandas.DataFrame
        ``first, second, adjustment, difference``: what each adjustment accounts for; with ``estimate`` these make up ``raw``.
    years : pandas.DataFrame
        ``year, group, estimate``, by the year invoices fell due, where there are customers enough.
    dominating : pandas.DataFrame
        The customer with most invoices in each group, and the average over invoices with it and without it, which is not what
        ``groups`` has.
    customers : pandas.DataFrame
        Index ``customer_id``: ``group, value, n_invoices`` of everybody compared; ``value`` is the outcome as it was measured on
        the customer, adjusted for nothing.
    by, outcome, label, unit : str
    adjusted_for : tuple of str
    level : float
    notes : tuple of str
    interaction : Interaction or None
        Whether differences depend on a second column, where one was asked for.
    provenance : Mapping
    """

    groups: pd.DataFrame
    contrasts: pd.DataFrame
    removed: pd.DataFrame
    years: pd.DataFrame
    dominating: pd.DataFrame
    customers: pd.DataFrame
    by: str
    outcome: str
    label: str
    unit: str
    adjusted_for: tuple[str, ...]
    level: float
    notes: tuple[str, ...] = ()
    interaction: Interaction | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> pd.DataFrame:
        """Contrasts that can be shown between groups of enough customers, the largest first."""
        told = self.contrasts[self.contrasts["is_shown"] & (self.contrasts["n_fewest"] >= FEWEST_TO_SPEAK_OF)]
        return told.iloc[np.argsort(-told["estimate"].abs().to_numpy(), kind="stable")].reset_index(drop=True)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What can be said, the largest difference first; one sentence that nothing can where nothing can."""
        if self.shown.empty:
            return (self._nothing(),)
        return tuple(self._sentence(row) for _, row in self.shown.iterrows())

    def told(self, most: int = 3) -> tuple[str, ...]:
        """Return the sentences of the largest differences, and how many more there are; of customers not known last."""
        if self.shown.empty:
            return self.sentences
        of_unknown = (self.shown[["first", "second"]] == UNKNOWN).any(axis=1).to_numpy()
        order = np.argsort(of_unknown, kind="stable")
        told, left = tuple(self.sentences[k] for k in order[:most]), len(order) - most
        if left <= 0:
            return told
        more = f"{left} more {'difference' if left == 1 else 'differences'}"
        return (*told, f"{more} by {self.by} in “{self.label}” can be shown.")

    def _sentence(self, row: pd.Series) -> str:
        is_more = row["estimate"] > 0
        first, second = (row["first"], row["second"]) if is_more else (row["second"], row["first"])
        low, high = (row["conf_low"], row["conf_high"]) if is_more else (-row["conf_high"], -row["conf_low"])
        size = abs(row["estimate"])
        adjusted = f"; adjusted for {_listed(self.adjusted_for)}" if self.adjusted_for else "; not adjusted"
        within = f"{self.level:.0%} {self.written(low)} to {self.written(high)}"
        said = self._said(first, second, size)
        return f"{said} ({within}; {row['n_customers']:,} customers{adjusted})."

    def _said(self, first: str, second: str, size: float) -> str:
        of = f"Customers with {self.by} {first}", f"those with {self.by} {second}"
        if self.outcome == "days_late":
            return f"{of[0]} pay {self.written(size)} days later than {of[1]}"
        if self.outcome == "late_ratio":
            return f"{of[0]} pay {self.written(size)} more of a hundred invoices late than {of[1]}"
        if self.outcome == "spread":
            return f"{of[0]} pay less predictably than {of[1]}: their delays vary {self.written(size)} times as much"
        if self.outcome == "trend":
            return (
                f"{of[0]} have come to pay later, beside {of[1]}, by {self.written(size)} days with each year"
            )
        return f"{of[0]} are {self.written(size)} {self.unit_label} higher in “{self.label}” than {of[1]}"

    def _nothing(self) -> str:
        known = self.contrasts[self.contrasts["n_fewest"] >= FEWEST_TO_SPEAK_OF]
        if known.empty:
            return f"No difference by {self.by} can be shown: no two groups have {FEWEST_TO_SPEAK_OF} customers or more."
        least, most = known["detectable"].min(), known["detectable"].max()
        ends = list(dict.fromkeys((self.written(least), self.written(most))))
        could = " to ".join(ends)
        size = (
            f"by a factor of at least {could}"
            if self.unit == "log"
            else f"of at least {could} {self.unit_label}"
        )
        return (
            f"No difference by {self.by} in “{self.label}” can be shown; one {size}, depending on the pair, would probably have "
            "been."
        )

    @property
    def unit_label(self) -> str:
        """The unit of differences, in words."""
        return _UNIT_LABELS.get(self.unit, self.unit)

    def written(self, value: float) -> str:
        """Write a mean or a difference in its unit: logs as a spread in days or a ratio, ratios as per cent.

        What is not nothing is never rounded to nothing.
        """
        value, nothing, digits = (np.exp(value), 1.0, 2) if self.unit == "log" else (value, 0.0, 1)
        value = 100 * value if self.unit == "ratio" else value
        while value != nothing and round(float(value), digits) == nothing and digits < 6:
            digits += 1
        return f"{value:,.{digits}f}"

    def about(self, group: str, *, ids: bool = True) -> tuple[str, ...]:
        """Return what is known of one group: its mean, whom an average over invoices hangs on, what sets it apart.

        Parameters
        ----------
        group : str
        ids : bool
            Whether customers are named by their ``customer_id``.

        Raises
        ------
        KeyError
            If there is no such group.
        """
        self._known(group)
        row: Any = self.groups.set_index("group").loc[group]
        span = f"{self.level:.0%} {self.written(row['conf_low'])} to {self.written(row['conf_high'])}"
        adjusted = "adjusted" if self.adjusted_for else "not adjusted"
        told = [
            f"{int(row['n_customers']):,} customers, {int(row['n_invoices']):,} invoices; “{self.label}” "
            f"{self.written(row['estimate'])} "
            f"({adjusted}; {span}), raw {self.written(row['raw'])}."
        ]  # fmt: skip
        if row["n_customers"] < FEWEST_TO_SPEAK_OF:
            told.append(f"Fewer than {FEWEST_TO_SPEAK_OF} customers: figures, and nothing to be said of it.")
        told += self._dominated(group, ids=ids)
        for _, pair in self.shown.iterrows():
            if group in (pair["first"], pair["second"]):
                who = f"customer {pair['strongest']}" if ids else "the customer that moves it most"
                less, without = abs(pair["estimate"]), pair["without_strongest"] * np.sign(pair["estimate"])
                told.append(
                    f"{self._sentence(pair)} Without {who} it reads {self.written(without)} instead of {self.written(less)}."
                )
        return tuple(told)

    def _dominated(self, group: str, *, ids: bool) -> list[str]:
        of: Any = self.dominating.set_index("group").loc[group]
        if not np.isfinite(of["by_invoice_without"]) or of["share_of_invoices"] < _DOMINATES:
            return []
        who = f"Customer {of['customer_id']}" if ids else "One customer"
        return [
            f"{who} has {of['share_of_invoices']:.0%} of the invoices and {of['share_of_amount']:.0%} of the amount: an "
            f"average over invoices reads {self.written(of['by_invoice'])} with it and {self.written(of['by_invoice_without'])} "
            f"without it, one over customers {self.written(of['by_customer'])}."
        ]  # fmt: skip

    def contrast(self, first: str, second: str) -> pd.Series:
        """Return the difference of two groups, the first less the second.

        Raises
        ------
        KeyError
            If there is no such group.
        """
        for a, b, sign in ((first, second, 1), (second, first, -1)):
            found = self.contrasts[(self.contrasts["first"] == a) & (self.contrasts["second"] == b)]
            if len(found):
                row = found.iloc[0].copy()
                return row if sign > 0 else _turned(row)
        self._known(first)
        self._known(second)
        raise KeyError(f"{first!r} is not compared with itself; give two groups.")

    def _known(self, group: str) -> None:
        if group not in set(self.groups["group"]):
            raise KeyError(f"{group!r} is no group; there are: {', '.join(self.groups['group'])}.")

    def __repr__(self) -> str:
        return (
            f"EffectReport({self.outcome} by {self.by}: {len(self.groups)} groups, {len(self.shown)} of "
            f"{len(self.contrasts)} differences shown)"
        )[:110]


def _turned(row: pd.Series) -> pd.Series:
    row["first"], row["second"] = row["second"], row["first"]
    for name in ("estimate", "raw", "without_strongest"):
        row[name] = -row[name]
    for low, high in (("conf_low", "conf_high"), ("raw_low", "raw_high")):
        row[low], row[high] = -row[high], -row[low]
    return row


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
