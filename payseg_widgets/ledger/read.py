"""Read an accounts-receivable export into a checked ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.assembly import build
from payseg_widgets.ledger.columns import choose_columns
from payseg_widgets.ledger.currency import choose_currency, convert
from payseg_widgets.ledger.findings import Finding
from payseg_widgets.ledger.options import ReadOptions
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.ledger.sources import RawTable, load_table
from payseg_widgets.ledger.typed import TypedTable, read_money, type_table


def read_ledger(
    invoices: Any,
    payments: Any = None,
    credit_notes: Any = None,
    reminders: Any = None,
    disputes: Any = None,
    customers: Any = None,
    *,
    mapping: Mapping[str, Any] | None = None,
    as_of: str | date | pd.Timestamp | None = None,
    dayfirst: bool | None = None,
    decimal: str | None = None,
    currency: str | None = None,
    rates: Mapping[str, Any] | None = None,
    late_rule: Literal["due_date", "next_business_day"] = "due_date",
    grace_days: int = 0,
    country: str = "GB",
    terms_days: int | None = None,
    early_payments: Literal["keep", "reject"] = "keep",
    undated_payments: Literal["refuse", "open"] = "refuse",
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | Mapping[str, str | int] | None = None,
) -> Ledger:
    """Read invoices, and what else there is, into a checked ledger.

    Parameters
    ----------
    invoices : path or pandas.DataFrame
        CSV, TSV, Excel, Parquet or a frame. One flat table is enough: an invoice with a settled date, a paid
        amount or an outstanding amount.
    payments, credit_notes, reminders, disputes, customers : path or pandas.DataFrame, optional
        Further tables, joined by invoice id or customer id.
    mapping : Mapping, optional
        Overrides which column means what: ``{"invoices": {"amount": "Inv Total"}}``, or ``{"amount": "Inv
        Total"}`` for a single table; ``None`` as column means that none has this role.
    as_of : str, datetime.date or pandas.Timestamp, optional
        As ``YYYY-MM-DD`` where it is text. The last day whose facts count; by default the last day on which anything happened.
    dayfirst : bool, optional
        Whether ``01/02/2024`` is 1 February, where nothing in the column decides.
    decimal : {".", ","}, optional
        The decimal mark, where nothing in the column decides.
    currency : str, optional
        ISO 4217 code of the ledger; by default the only one in the export.
    rates : Mapping, optional
        Units of ``currency`` for one unit of each other currency: ``{"EUR": "0.86"}``; read exactly.
    late_rule, grace_days, country
        See `LateRule`.
    terms_days : int, optional
        Payment terms where an invoice has neither due date nor terms.
    early_payments : {"keep", "reject"}
        What becomes of payments dated before their invoice: prepayments, or mistakes.
    undated_payments : {"refuse", "open"}
        What becomes of an export that gives no date for more than half of the money it says was paid: it is
        refused, or read with those invoices open. Up to half, the payments are rejected one by one.
    encoding, delimiter, sheet
        How to read the sources, where it cannot be told; ``sheet`` may be a mapping of table to sheet.

    Returns
    -------
    Ledger
        Every row read is accepted, or in ``rejected`` with its reason; what was decided is in ``quality``.

    Raises
    ------
    LedgerError
        If the export cannot be read or something cannot be decided; the message says what to pass.

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "Invoice No": ["1", "2"], "Customer ID": ["A", "A"], "Invoice Date": ["2024-01-02", "2024-02-02"],
    ...     "Due Date": ["2024-02-01", "2024-03-03"], "Amount": ["100.00", "50.00"],
    ...     "Paid On": ["2024-01-30", None],
    ... })
    >>> read_ledger(frame)
    Ledger(invoices=2, payments=1, customers=1, rejected=0, as_of=2024-02-02)
    """
    options = ReadOptions.checked(
        mapping=mapping,
        as_of=as_of,
        dayfirst=dayfirst,
        decimal=decimal,
        currency=currency,
        rates=rates,
        late_rule=late_rule,
        grace_days=grace_days,
        country=country,
        terms_days=terms_days,
        early_payments=early_payments,
        undated_payments=undated_payments,
    )
    given = {
        "invoices": invoices,
        "payments": payments,
        "credit_notes": credit_notes,
        "reminders": reminders,
        "disputes": disputes,
        "customers": customers,
    }
    sources = {table: source for table, source in given.items() if source is not None}
    _check_given(sources, options)
    tables: dict[str, TypedTable] = {}
    for table, source in sources.items():
        raw = load_table(
            source,
            table,
            encoding=encoding,
            delimiter=delimiter,
            sheet=sheet.get(table) if isinstance(sheet, Mapping) else sheet,
        )
        tables[table] = _typed(table, raw, options, tables.get("invoices"))
    target = choose_currency(tables.values(), options.currency, options.rates)
    for typed in tables.values():
        read_money(typed, target, decimal)
        convert(typed, target, options.rates)
    return build(tables, options, target)


def _check_given(sources: Mapping[str, Any], options: ReadOptions) -> None:
    if "invoices" not in sources:
        raise LedgerError("invoices=None: a ledger needs invoices; give a file or a DataFrame.")
    absent = sorted(set(options.mapping) - set(sources))
    if absent:
        raise LedgerError(
            f"mapping= names the table {absent[0]!r}, but only {', '.join(sources)} was given to read."
        )


def _typed(table: str, raw: RawTable, options: ReadOptions, invoices: TypedTable | None) -> TypedTable:
    """Choose and read the columns of a table; undecided dates follow the layout of the invoices."""
    columns, findings = choose_columns(table, raw.frame, options.mapping.get(table, {}))
    try:
        typed = type_table(table, raw, columns, dayfirst=options.dayfirst, decimal=options.decimal)
    except LedgerError:
        layouts = set(invoices.layouts.values()) if invoices else set()
        if options.dayfirst is not None or not layouts & set(_DAYFIRST) or len(layouts & set(_DAYFIRST)) > 1:
            raise
        layout = (layouts & set(_DAYFIRST)).pop()
        typed = type_table(table, raw, columns, dayfirst=_DAYFIRST[layout], decimal=options.decimal)
        findings.append(
            Finding("", f"dates read as {layout}, as in the invoices: nothing in this table decides")
        )
    typed.findings[:0] = [*raw.findings, *findings]
    return typed


_DAYFIRST = {"day/month/year": True, "month/day/year": False}
