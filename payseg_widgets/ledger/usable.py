"""Take in the rows of a typed table and refuse those that lack what every row needs."""

from __future__ import annotations

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.duplicates import collapse_repeats
from payseg_widgets.ledger.findings import quoted
from payseg_widgets.ledger.intake import DAY, Intake
from payseg_widgets.ledger.typed import TypedTable
from payseg_widgets.ledger.vocabulary import DOCUMENT_TYPES, meanings

#: Roles a row cannot do without.
NEEDED: dict[str, tuple[str, ...]] = {
    "invoices": ("invoice_id", "customer_id", "issued_on", "amount"),
    "payments": ("paid_on", "amount"),
    "credit_notes": ("issued_on", "amount"),
    "reminders": ("sent_on",),
    "disputes": (),
    "customers": ("customer_id",),
}
_LARGEST_TOTAL = 2.0**62  # minor units: sums stay well inside 64 bits


def intake_of(table: str, typed: TypedTable | None) -> Intake:
    """Take in a table (an empty one where none was given); unusable rows are rejected with their reason.

    Raises
    ------
    LedgerError
        If the amounts add up to more than 64 bits hold.
    """
    if typed is None:
        money = (
            {"amount_minor": pd.Series(dtype="Int64")}
            if table in ("invoices", "payments", "credit_notes")
            else {}
        )
        day = (
            {DAY[table]: pd.Series(dtype="datetime64[s]")}
            if table in ("payments", "credit_notes", "reminders")
            else {}
        )
        return Intake(table, pd.DataFrame({"source_row": pd.Series(dtype="int64"), **money, **day}))
    rows = typed.frame
    if table == "invoices" and "invoice_id" not in typed.columns:
        rows = rows.assign(invoice_id="row-" + rows["source_row"].astype("str"))
    for role in typed.money_roles():
        size = rows[f"{role}_minor"].abs()
        if float(size.astype("Float64").sum()) <= _LARGEST_TOTAL:
            continue
        largest = quoted(typed.cells(role).loc[size == size.max()].iloc[0])
        raise LedgerError(
            f"{table}: the amounts add up to more than can be counted (largest: {largest}); correct or "
            f"remove such amounts."
        )
    intake = Intake(table, rows, findings=list(typed.findings))
    if table == "invoices" and "invoice_id" not in typed.columns:
        intake.note(
            "", "no column of invoice ids: each row is an invoice of its own, named after its row", rows
        )
    lost = typed.raw.rejected
    if len(lost):
        listed = typed.totals_minor.reindex(lost["source_row"]).set_axis(lost.index)
        total = sum(int(minor) for minor in listed.dropna())
        intake.n_read += len(lost)
        intake.money_read += total
        intake.outcomes.append(("rejected", len(lost), total))
        intake.rejected.append(lost.assign(table=table, amount_minor=listed))
    _refuse_unusable(intake, typed)
    return intake


def _refuse_unusable(intake: Intake, typed: TypedTable) -> None:
    """Reject rows whose needed cells are missing or unreadable, and amounts of zero."""
    unknown = typed.currencies == "?"
    if unknown.any():
        intake.reject(
            unknown,
            "a currency that does not exist",
            column=typed.columns["currency"],
            values=typed.cells("currency"),
        )
    for role in NEEDED[intake.table]:
        if role not in typed.columns:
            continue
        name = "amount_minor" if role == "amount" else role
        if role in typed.problems:
            problem = typed.problems[role].reindex(intake.rows.index)
            intake.reject(
                problem != "",
                f"unreadable {role}: " + problem,
                column=typed.columns[role],
                values=typed.cells(role),
            )
        lacks = intake.rows[name].isna()
        if role == "invoice_id" and "doc_type" in intake.rows:
            # a receipt or credit note without a number is on account
            lacks &= ~meanings(intake.rows["doc_type"], DOCUMENT_TYPES).isin(["payment", "credit_note"])
        intake.reject(lacks, f"no {role}", column=typed.columns[role], values=typed.cells(role))
        if role == "amount":
            intake.reject(
                intake.rows[name] == 0,
                "an amount of zero",
                column=typed.columns[role],
                values=typed.cells(role),
            )
    if intake.table != "invoices":
        collapse_repeats(intake, typed.raw.frame)
    if intake.table in ("payments", "credit_notes"):
        _usual_signs(intake, typed)


def _usual_signs(intake: Intake, typed: TypedTable) -> None:
    """Turn the signs where an export writes payments or credits as negative."""
    amount = intake.rows["amount_minor"]
    n_negative, n_positive = int((amount < 0).sum()), int((amount > 0).sum())
    column = typed.columns["amount"]
    if n_negative > n_positive and (n_positive == 0 or intake.table == "credit_notes"):
        intake.money_read -= 2 * int(amount.sum())
        intake.rows = intake.rows.assign(amount_minor=-amount)
        intake.note(column, "amounts are written as negative; all signs were turned", intake.rows)
    if intake.table == "credit_notes":
        intake.reject(
            intake.rows["amount_minor"] < 0,
            "a credit note with the sign of an invoice",
            column=column,
            values=typed.cells("amount"),
        )
    else:
        intake.note(
            column,
            "negative payments are kept as refunds or bounced payments",
            intake.rows[intake.rows["amount_minor"] < 0],
        )
