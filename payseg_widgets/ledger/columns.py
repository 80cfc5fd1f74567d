"""Find out which column of an export means what: by its heading, then by what its cells look like.

A decision is never silent: each one becomes a sentence in ``ledger.quality``, and ``mapping=`` overrides it.
What cannot be decided is a `LedgerError` that lists the candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.dates import parse_dates
from payseg_widgets.ledger.findings import Finding
from payseg_widgets.ledger.mappings import listed, meant
from payseg_widgets.ledger.profile import Profile, profile_of
from payseg_widgets.ledger.references import recurring_reference
from payseg_widgets.ledger.synonyms import FACTS, ROLES, Role, plain, words_of
from payseg_widgets.ledger.vocabulary import share_of_document_types

#: Roles where two equally good columns are an error rather than a reason to use neither.
_DECISIVE = frozenset(
    ("invoice_id", "customer_id", "issued_on", "due_on", "amount", "paid_on", "paid_amount", "sent_on")
)
_FACT_NAMES = frozenset(role.name for role in FACTS)
_LOCAL = ("local", "loccurr", "inlc", "lcurr", "hauswahrung", "inhw", "companycode")
_DOCUMENT = ("document", "doccurr", "beleg")
_OWNERS = ("customer", "client", "debtor", "cust", "buyer", "account")


#: What the cells of a role look like where no heading tells.
_LOOKS: dict[str, Callable[[Profile], bool]] = {
    "amount": lambda p: p.money >= 0.9 and p.fractions >= 0.3,
    "customer_id": lambda p: p.ids >= 0.8 and p.unique < 0.9 and p.flags < 0.9 and p.serials + p.money < 1.9,
    "invoice_id": lambda p: p.ids >= 0.8 and p.unique == 1.0 and p.filled == 1.0,
}
#: What makes a table one of invoices, in words.
_MARKS = {
    "amount": "amount",
    "invoice_id": "invoice number",
    "customer_id": "customer number",
    "issued_on": "invoice date",
    "due_on": "due date",
}


@dataclass
class _Choice:
    """The columns chosen so far for one table."""

    table: str
    frame: pd.DataFrame
    taken: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    profiles: dict[str, Profile] = field(default_factory=dict)

    def profile(self, column: str) -> Profile:
        if column not in self.profiles:
            self.profiles[column] = profile_of(self.frame[column])
        return self.profiles[column]

    def free(self) -> list[str]:
        used = set(self.taken.values())
        return [c for c in self.frame.columns if c not in used]

    def fits(self, role: Role, column: str) -> bool:
        if role.kind == "type":
            return share_of_document_types(self.frame[column]) >= 0.5
        return self.profile(column).fits(role.kind)

    def take(self, role: str, column: str, why: str) -> None:
        self.taken[role] = column
        self.findings.append(Finding(column, f"read as {role}, {why}"))


def choose_columns(
    table: str, frame: pd.DataFrame, wanted: Mapping[str, str | None]
) -> tuple[dict[str, str], list[Finding]]:
    """Choose the column of each role.

    Parameters
    ----------
    table : str
        One of ``ROLES``.
    frame : pandas.DataFrame
        The cells as read.
    wanted : Mapping
        Role -> heading from ``mapping=``; ``None`` means that no column has this role.

    Returns
    -------
    (dict, list of Finding)
        Role -> column, and a sentence for each decision and each column not used.

    Raises
    ------
    LedgerError
        If a wanted column is not there, a required role has no column, or two columns fit equally well.
    """
    choice = _Choice(table, frame)
    for name, column in wanted.items():
        if column is not None:
            choice.take(name, _existing(column, name, choice), "as mapping= says")
    roles = [role for role in ROLES[table] if role.name not in wanted]
    if table == "invoices":
        _refuse_other_tables(choice, wanted)
    for role in roles:
        _by_heading(role, choice)
    for role in roles:
        if role.tokens and role.name not in choice.taken:
            _by_words(role, choice)
    if table == "invoices":
        _by_content(choice, {role.name for role in roles})
        _by_reference(choice, wanted)
    _require(choice, wanted)
    used = set(choice.taken.values())
    unused = [Finding(c, "not used") for c in frame.columns if c not in used]
    return choice.taken, choice.findings + unused


def _existing(column: str, role: str, choice: _Choice) -> str:
    headings = list(choice.frame.columns)
    if column in headings:
        return column
    same = [h for h in headings if plain(h) == plain(column)]
    if len(same) == 1:
        return same[0]
    raise LedgerError(
        f"mapping[{choice.table!r}][{role!r}] names the column {column!r}. {meant(column, headings)}"
    )


def _by_heading(role: Role, choice: _Choice) -> None:
    ranked: list[tuple[bool, int, str]] = []
    for column in choice.free():
        heading = _heading(column, role)
        if heading not in role.headings or (role.name == "currency" and _is_other_currency(heading, choice)):
            continue
        fits = choice.fits(role, column)
        if fits or (
            heading not in role.vague and role.kind in ("date", "money", "id", "key", "name", "text")
        ):
            ranked.append((role.kind != "key" and not fits, role.headings.index(heading), column))
    if not ranked:
        return
    ranked.sort()
    best = [column for unfit, rank, column in ranked if (unfit, rank) == ranked[0][:2]]
    _take_one_of(best, role, choice, "by its heading")


def _is_other_currency(heading: str, choice: _Choice) -> bool:
    """Tell whether a currency column belongs to the other of SAP's two amounts, local and document."""
    amount = plain(choice.taken.get("amount", ""))
    is_local, is_document = any(w in amount for w in _LOCAL), any(w in amount for w in _DOCUMENT)
    return (is_local and any(w in heading for w in _DOCUMENT)) or (
        is_document and any(w in heading for w in _LOCAL)
    )


def _heading(column: str, role: Role) -> str:
    words = words_of(column)
    if role.name in _FACT_NAMES and role.name != "name" and len(words) > 1 and words[0] in _OWNERS:
        return "".join(words[1:])
    return "".join(words)


def _take_one_of(columns: list[str], role: Role, choice: _Choice, why: str) -> None:
    first = choice.frame[columns[0]]
    same = [c for c in columns[1:] if first.equals(choice.frame[c])]
    rivals = [c for c in columns[1:] if c not in same]
    if rivals and role.name in _DECISIVE:
        raise _undecided(choice, role.name, [columns[0], *rivals])
    if rivals:
        choice.findings.append(
            Finding(
                columns[0],
                f"{role.name} is not read: {listed(columns)} fit equally well; choose with mapping=",
            )
        )
        return
    choice.take(role.name, columns[0], why)
    for column in same:
        choice.findings.append(Finding(column, f"holds the same cells as {columns[0]!r}"))


def _undecided(choice: _Choice, role: str, columns: list[str]) -> LedgerError:
    return LedgerError(
        f"{choice.table}: {listed(columns)} fit {role} equally well. Choose one with "
        f"mapping={{{choice.table!r}: {{{role!r}: {columns[0]!r}}}}}."
    )


def _by_words(role: Role, choice: _Choice) -> None:
    found = []
    for column in choice.free():
        if not _has_words(column, role):
            continue
        profile = choice.profile(column)
        if profile.n and profile.fits(role.kind) and (role.kind != "id" or profile.unique > 0.5):
            found.append(column)
    if found:
        _take_one_of(found, role, choice, "by words of its heading and its cells")


def _has_words(column: str, role: Role) -> bool:
    words = set(words_of(column))
    return not words & role.excluded and any(all(words & s for s in option) for option in role.tokens)


def _by_content(choice: _Choice, open_roles: set[str]) -> None:
    missing: set[str] = {
        r
        for r in ("issued_on", "due_on", "amount", "customer_id", "invoice_id")
        if r in open_roles - set(choice.taken)
    }
    if "issued_on" in missing or ("due_on" in missing and "terms" not in choice.taken):
        _dates_by_content(choice, missing)
    for role, looks_right in _LOOKS.items():
        if role not in missing or (role == "customer_id" and "name" in choice.taken):
            continue
        found = [c for c in choice.free() if choice.profile(c).n > 1 and looks_right(choice.profile(c))]
        if len(found) == 1:
            choice.take(role, found[0], "by what its cells look like")
        elif found and role != "invoice_id":
            raise _undecided(choice, role, found)


def _refuse_other_tables(choice: _Choice, wanted: Mapping[str, str | None]) -> None:
    """Refuse a table without any column of amounts before asking which of two dates is meant."""
    roles = {role.name: role for role in ROLES[choice.table] if role.name in _MARKS}
    lacking = [name for name, role in roles.items() if name not in wanted and not _may_be_told(role, choice)]
    if "amount" not in lacking:
        return
    if "invoice_id" not in lacking:
        raise _not_found(roles["amount"], choice, wanted)
    told = ", ".join(word for name, word in _MARKS.items() if name in lacking)
    raise LedgerError(
        f"{choice.table}: this does not look like a table of invoices: no column for {told}. The columns are "
        f"{listed(choice.frame.columns)}. Give another file, or say which column is which with "
        f"mapping={{{choice.table!r}: {{'amount': ..., 'invoice_id': ...}}}}."
    )


def _may_be_told(role: Role, choice: _Choice) -> bool:
    """Tell whether any free column may have a role, by its heading or by its cells."""
    for column in choice.free():
        if _heading(column, role) in role.headings or _has_words(column, role):
            return True
        profile = choice.profile(column)
        if profile.n > 1 and (
            profile.dates >= 0.9
            if role.kind == "date"
            else role.name in _LOOKS and _LOOKS[role.name](profile)
        ):
            return True
    return False


def _by_reference(choice: _Choice, wanted: Mapping[str, str | None]) -> None:
    """In a list of documents that says of no invoice when it was paid, prefer the number that receipts repeat."""
    paid_on = choice.taken.get("paid_on")
    is_told = "applied_to" in choice.taken or (paid_on is not None and choice.profile(paid_on).n > 0)
    if "invoice_id" in wanted or "doc_type" not in choice.taken or is_told:
        return
    role = next(role for role in ROLES[choice.table] if role.name == "invoice_id")
    current = choice.taken.get("invoice_id")
    candidates = [c for c in choice.free() if _heading(c, role) in role.headings or _has_words(c, role)]
    found = recurring_reference(choice.frame, choice.taken["doc_type"], current, candidates)
    if found is None:
        return
    choice.findings[:] = [f for f in choice.findings if f.column != current]
    choice.take("invoice_id", *found)


def _dates_by_content(choice: _Choice, missing: set[str]) -> None:
    """Tell issue from due date by their relation: due never before issue, few distinct terms between them."""
    found = [c for c in choice.free() if choice.profile(c).n > 1 and choice.profile(c).dates >= 0.9]
    if "issued_on" not in missing:
        pairs = [
            (choice.taken["issued_on"], c) for c in found if _are_terms(choice, choice.taken["issued_on"], c)
        ]
    elif "due_on" not in missing:
        pairs = [(c, choice.taken["due_on"]) for c in found if _are_terms(choice, c, choice.taken["due_on"])]
    else:
        pairs = [(a, b) for a in found for b in found if a != b and _are_terms(choice, a, b)]
    if len(pairs) == 1:
        for role, column in zip(("issued_on", "due_on"), pairs[0], strict=True):
            if role in missing:
                choice.take(
                    role, column, "by what its cells look like: due is issue plus a few distinct terms"
                )
    elif "issued_on" in missing and len(found) == 1:
        choice.take("issued_on", found[0], "as the only column of dates")
    elif "issued_on" in missing and found:
        raise _undecided(choice, "issued_on", found)


def _are_terms(choice: _Choice, issued: str, due: str) -> bool:
    sample = choice.frame[[issued, due]].dropna().head(1000)
    if len(sample) < 5:
        return False
    try:
        dates = parse_dates({"issued_on": sample[issued], "due_on": sample[due]})
    except LedgerError:  # undecided layouts show no relation; the real reading reports them
        return False
    days = (dates["due_on"].values - dates["issued_on"].values).dt.days.dropna()
    return (
        len(days) >= 5
        and (days >= 0).mean() >= 0.95
        and days.nunique() <= max(3, 0.05 * len(days))
        and days.max() <= 400
    )


def _require(choice: _Choice, wanted: Mapping[str, str | None]) -> None:
    table, taken = choice.table, choice.taken
    linked = table in ("payments", "credit_notes", "reminders", "disputes") and "invoice_id" in taken
    for role in ROLES[table]:
        if not role.required or role.name in taken or (role.name == "customer_id" and linked):
            continue
        show = f"mapping={{{table!r}: {{{role.name!r}: ...}}}}"
        if role.name == "customer_id" and "name" in taken:
            raise LedgerError(
                f"{table}: no column of customer ids; {taken['name']!r} holds names, and a name is not a "
                f"key. If each "
                f"name is one customer, write {show.replace('...', repr(taken['name']))}."
            )
        if role.name == "customer_id" and table in ("payments", "credit_notes", "reminders", "disputes"):
            raise LedgerError(
                f"{table}: no column of invoice or customer ids among {listed(choice.frame.columns)}. "
                f"Write {show}."
            )
        raise _not_found(role, choice, wanted)


def _not_found(role: Role, choice: _Choice, wanted: Mapping[str, str | None]) -> LedgerError:
    used = [(c, other) for other, c in wanted.items() if c and _heading(c, role) in role.headings]
    if role.name in wanted:
        reason = "mapping= says that there is none, but it is needed"
    elif used:
        reason = "no column is left: " + " and ".join(f"{c!r} was mapped to {other}" for c, other in used)
    else:
        reason = "no column found"
    return LedgerError(
        f"{choice.table}: {role.name}: {reason}. The columns are {listed(choice.frame.columns)}. "
        f"Write mapping={{{choice.table!r}: {{{role.name!r}: ...}}}}."
    )
