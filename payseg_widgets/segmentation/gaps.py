"""Fill missing values with what the other features of the customer predict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Rounds of filling and re-estimating; the fill settles well before.
_ROUNDS = 8
#: Ridge on the (near unit) variances, so that a prediction never rests on a hair-thin direction.
_RIDGE = 0.05


@dataclass(frozen=True)
class GapFiller:
    """Mean and covariance of the prepared columns, from which gaps are predicted linearly.

    Replacing a gap by the portfolio's median would make a customer who never paid, and so has no delay to
    average, look ordinary; its other features say otherwise.

    Attributes
    ----------
    mean : numpy.ndarray, shape (n_columns,)
    covariance : numpy.ndarray, shape (n_columns, n_columns)

    References
    ----------
    R. J. A. Little, D. B. Rubin (2002). Statistical Analysis with Missing Data, ch. 11 (EM for the normal
    model; here the filled values alone are iterated).
    """

    mean: np.ndarray
    covariance: np.ndarray

    @classmethod
    def fit(cls, rows: np.ndarray) -> GapFiller:
        """Estimate from rows with gaps, shape (n_customers, n_columns), starting from the medians, 0."""
        filled = np.where(np.isnan(rows), 0.0, rows)
        filler = cls._of(filled)
        if np.isnan(rows).any() and len(rows) > rows.shape[1]:
            for _ in range(_ROUNDS):
                filler = cls._of(filler.fill(rows))
        return filler

    @classmethod
    def _of(cls, filled: np.ndarray) -> GapFiller:
        centred = filled - filled.mean(axis=0)
        return cls(filled.mean(axis=0), centred.T @ centred / len(filled))

    def fill(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows without gaps; values present are untouched."""
        missing = np.isnan(rows)
        filled = rows.copy()
        affected = np.flatnonzero(missing.any(axis=1))
        patterns, which = np.unique(missing[affected], axis=0, return_inverse=True)
        for j, gap in enumerate(patterns):
            mine = affected[which.ravel() == j]
            if gap.all():
                filled[mine] = 0.0
                continue
            known = self.covariance[np.ix_(~gap, ~gap)] + _RIDGE * np.eye(int((~gap).sum()))
            slopes = np.linalg.solve(known, self.covariance[np.ix_(~gap, gap)])
            filled[np.ix_(mine, gap)] = self.mean[gap] + (rows[np.ix_(mine, ~gap)] - self.mean[~gap]) @ slopes
        return filled
