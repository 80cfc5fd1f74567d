"""Probabilities of being late against what came: curves over all thresholds, cost, month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve, roc_curve

from payseg_widgets.effects.simultaneous import critical_value
from payseg_widgets.errors import ForecastError
from payseg_widgets.prediction.customer_intervals import FEWEST_CUSTOMERS
from payseg_widgets.prediction.scores import customer_covariance


def roc(p: np.ndarray, is_late: np.ndarray) -> pd.DataFrame:
    """Return the receiver operating characteristic.

    Parameters
    ----------
    p : numpy.ndarray, shape (n_invoices,)
    is_late : numpy.ndarray of bool, shape (n_invoices,)

    Returns
    -------
    pandas.DataFrame
        ``false_positive_rate, true_positive_rate`` (shares of the invoices in time and of the late ones that are flagged, 0
        to 1) and ``threshold``, falling from infinity, where none is flagged.

    Raises
    ------
    ForecastError
        If all invoices are late, or none.

    Examples
    --------
    >>> roc(np.array([0.9, 0.2]), np.array([True, False]))["true_positive_rate"].tolist()
    [0.0, 1.0, 1.0]
    """
    _check_both_kinds(is_late)
    false_positive, true_positive, threshold = roc_curve(is_late, p, drop_intermediate=False)
    return pd.DataFrame(
        {"false_positive_rate": false_positive, "true_positive_rate": true_positive, "threshold": threshold}
    )


def precision_recall(p: np.ndarray, is_late: np.ndarray) -> pd.DataFrame:
    """Return how many of the late invoices are flagged, and how many of the flagged ones are late.

    Parameters
    ----------
    p : numpy.ndarray, shape (n_invoices,)
    is_late : numpy.ndarray of bool, shape (n_invoices,)

    Returns
    -------
    pandas.DataFrame
        ``recall``, ``precision`` (0 to 1) and ``threshold``, rising; the last row, where none is flagged, has a recall of 0, by
        convention a precision of 1, and an infinite threshold.

    Raises
    ------
    ForecastError
        If all invoices are late, or none.
    """
    _check_both_kinds(is_late)
    precision, recall, threshold = precision_recall_curve(is_late, p)
    return pd.DataFrame({"recall": recall, "precision": precision, "threshold": np.append(threshold, np.inf)})


def threshold_costs(
    p: np.ndarray, is_late: np.ndarray, *, cost_of_missing: float, cost_of_flagging: float
) -> pd.DataFrame:
    """Return what each threshold would have cost.

    Parameters
    ----------
    p : numpy.ndarray, shape (n_invoices,)
    is_late : numpy.ndarray of bool, shape (n_invoices,)
    cost_of_missing, cost_of_flagging : float
        Of a late invoice that is not flagged, and of one in time that is, in the same unit.

    Returns
    -------
    pandas.DataFrame
        A row each ``threshold`` that flags other invoices, rising, the last one infinite: ``late_flagged, timely_flagged,
        late_missed, timely_passed`` (invoices) and ``cost``. An invoice is flagged whose chance is the threshold or more.

    Raises
    ------
    ForecastError
        If a cost is negative.
    """
    if min(cost_of_missing, cost_of_flagging) < 0:
        raise ForecastError(
            f"cost_of_missing={cost_of_missing!r}, cost_of_flagging={cost_of_flagging!r}: a cost is 0 or more."
        )
    told, where = np.unique(p, return_inverse=True)
    flagged = []
    for kind in (is_late, ~is_late):
        of = np.bincount(where[kind], minlength=len(told))
        flagged.append(np.append(of[::-1].cumsum()[::-1], 0))
    late_flagged, timely_flagged = flagged
    late_missed, timely_passed = int(is_late.sum()) - late_flagged, int((~is_late).sum()) - timely_flagged
    return pd.DataFrame(
        {"threshold": np.append(told, np.inf), "late_flagged": late_flagged, "timely_flagged": timely_flagged,
         "late_missed": late_missed, "timely_passed": timely_passed,
         "cost": cost_of_missing * late_missed + cost_of_flagging * timely_flagged}
    )  # fmt: skip


def by_month(
    p: np.ndarray, is_late: np.ndarray, issued_on: np.ndarray | pd.Series, customer_id: np.ndarray
) -> pd.DataFrame:
    """Return month by month what was predicted and what came, and whether they have drifted apart.

    Parameters
    ----------
    p : numpy.ndarray, shape (n_invoices,)
    is_late : numpy.ndarray of bool, shape (n_invoices,)
    issued_on : array of datetime64 or pandas.Series, shape (n_invoices,)
    customer_id : numpy.ndarray of str, shape (n_invoices,)

    Returns
    -------
    pandas.DataFrame
        Index ``month`` (its first day): ``n_invoices, n_customers``; ``predicted`` and ``observed``, shares of late ones;
        ``conf_low, conf_high``, an interval of the observed with customers as units, which all months' keep together in 95 %
        of ledgers, NaN with fewer than 10 customers and where all paid alike; ``brier``; ``is_drifting``, whether the
        predicted lies outside, never so where there is no interval.

    References
    ----------
    Hothorn, Bretz and Westfall (2008), Biometrical Journal 50, 346-363: intervals that hold together.
    """
    month = pd.Series(np.asarray(issued_on, "datetime64[M]").astype("datetime64[s]"))
    rows = pd.DataFrame(
        {"month": month, "predicted": p, "observed": is_late.astype(float), "who": customer_id}
    )
    grouped = rows.assign(brier=(rows["predicted"] - rows["observed"]) ** 2).groupby("month")
    table = grouped[["predicted", "observed", "brier"]].mean()
    table.insert(0, "n_invoices", grouped.size())
    table.insert(1, "n_customers", grouped["who"].nunique())
    half = _half_widths(rows, table["n_customers"].to_numpy() >= FEWEST_CUSTOMERS, table)
    table.insert(4, "conf_low", np.maximum(table["observed"] - half, 0.0))
    table.insert(5, "conf_high", np.minimum(table["observed"] + half, 1.0))
    table["is_drifting"] = (table["predicted"] - table["observed"]).abs() > half
    return table


def _half_widths(rows: pd.DataFrame, is_told: np.ndarray, table: pd.DataFrame) -> np.ndarray:
    """Half the width of each month's interval, NaN where there are too few customers."""
    half = np.full(len(table), np.nan)
    at = table.index.get_indexer(pd.Index(rows["month"]))
    parts = np.zeros((len(rows), len(table)))
    parts[np.arange(len(rows)), at] = (rows["observed"] - table["observed"].to_numpy()[at]) / table[
        "n_invoices"
    ].to_numpy()[at]
    covariance, n_customers = customer_covariance(parts, rows["who"].to_numpy())
    told = np.flatnonzero(is_told & (np.diag(covariance) > 0))
    if len(told):
        inner = covariance[np.ix_(told, told)]
        critical = critical_value(np.eye(len(told)), inner, n_customers - 1)
        half[told] = critical * np.sqrt(np.diag(inner))
    return half


def _check_both_kinds(is_late: np.ndarray) -> None:
    if is_late.all() or not is_late.any():
        raise ForecastError(
            f"{int(is_late.sum())} of {len(is_late)} invoices are late: a curve needs late ones and ones in time. "
            "Judge more invoices."
        )
