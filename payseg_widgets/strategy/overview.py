"""The tables that say at a glance who there is and what is done: by segment and by action."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from payseg_widgets.ledger.amounts import percent
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.strategy.actions import ACTIONS
from payseg_widgets.strategy.policy import RuleList
from payseg_widgets.strategy.self_check import Claims

#: Label of the row that speaks of all others together.
ALL = "all"
_MONEY = {"invoiced_minor": "invoiced_share", "outstanding_minor": "outstanding_share"}


def cluster_table(customers: pd.DataFrame, segmentation: Segmentation) -> pd.DataFrame:
    """Return a row a segment, and one of all.

    Parameters
    ----------
    customers : pandas.DataFrame
        As `payseg_widgets.strategy.plan.Plan.customers`.
    segmentation : Segmentation

    Returns
    -------
    pandas.DataFrame
        Index ``segment`` (-1 after the others, ``"all"`` last): see `payseg_widgets.strategy.plan.Plan.clusters`.
    """
    found = sorted(customers["segment"].unique(), key=lambda segment: (segment < 0, segment))
    names = {card.segment: card.name for card in segmentation.cards}
    rows = {segment: customers[customers["segment"] == segment] for segment in found} | {ALL: customers}
    table = _summary(rows, ("n_invoices", "n_open"))
    whole = table.loc[ALL]
    table["invoice_share"] = table["n_invoices"] / whole["n_invoices"] if whole["n_invoices"] else np.nan
    first = [customers[customers["segment"] == segment].iloc[0] for segment in found]
    table.insert(0, "letter", [*(row["letter"] for row in first), ""])
    table.insert(1, "name", [*(names.get(segment, "Not placed") for segment in found), "All"])
    table["risk"] = [*(row["risk"] for row in first), ""]
    table["remark"] = [*(_remark(table.loc[segment], rows[segment]) for segment in found), ""]
    return table.rename(columns={"n": "n_customers"}).rename_axis("segment")


def action_table(cases: pd.DataFrame, rules: RuleList) -> pd.DataFrame:
    """Return a row for each action a policy can choose, the mildest first, and one of all.

    Parameters
    ----------
    cases : pandas.DataFrame
        Customers or open invoices, with their ``action``.
    rules : RuleList

    Returns
    -------
    pandas.DataFrame
        Index ``action``: see `payseg_widgets.strategy.plan.Plan.actions`.
    """
    rows: dict[object, pd.DataFrame] = {name: cases[cases["action"] == name] for name in rules.actions}
    table = _summary(rows | {ALL: cases}, ())
    table.insert(0, "label", [*(ACTIONS[name].label for name in rules.actions), "All"])
    taken = [len(rows[name]) * rules.minutes[name] for name in rules.actions]
    table["minutes"] = np.array([*taken, sum(taken)])
    return table.rename(columns={"n": f"n_{rules.scope}"}).rename_axis("action")


def _summary(rows: Mapping[object, pd.DataFrame], counts: tuple[str, ...]) -> pd.DataFrame:
    """Count, add up and average; shares are of the row of all."""
    whole = rows[ALL]
    money = {name: share for name, share in _MONEY.items() if name in whole}
    table = {}
    for key, part in rows.items():
        row = {"n": len(part), "share": len(part) / len(whole) if len(whole) else np.nan}
        row |= {name: int(part[name].sum()) for name in counts}
        for name, share in money.items():
            total = int(whole[name].sum())
            row |= {name: int(part[name].sum()), share: int(part[name].sum()) / total if total else np.nan}
        late = part["late_probability"]
        row |= {"n_rated": int(late.notna().sum()), "late_probability": float(late.mean())}
        row["expected_loss_minor"] = part["expected_loss_minor"].sum(skipna=False) if len(part) else 0
        table[key] = row
    return pd.DataFrame.from_dict(table, orient="index").astype({"expected_loss_minor": "Int64"})


def _remark(row: pd.Series, customers: pd.DataFrame) -> str:
    """Say how much of the open balance it owes, and what is mostly done."""
    owes = "Owes nothing now"
    if row["outstanding_minor"]:
        owes = f"{percent(row['share'])} of the customers owe {percent(row['outstanding_share'])} of the open balance"
    counts = customers["action"].value_counts()
    if counts.empty:
        return f"{owes}."
    most = min(counts.index[counts == counts.max()], key=lambda name: ACTIONS[name].severity)
    return f"{owes}; most often: {ACTIONS[most].label} ({percent(counts[most] / len(customers))})."


def claims_of(name: str, table: pd.DataFrame, ledger: Mapping[str, int]) -> Claims:
    """Return what one of these tables claims of itself.

    Parameters
    ----------
    name : str
    table : pandas.DataFrame
    ledger : Mapping of str to int
        What columns add up to by the ledger; those that the table has are checked.
    """
    n = next(column for column in ("n_customers", "n_invoices") if column in table)
    shares = {"share": n, "invoice_share": "n_invoices"} | {share: money for money, share in _MONEY.items()}
    sums = (n, "n_invoices", "n_open", "n_rated", "expected_loss_minor", "minutes", *_MONEY)
    return Claims(
        name=name, table=table, total=ALL, probabilities=("late_probability",),
        shares={share: of for share, of in shares.items() if share in table},
        averages={"late_probability": "n_rated"},
        sums=tuple(column for column in dict.fromkeys(sums) if column in table),
        ledger={column: right for column, right in ledger.items() if column in table},
    )  # fmt: skip
