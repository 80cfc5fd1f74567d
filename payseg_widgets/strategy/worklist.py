"""Whom to call: open balances ranked by what a call would be worth, as many as can be called.

What a call does is an assumption, the same for everybody, and not learnt from the ledger: there those are called who pay late.
`design_holdout` finds it out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.amounts import amount, percent
from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.dates import ENDS, Unpaid
from payseg_widgets.prediction.forecast import HORIZON_DAYS, PaymentForecast
from payseg_widgets.strategy.expected_loss import LOSS_DAYS, expected_losses, loss_chances
from payseg_widgets.strategy.given import number_from, share_of_one, whole_number

#: Share of the waiting and of the expected loss that a call is assumed to save: a round number, not a measured one.
ASSUMED_EFFECT = 0.1
#: A year's cost of money tied up, as a share of it.
COST_OF_CAPITAL = 0.08
#: What is still to be waited for, by forecast: neither capacity nor a policy has a say in it.
_WAITED: WeakKeyDictionary[Unpaid, np.ndarray] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False, repr=False)
class Worklist:
    """Customers to call, most worth calling first.

    Attributes
    ----------
    calls : pandas.DataFrame
        Index ``rank`` from 1 on: ``customer_id``, ``day`` (working day of the list, from 1 on), ``balance_minor``,
        ``overdue_minor`` (past the due day), ``oldest_days_past_due`` (0 where nothing is overdue), ``amount_days`` (minor
        units times the days after the due date that are still to be waited for them), ``expected_loss_minor`` (``int64``,
        unpaid still ``loss_days`` after the due date, as in a plan), ``value_minor`` (what a call is worth by the
        assumption), ``reason``.
    invoices : pandas.DataFrame
        Index ``invoice_id``, the open invoices of these customers: ``customer_id, outstanding_minor``.
    n_left, left_minor : int
        Customers who owe something and are not on the list, and what they owe; with the list it is the open balance.
    assumed_effect, cost_of_capital : float
    calls_a_day : int
    as_of : pandas.Timestamp
    currency : str
    loss_days : int
        An amount expected to be unpaid still so many days after its due date is expected to be lost.
    n_left_out : int
        Customers who owe something and were not to be called.
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
    loss_days: int = LOSS_DAYS
    n_left_out: int = 0

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
        held = f", {self.n_left_out:,} of them as asked" if self.n_left_out else ""
        return (
            f"{counted(len(self.calls), 'call')} {'reaches' if len(self.calls) == 1 else 'reach'} {percent(share)} of the open "
            f"balance; {counted(self.n_left, 'customer')} who {'owes' if self.n_left == 1 else 'owe'} something "
            f"{'is' if self.n_left == 1 else 'are'} left out{held}. {self.assumption}"
        )

    def __repr__(self) -> str:
        return f"Worklist({counted(len(self.calls), 'call')}, {self.calls_a_day} a day, as_of={self.as_of:%Y-%m-%d})"


def worklist(
    forecast: PaymentForecast, *, calls_a_day: int = 20, days: int = 5, assumed_effect: float = ASSUMED_EFFECT,
    cost_of_capital: float = COST_OF_CAPITAL, leave_out: Collection[str] = (), loss_days: int = LOSS_DAYS,
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
        Ids of customers not to be called, such as ``design.held_out`` of a hold-out; a series' values. Some may owe nothing.
    loss_days : int
        An amount expected to be unpaid still so many days after its due date is expected to be lost; longer unpaid ones count
        in full. With ``policy.loss_days`` the expected losses are those of the policy's plan.

    Returns
    -------
    Worklist

    Raises
    ------
    ForecastError
        If an option is out of range, or none of the customers to leave out owes anything.

    Examples
    --------
    >>> from payseg_widgets import predict_payments, simulate_ledger
    >>> forecast = predict_payments(simulate_ledger(40, seed=1).ledger, n_draws=100)
    >>> worklist(forecast, calls_a_day=2, days=3)
    Worklist(6 calls, 2 a day, as_of=2024-12-31)
    """
    calls_a_day = whole_number("calls_a_day", calls_a_day, 1, error=ForecastError)
    days = whole_number("days", days, 1, error=ForecastError)
    loss_days = whole_number("loss_days", loss_days, 1, error=ForecastError)
    assumed_effect = share_of_one("assumed_effect", assumed_effect, error=ForecastError)
    cost_of_capital = number_from("cost_of_capital", cost_of_capital, 0, error=ForecastError)
    table = _customers(forecast, loss_days)
    cost = table["amount_days"] * cost_of_capital / 365
    table["value_minor"] = assumed_effect * (cost + table["expected_loss_minor"])
    is_left_out = _left_out(table.index, leave_out)
    callable_ = table[~is_left_out]
    ranked = callable_.sort_values("value_minor", ascending=False, kind="stable")
    calls = ranked.head(calls_a_day * days)
    calls = calls.assign(
        reason=[_reason(row, forecast.currency, loss_days) for row in calls.to_dict("records")]
    ).reset_index()
    calls.index = pd.RangeIndex(1, len(calls) + 1, name="rank")
    calls.insert(1, "day", (np.arange(len(calls)) // calls_a_day + 1).astype(int))
    listed = forecast.invoices["customer_id"].isin(calls["customer_id"])
    return Worklist(
        calls, forecast.invoices.loc[listed, ["customer_id", "outstanding_minor"]], len(table) - len(calls),
        int(table["balance_minor"].sum() - calls["balance_minor"].sum()), assumed_effect, cost_of_capital, calls_a_day,
        forecast.as_of, forecast.currency, loss_days, int(is_left_out.sum()),
    )  # fmt: skip


def _left_out(customers: pd.Index, leave_out: Collection[str]) -> np.ndarray:
    """Return which customers are not to be called: ids are compared as text."""
    if isinstance(leave_out, str | bytes):
        raise ForecastError("leave_out is a text: give a list of ids, such as [id] for one.")
    asked = pd.Index([str(name) for name in leave_out])
    found = customers.astype(str).isin(asked)
    if len(asked) and not found.any():
        raise ForecastError(
            f"none of the {counted(len(asked), 'customer')} to leave out owes anything by this forecast. Give ids as its "
            "customer_id has them, capitals and leading zeros included, or leave_out=() where all of them owe nothing."
        )
    return np.asarray(found)


def _customers(forecast: PaymentForecast, loss_days: int) -> pd.DataFrame:
    """Return what each customer owes, what waiting for it ties up, and what is expected to be lost."""
    unpaid, invoices = forecast.unpaid, forecast.invoices
    money, past = invoices["outstanding_minor"], invoices["days_past_due"]
    rows = pd.DataFrame(
        {
            "customer_id": invoices["customer_id"], "balance_minor": money, "overdue_minor": money.where(past > 0, 0),
            "oldest_days_past_due": past.clip(lower=0), "amount_days": money * days_after_due(unpaid),
            "expected_loss_minor": expected_losses(money.to_numpy(), loss_chances(unpaid, loss_days)),
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
        What lies more than 120 days ahead of now, or of the due date where that is to come, counts as 120. An invoice further
        past due than forecasts look (two years) counts as never paid.
    """
    if unpaid not in _WAITED:
        _WAITED[unpaid] = _waited(unpaid)
    return _WAITED[unpaid].copy()


def _waited(unpaid: Unpaid) -> np.ndarray:
    start = np.maximum(unpaid.open_days, 0.0)
    grid = np.arange(0.0, HORIZON_DAYS + 1, 2.0)
    still = np.column_stack([unpaid.after(start + day) for day in grid])
    still[unpaid.open_days >= ENDS[-1]] = 1.0
    return np.asarray(np.trapezoid(still, grid, axis=1))


def _reason(row: Mapping[Any, Any], currency: str, loss_days: int) -> str:
    said = f"Owes {amount(row['balance_minor'], currency)}"
    if row["overdue_minor"]:
        oldest = counted(round(row["oldest_days_past_due"]), "day")
        said += f", {amount(row['overdue_minor'], currency)} of it overdue by up to {oldest}"
    waiting = row["amount_days"] / row["balance_minor"]
    lost = row["expected_loss_minor"] / row["balance_minor"]
    return (
        f"{said}; {counted(round(waiting), 'day')} past due still to be waited on average; {percent(lost)} may still be unpaid "
        f"{counted(loss_days, 'day')} after its due date."
    )
