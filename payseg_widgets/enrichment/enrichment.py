"""What is known of each customer beyond the ledger, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from payseg_widgets.enrichment.regions import UNKNOWN
from payseg_widgets.ledger.export import safe_csv

PENDING = "pending"
#: Columns of `Enrichment.table` that tell who a customer is; left out of exports unless asked for.
CONFIDENTIAL = ("company_name", "company_number")
TABLE_COLUMNS = (
    "state", "company_number", "company_name", "match_probability", "decided_by", "reason",
    "region", "region_basis", "region_probability",
    "sector", "section", "sector_basis", "sector_probability",
    "company_status", "company_type", "incorporated_on", "age_years",
)  # fmt: skip
#: Said wherever regions are shown.
OFFICE_CAUTION = (
    "A company's region is that of its registered office, which may be its accountant's: London holds more than a quarter of "
    "all offices. The ledger's own postcode says where a customer is written to."
)


@dataclass(frozen=True, repr=False)
class Enrichment:
    """Company, region, sector and age of each customer, each with its source, date and probability.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``customer_id``. ``state``: one of `payseg_widgets.enrichment.answer.STATES`, or ``"pending"`` where the
        search has not ended. ``match_probability``: that the company is the customer; missing without a company.
        ``decided_by``: who accepted or refused it, empty where nobody did. ``region``, ``sector``: the value to use, with
        ``region_basis``, ``sector_basis`` (who says so) and a probability that includes the doubt about the company;
        ``"unknown"`` where nobody says. ``section``: letter of the SIC section, missing where a special code stands in its
        place. ``incorporated_on`` and ``age_years`` (at ``as_of``) are missing without a company.
    fields : pandas.DataFrame
        Every value of every source: ``customer_id, field, value, source, as_of, probability, note``.
    candidates : pandas.DataFrame
        Companies weighed for each customer: see `payseg_widgets.enrichment.answer.candidate_table`.
    as_of : pandas.Timestamp
    notes : tuple of str
    provenance : Mapping
    """

    table: pd.DataFrame
    fields: pd.DataFrame
    candidates: pd.DataFrame
    as_of: pd.Timestamp
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def counts(self) -> pd.Series:
        """How many customers are in each state."""
        return self.table["state"].value_counts().rename("n_customers")

    @property
    def categories(self) -> pd.DataFrame:
        """Region and sector as categories for `segment`; missing where unknown.

        Returns
        -------
        pandas.DataFrame
            Index ``customer_id``; columns ``region, sector``.
        """
        known = self.table[["region", "sector"]]
        return known.mask(known == "unknown")

    @property
    def disagreements(self) -> pd.DataFrame:
        """Fields of which sources say different things: the rows of ``fields`` concerned."""
        key = ["customer_id", "field"]
        n_values = self.fields.groupby(key)["value"].transform("nunique")
        return self.fields[n_values > 1].reset_index(drop=True)

    def coverage(self, by: str = "region") -> pd.DataFrame:
        """Count customers by region or sector, and on whose word.

        Parameters
        ----------
        by : {"region", "sector"}

        Returns
        -------
        pandas.DataFrame
            Index the value, the commonest first; ``n_customers``, ``share``, then how many on each basis.
        """
        basis = pd.crosstab(self.table[by], self.table[f"{by}_basis"])
        counted = self.table[by].value_counts().rename("n_customers").to_frame()
        counted["share"] = counted["n_customers"] / len(self.table)
        return counted.join(basis.rename(columns={"": "nobody"}))

    def to_csv(self, path: str | Path, *, names: bool = False) -> Path:
        """Write the table as CSV, cells that a spreadsheet would compute defused.

        Parameters
        ----------
        path : path
        names : bool
            Whether the names and numbers of companies are written too: they tell who the customers are.
        """
        path = Path(path)
        path.write_text(self.csv_text(names=names), encoding="utf-8", newline="")
        return path

    def fields_to_csv(self, path: str | Path, *, names: bool = False) -> Path:
        """Write every value with its source as CSV.

        Without ``names`` company numbers and postcodes are left out, and so is the text that could not be read: it may be
        anybody's.
        """
        told = self.fields
        if not names:
            told = told[~told["field"].isin(("company_number", "postcode"))]
            told = told.assign(note=told["note"].mask(told["value"] == UNKNOWN, "not read"))
        path = Path(path)
        path.write_text(safe_csv(told), encoding="utf-8", newline="")
        return path

    def csv_text(self, *, names: bool = False) -> str:
        """Return what `to_csv` writes."""
        shown = self.table if names else self.table.drop(columns=list(CONFIDENTIAL))
        return safe_csv(shown.reset_index())

    def renewed(self, part: Enrichment) -> Enrichment:
        """Return the enrichment with some of its customers as another has them.

        Parameters
        ----------
        part : Enrichment
            Of customers that are in this one; their fields and candidates come last in the tables.
        """
        new = part.table.index
        table = pd.concat([self.table.drop(index=new), part.table]).reindex(self.table.index)
        others = {
            name: pd.concat(
                [old[~old["customer_id"].isin(new)], getattr(part, name).astype(old.dtypes.to_dict())],
                ignore_index=True,
            )
            for name, old in (("fields", self.fields), ("candidates", self.candidates))
        }
        return replace(self, table=table.astype(self.table.dtypes.to_dict()), **others)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        counts = ", ".join(f"{state}: {n}" for state, n in self.counts.items())
        return f"Enrichment(customers={len(self.table)}; {counts})"[:110]
