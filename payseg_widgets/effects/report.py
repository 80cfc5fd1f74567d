"""What can be said of groups of customers, and what cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.effects.interaction import Interaction

#: A group of fewer customers gets no sentence.
FEWEST_TO_SPEAK_OF = 5


@dataclass(frozen=True, repr=False)
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

    def _sentence(self, row: pd.Series) -> str:
        is_more = row["estimate"] > 0
        first, second = (row["first"], row["second"]) if is_more else (row["second"], row["first"])
        low, high = (row["conf_low"], row["conf_high"]) if is_more else (-row["conf_high"], -row["conf_low"])
        size = abs(row["estimate"])
        adjusted = f"; adjusted for {_listed(self.adjusted_for)}" if self.adjusted_for else "; not adjusted"
        within = f"{self.level:.0%} {self._figure(low)} to {self._figure(high)}"
        said = self._said(first, second, size)
        return f"{said} ({within}; {row['n_customers']:,} customers{adjusted})."

    def _said(self, first: str, second: str, size: float) -> str:
        of = f"Customers with {self.by} {first}", f"those with {self.by} {second}"
        if self.outcome == "days_late":
            return f"{of[0]} pay {self._figure(size)} days later than {of[1]}"
        if self.outcome == "late_ratio":
            return f"{of[0]} pay late {self._figure(size)} of a hundred invoices more often than {of[1]}"
        if self.outcome == "spread":
            return f"{of[0]} pay less predictably than {of[1]}: their delays vary {self._figure(size)} times as much"
        if self.outcome == "trend":
            return f"{of[0]} have come to pay later by {self._figure(size)} days a year more than {of[1]}"
        return f"{of[0]} have a {self.label.lower()} higher by {self._figure(size)} {self.unit} than {of[1]}"

    def _nothing(self) -> str:
        known = self.contrasts[self.contrasts["n_fewest"] >= FEWEST_TO_SPEAK_OF]
        if known.empty:
            return f"No difference by {self.by} can be shown: no two groups have {FEWEST_TO_SPEAK_OF} customers or more."
        least, most = known["detectable"].min(), known["detectable"].max()
        could = (
            self._figure(least)
            if self._figure(least) == self._figure(most)
            else f"{self._figure(least)} to {self._figure(most)}"
        )
        unit = {"log": "times", "points": "of a hundred invoices"}.get(self.unit, self.unit)
        return (
            f"No difference by {self.by} in {self.label.lower()} can be shown; one of at least {could} {unit}, depending on the "
            "pair, would probably have been."
        )

    def _figure(self, value: float) -> str:
        """Write a difference in its unit; differences of logs as a ratio. What is not nothing is never rounded to nothing."""
        value, nothing, digits = (np.exp(value), 1.0, 2) if self.unit == "log" else (value, 0.0, 1)
        while value != nothing and round(float(value), digits) == nothing and digits < 6:
            digits += 1
        return f"{value:.{digits}f}"

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
        raise KeyError(
            f"{(first, second)!r} is no pair of groups; there are: {', '.join(self.groups['group'])}."
        )

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
