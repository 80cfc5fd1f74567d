"""Turn the chosen columns of a table into typed ones: dates, exact money, clean ids, text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.dates import parse_dates
from payseg_widgets.ledger.findings import Finding
from payseg_widgets.ledger.ids import clean_ids
from payseg_widgets.ledger.money import ParsedMoney, parse_money
from payseg_widgets.ledger.schema import minor_digits
from payseg_widgets.ledger.sources import RawTable
from payseg_widgets.ledger.synonyms import ROLES
from payseg_widgets.ledger.vocabulary import iso_codes

#: Pairs of roles where the first is not after the second: what decides between day/month and month/day.
_ORDER = (("issued_on", "due_on"), ("issued_on", "paid_on"))
#: An id that `clean_ids` may change or remark on.
_ODD_ID = r"[^!-~]|['`]|\.0+$|[eE]\+|^$"


@dataclass
class TypedTable:
    """One table with a typed column per role, named as the role; same index as the source (rows from 1).

    Attributes
    ----------
    columns : dict
        Role -> heading in the source.
    problems : dict
        Role -> reason why a cell could not be read, ``""`` where it could or is empty.
    currencies : pandas.Series of str
        ISO code of each row, ``""`` where the row names none, ``"?"`` where it names one that does not exist.
    layouts : dict
        Date role -> how it was read.
    hundredths : ParsedMoney or None
        The amounts read with two decimals, as most currencies have; read again only for others.
    totals_minor : pandas.Series of Int64
        Money of the source's total rows, index as ``raw.totals``; missing where it cannot be read.
    """

    table: str
    raw: RawTable
    columns: Mapping[str, str]
    frame: pd.DataFrame
    problems: dict[str, pd.Series] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    currencies: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    layouts: dict[str, str] = field(default_factory=dict)
    hundredths: ParsedMoney | None = None
    totals_minor: pd.Series = field(default_factory=lambda: pd.Series(dtype="Int64"))

    def cells(self, role: str) -> pd.Series:
        """Cells of a role as they were read."""
        return self.raw.frame[self.columns[role]]

    def money_roles(self) -> list[str]:
        """Roles of this table that hold money."""
        return [role.name for role in ROLES[self.table] if role.kind == "money" and role.name in self.columns]


def type_table(
    table: str, raw: RawTable, columns: Mapping[str, str], *, dayfirst: bool | None, decimal: str | None
) -> TypedTable:
    """Read dates, ids and text of a table; `read_money` follows once the currencies are known."""
    typed = TypedTable(
        table, raw, columns, pd.DataFrame({"source_row": raw.frame.index}, index=raw.frame.index)
    )
    kinds = {role.name: role.kind for role in ROLES[table]}
    dates = {role: raw.frame[column] for role, column in columns.items() if kinds[role] == "date"}
    order = tuple(pair for pair in _ORDER if set(pair) <= set(dates))
    for role, read in parse_dates(dates, dayfirst=dayfirst, order=order, source_names=columns).items():
        typed.frame[role] = read.values.astype("datetime64[s]")
        typed.problems[role] = read.problem
        typed.layouts[role] = read.layout
        typed.findings += read.findings
    for role, column in columns.items():
        if kinds[role] in ("id", "key"):
            typed.frame[role], found = _clean(raw.frame[column], column)
            typed.findings += found
        elif kinds[role] == "number":
            typed.frame[role] = pd.to_numeric(raw.frame[column], errors="coerce").astype("float64")
        elif kinds[role] not in ("date", "money"):
            text = raw.frame[column].astype("str").str.strip()
            typed.frame[role] = text.mask(text == "")
    typed.currencies = _currencies(typed, decimal)
    return typed


def _clean(cells: pd.Series, column: str) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Clean ids; the plain ones, nearly all of a usual export, need no second look."""
    if cells.dtype != "str":
        return clean_ids(cells, column=column)
    odd = cells.str.contains(_ODD_ID, regex=True).fillna(True).to_numpy(dtype=bool)
    cleaned, findings = clean_ids(cells[odd], column=column)
    if odd.any():
        cells = cells.copy()
        cells[odd] = cleaned
    return cells, findings


def _currencies(typed: TypedTable, decimal: str | None) -> pd.Series:
    """Take the currency from the amount's cell, else from the currency column."""
    named = pd.Series("", index=typed.frame.index, dtype="str")
    if "currency" in typed.columns:
        named = iso_codes(typed.cells("currency"))
    if "amount" in typed.columns:
        typed.hundredths = parse_money(typed.cells("amount"), column=typed.columns["amount"], decimal=decimal)
        in_cell = typed.hundredths.currency
        named = in_cell.where(in_cell != "", named)
    return named


def read_money(typed: TypedTable, currency: str, decimal: str | None) -> None:
    """Read the money columns in minor units of each row's own currency (``role`` + ``_minor``)."""
    digits: int | pd.Series = minor_digits(currency)
    used = set(typed.currencies.unique()) - {"", "?"}
    if any(minor_digits(code) != digits for code in used):
        digits = (
            typed.currencies.where(typed.currencies.isin(used), currency).map(minor_digits).astype("int64")
        )
    for role in typed.money_roles():
        if role == "amount" and typed.hundredths is not None and isinstance(digits, int) and digits == 2:
            read = typed.hundredths
        else:
            read = parse_money(typed.cells(role), column=typed.columns[role], digits=digits, decimal=decimal)
        typed.frame[f"{role}_minor"] = read.minor
        typed.problems[role] = read.problem
        typed.findings += read.findings
    if "amount" in typed.columns and len(typed.raw.totals):
        typed.totals_minor = _money_of_totals(typed, currency, decimal)


def _money_of_totals(typed: TypedTable, currency: str, decimal: str | None) -> pd.Series:
    """Read total rows as their column is read; a total over several currencies is no money of any."""
    cells = typed.raw.totals[typed.columns["amount"]]
    nothing = pd.Series(pd.NA, index=cells.index, dtype="Int64")
    if not typed.currencies.isin(["", "?", currency]).all():
        return nothing
    both = pd.concat([typed.cells("amount"), cells])
    try:
        read = parse_money(
            both, column=typed.columns["amount"], digits=minor_digits(currency), decimal=decimal
        )
    except LedgerError:  # the rows themselves were read: only the total's decimal mark is open
        return nothing
    is_foreign = ~read.currency.isin(["", currency])
    return read.minor.mask(is_foreign).iloc[len(both) - len(cells) :]
