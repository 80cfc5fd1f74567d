"""What if the largest debtors pay later, a region does, terms change, a segment defaults, or a discount is offered.

A scenario is an assumption about the open invoices, laid on the forecast. It says what would come in if the assumption held,
not that it will, nor what would bring it about.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import ForecastError, UnknownNameError
from payseg_widgets.ledger.amounts import percent
from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.strategy.given import by_text_id, share_of_one, whole_number
from payseg_widgets.strategy.scenario_cash import Change
from payseg_widgets.strategy.scenario_result import Scenario, laid_on


class Run(TypedDict, total=False):
    """How far a scenario is, and whether to stop it: each kind takes both.

    Attributes
    ----------
    progress : callable or None
    cancel : CancelSignal or None
        As in `payseg_widgets.prediction.forecast.predict_payments`.
    """

    progress: Callable[[str, int, int], None] | None
    cancel: CancelSignal | None


def scenario(
    forecast: PaymentForecast,
    kind: str,
    *,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
    **options: Any,
) -> Scenario:
    """Lay a kind of assumption on a forecast.

    Parameters
    ----------
    forecast : PaymentForecast
    kind : {"top_delay", "group_delay", "terms_change", "group_default", "early_discount"}
        See the functions of these names.
    progress, cancel : optional
        As in `predict_payments`; it stops within a few hundred invoices.
    **options
        As the function of that name takes them.

    Returns
    -------
    Scenario

    Raises
    ------
    UnknownNameError
        For a kind, an option or a group that does not exist.
    ForecastError
        If an option is missing or out of range, or nobody is concerned.
    Cancelled
        If ``cancel`` was set.

    Examples
    --------
    >>> from payseg_widgets import predict_payments, simulate_ledger
    >>> forecast = predict_payments(simulate_ledger(40, seed=1).ledger, n_draws=100)
    >>> scenario(forecast, "top_delay", n=5, days=30).account.sum(axis=1).nunique()
    1
    """
    if kind not in SCENARIOS:
        raise UnknownNameError(f"no scenario is called {kind!r}. {did_you_mean(kind, SCENARIOS)}")
    make = SCENARIOS[kind]
    takes = [name for name in inspect.signature(make).parameters if name not in ("forecast", "run")]
    for name in options:
        if name not in takes:
            raise UnknownNameError(f"{kind} has no option {name!r}. {did_you_mean(name, takes)}")
    try:
        inspect.signature(make).bind(forecast, **options)
    except TypeError as error:
        raise ForecastError(f"{kind}: {error}. It takes {', '.join(takes)}.") from error
    return make(forecast, **options, progress=progress, cancel=cancel)


def top_delay(forecast: PaymentForecast, *, days: int, n: int = 10, **run: Unpack[Run]) -> Scenario:
    """Assume that the ``n`` customers who owe most pay ``days`` later than forecast: see `scenario`."""
    days = whole_number("days", days, 1, error=ForecastError)
    n = whole_number("n", n, 1, error=ForecastError)
    owed = forecast.invoices.groupby("customer_id")["outstanding_minor"].sum()
    largest = owed.sort_values(ascending=False, kind="stable").index[:n]
    rows = np.flatnonzero(forecast.invoices["customer_id"].isin(largest))
    who = "the largest debtor pays" if len(largest) == 1 else f"the {len(largest)} largest debtors pay"
    what = f"{who} {counted(days, 'day')} later"
    return laid_on(forecast, "top_delay", Change(what, rows, np.full(len(rows), days)), **run)


def group_delay(
    forecast: PaymentForecast, *, groups: pd.Series, group: Any, days: int, **run: Unpack[Run]
) -> Scenario:
    """Assume that a group of customers pays ``days`` later than forecast.

    Parameters
    ----------
    forecast : PaymentForecast
    groups : pandas.Series
        Index ``customer_id``: region, sector, segment ... Customers without a value, or not in it, are in no group.
    group : value, or collection of values
        Whom it concerns.
    days : int
    """
    days = whole_number("days", days, 1, error=ForecastError)
    rows, called = _members(forecast, groups, group)
    return laid_on(
        forecast,
        "group_delay",
        Change(f"{called} pay {counted(days, 'day')} later", rows, np.full(len(rows), days)),
        **run,
    )


def terms_change(
    forecast: PaymentForecast, *, groups: pd.Series, group: Any, days: int, **run: Unpack[Run]
) -> Scenario:
    """Assume that due dates of a group move by ``days`` and its habits, counted from the due date, stay.

    Only invoices that are not yet due move, and none becomes due before ``as_of``.

    Parameters
    ----------
    forecast, groups, group
        As in `group_delay`.
    days : int
        Longer terms are positive, shorter ones negative.
    """
    days = whole_number("days", days, -365, error=ForecastError)
    rows, called = _members(forecast, groups, group)
    to_come = -forecast.invoices["days_past_due"].to_numpy()[rows]
    rows, to_come = rows[to_come > 0], to_come[to_come > 0]
    if not len(rows) or days == 0:
        raise ForecastError(
            f"days={days!r} moves none of the due dates to come of {called}: nothing changes."
        )
    longer = f"{counted(abs(days), 'day')} {'more' if days > 0 else 'less'}"
    what = f"terms of {called} are {longer} and they pay as late after the due date as before"
    return laid_on(forecast, "terms_change", Change(what, rows, np.maximum(days, -to_come)), **run)


def group_default(
    forecast: PaymentForecast, *, groups: pd.Series, group: Any, share: float, **run: Unpack[Run]
) -> Scenario:
    """Assume that a share of a group's balance never comes.

    Customers default whole, each with that chance: which ones is not known, and the bands hold it.

    Parameters
    ----------
    forecast, groups, group
        As in `group_delay`.
    share : float
        Above 0, at most 1.
    """
    share = share_of_one("share", share, error=ForecastError)
    rows, called = _members(forecast, groups, group)
    what = f"{percent(share)} of the balance of {called} never comes"
    never = Change(what, rows, np.zeros(len(rows), int), chance=share, kept=0.0)
    return laid_on(forecast, "group_default", never, **run)


def early_discount(
    forecast: PaymentForecast,
    *,
    share: float,
    by_day: int,
    discount: float,
    groups: pd.Series | None = None,
    group: Any = None,
    **run: Unpack[Run],
) -> Scenario:
    """Assume that a share of the customers takes a discount for early payment of what is not yet due.

    Who takes it pays by ``by_day``, or when it would have paid anyway if that is sooner, and deducts it either way.

    Parameters
    ----------
    forecast : PaymentForecast
    share : float
        Of customers, each with that chance; above 0, at most 1.
    by_day : int
        Days from ``as_of``.
    discount : float
        Share of the amount, such as 0.02; above 0, below 1.
    groups, group : optional
        As in `group_delay`; all customers where not given.
    """
    share = share_of_one("share", share, error=ForecastError)
    by_day = whole_number("by_day", by_day, 1, error=ForecastError)
    discount = share_of_one("discount", discount, error=ForecastError)
    rows, called = np.arange(len(forecast.invoices)), "all customers"
    if groups is not None:
        rows, called = _members(forecast, groups, group)
    rows = rows[forecast.invoices["days_past_due"].to_numpy()[rows] < 0]
    if not len(rows):
        raise ForecastError(
            f"nothing is owed by {called} that is not yet due: there is no discount to offer."
        )
    what = f"{percent(share)} of {called} take {discount:.1%} for paying within {counted(by_day, 'day')} what is not yet due"
    taken = Change(what, rows, np.zeros(len(rows), int), latest_day=by_day, chance=share, kept=1 - discount)
    return laid_on(forecast, "early_discount", taken, **run)


#: Kinds of scenario, by name.
SCENARIOS: dict[str, Callable[..., Scenario]] = {
    make.__name__: make for make in (top_delay, group_delay, terms_change, group_default, early_discount)
}


def _members(forecast: PaymentForecast, groups: pd.Series, group: Any) -> tuple[np.ndarray, str]:
    """Return the invoices of the customers of a group, or of several, and what to call them."""
    if not isinstance(groups, pd.Series):
        raise ForecastError(
            f"groups is a {type(groups).__name__}: give a series with customers' ids as index."
        )
    is_many = isinstance(group, Collection) and not isinstance(group, str)
    wanted = list(group) if is_many else [group]
    known = groups.dropna().unique().tolist()
    for value in wanted:
        if value not in known:
            raise UnknownNameError(
                f"no customer is in group {value!r}. {did_you_mean(str(value), map(str, known))}"
            )
    group_of = by_text_id(groups).groupby(level=0).first()
    owing = forecast.invoices["customer_id"].astype(str)
    if not owing.isin(group_of.index).any():
        raise ForecastError(
            f"the customers that groups names owe nothing on {forecast.as_of:%Y-%m-%d}, or are none. Give a series with "
            'customers\' ids as index, such as ledger.customers.set_index("customer_id")["region"].'
        )
    rows = np.flatnonzero(owing.map(group_of).isin(wanted))
    called = f"customers of {groups.name or 'group'} {' or '.join(map(str, wanted))}"
    if not len(rows):
        raise ForecastError(f"{called} owe nothing on {forecast.as_of:%Y-%m-%d}. Choose another group.")
    return rows, called
