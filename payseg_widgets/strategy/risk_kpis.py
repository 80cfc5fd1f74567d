"""Key figures of risk: who is risky, what they owe, how fast each segment pays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets.errors import StrategyError
from payseg_widgets.features.invoices import HORIZON_DAYS, SettledInvoices
from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.customer_intervals import mean_interval
from payseg_widgets.strategy.given import whole_number
from payseg_widgets.strategy.kpis import (
    Kpi,
    best_possible_dso,
    classic_dso,
    count_back_dso,
    days_beyond_terms,
)
from payseg_widgets.strategy.overview import ALL
from payseg_widgets.strategy.plan import Plan

#: Columns of `dso_by_segment`.
DSO = ("dso_count_back", "dso_classic", "dso_best", "days_delinquent", "days_beyond_terms")


class Definition(NamedTuple):
    """What a column of a table of key figures means.

    Attributes
    ----------
    label, definition, formula : str
    """

    label: str
    definition: str
    formula: str


#: By column. Balances and DSO are facts of the ledger. Of a mean of money Student's interval holds far too seldom where
#: balances are as skewed as they are (85 % with 150 customers): it is not given.
DEFINITIONS = {
    "average_outstanding": Definition(
        "Average outstanding", "Open balance a customer, those who owe nothing included; a fact of the ledger.",
        "outstanding / customers",
    ),
    "average_owed": Definition(
        "Average outstanding of those who owe", "Open balance a customer with something open; a fact of the ledger.",
        "outstanding / customers with something open",
    ),
    "expected_loss": Definition(
        "Expected loss", "Open balance expected to be unpaid still the policy's loss_days after its due date; all of what is "
        "unpaid longer than that already. An expectation of the forecast, without an interval.",
        "sum of open amount x chance unpaid loss_days after the due date",
    ),
    "dso_count_back": Definition(
        "DSO, count-back", "Days of most recent sales that add up to the outstanding balance.",
        "full days counted back + rest of the balance / sales of the next day back",
    ),
    "dso_classic": Definition(
        "DSO, classic", "Balance in days of the average sales; misleads when sales grow or shrink.",
        "outstanding / sales of the last days x days; 365 days, or those since the first invoice where these are fewer",
    ),
    "dso_best": Definition(
        "Best possible DSO", "Classic DSO if nothing were overdue.",
        "not overdue / sales of the last days x days, as in the classic DSO",
    ),
    "days_delinquent": Definition(
        "Average days delinquent", "Part of the classic DSO that is overdue.", "DSO, classic - best possible DSO"
    ),
    "days_beyond_terms": Definition(
        "Days beyond terms", "Mean days late of owed invoices by amount, open ones respected (restricted mean of the "
        f"Kaplan-Meier curve), delays capped at {HORIZON_DAYS} days; missing where too much is open to tell.",
        "area below the share of the amount unpaid by days late, less the days before the due date",
    ),
    "late_probability": Definition(
        "Late probability", "Share of a customer's open balance expected to be late; with nothing open, from its history.",
        "sum of open amount x chance of being late / open amount",
    ),
}  # fmt: skip


def high_risk_figures(plan: Plan) -> tuple[Kpi, Kpi]:
    """Return the shares of customers and of the open balance in segments of high risk.

    Returns
    -------
    tuple of Kpi
        The share of customers with its interval, that of customers like these (Jeffreys); the share of the balance, a fact.
        NaN without customers, or with nothing open.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16, 101-133: Jeffreys's interval of a proportion.
    """
    is_high = (plan.customers["risk"] == "high").to_numpy()
    n, high = len(is_high), int(is_high.sum())
    owed = plan.customers["outstanding_minor"].to_numpy()
    low, top = (float(stats.beta.ppf(q, high + 0.5, n - high + 0.5)) for q in (0.025, 0.975))
    of_customers = Kpi(
        "high_risk_customers", "Customers in high-risk segments", high / n if n else np.nan, "ratio",
        "Share of all customers whose segment is of high risk.", "customers of segments of high risk / customers",
        *((0.0 if high == 0 else low, 1.0 if high == n else top) if n else (np.nan, np.nan)),
    )  # fmt: skip
    balance = Kpi(
        "high_risk_balance", "Balance in high-risk segments", int(owed[is_high].sum()) / owed.sum() if owed.sum() else np.nan,
        "ratio", "Share of the open balance owed by customers whose segment is of high risk; a fact of the ledger.",
        "outstanding of segments of high risk / outstanding",
    )  # fmt: skip
    return of_customers, balance


def average_outstanding(plan: Plan) -> pd.DataFrame:
    """Return what a customer of each segment owes on average.

    Returns
    -------
    pandas.DataFrame
        Index ``segment``, ``"all"`` last: ``letter, n_customers, n_owing, average_outstanding, average_owed`` (money; NaN where
        nobody owes).
    """
    n_owing = (plan.customers["outstanding_minor"] > 0).groupby(plan.customers["segment"]).sum()
    table = plan.clusters[["letter", "n_customers"]].copy()
    table["n_owing"] = [*(int(n_owing[segment]) for segment in table.index[:-1]), int(n_owing.sum())]
    money = plan.clusters["outstanding_minor"] / plan.minor_per_unit
    for name, of in (("average_outstanding", "n_customers"), ("average_owed", "n_owing")):
        table[name] = money / table[of].where(table[of] > 0)
    return table


def riskiest(plan: Plan, n: int = 10) -> pd.DataFrame:
    """Return the customers with the largest expected loss, not those who merely owe most.

    Returns
    -------
    pandas.DataFrame
        Index ``customer_id``, ``n`` rows at most, those with an expected loss: ``letter, risk, outstanding, expected_loss``
        (money), ``expected_loss_share`` (of all), ``late_probability, action, why``.

    Raises
    ------
    StrategyError
        If the plan was made without a forecast: there is no expected loss; if ``n`` is no whole number of 1 or more.
    """
    n = whole_number("n", n, 1, error=StrategyError)
    loss = plan.customers["expected_loss_minor"]
    if loss.isna().any():
        raise StrategyError(
            "this plan has no expected losses: it was made without a forecast. Run the study with one."
        )
    exact = loss.astype("int64")
    top = exact[exact > 0].sort_values(ascending=False, kind="stable").index[:n]
    rows = plan.customers.loc[top]
    return pd.DataFrame(
        {
            "letter": rows["letter"], "risk": rows["risk"],
            "outstanding": rows["outstanding_minor"] / plan.minor_per_unit,
            "expected_loss": exact[top] / plan.minor_per_unit,
            "expected_loss_share": exact[top] / max(int(exact.sum()), 1),
            "late_probability": rows["late_probability"], "action": rows["action"], "why": rows["why"],
        }
    )  # fmt: skip


def dso_by_segment(invoices: SettledInvoices, segments: np.ndarray) -> pd.DataFrame:
    """Return how many days of sales each segment owes, counted four ways, and how late it pays.

    Parameters
    ----------
    invoices : SettledInvoices
    segments : numpy.ndarray of int, shape (n_customers,)
        -1 for customers without a segment.

    Returns
    -------
    pandas.DataFrame
        Index ``segment``, -1 after the others, ``"all"`` last: ``dso_count_back, dso_classic, dso_best, days_delinquent,
        days_beyond_terms``, in days; NaN where it cannot be told.
    """
    found = sorted(np.unique(segments).tolist(), key=lambda segment: (segment < 0, segment))
    parts = {s: invoices.customers(np.flatnonzero(segments == s)) for s in found} | {ALL: invoices}
    table = pd.DataFrame.from_dict({key: _days(part) for key, part in parts.items()}, orient="index")
    return table.rename_axis("segment")


def _days(invoices: SettledInvoices) -> dict[str, float]:
    classic, best = classic_dso(invoices), best_possible_dso(invoices)
    told = (count_back_dso(invoices), classic, best, classic - best, days_beyond_terms(invoices))
    return dict(zip(DSO, told, strict=True))


def risk_distribution(plan: Plan, *, n_bins: int = 10) -> pd.DataFrame:
    """Return how many customers have which late probability.

    Parameters
    ----------
    plan : Plan
    n_bins : int
        Equal parts of 0 to 1; the last one holds 1 as well.

    Returns
    -------
    pandas.DataFrame
        Index ``low`` (lower end): ``high, n_customers, share`` (of the customers of whom it is known), ``outstanding_minor,
        outstanding_share`` (NaN with nothing open).

    Raises
    ------
    StrategyError
        If ``n_bins`` is no whole number from 1 to 100.
    """
    n_bins = whole_number("n_bins", n_bins, 1, 100, error=StrategyError)
    late = plan.customers["late_probability"].dropna()
    owed = plan.customers.loc[late.index, "outstanding_minor"].to_numpy()
    edges = np.arange(n_bins + 1) / n_bins
    at = np.minimum(np.searchsorted(edges, late.to_numpy(), side="right") - 1, n_bins - 1)
    counts = np.bincount(at, minlength=n_bins)
    money = np.zeros(n_bins, np.int64)
    np.add.at(money, at, owed)
    table = {
        "high": edges[1:], "n_customers": counts, "share": counts / max(len(late), 1) if len(late) else np.nan,
        "outstanding_minor": money, "outstanding_share": money / money.sum() if money.sum() else np.nan,
    }  # fmt: skip
    return pd.DataFrame(table, index=pd.Index(edges[:-1], name="low"))


def mean_late_probability(plan: Plan) -> Kpi:
    """Return the customers' mean late probability with its interval.

    Returns
    -------
    Kpi
        NaN where it is known of nobody; without an interval where it is known of one. Student's interval, cut at 0 and 1.
    """
    late = plan.customers["late_probability"].dropna()
    estimate = mean_interval(late.to_numpy(), late.index.to_numpy())
    low, high = (float(np.clip(end, 0.0, 1.0)) for end in (estimate.conf_low, estimate.conf_high))
    return Kpi(
        "mean_late_probability", "Mean late probability", estimate.value, "ratio",
        f"Mean over {counted(estimate.n_customers, 'customer')}. {DEFINITIONS['late_probability'].definition}",
        "sum of late probabilities / customers", low, high,
    )  # fmt: skip
