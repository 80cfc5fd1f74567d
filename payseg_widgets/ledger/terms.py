"""Due dates from payment terms: ``30``, ``Net 30``, ``30 days EOM``, ``2/10 net 30``, ``due on receipt``."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.findings import counted, quoted
from payseg_widgets.ledger.intake import Intake

_AT_ONCE = re.compile(
    r"(due|payable|payment)?\s*(up)?on\s*receipt|immediate(ly)?|cod|cash( on delivery)?|prepaid|sofort", re.I
)
_DAYS = re.compile(
    r"""(?:[\d.,]+ \s* %? \s* /? \s* \d{1,3} \s* (?:days?)? \s* [,;/]? \s*)?  # 2/10: a discount
    (?:net|n|nt|netto|terms:?) \s* \.? \s* (?P<net>\d{1,3}) \s* (?:days?|d|tage)?
      \s* (?P<eom1>eom|end \s of \s month)?
    | (?P<plain>0|[1-9]\d{0,2}) (?:\.0+)? \s* (?:days?|d|tage)? \s* (?:net|netto)?  # 0030 is a code
      \s* (?:(?:from|after) \s* (?:invoice|invoice \s date))? \s* (?P<eom2>eom|end \s of \s month)?
    | (?P<eom3>eom|end \s of \s month) \s* \+? \s* (?P<after>\d{1,3})? \s* (?:days?)?
    """,
    re.I | re.X,
)


def read_terms(column: pd.Series) -> pd.DataFrame:
    """Read payment terms.

    Returns
    -------
    pandas.DataFrame
        ``days`` (Int32, missing where the terms cannot be read) and ``from_month_end`` (bool): the days count
        from the end of the invoice's month.

    >>> terms = pd.Series(["Net 30", "30 days EOM", "2/10 net 45", "Due on receipt", "ask Bob"])
    >>> read_terms(terms)["days"].tolist()
    [30, 30, 45, 0, <NA>]
    """
    text = column.astype("str").str.strip()
    read = {cell: _one(cell[:80]) for cell in text.dropna().unique()}
    days = text.map({cell: days for cell, (days, _) in read.items() if days is not None})
    month_end = text.map({cell: end for cell, (_, end) in read.items()})
    return pd.DataFrame(
        {
            "days": pd.to_numeric(days, errors="coerce").astype("Int32"),
            "from_month_end": month_end.eq(True).astype(bool),
        },
        index=column.index,
    )


def _one(cell: str) -> tuple[int | None, bool]:
    if _AT_ONCE.fullmatch(cell):
        return 0, False
    found = _DAYS.fullmatch(cell)
    if found is None:
        return None, False
    days = found["net"] or found["plain"] or found["after"] or "0"
    return int(days), bool(found["eom1"] or found["eom2"] or found["eom3"])


def due_from(issued: pd.Series, days: pd.Series, from_month_end: pd.Series | None = None) -> pd.Series:
    """Add terms to invoice dates; missing where either is missing."""
    start = (
        issued if from_month_end is None else issued.where(~from_month_end, issued + pd.offsets.MonthEnd(0))
    )
    return (start + pd.to_timedelta(days.astype("Float64"), unit="D")).astype("datetime64[s]")


def fill_due(
    intake: Intake, columns: Mapping[str, str], customer_terms: pd.Series | None, terms_days: int | None
) -> None:
    """Fill missing due dates from the row's terms, else the customer's, else ``terms_days``.

    Parameters
    ----------
    customer_terms : pandas.Series of Int32, optional
        Index ``customer_id``.

    Raises
    ------
    LedgerError
        If the export has no source of due dates at all.
    """
    rows = intake.rows
    if "due_on" not in rows:
        if "terms" not in columns and customer_terms is None and terms_days is None:
            raise LedgerError(
                "invoices: no column of due dates and none of payment terms. Write mapping={'invoices': "
                "{'due_on': ...}} or "
                "{'terms': ...}, or pass terms_days=30."
            )
        rows = rows.assign(due_on=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]"))
    steps: list[tuple[str, pd.Series, pd.Series | None]] = []
    if "terms" in columns:
        terms = read_terms(rows["terms"])
        steps.append((f"the terms in {columns['terms']!r}", terms["days"], terms["from_month_end"]))
        unread = rows["terms"].notna() & terms["days"].isna()
        if unread.any():
            first = quoted(rows.loc[unread, "terms"].iloc[0])
            intake.note(columns["terms"], f"terms that cannot be read as days (first: {first})", rows[unread])
    if customer_terms is not None:
        steps.append(("the customer's terms", rows["customer_id"].map(customer_terms).astype("Int32"), None))
    if terms_days is not None:
        steps.append(
            (f"terms_days={terms_days}", pd.Series(terms_days, index=rows.index, dtype="Int32"), None)
        )
    for name, days, month_end in steps:
        missing = rows["due_on"].isna()
        filled = due_from(rows["issued_on"], days, month_end)
        use = missing & filled.notna()
        if use.any():
            rows = rows.assign(due_on=rows["due_on"].where(~use, filled))
            intake.note(
                columns.get("due_on", ""),
                f"{counted(int(use.sum()), 'due date')} computed from {name}",
                rows[use],
            )
    intake.rows = rows
