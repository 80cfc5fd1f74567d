"""Would the same segments come back with other customers? Clusterwise bootstrap Jaccard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from payseg_widgets.segmentation.model import FittedModel, Setting

#: Hennig's marks: below the first a segment dissolves; from the second it is valid, then highly stable.
DISSOLVED, VALID, HIGHLY_STABLE = 0.5, 0.75, 0.85


def bootstrap_jaccard(
    rows: np.ndarray,
    settings: Sequence[Setting],
    fits: Sequence[FittedModel],
    *,
    n_resamples: int,
    seed: int,
    step: Callable[[], None],
) -> list[np.ndarray]:
    """Return for each fit the stability of each of its segments in [0, 1].

    Customers are drawn with replacement and each drawn one is kept once (copies at distance nought would
    mislead the models that look at density). Every setting is refitted; for each old segment the largest
    Jaccard similarity with a new one is averaged over the resamples.

    Parameters
    ----------
    rows : numpy.ndarray, shape (n_customers, n_columns)
    settings, fits : sequences of equal length
        What was fitted to ``rows`` and what came out.
    n_resamples, seed : int
    step : callable
        Called before each resample; may raise to stop.

    Returns
    -------
    list of numpy.ndarray, each of shape (n_segments,)

    References
    ----------
    C. Hennig (2007). Cluster-wise assessment of cluster stability.
    """
    rng = np.random.default_rng(seed)
    n, model = len(rows), settings[0][0]
    largest = max((k or 2 for _, k in settings), default=2)
    sums = [np.zeros(fit.n_segments) for fit in fits]
    times = [np.zeros(fit.n_segments) for fit in fits]
    for _ in range(n_resamples):
        step()
        kept = np.unique(rng.integers(n, size=n))
        if len(np.unique(rows[kept], axis=0)) < largest:
            continue
        again = model.fit_each(rows[kept], settings, int(rng.integers(2**31)))
        for j, (fit, refit) in enumerate(zip(fits, again, strict=True)):
            best, present = best_jaccard(fit.labels[kept], refit.labels, fit.n_segments)
            sums[j] += best
            times[j] += present
    return [np.divide(s, t, out=np.zeros(len(s)), where=t > 0) for s, t in zip(sums, times, strict=True)]


def best_jaccard(old: np.ndarray, new: np.ndarray, n_old: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each old segment's best Jaccard similarity with a new one, and whether it has customers at all.

    Examples
    --------
    >>> best_jaccard(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 0]), 2)[0].round(2).tolist()
    [0.67, 0.5]
    """
    n_new = int(new.max(initial=-1)) + 1
    together = np.zeros((n_old + 1, n_new + 1))
    np.add.at(together, (old, new), 1)  # -1, noise, lands in the last row or column
    both = together[:n_old, :n_new]
    sizes = together.sum(axis=1)[:n_old]
    union = sizes[:, None] + together.sum(axis=0)[None, :n_new] - both
    similarity = np.divide(both, union, out=np.zeros_like(both), where=union > 0)
    return similarity.max(axis=1, initial=0.0), sizes > 0
