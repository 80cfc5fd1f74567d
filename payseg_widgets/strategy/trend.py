"""Key figures as they stood at past month ends, by what was known on each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from payseg_widgets.features.as_known import known_by
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.strategy.kpis import best_possible_dso, classic_dso, count_back_dso, days_beyond_terms
from payseg_widgets.strategy.past_balances import month_ends

#: Days past due from which on a balance counts as old.
OLD_DAYS = 30
#: Due within so many days: the invoices by which a customer is judged.
JUDGED_DAYS = 365


def late_customers(invoices: SettledInvoices) -> float:
    """Return, of the customers with an invoice due within a year, the share of whom more than half came late.

    Returns
    -------
    float
        NaN where nobody has one. Due counts with grace, late or not is known of each, whoever pays.
    """
    judged = invoices.is_known & (invoices.days_past_due <= JUDGED_DAYS)
    n = invoices.by_customer.count(judged)
    late = invoices.by_customer.count(judged & (invoices.days_late > invoices.grace_days))
    return float((2 * late[n > 0] > n[n > 0]).mean()) if n.any() else float("nan")


def ledger_figures(invoices: SettledInvoices) -> dict[str, float]:
    """Return the key figures that a ledger tells by itself.

    Returns
    -------
    dict of str to float
        Money in minor units; NaN where it cannot be told.
    """
    total = int(invoices.outstanding.sum())
    overdue = int(invoices.outstanding[invoices.is_overdue].sum())
    old = int(invoices.outstanding[invoices.days_past_due > OLD_DAYS].sum())
    nothing = float("nan")
    return {
        "outstanding": float(total),
        "average_outstanding": total / invoices.n_customers if invoices.n_customers else nothing,
        "overdue_share": overdue / total if total else nothing,
        "over_30_days_share": old / total if total else nothing,
        "late_customers": late_customers(invoices),
        "dso_countback": count_back_dso(invoices),
        "dso_classic": classic_dso(invoices),
        "dso_best_possible": best_possible_dso(invoices),
        "days_beyond_terms": days_beyond_terms(invoices),
    }


def looked_at(invoices: SettledInvoices, n_months: int) -> list[int]:
    """Return the last ``n_months`` month ends before ``as_of`` on which an invoice was known, and ``as_of`` itself."""
    before = month_ends(invoices, until=invoices.as_of - 1)
    return [*before[len(before) - min(n_months, len(before)) :].tolist(), int(invoices.as_of)]


def trend_of(
    invoices: SettledInvoices, days: list[int], *, step: Callable[[], None] = lambda: None
) -> pd.DataFrame:
    """Return the figures of a ledger as they stood at the end of each day.

    Parameters
    ----------
    invoices : SettledInvoices
    days : list of int
        Days since 1970-01-01, as `looked_at` gives them.
    step : callable
        Called before each day.

    Returns
    -------
    pandas.DataFrame
        Index ``day``; the columns of `ledger_figures`. Each row is what the ledger cut at that day gives.
    """
    rows = []
    for day in days:
        step()
        rows.append(ledger_figures(invoices if day == invoices.as_of else known_by(invoices, day)))
    index = pd.DatetimeIndex(pd.to_datetime(np.array(days), unit="D")).as_unit("s").rename("day")
    return pd.DataFrame(rows, index=index)
