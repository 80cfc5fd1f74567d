"""Sort one list of documents (SAP, Sage, Xero) into invoices, credit notes and payments."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from payseg_widgets.ledger.findings import quoted
from payseg_widgets.ledger.ids import is_among
from payseg_widgets.ledger.intake import Intake
from payseg_widgets.ledger.vocabulary import DOCUMENT_TYPES, meanings

_MOVED = ("source_row", "customer_id", "amount_minor", "amount_original_minor", "currency_original")


def sort_documents(
    invoices: Intake, payments: Intake, credit_notes: Intake, columns: Mapping[str, str]
) -> None:
    """Move payments and credit notes found among the invoices to their tables.

    The document type decides where it is known; otherwise a negative amount is a credit note. What has a
    settled date of its own is the other side of settled invoices: see `_cleared_with`.
    """
    kind = _kinds(invoices, columns)
    if "doc_type" in columns:
        invoices.reject(
            kind == "payable",
            "a supplier's document, not a receivable",
            column=columns["doc_type"],
            values=invoices.rows["doc_type"],
        )
        kind = kind[invoices.rows.index]
        _turn_signs(invoices, kind, columns)
    amount = invoices.rows["amount_minor"]
    kind = kind.mask((kind == "invoice") & (amount < 0), "credit_note")
    _move_payments(invoices, payments, kind == "payment", columns)
    kind = kind[invoices.rows.index]
    _move_credits(invoices, credit_notes, kind == "credit_note", columns)


def _kinds(invoices: Intake, columns: Mapping[str, str]) -> pd.Series:
    rows = invoices.rows
    kind = pd.Series("invoice", index=rows.index, dtype="str")
    if "doc_type" in columns:
        said = meanings(rows["doc_type"], DOCUMENT_TYPES)
        unknown = said == "?"
        if unknown.any():
            first = quoted(rows.loc[unknown, "doc_type"].iloc[0])
            invoices.note(
                columns["doc_type"],
                f"document types not known (first: {first}) were read by the sign of the amount",
                rows[unknown],
            )
        kind = said.where(said.notna() & ~unknown, "invoice").astype("str")
    return kind


def _turn_signs(invoices: Intake, kind: pd.Series, columns: Mapping[str, str]) -> None:
    """Turn every sign where an export writes receivables as negative."""
    amount = invoices.rows.loc[kind == "invoice", "amount_minor"]
    if (amount < 0).any() and not (amount > 0).any():
        invoices.note(
            columns["amount"],
            "invoices are written as negative amounts; all signs were turned",
            invoices.rows,
        )
        turned = {str(c): -invoices.rows[c] for c in invoices.rows if str(c).endswith("_minor")}
        invoices.money_read -= 2 * int(invoices.rows["amount_minor"].fillna(0).sum())
        invoices.rows = invoices.rows.assign(**turned)


def _usual_sign(amount: pd.Series) -> int:
    return 1 if (amount > 0).sum() > (amount < 0).sum() else -1


def _applied_to(rows: pd.DataFrame, own_ids: pd.Series) -> pd.Series:
    """Take the invoice a document names, else an invoice with the document's own number."""
    named = rows["applied_to"] if "applied_to" in rows else pd.Series(pd.NA, index=rows.index, dtype="str")
    return named.where(named.notna(), rows["invoice_id"].where(is_among(rows["invoice_id"], own_ids)))


def _move_payments(invoices: Intake, payments: Intake, mask: pd.Series, columns: Mapping[str, str]) -> None:
    if not mask.any():
        return
    others = invoices.rows[~mask]
    if "paid_on" in columns and others["paid_on"].notna().any():
        cleared = mask & invoices.rows["paid_on"].notna()
        same = invoices.take_out(cleared, "already counted")
        invoices.note(
            columns["doc_type"],
            "payments that cleared invoices are the same cash as the invoices' settled dates and were "
            "not counted twice",
            same,
        )
        mask = mask[invoices.rows.index]
    moved = invoices.take_out(mask, "moved to payments")
    sign = _usual_sign(moved["amount_minor"])
    rows = moved[[c for c in _MOVED if c in moved]].assign(
        invoice_id=_applied_to(moved, others["invoice_id"]),
        paid_on=moved["issued_on"],
        amount_minor=sign * moved["amount_minor"],
    )
    payments.add(rows)
    invoices.note(columns["doc_type"], "rows are payments and were moved there", moved)


def _move_credits(
    invoices: Intake, credit_notes: Intake, mask: pd.Series, columns: Mapping[str, str]
) -> None:
    if not mask.any():
        return
    rest = invoices.rows[~mask]
    moved = invoices.take_out(mask, "moved to credit_notes")
    sign = _usual_sign(moved["amount_minor"])
    rows = moved[[c for c in _MOVED if c in moved]].assign(
        credit_note_id=moved["invoice_id"],
        invoice_id=_applied_to(moved, rest["invoice_id"]),
        issued_on=moved["issued_on"],
        amount_minor=sign * moved["amount_minor"],
    )
    unnamed = rows["invoice_id"].isna()
    if "paid_on" in columns:
        rows = rows.assign(invoice_id=rows["invoice_id"].where(~unnamed, _cleared_with(moved, rest)))
    credit_notes.add(rows)
    invoices.note(
        columns.get("doc_type", columns["amount"]),
        "credit notes among the invoices were moved to credit_notes",
        moved,
    )


def _cleared_with(notes: pd.DataFrame, invoices: pd.DataFrame) -> pd.Series:
    """Name the largest invoice cleared together with a credit note, if it is large enough for all of them.

    Together means: the same clearing document, else the same customer and settled date.
    """
    key = _clearing_key(invoices)
    largest = (
        invoices.assign(key=key)
        .dropna(subset=["key"])
        .sort_values("amount_minor")
        .drop_duplicates("key", keep="last")
        .set_index("key")
    )
    own = _clearing_key(notes)
    total = notes["amount_minor"].abs().groupby(own).sum()
    covers = largest["amount_minor"].reindex(total.index) >= total
    named = largest["invoice_id"].reindex(total.index)[covers.fillna(False).astype(bool)]
    return own.map(named).astype("str")


def _clearing_key(rows: pd.DataFrame) -> pd.Series:
    day = rows["customer_id"] + "|" + rows["paid_on"].dt.strftime("%Y-%m-%d").astype("str")
    if "clearing_document" not in rows:
        return day
    document = rows["clearing_document"].where(rows["paid_on"].notna())
    return document.where(document.notna(), day)
