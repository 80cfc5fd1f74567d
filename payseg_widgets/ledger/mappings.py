"""What the caller says of columns: ``mapping=``, checked, and the words for what it does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.synonyms import ROLES


def read_mapping(mapping: Mapping[str, object] | None) -> dict[str, dict[str, str | None]]:
    """Check ``mapping=`` and bring it to the form table -> role -> column.

    Raises
    ------
    LedgerError
        If a table or role is unknown; the message says what was probably meant.

    >>> read_mapping({"amount": "Inv Total"})
    {'invoices': {'amount': 'Inv Total'}}
    """
    if not mapping:
        return {}
    if not isinstance(mapping, Mapping):
        raise LedgerError(
            f"mapping={mapping!r} is not a dictionary; write mapping={{'invoices': {{'amount': 'Inv "
            f"Total'}}}}."
        )
    nested = mapping if any(isinstance(v, Mapping) for v in mapping.values()) else {"invoices": mapping}
    result: dict[str, dict[str, str | None]] = {}
    for table, columns in nested.items():
        if table not in ROLES:
            raise LedgerError(f"mapping= names the table {table!r}. {meant(table, ROLES)}")
        if not isinstance(columns, Mapping):
            raise LedgerError(f"mapping[{table!r}] is {columns!r}; write {{'role': 'column', ...}}.")
        roles = [role.name for role in ROLES[table]]
        for role, column in columns.items():
            if role not in roles:
                raise LedgerError(f"mapping[{table!r}] names the role {role!r}. {meant(role, roles)}")
            if column is not None and not isinstance(column, str):
                raise LedgerError(
                    f"mapping[{table!r}][{role!r}] is {column!r}; write the column's heading, or None to "
                    f"use none."
                )
        result[table] = dict(columns)
    return result


def meant(word: object, known: Iterable[str]) -> str:
    """Say which of the known words is probably meant, else which there are.

    >>> meant("ammount", ["amount", "due_on"])
    "Did you mean 'amount'?"
    """
    known = [str(k) for k in known]
    close = difflib.get_close_matches(str(word), known, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(map(repr, close))}?" if close else f"There are: {listed(known)}."


def listed(columns: Iterable[str]) -> str:
    """Quote up to 30 headings, each cut to 60 characters.

    >>> listed(["Ref", "Gross"])
    "'Ref', 'Gross'"
    """
    columns = [repr(str(c))[:60] for c in columns]
    more = f" and {len(columns) - 30} more" if len(columns) > 30 else ""
    return (", ".join(columns[:30]) + more) or "no columns at all"
