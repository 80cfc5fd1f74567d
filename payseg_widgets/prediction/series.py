"""Figures of the world outside, such as economic indicators, as they were known on the day before an invoice was issued.

A figure is of a period, and is published later; and it is revised. So each row has the period it is of and the day it was
published, and a revision is a row of its own. An invoice sees the rows published before its day of issue, and of those the
latest period as last revised.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import ForecastError, UnknownNameError
from payseg_widgets.prediction.at_issue import AtIssue

_PUBLISHED, _PERIOD, _ISSUED, _ROW = "_published_on", "_period", "_issued_on", "_row"


def join_series(
    at: AtIssue,
    series: pd.DataFrame,
    *,
    value: str | Sequence[str],
    period: str = "period",
    on: str = "published_on",
    published_after_days: int | None = None,
) -> pd.DataFrame:
    """Return for each invoice the figures known on the day before it was issued.

    Parameters
    ----------
    at : AtIssue
    series : pandas.DataFrame
        A row each period and publication, in any order: the column ``period`` (date the period begins or ends on), the column
        ``on`` (date of publication), and figures. A revision is a later row of the same period.
    value : str or sequence of str
        Columns of the figures.
    period, on : str
        Columns of the dates.
    published_after_days : int, optional
        For a series without dates of publication: days from the date of the period until it was out. Say rather too many: what
        is told too early is a leak. Such a series holds the figures as they are now, and later revisions are in them.

    Returns
    -------
    pandas.DataFrame
        Index ``invoice_id``, in the order of ``at``; the columns ``value``, float, NaN where nothing was out yet. May be given as
        ``extra`` to `compare_forecasters`.

    Raises
    ------
    ForecastError
        If there is neither a date of publication nor ``published_after_days``, if both are there, if a date is missing, if
        a period was published twice on a day, or if a column is no figures.
    UnknownNameError
        If a column is not there.

    Examples
    --------
    >>> from payseg_widgets import features_at_issue, simulate_ledger
    >>> at = features_at_issue(simulate_ledger(20, seed=1).ledger)
    >>> rates = pd.DataFrame({"period": ["2022-01-01", "2022-02-01"], "published_on": ["2022-02-10", "2022-03-10"],
    ...                       "base_rate": [0.25, 0.5]})
    >>> join_series(at, rates, value="base_rate").shape == (len(at), 1)
    True
    """
    values = [value] if isinstance(value, str) else list(value)
    out = _as_published(series, values, period, on, published_after_days)
    newest = _newest_known(out)
    asked = pd.DataFrame(
        {_ISSUED: at.issued.astype("datetime64[D]").astype("datetime64[s]"), _ROW: np.arange(len(at))}
    )
    joined = pd.merge_asof(
        asked.sort_values(_ISSUED, kind="stable"), newest, left_on=_ISSUED, right_on=_PUBLISHED,
        allow_exact_matches=False,  # what is published on the day of issue is not known yet
    )  # fmt: skip
    return joined.sort_values(_ROW)[values].astype(float).set_axis(at.frame.index)


def _as_published(
    series: pd.DataFrame, values: list[str], period: str, on: str, published_after_days: int | None
) -> pd.DataFrame:
    """Return periods, days of publication and figures, checked."""
    for name in (period, *values):
        if name not in series:
            raise UnknownNameError(f"series has no column {name!r}. {did_you_mean(name, map(str, series))}")
    wrong = [name for name in values if not pd.api.types.is_numeric_dtype(series[name])]
    if wrong:
        raise ForecastError(f"series has columns that are no figures: {', '.join(wrong)}. Encode them first.")
    out = series[values].assign(**{_PERIOD: _days(series, period)})
    out[_PUBLISHED] = _published(series, out[_PERIOD], on, published_after_days)
    twice = out.duplicated([_PERIOD, _PUBLISHED])
    if twice.any():
        first = out.loc[twice].iloc[0]
        raise ForecastError(
            f"the period {first[_PERIOD]:%Y-%m-%d} was published twice on {first[_PUBLISHED]:%Y-%m-%d}. Keep one row of each."
        )
    return out


def _published(series: pd.DataFrame, of: pd.Series, on: str, published_after_days: int | None) -> pd.Series:
    if published_after_days is None:
        if on not in series:
            raise ForecastError(
                f"series has no column {on!r}: without the day a figure was published nobody can say who knew it. Give that "
                "column, or published_after_days=, the days from the period's date until it was out."
            )
        return _days(series, on)
    if on in series:
        raise ForecastError(
            f"published_after_days={published_after_days} beside the column {on!r}: leave out published_after_days."
        )
    if published_after_days < 0:
        raise ForecastError(f"published_after_days={published_after_days}: give 0 or more.")
    return (of + pd.Timedelta(days=published_after_days)).astype("datetime64[s]")


def _days(series: pd.DataFrame, name: str) -> pd.Series:
    days = (
        pd.to_datetime(series[name], errors="coerce")
        .dt.tz_localize(None)
        .dt.normalize()
        .astype("datetime64[s]")
    )
    if days.isna().any():
        raise ForecastError(
            f"{int(days.isna().sum())} rows of series have no date in {name!r}. Leave them out, or mend them."
        )
    return days


def _newest_known(out: pd.DataFrame) -> pd.DataFrame:
    """Return after each day of publication the latest period out by then: a late revision of an old one is passed over."""
    ordered = out.sort_values([_PUBLISHED, _PERIOD], kind="stable")
    is_newest = ordered[_PERIOD] >= ordered[_PERIOD].cummax()
    return ordered[is_newest].drop_duplicates(_PUBLISHED, keep="last").drop(columns=_PERIOD)
