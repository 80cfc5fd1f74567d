"""Choose the day of the ledger, date what has no date of its own, and leave out what happened later."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.ids import is_among
from payseg_widgets.ledger.intake import DAY, Intake
from payseg_widgets.ledger.links import last_paid
from payseg_widgets.ledger.options import ReadOptions


def cut_all(intakes: dict[str, Intake], options: ReadOptions) -> pd.Timestamp:
    """Date what has no date of its own, choose ``as_of`` and take out what is later."""
    invoices, payments, disputes = intakes["invoices"], intakes["payments"], intakes["disputes"]
    days = [intakes[t].rows[day] for t, day in DAY.items() if t != "disputes" and day in intakes[t].rows]
    days += [d.rows[c] for d, c in ((invoices, "closed_on"), (disputes, "opened_on")) if c in d.rows]
    latest = _last_day(days)
    as_of = options.as_of if options.as_of is not None else latest
    exported = max(as_of, latest)
    if options.as_of is None:
        _doubt(invoices, days, as_of)
    rows = invoices.rows
    undated = rows["closed_reason"].notna() & rows["closed_on"].isna()
    invoices.note(
        "",
        f"closed without a date: closed on {exported:%Y-%m-%d}, the day of the export, at the latest",
        rows[undated],
    )
    closed_on = rows["closed_on"].mask(undated, exported)
    later = closed_on > as_of
    invoices.rows = rows.assign(
        closed_on=closed_on.mask(later).astype("datetime64[s]"),
        closed_reason=rows["closed_reason"].mask(later),
    )
    _date_disputes(disputes, payments.rows, exported)
    gone = [_cut(intakes[table], day, as_of) for table, day in DAY.items() if len(intakes[table].rows)]
    future = set(gone[0]["invoice_id"])
    for table in ("payments", "credit_notes", "reminders", "disputes"):
        rows = intakes[table].rows
        if future and len(rows):
            intakes[table].rows = rows.assign(
                invoice_id=rows["invoice_id"].mask(is_among(rows["invoice_id"], future))
            )
    if not len(invoices.rows):
        raise LedgerError(
            f"as_of={as_of:%Y-%m-%d} is before every invoice; the last day in the export is "
            f"{exported:%Y-%m-%d}."
        )
    return as_of


def _doubt(invoices: Intake, days: list[pd.Series], as_of: pd.Timestamp) -> None:
    """Warn if ``as_of`` rests on a few days far after all others: probably a typing mistake."""
    every = np.sort(np.concatenate([day.dropna().to_numpy() for day in days]))
    before = every[max(0, len(every) - 1 - max(1, len(every) // 1000))]
    gap = (as_of - pd.Timestamp(before)).days
    if gap > 90:
        invoices.note(
            "",
            f"as_of is {as_of:%Y-%m-%d}, {gap} days after nearly everything else; if that is a mistake, "
            f"pass as_of='{pd.Timestamp(before):%Y-%m-%d}'",
        )


def _date_disputes(disputes: Intake, payments: pd.DataFrame, exported: pd.Timestamp) -> None:
    """Date disputes: known when opened, else from the invoice's last payment, else from the export."""
    rows = disputes.rows
    if "opened_on" not in rows:
        rows = rows.assign(opened_on=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]"))
    known_on = rows["opened_on"]
    if len(rows):
        known_on = known_on.where(known_on.notna(), last_paid(payments, rows["invoice_id"]))
    known_on = known_on.astype("datetime64[s]").fillna(exported)
    disputes.note(
        "",
        "disputes without a date are known from the settlement of their invoice, else from the export",
        rows[rows["opened_on"].isna()],
    )
    disputes.rows = rows.assign(known_on=known_on.astype("datetime64[s]"))


def _last_day(days: list[pd.Series]) -> pd.Timestamp:
    """Return the last of several columns of days; accepted invoices always have one."""
    latest = [day.max() for day in days if len(day) and day.notna().any()]
    return max(latest)


def _cut(intake: Intake, day: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Take out what happened after ``as_of``."""
    gone = intake.take_out((intake.rows[day] > as_of).to_numpy(), "after as_of")
    intake.note("", f"rows are dated after {as_of:%Y-%m-%d} and were left out: not known then", gone)
    return gone
