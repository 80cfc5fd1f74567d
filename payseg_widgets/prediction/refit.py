"""A forecaster in use, and when a newly fitted one takes its place: champion and challenger.

Both are judged on the same invoices, which neither was fitted on: issued after a day by which all that either has seen was
known. More data always fits something else; it takes the champion's place only where it can be shown to be better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.days import day_of
from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.at_issue import AtIssue
from payseg_widgets.prediction.customer_intervals import Estimate, interval_in_words, mean_interval
from payseg_widgets.prediction.forecaster import FORECASTERS

#: Fewer late ones, or ones in time, teach nothing and judge nobody.
_FEWEST = 20
#: A champion is told to be off only where it is beyond this: a second way to lose its place must not double the first.
_LEVEL_OFF = 0.99


@dataclass(frozen=True, eq=False, repr=False)
class FittedForecaster:
    """A forecaster with what it has learnt.

    Attributes
    ----------
    name : str
        Its key in the registry of forecasters.
    fitted_on : pandas.Timestamp
        Nothing that became known after that day was learnt.
    n_fitted : int
        Invoices learnt from.
    columns : tuple of str
        Features it needs.
    """

    name: str
    fitted_on: pd.Timestamp
    n_fitted: int
    columns: tuple[str, ...]
    _chance: Callable[[pd.DataFrame], np.ndarray] = field(repr=False)

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the chance that each invoice is late.

        Parameters
        ----------
        frame : pandas.DataFrame
            `AtIssue.frame`; further columns are left aside.

        Returns
        -------
        numpy.ndarray, shape (n_invoices,)

        Raises
        ------
        ForecastError
            If a feature is missing.
        """
        missing = [name for name in self.columns if name not in frame]
        if missing:
            raise ForecastError(
                f"the features have no column {missing[0]!r}; give the frame of features_at_issue."
            )
        return self._chance(frame[list(self.columns)])

    def __repr__(self) -> str:
        return (
            f"FittedForecaster({self.name}, {self.n_fitted:,} invoices, fitted_on={self.fitted_on:%Y-%m-%d})"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Refit:
    """Who is champion now, and why.

    Attributes
    ----------
    champion : FittedForecaster
        The one to use from now on: the former one as it was, or the challenger's kind fitted on all that is known.
    table : pandas.DataFrame
        Index ``champion``, ``challenger``, on the invoices judged: ``name, fitted_on, n_fitted, brier, brier_low, brier_high,
        predicted`` and ``observed`` (shares late), ``gap`` (observed less predicted), ``gap_low, gap_high``. 95 %, customers
        as units.
    gain, gain_low, gain_high : float
        Brier score of the champion less the challenger's: above 0 the challenger is better.
    is_replaced : bool
    reason : str
        Why, as a sentence.
    split_on : pandas.Timestamp
        Invoices issued after it were judged; the challenger had learnt what was known by then.
    n_judged, n_customers : int
    """

    champion: FittedForecaster
    table: pd.DataFrame
    gain: float
    gain_low: float
    gain_high: float
    is_replaced: bool
    reason: str
    split_on: pd.Timestamp
    n_judged: int
    n_customers: int

    @property
    def sentence(self) -> str:
        """Who is champion now, and why."""
        begins = "The challenger takes over" if self.is_replaced else "The champion stays"
        return (
            f"{begins}: {self.reason} Judged on {counted(self.n_judged, 'invoice')} of {counted(self.n_customers, 'customer')} "
            f"issued after {self.split_on:%Y-%m-%d}; Brier gain {self.gain:+.4f} "
            f"({interval_in_words(self.gain_low, self.gain_high, '+.4f')})."
        )

    def __repr__(self) -> str:
        return f"Refit({self.champion.name}, is_replaced={self.is_replaced}, gain={self.gain:+.4f})"


def fit_forecaster(at: AtIssue, name: str = "boosting", *, seed: int = 0) -> FittedForecaster:
    """Fit a forecaster on the invoices of which it is known by ``at.as_of``, whoever pays, whether they were late.

    Parameters
    ----------
    at : AtIssue
    name : str
        One of the forecasters of `compare_forecasters`.
    seed : int

    Returns
    -------
    FittedForecaster

    Raises
    ------
    ForecastError
        If fewer than 20 invoices were late, or in time.
    UnknownNameError
        If there is no forecaster of that name.
    """
    chosen = FORECASTERS[name]
    known = at.take(at.is_mature)
    _check_enough(known, f"by {_date(at.as_of):%Y-%m-%d}")
    chance = chosen.fit(known.frame, known.is_late, seed)
    return FittedForecaster(name, _date(at.as_of), len(known), tuple(map(str, known.frame.columns)), chance)


def refit(
    champion: FittedForecaster,
    at: AtIssue,
    *,
    challenger: str | None = None,
    split_on: str | date | pd.Timestamp | None = None,
    seed: int = 0,
) -> Refit:
    """Fit a challenger on newer invoices and let it take the champion's place if it can be shown to be better.

    The challenger learns what was known by ``split_on``; both are judged on invoices issued after. It takes over where the
    95 % interval of its Brier gain, customers as units, lies above 0; or where the champion's chances are off (the 99 %
    interval of late share less forecast leaves out 0) and the challenger's are closer and its Brier score is no worse.
    Then it is fitted on all that is known.

    Parameters
    ----------
    champion : FittedForecaster
    at : AtIssue
        All invoices as known now.
    challenger : str, optional
        A forecaster's name; the champion's where not given.
    split_on : date, optional
        Not before ``champion.fitted_on``. By default half of the invoices issued since then of which it is known whether
        they were late were issued by it.
    seed : int

    Returns
    -------
    Refit

    Raises
    ------
    ForecastError
        If the champion has learnt what was not known by ``split_on``, or there are too few invoices before or after.
    UnknownNameError
        If there is no forecaster of that name.

    References
    ----------
    Diebold and Mariano (1995), Journal of Business and Economic Statistics 13, 253-263: comparing forecasts by the mean
    difference of their losses; here with customers as units.
    """
    fitted = _day(champion.fitted_on)
    day = _split_day(at, fitted) if split_on is None else _day(day_of(split_on, "split_on"))
    if fitted > day:
        raise ForecastError(
            f"the champion was fitted on {champion.fitted_on:%Y-%m-%d}, after split_on {_date(day):%Y-%m-%d}: it may have "
            "seen what it would be judged on. Give a later split_on."
        )
    name = challenger or champion.name
    new = fit_forecaster(at.known_by(day), name, seed=seed)
    seen = at.take(at.is_mature & (at.issued > day))
    _check_enough(seen, f"issued after {_date(day):%Y-%m-%d}")
    told = {"champion": champion.predict(seen.frame), "challenger": new.predict(seen.frame)}
    errors = {role: (p - seen.is_late) ** 2 for role, p in told.items()}
    gain = mean_interval(errors["champion"] - errors["challenger"], seen.customer_id)
    table = pd.DataFrame(
        [_row(role, one, told[role], seen) for role, one in (("champion", champion), ("challenger", new))]
    )
    table = table.set_index("role")
    off = mean_interval(seen.is_late - told["champion"], seen.customer_id, level=_LEVEL_OFF)
    is_replaced, reason = _verdict(gain, off, table["gap"])
    return Refit(
        fit_forecaster(at, name, seed=seed) if is_replaced else champion, table, *gain[:3], is_replaced, reason, _date(day),
        len(seen), gain.n_customers,
    )  # fmt: skip


def _verdict(gain: Estimate, off: Estimate, gap: pd.Series) -> tuple[bool, str]:
    if gain.conf_low > 0:
        return True, "its chances are closer to what came."
    if off.conf_low > 0 or off.conf_high < 0:
        told = f"the champion's chances are off by {100 * off.value:+.1f} points"
        if gain.value >= 0 and abs(gap["challenger"]) < abs(gap["champion"]):
            return True, f"{told}, its own are closer and no worse otherwise."
        return False, f"{told}, but the challenger is no better."
    return False, "the challenger cannot be shown to be better."


def _row(role: str, one: FittedForecaster, p: np.ndarray, seen: AtIssue) -> dict[str, object]:
    brier = mean_interval((p - seen.is_late) ** 2, seen.customer_id)
    gap = mean_interval(seen.is_late - p, seen.customer_id)
    return {
        "role": role, "name": one.name, "fitted_on": one.fitted_on, "n_fitted": one.n_fitted,
        "brier": brier.value, "brier_low": brier.conf_low, "brier_high": brier.conf_high,
        "predicted": float(p.mean()), "observed": float(seen.is_late.mean()),
        "gap": gap.value, "gap_low": gap.conf_low, "gap_high": gap.conf_high,
    }  # fmt: skip


def _split_day(at: AtIssue, fitted: int) -> int:
    since = at.issued[at.is_mature & (at.issued > fitted)]
    return int(np.quantile(since, 0.5, method="lower")) if len(since) else fitted


def _check_enough(part: AtIssue, when: str) -> None:
    n_late = int(part.is_late.sum())
    if min(n_late, len(part) - n_late) < _FEWEST:
        raise ForecastError(
            f"of the invoices {when} {n_late} are known to be late and {len(part) - n_late} in time; {_FEWEST} of each are "
            "needed. Wait for more, or read a longer ledger."
        )


def _date(day: int) -> pd.Timestamp:
    return pd.Timestamp(day, unit="D").as_unit("s")


def _day(moment: pd.Timestamp) -> int:
    return int(moment.to_datetime64().astype("datetime64[D]").astype(np.int64))
