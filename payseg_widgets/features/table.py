"""The feature table: one row per customer, each value with its count, interval, reliability and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from payseg_widgets.errors import FeatureError

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices
    from payseg_widgets.features.measure import Measure


@dataclass(frozen=True, repr=False)
class FeatureTable:
    """Payment behaviour of each customer as known at ``as_of``.

    Attributes
    ----------
    frame : pandas.DataFrame, shape (n_customers, n_features)
        Index ``customer_id`` (text, sorted), ``float64``, in the unit each measure declares; NaN where a
        value cannot be estimated, never 0.
    measures : tuple of Measure
        What each column means: name, label, unit, which direction is worse.
    as_of : pandas.Timestamp
    late_rule : str
        The rule behind every late rate, as a sentence.
    currency : str
    """

    frame: pd.DataFrame
    measures: tuple[Measure, ...]
    as_of: pd.Timestamp
    late_rule: str
    currency: str
    provenance: Mapping[str, Any] = field(default_factory=dict)
    _invoices: SettledInvoices | None = field(default=None, compare=False)

    @property
    def invoices(self) -> SettledInvoices | None:
        """The settled invoices the values were computed from; ``None`` where the table was loaded without them."""
        return self._invoices

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Number of observations behind each value, int64, same shape as ``frame``."""
        invoices = self._source
        return pd.DataFrame({m.name: m.n_behind(invoices) for m in self.measures}, index=self.frame.index)

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """Why a value is missing, in words; ``""`` where it is present. Same shape as ``frame``."""
        texts = {}
        for m in self.measures:
            why = pd.Series(m.why_missing(self._invoices), index=self.frame.index, dtype="str")
            texts[m.name] = ("not estimable: " + why).where(self.frame[m.name].isna(), "")
        return pd.DataFrame(texts, index=self.frame.index, dtype="str")

    @cached_property
    def reliability(self) -> pd.Series:
        """Split-half reliability of each feature, Spearman-Brown corrected; NaN where it cannot be told.

        See `payseg_widgets.features.resample.split_half_reliability`.
        """
        from payseg_widgets.features.resample import split_half_reliability

        return split_half_reliability(self._source, self.measures)

    @property
    def shrunken(self) -> pd.DataFrame:
        """Values pulled towards the portfolio in proportion to their uncertainty; NaN as in ``frame``.

        Shares of counts by a binomial model, other estimates by the normal-normal model with jackknife
        variances, facts not at all: see `payseg_widgets.features.shrinkage`.
        """
        return self._estimates["value"]

    @property
    def conf_low(self) -> pd.DataFrame:
        """Lower end of the 95 % interval of ``shrunken``; NaN for facts, which have no sampling error."""
        return self._estimates["low"]

    @property
    def conf_high(self) -> pd.DataFrame:
        """Upper end of the 95 % interval of ``shrunken``."""
        return self._estimates["high"]

    @cached_property
    def _estimates(self) -> dict[str, pd.DataFrame]:
        from payseg_widgets.features.estimates import estimate

        estimates = estimate(
            self._source, self.measures, {m.name: self.frame[m.name].to_numpy() for m in self.measures}
        )
        return {
            part: pd.DataFrame(
                {name: getattr(e, part) for name, e in estimates.items()}, index=self.frame.index
            )
            for part in ("value", "low", "high")
        }

    def describe(self) -> pd.DataFrame:
        """Return what each feature is and how it is distributed.

        Returns
        -------
        pandas.DataFrame
            One row per feature: ``feature, label, unit, worse, meaning, n_estimable, median, q25, q75, reliability``.
        """
        quartiles = self.frame.quantile([0.25, 0.5, 0.75])
        return pd.DataFrame(
            [
                {
                    "feature": m.name, "label": m.label, "unit": m.unit, "worse": m.worse, "meaning": m.meaning,
                    "n_estimable": int(self.frame[m.name].notna().sum()), "median": quartiles.at[0.5, m.name],
                    "q25": quartiles.at[0.25, m.name], "q75": quartiles.at[0.75, m.name],
                    "reliability": self.reliability[m.name],
                }
                for m in self.measures
            ]
        )  # fmt: skip

    @property
    def _source(self) -> SettledInvoices:
        """The invoices the values were computed from."""
        if self._invoices is None:
            raise FeatureError(
                "this feature table was loaded without its invoices; compute it from the ledger again."
            )
        return self._invoices

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"FeatureTable(customers={len(self.frame)}, features={self.frame.shape[1]}, as_of={self.as_of:%Y-%m-%d})"
