"""Key figures of a receivables portfolio, each with its definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets.features.groups import Groups
from payseg_widgets.features.invoices import HORIZON_DAYS, MAX_UNKNOWN_DAYS, SettledInvoices

#: Classic DSO relates the balance to the sales of this many days.
WINDOW_DAYS = 365


@dataclass(frozen=True)
class Kpi:
    """One key figure.

    Attributes
    ----------
    name, label : str
    value : float
        NaN where the ledger does not allow it.
    unit : {"money", "ratio", "days", "count"}
        Money is in units of the ledger's currency.
    definition : str
        How it is computed, one sentence.
    formula : str
        The same as a formula, where one is given.
    conf_low, conf_high : float
        95 % interval with customers as units; NaN for a fact of the ledger, which has no sampling error.
    """

    name: str
    label: str
    value: float
    unit: str
    definition: str
    formula: str = ""
    conf_low: float = float("nan")
    conf_high: float = float("nan")


def count_back_dso(invoices: SettledInvoices) -> float:
    """Days of most recent sales that add up to the open balance.

    Sales are taken day by day backwards from ``as_of``; the last day counts in part. Unlike the classic ratio it does
    not move when sales merely grow or shrink.

    Returns
    -------
    float
        Days; 0 with nothing outstanding, NaN where the balance exceeds all sales in the ledger.
    """
    balance = int(invoices.outstanding.sum())
    if balance == 0:
        return 0.0
    age = invoices.as_of - invoices.issued
    sales = np.zeros(int(age.max()) + 1, np.int64)
    np.add.at(sales, age, invoices.sales)
    total = np.cumsum(sales)
    if balance > total[-1]:
        return float("nan")
    day = int(np.searchsorted(total, balance))
    before = int(total[day - 1]) if day else 0
    return day + (balance - before) / int(sales[day])


def classic_dso(invoices: SettledInvoices) -> float:
    """Open balance over the daily sales of the last ``WINDOW_DAYS`` (or since the first invoice); NaN without sales."""
    age = invoices.as_of - invoices.issued
    window = min(WINDOW_DAYS, int(age.max(initial=-1)) + 1)
    sales = int(invoices.sales[age < window].sum())
    return int(invoices.outstanding.sum()) / sales * window if sales else float("nan")


def best_possible_dso(invoices: SettledInvoices) -> float:
    """Classic DSO if nothing were overdue: the part of the balance that is not due yet, in days of sales."""
    total = int(invoices.outstanding.sum())
    overdue = int(invoices.outstanding[invoices.is_overdue].sum())
    return classic_dso(invoices) * (total - overdue) / total if total else classic_dso(invoices)


def mean_delay(invoices: SettledInvoices) -> float:
    """Mean days late over all owed invoices, open ones respected (restricted mean of the Kaplan-Meier curve).

    Returns
    -------
    float
        Days; a delay beyond `HORIZON_DAYS` counts as that many. NaN where too much is open to tell.
    """
    everyone = Groups(np.array([0, len(invoices)]))
    curve = everyone.survival(
        invoices.days_late,
        invoices.is_settled,
        horizon=HORIZON_DAYS,
        max_unknown=MAX_UNKNOWN_DAYS,
        weights=invoices.is_owed,
    )
    return float(curve.mean[0])


def days_beyond_terms(invoices: SettledInvoices) -> float:
    """Return the mean days late of owed invoices by amount, open ones respected; NaN where too much is open to tell."""
    everyone = Groups(np.array([0, len(invoices)]))
    owed = np.where(invoices.is_owed, invoices.amount - invoices.credited, 0)
    late = everyone.survival(
        invoices.days_late, invoices.is_settled, horizon=HORIZON_DAYS, max_unknown=MAX_UNKNOWN_DAYS, weights=owed
    )  # fmt: skip
    return float(late.mean[0])


def late_share(invoices: SettledInvoices) -> float:
    """Of the owed invoices past due and grace, the share paid late or still unpaid; NaN where none is past due."""
    return _mean(invoices.days_late[invoices.is_known] > invoices.grace_days)


def top_share(invoices: SettledInvoices, n: int) -> float:
    """Share of the outstanding balance owed by the ``n`` largest debtors; NaN with nothing outstanding."""
    total = int(invoices.balance.sum())
    return int(np.sort(invoices.balance)[::-1][:n].sum()) / total if total else float("nan")


def key_figures(invoices: SettledInvoices, late_rule: str) -> tuple[Kpi, ...]:
    """Compute the portfolio's key figures; ``late_rule`` is printed in the definition of every late rate."""
    return tuple(_key_figures(invoices, late_rule))


def _key_figures(invoices: SettledInvoices, late_rule: str) -> Iterator[Kpi]:
    settled = invoices.days_late[invoices.is_settled & invoices.is_owed]
    money = {
        name: float(invoices.money(part.sum()))
        for name, part in {
            "invoiced": invoices.sales,
            "outstanding": invoices.outstanding,
            "overdue": invoices.outstanding[invoices.is_overdue],
        }.items()
    }
    overdue_ratio = money["overdue"] / money["outstanding"] if money["outstanding"] else np.nan
    yield Kpi(
        "n_invoices",
        "Invoices",
        int(invoices.n_invoices.sum()),
        "count",
        "Accepted invoices issued up to the as-of date; cancelled and returned ones are left out.",
    )
    yield Kpi("invoiced", "Invoiced", money["invoiced"], "money", "Gross amount of these invoices.")
    yield Kpi(
        "outstanding",
        "Outstanding",
        money["outstanding"],
        "money",
        "Not paid, credited or closed at the as-of date.",
    )
    yield Kpi("overdue", "Overdue", money["overdue"], "money", f"Outstanding and past due; {late_rule}.")
    yield Kpi("overdue_ratio", "Overdue share", overdue_ratio, "ratio", "Overdue as a share of outstanding.")
    yield Kpi(
        "dso_count_back",
        "DSO, count-back",
        count_back_dso(invoices),
        "days",
        "Days of most recent sales that add up to the outstanding balance.",
    )
    yield Kpi(
        "dso_classic",
        "DSO, classic",
        classic_dso(invoices),
        "days",
        f"Balance over sales of the last {WINDOW_DAYS} days; misleads when sales grow or shrink.",
    )
    yield Kpi(
        "dso_best",
        "Best possible DSO",
        best_possible_dso(invoices),
        "days",
        "Classic DSO if nothing were overdue.",
    )
    yield Kpi(
        "mean_delay",
        "Mean delay",
        mean_delay(invoices),
        "days",
        "Days from due date to payment: early ones, negative, from the agreed date, late ones from the day that counts as "
        f"late by the late rule; open invoices respected (Kaplan-Meier), delays capped at {HORIZON_DAYS} days.",
    )
    yield Kpi(
        "mean_days_late_settled",
        "Mean delay, settled only",
        _mean(settled),
        "days",
        "The same over settled invoices alone; looks better than it is while invoices are open.",
    )
    yield Kpi(
        "early_ratio",
        "Paid early",
        _mean(settled < 0),
        "ratio",
        "Share of settled invoices paid before the agreed due date.",
    )
    yield Kpi(
        "late_ratio_settled",
        "Paid late, settled only",
        _mean(settled > invoices.grace_days),
        "ratio",
        f"Share of settled invoices; {late_rule}.",
    )
    yield Kpi(
        "late_ratio",
        "Late",
        late_share(invoices),
        "ratio",
        f"Of invoices past due, the share paid late or still open; {late_rule}.",
    )
    yield Kpi(
        "top10_ratio",
        "Top 10 share",
        top_share(invoices, 10),
        "ratio",
        "Share of outstanding owed by the ten largest debtors.",
    )


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def segment_figures(invoices: SettledInvoices, segments: np.ndarray) -> pd.DataFrame:
    """Compute key figures for each segment, and in the last row for all customers.

    Parameters
    ----------
    invoices : SettledInvoices
    segments : numpy.ndarray of int, shape (n_customers,)
        -1 for customers without a segment; they form a row of their own.

    Returns
    -------
    pandas.DataFrame
        Index ``segment`` (int, -1 last before ``"all"``); money in units of the currency, ratios in [0, 1], days.
    """
    found = sorted(np.unique(segments).tolist(), key=lambda segment: (segment < 0, segment))
    rows: dict[int | str, dict[str, float]] = {
        s: _figures(invoices.customers(np.flatnonzero(segments == s))) for s in found
    }
    rows["all"] = _figures(invoices)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("segment")
    for part in ("invoiced", "outstanding"):
        whole = rows["all"][part]
        table[f"{part}_share"] = table[part] / whole if whole else np.nan
    return table


def _figures(invoices: SettledInvoices) -> dict[str, float]:
    outstanding = int(invoices.outstanding.sum())
    overdue = int(invoices.outstanding[invoices.is_overdue].sum())
    return {
        "n_customers": invoices.n_customers,
        "n_invoices": int(invoices.n_invoices.sum()),
        "invoiced": float(invoices.money(invoices.sales.sum())),
        "outstanding": outstanding / invoices.minor_per_unit,
        "overdue": overdue / invoices.minor_per_unit,
        "overdue_ratio": overdue / outstanding if outstanding else np.nan,
        "late_ratio": late_share(invoices),
        "mean_delay": mean_delay(invoices),
        "dso_count_back": count_back_dso(invoices),
    }


def top_debtors(invoices: SettledInvoices, n: int = 10) -> pd.DataFrame:
    """List the ``n`` customers who owe most.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``outstanding`` and ``overdue`` (money), ``share`` of all outstanding, ``oldest_days_overdue``;
        only customers who owe something.
    """
    by_customer = invoices.by_customer
    overdue = by_customer.sum(np.where(invoices.is_overdue, invoices.outstanding, 0))
    oldest = np.maximum.reduceat(
        np.where(invoices.is_overdue, invoices.days_past_due, 0), invoices.start[:-1]
    )
    order = np.argsort(-invoices.balance, kind="stable")[:n]
    order = order[invoices.balance[order] > 0]
    return pd.DataFrame(
        {
            "customer_id": invoices.customer_ids[order],
            "outstanding": invoices.money(invoices.balance[order]),
            "overdue": invoices.money(overdue[order]),
            "share": invoices.balance[order] / max(int(invoices.balance.sum()), 1),
            "oldest_days_overdue": oldest[order],
        }
    )
