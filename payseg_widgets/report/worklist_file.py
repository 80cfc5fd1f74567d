"""A worklist as a file for the people who call, CSV or Excel, that no spreadsheet takes for formulas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xlsxwriter

from payseg_widgets.errors import SelectionError
from payseg_widgets.ledger.schema import Ledger, minor_digits
from payseg_widgets.report.sheet import write_table
from payseg_widgets.report.tables import safe_for_spreadsheets
from payseg_widgets.strategy.worklist import Worklist

_BYTE_ORDER_MARK = "\ufeff"


def write_worklist(listed: Worklist, path: str | Path, *, names_from: Ledger | None = None) -> Path:
    """Write the calls of a worklist, with empty columns for when and with what result a customer was contacted.

    Read back, these columns are what `record_contacts` takes.

    Parameters
    ----------
    listed : Worklist
    path : path
        Ends in ``.csv`` or ``.xlsx``; a file of that name is replaced.
    names_from : Ledger, optional
        Where the customers' names come from. Without, the file carries ids only.

    Returns
    -------
    pathlib.Path
        Money in units of the currency. The assumption stands beside each value. CSV is UTF-8 with a byte order mark, which Excel
        needs to read accents.

    Raises
    ------
    SelectionError
        If the file cannot be written, or its name ends otherwise.
    """
    path = Path(path)
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise SelectionError(
            f"{path.name!r} is neither .csv nor .xlsx: give a path that ends in one of these."
        )
    try:
        if path.suffix.lower() == ".csv":
            path.write_text(worklist_csv(listed, names_from=names_from), encoding="utf-8", newline="")
        else:
            _workbook(safe_for_spreadsheets(worklist_table(listed, names_from)), path)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise SelectionError(f"cannot write {str(path)!r}: {error}. Give another path.") from error
    return path


def worklist_csv(listed: Worklist, *, names_from: Ledger | None = None) -> str:
    """Return the text of the CSV file that `write_worklist` writes, with the byte order mark.

    Parameters
    ----------
    listed : Worklist
    names_from : Ledger, optional
        As in `write_worklist`.
    """
    table = safe_for_spreadsheets(worklist_table(listed, names_from))
    return _BYTE_ORDER_MARK + str(table.to_csv(index=False))


def worklist_table(listed: Worklist, names_from: Ledger | None = None) -> pd.DataFrame:
    """Return the calls as `write_worklist` writes them, text not yet defused."""
    unit = 10 ** minor_digits(listed.currency)
    calls = listed.calls.reset_index()
    table = calls[["rank", "day", "customer_id"]].copy()
    if names_from is not None:
        table["name"] = calls["customer_id"].map(names_from.customers.set_index("customer_id")["name"])
    for name in ("balance", "overdue", "expected_loss", "value"):
        table[name] = (calls[f"{name}_minor"] / unit).round(minor_digits(listed.currency))
    table["oldest_days_past_due"], table["reason"] = calls["oldest_days_past_due"], calls["reason"]
    return table.assign(assumption=listed.assumption, contacted_on="", result="")


def _workbook(table: pd.DataFrame, path: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        write_table(book.add_worksheet("Calls"), table, book.add_format({"bold": True}), first_row=0)
