"""Reserves for credit losses: a provision matrix by segment and ageing bucket, learnt from what was lost of past balances.

The simplified approach of IFRS 9 provides for the loss expected over the life of each receivable. Its rate is the share of past
balances of the same segment and age that was neither paid nor credited within the horizon. Only month ends count whose
horizon had ended: of later ones it is the paid that are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets.errors import ForecastError
from payseg_widgets.features.ageing import bucket_names
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.amounts import amount
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.strategy.given import by_text_id, whole_number
from payseg_widgets.strategy.loss_rates import LossRates, loss_rates
from payseg_widgets.strategy.past_balances import PastBalances, month_ends, past_balances

#: Upper ends, in days past due: what is long open is lost far more often than what has just passed 90 days.
BUCKETS = (30, 60, 90, 180, 365)
HORIZON_DAYS = 365
#: Segment of customers without one.
NO_SEGMENT = "none"

Labels = pd.Series | Callable[[Ledger], pd.Series] | None


@dataclass(frozen=True, eq=False, repr=False)
class Reserves:
    """What is expected to be lost of the open balance.

    Attributes
    ----------
    matrix : pandas.DataFrame
        Index ``segment, bucket``. Today: ``balance_minor, provision_minor`` (``int64``). From past balances: ``rate`` (share
        lost; drawn towards all segments' where few customers tell it), ``observed`` (as it was), ``conf_low, conf_high`` (of
        ``observed``, 95 %, customers as units), ``n_balances, n_customers``. Missing where nothing was open.
    low_minor, high_minor : float
        95 % interval of the provision for what the rates do not know; what happens to these invoices scatters besides.
    notes : tuple of str
        Where a rate had to be taken from elsewhere.
    n_month_ends : int
        Learnt from.
    horizon_days : int
    as_of : pandas.Timestamp
    currency : str
    """

    matrix: pd.DataFrame
    low_minor: float
    high_minor: float
    notes: tuple[str, ...]
    n_month_ends: int
    horizon_days: int
    as_of: pd.Timestamp
    currency: str

    @property
    def balance_minor(self) -> int:
        """The open balance, minor units."""
        return int(self.matrix["balance_minor"].sum())

    @property
    def provision_minor(self) -> int:
        """What is expected to be lost of it, minor units."""
        return int(self.matrix["provision_minor"].sum())

    @property
    def by_bucket(self) -> pd.DataFrame:
        """Balance, provision and its share of the balance by age; the last row is all."""
        table = self.matrix[["balance_minor", "provision_minor"]].groupby(level="bucket", sort=False).sum()
        table.loc["all"] = table.sum()
        return table.assign(
            rate=table["provision_minor"] / table["balance_minor"].where(table["balance_minor"] > 0)
        )

    @property
    def sentence(self) -> str:
        """The provision with its interval."""
        share = self.provision_minor / self.balance_minor if self.balance_minor else 0.0
        low, high, total = (
            amount(float(value), self.currency)
            for value in (self.low_minor, self.high_minor, self.provision_minor)
        )
        return (
            f"{total} ({low} to {high}) is provided for, {share:.1%} of the open balance, by what was lost of the balances "
            f"of {self.n_month_ends} past month ends within {self.horizon_days} days."
        )

    def __repr__(self) -> str:
        return (
            f"Reserves({len(self.matrix)} cells, {self.n_month_ends} month ends, as_of={self.as_of:%Y-%m-%d})"
        )


def provisions(
    ledger: Ledger,
    labels: Labels = None,
    *,
    buckets: Sequence[int] = BUCKETS,
    horizon_days: int = HORIZON_DAYS,
) -> Reserves:
    """Provide for the losses expected of the open balance.

    Parameters
    ----------
    ledger : Ledger
    labels : pandas.Series, or callable, optional
        Segment of each customer, index ``customer_id``; a customer without one is in segment ``"none"``. Segments made of how
        customers paid know already what was lost: give a function that makes them of a ledger, and past balances take
        those of their own day. Without, there is one segment, ``"all"``.
    buckets : sequence of int
        Upper ends in days past due.
    horizon_days : int
        What is neither paid nor credited so many days later counts as lost.

    Returns
    -------
    Reserves

    Raises
    ------
    ForecastError
        If no month end lies that long before ``as_of``, or nothing was open on any; if labels name none of the customers.
    FeatureError
        If the buckets are not increasing whole numbers of days above 0.

    References
    ----------
    IFRS 9 Financial Instruments, 5.5.15 (simplified approach) and B5.5.35 (provision matrix).
    """
    names = bucket_names(buckets)
    invoices = SettledInvoices.from_ledger(ledger)
    horizon_days = whole_number("horizon_days", horizon_days, 30, error=ForecastError)
    past = _learnt_from(invoices, horizon_days)
    customer = invoices.by_customer.repeat(np.arange(invoices.n_customers))
    then, now = _labels_then(ledger, labels, past, customer, invoices), segments_of(ledger, labels, invoices)
    segments = sorted(
        {*then.tolist(), *now.tolist()}, key=lambda value: (value == NO_SEGMENT, str(type(value)), value)
    )
    place = pd.Index(segments, dtype=object)
    learnt = loss_rates(
        place.get_indexer(then), np.searchsorted((0, *buckets), past.past_due_days), customer[past.row],
        past.balance, past.lost, n_segments=len(segments), n_buckets=len(names),
    )  # fmt: skip
    rate, notes = _filled(learnt.rate, names)
    rows = np.flatnonzero(invoices.is_open)
    balance = np.zeros(rate.shape, np.int64)
    age = np.searchsorted((0, *buckets), invoices.days_past_due[rows])
    np.add.at(balance, (place.get_indexer(now)[customer[rows]], age), invoices.outstanding[rows])
    half, total = learnt.total_deviation(balance), float((rate * balance).sum())
    return Reserves(
        _matrix(segments, names, balance, rate, learnt), max(total - half, 0.0), min(total + half, float(balance.sum())),
        notes, len(np.unique(past.day)), horizon_days, ledger.as_of, ledger.currency,
    )  # fmt: skip


def _learnt_from(invoices: SettledInvoices, horizon_days: int) -> PastBalances:
    days = month_ends(invoices, until=invoices.as_of - horizon_days)
    past = past_balances(invoices, days, horizon_days=horizon_days)
    if not len(past.row):
        raise ForecastError(
            f"no balance was open on a month end {horizon_days} days or more before the ledger's last day: nothing tells what is "
            "lost. Read a longer ledger, or shorten horizon_days."
        )
    return past


def segments_of(ledger: Ledger, labels: Labels, invoices: SettledInvoices) -> np.ndarray:
    """Return the segment of each customer of the invoices, by what is known in the ledger: see `provisions`."""
    if labels is None:
        return np.full(invoices.n_customers, "all", dtype=object)
    found = labels(ledger) if callable(labels) else labels
    if not isinstance(found, pd.Series):
        raise ForecastError(
            f"labels is a {type(found).__name__}: give a series with customers' ids as index."
        )
    found = by_text_id(found)
    if not found.index.is_unique:
        raise ForecastError("labels names a customer twice: give one segment for each customer.")
    ids = invoices.customer_ids.astype(str)
    is_early = callable(labels) and not len(found)  # nobody had a segment yet
    place = found.index.get_indexer(pd.Index(ids))
    if len(ids) and not is_early and not (place >= 0).any():
        raise ForecastError(
            f"labels names {counted(len(found), 'customer')}, and none of the ledger's. Give a series with their ids as index."
        )
    of = found.to_numpy(dtype=object)[place] if len(found) else np.full(len(ids), None, dtype=object)
    return np.where((place < 0) | pd.isna(of), NO_SEGMENT, of)


def _labels_then(
    ledger: Ledger, labels: Labels, past: PastBalances, customer: np.ndarray, invoices: SettledInvoices
) -> np.ndarray:
    """Return the segment of each past balance: of its own day where segments can be made of a ledger."""
    if not callable(labels):
        return segments_of(ledger, labels, invoices)[customer[past.row]]
    found = np.empty(len(past.row), dtype=object)
    for day in np.unique(past.day):
        rows = past.day == day
        then = segments_of(ledger.until(pd.Timestamp(int(day), unit="D")), labels, invoices)
        found[rows] = then[customer[past.row[rows]]]
    return found


def _filled(rate: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Give an age that was never open the rate of the next one that was: a younger one, where there is any."""
    rate, notes = rate.copy(), []
    known = np.flatnonzero(~np.isnan(rate[0])).tolist()
    for b in np.flatnonzero(np.isnan(rate[0])).tolist():
        before = [k for k in known if k < b]
        source = before[-1] if before else known[0]
        rate[:, b] = rate[:, source]
        notes.append(
            f"No balance of age {names[b]} was open long enough ago: it takes the rate of {names[source]}."
        )
    return rate, tuple(notes)


def _matrix(
    segments: list[object], names: Sequence[str], balance: np.ndarray, rate: np.ndarray, learnt: LossRates
) -> pd.DataFrame:
    columns = {
        "balance_minor": balance, "provision_minor": np.round(rate * balance).astype(np.int64), "rate": rate,
        "observed": learnt.observed, "conf_low": learnt.conf_low, "conf_high": learnt.conf_high,
        "n_balances": learnt.n_balances, "n_customers": learnt.n_customers,
    }  # fmt: skip
    index = pd.MultiIndex.from_product([segments, names], names=["segment", "bucket"])
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)
