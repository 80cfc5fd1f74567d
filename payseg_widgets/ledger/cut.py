"""Cut a ledger at a day: what was known then, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.days import day_of
from payseg_widgets.ledger.schema import Ledger, check_invariants

#: The day on which a fact of each table became known.
KNOWN_ON = {
    "invoices": "issued_on",
    "payments": "paid_on",
    "credit_notes": "issued_on",
    "reminders": "sent_on",
    "disputes": "known_on",
}


def until(ledger: Ledger, day: str | date | pd.Timestamp) -> Ledger:
    """Return what was known on ``day``.

    Invoices issued, money received, credit notes, reminders and disputes known by then stay. An invoice
    closed or paid later is open. A payment for an invoice issued later is on account, since the invoice was
    not known. An invoice closed on a day that is not told is closed only at the ledger's own ``as_of``.
    Customers without any fact by then are left out: that someone would become a customer was not
    known either. Undated facts of a customer (region, credit limit) are taken as they are today.
    ``rejected``, ``quality`` and ``reconciliation`` still describe the whole export as it was read.

    Parameters
    ----------
    ledger : Ledger
    day : str, datetime.date or pandas.Timestamp
        As ``YYYY-MM-DD`` where it is text. The new ``as_of``; the last day whose facts are kept.

    Returns
    -------
    Ledger

    Raises
    ------
    LedgerError
        If ``day`` is no day, after ``ledger.as_of`` or before the first fact.

    Examples
    --------
    >>> from payseg_widgets.ledger.simulate import simulate_ledger
    >>> ledger, _ = simulate_ledger(20)
    >>> ledger.until("2023-06-30").as_of
    Timestamp('2023-06-30 00:00:00')
    """
    last = _day(ledger, day)
    kept = {name: (getattr(ledger, name)[known_on] <= last).to_numpy() for name, known_on in KNOWN_ON.items()}
    seen = np.zeros(len(ledger.customers), dtype=bool)
    for name, keep in kept.items():
        seen[getattr(ledger, name)["customer_id"].cat.codes.to_numpy()[keep]] = True
    customers = ledger.customers[seen].reset_index(drop=True)
    code = np.cumsum(seen) - 1
    row = np.where(kept["invoices"], np.cumsum(kept["invoices"]) - 1, -1).astype("int32")
    tables = {
        name: _recoded(getattr(ledger, name)[keep], code, customers["customer_id"])
        for name, keep in kept.items()
    }
    invoices = tables.pop("invoices")
    closed = invoices["closed_on"] <= last
    invoices = invoices.assign(
        closed_on=invoices["closed_on"].where(closed), closed_reason=invoices["closed_reason"].where(closed)
    )
    facts: dict[str, Any] = {name: _repointed(table, row, KNOWN_ON[name]) for name, table in tables.items()}
    cut = replace(
        ledger, customers=customers, invoices=invoices, **facts, as_of=last,
        provenance={**ledger.provenance, "until": f"{last:%Y-%m-%d}"},
    )  # fmt: skip
    check_invariants(cut)
    return cut


def _day(ledger: Ledger, day: str | date | pd.Timestamp) -> pd.Timestamp:
    last = day_of(day)
    if last > ledger.as_of:
        raise LedgerError(
            f"{last:%Y-%m-%d} is after the ledger's as_of {ledger.as_of:%Y-%m-%d}, so it is not known. "
            "Give an earlier day, or read a later export."
        )
    first = min(
        (d for d in (getattr(ledger, n)[c].min() for n, c in KNOWN_ON.items()) if pd.notna(d)), default=None
    )
    if first is None:
        raise LedgerError(
            f"nothing was known on {last:%Y-%m-%d}: the ledger holds no fact. Read an export with invoices."
        )
    if last < first:
        raise LedgerError(
            f"nothing was known on {last:%Y-%m-%d}: give {first:%Y-%m-%d}, the first fact's day, or later."
        )
    return last


def _recoded(table: pd.DataFrame, code: np.ndarray, customers: pd.Series) -> pd.DataFrame:
    codes = code[table["customer_id"].cat.codes.to_numpy()]
    ids = pd.Categorical.from_codes(codes, categories=pd.Index(customers.array))
    return table.reset_index(drop=True).assign(customer_id=ids)


def _repointed(table: pd.DataFrame, row: np.ndarray, known_on: str) -> pd.DataFrame:
    """Point to the invoices' new positions; rows that lost their invoice move, so the table is sorted again.

    Money settles ties, so that a cut of a cut lists rows in the order of the single cut.
    """
    before = table["invoice_row"].to_numpy()
    after = np.where(before >= 0, row[before], np.int32(-1)) if len(row) else before
    table = table.assign(invoice_row=after.astype("int32"))
    if not ((after < 0) & (before >= 0)).any():
        return table
    keys = [after, table[known_on].to_numpy(), table["customer_id"].cat.codes.to_numpy()]
    ties = [table["amount_minor"].to_numpy()] if "amount_minor" in table else []
    return table.iloc[np.lexsort([*ties, *keys])].reset_index(drop=True)
