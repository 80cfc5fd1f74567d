"""Forecasters on the same invoices: fitted on what was known by a day, judged on what was issued after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.errors import Cancelled, ForecastError
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.at_issue import AtIssue, features_at_issue
from payseg_widgets.prediction.forecaster import FORECASTERS
from payseg_widgets.prediction.scores import auc_interval, scores

#: Fewer late ones, or ones in time, teach nothing.
_FEWEST = 20


@dataclass(frozen=True, eq=False, repr=False)
class ForecastComparison:
    """What each forecaster is worth on later invoices.

    Attributes
    ----------
    table : pandas.DataFrame
        Index forecaster: ``label, auc, auc_low, auc_high`` (customers as units), ``average_precision, brier, log_loss,
        calibration_slope, mean_ratio``, and ``auc_known, auc_new`` (customers with and without an invoice before whose
        outcome was known), ``skill`` (Brier skill beside own history: the share of its error that is gone).
    probabilities : pandas.DataFrame
        Index ``invoice_id`` of the later invoices, a column a forecaster; with ``is_late`` and ``issued_on``.
    split_on : pandas.Timestamp
        Day by which facts were known to the fits.
    n_fitted, n_judged : int
    """

    table: pd.DataFrame
    probabilities: pd.DataFrame
    split_on: pd.Timestamp
    n_fitted: int
    n_judged: int

    @property
    def sentence(self) -> str:
        """Which to use, and what it gains over the customer's own history."""
        row: Any = self.table.loc[str(self.table["brier"].idxmin())]
        of = f"{self.n_judged:,} invoices issued after {self.split_on:%Y-%m-%d}"
        if bool(row["is_baseline"]):
            return f"On {of} no model is better than the baseline “{row['label']}”: use that."
        own = float(self.table["auc"]["own_history"])
        return (
            f"On {of} {row['label'].lower()} is best: {row['skill']:.0%} less error (Brier) than the customer's own history; "
            f"AUC {row['auc']:.3f} (95% {row['auc_low']:.3f} to {row['auc_high']:.3f}) beside {own:.3f}."
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
        Forecasters; all of them where not given. The baselines always take part.
    split_on : date, optional
        By default the day by which 80 % of the invoices were issued.
    gap_days : int
        Invoices issued within so many days after it are left out of the judgement.
    extra : pandas.DataFrame, optional
        Further features, index ``invoice_id``; of what was known at issue.
    seed : int
    progress, cancel : optional
        As in `segment`.

    Returns
    -------
    ForecastComparison

    Raises
    ------
    ForecastError
        If there are too few invoices before or after the day.
    Cancelled
        If ``cancel`` was set.
    """
    at = invoices if isinstance(invoices, AtIssue) else features_at_issue(invoices)
    day = _split_day(at, split_on)
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
    frames = [_with(part, extra) for part in (fitted, judged)]
    chosen = [name for name in FORECASTERS if names is None or name in names or FORECASTERS[name].is_baseline]
    unknown = [name for name in names or () if name not in FORECASTERS]
    if unknown:
        FORECASTERS[unknown[0]]  # says which there are
    told = {}
    for done, name in enumerate(chosen):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"compare_forecasters() was stopped after {done} of {len(chosen)} forecasters.")
        if progress is not None:
            progress(FORECASTERS[name].label, done, len(chosen))
        told[name] = FORECASTERS[name].fit(frames[0], fitted.is_late, seed)(frames[1])
    probabilities = pd.DataFrame(told, index=judged.frame.index)
    return ForecastComparison(
        _table(probabilities, judged),
        probabilities.assign(customer_id=judged.customer_id, is_late=judged.is_late,
            issued_on=judged.issued.astype("datetime64[D]").astype("datetime64[s]")),
        _date(day), len(fitted), len(judged),
    )  # fmt: skip


def _split_day(at: AtIssue, split_on: str | pd.Timestamp | None) -> int:
    if split_on is None:
        return int(np.quantile(at.issued, 0.8, method="lower"))
    return int(np.datetime64(pd.Timestamp(split_on), "D").astype(np.int64))


def _date(day: int) -> pd.Timestamp:
    return pd.Timestamp(day, unit="D")


def _with(part: AtIssue, extra: pd.DataFrame | None) -> pd.DataFrame:
    """Join further features, which must be figures."""
    if extra is None:
        return part.frame
    further = extra.reindex(part.frame.index)
    wrong = [str(name) for name in further if not pd.api.types.is_numeric_dtype(further[name])]
    if wrong:
        raise ForecastError(
            f"extra has columns that are no figures: {', '.join(wrong)}. Encode them first: pandas.get_dummies."
        )
    return part.frame.join(further.astype(float))


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
    errors = probabilities.sub(judged.is_late.astype(float), axis=0) ** 2
    less = errors.rsub(errors["own_history"], axis=0)
    half = 2 * less.std() / len(less) ** 0.5
    table["gain"], table["gain_low"], table["gain_high"] = less.mean(), less.mean() - half, less.mean() + half
    table["skill"] = 1 - table["brier"] / float(table["brier"]["own_history"])
    return table.sort_values("brier", kind="stable")
