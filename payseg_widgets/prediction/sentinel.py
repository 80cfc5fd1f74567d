"""Columns of one's own that know the future: looked for before any model may use them.

A column of an export is as it is today, not as it was when the invoice was issued. These marks give away one that was filled
in later: it is there for settled invoices and missing for open ones of the same weeks; it tells open from settled; it all but
tells late from in time; it moves with the days that settlement took; one of its values means late and nothing else. And, where
an older export is at hand: it changed when the invoice was settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.settle import NEVER
from payseg_widgets.prediction.at_issue import AtIssue

#: Share by which open invoices lack a value more often than settled ones of the same weeks.
_LACKS = 0.5
#: Area under the ROC curve above which a single column tells too well; honest histories reach about 0.9.
_TELLS = 0.95
#: Rank correlation with the days to settlement among invoices of the same terms.
_MOVES = 0.9
#: A value of which all but so few invoices are late (or in time), though the same customers' others are not.
_PURE, _FEWEST_PURE, _FEWEST_CUSTOMERS = 0.005, 30, 10
#: Share of values that changed with settlement, beyond those that changed anyway.
_CHANGED = 0.1
_FEWEST_OPEN, _FEWEST_SAME_TERMS, _WEEK, _BINS, _FOLDS = 10, 30, 7, 20, 5


@dataclass(frozen=True, eq=False, repr=False)
class LeakReport:
    """What each column gives away.

    Attributes
    ----------
    table : pandas.DataFrame
        Index column: ``is_refused`` and ``reason``, a sentence, empty where nothing was found.
    """

    table: pd.DataFrame

    @property
    def kept(self) -> list[str]:
        """Columns that nothing was found against."""
        return self.table.index[~self.table["is_refused"]].tolist()

    def __repr__(self) -> str:
        return f"LeakReport({int(self.table['is_refused'].sum())} of {len(self.table)} columns refused)"


def check_columns(
    columns: pd.DataFrame, invoices: AtIssue, *, earlier: pd.DataFrame | None = None
) -> LeakReport:
    """Look for columns that could only be known after payment.

    Parameters
    ----------
    columns : pandas.DataFrame
        Index ``invoice_id``; figures, texts, flags or dates, as exported.
    invoices : AtIssue
        Of the same export.
    earlier : pandas.DataFrame, optional
        The same columns in an older export.

    Returns
    -------
    LeakReport
        A column that passes is not proven honest: one filled in later for every invoice alike, with what only hints at payment,
        looks like any other.

    Raises
    ------
    ForecastError
        If ``columns`` has none of the invoices, or one twice.
    """
    if columns.index.has_duplicates:
        twice = columns.index[columns.index.duplicated()][0]
        raise ForecastError(
            f"invoice {str(twice)[:40]!r} stands more than once in columns. Keep one row for each invoice_id."
        )
    there = columns.index.astype(str).isin(invoices.frame.index)
    if not there.any():
        raise ForecastError("none of the ledger's invoices is in columns; its index must be invoice_id.")
    aligned = columns.set_axis(columns.index.astype(str)).reindex(invoices.frame.index)
    before = (
        None if earlier is None else earlier.set_axis(earlier.index.astype(str)).reindex(invoices.frame.index)
    )
    rows = []
    for name in columns.columns:
        reason = next(
            _reasons(aligned[name], invoices, None if before is None or name not in before else before[name]),
            "",
        )
        rows.append((str(name), bool(reason), reason))
    return LeakReport(pd.DataFrame(rows, columns=["column", "is_refused", "reason"]).set_index("column"))


def _reasons(values: pd.Series, at: AtIssue, before: pd.Series | None) -> Iterator[str]:
    """Yield what is found against a column, the plainest first."""
    figures, is_missing = _as_figures(values, at), values.isna().to_numpy()
    settled = at.is_owed & (at.settled_on != NEVER)
    lacks = _difference(is_missing, at.is_open, settled, at.issued)
    if lacks >= _LACKS:
        yield (
            f"It is missing for {lacks:.0%} more of the open invoices than of the settled ones of the same weeks: it is filled "
            "in at settlement."
        )
    if is_missing.all():
        return
    told = _auc_within_weeks(figures, at.is_open, settled, at)
    if told >= _TELLS:
        yield f"It tells open invoices from settled ones of the same weeks (AUC {told:.2f}): it changes at settlement."
    mature = np.flatnonzero(at.is_mature)
    separates = _auc(figures[mature], at.is_late[mature], at.customer_id[mature])
    if separates >= _TELLS:
        yield f"By itself it tells late from in time (AUC {separates:.2f}): nothing known at issue does."
    moves = _moves_with_settlement(values, figures, at, settled)
    if moves >= _MOVES:
        yield f"It moves with the days to settlement (rank correlation {moves:.2f} among invoices of the same terms)."
    pure = _pure_value(figures[mature], at.is_late[mature], at.customer_id[mature])
    if pure:
        yield pure
    if before is not None:
        yield from _changed(values, before, at, settled)


def _as_figures(values: pd.Series, at: AtIssue) -> np.ndarray:
    """Dates as days from issue, texts as codes of their kinds, missing values as a kind of their own (NaN)."""
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.dt.tz_localize(None) if values.dt.tz is not None else values
        since = (
            days - pd.Series(at.issued.astype("datetime64[D]").astype("datetime64[s]"), values.index)
        ).dt.days
        return since.to_numpy(dtype=float)
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    codes, _ = pd.factorize(values.astype("object"))
    return np.where(codes < 0, np.nan, codes.astype(float))


def _difference(flags: np.ndarray, is_open: np.ndarray, settled: np.ndarray, issued: np.ndarray) -> float:
    """How much larger the share of flags is among open invoices than among settled ones issued in the same week."""
    total = n = 0.0
    for of_open, of_settled in _weeks(is_open, settled, issued):
        weight = min(len(of_open), len(of_settled))
        total += weight * (flags[of_open].mean() - flags[of_settled].mean())
        n += weight
    return total / n if n >= _FEWEST_OPEN else 0.0


def _weeks(
    is_open: np.ndarray, settled: np.ndarray, issued: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the open and the settled invoices of each week that has both."""
    week = issued // _WEEK
    for each in np.unique(week[is_open]):
        same = week == each
        of_open, of_settled = np.flatnonzero(same & is_open), np.flatnonzero(same & settled)
        if len(of_open) and len(of_settled):
            yield of_open, of_settled


def _auc_within_weeks(figures: np.ndarray, is_open: np.ndarray, settled: np.ndarray, at: AtIssue) -> float:
    """How well the column tells open from settled, among invoices of the same weeks."""
    chosen, sampled = [], 0
    for of_open, of_settled in _weeks(is_open, settled, at.issued):
        k = min(len(of_open), len(of_settled))
        chosen += [of_open[:k], of_settled[:k]]
        sampled += k
    if sampled < _FEWEST_OPEN:
        return 0.5
    rows = np.concatenate(chosen)
    return _auc(figures[rows], is_open[rows], at.customer_id[rows])


def _auc(figures: np.ndarray, flags: np.ndarray, groups: np.ndarray) -> float:
    """Area under the ROC curve of the share of flags among like values, learnt from other customers."""
    n_customers = len(np.unique(groups))
    if n_customers < _FOLDS or min(flags.sum(), (~flags).sum()) < _FEWEST_OPEN:
        return 0.5
    bins = _binned(figures)
    p = np.empty(len(flags))
    base = flags.mean()
    for train, test in GroupKFold(_FOLDS).split(bins, groups=groups):
        n = np.bincount(bins[train], minlength=bins.max() + 1)
        k = np.bincount(bins[train], weights=flags[train], minlength=bins.max() + 1)
        p[test] = ((k + base) / (n + 1))[bins[test]]
    return float(roc_auc_score(flags, p))


def _binned(figures: np.ndarray) -> np.ndarray:
    """Values of few kinds as they are, others in bins of as many invoices; missing ones in a bin of their own."""
    known = figures[~np.isnan(figures)]
    kinds = np.unique(known)
    if len(kinds) > 2 * _BINS:
        kinds = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return np.where(np.isnan(figures), len(kinds) + 1, np.searchsorted(kinds, figures, side="right"))


def _moves_with_settlement(values: pd.Series, figures: np.ndarray, at: AtIssue, settled: np.ndarray) -> float:
    """Rank correlation with the days to settlement among settled invoices of the same terms, on average."""
    if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)):
        return 0.0
    known = settled & np.isfinite(figures)
    terms = at.due - at.issued
    total = n = 0.0
    for each in np.unique(terms[known]):
        rows = np.flatnonzero(known & (terms == each))
        if len(rows) < _FEWEST_SAME_TERMS or np.ptp(figures[rows]) == 0:
            n += len(rows)
            continue
        took = at.settled_on[rows] - at.issued[rows]
        if np.ptp(took) > 0:
            total += len(rows) * abs(float(stats.spearmanr(figures[rows], took).statistic))
            n += len(rows)
    return total / n if n >= _FEWEST_SAME_TERMS else 0.0


def _pure_value(figures: np.ndarray, is_late: np.ndarray, customer_id: np.ndarray) -> str:
    """Say whether there is a value of which all invoices are late, or none, though the same customers' others are not."""
    bins = _binned(figures)
    for each in np.unique(bins):
        rows = np.flatnonzero(bins == each)
        share = is_late[rows].mean()
        if len(rows) < _FEWEST_PURE or _PURE < share < 1 - _PURE:
            continue
        others = np.flatnonzero((bins != each) & np.isin(customer_id, np.unique(customer_id[rows])))
        if len(np.unique(customer_id[rows])) < _FEWEST_CUSTOMERS or len(others) < _FEWEST_PURE:
            continue
        chance = stats.binomtest(
            int(is_late[rows].sum()), len(rows), float(np.clip(is_late[others].mean(), 0.01, 0.99))
        ).pvalue
        if chance < 1e-6:
            return (
                f"Of the {len(rows):,} invoices with one of its values {share:.1%} are late, of the same customers' others "
                f"{is_late[others].mean():.0%}: it is the trace of what happened."
            )
    return ""


def _changed(values: pd.Series, before: pd.Series, at: AtIssue, settled: np.ndarray) -> Iterator[str]:
    """Say whether values changed for invoices that were settled since an older export, and not for the others."""
    both = before.notna().to_numpy()
    same = (values.astype("object") == before.astype("object")).to_numpy(dtype=bool, na_value=False)
    share = {which: (~same[both & flags]).mean() if (both & flags).any() else 0.0 for which, flags in
             (("settled", settled), ("open", at.is_open))}  # fmt: skip
    if share["settled"] - share["open"] >= _CHANGED:
        yield (
            f"Since the older export it has changed for {share['settled']:.0%} of the settled invoices and "
            f"{share['open']:.0%} of the open ones."
        )
