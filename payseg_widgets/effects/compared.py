"""Which customers are compared, what was measured of them, and what is known of them besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets._registry import did_you_mean
from payseg_widgets.effects.design import Adjustment, Grouping, adjustment, checked, column_of, grouping
from payseg_widgets.effects.mixed import Measured
from payseg_widgets.effects.outcomes import OUTCOMES, Outcome, mature
from payseg_widgets.enrichment.regions import UNKNOWN
from payseg_widgets.errors import EffectError, UnknownNameError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger

#: Adjusted for where not said otherwise, as far as known: how much a customer buys, its terms, and the other of the two.
DEFAULT_ADJUSTMENTS = ("region", "sector", "size", "terms")
_DAYS_A_YEAR = 365.25
#: A column of more kinds is no grouping anybody could read.
_MOST_GROUPS = 60
#: Who a customer is, and how an `Enrichment` found its company: no kinds of customer.
_NO_GROUPS = (
    "name", "address", "postcode", "company_name", "company_number", "state", "decided_by", "reason",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Compared:
    """What is compared: the customers of whom the outcome is known."""

    measured: Measured
    groups: Grouping
    adjustments: tuple[Adjustment, ...]
    customer_ids: np.ndarray
    amount: np.ndarray

    @property
    def raw(self) -> np.ndarray:
        """The groups alone, shape (n_customers, n_groups)."""
        return self.groups.columns()

    @property
    def design(self) -> np.ndarray:
        """Groups first, then what is adjusted for."""
        return np.column_stack([self.raw, *(each.columns for each in self.adjustments)])


def payments_of(payments: Any) -> tuple[SettledInvoices, FeatureTable | None]:
    """Return the invoices, and the features where these were given."""
    if isinstance(payments, Ledger):
        return SettledInvoices.from_ledger(payments), None
    if isinstance(payments, FeatureTable) and payments.invoices is not None:
        return payments.invoices, payments
    what = (
        "a FeatureTable without invoices"
        if isinstance(payments, FeatureTable)
        else f"a {type(payments).__name__}"
    )
    raise EffectError(
        f"payments are read from a Ledger or a FeatureTable with its invoices, not from {what}."
    )


def columns_of(
    payments: Ledger | FeatureTable, customers: Any, invoices: SettledInvoices
) -> dict[str, pd.Series]:
    """Return every column there is, aligned with the customers of the invoices."""
    if customers is None:
        if not isinstance(payments, Ledger):
            raise EffectError(
                "a FeatureTable tells no region or sector; give customers=, such as an Enrichment."
            )
        customers = payments.customers
    frame = customers if isinstance(customers, pd.DataFrame) else customers.table
    if "customer_id" in frame.columns:
        frame = frame.set_index("customer_id")
    if twice := int(frame.index.duplicated().sum()):
        raise EffectError(
            f"{twice} customers stand more than once in customers=. Keep one row for each customer_id."
        )
    frame = frame.set_axis(frame.index.astype(str))
    ids = pd.Index(invoices.customer_ids.astype(str))
    if not ids.isin(frame.index).any():
        raise EffectError("none of the ledger's customers is in customers=; its index must be customer_id.")
    frame = frame.reindex(ids)
    table = {str(name): frame[name] for name in frame.columns}
    terms = invoices.by_customer.mean((invoices.due_agreed - invoices.issued).astype(float))
    years = (
        max(float(invoices.as_of - invoices.issued.min()) / _DAYS_A_YEAR, 1 / 12) if len(invoices) else 1.0
    )
    sold = invoices.by_customer.sum(invoices.sales) / invoices.minor_per_unit / years
    table["size"] = pd.Series(np.where(sold > 0, np.log(np.maximum(sold, 1e-9)), np.nan), ids)
    table["terms"] = pd.Series(np.where(terms >= 0, terms, np.nan), ids)
    return table


def columns_offered(table: Mapping[str, pd.Series]) -> tuple[list[str], list[str]]:
    """Return the columns that make groups, region and sector first, and those besides that can be adjusted for.

    Parameters
    ----------
    table : mapping of str to pandas.Series
        As `columns_of` returns.
    """
    groups, figures = [], []
    for name, values in table.items():
        if name in _NO_GROUPS or name.endswith(("_probability", "_basis", "_on")):
            continue
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            figures += [name] * bool(values.notna().any())
            continue
        kinds = values[values.notna() & (values.astype(str) != UNKNOWN)].astype(str).nunique()
        groups += [name] * (2 <= kinds <= _MOST_GROUPS)
    return sorted(groups, key=lambda name: (name != "region", name != "sector")), figures


def measured_by(
    invoices: SettledInvoices, features: FeatureTable | None, outcome: str, horizon_days: int
) -> tuple[Measured, Outcome]:
    """Return the outcome of each customer, missing where it cannot be told, and what it is."""
    if outcome in OUTCOMES:
        return OUTCOMES[outcome].measure(*mature(invoices, horizon_days)), OUTCOMES[outcome]
    if features is None or outcome not in features.frame:
        known = [*OUTCOMES, *([] if features is None else features.frame.columns)]
        raise UnknownNameError(f"no outcome is called {outcome!r}. {did_you_mean(outcome, known)}")
    of = {m.name: m for m in features.measures}[outcome]
    values = features.frame[outcome].to_numpy(dtype=float)
    plain = Measured(values, np.ones(len(values)), variance=np.zeros(len(values)))
    return plain, Outcome(outcome, of.label, of.unit, lambda *_: plain)


def adjustments_of(
    table: Mapping[str, pd.Series], by: str, adjust_for: Sequence[str] | None
) -> tuple[str, ...]:
    """Return what is adjusted for."""
    if adjust_for is None:
        return tuple(name for name in DEFAULT_ADJUSTMENTS if name in table and name != by)
    if isinstance(adjust_for, str):
        raise EffectError(
            f"adjust_for={adjust_for!r} is one text; give names in brackets: ({adjust_for!r},)."
        )
    for name in adjust_for:
        column_of(table, name, "adjust_for")
    if by in adjust_for:
        raise EffectError(f"by={by!r} cannot be adjusted for itself; leave it out of adjust_for.")
    return tuple(dict.fromkeys(adjust_for))


def wanted(only: pd.Series | Sequence[str] | None, customer_ids: np.ndarray) -> np.ndarray:
    """Return whether each customer is asked for."""
    if only is None:
        return np.ones(len(customer_ids), dtype=bool)
    ids = pd.Index(customer_ids.astype(str))
    is_flags = isinstance(only, pd.Series) and only.dtype == bool
    named = pd.Series(only).index[pd.Series(only).to_numpy()] if is_flags else pd.Index(only)
    asked = ids.isin(named.astype(str))
    if not asked.any():
        raise EffectError(
            f"only= names {len(named)} customers, none of the {len(ids)} that have invoices: give their customer_id, or "
            "flags with customer_id as index."
        )
    return np.asarray(asked)


def compared(
    table: Mapping[str, pd.Series], by: str, measured: Measured, chosen: Sequence[str], invoices: SettledInvoices, what: Outcome,
    asked: np.ndarray,
) -> tuple[Compared, tuple[str, ...]]:  # fmt: skip
    """Return the customers asked for of whom the outcome is known, and what is to be said of the others."""
    values = column_of(table, by, "by")
    rows = np.flatnonzero(asked & np.isfinite(measured.value) & (measured.n > 0))
    n_asked = int(asked.sum())
    if not len(rows):
        raise EffectError(
            f"{what.label.lower()} is known of none of {n_asked} customers: too few of their invoices were due long enough "
            "ago. Read a longer period, or give a smaller horizon_days."
        )
    groups = grouping(values.iloc[rows], _probability(table, by, rows), by)
    some = measured.take(rows)
    within = 0.0 if some.within is None else float(some.within.sum())
    if np.ptp(some.value) == 0 and within == 0:
        raise EffectError(
            f"{what.label.lower()} is {some.value[0]:g} for each of {len(rows)} customers: nothing differs."
        )
    adjustments = [adjustment(name, table[name].iloc[rows]) for name in chosen]
    adjustments = [each for each in adjustments if each.columns.shape[1]]
    data = Compared(
        some, groups, checked(groups.columns(), adjustments, by),
        invoices.customer_ids[rows].astype(str), invoices.by_customer.sum(invoices.sales)[rows] / invoices.minor_per_unit,
    )  # fmt: skip
    n_columns = data.design.shape[1]
    if len(rows) < n_columns + 3:
        raise EffectError(
            f"{len(rows)} customers are too few for {len(groups.names)} groups and {n_columns - len(groups.names)} columns of "
            "adjustments. Adjust for less, or put groups together."
        )
    notes = []
    if n_asked < len(values):
        notes.append(f"Only {n_asked:,} of {len(values):,} customers are compared, as asked.")
    if len(rows) < n_asked:
        notes.append(
            f"{n_asked - len(rows)} of {n_asked} customers are left out: too few invoices due long enough ago."
        )
    same = [name for name in chosen if name not in {each.name for each in data.adjustments}]
    if same:
        notes.append(f"Not adjusted for, as it is the same for everybody: {', '.join(same)}.")
    return data, tuple(notes)


def _probability(table: Mapping[str, pd.Series], by: str, rows: np.ndarray) -> pd.Series | None:
    sure = table.get(f"{by}_probability")
    return None if sure is None else sure.astype(float).iloc[rows]
