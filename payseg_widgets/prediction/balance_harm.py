"""What balancing does to the chances that are told: weights and SMOTE beside leaving the invoices as they are."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.at_issue import AtIssue, features_at_issue
from payseg_widgets.prediction.balance import BALANCES
from payseg_widgets.prediction.compare import compare_forecasters
from payseg_widgets.prediction.forecaster import FORECASTERS


@dataclass(frozen=True, eq=False, repr=False)
class BalanceHarm:
    """One forecaster fitted with and without balancing, judged on the same later invoices.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``balance`` (``none, weights, smote``): ``auc, auc_low, auc_high, brier, mean_ratio`` (mean predicted over
        observed), ``calibration_slope``.
    label : str
        Of the forecaster.
    late_ratio : float
        Share of late ones among the invoices judged.
    """

    table: pd.DataFrame
    label: str
    late_ratio: float

    @property
    def sentence(self) -> str:
        """What the balanced chances are worth beside the plain ones."""
        auc, ratio = self.table["auc"], self.table["mean_ratio"]
        return (
            f"{self.late_ratio:.0%} of the later invoices are late. {self.label} expects {ratio['none']:.2f} times as many; "
            f"with class weights {ratio['weights']:.2f} times, with SMOTE {ratio['smote']:.2f} times. The AUC is "
            f"{auc['none']:.3f}, {auc['weights']:.3f} and {auc['smote']:.3f}. "
            "To catch more late ones, lower the threshold instead."
        )

    def __repr__(self) -> str:
        return f"BalanceHarm({self.label}, {self.late_ratio:.0%} late)"


def balance_harm(
    invoices: Ledger | AtIssue,
    name: str = "logistic",
    *,
    split_on: str | pd.Timestamp | None = None,
    gap_days: int = 0,
    seed: int = 0,
) -> BalanceHarm:
    """Show what class weights and SMOTE do to a forecaster's chances of being late.

    Parameters
    ----------
    invoices : Ledger or AtIssue
    name : str
        A forecaster that is no baseline: baselines are not balanced.
    split_on, gap_days, seed : optional
        As in `compare_forecasters`.

    Returns
    -------
    BalanceHarm

    Raises
    ------
    ForecastError
        As `compare_forecasters`.
    UnknownNameError
        If there is no such forecaster.
    MissingDependencyError
        If imbalanced-learn, or what the forecaster needs, is not installed.

    References
    ----------
    van den Goorbergh, van Smeden, Timmerman and Van Calster (2022), Journal of the American Medical Informatics Association
    29, 1525-1534: the harm of class imbalance corrections.
    """
    at = invoices if isinstance(invoices, AtIssue) else features_at_issue(invoices)
    rows = {}
    for balance in BALANCES:
        compared = compare_forecasters(
            at, [name], balance=balance, split_on=split_on, gap_days=gap_days, seed=seed
        )
        rows[balance] = compared.table.loc[name]
    columns = ["auc", "auc_low", "auc_high", "brier", "mean_ratio", "calibration_slope"]
    table = pd.DataFrame(rows).T[columns].astype(float).rename_axis("balance")
    late_ratio = float(compared.probabilities["is_late"].mean())
    return BalanceHarm(table, FORECASTERS[name].label, late_ratio)
