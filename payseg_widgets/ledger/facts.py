"""Customers and their facts, from a table of their own and from columns repeated on each invoice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from payseg_widgets.ledger.findings import Finding, counted
from payseg_widgets.ledger.intake import Intake
from payseg_widgets.ledger.synonyms import FACTS
from payseg_widgets.ledger.terms import read_terms

_TYPES = {"credit_limit_minor": "Int64", "terms_days": "Int32"}
_CONFLICTS_AT_MOST = 0.2  # share of customers; above it the column does not describe customers


def fact_columns(frame: pd.DataFrame) -> list[str]:
    """Columns of a typed table that are facts of customers."""
    names = [f"{role.name}_minor" if role.kind == "money" else role.name for role in FACTS]
    return [name for name in (*names, "terms_days") if name in frame]


def with_terms_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``terms_days`` where the table has payment terms."""
    return rows.assign(terms_days=read_terms(rows["terms"])["days"]) if "terms" in rows else rows


def one_row_each(intake: Intake, columns: Mapping[str, str], *, strict: bool) -> pd.DataFrame:
    """Reduce rows to one per customer: the most frequent value of each fact wins, conflicts are reported.

    Parameters
    ----------
    strict : bool
        Leave out a column that differs within more than a fifth of the customers (for rows of invoices).

    Returns
    -------
    pandas.DataFrame
        ``customer_id`` and facts.
    """
    rows = intake.rows
    result = pd.DataFrame({"customer_id": rows["customer_id"].drop_duplicates()}).set_index("customer_id")
    for fact in fact_columns(rows):
        counts = _counts(rows["customer_id"], rows[fact])
        conflicting = counts["customer_id"].duplicated(keep=False)
        n = int(counts.loc[conflicting, "customer_id"].nunique())
        role = fact.removesuffix("_minor")
        heading = columns.get(role, columns.get("terms", ""))
        if strict and n > _CONFLICTS_AT_MOST * max(1, counts["customer_id"].nunique()):
            intake.findings.append(
                Finding(heading, f"not used: {role} differs within {counted(n, 'customer')}", n)
            )
            continue
        if n:
            intake.findings.append(
                Finding(
                    heading, f"{role} differs within {counted(n, 'customer')}; the most frequent was taken", n
                )
            )
        best = counts[~counts["customer_id"].duplicated()].set_index("customer_id")[fact]
        result[fact] = best.reindex(result.index)
    return result.astype({fact: _TYPES.get(str(fact), "str") for fact in result}).reset_index()


def _counts(customer: pd.Series, fact: pd.Series) -> pd.DataFrame:
    """Count each value of a fact for each customer, the most frequent first, then the first in order."""
    kept = customer.notna() & fact.notna()
    owners, names = pd.factorize(customer[kept])
    codes, values = pd.factorize(fact[kept], sort=True)
    pairs, n = np.unique(owners * max(1, len(values)) + codes, return_counts=True)
    owner, code = np.divmod(pairs, max(1, len(values)))
    order = np.lexsort((code, -n, owner))
    return pd.DataFrame(
        {"customer_id": names[owner[order]], str(fact.name): values[code[order]], "n": n[order]}
    )


def join_customers(own: pd.DataFrame, from_invoices: pd.DataFrame) -> pd.DataFrame:
    """Join both tables of facts; the customers table wins where both speak."""
    ids = pd.Index(pd.concat([own["customer_id"], from_invoices["customer_id"]]).unique(), name="customer_id")
    first, second = (
        own.set_index("customer_id").reindex(ids),
        from_invoices.set_index("customer_id").reindex(ids),
    )
    for fact in second:
        first[fact] = first[fact].where(first[fact].notna(), second[fact]) if fact in first else second[fact]
    first.index = first.index.astype("str")
    return first.astype({c: _TYPES.get(str(c), "str") for c in first}).reset_index()


def repeated_names(customers: pd.DataFrame) -> Finding | None:
    """Report ids that share a name: perhaps one company, but a name is not a key."""
    if "name" not in customers:
        return None
    name = customers["name"].str.casefold().str.strip().dropna()
    shared = name[name.duplicated(keep=False)]
    if not len(shared):
        return None
    shares = f"{counted(len(shared), 'customer id')} share {counted(shared.nunique(), 'name')}"
    text = f"{shares}; a name is not a key, so they stay apart"
    return Finding("name", text, len(shared))
