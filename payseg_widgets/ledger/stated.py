"""Compare what an export states (outstanding, days late, buckets) with what its amounts and dates say.

Stated figures never override the facts; what contradicts them is reported with rows and money.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.intake import Intake
from payseg_widgets.ledger.links import last_paid


def compare(
    invoices: Intake, payments: pd.DataFrame, columns: Mapping[str, str], as_of: pd.Timestamp
) -> None:
    """Report contradictions between stated and computed figures of accepted invoices.

    Parameters
    ----------
    payments : pandas.DataFrame
        Accepted payments with ``invoice_id`` and ``paid_on``.
    """
    rows = invoices.rows
    if {"paid_amount_minor", "outstanding_minor"} <= set(rows):
        _compare_money(invoices, rows, columns)
    if not {"stated_days_late", "stated_days_to_settle", "stated_bucket"} & set(rows):
        return
    rows = rows.assign(last_paid_on=last_paid(payments, rows["invoice_id"]))
    if "stated_days_late" in rows:
        _compare_days_late(invoices, rows, columns["stated_days_late"])
    if "stated_days_to_settle" in rows:
        true = (rows["last_paid_on"] - rows["issued_on"]).dt.days
        _count_differences(
            invoices,
            rows,
            rows["stated_days_to_settle"],
            true,
            columns["stated_days_to_settle"],
            "issue to payment",
        )
    if "stated_bucket" in rows:
        _compare_buckets(invoices, rows, columns["stated_bucket"], as_of)


def _compare_money(invoices: Intake, rows: pd.DataFrame, columns: Mapping[str, str]) -> None:
    gap = (rows["paid_amount_minor"] + rows["outstanding_minor"] - rows["amount_minor"]).abs()
    wide = ((gap > 0.01 * rows["amount_minor"]) & gap.notna()).fillna(False).astype(bool)
    if wide.any():
        n = int(wide.sum())
        invoices.note(
            columns["outstanding"],
            f"paid + outstanding misses the amount by more than 1 % in {counted(n, 'row')} "
            f"({n / len(rows):.0%}); the outstanding "
            "amount is computed from the payments instead",
            rows[wide],
            money=int(gap[wide].sum()),
        )


def _compare_days_late(invoices: Intake, rows: pd.DataFrame, heading: str) -> None:
    stated = rows["stated_days_late"]
    true = (rows["last_paid_on"] - rows["due_on"]).dt.days
    both = stated.notna() & true.notna()
    if both.any():
        s, t = stated[both], true[both]
        floored = bool((t < 0).any()) and float((s == t.clip(lower=0)).mean()) >= 0.99
        differ = (s - t).abs() >= 1
        how = (
            "it is floored at 0 and hides early payment"
            if floored
            else f"it differs by a day or more in {counted(int(differ.sum()), 'row')}"
        )
        if differ.any():
            invoices.note(
                heading,
                f"not used: the stated mean is {s.mean():.2f} days, the mean from the dates is "
                f"{t.mean():.2f} days; {how}",
                rows.loc[both][differ],
            )
    unpaid = rows[stated.notna() & rows["last_paid_on"].isna()]
    if len(unpaid):
        delay = unpaid["stated_days_late"]
        invoices.note(
            heading,
            f"not used: {counted(len(unpaid), 'invoice')} without a dated payment state a delay (mean "
            f"{delay.mean():.2f} days, "
            f"{int((delay == 0).sum()):,} exactly 0); averaging such figures ranks debtors who never pay "
            f"as the best",
            unpaid,
        )


def _count_differences(
    invoices: Intake, rows: pd.DataFrame, stated: pd.Series, true: pd.Series, heading: str, meaning: str
) -> None:
    both = stated.notna() & true.notna()
    differ = both & ((stated - true).abs() >= 1)
    invoices.note(
        heading, f"not used: the stated days differ from those from {meaning} by a day or more", rows[differ]
    )


def _compare_buckets(invoices: Intake, rows: pd.DataFrame, heading: str, as_of: pd.Timestamp) -> None:
    low = pd.to_numeric(rows["stated_bucket"].str.extract(r"(\d+)", expand=False), errors="coerce")
    high = pd.to_numeric(
        rows["stated_bucket"].str.extract(r"\d+\s*(?:-|to|–)\s*(\d+)", expand=False), errors="coerce"
    )
    age = (as_of - rows["due_on"]).dt.days.clip(lower=0)
    is_open = rows["last_paid_on"].isna() & low.notna()
    outside = is_open & ((age < low) | (age > high.fillna(age)))
    invoices.note(
        heading,
        f"not used: unpaid invoices whose age on {as_of:%Y-%m-%d} lies outside the stated bucket",
        rows[outside],
    )
