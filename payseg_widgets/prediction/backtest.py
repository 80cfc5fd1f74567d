"""Forecasts of past days beside what came: what a forecast would have been worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.errors import Cancelled, ForecastError
from payseg_widgets.ledger.days import day_of
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.forecast import predict_payments
from payseg_widgets.prediction.outcome_scores import SCORES, score_outcomes
from payseg_widgets.prediction.outcomes import ForecastOutcomes, forecast_outcomes, told_of


@dataclass(frozen=True, eq=False, repr=False)
class Backtest:
    """Forecasts of several past days with what came.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``as_of``, a row a day: ``n_invoices``, then the value of each of the scores, missing where nothing was known
        yet.
    scores : pandas.DataFrame
        Of all days together: see `payseg_widgets.prediction.outcome_scores.score_outcomes`. An invoice open on several of
        the days counts at each; its customer is one unit all the same.
    outcomes : tuple of ForecastOutcomes
        One a day, in order.
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    outcomes: tuple[ForecastOutcomes, ...]

    @property
    def sentence(self) -> str:
        """How right the forecasts were, all days together."""
        told = told_of(self.scores) or "nothing can be judged yet"
        days = counted(len(self.outcomes), "day")
        return f"Forecasts of {days} from {self.table.index[0]:%Y-%m-%d} on, beside what came: {told}."

    def __repr__(self) -> str:
        n_invoices = int(self.table["n_invoices"].sum())
        return f"Backtest({counted(len(self.outcomes), 'day')}, {counted(n_invoices, 'invoice')})"


def backtest(
    ledger: Ledger,
    days: Sequence[str | date | pd.Timestamp],
    *,
    n_weeks: int = 8,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> Backtest:
    """Forecast on past days, each with nothing later seen, and judge by what the ledger knows now.

    Parameters
    ----------
    ledger : Ledger
    days : sequence of dates
        Each before the ledger's ``as_of``; one given twice counts once.
    n_weeks : int
        Weeks ahead.
    seed : int
    progress : callable, optional
        Called with the day about to be forecast, the number of days done and their total.
    cancel : CancelSignal, optional
        Asked before each step of each forecast.

    Returns
    -------
    Backtest

    Raises
    ------
    ForecastError
        If no day is given, one is not before ``as_of``, or nothing was open on one.
    Cancelled
        If ``cancel`` was set; ``finished`` is the `Backtest` of the days done, ``None`` where there is none.
    """
    asked = sorted({day_of(day, "days") for day in days})
    if not asked or asked[-1] >= ledger.as_of:
        shown = f"{asked[-1]:%Y-%m-%d} is not" if asked else "no day is"
        raise ForecastError(
            f"{shown} before the ledger's as_of {ledger.as_of:%Y-%m-%d}: give days before it."
        )
    done: list[ForecastOutcomes] = []
    for day in asked:
        if progress is not None:
            progress(f"{day:%Y-%m-%d}", len(done), len(asked))
        try:
            forecast = predict_payments(ledger, day, n_weeks=n_weeks, seed=seed, cancel=cancel)
        except Cancelled as stopped:
            raise Cancelled(
                f"backtest() was stopped after {len(done)} of {len(asked)} days.",
                _pooled(done) if done else None,
            ) from stopped
        done.append(forecast_outcomes(forecast, ledger))
    return _pooled(done)


def _pooled(outcomes: list[ForecastOutcomes]) -> Backtest:
    rows = [{"n_invoices": len(one.invoices), **one.scores["value"].to_dict()} for one in outcomes]
    index = pd.DatetimeIndex([one.as_of for one in outcomes], name="as_of")
    weeks = pd.concat([one.weeks for one in outcomes])
    return Backtest(
        pd.DataFrame(rows, index=index, columns=["n_invoices", *SCORES]),
        score_outcomes([one.invoices for one in outcomes], weeks), tuple(outcomes),
    )  # fmt: skip
