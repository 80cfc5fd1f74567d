"""One flat table: payments, closing reasons and disputes that stand in the invoice's own row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.findings import counted, quoted
from payseg_widgets.ledger.intake import Intake
from payseg_widgets.ledger.schema import minor_digits
from payseg_widgets.ledger.vocabulary import NOT_PAYMENTS, STATUSES, is_yes, meanings


def read_statuses(invoices: Intake, columns: Mapping[str, str]) -> None:
    """Add ``meaning`` (a word of the status vocabulary) and ``closed_reason``; refuse drafts."""
    rows = invoices.rows
    meaning = pd.Series(pd.NA, index=rows.index, dtype="str")
    for role in ("status", "closed_reason"):
        if role not in columns:
            continue
        said = meanings(rows[role], STATUSES)
        unknown = said == "?"
        if unknown.any():
            first = quoted(rows.loc[unknown, role].iloc[0])
            invoices.note(
                columns[role],
                f"words not known (first: {first}) say nothing about the invoice",
                rows[unknown],
            )
        said = said.mask(unknown)
        meaning = said.where(said.isin(NOT_PAYMENTS) | meaning.isna(), meaning)
    invoices.rows = rows.assign(meaning=meaning, closed_reason=meaning.where(meaning.isin(NOT_PAYMENTS)))
    invoices.reject(
        meaning == "draft",
        "a draft, not an invoice yet",
        column=columns.get("status", ""),
        values=rows.get("status"),
    )


def claim_payments(
    lines: pd.DataFrame,
    columns: Mapping[str, str],
    problems: Mapping[str, pd.Series],
    cells: Mapping[str, pd.Series],
    credited: pd.Series,
) -> Intake:
    """Read the payments that invoice rows claim.

    A stated paid amount is one payment on the settled date; without it, amount less credits less outstanding;
    without either, a settled date means paid in full that day. A claim without a readable date is rejected:
    the invoice stays, its payment is listed with its money.

    Parameters
    ----------
    lines : pandas.DataFrame
        Accepted invoice rows and the further payment lines of part-paid ones.
    credited : pandas.Series of Int64
        Credit notes cleared together with the invoice, index ``invoice_id``.
    """
    bad: dict[str, pd.Series] = {
        role: problems[role].reindex(lines.index) for role in ("paid_on", "paid_amount") if role in problems
    }
    claim, basis = _claimed(lines, credited, bad)
    kept = claim.notna() & ((claim != 0) | (basis == "unreadable"))
    days = (
        lines["paid_on"]
        if "paid_on" in lines
        else pd.Series(pd.NaT, index=lines.index, dtype="datetime64[s]")
    )
    names = [c for c in ("source_row", "customer_id", "invoice_id", "issued_on") if c in lines]
    intake = Intake("payments", lines.loc[kept, names].assign(amount_minor=claim[kept], paid_on=days[kept]))
    for role, problem in bad.items():
        problem = problem.reindex(intake.rows.index)
        intake.reject(problem != "", problem, column=columns[role], values=cells[role])
    unknown = basis[intake.rows.index] == "part of unknown size"
    intake.reject(unknown, _UNKNOWN_PART, column=columns.get("status", ""))
    undated = intake.reject(
        intake.rows["paid_on"].isna(), "a payment without a date", column=columns.get("paid_on", "")
    )
    intake.note(
        columns.get("paid_on", columns.get("paid_amount", "")),
        "payments without a date cannot be placed and were rejected: their invoices look open for that money",
        undated,
    )
    for name, text in _BASES.items():
        intake.note(columns.get("paid_on", ""), text, intake.rows[basis[intake.rows.index] == name])
    return intake


_UNKNOWN_PART = "a part payment whose amount is not stated"
_BASES = {
    "in full": "a settled date without a paid amount was read as paid in full that day",
    "rest": "the payment was computed as the amount less what is outstanding",
}


def refuse_undated(claimed: Intake, has_column: bool, currency: str) -> None:
    """Refuse an export that gives no readable date for more than half of the money it says was paid.

    Parameters
    ----------
    claimed : Intake
        What `claim_payments` returned.
    has_column : bool
        Whether a column of settled dates was read.

    Raises
    ------
    LedgerError
        Nearly every invoice would look unpaid, and its customer hopelessly late.
    """
    listed = [rows for rows in claimed.rejected if (rows["reason"] != _UNKNOWN_PART).all()]
    undated = [rows["amount_minor"].abs().sum() for rows in listed]
    n, money = sum(map(len, listed)), int(sum(undated))
    total = money + int(claimed.rows["amount_minor"].abs().sum())
    if 2 * money <= total:
        return
    digits = minor_digits(currency)
    part, whole = (f"{Decimal(minor).scaleb(-digits):,.{digits}f}" for minor in (money, total))
    raise LedgerError(
        f"invoices: {part} of the {whole} paid ({counted(n, 'payment')} of {claimed.n_read:,}) has no "
        f"{'readable ' if has_column else ''}date of payment: nothing tells how late it came, and its invoices would "
        "all look unpaid. Give a table of payments (payments=), or name the column of payment dates with "
        "mapping={'invoices': {'paid_on': ...}}; undated_payments='open' reads those invoices as open."
    )


def _claimed(
    lines: pd.DataFrame, credited: pd.Series, bad: Mapping[str, pd.Series]
) -> tuple[pd.Series, pd.Series]:
    net = lines["amount_minor"]
    if len(credited):
        net = (net - lines["invoice_id"].map(credited).fillna(0).astype("Int64")).clip(lower=0)
    has_date = pd.Series(False, index=lines.index)
    if "paid_on" in lines:
        has_date = lines["paid_on"].notna() | (bad["paid_on"] != "")
    claim = pd.Series(pd.NA, index=lines.index, dtype="Int64")
    basis = pd.Series("", index=lines.index, dtype="str")
    full = has_date | (lines["meaning"] == "paid")
    claim, basis = claim.mask(full, net), basis.mask(full, "in full")
    part = has_date & (lines["meaning"] == "part_paid")
    basis = basis.mask(part, "part of unknown size")
    if "outstanding_minor" in lines:
        rest = (net - lines["outstanding_minor"]).clip(lower=0)
        stated = lines["outstanding_minor"].notna()
        claim, basis = claim.mask(stated, rest), basis.mask(stated, "rest")
    if "paid_amount_minor" in lines:
        stated = lines["paid_amount_minor"].notna()
        claim, basis = claim.mask(stated, lines["paid_amount_minor"]), basis.mask(stated, "stated")
        unread = bad["paid_amount"] != ""
        claim, basis = claim.mask(unread, 0), basis.mask(unread, "unreadable")
    closed = lines["closed_reason"].notna()
    kept = (
        (lines["closed_reason"] == "written_off")
        & (basis == "stated")
        & (claim < net).fillna(False).astype(bool)
    )
    return claim.mask(closed & ~kept), basis


def close_without_payment(invoices: Intake, columns: Mapping[str, str]) -> None:
    """Set ``closed_on`` of invoices closed for a reason that is not a payment (NaT: on a day not told)."""
    rows = invoices.rows
    day = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]")
    for role in ("closed_on", "paid_on"):
        if role in rows:
            day = day.where(day.notna(), rows[role])
    closed = rows["closed_reason"].notna()
    invoices.rows = rows.assign(closed_on=day.where(closed))
    for reason, some in rows[closed].groupby("closed_reason"):
        word = str(reason).replace("_", " ")
        invoices.note(
            columns.get("closed_reason", columns.get("status", "")),
            f"invoices {word}: closed, not paid",
            some,
        )


def flat_disputes(invoices: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the disputes that invoice rows state: a yes/no column, a dispute date or the status."""
    said = invoices["meaning"] == "disputed"
    if "disputed" in columns:
        said |= is_yes(invoices["disputed"])
    opened = pd.Series(pd.NaT, index=invoices.index, dtype="datetime64[s]")
    if "dispute_date" in columns:
        opened = invoices["dispute_date"]
        said |= opened.notna()
    return invoices.loc[said, ["source_row", "customer_id", "invoice_id"]].assign(opened_on=opened[said])
