"""How right past forecasts were: intervals of dates, weeks, lateness, order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets.prediction.customer_intervals import Estimate, mean_interval, share_interval

#: score -> what it says.
SCORES = {
    "dates_within": "Paid within the 10-90 interval: 80 % is right",
    "weeks_within": "Weeks whose cash lay within the 10-90 band: 80 % is right",
    "predicted_late": "Share late as forecast, of invoices not late yet",
    "observed_late": "Share late as it came",
    "late_gap": "Share late, as it came less as forecast: 0 is right",
    "brier": "Brier score of the chance of being late: 0 is best",
    "concordance": "Pairs of invoices paid in the order forecast: 50 % is chance",
}


def score_outcomes(invoices: Sequence[pd.DataFrame], weeks: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of one forecast, or of several together.

    Parameters
    ----------
    invoices : sequence of pandas.DataFrame
        `ForecastOutcomes.invoices` of each forecast: order is judged within each.
    weeks : pandas.DataFrame
        `ForecastOutcomes.weeks` of all of them.

    Returns
    -------
    pandas.DataFrame
        Index score, those of `SCORES`: ``value, conf_low, conf_high`` (95 %, customers as units; none for the weeks, which
        share their customers, nor for what was forecast), ``n`` (invoices or weeks behind it), ``n_customers``, ``what``.
    """
    every = pd.concat(invoices)
    dated = every[every["is_within"].notna()]
    judged = every[every["is_late"].notna() & ~every["was_late"]]
    p, is_late = judged["p_late"].to_numpy(dtype=float), judged["is_late"].to_numpy(dtype=bool)
    who = judged["customer_id"].to_numpy()
    seen = weeks["is_within"].dropna().to_numpy(dtype=bool)
    n_late = len(judged)
    told = {
        "dates_within": share_interval(
            dated["is_within"].to_numpy(dtype=bool), dated["customer_id"].to_numpy()
        ),
        "weeks_within": Estimate(float(seen.mean()) if len(seen) else np.nan, np.nan, np.nan, len(seen), 0),
        "predicted_late": Estimate(
            float(p.mean()) if n_late else np.nan, np.nan, np.nan, n_late, len(set(who))
        ),
        "observed_late": share_interval(is_late, who),
        "late_gap": mean_interval(is_late - p, who),
        "brier": mean_interval((p - is_late) ** 2, who),
        "concordance": concordance(invoices),
    }
    table = pd.DataFrame.from_dict(told, orient="index", columns=list(Estimate._fields)).rename_axis("score")
    return table.assign(what=pd.Series(SCORES))


def concordance(invoices: Sequence[pd.DataFrame], *, level: float = 0.95) -> Estimate:
    """Return the share of pairs of invoices of which the one forecast to be paid sooner was.

    A pair tells something where one was paid and the other is known to have been open longer; forecasts alike count one
    half. An invoice is forecast by the day by which it is paid with a chance of one half, those beyond what can be told
    last. Customers are the units of the interval.

    Parameters
    ----------
    invoices : sequence of pandas.DataFrame
        As in `score_outcomes`; pairs are made within each.

    Returns
    -------
    Estimate
        Missing where no pair tells anything; ``n`` are the invoices in pairs.

    References
    ----------
    Harrell, Califf, Pryor, Lee and Rosati (1982), JAMA 247, 2543-2546; for the interval Obuchowski (1997), Biometrics
    53, 567-578, with the sums of each customer as units.
    """
    parts = [_in_pairs(table) for table in invoices]
    won, met, who = (np.concatenate(column) for column in zip(*parts, strict=True))
    n = int((met > 0).sum())
    if not n:
        return Estimate(np.nan, np.nan, np.nan, 0, 0)
    value = float(won.sum() / met.sum())
    sums = pd.Series(won - value * met).groupby(who).sum().to_numpy()
    k = len(sums)
    if k < 2:
        return Estimate(value, np.nan, np.nan, n, k)
    error = np.sqrt(k / (k - 1) * (sums**2).sum()) / (met.sum() / 2)  # each pair is in the sums of both
    half = float(stats.t.ppf((1 + level) / 2, k - 1) * error)
    return Estimate(value, max(value - half, 0.0), min(value + half, 1.0), n, k)


def _in_pairs(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return in how many pairs that tell something each invoice is, and in how many of them the order was as forecast."""
    known = table[table["state"].isin(["paid", "open", "lost"])]
    is_paid = (known["state"] == "paid").to_numpy()
    far = np.iinfo(np.int64).max
    seen = np.where(
        is_paid, _days(known["paid_on"]), np.where(known["state"] == "lost", far, _days(known["known_until"]))
    )
    told = _days(known["paid_q50"])  # a missing day is the last of all
    won, met = np.zeros(len(known)), np.zeros(len(known))
    for day in np.unique(seen[is_paid]):
        sooner = np.flatnonzero(is_paid & (seen == day))
        later = np.flatnonzero((seen > day) | (~is_paid & (seen == day)))
        for some, others, sign in ((sooner, later, 1), (later, sooner, -1)):
            met[some] += len(others)
            won[some] += _beyond(sign * told[some], np.sort(sign * told[others]))
    return won, met, known["customer_id"].to_numpy()


def _beyond(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Count those of the others, sorted, that are greater; equal ones count one half."""
    left, right = (np.searchsorted(others, own, side=side) for side in ("left", "right"))
    return len(others) - (left + right) / 2


def _days(dates: pd.Series) -> np.ndarray:
    days = dates.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), np.int64(1) << 40, days.astype(np.int64))
