"""Forecasters on the same invoices: fitted on what was known by a day, judged on what was issued after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import Cancelled, ForecastError, UnknownNameError
from payseg_widgets.ledger.days import day_of
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.at_issue import AtIssue, features_at_issue
from payseg_widgets.prediction.balance import balanced
from payseg_widgets.prediction.curves import by_month
from payseg_widgets.prediction.customer_intervals import interval_in_words
from payseg_widgets.prediction.forecaster import FORECASTERS, Fit, Forecaster, missing
from payseg_widgets.prediction.scores import auc_interval, gains, scores
from payseg_widgets.prediction.sentinel import check_columns

#: Fewer late ones, or ones in time, teach nothing.
_FEWEST = 20
#: Without them nothing can be told of the others.
_N_BASELINES = 2


@dataclass(frozen=True, eq=False, repr=False)
class ForecastComparison:
    """What each forecaster is worth on later invoices.

    Attributes
    ----------
    table : pandas.DataFrame
        Index forecaster: ``label, auc, auc_low, auc_high`` (customers as units), ``average_precision, brier, log_loss,
        calibration_slope, mean_ratio``, and ``auc_known, auc_new`` (customers with and without an invoice before whose
        outcome was known), ``skill`` (Brier skill beside own history: the share of its error that is gone), ``gain`` (Brier
        score of own history less that of the forecaster), ``gain_low, gain_high`` (with customers as units; all of them hold
        together in 95 % of ledgers).
    probabilities : pandas.DataFrame
        Index ``invoice_id`` of the later invoices, a column a forecaster; with ``is_late``, ``issued_on`` and
        ``customer_id``.
    split_on : pandas.Timestamp
        Day by which facts were known to the fits.
    n_fitted, n_judged : int
    not_installed : tuple of str
        Forecasters left out since what they need is not installed.
    """

    table: pd.DataFrame
    probabilities: pd.DataFrame
    split_on: pd.Timestamp
    n_fitted: int
    n_judged: int
    not_installed: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Which to use, and what it gains over the customer's own history."""
        row: Any = self.table.loc[str(self.table["brier"].idxmin())]
        said = (
            f"On {self.n_judged:,} invoices issued after {self.split_on:%Y-%m-%d} {_verdict(row, self.table)}"
        )
        if self.not_installed:
            said += (
                f" Left out, since not installed: {', '.join(FORECASTERS[name].label for name in self.not_installed)} (extra "
                "'forecasters')."
            )
        return said

    def months(self, name: str) -> pd.DataFrame:
        """Return what a forecaster predicted and what came, by month of issue.

        Parameters
        ----------
        name : str
            A forecaster of ``table``.

        Returns
        -------
        pandas.DataFrame
            See `payseg_widgets.prediction.curves.by_month`: a month ``is_drifting`` where what was predicted lies outside the
            interval of what came.

        Raises
        ------
        UnknownNameError
            If the forecaster was not compared.
        """
        if name not in self.table.index:
            raise UnknownNameError(f"{name!r} was not compared. {did_you_mean(name, self.table.index)}")
        told = self.probabilities
        return by_month(
            told[name].to_numpy(),
            told["is_late"].to_numpy(),
            told["issued_on"],
            told["customer_id"].to_numpy(),
        )

    def __repr__(self) -> str:
        return f"ForecastComparison({len(self.table)} forecasters, {self.n_judged:,} invoices judged)"


def compare_forecasters(
    invoices: Ledger | AtIssue,
    names: Sequence[str] | None = None,
    *,
    split_on: str | pd.Timestamp | None = None,
    gap_days: int = 0,
    extra: pd.DataFrame | None = None,
    leaks: bool = False,
    balance: str = "none",
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> ForecastComparison:
    """Fit forecasters on what was known by a day and judge them on invoices issued later.

    A fit sees the invoices issued by ``split_on`` of which it was known by then whether they were late, whoever pays: that is
    what it would have had on that day.

    Parameters
    ----------
    invoices : Ledger or AtIssue
    names : sequence of str, optional
        Forecasters; all that are installed where not given. The baselines always take part.
    split_on : date, optional
        By default the day by which 80 % of the invoices were issued.
    gap_days : int
        Invoices issued within so many days after it are left out of the judgement.
    extra : pandas.DataFrame, optional
        Further features, index ``invoice_id``; of what was known at issue: `check_columns` is asked. Infinite ones are missing.
    leaks : bool
        Whether columns of ``extra`` that know the future are let in, to show what they pretend.
    balance : {"none", "weights", "smote"}
        Whether late invoices are made to count as much as those in time, in the fit alone and not for baselines. It harms the
        chances that are told: see `balance_harm`.
    seed : int
    progress, cancel : optional
        As in `segment`.

    Returns
    -------
    ForecastComparison

    Raises
    ------
    ForecastError
        If there are too few invoices before or after the day, or ``extra`` cannot be used.
    UnknownNameError
        If there is no such forecaster or ``balance``.
    MissingDependencyError
        If something that was asked for is not installed.
    Cancelled
        If ``cancel`` was set; ``finished`` is the comparison of the forecasters done, ``None`` before the baselines are.
    """
    if gap_days < 0:
        raise ForecastError(
            f"gap_days={gap_days!r}: give 0 days or more, or invoices fitted on would be judged."
        )
    chosen, not_installed = _chosen([names] if isinstance(names, str) else names)
    fits = {name: _fit_of(FORECASTERS[name], balance) for name in chosen}
    at = invoices if isinstance(invoices, AtIssue) else features_at_issue(invoices)
    day = _split_day(at, split_on)
    extra = None if extra is None else _checked(extra, at, leaks=leaks)
    fitted, judged = _parts(at, day, gap_days)
    frames = [part.frame if extra is None else part.frame.join(extra) for part in (fitted, judged)]
    told: dict[str, np.ndarray] = {}

    def finished() -> ForecastComparison:
        probabilities = pd.DataFrame(told, index=judged.frame.index)
        issued_on = judged.issued.astype("datetime64[D]").astype("datetime64[s]")
        return ForecastComparison(
            _table(probabilities, judged),
            probabilities.assign(is_late=judged.is_late, issued_on=issued_on, customer_id=judged.customer_id),
            _date(day), len(fitted), len(judged), not_installed,
        )  # fmt: skip

    for done, name in enumerate(chosen):
        if cancel is not None and cancel.is_set():
            stopped = f"compare_forecasters() was stopped after {done} of {len(chosen)} forecasters."
            raise Cancelled(stopped, finished() if done >= _N_BASELINES else None)
        if progress is not None:
            progress(FORECASTERS[name].label, done, len(chosen))
        told[name] = fits[name](frames[0], fitted.is_late, seed)(frames[1])
    return finished()


def _chosen(names: Sequence[str] | None) -> tuple[list[str], tuple[str, ...]]:
    """Return the forecasters to fit, baselines first, and those left out since something is not installed."""
    if names is None:
        not_installed = tuple(name for name, one in FORECASTERS.items() if not one.is_installed)
        return _baselines_first(name for name in FORECASTERS if name not in not_installed), not_installed
    for name in names:
        one = FORECASTERS[name]  # says which there are
        if not one.is_installed:
            raise missing(f"the forecaster {name!r}", one.needs)
    return _baselines_first(name for name, one in FORECASTERS.items() if name in names or one.is_baseline), ()


def _baselines_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: not FORECASTERS[name].is_baseline)


def _fit_of(one: Forecaster, balance: str) -> Fit:
    return one.fit if one.is_baseline else balanced(one.fit, balance)


def _parts(at: AtIssue, day: int, gap_days: int) -> tuple[AtIssue, AtIssue]:
    """Return the invoices to fit, as known by the day, and those to judge."""
    then = at.known_by(day)
    fitted, judged = then.take(then.is_mature), at.take(at.is_mature & (at.issued > day + gap_days))
    for part, what in ((fitted, "before"), (judged, "after")):
        n_late = int(part.is_late.sum())
        n_timely = len(part) - n_late
        if min(n_late, n_timely) < _FEWEST:
            raise ForecastError(
                f"{what} {_date(day):%Y-%m-%d} there are {n_late} late invoices and {n_timely} in time; {_FEWEST} of each are "
                "needed. Give another split_on, or a longer ledger."
            )
    return fitted, judged


def _split_day(at: AtIssue, split_on: str | pd.Timestamp | None) -> int:
    if split_on is None:
        return int(np.quantile(at.issued, 0.8, method="lower"))
    return int(np.datetime64(day_of(split_on, "split_on"), "D").astype(np.int64))


def _date(day: int) -> pd.Timestamp:
    return pd.Timestamp(day, unit="D")


def _checked(extra: pd.DataFrame, at: AtIssue, *, leaks: bool) -> pd.DataFrame:
    """Return further features by invoice, or refuse what are no figures, or know the future."""
    wrong = [str(name) for name in extra if not pd.api.types.is_numeric_dtype(extra[name])]
    if wrong:
        raise ForecastError(
            f"extra has columns that are no figures: {', '.join(wrong)}. Encode them first: pandas.get_dummies."
        )
    there = [str(name) for name in extra if name in at.frame]
    if there:
        raise ForecastError(f"extra has columns that are features already: {', '.join(there)}. Rename them.")
    report = check_columns(extra, at)  # refuses an index that is none
    refused = report.table[report.table["is_refused"]]
    if len(refused) and not leaks:
        name = str(refused.index[0])
        raise ForecastError(
            f"the column {name!r} of extra knows the future: {refused['reason'].iloc[0]} Leave it out, or give leaks=True to see "
            "what it would pretend."
        )
    figures = extra.set_axis(extra.index.astype(str)).reindex(at.frame.index).astype(float)
    return figures.replace([np.inf, -np.inf], np.nan)


def _table(probabilities: pd.DataFrame, judged: AtIssue) -> pd.DataFrame:
    is_new = judged.frame["n_known"].to_numpy() == 0
    rows = []
    for name in probabilities:
        p = probabilities[name].to_numpy()
        low, high = auc_interval(p, judged.is_late, judged.customer_id)
        parts = {
            f"auc_{which}": scores(p[flags], judged.is_late[flags])["auc"] if flags.any() else np.nan
            for which, flags in (("known", ~is_new), ("new", is_new))
        }
        of = FORECASTERS[str(name)]
        rows.append(
            {"forecaster": name, "label": of.label, "is_baseline": of.is_baseline, **scores(p, judged.is_late),
             "auc_low": low, "auc_high": high, **parts}
        )  # fmt: skip
    table = pd.DataFrame(rows).set_index("forecaster")
    table = table.join(gains(probabilities, judged.is_late, judged.customer_id, "own_history"))
    table["skill"] = 1 - table["brier"] / float(table["brier"]["own_history"])
    return table.sort_values("brier", kind="stable")


def _verdict(row: Any, table: pd.DataFrame) -> str:
    """Say what the forecaster of the lowest Brier score is worth, as the end of "On so many invoices ..."."""
    if bool(row["is_baseline"]):
        return f"no model is better than the baseline “{row['label']}”: use that."
    if not row["gain_low"] > 0:
        return (
            f"no model can be shown better than the customer's own history: {_named(row['label'])} comes closest, its Brier "
            f"score lower by {row['gain']:.4f} ({interval_in_words(row['gain_low'], row['gain_high'])})."
        )
    interval = interval_in_words(row["auc_low"], row["auc_high"], ".3f")
    return (
        f"{_named(row['label'])} is best: {row['skill']:.0%} less error (Brier) than the customer's own history; "
        f"AUC {row['auc']:.3f} ({interval}) beside {table['auc']['own_history']:.3f}."
    )


def _named(label: str) -> str:
    """Return a label within a sentence; names of libraries keep their capitals."""
    return label if label[1:] != label[1:].lower() else label.lower()
