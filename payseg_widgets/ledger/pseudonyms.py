"""Replace ids and names by keyed pseudonyms, and leave out what could tell who is meant."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.cut import KNOWN_ON
from payseg_widgets.ledger.schema import TABLES, Ledger, check_invariants

#: Facts of a customer that stay: groups many share. A postcode is cut to its outward part, the district.
KEPT_FACTS = ("region", "sector", "country", "postcode", "size_band", "credit_limit_minor", "terms_days")

MIN_KEY_BYTES = 16

#: Letters of five bits each: two of a million customers share one by chance once in 2 million ledgers.
_LENGTHS = {"C": 12, "I": 16, "N": 12}
#: The letter of each byte: five of its bits, in the alphabet that has no 0, 1 and 8 to be misread.
_BASE32 = bytes(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31] for byte in range(256))
_SCRUBBED = "[…]"
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|‘[^’]*’|(?<!\w)'[^']*'(?!\w)")


def pseudonymised(ledger: Ledger, *, key: str | bytes) -> Ledger:
    """Return the ledger with pseudonyms in place of ids and names.

    A pseudonym is the truncated HMAC-SHA256 of the id under ``key``: the same key gives the same pseudonym in
    every ledger, so that two of them can be joined, and without the key no id can be tried out. The key is
    stored nowhere. Equal names get equal pseudonyms.

    Addresses, company numbers, columns the schema does not name, headings of the export and the values of refused
    rows are dropped; a postcode is cut to its district (``SW1A``). In texts, quoted passages and known ids and names
    become ``[…]``. Amounts and dates stay as they are: whoever knows an invoice's amount and day can still
    recognise it.

    Parameters
    ----------
    ledger : Ledger
    key : str or bytes
        At least 16 bytes; make one with ``secrets.token_urlsafe(32)`` and keep it elsewhere.

    Returns
    -------
    Ledger
        ``is_pseudonymised`` is True.

    Raises
    ------
    LedgerError
        If the key is too short, or two ids fall on one pseudonym.

    References
    ----------
    HMAC: RFC 2104; the alphabet: base32 of RFC 4648.

    Examples
    --------
    >>> from payseg_widgets.ledger.simulate import simulate_ledger
    >>> ledger, _ = simulate_ledger(3)
    >>> hidden = ledger.pseudonymised(key="sixteen bytes or more")
    >>> hidden.customers["customer_id"].str.fullmatch("C-[A-Z2-7]{12}").all()
    np.True_
    """
    secret = key.encode() if isinstance(key, str) else bytes(key)
    if len(secret) < MIN_KEY_BYTES:
        raise LedgerError(
            f"the key has {len(secret)} bytes; so short a one can be guessed. Give at least {MIN_KEY_BYTES}, "
            "such as secrets.token_urlsafe(32)."
        )
    ids = _pseudonyms(ledger.customers["customer_id"], "C", secret)
    order = np.argsort(ids, kind="stable")
    new_code = np.empty(len(order), dtype="int64")
    new_code[order] = np.arange(len(order))
    categories = pd.Index(pd.Series(ids[order], dtype="str"))
    customers = _customers(ledger.customers, ids, secret).iloc[order].reset_index(drop=True)
    tables = {
        name: getattr(ledger, name)[list(TABLES[name])].assign(
            customer_id=pd.Categorical.from_codes(
                new_code[getattr(ledger, name)["customer_id"].cat.codes.to_numpy()], categories=categories
            )
        )
        for name in TABLES
        if name != "customers"
    }
    invoices, row = _invoices(tables.pop("invoices"), secret)
    scrub = scrubber(
        [ledger.customers["customer_id"], ledger.invoices["invoice_id"], ledger.customers["name"]]
    )
    facts: dict[str, Any] = {name: _facts(name, table, row) for name, table in tables.items()}
    hidden = replace(
        ledger, customers=customers, invoices=invoices, **facts,
        **_scrubbed_texts(ledger, scrub, column=""),
        provenance=_scrubbed({k: v for k, v in ledger.provenance.items() if k != "columns"}, scrub),
        is_pseudonymised=True,
    )  # fmt: skip
    check_invariants(hidden)
    return hidden


def without_names(ledger: Ledger) -> Ledger:
    """Return the ledger as artefacts carry it by default: ids stay, names and quoted cells go.

    Names are missing, the values of refused rows are dropped, and in findings and reasons quoted passages and known
    names become ``[…]``. Headings of the user's file stay.
    """
    scrub = scrubber([ledger.customers["name"]])
    unnamed = ledger.customers.assign(name=pd.Series(pd.NA, index=ledger.customers.index, dtype="str"))
    return replace(ledger, customers=unnamed, **_scrubbed_texts(ledger, scrub))


def _scrubbed_texts(ledger: Ledger, scrub: Callable[[Any], Any], **headings: str) -> dict[str, Any]:
    """Scrub what the ledger says of its input; ``column=""`` drops the input's headings too."""
    rejected, quality = ledger.rejected, ledger.quality
    return {
        "rejected": rejected.assign(value=None, reason=rejected["reason"].map(scrub), **headings),
        "quality": quality.assign(finding=quality["finding"].map(scrub), **headings),
    }


def outward(postcode: pd.Series) -> pd.Series:
    """Cut British postcodes to the outward part (the district); anything else becomes missing.

    >>> outward(pd.Series(["SW1A 1AA", "m11ae", "75008 Paris", None])).tolist()
    ['SW1A', 'M1', nan, nan]
    """
    text = postcode.astype("str").str.upper().str.strip()
    return text.str.extract(r"^([A-Z]{1,2}[0-9][A-Z0-9]?)\s*[0-9][A-Z]{2}$", expand=False).astype("str")


def scrubber(known: Iterable[pd.Series]) -> Callable[[Any], Any]:
    """Return a function that blanks, in a text, whatever is quoted and every known id or name.

    Numbers of up to three digits stay: an id like that cannot be told from a count, and tells nobody who is
    meant.
    """
    words = {
        text.casefold() for series in known for text in series.dropna().str.split().str.join(" ")
        if text and not (text.isdigit() and len(text) < 4)
    }  # fmt: skip
    longest = max((text.count(" ") + 1 for text in words), default=0)

    def scrub(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        text = _QUOTED.sub(_SCRUBBED, text)
        parts, at = re.split(r"(\s+)", text), 0  # words at even places, the space between them at odd ones
        while at < len(parts):
            for end in range(min(len(parts), at + 2 * longest - 1), at, -2):
                phrase = " ".join(parts[at:end:2]).casefold()
                if phrase in words or phrase.strip(".,:;()[]") in words:
                    parts[at:end] = [_SCRUBBED]
                    break
            at += 2
        return "".join(parts)

    return scrub


def _pseudonyms(texts: pd.Series, letter: str, secret: bytes) -> np.ndarray:
    """Return one pseudonym per text; the letter is hashed too, so customer 1 and invoice 1 are unlike."""
    size, salt = _LENGTHS[letter], f"{letter}\0".encode()
    digests = (hmac.digest(secret, salt + text.encode(), "sha256")[:size] for text in texts.tolist())
    ids = np.array([f"{letter}-{digest.translate(_BASE32).decode()}" for digest in digests], dtype=object)
    if pd.Index(ids).nunique() != pd.Index(texts).nunique():
        raise LedgerError("two ids fall on one pseudonym under this key: give another key.")
    return ids


def _customers(customers: pd.DataFrame, ids: np.ndarray, secret: bytes) -> pd.DataFrame:
    kept = customers[[column for column in KEPT_FACTS if column in customers]]
    if "postcode" in kept:
        kept = kept.assign(postcode=outward(kept["postcode"]))
    named = customers["name"].notna()
    names = pd.Series(pd.NA, index=customers.index, dtype="str")
    names[named] = _pseudonyms(customers["name"][named], "N", secret)
    kept.insert(0, "customer_id", pd.Series(ids, dtype="str"))
    kept.insert(1, "name", names)
    return kept


def _invoices(invoices: pd.DataFrame, secret: bytes) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the invoices in their new order, and the new position of each old row."""
    ids = _pseudonyms(invoices["invoice_id"], "I", secret)
    invoices = invoices.assign(invoice_id=pd.Series(ids, dtype="str"))
    # bytes compare faster than text, and pseudonyms are ASCII
    order = np.lexsort(
        (ids.astype("S"), invoices["issued_on"].to_numpy(), invoices["customer_id"].cat.codes.to_numpy())
    )
    row = np.empty(len(order), dtype="int32")
    row[order] = np.arange(len(order), dtype="int32")
    return invoices.iloc[order].reset_index(drop=True), row


def _facts(name: str, table: pd.DataFrame, row: np.ndarray) -> pd.DataFrame:
    before = table["invoice_row"].to_numpy()
    after = np.full(len(before), -1, dtype="int32")
    after[before >= 0] = row[before[before >= 0]]
    table = table.assign(invoice_row=after)
    order = np.lexsort((after, table[KNOWN_ON[name]].to_numpy(), table["customer_id"].cat.codes.to_numpy()))
    return table.iloc[order].reset_index(drop=True)


def _scrubbed(value: Any, scrub: Callable[[Any], Any]) -> Any:
    """Scrub every text of the provenance; a path becomes ``[…]``, since folders bear names too."""
    if isinstance(value, Mapping):
        return {name: _scrubbed(item, scrub) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(item, scrub) for item in value]
    if (
        isinstance(value, str)
        and re.search(r"[\\/]|\.\w{2,7}$", value)
        and not re.fullmatch(r"[\d.]+\w*", value)
    ):
        return _SCRUBBED
    return scrub(value)
