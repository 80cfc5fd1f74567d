"""Cash of the coming weeks with and without a change, from the same draws: so the difference has a band of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from payseg_widgets._cancel import CancelSignal, Steps
from payseg_widgets.prediction.cash import QUANTILES, drawn_together, ends_of, hazards_of, week_paces
from payseg_widgets.prediction.dates import Unpaid
from payseg_widgets.prediction.forecast import PaymentForecast

#: Invoices drawn, and days of all invoices, between two looks at whether to stop: less than a tenth of a second.
_AT_A_TIME = 250
_DAYS_AT_A_TIME = 28
_BEFORE_DRAWING = ("chances week by week", *["hazards"] * 3)


@dataclass(frozen=True, eq=False)
class Change:
    """What a scenario does to open invoices.

    Attributes
    ----------
    what : str
        In words, as it follows "If".
    rows : numpy.ndarray of int, shape (n_changed,)
        Positions in ``forecast.invoices``.
    later_days : numpy.ndarray of int, shape (n_changed,)
        Days by which payment moves; negative is earlier, but not before the day after ``as_of``.
    latest_day : int or None
        Days from now by which they are paid at the latest.
    chance : float
        Chance that a customer is concerned; each customer with all its invoices.
    kept : float
        Share of the money that still comes.
    """

    what: str
    rows: np.ndarray
    later_days: np.ndarray
    latest_day: int | None = None
    chance: float = 1.0
    kept: float = 1.0


class Cash(NamedTuple):
    """Cash with and without a change; money in minor units, bands for `QUANTILES`.

    Attributes
    ----------
    base, changed, difference : numpy.ndarray, shape (n_weeks + 1, 3)
        Quantiles of the cash of each week; the last row is later or never.
    expected_difference : numpy.ndarray, shape (n_weeks + 1,)
    expected_gap : numpy.ndarray, shape (n_days,)
        Expected cash that is missing at the end of each day ahead.
    missing_days, peak_gap, forgone : numpy.ndarray, shape (3,)
        Quantiles of money times the days it is missing, of the most that is missing on one day, of what never comes.
    expected_forgone : float
    """

    base: np.ndarray
    changed: np.ndarray
    difference: np.ndarray
    expected_difference: np.ndarray
    expected_gap: np.ndarray
    missing_days: np.ndarray
    peak_gap: np.ndarray
    forgone: np.ndarray
    expected_forgone: float


def cash_of(
    forecast: PaymentForecast,
    change: Change,
    *,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> Cash:
    """Draw the weeks as the forecast drew them, and beside each draw the same one with the change.

    Parameters
    ----------
    forecast : PaymentForecast
    change : Change
    progress, cancel : optional
        As in `payseg_widgets.prediction.forecast.predict_payments`.

    Raises
    ------
    Cancelled
        If ``cancel`` was set.
    """
    n_weeks = len(forecast.weeks) - 1
    parts = len(range(0, len(forecast.invoices), _AT_A_TIME))
    of_days = len(range(0, 7 * n_weeks + 1, _DAYS_AT_A_TIME))
    names = [
        *["chances day by day"] * 2 * of_days,
        *_BEFORE_DRAWING,
        *["drawing the cash"] * parts,
        "adding up",
    ]
    step = Steps("scenario()", names, progress, cancel)
    unpaid = forecast.unpaid
    money = forecast.invoices["outstanding_minor"].to_numpy()
    before, after = _by_day(unpaid.take(change.rows), change, 7 * n_weeks, step)
    own = money[change.rows]
    moved = change.chance * (change.kept * (own @ _chances(after)) - own @ _chances(before))
    step()
    total, daily, forgone = _draw(forecast, change, unpaid.at_week_ends(n_weeks), money, before, after, step)
    step()
    difference, gap = _weekly(daily), -np.cumsum(daily[:, :-1], axis=1)
    return Cash(
        base=_quantiles(total), changed=_quantiles(total + difference), difference=_quantiles(difference),
        expected_difference=_weekly(moved[None, :])[0], expected_gap=-np.cumsum(moved[:-1]),
        missing_days=_quantiles(gap.sum(axis=1)), peak_gap=_quantiles(np.maximum(gap.max(axis=1), 0.0)),
        forgone=_quantiles(forgone), expected_forgone=float(change.chance * (1 - change.kept) * own.sum()),
    )  # fmt: skip


def _by_day(
    unpaid: Unpaid, change: Change, n_days: int, step: Callable[[], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Chance of being open now and at the end of each day, without and with the change: shape (n_changed, n_days + 1)."""
    before = _columns(lambda day: unpaid.ahead(float(day)), n_days, step)
    after = _columns(lambda day: unpaid.after(unpaid.open_days + day - change.later_days), n_days, step)
    after[:, 0] = 1.0
    if change.latest_day is not None:
        after[:, change.latest_day :] = 0.0
    return before, after


def _columns(of: Callable[[int], np.ndarray], n_days: int, step: Callable[[], None]) -> np.ndarray:
    columns = []
    for day in range(n_days + 1):
        if day % _DAYS_AT_A_TIME == 0:
            step()
        columns.append(of(day))
    return np.column_stack(columns)


def _draw(
    forecast: PaymentForecast, change: Change, still: np.ndarray, money: np.ndarray, before: np.ndarray, after: np.ndarray,
    step: Callable[[], None],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Return of each draw the cash of the weeks, how the change moves that of the days, and what never comes."""
    n_draws, seed = forecast.provenance["n_draws"], forecast.provenance["seed"]
    customer = np.unique(forecast.seen.customer_id, return_inverse=True)[1]
    concerned = np.random.default_rng([seed, 1])  # a stream of its own: the others' draws stay as they are
    place = np.full(len(money), -1)
    place[change.rows] = np.arange(len(change.rows))
    total, daily = np.zeros((n_draws, still.shape[1])), np.zeros((n_draws, before.shape[1]))
    forgone, draws = np.zeros(n_draws), np.arange(n_draws)
    pace = week_paces(forecast.dependence, still.shape[1] - 1, n_draws=n_draws, seed=seed)
    by_day = np.repeat(pace, 7, axis=1)
    step()
    weekly = hazards_of(still, forecast.dependence)
    step()
    of_before = hazards_of(before, forecast.dependence, per_week=7)
    step()
    of_after = hazards_of(after, forecast.dependence, per_week=7)
    for rows, endured in drawn_together(customer, forecast.dependence, n_draws=n_draws, seed=seed):
        happens = concerned.random(n_draws) < change.chance
        for row, one in zip(rows, endured, strict=True):
            if row % _AT_A_TIME == 0:
                step()
            total[draws, ends_of(one, weekly[row], pace)] += money[row]
            if place[row] >= 0:
                daily[draws, ends_of(one, of_before[place[row]], by_day)] -= money[row] * happens
                daily[draws, ends_of(one, of_after[place[row]], by_day)] += change.kept * money[row] * happens
                forgone += (1 - change.kept) * money[row] * happens
    return total, daily, forgone


def _chances(still: np.ndarray) -> np.ndarray:
    """Chance of being paid on each day; the last column is later or never."""
    return -np.diff(np.column_stack([still, np.zeros(len(still))]), axis=1)


def _weekly(daily: np.ndarray) -> np.ndarray:
    """Sum days to weeks; the last column stays what it is: later or never."""
    weeks = daily[:, :-1].reshape(len(daily), -1, 7).sum(axis=2)
    return np.column_stack([weeks, daily[:, -1]])


def _quantiles(drawn: np.ndarray) -> np.ndarray:
    return np.asarray(np.quantile(drawn, QUANTILES, axis=0).T)
