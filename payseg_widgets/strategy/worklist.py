"""Whom to call: open balances ranked by what a call would be worth, as many as can be called.

What a call does is an assumption, the same for everybody, and not learnt from the ledger: there those are called who pay late.
`design_holdout` finds it out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.amounts import amount
from payseg_widgets.prediction.dates import ENDS, Unpaid
from payseg_widgets.prediction.forecast import HORIZON_DAYS, PaymentForecast

#: Share of the waiting and of the expected loss that a call is assumed to save: a round number, not a measured one.
ASSUMED_EFFECT = 0.1
#: A year's cost of money tied up, as a share of it.
COST_OF_CAPITAL = 0.08


@dataclass(frozen=True, eq=False, repr=False)
class Worklist:
    """Customers to call, most worth calling first.

    Attributes
    ----------
    calls : pandas.DataFrame
        Index ``rank`` from 1 on: ``customer_id``, ``day`` (working day of the list, from 1 on), ``balance_minor``,
        ``overdue_minor`` (past the due day), ``oldest_days_past_due`` (0 where nothing is overdue), ``amount_days`` (minor
        units times the days after the due date that are still to be waited for them), ``expected_loss_minor`` (unpaid
        a year after the due date), ``value_minor`` (what a call is worth by the assumption), ``reason``.
    invoices : pandas.DataFrame
        Index ``invoice_id``, the open invoices of these customers: ``customer_id, outstanding_minor``.
    n_left, left_minor : int
        Customers who owe something and are not on the list, and what they owe; with the list it is the open balance.
    assumed_effect, cost_of_capital : float
    calls_a_day : int
    as_of : pandas.Timestamp
    currency : str
    """

    calls: pd.DataFrame
    invoices: pd.DataFrame
    n_left: int
    left_minor: int
    assumed_effect: float
    cost_of_capital: float
    calls_a_day: int
    as_of: pd.Timestamp
    currency: str

    @property
    def assumption(self) -> str:
        """What a call is assumed to do."""
        return (
            f"Assumed, not measured: a call saves {self.assumed_effect:.0%} of the waiting and of the expected loss; "
            f"money tied up costs {self.cost_of_capital:.0%} a year."
        )

    @property
    def sentence(self) -> str:
        """What the list covers."""
        listed = int(self.calls["balance_minor"].sum())
        whole = listed + self.left_minor
        share = listed / whole if whole else 0.0
        return (
            f"{len(self.calls):,} calls reach {share:.0%} of the open balance; {self.n_left:,} customers who owe something "
            f"are left out. {self.assumption}"
        )

    def __repr__(self) -> str:
        return f"Worklist({len(self.calls):,} calls, {self.calls_a_day} a day, as_of={self.as_of:%Y-%m-%d})"


def worklist(
    forecast: PaymentForecast, *, calls_a_day: int = 20, days: int = 5, assumed_effect: float = ASSUMED_EFFECT,
    cost_of_capital: float = COST_OF_CAPITAL, leave_out: Collection[str] = (),
) -> Worklist:  # fmt: skip
    """Rank customers by what a call would be worth.

    A call is about all that a customer owes. It is worth the assumed share of what waiting beyond the due date costs, and of what
    is expected to be lost. Days before the due date are agreed ones and count for nothing.

    Parameters
    ----------
    forecast : PaymentForecast
    calls_a_day, days : int
        Capacity.
    assumed_effect : float
        Share of both that a call saves, above 0 and at most 1. It scales the values and leaves the ranks as they are.
    cost_of_capital : float
        A year's, as a share; 0 ranks by the expected loss alone.
    leave_out : collection of str
        Customers not to be called, such as ``design.held_out`` of a hold-out.

    Returns
    -------
    Worklist

    Raises
    ------
    ForecastError
        If an option is out of range.

    Examples
    --------
    >>> from payseg_widgets import predict_payments, simulate_ledger
    >>> forecast = predict_payments(simulate_ledger(40, seed=1).ledger, n_draws=100)
    >>> worklist(forecast, calls_a_day=2, days=3)
    Worklist(6 calls, 2 a day, as_of=2024-12-31)
    """
    for name, value in (("calls_a_day", calls_a_day), ("days", days)):
        if int(value) != value or value < 1:
            raise ForecastError(f"{name}={value!r}: give a whole number of 1 or more.")
    if not 0 < assumed_effect <= 1 or not cost_of_capital >= 0:
        raise ForecastError(
            f"assumed_effect={assumed_effect!r}, cost_of_capital={cost_of_capital!r}: give an effect above 0 and at most "
            "1, and a cost of 0 or more."
        )
    table = _customers(forecast)
    cost = table["amount_days"] * cost_of_capital / 365
    table["value_minor"] = assumed_effect * (cost + table["expected_loss_minor"])
    callable_ = table[~table.index.isin(list(leave_out))]
    ranked = callable_.sort_values("value_minor", ascending=False, kind="stable")
    calls = ranked.head(calls_a_day * days)
    calls = calls.assign(
        reason=[_reason(row, forecast.currency) for row in calls.to_dict("records")]
    ).reset_index()
    calls.index = pd.RangeIndex(1, len(calls) + 1, name="rank")
    calls.insert(1, "day", (np.arange(len(calls)) // calls_a_day + 1).astype(int))
    listed = forecast.invoices["customer_id"].isin(calls["customer_id"])
    return Worklist(
        calls, forecast.invoices.loc[listed, ["customer_id", "outstanding_minor"]], len(table) - len(calls),
        int(table["balance_minor"].sum() - calls["balance_minor"].sum()), assumed_effect, cost_of_capital, calls_a_day,
        forecast.as_of, forecast.currency,
    )  # fmt: skip


def _customers(forecast: PaymentForecast) -> pd.DataFrame:
    """Return what each customer owes, what waiting for it ties up, and what is expected to be lost."""
    unpaid, invoices = forecast.unpaid, forecast.invoices
    money, past = invoices["outstanding_minor"], invoices["days_past_due"]
    rows = pd.DataFrame(
        {
            "customer_id": invoices["customer_id"], "balance_minor": money, "overdue_minor": money.where(past > 0, 0),
            "oldest_days_past_due": past.clip(lower=0), "amount_days": money * days_after_due(unpaid),
            "expected_loss_minor": money * unpaid.at_ends[:, -1],
        }
    )  # fmt: skip
    grouped = rows.groupby("customer_id")
    return grouped.sum().assign(oldest_days_past_due=grouped["oldest_days_past_due"].max())


def days_after_due(unpaid: Unpaid) -> np.ndarray:
    """Return the expected days after the due date, from now on, until payment.

    Parameters
    ----------
    unpaid : Unpaid

    Returns
    -------
    numpy.ndarray, shape (n_invoices,)
        What lies more than 120 days ahead of now, or of the due date where that is to come, counts as 120. An invoice more than
        a year past due counts as never paid.
    """
    start = np.maximum(unpaid.open_days, 0.0)
    grid = np.arange(0.0, HORIZON_DAYS + 1, 2.0)
    still = np.column_stack([unpaid.after(start + day) for day in grid])
    still[unpaid.open_days >= ENDS[-1]] = 1.0
    return np.asarray(np.trapezoid(still, grid, axis=1))


def _reason(row: Mapping[Any, Any], currency: str) -> str:
    said = f"Owes {amount(row['balance_minor'], currency)}"
    if row["overdue_minor"]:
        oldest = f"{row['oldest_days_past_due']:.0f} days"
        said += f", {amount(row['overdue_minor'], currency)} of it overdue by up to {oldest}"
    waiting = row["amount_days"] / row["balance_minor"]
    lost = row["expected_loss_minor"] / row["balance_minor"]
    return f"{said}; {waiting:.0f} days past due still to be waited on average; {lost:.0%} may not come within a year."
