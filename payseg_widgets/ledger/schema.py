"""The checked ledger: which tables it holds, which columns they have, and what is promised of them.

Promises every `Ledger` keeps (``check_invariants`` asserts them):

* Money is ``int64`` in minor units (pence, cents) of ``ledger.currency``; such columns end ``_minor``.
* Dates are ``datetime64[s]`` at midnight; an absent date is ``NaT``, never a far-away day.
* ``customer_id`` is a categorical whose categories are ``customers.customer_id``, in that order.
* ``invoices`` are sorted by customer, issue date and id; ``payments`` by customer, date and invoice.
* ``invoice_row`` points into ``invoices`` by position; -1 means "on account", no invoice named.
* An invoice closed for a reason that is not a payment has both its day and its reason.
* No fact is later than ``as_of``; what was settled later is open, what was disputed later is not disputed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from datetime import date

#: Columns of each table: name -> (dtype, may be missing, meaning). Tables may hold further columns of the user's.
TABLES: dict[str, dict[str, tuple[str, bool, str]]] = {
    "customers": {
        "customer_id": ("str", False, "the key, unique, sorted"),
        "name": ("str", True, "as written in the export; confidential"),
    },
    "invoices": {
        "invoice_id": ("str", False, "unique within the ledger"),
        "customer_id": ("category", False, "who owes it"),
        "issued_on": ("datetime64[s]", False, "invoice date"),
        "due_on": ("datetime64[s]", False, "as agreed, before any late rule"),
        "amount_minor": ("int64", False, "gross amount, > 0"),
        "closed_on": ("datetime64[s]", True, "closed for a reason that is not a payment"),
        "closed_reason": ("str", True, "written_off, cancelled, protested, returned"),
    },
    "payments": {
        "invoice_row": ("int32", False, "position in invoices, -1 on account"),
        "customer_id": ("category", False, "who paid"),
        "paid_on": ("datetime64[s]", False, "value date"),
        "amount_minor": ("int64", False, "> 0; a refund or a bounced payment is negative"),
    },
    "credit_notes": {
        "invoice_row": ("int32", False, "position in invoices, -1 on account"),
        "customer_id": ("category", False, "who was credited"),
        "issued_on": ("datetime64[s]", False, "credit note date"),
        "amount_minor": ("int64", False, "> 0: reduces what is owed"),
    },
    "reminders": {
        "invoice_row": ("int32", False, "position in invoices, -1 for the account as a whole"),
        "customer_id": ("category", False, "who was reminded"),
        "sent_on": ("datetime64[s]", False, "date of the reminder"),
    },
    "disputes": {
        "invoice_row": ("int32", False, "position in invoices, -1 for the account as a whole"),
        "customer_id": ("category", False, "who disputes"),
        "opened_on": ("datetime64[s]", True, "NaT where the export only says that there was a dispute"),
        "known_on": ("datetime64[s]", False, "opened_on, else the settlement, else as_of of the full ledger"),
    },
}

#: Optional columns of ``customers`` that later rooms read, all text unless said.
CUSTOMER_FACTS = (
    "region", "sector", "country", "postcode", "company_number", "address", "size_band",
    "credit_limit_minor",  # Int64, minor units
    "terms_days",  # Int32
)  # fmt: skip

REJECTED_COLUMNS = ("table", "source_row", "reason", "column", "value", "amount_minor")
"""``source_row`` counts data rows from 1; ``value`` is quoted text; ``amount_minor`` is the row's money, if readable."""

QUALITY_COLUMNS = ("table", "column", "finding", "n_rows", "amount_minor")
"""``finding`` is a whole sentence; ``amount_minor`` (Int64) is the money concerned, missing where it has none."""

RECONCILIATION_COLUMNS = ("table", "outcome", "n_rows", "amount_minor")
"""``outcome``: read, accepted, duplicate, rejected, after as_of, moved to payments, moved to credit_notes,
already counted. For each table ``read`` is the sum of all others, in rows and in money."""


@dataclass(frozen=True)
class LateRule:
    """When a payment counts as late.

    Parameters
    ----------
    due : {"due_date", "next_business_day"}
        The day that counts: the agreed due date, or, where that is a weekend or a public holiday of
        ``country``, the next business day.
    grace_days : int
        A payment up to this many days after that day is on time. It moves the *late* verdict, not the days.
    country : str
        ISO 3166 code, optionally with a subdivision (``"GB"``, ``"GB-SCT"``); read for business days only.
    """

    due: str = "due_date"
    grace_days: int = 0
    country: str = "GB"

    def __str__(self) -> str:
        day = "the due date"
        if self.due != "due_date":
            day = f"the next business day ({self.country}) on or after the due date"
        grace = f" plus {self.grace_days} days of grace" if self.grace_days else ""
        return f"late = paid after {day}{grace}"


@dataclass(frozen=True, repr=False)
class Ledger:
    """A checked accounts-receivable ledger as known at ``as_of``.

    Made by `read_ledger` or `simulate_ledger`, never by hand. Nothing is changed in place: every verb
    returns a new ledger.

    Attributes
    ----------
    invoices, payments, credit_notes, reminders, disputes, customers : pandas.DataFrame
        See ``TABLES`` for columns, dtypes and missing values.
    as_of : pandas.Timestamp
        The last day whose facts are in the ledger.
    currency : str
        ISO 4217 code of all ``_minor`` columns; ``"XXX"`` where the export names none.
    late_rule : LateRule
        What counts as late; printed beside every late rate.
    rejected : pandas.DataFrame
        Every refused row with its reason (``REJECTED_COLUMNS``).
    quality : pandas.DataFrame
        What was decided, repaired or contradictory, with rows and money (``QUALITY_COLUMNS``).
    reconciliation : pandas.DataFrame
        Counts and money read, accepted and rejected, per table (``RECONCILIATION_COLUMNS``).
    provenance : Mapping
        Hash of the input, parameters, seed, versions.
    is_pseudonymised : bool
        Whether ids and names have been replaced.
    """

    invoices: pd.DataFrame
    payments: pd.DataFrame
    credit_notes: pd.DataFrame
    reminders: pd.DataFrame
    disputes: pd.DataFrame
    customers: pd.DataFrame
    as_of: pd.Timestamp
    currency: str
    late_rule: LateRule
    rejected: pd.DataFrame
    quality: pd.DataFrame
    reconciliation: pd.DataFrame
    provenance: Mapping[str, Any] = field(default_factory=dict)
    is_pseudonymised: bool = False

    @property
    def minor_per_unit(self) -> int:
        """Minor units in one unit of the currency: 100 for GBP, 1 for JPY, 1000 for KWD."""
        return 10 ** minor_digits(self.currency)

    def until(self, day: str | date | pd.Timestamp) -> Ledger:
        """Return what was known on ``day``: see `payseg_widgets.ledger.cut.until`."""
        from payseg_widgets.ledger.cut import until

        return until(self, day)

    def pseudonymised(self, *, key: str | bytes) -> Ledger:
        """Replace ids and names: see `payseg_widgets.ledger.pseudonyms.pseudonymised`."""
        from payseg_widgets.ledger.pseudonyms import pseudonymised

        return pseudonymised(self, key=key)

    def __repr__(self) -> str:
        return (
            f"Ledger(invoices={len(self.invoices)}, payments={len(self.payments)}, customers={len(self.customers)}, "
            f"rejected={len(self.rejected)}, as_of={self.as_of:%Y-%m-%d})"
        )

    def __len__(self) -> int:
        return len(self.invoices)


def minor_digits(currency: str) -> int:
    """Return the number of decimal digits of a currency's minor unit (ISO 4217).

    >>> minor_digits("GBP"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    return _MINOR_DIGITS.get(currency, 2)


#: ISO 4217 currencies whose minor unit is not a hundredth.
_NO_DIGITS = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THREE_DIGITS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_MINOR_DIGITS = {**dict.fromkeys(_NO_DIGITS, 0), **dict.fromkeys(_THREE_DIGITS, 3)}


def empty_table(table: str) -> pd.DataFrame:
    """Return a table of the schema without rows (``customer_id`` has no categories yet)."""
    return pd.DataFrame({column: pd.Series(dtype=dtype) for column, (dtype, _, _) in TABLES[table].items()})


def assemble(
    *,
    customers: pd.DataFrame,
    invoices: pd.DataFrame,
    payments: pd.DataFrame,
    credit_notes: pd.DataFrame | None = None,
    reminders: pd.DataFrame | None = None,
    disputes: pd.DataFrame | None = None,
    as_of: pd.Timestamp,
    currency: str,
    late_rule: LateRule | None = None,
    rejected: pd.DataFrame | None = None,
    quality: pd.DataFrame | None = None,
    reconciliation: pd.DataFrame | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Ledger:
    """Sort the tables, point rows at each other and return the ledger.

    Tables come with ``customer_id`` as text and, but for ``invoices`` and ``customers``, an ``invoice_id`` column
    (missing for "on account"), which becomes ``invoice_row``. Customers without a row of their own get one.

    Raises
    ------
    AssertionError
        If the result breaks a promise of this module: a mistake in the caller, not in the user's data.
    """
    given = {
        "invoices": invoices,
        "payments": payments,
        "credit_notes": credit_notes,
        "reminders": reminders,
        "disputes": disputes,
    }
    tables = {
        name: empty_table(name).astype({"customer_id": "str"}) if table is None else table
        for name, table in given.items()
    }
    customers = _with_every_customer(customers, tables)
    ids = customers["customer_id"].array
    for name, table in tables.items():
        tables[name] = table.assign(customer_id=pd.Categorical(table["customer_id"], categories=ids))
    invoices = _in_order(tables["invoices"], "issued_on", "invoice_id")
    position = pd.Index(invoices["invoice_id"])
    ledger = Ledger(
        customers=customers,
        invoices=invoices,
        payments=_pointed("payments", tables["payments"], position, "paid_on"),
        credit_notes=_pointed("credit_notes", tables["credit_notes"], position, "issued_on"),
        reminders=_pointed("reminders", tables["reminders"], position, "sent_on"),
        disputes=_pointed("disputes", tables["disputes"], position, "known_on"),
        as_of=pd.Timestamp(as_of).as_unit("s"),
        currency=currency,
        late_rule=late_rule or LateRule(),
        rejected=_or_empty(rejected, REJECTED_COLUMNS),
        quality=_or_empty(quality, QUALITY_COLUMNS),
        reconciliation=_or_empty(reconciliation, RECONCILIATION_COLUMNS),
        provenance=dict(provenance or {}),
    )
    check_invariants(ledger)
    return ledger


def _pointed(name: str, table: pd.DataFrame, position: pd.Index, day: str) -> pd.DataFrame:
    """Replace ``invoice_id`` by the invoice's position, sort, and put the schema's columns first."""
    table = table.reset_index(drop=True)
    if "invoice_row" not in table:
        row = pd.Series(position.get_indexer(pd.Index(table["invoice_id"])), dtype="int32")
        table = table.assign(invoice_row=row).drop(columns="invoice_id")
    table = _in_order(table, day, "invoice_row")
    return table[[*TABLES[name], *(c for c in table if c not in TABLES[name])]]


def _in_order(table: pd.DataFrame, day: str, tie: str) -> pd.DataFrame:
    """Sort by customer and day, then by ``tie``."""
    table = table.reset_index(drop=True)
    keys = pd.DataFrame({"c": table["customer_id"].cat.codes, "d": table[day], "i": table[tie]})
    order = keys.sort_values(["c", "d", "i"], kind="stable").index.to_numpy()
    return table.iloc[order].reset_index(drop=True)


def _or_empty(table: pd.DataFrame | None, columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns)) if table is None else table


def _with_every_customer(customers: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    seen = pd.concat([t["customer_id"].astype("str") for t in tables.values()]).dropna().unique()
    missing = pd.Index(seen).difference(pd.Index(customers["customer_id"]))
    if len(missing):
        customers = pd.concat([customers, pd.DataFrame({"customer_id": missing})], ignore_index=True)
    if "name" not in customers:
        customers = customers.assign(name=pd.Series(pd.NA, index=customers.index, dtype="str"))
    return customers.sort_values("customer_id", ignore_index=True)


def check_invariants(ledger: Ledger) -> None:
    """Assert every promise in this module's docstring."""
    customers = ledger.customers["customer_id"]
    assert customers.is_unique, "customer ids are not unique"  # noqa: S101
    assert ledger.invoices["invoice_id"].is_unique, "invoice ids are not unique"  # noqa: S101
    assert (ledger.invoices["amount_minor"] > 0).all(), "an invoice is not positive"  # noqa: S101
    closed = ledger.invoices[["closed_on", "closed_reason"]].notna()
    assert (closed["closed_on"] == closed["closed_reason"]).all(), "a closing lacks its day or its reason"  # noqa: S101
    for name, columns in TABLES.items():
        table = getattr(ledger, name)
        for column, (dtype, may_miss, _) in columns.items():
            assert column in table, f"{name} has no {column}"  # noqa: S101
            found = table[column].dtype
            assert dtype in ("category", found), f"{name}.{column} is {found}, not {dtype}"  # noqa: S101
            assert may_miss or not table[column].isna().any(), f"{name}.{column} has missing values"  # noqa: S101
            if column == "customer_id" and name != "customers":
                assert table[column].cat.categories.equals(pd.Index(customers)), f"{name}: other customers"  # noqa: S101
            if column in ("issued_on", "paid_on", "sent_on", "known_on"):
                assert not (table[column] > ledger.as_of).any(), f"{name}.{column} is after as_of"  # noqa: S101
