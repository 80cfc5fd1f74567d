"""When the open invoices will be paid, and how much comes in each week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets._cancel import CancelSignal, Steps
from payseg_widgets.errors import ForecastError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.at_issue import AtIssue, at_issue
from payseg_widgets.prediction.dates import PayDates, fit_dates, paid_by_quantiles, unpaid_after
from payseg_widgets.prediction.dependence import Dependence, dependence

#: Within so many days from now: the chances that are told of each invoice.
WITHIN = (7, 30, 60)
_QUANTILES = (0.1, 0.5, 0.9)
STEPS = (
    "reading the invoices",
    "learning when they are paid",
    "asking how far they are paid together",
    "drawing the weeks",
)


@dataclass(frozen=True, eq=False, repr=False)
class PaymentForecast:
    """What is expected of the invoices open on a day.

    Attributes
    ----------
    invoices : pandas.DataFrame
        Index ``invoice_id``, a row each open invoice: ``customer_id, outstanding_minor, due_on, days_past_due`` (negative
        before), ``p_late`` (1 where it is late already), ``p_paid_7, p_paid_30, p_paid_60`` (within so many days from now,
        given that it is still open), ``paid_q10, paid_q50, paid_q90`` (days; missing where that lies beyond what can be told).
    weeks : pandas.DataFrame
        Index ``week`` (first day; the first begins the day after ``as_of``): ``expected_minor, p10_minor, p50_minor,
        p90_minor``. The last row, ``NaT``, is what comes later or never; the expected ones add up to the open balance to the
        penny.
    customers : pandas.DataFrame
        Index ``customer_id``: what is expected of each in each week, minor units as float, and ``later``.
    ageing : pandas.DataFrame
        Index bucket: ``now_minor`` and ``in_30_days_minor``, the expected balance of today's open invoices.
    as_of : pandas.Timestamp
    currency : str
    dependence : Dependence
    dates : PayDates
        What it was made with.
    """

    invoices: pd.DataFrame
    weeks: pd.DataFrame
    customers: pd.DataFrame
    ageing: pd.DataFrame
    as_of: pd.Timestamp
    currency: str
    dependence: Dependence
    dates: PayDates

    @property
    def balance_minor(self) -> int:
        """What is open, in minor units."""
        return int(self.invoices["outstanding_minor"].sum())

    @property
    def sentence(self) -> str:
        """What the next four weeks bring."""
        four = self.weeks["expected_minor"].iloc[:4].sum()
        share = four / self.balance_minor if self.balance_minor else 0.0
        return (
            f"{len(self.invoices):,} invoices are open; {share:.0%} of their balance is expected within four weeks of "
            f"{self.as_of:%Y-%m-%d}."
        )

    def __repr__(self) -> str:
        return f"PaymentForecast({len(self.invoices):,} open invoices, {len(self.weeks) - 1} weeks, as_of={self.as_of:%Y-%m-%d})"


def predict_payments(
    ledger: Ledger,
    as_of: str | pd.Timestamp | None = None,
    *,
    n_weeks: int = 12,
    n_draws: int = 1_000,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> PaymentForecast:
    """Forecast when the invoices open on a day are paid.

    Nothing that became known after that day is seen. Invoices yet to be issued are not forecast.

    Parameters
    ----------
    ledger : Ledger
    as_of : date, optional
        By default the ledger's.
    n_weeks, n_draws : int
        Weeks ahead; draws behind their bands.
    seed : int
    progress, cancel : optional
        As in `estimate_effects`.

    Returns
    -------
    PaymentForecast

    Raises
    ------
    ForecastError
        If no invoice is open, or too few were paid to learn from.
    Cancelled
        If ``cancel`` was set.
    """
    if n_weeks < 1 or n_draws < 100:
        raise ForecastError(
            f"n_weeks={n_weeks!r}, n_draws={n_draws!r}: give 1 week or more, and 100 draws or more."
        )
    step = Steps("predict_payments()", STEPS, progress, cancel)
    step()
    then = ledger if as_of is None else ledger.until(as_of)
    settled = SettledInvoices.from_ledger(then)
    at = at_issue(settled, pd.Index(then.invoices["invoice_id"].astype(str), name="invoice_id"))
    outstanding = settled.outstanding
    rows = np.flatnonzero(outstanding > 0)
    if not len(rows):
        raise ForecastError(f"no invoice is open on {then.as_of:%Y-%m-%d}: there is nothing to forecast.")
    step()
    dates = fit_dates(at, seed=seed)
    step()
    together = dependence(at, dates)
    step()
    still = at.take(rows)
    unpaid = dates.unpaid(still.frame)
    money = outstanding[rows]
    days_open = (at.as_of - still.due).astype(float)
    chances = _by_week(unpaid, days_open, n_weeks)
    bands = _bands(unpaid, days_open, money, still.customer_id, together, n_weeks, n_draws, seed)
    return PaymentForecast(
        _invoice_table(still, unpaid, days_open, money), _week_table(chances, money, bands, then.as_of),
        _customer_table(chances, money, still.customer_id, then.as_of), _ageing(unpaid, days_open, money),
        then.as_of, then.currency, together, dates,
    )  # fmt: skip


def _given_open(unpaid: np.ndarray, days_open: np.ndarray, ahead: float) -> np.ndarray:
    """Chance of still being unpaid so many days from now, of invoices that are open now."""
    now = unpaid_after(unpaid, days_open)
    later = unpaid_after(unpaid, days_open + ahead)
    return np.divide(later, now, out=np.ones(len(now)), where=now > 1e-12)


def _by_week(unpaid: np.ndarray, days_open: np.ndarray, n_weeks: int) -> np.ndarray:
    """Chance of being paid in each week, the last column later or never; shape (n_invoices, n_weeks + 1)."""
    still = [_given_open(unpaid, days_open, 7.0 * week) for week in range(n_weeks + 1)]
    whole = np.column_stack([*still, np.zeros(len(unpaid))])
    return -np.diff(whole, axis=1)


def _bands(
    unpaid: np.ndarray, days_open: np.ndarray, money: np.ndarray, customer_id: np.ndarray, together: Dependence,
    n_weeks: int, n_draws: int, seed: int,
) -> np.ndarray:  # fmt: skip
    """Quantiles of what comes in each week, shape (n_weeks + 1, 3)."""
    rng = np.random.default_rng(seed)
    common = np.sqrt(together.common) * rng.standard_normal(n_draws)
    left = np.sqrt(max(1 - together.common - together.own, 0.0))
    edges = 7.0 * np.arange(n_weeks + 1)
    still = np.column_stack([_given_open(unpaid, days_open, edge) for edge in edges])
    cash = np.zeros((n_draws, n_weeks + 1))
    draws = np.arange(n_draws)
    order = np.argsort(customer_id, kind="stable")
    who = None
    for row in order:
        if customer_id[row] != who:
            who, own = customer_id[row], np.sqrt(together.own) * rng.standard_normal(n_draws)
        u = stats.norm.sf(common + own + left * rng.standard_normal(n_draws))  # chance left unpaid at payment
        week = len(edges) - np.searchsorted(still[row, ::-1], u, side="left") - 1
        cash[draws, np.clip(week, 0, n_weeks)] += money[row]
    return np.asarray(np.quantile(cash, _QUANTILES, axis=0).T)


def _invoice_table(
    still: AtIssue, unpaid: np.ndarray, days_open: np.ndarray, money: np.ndarray
) -> pd.DataFrame:
    late_from = (still.overdue_on - still.due - 1).astype(float)
    now = np.maximum(unpaid_after(unpaid, days_open), 1e-12)
    p_late = np.where(days_open > late_from, 1.0, unpaid_after(unpaid, late_from) / now)
    table: dict[str, Any] = {
        "customer_id": still.customer_id, "outstanding_minor": money, "due_on": _dates(still.due),
        "days_past_due": days_open.astype(int), "p_late": np.clip(p_late, 0, 1),
    }  # fmt: skip
    table |= {f"p_paid_{days}": 1 - _given_open(unpaid, days_open, days) for days in WITHIN}
    found = paid_by_quantiles(unpaid, days_open, np.array(_QUANTILES))
    for column, q in enumerate(_QUANTILES):
        days = np.where(np.isfinite(found[:, column]), np.ceil(found[:, column]), 0)
        day = pd.Series(_dates(still.due + days.astype(np.int64)))
        table[f"paid_q{round(100 * q)}"] = day.where(np.isfinite(found[:, column])).to_numpy()
    return pd.DataFrame(table, index=still.frame.index)


def _week_table(
    chances: np.ndarray, money: np.ndarray, bands: np.ndarray, as_of: pd.Timestamp
) -> pd.DataFrame:
    expected = np.round(money @ chances).astype(np.int64)
    expected[-1] = int(money.sum()) - expected[:-1].sum()  # to the penny
    return pd.DataFrame(
        {"expected_minor": expected, **{f"p{round(100 * q)}_minor": np.round(bands[:, k]).astype(np.int64)
                                        for k, q in enumerate(_QUANTILES)}},
        index=pd.Index(_weeks(as_of, chances.shape[1] - 1), name="week"),
    )  # fmt: skip


def _customer_table(
    chances: np.ndarray, money: np.ndarray, customer_id: np.ndarray, as_of: pd.Timestamp
) -> pd.DataFrame:
    names = [f"{day:%Y-%m-%d}" for day in _weeks(as_of, chances.shape[1] - 1)[:-1]]
    frame = pd.DataFrame(chances * money[:, None], columns=[*names, "later"])
    return frame.groupby(pd.Series(customer_id, name="customer_id")).sum()


def _weeks(as_of: pd.Timestamp, n_weeks: int) -> pd.DatetimeIndex:
    first = as_of.normalize() + pd.Timedelta(days=1)
    return pd.DatetimeIndex([*(first + pd.Timedelta(weeks=k) for k in range(n_weeks)), pd.NaT])


_BUCKETS = {
    "not due": (-np.inf, 0),
    "1-30": (0, 30),
    "31-60": (30, 60),
    "61-90": (60, 90),
    "over 90": (90, np.inf),
}


def _ageing(unpaid: np.ndarray, days_open: np.ndarray, money: np.ndarray) -> pd.DataFrame:
    later = money * _given_open(unpaid, days_open, 30.0)
    rows = [
        (name, int(money[(low < days_open) & (days_open <= high)].sum()),
         float(later[(low < days_open + 30) & (days_open + 30 <= high)].sum()))
        for name, (low, high) in _BUCKETS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["bucket", "now_minor", "in_30_days_minor"]).set_index("bucket")


def _dates(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype("datetime64[s]")
