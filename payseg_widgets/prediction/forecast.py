"""When the open invoices will be paid, and how much comes in each week."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal, Steps
from payseg_widgets.errors import ForecastError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.at_issue import AtIssue, at_issue
from payseg_widgets.prediction.cash import QUANTILES, draw_bands, week_starts
from payseg_widgets.prediction.dates import PayDates, Unpaid, fit_dates
from payseg_widgets.prediction.dependence import Dependence, dependence
from payseg_widgets.prediction.history import outcomes
from payseg_widgets.prediction.landmarks import landmark_days, on_days, open_on

#: Within so many days from now: the chances that are told of each invoice.
WITHIN = (7, 30, 60)
#: Days ahead that expected days are counted up to.
HORIZON_DAYS = 120
STEPS = (
    "looking at the invoices open on past days",
    "learning when they were paid",
    "asking how far they were paid together",
    "drawing the weeks",
)
#: Past days without which invoices are learnt from as they were issued; open invoices of past days that are learnt from.
_FEWEST_DAYS, _MOST_MARKS = 12, 60_000
#: Shares from which on what is left out is told: of what came in several payments, of credit.
_MANY_PARTS, _MUCH_CREDIT = 0.1, 0.05
_ALONE = "Too little was paid to tell how far invoices are paid together: bands may be too narrow."


@dataclass(frozen=True, eq=False, repr=False)
class PaymentForecast:
    """What is expected of the invoices open on a day.

    Attributes
    ----------
    invoices : pandas.DataFrame
        Index ``invoice_id``, a row each open invoice: ``customer_id, outstanding_minor, due_on`` (the day that counts by the
        ledger's late rule), ``days_past_due`` (negative before), ``p_late`` (chance that it is not paid in time; 1 where it no
        longer can be), ``p_paid_7, p_paid_30, p_paid_60`` (within so many days from now,
        given that it is still open), ``paid_q10, paid_q50, paid_q90`` (days; missing where that lies beyond what can be told),
        ``expected_days`` (from now until it is paid; what lies beyond 120 days counts as 120), ``amount_days`` (outstanding
        minor units times those days: what waiting for it ties up).
    weeks : pandas.DataFrame
        Index ``week`` (first day; the first begins the day after ``as_of``): ``expected_minor, p10_minor, p50_minor,
        p90_minor``. The last row, ``NaT``, is what comes later or never; the expected ones add up to the open balance to the
        penny.
    customers : pandas.DataFrame
        Index ``customer_id``: what is expected of each in each week, minor units as float, and ``later``.
    customer_weeks : pandas.DataFrame
        Index ``customer_id, week``: ``p10_minor, p50_minor, p90_minor``, the band of each customer's cash in each week.
    ageing : pandas.DataFrame
        Index bucket: ``now_minor`` and ``in_30_days_minor``, the expected balance of today's open invoices.
    as_of : pandas.Timestamp
    currency : str
    dependence : Dependence
    dates : PayDates
    seen : AtIssue
        The open invoices with what is known of them now: with ``dates``, what the forecast was made with.
    provenance : Mapping
        Hash of the input, parameters and seed.
    notes : tuple of str
        What the forecast leaves out and this ledger has much of.
    """

    invoices: pd.DataFrame
    weeks: pd.DataFrame
    customers: pd.DataFrame
    customer_weeks: pd.DataFrame
    ageing: pd.DataFrame
    as_of: pd.Timestamp
    currency: str
    dependence: Dependence
    dates: PayDates
    seen: AtIssue
    provenance: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @cached_property
    def unpaid(self) -> Unpaid:
        """Chances of the open invoices to be unpaid later on, in the order of ``invoices``."""
        return self.dates.unpaid(self.seen)

    @property
    def balance_minor(self) -> int:
        """What is open, in minor units."""
        return int(self.invoices["outstanding_minor"].sum())

    @property
    def sentence(self) -> str:
        """What the next four weeks bring, and what is left out."""
        four = self.weeks["expected_minor"].iloc[:4].sum()
        share = four / self.balance_minor if self.balance_minor else 0.0
        n = len(self.invoices)
        said = (
            f"{counted(n, 'invoice')} {'is' if n == 1 else 'are'} open; {share:.0%} of their balance is expected within four "
            f"weeks of {self.as_of:%Y-%m-%d}."
        )
        return " ".join((said, *self.notes))

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

    Nothing that became known after that day is seen. Invoices yet to be issued are not forecast. What is open of an invoice
    is taken to come on one day: part payments come sooner, credit never; ``notes`` says where a ledger has much of them. It
    is learnt from the invoices open on past days, a fortnight apart, with what was known on those days.

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
    whole = all(isinstance(count, (int, np.integer)) for count in (n_weeks, n_draws))
    if not whole or n_weeks < 1 or n_draws < 100:
        raise ForecastError(
            f"n_weeks={n_weeks!r}, n_draws={n_draws!r}: give whole numbers, 1 week or more, and 100 draws or more."
        )
    step = Steps("predict_payments()", STEPS, progress, cancel)
    step()
    then = ledger if as_of is None else ledger.until(as_of)
    invoices = SettledInvoices.from_ledger(then)
    index = pd.Index(then.invoices["invoice_id"].astype(str), name="invoice_id")
    rows = np.flatnonzero(invoices.outstanding > 0)
    if not len(rows):
        raise ForecastError(f"no invoice is open on {then.as_of:%Y-%m-%d}: there is nothing to forecast.")
    marks, now = _learnt_from(invoices, index, rows, seed)
    step()
    dates = fit_dates(marks, seed=seed)
    step()
    found = dependence(marks, seed=seed)
    together = found or Dependence(0.0, 0.0)
    step()
    unpaid, money = dates.unpaid(now), invoices.outstanding[rows]
    still = unpaid.at_week_ends(n_weeks)
    chances = -np.diff(np.column_stack([still, np.zeros(len(still))]), axis=1)
    names, codes = np.unique(now.customer_id, return_inverse=True)
    bands = draw_bands(still, money, codes, together, n_draws=n_draws, seed=seed)
    weeks = week_starts(then.as_of, n_weeks)
    return PaymentForecast(
        _invoice_table(now, unpaid, money), _week_table(chances, money, bands.weeks, weeks),
        _customer_table(chances, money, now.customer_id, weeks), _customer_bands(names, weeks, bands.customers),
        _ageing(unpaid, money), then.as_of, then.currency, together, dates, now,
        {**then.provenance, "n_weeks": n_weeks, "n_draws": n_draws, "seed": seed},
        (*(() if found else (_ALONE,)), *_left_out(invoices)),
    )  # fmt: skip


def _learnt_from(
    invoices: SettledInvoices, index: pd.Index, rows: np.ndarray, seed: int
) -> tuple[AtIssue, AtIssue]:
    """Return the open invoices of past days, and those of now; a short ledger is learnt from as its invoices were issued."""
    came, days = outcomes(invoices), landmark_days(invoices)
    now = on_days(invoices, came, index, rows, np.full(len(rows), invoices.as_of, np.int32))
    if len(days) < _FEWEST_DAYS:
        return at_issue(invoices, index), now
    return open_on(invoices, came, index, days, most=_MOST_MARKS, seed=seed), now


def _left_out(invoices: SettledInvoices) -> Iterator[str]:
    """Say how much of what was settled came otherwise than on one day, in cash."""
    whole = invoices.is_settled & (invoices.amount > 0)
    if not whole.any():
        return
    in_parts = whole & (invoices.n_payments > 1)
    share = float(invoices.amount[in_parts].sum() / invoices.amount[whole].sum())
    if share > _MANY_PARTS:
        yield f"{share:.0%} of what was settled came in several payments: cash comes sooner than is told here."
    gone = ~invoices.is_owed & (invoices.outstanding == 0)
    credit = invoices.credited[whole].sum() / invoices.amount[whole | gone].sum()
    if credit > _MUCH_CREDIT:
        yield f"{credit:.0%} of what was settled was credit, not cash: less comes than is told here."


def _invoice_table(now: AtIssue, unpaid: Unpaid, money: np.ndarray) -> pd.DataFrame:
    late_from = (now.overdue_on - now.due - 1).astype(float)
    p_late = np.where(unpaid.open_days >= late_from, 1.0, unpaid.after(late_from))
    table: dict[str, Any] = {
        "customer_id": now.customer_id, "outstanding_minor": money, "due_on": _dates(now.due),
        "days_past_due": unpaid.open_days.astype(int), "p_late": p_late,
    }  # fmt: skip
    table |= {f"p_paid_{days}": 1 - unpaid.ahead(days) for days in WITHIN}
    for q in QUANTILES:
        found = unpaid.paid_by(q)
        known = np.isfinite(found)
        day = pd.Series(_dates(now.due + np.where(known, np.ceil(found), 0).astype(np.int64)))
        table[f"paid_q{round(100 * q)}"] = day.where(known).to_numpy()
    table["expected_days"] = expected_days(unpaid)
    table["amount_days"] = money * table["expected_days"]
    return pd.DataFrame(table, index=now.frame.index)


def expected_days(unpaid: Unpaid) -> np.ndarray:
    """Return the expected days from now until payment, up to the horizon: the area below the chance of being unpaid."""
    grid = np.concatenate([np.arange(0.0, 30.0, 2.0), np.arange(30.0, HORIZON_DAYS + 1, 6.0)])
    return np.asarray(np.trapezoid(np.column_stack([unpaid.ahead(days) for days in grid]), grid, axis=1))


def _week_table(
    chances: np.ndarray, money: np.ndarray, bands: np.ndarray, weeks: pd.DatetimeIndex
) -> pd.DataFrame:
    expected = np.round(money @ chances).astype(np.int64)
    expected[-1] = int(money.sum()) - expected[:-1].sum()  # to the penny
    table = {"expected_minor": expected} | dict(zip(_BANDS, np.round(bands).astype(np.int64).T, strict=True))
    return pd.DataFrame(table, index=pd.Index([*weeks, pd.NaT], name="week"))


def _customer_table(
    chances: np.ndarray, money: np.ndarray, customer_id: np.ndarray, weeks: pd.DatetimeIndex
) -> pd.DataFrame:
    names = [f"{day:%Y-%m-%d}" for day in weeks]
    frame = pd.DataFrame(chances * money[:, None], columns=[*names, "later"])
    return frame.groupby(pd.Series(customer_id, name="customer_id")).sum()


def _customer_bands(names: np.ndarray, weeks: pd.DatetimeIndex, bands: np.ndarray) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([names, weeks], names=["customer_id", "week"])
    return pd.DataFrame(bands.reshape(-1, len(QUANTILES)), index=index, columns=_BANDS)


_BANDS = [f"p{round(100 * q)}_minor" for q in QUANTILES]
_BUCKETS = {
    "not due": (-np.inf, 0),
    "1-30": (0, 30),
    "31-60": (30, 60),
    "61-90": (60, 90),
    "over 90": (90, np.inf),
}


def _ageing(unpaid: Unpaid, money: np.ndarray) -> pd.DataFrame:
    days, later = unpaid.open_days, money * unpaid.ahead(30.0)
    rows = [
        (name, int(money[(low < days) & (days <= high)].sum()),
         float(later[(low < days + 30) & (days + 30 <= high)].sum()))
        for name, (low, high) in _BUCKETS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["bucket", "now_minor", "in_30_days_minor"]).set_index("bucket")


def _dates(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype("datetime64[s]")
