"""How good probabilities of being late are: discrimination, calibration, cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from payseg_widgets.effects.simultaneous import critical_value
from payseg_widgets.prediction.customer_intervals import share_interval

_LEAST, _MOST = 1e-6, 1 - 1e-6


def scores(p: np.ndarray, is_late: np.ndarray) -> dict[str, float]:
    """Return the scores of probabilities.

    Parameters
    ----------
    p : numpy.ndarray, shape (n_invoices,)
    is_late : numpy.ndarray of bool, shape (n_invoices,)

    Returns
    -------
    dict of str to float
        ``auc`` (area under the ROC curve), ``average_precision``, ``brier``, ``log_loss``, ``calibration_slope`` (1 is
        right, less is too bold), ``mean_ratio`` (mean predicted over observed). NaN where all or none are late.
    """
    p = np.clip(p, _LEAST, _MOST)
    told = {
        "brier": float(np.mean((p - is_late) ** 2)),
        "log_loss": float(-np.mean(np.where(is_late, np.log(p), np.log1p(-p)))),
        "mean_ratio": float(p.mean() / is_late.mean()) if is_late.any() else np.nan,
    }
    if is_late.all() or not is_late.any():
        return {"auc": np.nan, "average_precision": np.nan, **told, "calibration_slope": np.nan}
    slope = np.nan
    if np.ptp(p) > 0:
        slope = float(LogisticRegression(C=np.inf).fit(special.logit(p)[:, None], is_late).coef_[0, 0])
    return {
        "auc": float(roc_auc_score(is_late, p)), "average_precision": float(average_precision_score(is_late, p)), **told,
        "calibration_slope": slope,
    }  # fmt: skip


def auc_interval(
    p: np.ndarray, is_late: np.ndarray, customer_id: np.ndarray, *, level: float = 0.95
) -> tuple[float, float]:
    """Return an interval of the area under the ROC curve, customers being the units.

    The invoices of a customer share its habits: counted one by one they would make the interval too narrow.

    References
    ----------
    Obuchowski (1997), Biometrics 53, 567-578: ROC curves of clustered data.
    """
    late, timely = p[is_late], p[~is_late]
    if not len(late) or not len(timely):
        return np.nan, np.nan
    auc = float(roc_auc_score(is_late, p))
    ranks = stats.rankdata(np.concatenate([late, timely]))
    among_late, among_timely = stats.rankdata(late), stats.rankdata(timely)
    v10 = (ranks[: len(late)] - among_late) / len(timely)  # share of timely ones below each late one
    v01 = 1 - (ranks[len(late) :] - among_timely) / len(late)
    codes, units = pd.factorize(customer_id)
    k = len(units)
    if k < 2:
        return np.nan, np.nan
    own = np.zeros((k, 4))  # sums of the parts and counts, late and timely, of each customer
    for column, (values, flags) in enumerate(((v10, is_late), (v01, ~is_late))):
        own[:, column] = np.bincount(codes[flags], weights=values - auc, minlength=k)
    s10 = k / (k - 1) * (own[:, 0] ** 2).sum() / len(late) ** 2
    s01 = k / (k - 1) * (own[:, 1] ** 2).sum() / len(timely) ** 2
    s11 = k / (k - 1) * (own[:, 0] * own[:, 1]).sum() / (len(late) * len(timely))
    half = stats.norm.ppf((1 + level) / 2) * np.sqrt(max(s10 + s01 + 2 * s11, 0.0))
    return max(auc - half, 0.0), min(auc + half, 1.0)


def customer_covariance(parts: np.ndarray, customer_id: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the covariance of estimates that are sums over invoices, customers being the units.

    Parameters
    ----------
    parts : numpy.ndarray, shape (n_invoices, n_estimates)
        What each invoice adds to the error of each estimate; for a mean, its distance from the mean over their number.
    customer_id : numpy.ndarray of str, shape (n_invoices,)

    Returns
    -------
    numpy.ndarray, shape (n_estimates, n_estimates)
        NaN with fewer than two customers.
    int
        Number of customers.

    References
    ----------
    Cameron and Miller (2015), Journal of Human Resources 50, 317-372: inference with clusters.
    """
    codes, units = pd.factorize(customer_id)
    k = len(units)
    own = np.zeros((k, parts.shape[1]))
    np.add.at(own, codes, parts)
    covariance = own.T @ own
    return covariance * (k / (k - 1) if k > 1 else np.nan), k


def gains(
    probabilities: pd.DataFrame,
    is_late: np.ndarray,
    customer_id: np.ndarray,
    beside: str,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return how much lower the Brier score of each forecaster is than that of one, with customers as units.

    Parameters
    ----------
    probabilities : pandas.DataFrame
        A column a forecaster, a row an invoice.
    is_late, customer_id : numpy.ndarray, shape (n_invoices,)
    beside : str
        Column of the one.
    level : float
        Share of ledgers in which all intervals together hold what is true, so that the best of them may be looked at.

    Returns
    -------
    pandas.DataFrame
        Index forecaster: ``gain, gain_low, gain_high``; more is better, 0 for ``beside``. The interval is NaN with fewer than
        two customers.
    """
    errors = probabilities.sub(is_late.astype(float), axis=0) ** 2
    less = errors.rsub(errors[beside], axis=0)
    gain = less.mean()
    covariance, k = customer_covariance((less - gain).to_numpy() / len(less), customer_id)
    error = np.sqrt(np.diag(covariance))
    half = error.copy()  # 0 for the one itself
    told = np.flatnonzero(error > 0)
    if len(told):
        inner = covariance[np.ix_(told, told)]
        half[told] *= critical_value(np.eye(len(told)), inner, k - 1, level=level)
    return pd.DataFrame({"gain": gain, "gain_low": gain - half, "gain_high": gain + half})


def confusion(p: np.ndarray, is_late: np.ndarray, threshold: float) -> pd.DataFrame:
    """Count invoices by what is said of them (rows) and what they turn out to be (columns)."""
    flagged = p >= threshold
    cells = [[int((one & other).sum()) for other in (is_late, ~is_late)] for one in (flagged, ~flagged)]
    return pd.DataFrame(cells, index=["flagged", "not flagged"], columns=["late", "in time"])


def cheapest_threshold(cost_of_missing: float, cost_of_flagging: float) -> float:
    """Return from which probability on an invoice is flagged where missing a late one and flagging a timely one cost so much.

    Examples
    --------
    >>> cheapest_threshold(cost_of_missing=4, cost_of_flagging=1)
    0.2
    """
    return cost_of_flagging / (cost_of_missing + cost_of_flagging)


def reliability(
    p: np.ndarray, is_late: np.ndarray, customer_id: np.ndarray, n_bins: int = 10
) -> pd.DataFrame:
    """Return mean predicted and observed in bins of as many invoices.

    Parameters
    ----------
    p : numpy.ndarray, shape (n_invoices,)
    is_late : numpy.ndarray of bool, shape (n_invoices,)
    customer_id : numpy.ndarray, shape (n_invoices,)
    n_bins : int

    Returns
    -------
    pandas.DataFrame
        ``predicted, observed, conf_low, conf_high`` (95 % of the observed, customers as units; missing for too few customers)
        and ``n_invoices``, a row a bin.
    """
    rows = []
    for part in np.array_split(np.argsort(p, kind="stable"), min(n_bins, max(len(p), 1))):
        if len(part):
            seen = share_interval(is_late[part], customer_id[part], expected=p[part])
            rows.append((p[part].mean(), *seen[:3], len(part)))
    return pd.DataFrame(rows, columns=["predicted", "observed", "conf_low", "conf_high", "n_invoices"])
