"""Which other segment is nearest to a customer, asked of the model itself, whichever it is."""

from __future__ import annotations

import numpy as np

from payseg_widgets.segmentation.model import FittedModel, squared_distances

#: Steps of the way to another segment's middle at which the model is asked.
_STEPS = 32


def nearest_other(fitted: FittedModel, rows: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the other segment that is reached first from each customer, and the share of the way at which it is.

    Each customer is moved in a straight line towards the middle of every other segment, and placed on the way. The
    segment found after the shortest distance is the nearest.

    Parameters
    ----------
    fitted : FittedModel
        With at least one segment.
    rows : numpy.ndarray, shape (n_customers, n_columns)
    labels : numpy.ndarray of int, shape (n_customers,)
        Where the model places them; -1 for no segment.

    Returns
    -------
    other : numpy.ndarray of int
        In the numbers of the model; -1 where there is no other segment.
    way : numpy.ndarray of float
        In (0, 1], of the way to the middle towards which it was moved; NaN where no middle is in a segment of its own: the
        other is then that of the nearest middle.
    """
    middles = fitted.middles
    share = np.arange(1, _STEPS + 1) / _STEPS
    steps = middles[None, :, None, :] - rows[:, None, None, :]
    points = rows[:, None, None, :] + share[:, None] * steps
    found = fitted.assign(points.reshape(-1, rows.shape[1]))[0].reshape(points.shape[:3])
    is_other = (found >= 0) & (found != labels[:, None, None])
    first, is_reached = is_other.argmax(axis=2), is_other.any(axis=2)
    apart = squared_distances(rows, middles)
    far = np.where(is_reached, share[first] * np.sqrt(apart), np.inf)
    best, at = far.argmin(axis=1), np.arange(len(rows))
    apart[at[labels >= 0], labels[labels >= 0]] = np.inf
    nearest = np.where(np.isfinite(apart.min(axis=1)), apart.argmin(axis=1), -1)
    reached = is_reached.any(axis=1)
    other = np.where(reached, found[at, best, first[at, best]], nearest)
    return other, np.where(reached, share[first[at, best]], np.nan)
