"""What a ledger knows of its customers that helps to find them on a register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.errors import EnrichmentError
from payseg_widgets.ledger.schema import Ledger

_TEXTS = ("name", "address", "postcode", "company_number", "vat_number")
_DAYS = ("first_invoice_on", "last_invoice_on")


def customer_records(customers: Ledger | pd.DataFrame) -> list[CustomerRecord]:
    """Return a record for each customer, in the order of the table.

    Parameters
    ----------
    customers : Ledger or pandas.DataFrame
        A table needs ``customer_id`` and ``name``; ``address``, ``postcode``, ``company_number``, ``vat_number``,
        ``first_invoice_on`` and ``last_invoice_on`` are used where it has them. A ledger's dates are those of its invoices.

    Returns
    -------
    list of CustomerRecord
        Missing text is empty; a missing date ``None``.

    Raises
    ------
    EnrichmentError
        If there are no names, as in a ledger under pseudonyms, or an id is missing or occurs twice.
    """
    table = _with_days(customers) if isinstance(customers, Ledger) else customers
    if not isinstance(table, pd.DataFrame):
        raise EnrichmentError(f"customers are a Ledger or a DataFrame, not a {type(table).__name__}.")
    for column in ("customer_id", "name"):
        if column not in table:
            raise EnrichmentError(
                f"The customers have no column {column!r}; there are: {', '.join(map(str, table))}."
            )
    ids = table["customer_id"]
    if ids.isna().any() or ids.duplicated().any():
        raise EnrichmentError(
            f"{int(ids.isna().sum())} customer ids are missing and {int(ids.duplicated().sum())} occur twice; "
            "give each customer one row and an id of its own."
        )
    records = [_record(row) for row in table.to_dict("records")]
    if not records:
        raise EnrichmentError("There are no customers to look up; give a table with a row for each.")
    if not any(r.name or r.company_number for r in records):
        raise EnrichmentError(
            "No customer has a name or a company number, so none can be found: under pseudonyms the names are gone. "
            "Enrich the ledger as it was read, before pseudonyms."
        )
    return records


def _with_days(ledger: Ledger) -> pd.DataFrame:
    issued = ledger.invoices.groupby("customer_id", observed=True)["issued_on"].agg(["min", "max"])
    days = issued.rename(columns={"min": _DAYS[0], "max": _DAYS[1]})
    days.index = days.index.astype("str")
    return ledger.customers.join(days, on="customer_id")


def _record(row: Mapping[Any, Any]) -> CustomerRecord:
    days: dict[str, Any] = {
        name: pd.Timestamp(row[name]).date() for name in _DAYS if not pd.isna(row.get(name))
    }
    texts: dict[str, Any] = {name: _text(row.get(name)) for name in _TEXTS}
    return CustomerRecord(str(row["customer_id"]), **texts, **days)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()
