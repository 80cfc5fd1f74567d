"""Why an invoice is expected to be late, or paid: what each group of reasons adds to the chance.

The chance told of the invoice is set beside that of the same invoice owed by a typical customer. Each group of reasons gets the
mean of what it adds over all orders in which the groups could be taken up (Shapley values): they add up exactly, and no order is
preferred.

References
----------
Lundberg and Lee (2017), Advances in Neural Information Processing Systems 30: additive feature attributions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from payseg_widgets.errors import UnknownNameError
from payseg_widgets.prediction.at_issue import FEATURES, AtIssue
from payseg_widgets.prediction.dates import ENDS
from payseg_widgets.prediction.forecast import PaymentForecast

#: What is the invoice's own, not its customer's: the amount, the day it is due, how long it has been open. Taken as given.
_GIVEN = ("log_amount", "issue_month", "due_weekday", "due_day", "terms_days", "portfolio_late_ratio")
#: Reasons, as they are told, and their features.
REASONS: dict[str, tuple[str, ...]] = {
    "Its amount beside the customer's usual one": ("amount_ratio",),
    "How often the customer paid late": ("n_known", "n_late", "late_ratio", "late_odds", "late_ratio_recent"),
    "How many days late it paid": (
        "mean_days_late", "recent_days_late", "last_days_late", "days_late_sd", "max_days_late",
    ),
    "What it owes now": ("n_open", "balance_ratio", "n_overdue", "oldest_overdue_days", "credit_use"),
    "How long and how often it buys": ("n_before", "tenure_days", "days_since_invoice"),
    "Payments, reminders and disputes lately": (
        "days_since_payment", "reminders_per_invoice", "disputes_per_invoice",
    ),
}  # fmt: skip
#: Customers that stand for a typical one.
_TYPICAL = 24
#: An invoice that is late already is asked whether it is paid within so many days.
_SOON_DAYS = 30
#: Fewer percentage points are not worth a word.
_LEAST_POINTS = 1.0


@dataclass(frozen=True, eq=False, repr=False)
class InvoiceReasons:
    """What is expected of one open invoice, and why.

    Attributes
    ----------
    table : pandas.DataFrame
        Index reason: ``points``, percentage points that it adds to the chance, largest first; they add up from ``typical`` to
        ``chance``.
    what : {"late", "paid within 30 days"}
        What the chance is of: the latter for invoices that are late already.
    chance, typical : float
        Of this invoice; of the same invoice owed by typical customers.
    curve : pandas.DataFrame
        Index day, ``p_paid``: the chance that it is paid by then.
    """

    table: pd.DataFrame
    what: str
    chance: float
    typical: float
    curve: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The chance, what it would be of a typical customer, and the reasons that matter."""
        points = self.table["points"]
        told = points[points.abs() >= _LEAST_POINTS].head(3)
        said = f"{self.chance:.0%} chance to be {self.what}; owed by a typical customer it would be {self.typical:.0%}."
        if told.empty:
            return f"{said} Nothing sets it apart."
        parts = ", ".join(
            f"{str(name)[0].lower()}{str(name)[1:]} ({value:+.0f})" for name, value in told.items()
        )
        return f"{said} In percentage points: {parts}."

    def __repr__(self) -> str:
        return f"InvoiceReasons({self.chance:.0%} {self.what}, typical {self.typical:.0%})"


def explain_invoice(forecast: PaymentForecast, invoice_id: str, *, seed: int = 0) -> InvoiceReasons:
    """Tell why an open invoice is expected to be paid when it is.

    What a reason adds is what the model makes of it, not what would happen if it were changed.

    Parameters
    ----------
    forecast : PaymentForecast
    invoice_id : str
    seed : int
        Draws the typical customers from those with open invoices, each as likely.

    Returns
    -------
    InvoiceReasons

    Raises
    ------
    UnknownNameError
        If no such invoice is open.
    """
    index, invoice_id = forecast.invoices.index, str(invoice_id)
    if invoice_id not in index:
        raise UnknownNameError(
            f"{invoice_id[:40]!r} is not among the {len(index):,} open invoices: see forecast.invoices."
        )
    row = index.get_loc(invoice_id)
    own = forecast.seen.take(np.array([row]))
    drawn = _typical(forecast, seed)
    late_from = float(own.overdue_on[0] - own.due[0] - 1)
    is_late = forecast.invoices["days_past_due"].iloc[row] >= late_from
    with threadpool_limits(1, user_api="openmp"):  # so little work is done sooner than it is shared out
        told = _coalitions(forecast, own, forecast.seen.frame.iloc[drawn], None if is_late else late_from)
        curve = _curve(forecast, own)
    values = _shapley(told, len(REASONS))
    table = pd.DataFrame({"points": 100 * values}, index=pd.Index(list(REASONS), name="reason"))
    return InvoiceReasons(
        table.sort_values("points", key=np.abs, ascending=False, kind="stable"),
        f"paid within {_SOON_DAYS} days" if is_late else "late", float(told[-1]), float(told[0]), curve,
    )  # fmt: skip


def _typical(forecast: PaymentForecast, seed: int) -> np.ndarray:
    """Draw customers, however many invoices they have open, and return the row of one invoice of each."""
    customers = forecast.invoices["customer_id"].to_numpy()
    rows = np.random.default_rng(seed).permutation(len(customers))
    first = np.unique(customers[rows], return_index=True)[1]  # the first of each in a random order
    return rows[np.sort(first)[:_TYPICAL]]


def _coalitions(
    forecast: PaymentForecast, own: AtIssue, typical: pd.DataFrame, late_from: float | None
) -> np.ndarray:
    """Return the mean chance with each set of reasons as they are and the others a typical customer's.

    Sets are numbered by their bits: the first has none, the last has all.
    """
    groups = list(REASONS.values())
    n_sets, n = 1 << len(groups), len(typical)
    frame = pd.concat([typical] * n_sets, ignore_index=True)
    taken = np.repeat(np.arange(n_sets), n)
    frame[list(_GIVEN)] = own.frame[list(_GIVEN)].to_numpy().repeat(len(frame), axis=0)
    for bit, names in enumerate(groups):
        own_values = own.frame[list(names)].to_numpy()
        has = (taken >> bit) & 1 == 1
        frame.loc[has, list(names)] = np.repeat(own_values, int(has.sum()), axis=0)
    many = own.take(np.zeros(len(frame), dtype=np.int64))
    unpaid = forecast.dates.unpaid(replace(many, frame=frame[list(FEATURES)]))
    soon = late_from is None
    chance = 1 - unpaid.ahead(_SOON_DAYS) if soon else unpaid.after(np.full(len(frame), late_from))
    return np.asarray(chance.reshape(n_sets, n).mean(axis=1))


def _shapley(told: np.ndarray, k: int) -> np.ndarray:
    """Return what each of ``k`` reasons adds on average over all orders, given the value of each set."""
    values = np.zeros(k)
    for one in range(k):
        others = [other for other in range(k) if other != one]
        for size in range(k):
            weight = factorial(size) * factorial(k - size - 1) / factorial(k)
            for chosen in combinations(others, size):
                without = sum(1 << other for other in chosen)
                values[one] += weight * (told[without | 1 << one] - told[without])
    return values


def _curve(forecast: PaymentForecast, own: AtIssue) -> pd.DataFrame:
    unpaid = forecast.dates.unpaid(own)
    days = np.unique(np.concatenate([[0.0], ENDS[unpaid.open_days[0] < ENDS] - unpaid.open_days[0]]))
    paid = [1 - float(unpaid.ahead(ahead)[0]) for ahead in days]
    index = pd.DatetimeIndex(forecast.as_of.normalize() + pd.to_timedelta(days, unit="D"), name="day")
    return pd.DataFrame({"p_paid": paid}, index=index)
