"""Join the other tables to the invoices by their ids, and find what was paid last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from payseg_widgets.ledger.ids import is_among, match_ids
from payseg_widgets.ledger.intake import Intake


@dataclass(frozen=True)
class Known:
    """The ids other tables may name.

    Attributes
    ----------
    owner : pandas.Series of str
        Customer of each accepted invoice, index ``invoice_id``.
    refused : frozenset of str
        Ids of invoices that were read but rejected.
    shared : frozenset of str
        Ids used by several customers; such an invoice is called ``customer/invoice``.
    customers : pandas.Index
        Customers with an invoice or a row of their own.
    """

    owner: pd.Series
    refused: frozenset[str]
    shared: frozenset[str]
    customers: pd.Index


def link(intake: Intake, known: Known, columns: Mapping[str, str]) -> None:
    """Point each row at its invoice and customer; refuse rows that name neither.

    A row that names an unknown invoice of a known customer stays on account; one that names a rejected
    invoice is rejected with it, since on account it would pay other invoices.
    """
    intake.rows = _with_both_ids(intake.rows)
    if not len(intake.rows):
        return
    _match_customers(intake, known.customers, columns)
    _match_invoices(intake, known, columns)
    rows = intake.rows
    heading = columns.get("invoice_id", "")
    intake.reject(
        is_among(rows["invoice_id"], known.refused),
        "its invoice was rejected",
        column=heading,
        values=rows["invoice_id"],
    )
    rows = intake.rows
    owner = rows["invoice_id"].map(known.owner)
    stranger = owner.isna() & ~is_among(rows["customer_id"], known.customers)
    nobody = rows["invoice_id"].isna() & rows["customer_id"].isna()
    intake.reject(stranger & nobody, "names neither an invoice nor a customer", column=heading)
    named = rows["invoice_id"].where(rows["invoice_id"].notna(), rows["customer_id"])
    intake.reject(
        stranger[~(stranger & nobody)],
        "names an unknown invoice or customer",
        column=heading or columns.get("customer_id", ""),
        values=named,
    )
    rows = intake.rows
    owner = owner[rows.index]
    other = owner.notna() & rows["customer_id"].notna() & (rows["customer_id"] != owner)
    intake.note(
        columns.get("customer_id", ""),
        "rows name an invoice of another customer; the invoice's customer was taken",
        rows[other],
    )
    lost = rows["invoice_id"].notna() & owner.isna()
    intake.note(
        heading, "rows name an unknown invoice of a known customer and are kept on account", rows[lost]
    )
    intake.rows = rows.assign(
        customer_id=owner.where(owner.notna(), rows["customer_id"]).astype("str"),
        invoice_id=rows["invoice_id"].mask(owner.isna()),
    )


def _with_both_ids(rows: pd.DataFrame) -> pd.DataFrame:
    missing = {
        c: pd.Series(pd.NA, index=rows.index, dtype="str")
        for c in ("invoice_id", "customer_id")
        if c not in rows
    }
    return rows.assign(**missing)


def _match_customers(intake: Intake, customers: pd.Index, columns: Mapping[str, str]) -> None:
    matched, findings = match_ids(
        customers, intake.rows["customer_id"].rename(columns.get("customer_id", "customer_id"))
    )
    intake.rows = intake.rows.assign(customer_id=matched.astype("str"))
    intake.note_all(findings)


def _match_invoices(intake: Intake, known: Known, columns: Mapping[str, str]) -> None:
    rows = intake.rows
    ids = rows["invoice_id"]
    if known.shared:
        ambiguous = is_among(ids, known.shared)
        ids = ids.where(~ambiguous, rows["customer_id"] + "/" + ids)
        homeless = ambiguous & rows["customer_id"].isna()
        intake.rows = rows.assign(invoice_id=ids)
        intake.reject(
            homeless,
            "its invoice id belongs to several customers",
            column=columns.get("invoice_id", ""),
            values=rows["invoice_id"],
        )
        ids = intake.rows["invoice_id"]
    names = known.owner.index.append(pd.Index(sorted(known.refused), dtype="str"))
    matched, findings = match_ids(names, ids.rename(columns.get("invoice_id", "invoice_id")))
    intake.rows = intake.rows.assign(invoice_id=matched.astype("str"))
    intake.note_all(findings)


def last_paid(payments: pd.DataFrame, invoice_ids: pd.Series) -> pd.Series:
    """Return the day of the last payment of each invoice; NaT for none."""
    if not len(payments):
        return pd.Series(pd.NaT, index=invoice_ids.index, dtype="datetime64[s]")
    days = payments.dropna(subset=["invoice_id"]).groupby("invoice_id")["paid_on"].max()
    return pd.Series(days.reindex(invoice_ids).to_numpy(), index=invoice_ids.index).astype("datetime64[s]")
