"""Read a table of customers alone, its columns found as those of a ledger are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.columns import choose_columns
from payseg_widgets.ledger.findings import Finding
from payseg_widgets.ledger.sources import load_table
from payseg_widgets.ledger.typed import type_table


def read_customers(
    source: Any,
    *,
    mapping: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Read customers from a file or a frame, one row each.

    Parameters
    ----------
    source : path or pandas.DataFrame
    mapping : Mapping, optional
        Overrides which column means what: ``{"name": "Account Title"}``.
    encoding, delimiter, sheet
        See `read_ledger`.

    Returns
    -------
    customers : pandas.DataFrame
        ``customer_id``, ``name`` and what else is known, as in ``Ledger.customers``.
    findings : tuple of Finding
        What was decided: which column is what, rows that repeat a customer.

    Raises
    ------
    LedgerError
        If the table cannot be read, has no ids, or a customer's rows contradict each other.

    Examples
    --------
    >>> frame = pd.DataFrame({"Customer No": ["C1", "C1"], "Customer Name": ["Oak Ltd", "Oak Ltd"]})
    >>> read_customers(frame)[0]
      customer_id     name
    0          C1  Oak Ltd
    """
    raw = load_table(source, "customers", encoding=encoding, delimiter=delimiter, sheet=sheet)
    columns, findings = choose_columns("customers", raw.frame, dict(mapping or {}))
    typed = type_table("customers", raw, columns, dayfirst=None, decimal=None)
    rows = typed.frame[typed.frame["customer_id"].notna()]
    whole = rows[~rows.drop(columns="source_row").duplicated()]
    twice = whole["customer_id"].duplicated(keep=False)
    if twice.any():
        first = whole.loc[whole["customer_id"] == whole.loc[twice, "customer_id"].iloc[0], "source_row"]
        raise LedgerError(
            f"{whole.loc[twice, 'customer_id'].nunique()} customers have several rows that differ (first: rows "
            f"{', '.join(map(str, first))}). Keep one row for each."
        )
    said = [*raw.findings, *findings, *typed.findings]
    left_out = {
        "rows without a customer id, left out": len(typed.frame) - len(rows),
        "rows that repeat another, left out": len(rows) - len(whole),
        "rows of totals, left out": len(raw.totals),
    }
    said += [Finding("", text, n) for text, n in left_out.items() if n]
    return whole.drop(columns="source_row").reset_index(drop=True), tuple(said)
