"""From typed tables to a ledger: each step takes rows out with a reason, moves them or links them."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.cut_off import cut_all
from payseg_widgets.ledger.documents import sort_documents
from payseg_widgets.ledger.duplicates import qualify_shared_ids, resolve_repeats
from payseg_widgets.ledger.facts import (
    fact_columns,
    join_customers,
    one_row_each,
    repeated_names,
    with_terms_days,
)
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.flat import (
    claim_payments,
    close_without_payment,
    flat_disputes,
    read_statuses,
    refuse_undated,
)
from payseg_widgets.ledger.ids import is_among, match_ids
from payseg_widgets.ledger.intake import Intake
from payseg_widgets.ledger.links import Known, link
from payseg_widgets.ledger.options import ReadOptions
from payseg_widgets.ledger.reconcile import quality_rows, reconcile, rejected_rows
from payseg_widgets.ledger.schema import Ledger, assemble
from payseg_widgets.ledger.stated import compare
from payseg_widgets.ledger.terms import fill_due
from payseg_widgets.ledger.typed import TypedTable
from payseg_widgets.ledger.usable import NEEDED, intake_of

_KEPT = {
    "invoices": [
        "invoice_id",
        "customer_id",
        "issued_on",
        "due_on",
        "amount_minor",
        "closed_on",
        "closed_reason",
    ],
    "payments": ["invoice_id", "customer_id", "paid_on", "amount_minor"],
    "credit_notes": ["invoice_id", "customer_id", "issued_on", "amount_minor"],
    "reminders": ["invoice_id", "customer_id", "sent_on"],
    "disputes": ["invoice_id", "customer_id", "opened_on", "known_on"],
}
_ORIGINALS = ["amount_original_minor", "currency_original"]


def build(tables: Mapping[str, TypedTable], options: ReadOptions, currency: str) -> Ledger:
    """Check, move, link and cut the rows of all tables, and assemble the ledger.

    Raises
    ------
    LedgerError
        If nothing is left to make a ledger of, or an option is needed to go on.
    """
    intakes = {table: intake_of(table, tables.get(table)) for table in NEEDED}
    columns = {table: tables[table].columns if table in tables else {} for table in NEEDED}
    invoices, payments, credit_notes = (intakes[t] for t in ("invoices", "payments", "credit_notes"))
    own_facts = _own_customers(intakes["customers"], invoices.rows, columns["customers"])
    read_statuses(invoices, columns["invoices"])
    sort_documents(invoices, payments, credit_notes, columns["invoices"])
    _fill_due_dates(invoices, tables["invoices"], own_facts, options)
    facts = _facts_of_invoices(invoices, columns["invoices"])
    shared = qualify_shared_ids(invoices, columns["invoices"].get("invoice_id", ""))
    further = resolve_repeats(invoices, columns["invoices"].get("invoice_id", ""))
    _require_invoices(invoices)
    known = _known(invoices, tables["invoices"], shared, own_facts)
    for table in ("payments", "credit_notes", "reminders"):
        link(intakes[table], known, columns[table])
    _claim(invoices, further, payments, credit_notes, tables, options, currency)
    if not payments.n_read:
        payments.note("", "no payment was found: every invoice that is not closed looks open")
    _say_on_account(payments)
    _early_payments(invoices, payments, options)
    close_without_payment(invoices, columns["invoices"])
    disputes = intakes["disputes"]
    link(disputes, known, columns["disputes"])
    flagged = flat_disputes(invoices.rows, columns["invoices"])
    disputes.add(flagged[~is_among(flagged["invoice_id"], disputes.rows["invoice_id"])])
    as_of = cut_all(intakes, options)
    compare(invoices, payments.rows, columns["invoices"], as_of)
    customers = join_customers(own_facts, facts)
    if same_names := repeated_names(customers):
        intakes["customers"].findings.append(same_names)
    return _assembled(intakes, customers, tables, options, currency, as_of)


def _own_customers(intake: Intake, invoices: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Facts from the customers table, under the ids the invoices use."""
    if "customer_id" not in intake.rows:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str")})
    ids = intake.rows["customer_id"].rename(columns["customer_id"])
    matched, findings = match_ids(pd.Index(invoices["customer_id"].unique()), ids)
    intake.rows = with_terms_days(intake.rows.assign(customer_id=matched.astype("str")))
    intake.note_all(findings)
    facts = one_row_each(intake, columns, strict=False)
    merged = intake.take_out(intake.rows["customer_id"].duplicated(), "duplicate")
    intake.note(columns["customer_id"], "rows of a customer already read were merged with the first", merged)
    return facts


def _facts_of_invoices(invoices: Intake, columns: Mapping[str, str]) -> pd.DataFrame:
    if not fact_columns(invoices.rows) and "terms" not in invoices.rows:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str")})
    whole = invoices.rows
    invoices.rows = with_terms_days(whole)
    facts = one_row_each(invoices, columns, strict=True)
    invoices.rows = whole
    return facts


def _fill_due_dates(
    invoices: Intake, typed: TypedTable, own_facts: pd.DataFrame, options: ReadOptions
) -> None:
    columns = typed.columns
    heading = columns.get("due_on", "")
    if "due_on" in typed.problems:
        problem = typed.problems["due_on"].reindex(invoices.rows.index)
        invoices.reject(
            problem != "", "unreadable due_on: " + problem, column=heading, values=typed.cells("due_on")
        )
    terms = own_facts.set_index("customer_id")["terms_days"] if "terms_days" in own_facts else None
    fill_due(invoices, columns, terms, options.terms_days)
    invoices.reject(
        invoices.rows["due_on"].isna(),
        "no due date and no terms to compute it from (terms_days= would give them)",
        column=heading,
    )
    rows = invoices.rows
    early = rows["due_on"] < rows["issued_on"]
    if early.sum() > max(1, len(rows) / 2):
        first = rows[early].iloc[0]
        raise LedgerError(
            f"invoices: {counted(int(early.sum()), 'row')} of {len(rows):,} are due before they were "
            f"issued (first: due {first['due_on']:%Y-%m-%d}, "
            f"issued {first['issued_on']:%Y-%m-%d}). Are {heading!r} and {columns['issued_on']!r} swapped? "
            f"Say which is which with "
            "mapping={'invoices': {'issued_on': ..., 'due_on': ...}}."
        )
    invoices.note(heading, "due before the invoice was issued: read as due on the day of issue", rows[early])
    invoices.rows = rows.assign(due_on=rows["due_on"].where(~early, rows["issued_on"]))


def _require_invoices(invoices: Intake) -> None:
    if len(invoices.rows):
        return
    reasons = rejected_rows([invoices])
    if not len(reasons):
        raise LedgerError(
            f"invoices: none among {counted(invoices.n_read, 'row')} read; give a table with at least one "
            f"invoice."
        )
    top = reasons["reason"].value_counts().index[0]
    first = reasons[reasons["reason"] == top].iloc[0]
    raise LedgerError(
        f"invoices: none of {counted(invoices.n_read, 'row')} could be accepted. Most frequent reason: "
        f"{top} (row {first['source_row']}, column "
        f"{first['column']!r}: {first['value'] or 'empty'}). If another column is meant, say so with "
        f"mapping=."
    )


def _known(invoices: Intake, typed: TypedTable, shared: set[str], own_facts: pd.DataFrame) -> Known:
    rows = invoices.rows
    owner = pd.Series(rows["customer_id"].array, index=pd.Index(rows["invoice_id"], name=None))
    refused: set[str] = set()
    if "invoice_id" in typed.columns and invoices.rejected:
        numbers = pd.concat([r["source_row"] for r in invoices.rejected])
        ids = typed.frame["invoice_id"].reindex(numbers).dropna()
        refused = set(ids) - set(owner.index[owner.index.isin(ids)]) - shared
    customers = pd.Index(pd.concat([rows["customer_id"], own_facts["customer_id"]]).unique())
    return Known(owner, frozenset(refused), frozenset(shared), customers)


def _claim(
    invoices: Intake,
    further: pd.DataFrame,
    payments: Intake,
    credit_notes: Intake,
    tables: Mapping[str, TypedTable],
    options: ReadOptions,
    currency: str,
) -> None:
    """Add the payments that invoice rows claim, unless the export holds the payments themselves.

    Both would count the same cash twice. In a list of documents with clearing dates the claims stand: what
    cleared an invoice has been taken out, the payments left are on account.
    """
    typed = tables["invoices"]
    claims = {"paid_on", "paid_amount", "outstanding", "status"} & set(typed.columns)
    if "payments" in tables or (payments.n_read and "paid_on" not in typed.columns):
        if claims:
            headings = ", ".join(sorted(repr(typed.columns[role]) for role in claims))
            payments.note(
                "", f"the export holds the payments themselves; what {headings} say of payment is not used"
            )
        return
    if not claims:
        return
    lines = pd.concat([invoices.rows, further]) if len(further) else invoices.rows
    credited = (
        credit_notes.rows.groupby("invoice_id")["amount_minor"].sum()
        if len(credit_notes.rows)
        else pd.Series(dtype="Int64")
    )
    cells = {role: typed.cells(role) for role in ("paid_on", "paid_amount") if role in typed.columns}
    claimed = claim_payments(lines, typed.columns, typed.problems, cells, credited)
    if options.undated_payments == "refuse":
        refuse_undated(claimed, "paid_on" in typed.columns, currency)
    payments.join(claimed)


def _say_on_account(payments: Intake) -> None:
    """Say so where half of the money or more names no invoice: delays then rest on a rule, not on the export."""
    rows = payments.rows
    if not len(rows):
        return
    unnamed = rows["invoice_id"].isna()
    money = rows["amount_minor"].abs()
    if 2 * int(money[unnamed].sum()) < int(money.sum()):
        return
    who = (
        f"No payment names an invoice: all {len(rows):,}"
        if unnamed.all()
        else f"Half of the payment money or more names no invoice: {int(unnamed.sum()):,} of {len(rows):,} payments"
    )
    payments.note(
        "",
        f"{who} went on account, oldest first; delays are then estimates. Map the reference column with mapping=.",
        rows[unnamed],
    )


def _early_payments(invoices: Intake, payments: Intake, options: ReadOptions) -> None:
    rows = payments.rows
    if not len(rows):
        return
    issued = rows["issued_on"] if "issued_on" in rows else pd.Series(pd.NaT, index=rows.index)
    lacking = issued.isna() & rows["invoice_id"].notna()
    if lacking.any():
        of = pd.Series(invoices.rows["issued_on"].array, index=invoices.rows["invoice_id"])
        issued = issued.astype("datetime64[s]").where(~lacking, rows["invoice_id"].map(of))
    early = rows["paid_on"] < issued
    if options.early_payments == "reject":
        payments.reject(
            early,
            "paid before the invoice was issued",
            column="paid_on",
            values=rows["paid_on"].dt.strftime("%Y-%m-%d"),
        )
    else:
        payments.note(
            "paid_on",
            "paid before the invoice was issued: kept as prepayments (early_payments='reject' leaves them "
            "out)",
            rows[early],
        )


def _assembled(
    intakes: dict[str, Intake],
    customers: pd.DataFrame,
    tables: Mapping[str, TypedTable],
    options: ReadOptions,
    currency: str,
    as_of: pd.Timestamp,
) -> Ledger:
    listed = [i for i in intakes.values() if i.table in tables or i.n_read]
    done = {}
    for table, kept in _KEPT.items():
        rows = intakes[table].rows
        rows = rows.reindex(columns=[*kept, *(c for c in _ORIGINALS if c in rows)]).reset_index(drop=True)
        types = {c: "str" for c in ("invoice_id", "customer_id", "closed_reason") if c in rows}
        done[table] = rows.astype(
            types
            | {c: "int64" for c in ("amount_minor",) if c in rows}
            | {c: "datetime64[s]" for c in kept if c.endswith("_on")}
        )
    return assemble(
        **done,
        customers=customers.astype({"customer_id": "str"}),
        as_of=as_of,
        currency=currency,
        late_rule=options.late_rule,
        rejected=rejected_rows(listed),
        quality=quality_rows(intakes.values()),
        reconciliation=reconcile(listed),
        provenance=_provenance(tables, options),
    )


def _provenance(tables: Mapping[str, TypedTable], options: ReadOptions) -> dict[str, Any]:
    return {
        "sources": {
            table: {"name": typed.raw.name, "sha256": typed.raw.sha256} for table, typed in tables.items()
        },
        "parameters": options.parameters(),
        "columns": {table: dict(typed.columns) for table, typed in tables.items()},
        "versions": {name: version(name) for name in ("payseg-widgets", "pandas", "numpy")}
        | {"python": platform.python_version()},
    }
