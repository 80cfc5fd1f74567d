"""One fact about a customer: its value, who says so, as of when, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

#: Columns of a table of fields, one row for each customer, field and source.
FIELD_COLUMNS = ("customer_id", "field", "value", "source", "as_of", "probability", "note")

#: Where a customer's region can be read from; the registered office is the accountant's as often as the company's.
LEDGER_POSTCODE, LEDGER_ADDRESS = "ledger postcode", "ledger address"
LEDGER_TEXT, LEDGER_COUNTRY, LEDGER_NUMBER = "ledger text", "ledger country", "ledger number"
REGISTERED_OFFICE = "registered office"


@dataclass(frozen=True, repr=False)
class Field:
    """A value with its provenance.

    Attributes
    ----------
    value : str
    source : str
        Who says so, and for a region on what basis: ``"ledger postcode"`` is where the customer trades from,
        ``"registered office"`` where it is registered.
    as_of : datetime.date
        The day on which the source said so.
    probability : float
        That the value is right, given that the source is about this customer.
    note : str
        What to know of it; empty where there is nothing.
    """

    value: str
    source: str
    as_of: date
    probability: float = 1.0
    note: str = ""

    def __repr__(self) -> str:
        return f"Field({self.source!r}, {self.as_of:%Y-%m-%d}, probability={self.probability:.3f})"  # no value: may be secret


def field_table(rows: Iterable[tuple[str, str, Field]]) -> pd.DataFrame:
    """Return customers' fields as a tidy table.

    Parameters
    ----------
    rows : iterable of (customer_id, name of the field, Field)

    Returns
    -------
    pandas.DataFrame
        ``FIELD_COLUMNS``; ``as_of`` is ``datetime64[s]``, ``probability`` float64, all else text.
    """
    listed = [
        (customer, name, f.value, f.source, f.as_of, f.probability, f.note) for customer, name, f in rows
    ]
    table = pd.DataFrame(listed, columns=list(FIELD_COLUMNS))
    texts = {name: "str" for name in FIELD_COLUMNS if name not in ("as_of", "probability")}
    return table.astype({**texts, "as_of": "datetime64[s]", "probability": "float64"})
