"""What a trial that left customers unreminded has shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from payseg_widgets.errors import EffectError
from payseg_widgets.strategy.holdout import HELD_OUT, REMINDED, HoldoutDesign
from payseg_widgets.strategy.holdout_power import usable

#: Scatter of this share of the outcomes is rounding.
_NOTHING = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class HoldoutResult:
    """What a trial showed.

    Attributes
    ----------
    difference, conf_low, conf_high : float
        Mean of the reminded less that of those held out, within segments, each customer counting once; the interval's level
        is one minus the design's ``alpha``.
    p_value : float
    arms : pandas.DataFrame
        Index arm: ``n_assigned, n_customers`` (with an outcome), ``n_invoices, mean``.
    p_missing : float
        How likely chance alone would leave the arms with shares of customers without an outcome as unlike as these are.
    outcome : str
    alpha, smallest_effect : float
        Of the design.
    """

    difference: float
    conf_low: float
    conf_high: float
    p_value: float
    arms: pd.DataFrame
    p_missing: float
    outcome: str
    alpha: float
    smallest_effect: float

    @property
    def is_shown(self) -> bool:
        """Whether a difference is shown at the design's level."""
        return self.p_value < self.alpha

    @property
    def sentence(self) -> str:
        """What may be said."""
        means = self.arms["mean"]
        figures = (
            f"mean {self.outcome} {means[REMINDED]:.3g} of those assigned to be reminded, "
            f"{means[HELD_OUT]:.3g} of those held out; difference {self.difference:+.3g} "
            f"({1 - self.alpha:.0%} {self.conf_low:+.3g} to {self.conf_high:+.3g})"
        )
        told = (
            f"Assigning customers to reminders changed {self.outcome}: {figures}. Who was held out was drawn at random."
            if self.is_shown
            else f"No difference can be shown: {figures}. A change of "
            f"{self.smallest_effect:.3g} or more would probably have been."
        )
        if self.p_missing < self.alpha:
            told += " The arms differ in how many customers have an outcome, so the comparison may be of unlike customers."
        return told

    def __repr__(self) -> str:
        return f"HoldoutResult({self.difference:+.3g}, {self.conf_low:+.3g} to {self.conf_high:+.3g}, p={self.p_value:.3f})"


def analyse_holdout(design: HoldoutDesign, outcomes: pd.DataFrame) -> HoldoutResult:
    """Compare the arms of a trial as they were assigned, whoever was reminded in the end.

    Parameters
    ----------
    design : HoldoutDesign
    outcomes : pandas.DataFrame
        Invoices of the trial: ``customer_id`` and the design's outcome; rows without one, and of customers that were not
        assigned, are left out.

    Returns
    -------
    HoldoutResult

    Raises
    ------
    EffectError
        If an arm has fewer than two customers with an outcome.

    References
    ----------
    MacKinnon and White (1985), Journal of Econometrics 29, 305-325: variances that hold in unequal arms (HC2).
    """
    known = usable(outcomes, design.outcome)
    known = known[known["customer_id"].isin(design.assignments.index)]
    per = known.groupby("customer_id")[design.outcome].agg(["mean", "size"])
    joined = design.assignments.join(per)
    seen = joined.dropna(subset="mean")
    arms = pd.DataFrame(
        {
            "n_assigned": joined.groupby("arm").size(), "n_customers": seen.groupby("arm").size(),
            "n_invoices": seen.groupby("arm")["size"].sum().astype(int), "mean": seen.groupby("arm")["mean"].mean(),
        }
    ).reindex([REMINDED, HELD_OUT])  # fmt: skip
    if arms["n_customers"].fillna(0).min() < 2:
        raise EffectError(
            "an arm has fewer than two customers with an outcome. Wait for more invoices to be known."
        )
    difference, error, df = _difference(seen)
    half = stats.t.ppf(1 - design.alpha / 2, df) * error
    p = 2 * stats.t.sf(abs(difference) / error, df) if error > 0 else float(difference == 0)
    lost = np.column_stack([arms["n_assigned"] - arms["n_customers"], arms["n_customers"]])
    return HoldoutResult(
        difference, difference - half, difference + half, float(p), arms.astype({"n_customers": int}),
        float(stats.fisher_exact(lost)[1]), design.outcome, design.alpha, design.smallest_effect,
    )  # fmt: skip


def _difference(seen: pd.DataFrame) -> tuple[float, float, int]:
    """Return the difference of the arms within segments, its standard error (HC2) and degrees of freedom."""
    treated = (seen["arm"] == REMINDED).to_numpy(float)
    codes = pd.factorize(seen["segment"])[0]
    design = np.column_stack([treated, codes[:, None] == np.arange(codes.max() + 1)]).astype(float)
    bread = np.linalg.pinv(design.T @ design)
    y = seen["mean"].to_numpy() - seen["mean"].mean()  # so that rounding is of the scatter, not of the level
    beta = bread @ design.T @ y
    leverage = np.einsum("ij,jk,ik->i", design, bread, design)
    residual = (y - design @ beta) / np.sqrt(np.maximum(1 - leverage, 1e-9))
    residual[leverage > 1 - 1e-9] = 0.0
    if np.abs(y).max() <= _NOTHING * np.abs(seen["mean"]).max():
        return 0.0, 0.0, max(len(y) - design.shape[1], 1)  # all are the same
    error = float(np.sqrt(((design @ bread[0] * residual) ** 2).sum()))
    return float(beta[0]), error, max(len(y) - design.shape[1], 1)
