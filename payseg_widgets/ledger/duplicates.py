"""Collapse repeated rows; refuse rows that contradict each other.

* Rows equal in everything that is used are one invoice; the others are counted as ``duplicate``.
* Rows of one invoice that agree on amount, issue and due date but carry different payments are part payments:
  one
  invoice, several payments.
* Rows of one invoice that disagree on those are all rejected: nothing tells which is right.
* One invoice id used by several customers is several invoices, named ``customer/invoice``.
"""

from __future__ import annotations

import pandas as pd

from payseg_widgets.ledger.findings import counted, quoted
from payseg_widgets.ledger.ids import is_among
from payseg_widgets.ledger.intake import Intake

_CORE = ("amount_minor", "issued_on", "due_on")
_PAYMENT = ("paid_on", "paid_amount_minor")


def collapse_repeats(intake: Intake, raw: pd.DataFrame) -> None:
    """Count rows of another table that repeat a whole source row as ``duplicate``."""
    if len(intake.rows):
        repeated = raw.astype("str").duplicated() if len(raw) else pd.Series(dtype=bool)
        mask = intake.rows["source_row"].isin(raw.index[repeated])
        gone = intake.take_out(mask, "duplicate")
        intake.note("", "rows that repeat an earlier row exactly were dropped", gone)


def qualify_shared_ids(intake: Intake, heading: str) -> set[str]:
    """Rename invoice ids used by several customers as ``customer/invoice`` and return the shared ids."""
    rows = intake.rows
    if rows["invoice_id"].is_unique:
        return set()
    repeated = rows[rows["invoice_id"].duplicated(keep=False)]
    owners = repeated.groupby("invoice_id")["customer_id"].nunique()
    shared = owners.index[owners > 1]
    if not len(shared):
        return set()
    hit = is_among(rows["invoice_id"], shared)
    intake.rows = rows.assign(
        invoice_id=rows["invoice_id"].where(~hit, rows["customer_id"] + "/" + rows["invoice_id"])
    )
    intake.note(
        heading,
        f"{counted(len(shared), 'invoice id')} used by several customers (first: {quoted(shared[0])}): "
        f"named customer/invoice",
        rows[hit],
    )
    return set(shared)


def resolve_repeats(intake: Intake, heading: str) -> pd.DataFrame:
    """Collapse exact repeats, reject conflicting ones, and return the further payment lines of an invoice.

    Returns
    -------
    pandas.DataFrame
        Rows that repeat their invoice with another payment; they are out of the intake, counted as
        ``duplicate``.
    """
    if intake.rows["invoice_id"].is_unique:
        return intake.rows.iloc[:0]
    used = [c for c in intake.rows.columns if c != "source_row"]
    candidates = intake.rows[intake.rows["invoice_id"].duplicated(keep=False)]
    repeats = candidates.index[candidates.duplicated(used)]
    gone = intake.take_out(intake.rows.index.isin(repeats), "duplicate")
    intake.note(heading, "rows that repeat an invoice exactly were dropped", gone)
    core = [*_CORE] if "paid_amount_minor" in intake.rows else [*_CORE, "paid_on"]
    core = [c for c in core if c in intake.rows]
    rows = intake.rows[intake.rows["invoice_id"].duplicated(keep=False)]
    if not len(rows):
        return rows
    distinct = rows[["invoice_id", *core]].drop_duplicates()
    several = distinct["invoice_id"][distinct["invoice_id"].duplicated()].unique()
    intake.reject(
        intake.rows["invoice_id"].isin(several),
        "several rows of this invoice contradict each other; all are left out",
        column=heading,
        values=intake.rows["invoice_id"],
    )
    further = intake.rows["invoice_id"].duplicated()
    lines = intake.take_out(further, "duplicate")
    differ = [c for c in _PAYMENT if c in lines]
    if len(lines) and differ:
        intake.note(
            heading,
            "rows that repeat their invoice with another payment were read as part payments of it",
            lines,
        )
    elif len(lines):
        intake.note(
            heading,
            "rows that repeat their invoice with other details were dropped, the first was kept",
            lines,
        )
    return lines
