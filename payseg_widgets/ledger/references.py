"""In a list of documents, find the column by which receipts and credit notes name their invoices."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from payseg_widgets.ledger.ids import is_among
from payseg_widgets.ledger.vocabulary import DOCUMENT_TYPES, meanings


def recurring_reference(
    frame: pd.DataFrame, doc_type: str, current: str | None, candidates: Iterable[str]
) -> tuple[str, str] | None:
    """Find a column that names invoices better than the one read as invoice number.

    Sage numbers every transaction (``No``) and repeats the invoice's number on its receipt (``Ref``): only the
    latter joins the two. A column qualifies if each invoice has its own value and at least half of the receipts
    and credit notes that have a value repeat an invoice's.

    Parameters
    ----------
    frame : pandas.DataFrame
        The cells as read.
    doc_type : str
        The column of document types.
    current : str or None
        The column read as invoice number so far.
    candidates : iterable of str
        Columns whose heading may mean an invoice number, best first.

    Returns
    -------
    (str, str) or None
        The column and the reason; ``None`` if none is better than ``current``.

    Examples
    --------
    >>> frame = pd.DataFrame({"No": ["1", "2"], "Type": ["SI", "SR"], "Ref": ["A7", "A7"]})
    >>> recurring_reference(frame, "Type", "No", ["Ref"])[0]
    'Ref'
    """
    kind = meanings(frame[doc_type], DOCUMENT_TYPES)
    is_invoice, is_answer = kind == "invoice", kind.isin(["payment", "credit_note"])
    named = {c: _named(frame[c], is_invoice, is_answer) for c in ([current] if current else [])}
    least = max(named.values(), default=0)
    for column in candidates:
        numbers = frame.loc[is_invoice, column]
        filled = int(frame.loc[is_answer, column].notna().sum())
        if numbers.hasnans or not numbers.is_unique or not filled:
            continue
        n = _named(frame[column], is_invoice, is_answer)
        if 2 * n >= filled:
            named[column] = n
    best = max(named, key=lambda c: named[c], default=None)
    if best is None or best == current or named[best] <= least:
        return None
    others = f"; by {current!r} {least:,} do" if current else ""
    total = int(is_answer.sum())
    return best, f"since {named[best]:,} of {total:,} receipts and credit notes name an invoice by it{others}"


def _named(column: pd.Series, is_invoice: pd.Series, is_answer: pd.Series) -> int:
    """Count the receipts and credit notes whose value is an invoice's."""
    text = column.astype("str")
    return int(is_among(text[is_answer], text[is_invoice]).sum())
