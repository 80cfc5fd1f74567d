"""Write a ledger as the plain CSV files an accounting system would export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.schema import Ledger, minor_digits

#: What spreadsheets take for the start of a formula.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

_HEADINGS = {
    "invoice_id": "Invoice No", "customer_id": "Customer ID", "name": "Customer Name", "due_on": "Due Date",
    "closed_on": "Write Off Date", "closed_reason": "Closing Reason", "paid_on": "Payment Date",
    "sent_on": "Reminder Date", "opened_on": "Dispute Opened On", "region": "Region", "sector": "Sector",
    "country": "Country", "postcode": "Postcode", "company_number": "Company Number", "address": "Address",
    "size_band": "Size Band", "credit_limit_minor": "Credit Limit", "terms_days": "Payment Terms",
    "amount_minor": "Amount", "currency": "Currency", "paid_amount_minor": "Paid Amount",
    "disputed": "Disputed",
}  # fmt: skip


def write_export(ledger: Ledger, folder: str | Path, *, layout: str = "tables") -> tuple[Path, ...]:
    """Write the ledger as CSV files with decimal money and ISO dates, as something for `read_ledger` to read.

    Parameters
    ----------
    ledger : Ledger
    folder : path
        Made where it does not exist.
    layout : {"tables", "flat"}
        ``"tables"``: a file for each table of the ledger. ``"flat"``: ``invoices.csv`` alone, each invoice
        with the sum and the last day of its payments and with its customer's name; amounts are net of credit
        notes, invoices credited in full, reminders and what was paid on account are left out.

    Returns
    -------
    tuple of pathlib.Path
        The files written. Text that a spreadsheet would take for a formula starts with an apostrophe.

    Raises
    ------
    LedgerError
        If the layout is unknown or the folder cannot be written.
    """
    if layout not in ("tables", "flat"):
        raise LedgerError(f"layout={layout!r} is not a layout: give 'tables' or 'flat'.")
    folder = Path(folder)
    tables = _tables(ledger) if layout == "tables" else {"invoices": _flat(ledger)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            _written(table, minor_digits(ledger.currency)).to_csv(folder / f"{name}.csv", index=False)
    except OSError as error:
        raise LedgerError(
            f"cannot write to {str(folder)!r}: {error.strerror}. Give another folder."
        ) from error
    return tuple(folder / f"{name}.csv" for name in tables)


def decimal_text(minor: pd.Series, digits: int) -> pd.Series:
    """Write whole minor units as decimal text, exactly; missing stays missing.

    >>> decimal_text(pd.Series([123456, -5]), 2).tolist()
    ['1234.56', '-0.05']
    """
    known = minor.dropna().astype("int64")
    sign = pd.Series(np.where(known < 0, "-", ""), index=known.index, dtype="str")
    digits_of = known.abs().astype("str").str.zfill(digits + 1)
    text = sign + (digits_of.str[:-digits] + "." + digits_of.str[-digits:] if digits else digits_of)
    return text.reindex(minor.index)


def defused(text: pd.Series) -> pd.Series:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    >>> defused(pd.Series(["=1+1", "Acorn Foods"])).tolist()
    ["'=1+1", 'Acorn Foods']
    """
    return text.where(~text.str.startswith(_DANGEROUS, na=False), "'" + text)


def undefused(text: pd.Series) -> pd.Series:
    """Take the apostrophe off again that `defused` put before text.

    >>> undefused(pd.Series(["'=1+1", "Acorn Foods", "'quoted'"])).tolist()
    ['=1+1', 'Acorn Foods', "'quoted'"]
    """
    is_defused = text.str.startswith("'", na=False) & text.str[1:].str.startswith(_DANGEROUS, na=False)
    return text.mask(is_defused, text.str[1:])


def safe_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV text, without its index, that no spreadsheet runs as formulas.

    >>> safe_csv(pd.DataFrame({"name": ["=1+1"], "n": [-1]})).split()
    ['name,n', "'=1+1,-1"]
    """
    texts = table.select_dtypes(exclude=["number", "datetime"]).columns
    return str(
        table.assign(**{name: defused(table[name].astype("str")) for name in texts}).to_csv(index=False)
    )


def _tables(ledger: Ledger) -> dict[str, pd.DataFrame]:
    ids = ledger.invoices["invoice_id"]
    tables = {"customers": ledger.customers, "invoices": ledger.invoices.assign(currency=ledger.currency)}
    for name in ("payments", "credit_notes", "reminders", "disputes"):
        table = getattr(ledger, name)
        row = table["invoice_row"].to_numpy()
        named = pd.Series(ids.array.take(row, allow_fill=True), index=table.index)
        table = table.drop(columns=["invoice_row", "known_on"], errors="ignore")
        table.insert(0, "invoice_id", named)
        tables[name] = table
    return tables


def _flat(ledger: Ledger) -> pd.DataFrame:
    invoices, n = ledger.invoices, len(ledger.invoices)
    paid, credited = _sums(ledger.payments, n), _sums(ledger.credit_notes, n)
    named = ledger.payments[ledger.payments["invoice_row"] >= 0]
    last = named.groupby("invoice_row")["paid_on"].max().reindex(range(n))
    disputed = np.isin(np.arange(n), ledger.disputes["invoice_row"])
    flat = invoices.assign(
        name=ledger.customers["name"].array[invoices["customer_id"].cat.codes.to_numpy()],
        amount_minor=invoices["amount_minor"] - credited, currency=ledger.currency, paid_on=last.to_numpy(),
        paid_amount_minor=paid, disputed=pd.Series(np.where(disputed, "yes", "no"), dtype="str"),
    )  # fmt: skip
    return flat[flat["amount_minor"] > 0]


def _sums(facts: pd.DataFrame, n: int) -> np.ndarray:
    """Sum the money of each invoice in whole minor units."""
    sums = np.zeros(n, dtype="int64")
    named = facts["invoice_row"].to_numpy() >= 0
    np.add.at(sums, facts["invoice_row"].to_numpy()[named], facts["amount_minor"].to_numpy()[named])
    return sums


def _written(table: pd.DataFrame, digits: int) -> pd.DataFrame:
    columns = {}
    for name, column in table.items():
        # in credit notes the day of issue bears another heading than in invoices
        heading = _HEADINGS.get(str(name), str(name))
        if name == "issued_on":
            heading = "Invoice Date" if "due_on" in table else "Credit Note Date"
        if str(name).endswith("_minor"):
            column = decimal_text(column, digits)
        elif pd.api.types.is_datetime64_dtype(column.dtype):
            column = column.dt.strftime("%Y-%m-%d")
        elif not pd.api.types.is_numeric_dtype(column.dtype):
            column = defused(column.astype("str"))
        columns[heading] = column
    return pd.DataFrame(columns)
