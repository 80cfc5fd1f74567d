"""What became of the invoices of a past forecast, by what is known on a later day.

What cannot be known yet counts neither as right nor as wrong, *whoever pays*: an invoice is judged from the day on which it
would be known had nobody paid, so that those paid early are no sooner in than the others. Nor is anything judged where
invoices have left the export before they could be: it is the paid ones that leave, and the rest would look worse than it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets.errors import ForecastError
from payseg_widgets.features.as_known import known_by
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.customer_intervals import share_interval
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.prediction.outcome_scores import score_outcomes

#: Nothing is judged where more than this share has left the export: of the invoices, or, for weeks, of the balance.
MOST_MISSING = 0.01
_WEEK = pd.Timedelta(weeks=1)
#: What is needed of a forecast's invoices.
FORECAST_COLUMNS = (
    "customer_id",
    "outstanding_minor",
    "due_on",
    "p_late",
    "paid_q10",
    "paid_q50",
    "paid_q90",
)
WEEK_COLUMNS = ("expected_minor", "p10_minor", "p50_minor", "p90_minor")


@dataclass(frozen=True, eq=False, repr=False)
class ForecastOutcomes:
    """What became of a forecast.

    Attributes
    ----------
    invoices : pandas.DataFrame
        Index ``invoice_id``, a row each invoice that was forecast: what was told (``customer_id, outstanding_minor, due_on,
        p_late, paid_q10, paid_q50, paid_q90``); ``state`` ("paid": in full; "open"; "lost": written off or protested; "void":
        cancelled, returned or credited in full, never judged; "missing": not in the later export), ``paid_on`` (day on
        which nothing was owed any more), ``overdue_on`` (first day on which it is late, with grace), ``known_until`` (day
        up to which it is known), ``was_late`` (it could no longer be in time then: nothing was told),
        ``is_late`` and ``is_within`` (paid within the 10-90 interval), both missing while that cannot be known; the latter also
        where the interval ends beyond what can be told.
    weeks : pandas.DataFrame
        Index ``week`` (first day), the weeks of the forecast that have ended: ``expected_minor, p10_minor, p50_minor,
        p90_minor, came_minor, is_within``. The last two are missing where invoices worth over 1 % of the balance are missing
        from the later export.
    months : pandas.DataFrame
        Index ``month`` (first day) in which invoices could first be late: ``n_invoices, predicted, observed, conf_low,
        conf_high`` (share late; 95 %, customers as units).
    scores : pandas.DataFrame
        See `payseg_widgets.prediction.outcome_scores.score_outcomes`. Those of invoices are missing, and ``months`` has no row,
        where more than 1 % of the invoices have left the export before they could be judged.
    as_of, known_until : pandas.Timestamp
        Day of the forecast, and of the later ledger.
    currency : str
    """

    invoices: pd.DataFrame
    weeks: pd.DataFrame
    months: pd.DataFrame
    scores: pd.DataFrame
    as_of: pd.Timestamp
    known_until: pd.Timestamp
    currency: str

    @property
    def n_out_of_sight(self) -> int:
        """Invoices that had left the later export before they could be judged."""
        return int(_out_of_sight(self.invoices, self.known_until).sum())

    @property
    def sentence(self) -> str:
        """How right the forecast was."""
        of = f"Of {len(self.invoices):,} invoices forecast on {self.as_of:%Y-%m-%d}"
        told = told_of(self.scores)
        if self.n_out_of_sight > MOST_MISSING * len(self.invoices):
            return (
                f"{of} {self.n_out_of_sight:,} have left the export before they could be judged; those left are not like them. "
                "Read an export with settled invoices."
            )
        if not told:
            return f"{of} nothing can be judged by {self.known_until:%Y-%m-%d} yet."
        return f"{of}, by what is known on {self.known_until:%Y-%m-%d}: {told}."

    def __repr__(self) -> str:
        n = int(self.invoices["is_within"].notna().sum())
        n_weeks = len(self.weeks)
        return f"ForecastOutcomes({len(self.invoices):,} invoices, {n:,} judged, {n_weeks} weeks, as_of={self.as_of:%Y-%m-%d})"


def told_of(scores: pd.DataFrame) -> str:
    """Return scores as parts of a sentence; empty where nothing was judged."""
    value, n = scores["value"], scores["n"]
    told = []
    if n["dates_within"]:
        low, high = scores.loc["dates_within", ["conf_low", "conf_high"]]
        spread = f" (95% {low:.0%} to {high:.0%})" if pd.notna(low) else ""
        told.append(
            f"{value['dates_within']:.0%} of {n['dates_within']:,} were paid within their 10-90 interval{spread}"
        )
    if n["observed_late"]:
        told.append(
            f"{value['observed_late']:.0%} of {n['observed_late']:,} were late where {value['predicted_late']:.0%} were forecast"
        )
    if n["weeks_within"]:
        told.append(
            f"cash lay within its band in {round(value['weeks_within'] * n['weeks_within'])} of {n['weeks_within']} weeks"
        )
    return "; ".join(told)


def forecast_outcomes(forecast: PaymentForecast, later: Ledger) -> ForecastOutcomes:
    """Say what became of the invoices that were forecast, as known by ``later.as_of``.

    Cash counts in the week in which it reached a forecast invoice: part payments as they come, sums on account as the
    ledger's rule applies them, money of a written-off invoice too; a refund or a bounced payment takes from its week.
    Credit settles an invoice but is no cash. Money for invoices issued after the forecast does not count.

    Parameters
    ----------
    forecast : PaymentForecast
    later : Ledger
        The same invoices, known up to a later day: a later export, or the whole ledger of which the forecast saw a part.

    Returns
    -------
    ForecastOutcomes

    Raises
    ------
    ForecastError
        If the later ledger is not later, is in another currency, or has none of the invoices.
    """
    if later.as_of <= forecast.as_of:
        raise ForecastError(
            f"the ledger is as of {later.as_of:%Y-%m-%d}, the forecast of {forecast.as_of:%Y-%m-%d}: give a later export."
        )
    if later.currency != forecast.currency:
        raise ForecastError(
            f"the forecast is in {forecast.currency!r}, the later ledger in {later.currency!r}: give the same company's export."
        )
    facts = invoice_facts(forecast.invoices.index, later)
    if facts.empty and len(forecast.invoices):
        raise ForecastError(
            f"none of the {len(forecast.invoices):,} invoices forecast is in the later ledger: give one of the same company."
        )
    came = cash_by_week(forecast.invoices["outstanding_minor"], forecast.weeks, forecast.as_of, later)
    return judged(forecast.invoices, forecast.weeks, facts, came, forecast.as_of, later)


def judged(
    invoices: pd.DataFrame, weeks: pd.DataFrame, facts: pd.DataFrame, came: pd.Series, as_of: pd.Timestamp, later: Ledger
) -> ForecastOutcomes:  # fmt: skip
    """Put what was told beside what is known: `invoice_facts` and `cash_by_week`."""
    table = _invoices(invoices, facts, as_of)
    ended = weeks[weeks.index.isin(came.index)].assign(came_minor=came.astype("Int64"))
    is_within = (ended["p10_minor"] <= ended["came_minor"]) & (ended["came_minor"] <= ended["p90_minor"])
    ended = ended.assign(is_within=is_within.astype("boolean"))
    is_whole = _out_of_sight(table, later.as_of).sum() <= MOST_MISSING * len(table)
    telling = table if is_whole else table.iloc[:0]
    return ForecastOutcomes(
        table, ended, _months(telling), score_outcomes([telling], ended), as_of, later.as_of, later.currency
    )


def _out_of_sight(table: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    is_awaited = table["is_within"].isna() & table["paid_q90"].notna()
    vanished = (table["state"] == "open") & (table["known_until"] < day) & is_awaited
    return (table["state"] == "missing") | vanished


def invoice_facts(ids: pd.Index, later: Ledger) -> pd.DataFrame:
    """Return what a ledger knows of some invoices.

    Returns
    -------
    pandas.DataFrame
        Index ``invoice_id``, those found: ``state, paid_on, overdue_on, known_until`` as in `ForecastOutcomes.invoices`.
    """
    at = features_at_issue(later)
    place = at.frame.index.get_indexer(ids)
    found = at.take(place[place >= 0])
    is_paid = found.settled_on != NEVER
    state = np.select([~found.is_owed, is_paid, found.ended_on != NEVER], ["void", "paid", "lost"], "open")
    paid = pd.Series(
        found.settled_on.astype("datetime64[D]").astype("datetime64[s]"), index=found.frame.index
    )
    return pd.DataFrame(
        {"state": state, "paid_on": paid.where(state == "paid"),
         "overdue_on": found.overdue_on.astype("datetime64[D]").astype("datetime64[s]"), "known_until": later.as_of},
        index=found.frame.index,
    )  # fmt: skip


def cash_by_week(
    outstanding: pd.Series, weeks: pd.DataFrame, as_of: pd.Timestamp, later: Ledger
) -> pd.Series:
    """Return the cash that reached forecast invoices in each week that has ended, minor units.

    Parameters
    ----------
    outstanding : pandas.Series
        Index ``invoice_id``: what was open on the day of the forecast.
    weeks : pandas.DataFrame
        `PaymentForecast.weeks`.

    Returns
    -------
    pandas.Series of Int64
        Index ``week``; missing where invoices worth over 1 % of the balance are not in the later ledger.
    """
    starts = pd.DatetimeIndex(weeks.index[weeks.index.notna()])
    ended = starts[starts + _WEEK - pd.Timedelta(days=1) <= later.as_of]
    place = pd.Index(later.invoices["invoice_id"].astype(str)).get_indexer(outstanding.index)
    if outstanding[place < 0].sum() > MOST_MISSING * outstanding.sum():
        return pd.Series(pd.NA, index=ended, dtype="Int64")
    whole = SettledInvoices.from_ledger(later)
    is_one = np.zeros(len(later.invoices), dtype=bool)
    is_one[place[place >= 0]] = True
    days = pd.DatetimeIndex([as_of, *(ended + _WEEK - pd.Timedelta(days=1))])
    paid = [
        int(known_by(whole, day).paid[is_one[whole.issued <= day]].sum())
        for day in days.to_numpy().astype("datetime64[D]").astype(np.int32).tolist()
    ]
    return pd.Series(np.diff(paid), index=ended, dtype="Int64")


def _invoices(invoices: pd.DataFrame, facts: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    table = invoices[list(FORECAST_COLUMNS)].join(facts)
    table["state"] = table["state"].fillna("missing")
    is_judged = table["state"].isin(["paid", "open", "lost"])
    was_late = table["overdue_on"] <= as_of + pd.Timedelta(days=1)  # on the eve it can no longer be in time
    is_late = ~(table["paid_on"] < table["overdue_on"])
    low, high = table["paid_q10"], table["paid_q90"]
    is_within = (low <= table["paid_on"]) & (table["paid_on"] <= high)
    is_dated = is_judged & (
        high <= table["known_until"]
    )  # one that ends beyond what can be told is no 80 % interval
    return table.assign(
        was_late=was_late,
        is_late=is_late.astype("boolean").where(is_judged & (table["overdue_on"] <= table["known_until"])),
        is_within=is_within.astype("boolean").where(is_dated),
    )


def _months(table: pd.DataFrame) -> pd.DataFrame:
    known = table[table["is_late"].notna() & ~table["was_late"]]
    rows = []
    for month, part in known.groupby(known["overdue_on"].dt.to_period("M")):
        seen = share_interval(part["is_late"].to_numpy(dtype=bool), part["customer_id"].to_numpy())
        rows.append((month.start_time.as_unit("s"), seen.n, part["p_late"].mean(), *seen[:3]))
    names = ["month", "n_invoices", "predicted", "observed", "conf_low", "conf_high"]
    return pd.DataFrame(rows, columns=names).set_index("month")
