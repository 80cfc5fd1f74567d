"""STUB until the evaluation agent's is merged: curves of probabilities of being late."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import precision_recall_curve, roc_curve

from payseg_widgets.prediction.scores import confusion


def roc(p: np.ndarray, is_late: np.ndarray) -> pd.DataFrame:
    """Return the ROC curve."""
    fpr, tpr, threshold = roc_curve(is_late, p)
    return pd.DataFrame({"false_positive_rate": fpr, "true_positive_rate": tpr, "threshold": threshold})


def precision_recall(p: np.ndarray, is_late: np.ndarray) -> pd.DataFrame:
    """Return precision by recall."""
    precision, recall, threshold = precision_recall_curve(is_late, p)
    return pd.DataFrame({"recall": recall, "precision": precision, "threshold": np.append(threshold, np.nan)})


def threshold_costs(
    p: np.ndarray, is_late: np.ndarray, *, cost_of_missing: float, cost_of_flagging: float
) -> pd.DataFrame:
    """Return counts and cost by threshold."""
    rows = []
    for threshold in np.unique(p):
        (a, b), (c, d) = confusion(p, is_late, threshold).to_numpy()
        rows.append((threshold, a, b, c, d, cost_of_missing * c + cost_of_flagging * b))
    names = ["threshold", "late_flagged", "timely_flagged", "late_missed", "timely_passed", "cost"]
    return pd.DataFrame(rows, columns=names)


def by_month(
    p: np.ndarray, is_late: np.ndarray, issued_on: np.ndarray, customer_id: np.ndarray
) -> pd.DataFrame:
    """Return predicted and observed by month of issue."""
    frame = pd.DataFrame({"p": p, "late": is_late}, index=pd.DatetimeIndex(issued_on).to_period("M"))
    rows = []
    for month, part in frame.groupby(level=0):
        n, k = len(part), int(part["late"].sum())
        low, high = stats.binomtest(k, n).proportion_ci(method="wilson")
        said = part["p"].mean()
        brier = ((part["p"] - part["late"]) ** 2).mean()
        rows.append((month, n, said, k / n, low, high, brier, not low <= said <= high))
    names = ["month", "n_invoices", "predicted", "observed", "conf_low", "conf_high", "brier", "is_drifting"]
    return pd.DataFrame(rows, columns=names).set_index("month")
