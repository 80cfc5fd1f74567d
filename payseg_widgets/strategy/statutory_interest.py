"""Interest and compensation that the law of the United Kingdom gives a business for a commercial debt paid late."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from payseg_widgets.errors import ForecastError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import Ledger

#: Percentage points above the base rate.
ABOVE_BASE = 8.0
#: Compensation in pence of debts from so many pence on.
FIXED_SUMS = ((0, 4_000), (100_000, 7_000), (1_000_000, 10_000))
_DAYS_A_YEAR = 365


@cache
def _known_rates() -> pd.Series:
    text = resources.files("payseg_widgets.strategy").joinpath("uk_base_rates.csv")
    with text.open(encoding="utf-8") as file:
        table = pd.read_csv(file, comment="#", parse_dates=["reference_on"], index_col="reference_on")
    return table["percent"]


def base_rates() -> pd.Series:
    """Return Bank Rate on each 30 June and 31 December from 2002-06-30 to 2025-12-31, per cent a year.

    To go on, add the days that have come since and give the series to `interest_on` or `statutory_interest`.

    Examples
    --------
    >>> base_rates()["2024-06-30"]
    np.float64(5.25)
    """
    return _known_rates().copy()


def interest_on(
    owed_minor: pd.Series, due_on: pd.Series, until: pd.Timestamp | str | pd.Series, *, rates: pd.Series | None = None
) -> pd.DataFrame:  # fmt: skip
    """Return the statutory interest and compensation on debts in pence.

    Simple interest from the day after the debt was due. Its rate is 8 points above the base rate in force on the 30 June or 31
    December before that day, and stays however the base rate moves. Whether the Act applies (a business on either side, no
    contract term that is a substantial remedy) is for the reader to say.

    Parameters
    ----------
    owed_minor : pandas.Series
        Pence, of each debt: 0 or more, none missing.
    due_on : pandas.Series of datetime64
        Last day on which it was to be paid; index as of ``owed_minor``, none missing. The time of day does not count.
    until : date, or pandas.Series of datetime64
        Day on which it was paid, or up to which interest is counted; a series has the same index.
    rates : pandas.Series, optional
        Per cent a year, by 30 June and 31 December; `base_rates` where not given.

    Returns
    -------
    pandas.DataFrame
        Index as given: ``days`` (late; 0 where it is not), ``percent`` (a year), ``interest_minor, compensation_minor``
        (``int64``; 0 where it is not late). ``percent`` is missing where it is not late.

    Raises
    ------
    ForecastError
        If the base rate of a debt is not known, the indexes differ, an amount is negative, or anything is missing.

    References
    ----------
    Late Payment of Commercial Debts (Interest) Act 1998, sections 4 to 6; Late Payment of Commercial Debts (Rate of Interest)
    (No. 3) Order 2002, SI 2002/1675.

    Examples
    --------
    >>> debt = pd.Series([100_000]), pd.Series(pd.to_datetime(["2024-01-31"]))
    >>> interest_on(*debt, "2024-03-01").iloc[0].tolist()  # 30 days at 13.25 %
    [30.0, 13.25, 1089.0, 7000.0]
    """
    known = base_rates() if rates is None else rates.sort_index()
    last = until if isinstance(until, pd.Series) else pd.Series(pd.Timestamp(until), index=due_on.index)
    _check_debts(owed_minor, due_on, last)
    due = due_on.dt.normalize()
    days = (last.dt.normalize() - due).dt.days.clip(lower=0)
    is_late = (days > 0).to_numpy()
    percent = np.full(len(due), np.nan)
    percent[is_late] = _base(due[is_late] + pd.Timedelta(days=1), known) + ABOVE_BASE
    owed = owed_minor.to_numpy(dtype=float)
    interest = np.nan_to_num(owed * percent / 100 * days.to_numpy() / _DAYS_A_YEAR)
    sizes, sums = np.array(FIXED_SUMS).T
    fixed = sums[np.searchsorted(sizes, owed, side="right") - 1]
    return pd.DataFrame(
        {
            "days": days, "percent": percent, "interest_minor": np.round(interest).astype("int64"),
            "compensation_minor": np.where(is_late & (owed > 0), fixed, 0).astype("int64"),
        },
        index=due_on.index,
    )  # fmt: skip


def _check_debts(owed_minor: pd.Series, due_on: pd.Series, until: pd.Series) -> None:
    for name, values in (("due_on", due_on), ("until", until)):
        if not values.index.equals(owed_minor.index):
            raise ForecastError(
                f"owed_minor and {name} have different indexes. Give one row a debt, in one order."
            )
    for name, values in (("owed_minor", owed_minor), ("due_on", due_on), ("until", until)):
        if values.isna().any():
            raise ForecastError(
                f"{name} is missing in {counted(int(values.isna().sum()), 'row')}. Leave these out."
            )
    if (owed_minor < 0).any():
        raise ForecastError(
            f"owed_minor is {owed_minor.min():,}: a credit bears no interest. Leave out what is below 0."
        )


def _base(starts: pd.Series, known: pd.Series) -> np.ndarray:
    """Return the base rate on the 30 June or 31 December before interest starts."""
    second = (starts.dt.month > 6).to_numpy()
    year = starts.dt.year.to_numpy()
    reference = pd.to_datetime(
        [f"{y}-06-30" if s else f"{y - 1}-12-31" for y, s in zip(year, second, strict=True)]
    )
    found = known.reindex(reference)
    if found.isna().any():
        missing = reference[found.isna().to_numpy()][0]
        raise ForecastError(
            f"the base rate of {missing:%Y-%m-%d} is not known: the rates run from {known.index.min():%Y-%m-%d} to "
            f"{known.index.max():%Y-%m-%d}. Add it to base_rates() and give the series as rates=."
        )
    return found.to_numpy(dtype=float)


def statutory_interest(ledger: Ledger, *, rates: pd.Series | None = None) -> pd.DataFrame:
    """Return what may be claimed on each overdue invoice, up to the ledger's ``as_of``.

    It is counted on what is open: interest on parts that were paid late is not in it, so it is the least that may be claimed.

    Parameters
    ----------
    ledger : Ledger
        In pounds.
    rates : pandas.Series, optional
        As in `interest_on`.

    Returns
    -------
    pandas.DataFrame
        Index ``invoice_id``, overdue invoices (by the agreed due date): ``customer_id, outstanding_minor`` and the columns of
        `interest_on`.

    Raises
    ------
    ForecastError
        If the ledger is not in pounds, or a base rate is not known.
    """
    if ledger.currency != "GBP":
        raise ForecastError(
            f"the ledger is in {ledger.currency}: the Act's fixed sums are in pounds. Use interest_on() with amounts in pence."
        )
    outstanding = pd.Series(
        SettledInvoices.from_ledger(ledger).outstanding, index=ledger.invoices["invoice_id"]
    )
    table = ledger.invoices.set_index("invoice_id")[["customer_id", "due_on"]].assign(
        outstanding_minor=outstanding
    )
    table = table[(table["outstanding_minor"] > 0) & (table["due_on"] < ledger.as_of)]
    table["customer_id"] = table["customer_id"].astype(str)
    claims = interest_on(table["outstanding_minor"], table["due_on"], ledger.as_of, rates=rates)
    return table.drop(columns="due_on").join(claims)
