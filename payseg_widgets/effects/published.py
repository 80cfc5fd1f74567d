"""Published figures of how late UK companies pay, to lay beside one's own; who pays and who is paid are never mixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from payseg_widgets.errors import EffectError

#: What a figure is of: companies as those who pay, or as those who are paid.
SIDES = ("pays", "is paid")


@dataclass(frozen=True)
class Published:
    """Figures of one publication.

    Attributes
    ----------
    source : str
    period : str
    side : {"pays", "is paid"}
        Whether the groups are those of the companies that pay, or of those that wait for their money.
    by : str
        What the groups are.
    measure, unit : str
    values : mapping of str to float
    average : float
        Of all companies.
    """

    source: str
    period: str
    side: str
    by: str
    measure: str
    unit: str
    values: Mapping[str, float]
    average: float

    def beside(self, groups: pd.DataFrame, *, side: str = "pays") -> pd.DataFrame:
        """Lay the figures beside the groups of an `EffectReport`, each as the difference from its own average.

        Levels are not comparable: terms, currencies and customers differ. Which groups lie above the average is.

        Parameters
        ----------
        groups : pandas.DataFrame
            ``EffectReport.groups``.
        side : {"pays", "is paid"}
            Of one's own figures; customers of a ledger pay.

        Returns
        -------
        pandas.DataFrame
            Index group: ``own, published`` (differences from the average), ``n_customers``; groups that were published alone.

        Raises
        ------
        EffectError
            If the sides differ.
        """
        if side not in SIDES:
            raise EffectError(f"side={side!r} is none of: {', '.join(SIDES)}.")
        if side != self.side:
            raise EffectError(
                f"{self.source}, {self.period}, is of the side that {self.side}; "
                f"your figures are of the side that {side}. The two are not the same and are not laid beside each other."
            )
        own = groups.set_index("group")
        known = own[own.index.isin(list(self.values))]
        average = (known["estimate"] * known["n_customers"]).sum() / max(known["n_customers"].sum(), 1)
        return pd.DataFrame(
            {
                "own": known["estimate"] - average,
                "published": pd.Series(self.values).reindex(known.index) - self.average,
                "n_customers": known["n_customers"],
            }
        )

    @property
    def caption(self) -> str:
        """Source, period and side."""
        return f"{self.measure} of companies by {self.by}, {self.period} ({self.source}): the side that {self.side}."


EXPERIAN_REGIONS = Published(
    source="Experian", period="first quarter of 2010", side="pays", by="region", measure="Days beyond terms", unit="days",
    average=20.9,
    values={
        "North West": 24.5, "London": 23.9, "West Midlands": 23.2, "North East": 23.0, "Scotland": 22.7,
        "Yorkshire and The Humber": 22.0, "Wales": 21.1, "East Midlands": 20.2, "East of England": 19.1,
        "Northern Ireland": 18.3, "South East": 16.8, "South West": 16.1,
    },
)  # fmt: skip
PUBLISHED = (EXPERIAN_REGIONS,)
