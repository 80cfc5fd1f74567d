"""How much knowing a customer's segment helps to predict how late it pays next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.features.shrinkage import shrink_means

#: Fewer customers than these tell no gain.
_LEAST = 20


def prediction_gain(labels: pd.Series, earlier: pd.DataFrame, later: pd.DataFrame) -> dict[str, float]:
    """Return how much of the squared error of predicting later mean delays the segments remove.

    Everything that predicts comes from the earlier period. Customers in no segment get the portfolio's mean.

    Parameters
    ----------
    labels : pandas.Series of int
        Segment of each customer known well enough in the earlier period; -1 for none.
    earlier, later : pandas.DataFrame
        See `payseg_widgets.segmentation.periods.delay_records`.

    Returns
    -------
    dict of str to float
        ``gain_over_none`` with ``gain_low`` and ``gain_high`` (95 %): segment means against one mean for all.
        ``gain_over_own``: segment means against the customers' own means, shrunk towards the portfolio; below 0 where
        the own record predicts better. ``gain_added``: own means shrunk towards their segment against those shrunk
        towards the portfolio. Shares of the squared error; NaN for fewer than 20 customers in both periods.
    """
    came = later.index[later["mean"].notna()]
    both = labels.index.intersection(earlier.index[earlier["mean"].notna()])
    truth = later["mean"].reindex(both).to_numpy()
    judged = both.isin(came)
    if judged.sum() < _LEAST:
        return dict.fromkeys(
            ("gain_over_none", "gain_low", "gain_high", "gain_over_own", "gain_added"), float("nan")
        )
    record, codes = earlier.loc[both], labels[both].to_numpy()
    own = shrink_means(record["mean"].to_numpy(), record["variance"].to_numpy()).value
    guesses = {"none": np.full(len(both), record["mean"].mean()), "own": own}
    guesses["segment"], guesses["both"] = guesses["none"].copy(), own.copy()
    for code in np.unique(codes[codes >= 0]):
        mine = codes == code
        mean, variance = (record.loc[mine, column].to_numpy() for column in ("mean", "variance"))
        guesses["segment"][mine] = mean.mean()
        guesses["both"][mine] = shrink_means(mean, variance).value
    errors = {name: (guess - truth)[judged] ** 2 for name, guess in guesses.items()}
    gain, error = _gain(errors["segment"], errors["none"])
    return {
        "gain_over_none": gain,
        "gain_low": gain - 1.959964 * error,
        "gain_high": gain + 1.959964 * error,
        "gain_over_own": _gain(errors["segment"], errors["own"])[0],
        "gain_added": _gain(errors["both"], errors["own"])[0],
    }


def _gain(errors: np.ndarray, against: np.ndarray) -> tuple[float, float]:
    """Return the share of the error removed and its standard error, customers being drawn anew (delta method)."""
    whole = max(float(against.mean()), 1e-12)
    ratio = float(errors.mean()) / whole
    return 1 - ratio, float((errors - ratio * against).std(ddof=1) / np.sqrt(len(errors)) / whole)
