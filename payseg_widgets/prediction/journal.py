"""Past forecasts and what became of them, in one file that outlives the process and the export.

Each forecast is written in one transaction: whoever is killed loses the one being written and nothing else. Several
processes may share a file. What became of an invoice is kept too, so that it stays known when the invoice has left the
export.

The file is the user's own and as confidential as the ledger: it holds invoice ids, customer ids and amounts, and no names.
It is readable by its owner alone. A pseudonymised ledger leaves pseudonyms in it.
"""

from __future__ import annotations

import hashlib
import json
import time
from datetime import date
from importlib import metadata
from pathlib import Path
from types import TracebackType

import pandas as pd

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.days import day_of
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.drift import LOOK_DAYS, Drift, find_drift
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.prediction.journal_file import JournalFile
from payseg_widgets.prediction.outcome_scores import SCORES
from payseg_widgets.prediction.outcomes import (
    FORECAST_COLUMNS,
    MOST_MISSING,
    WEEK_COLUMNS,
    ForecastOutcomes,
    cash_by_week,
    invoice_facts,
    judged,
)

#: What scores were judged on, and the score that tells it.
_COUNTS = {"n_dates": "dates_within", "n_late": "observed_late", "n_weeks": "weeks_within"}
_LOOKED_AT = ["customer_id", "p_late", "is_late", "overdue_on", "as_of"]


class ForecastJournal:
    """Past forecasts in a file, with what became of them.

    Parameters
    ----------
    path : path
        Made where it does not exist, readable by its owner alone. It will hold invoice and customer ids and amounts.

    Raises
    ------
    ForecastError
        If the file is none of ours, or of a later version.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, ForecastJournal(f"{folder}/forecasts.sqlite") as journal:
    ...     journal
    ForecastJournal(forecasts=0)
    """

    def __init__(self, path: str | Path) -> None:
        self._file = JournalFile(path)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> ForecastJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record(self, forecast: PaymentForecast, *, ledger: Ledger | None = None) -> int:
        """Keep a forecast; the same one again changes nothing.

        Parameters
        ----------
        forecast : PaymentForecast
        ledger : Ledger, optional
            What it was made from: a hash of its provenance is kept, so that one can tell later which export it was.

        Returns
        -------
        int
            Its number in the journal.
        """
        invoices, weeks = forecast.invoices[list(FORECAST_COLUMNS)], forecast.weeks[list(WEEK_COLUMNS)]
        weeks = weeks[weeks.index.notna()]
        about = {
            "contents": _contents(forecast, invoices, weeks), "as_of": f"{forecast.as_of:%Y-%m-%d}",
            "currency": forecast.currency, "n_invoices": len(invoices), "balance_minor": forecast.balance_minor,
            "common": forecast.dependence.common, "own": forecast.dependence.own, "model": _model(forecast),
            "ledger": None if ledger is None else _hash(json.dumps(dict(ledger.provenance), sort_keys=True, default=str)),
            "recorded_at": time.time(),
        }  # fmt: skip
        return self._file.add(about, invoices, weeks)

    @property
    def forecasts(self) -> pd.DataFrame:
        """What is kept, a row a forecast in the order of their days.

        Index ``forecast`` (its number): ``as_of, currency, n_invoices, balance_minor, common, own`` (`Dependence`), ``model``
        and ``ledger`` (hashes of what it was made with and of the ledger's provenance, missing where that was not given),
        ``recorded_at`` (UTC).
        """
        table = self._file.forecasts().drop(columns="contents")
        moment = pd.to_datetime(table["recorded_at"].astype(float), unit="s").astype("datetime64[s]")
        return table.assign(recorded_at=moment)

    def outcomes(self, later: Ledger) -> dict[int, ForecastOutcomes]:
        """Return what became of each forecast, by its number; forecasts of ``later.as_of`` or after are left out.

        What the ledger knows is written down. What it no longer has is taken from what was written before, as far as that
        was known by ``later.as_of``: an invoice that was paid stays paid, one that was open is known up to the day it was
        last seen.

        Parameters
        ----------
        later : Ledger

        Returns
        -------
        dict of int to ForecastOutcomes

        Raises
        ------
        ForecastError
            If a forecast is in another currency.
        """
        past = self.forecasts
        past = past[past["as_of"] < later.as_of]
        for currency in set(past["currency"]) - {later.currency}:
            raise ForecastError(
                f"the journal has forecasts in {currency!r}, the ledger is in {later.currency!r}: keep a journal for each."
            )
        told = {int(number): self._file.told(int(number)) for number in past.index}
        ids = pd.Index(
            sorted({name for invoices, _ in told.values() for name in invoices.index}), dtype="str"
        )
        facts = self._facts(ids, later)
        found = {}
        for (number, (invoices, weeks)), as_of in zip(told.items(), past["as_of"], strict=True):
            came = cash_by_week(invoices["outstanding_minor"], weeks, as_of, later)
            self._file.write_came(number, came.dropna())
            came = came.fillna(weeks["came_minor"])
            found[number] = judged(invoices, weeks[list(WEEK_COLUMNS)], facts, came, as_of, later)
        return found

    def _facts(self, ids: pd.Index, later: Ledger) -> pd.DataFrame:
        """Write down what is known of invoices now; add what was known of those no longer there."""
        now = invoice_facts(ids, later)
        self._file.write_facts(now)
        then = self._file.facts(later.as_of)
        gone = then[~then.index.isin(now.index)]
        if gone.empty:
            return now
        is_open = gone["state"] == "open"
        return pd.concat([now, gone.assign(known_until=gone["known_until"].where(is_open, later.as_of))])

    def score(self, later: Ledger) -> pd.DataFrame:
        """Return a row a forecast: its scores by what is known now; see `outcomes`.

        Parameters
        ----------
        later : Ledger

        Returns
        -------
        pandas.DataFrame
            Index ``forecast``: ``as_of, n_invoices``, the value of each of the scores (`ForecastOutcomes.scores`), ``n_dates,
            n_late, n_weeks`` (what they were judged on). Scores are missing where nothing can be judged yet.
        """
        rows = {
            number: [*one.scores["value"], *one.scores["n"].loc[list(_COUNTS.values())]]
            for number, one in self.outcomes(later).items()
        }
        scored = pd.DataFrame.from_dict(rows, orient="index", columns=[*SCORES, *_COUNTS])
        told = self.forecasts[["as_of", "n_invoices"]].join(scored)
        kinds = {**dict.fromkeys(SCORES, float), **dict.fromkeys(_COUNTS, int)}
        return told.fillna(dict.fromkeys(_COUNTS, 0)).astype(kinds)

    def drift(
        self, later: Ledger, *, since: str | date | pd.Timestamp | None = None, level: float = 0.05
    ) -> Drift:
        """Ask whether forecasts still hold; see `payseg_widgets.prediction.drift` for the rule.

        Parameters
        ----------
        later : Ledger
        since : date, optional
            Leave out forecasts of days before it, such as those of a model that has been replaced.
        level : float
            Chance of a false alarm, ever, while nothing changes.

        Returns
        -------
        Drift
            Of several forecasts of a day, the one recorded last counts. One is left out when over 1 % of the invoices that it
            answers for left the export before they could be late.
        """
        past = self.forecasts.drop_duplicates("as_of", keep="last")
        if since is not None:
            past = past[past["as_of"] >= day_of(since, "since")]
        found = self.outcomes(later)
        longest = past["as_of"] + pd.Timedelta(days=LOOK_DAYS)
        ends = past["as_of"].shift(-1).fillna(longest).clip(upper=longest)
        looks = [_look(found[int(str(number))], end) for number, end in ends[ends <= later.as_of].items()]
        known = [look for look in looks if look["is_late"].isna().mean() <= MOST_MISSING]
        every = pd.concat(known) if known else pd.DataFrame(columns=_LOOKED_AT)
        return find_drift(every.dropna(subset="is_late"), past.set_index("as_of")["common"], level=level)

    def __repr__(self) -> str:
        return f"ForecastJournal(forecasts={len(self._file.forecasts())})"


def _look(one: ForecastOutcomes, end: pd.Timestamp) -> pd.DataFrame:
    """Return the invoices that a forecast answers for up to a day; ``is_late`` is missing where that is not known."""
    table = one.invoices[one.invoices["state"] != "void"]
    on = table["overdue_on"].fillna(
        table["due_on"] + pd.Timedelta(days=1)
    )  # of those missing, as far as can be told
    return table.assign(overdue_on=on, as_of=one.as_of).loc[(on > one.as_of) & (on <= end), _LOOKED_AT]


def _contents(forecast: PaymentForecast, *tables: pd.DataFrame) -> str:
    """Return a hash of what was told; trees on other processors may differ in the last digits."""
    told = [
        f"{forecast.as_of:%Y-%m-%d}",
        forecast.currency,
        *(table.to_csv(float_format="%.6f") for table in tables),
    ]
    return _hash("\n".join(told))


def _model(forecast: PaymentForecast) -> str:
    """Return a hash of what the forecast was made with."""
    hazards = forecast.dates.hazards
    versions = [metadata.version(name) for name in ("payseg-widgets", "scikit-learn")]
    return _hash(f"{versions} {hazards} {forecast.dates.n_fitted} {forecast.dependence}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
