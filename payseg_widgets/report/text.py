"""A ledger and a study as plain text for the terminal, and the formats all reports share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from payseg_widgets.ledger.schema import Ledger

if TYPE_CHECKING:
    from payseg_widgets.study import (
        Study,  # loading scikit-learn takes seconds, which reading a ledger need not wait for
    )


def figure(value: float, unit: str, currency: str = "") -> str:
    """Write a figure as a reader expects it; a dash where it is not known.

    >>> figure(0.356, "ratio"), figure(-3.5613, "days"), figure(1234567.8, "money", "GBP"), figure(float("nan"), "days")
    ('35.6 %', '-3.56 days', 'GBP 1,234,568', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if unit == "ratio":
        return f"{100 * value:.1f} %"
    if unit == "days":
        return f"{value:.2f} days" if abs(value) < 10 else f"{value:.1f} days"
    if unit == "money":
        return f"{'' if currency == 'XXX' else currency} {value:,.0f}".strip()
    return f"{value:,.0f}"


def money(minor: float | None, ledger: Ledger) -> str:
    """Write minor units as exact money; empty where missing.

    The sum is printed to the penny: it is what an accountant compares.
    """
    if minor is None or pd.isna(minor):
        return ""
    whole, part = divmod(abs(int(minor)), ledger.minor_per_unit)
    digits = len(str(ledger.minor_per_unit)) - 1
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{part:0{digits}d}" if digits else "")


def ledger_text(ledger: Ledger) -> str:
    """Say what was read, what became of every row, what was repaired or contradictory."""
    currency = "currency not named" if ledger.currency == "XXX" else ledger.currency
    lines = [
        f"{len(ledger.invoices):,} invoices of {ledger.invoices['customer_id'].nunique():,} customers, "
        f"{len(ledger.payments):,} payments, as of {ledger.as_of:%Y-%m-%d}, {currency}; {ledger.late_rule}",
        "",
        "Every row, and its money:",
        _columns(reconciliation_table(ledger)),
        "",
        "What was decided, repaired or contradictory:",
        *_findings(ledger),
    ]
    if len(ledger.rejected):
        lines += ["", "Rejected rows by reason:", _columns(rejected_by_reason(ledger))]
    return "\n".join(lines)


def reconciliation_table(ledger: Ledger) -> pd.DataFrame:
    """Lay out what became of each table's rows and, to the penny, of their money: one row a table, text."""
    long = ledger.reconciliation
    if not len(long):
        return pd.DataFrame(columns=["table"])
    cells = pd.DataFrame(
        {
            "table": long["table"],
            "outcome": long["outcome"],
            "rows": [f"{n:,}" for n in long["n_rows"]],
            "money": [money(m, ledger) for m in long["amount_minor"]],
        }
    )
    used = [
        o for o in dict.fromkeys(cells["outcome"]) if (long.loc[long["outcome"] == o, "n_rows"] > 0).any()
    ]
    wide = cells.pivot(index="table", columns="outcome", values=["rows", "money"]).fillna("")
    columns = [(value, outcome) for outcome in used for value in ("rows", "money")]
    wide = wide.reindex(index=list(dict.fromkeys(cells["table"])), columns=columns)
    wide.columns = pd.Index(
        [outcome if value == "rows" else f"{outcome}: money" for value, outcome in columns]
    )
    return wide.loc[:, (wide != "").any()].reset_index()


def rejected_by_reason(ledger: Ledger) -> pd.DataFrame:
    """Count rejected rows and their money by table and reason, most first."""
    grouped = ledger.rejected.groupby(["table", "reason"], sort=False)
    table = grouped.agg(
        rows=("source_row", "size"), first_row=("source_row", "min"), amount=("amount_minor", "sum")
    ).reset_index()
    table = table.sort_values("rows", ascending=False, kind="stable", ignore_index=True)
    return table.assign(money=[money(m, ledger) for m in table.pop("amount")])


def study_text(study: Study) -> str:
    """List the headline figures, the segments, what region and sector do, what is expected and what to do."""
    segmentation = study.segmentation
    currency = study.ledger.currency
    width = max(len(kpi.label) for kpi in study.kpis)
    lines = [f"As of {study.ledger.as_of:%Y-%m-%d}; {study.ledger.late_rule}"]
    lines += [f"  {kpi.label:<{width}}  {figure(kpi.value, kpi.unit, currency):>16}" for kpi in study.kpis]
    if len(study.ledger.rejected):
        n, lost = len(study.ledger.rejected), money(study.ledger.rejected["amount_minor"].sum(), study.ledger)
        lines += [
            "",
            f"{n:,} rows were rejected, with {lost} of money; `payseg check` on the same files says why.",
        ]
    lines += ["", *([segmentation.caution] if segmentation.caution else [])]
    lines += [f"{segmentation.n_segments} segments ({segmentation.model}). {structure_sentence(study)}"]
    lines += [f"  {card.letter} {card.name}: {card.summary} {card.action}" for card in segmentation.cards]
    lines += ["", *study.groups.sentences, "", *study.outlook.sentences, "", *study.strategy.sentences]
    lines += [f"This cannot be right: {finding}" for finding in study.strategy.findings]
    return "\n".join(lines)


def structure_sentence(study: Study) -> str:
    """Give the verdict on whether there are segments at all."""
    return str(study.segmentation.quality.get("structure_sentence", ""))


def place(table: str, column: str | None) -> str:
    """Say where a finding was made: ``invoices.Due Date``, or the table where it is about no one column."""
    return f"{table}.{column}" if column and pd.notna(column) else table


def _findings(ledger: Ledger) -> list[str]:
    if not len(ledger.quality):
        return ["  nothing"]
    return [
        f"  {place(row['table'], row['column'])}: {row['finding']}"
        + (f" [{money(row['amount_minor'], ledger)}]" if pd.notna(row["amount_minor"]) else "")
        for row in ledger.quality.to_dict("records")
    ]


def _columns(table: pd.DataFrame) -> str:
    text = table.to_string(index=False)
    return "\n".join(f"  {line}" for line in text.splitlines())
