"""What document types, statuses and yes/no cells mean."""

from __future__ import annotations

import pandas as pd

from payseg_widgets.ledger.currencies import iso_currency
from payseg_widgets.ledger.synonyms import plain


def _words(**meanings: str) -> dict[str, str]:
    return {plain(word): meaning for meaning, words in meanings.items() for word in words.split("|")}


#: Document types of Sage 50 (SI, SC, SR, SA), Xero (ACCREC ...), SAP (RV, DR, DG, DZ ...) and in words.
DOCUMENT_TYPES = _words(
    invoice="invoice|inv|sales invoice|tax invoice|si|accrec|rv|dr|customer invoice|rechnung|debit note|debit "
        "memo|in|"
    "invoices|finance charge|x 2|x 1",
    credit_note="credit note|credit memo|credit|sc|accreccredit|dg|gutschrift|sales credit|sales credit note|"
        "creditnote|"
    "cn|sales invoice credit|credit notes|rg",
    payment="payment|receipt|sr|sa|dz|customer payment|customer receipt|sales receipt on account|payment on "
        "account|"
    "cash receipt|accrecpayment|zahlung|zahlungseingang|pmt|receive payment|payments|receipts|sales "
    "receipt|aroverpayment|"
    "arprepayment|prepayment|overpayment|pay",
    payable="accpay|bill|bill payment|bill pmt check|pi|pc|pp|pa|purchase invoice|kr|kz|kg|re|accpaycredit|"
        "supplier invoice|"
    "vendor bill|bill credit",
)  # fmt: skip

#: Statuses and closing codes; only ``paid`` and ``part_paid`` say that money came in.
STATUSES = _words(
    paid="paid|settled|cleared|paid in full|fully paid|complete|completed|collected|payment received|"
        "bezahlt|ausgeglichen|"
    "paid late|paid on time|payment|full payment|voll bezahlt|closed|resolved",
    part_paid="partially paid|part paid|partly paid|partial|partial payment|teilweise bezahlt|partially settled|"
        "part payment",
    open="open|overdue|unpaid|outstanding|due|sent|authorised|authorized|awaiting payment|approved|pending|"
        "late|past due|"
    "invoiced|posted|issued|active|offen|uberfallig|not paid|not due|current|viewed|submitted|delinquent|"
    "in collection|in collections|"
    "reminded|not yet due",
    cancelled="cancelled|canceled|voided|void|deleted|reversed|reversal|annulled|storniert|storno|cancellation|"
        "refunded|"
    "credited|invalid|reversed entry",
    protested="protested|protest",
    returned="returned|dishonoured|dishonored|bounced|rejected|returned unpaid|payment returned|chargeback|"
        "unpaid returned",
    written_off="written off|write off|writeoff|bad debt|uncollectible|uncollectable|irrecoverable|charged off|"
        "charge off|"
    "ausgebucht|abgeschrieben|bad debt write off",
    draft="draft|drafts|entwurf|proforma|pro forma|quote|estimate",
    disputed="disputed|in dispute|dispute|on hold|queried|in query|strittig",
)  # fmt: skip

#: Closing reasons that are not payments.
NOT_PAYMENTS = ("cancelled", "protested", "returned", "written_off")

_YES = frozenset(("yes", "y", "true", "t", "1", "1.0", "ja", "j", "x", "disputed", "in dispute", "open"))


def meanings(column: pd.Series, vocabulary: dict[str, str]) -> pd.Series:
    """Translate cells; missing where a cell is empty, ``"?"`` where its word is not known.

    >>> meanings(pd.Series(["SI", "Credit Note", None, "??"]), DOCUMENT_TYPES).tolist()
    ['invoice', 'credit_note', nan, '?']
    """
    text = column.astype("str")
    known = {cell: vocabulary.get(plain(cell[:80]), "?") for cell in text.dropna().unique()}
    return text.map(known).astype("str")


def share_of_document_types(column: pd.Series) -> float:
    """Share of filled cells (of a sample) that are known document types."""
    filled = column.iloc[:: max(1, len(column) // 1000)].dropna()
    return float((meanings(filled, DOCUMENT_TYPES) != "?").mean()) if len(filled) else 0.0


def is_yes(column: pd.Series) -> pd.Series:
    """Tell which cells say yes; an empty cell says nothing and counts as no."""
    return column.astype("str").str.strip().str.lower().isin(_YES)


def iso_codes(column: pd.Series) -> pd.Series:
    """Translate a currency column; ``""`` for an empty cell, ``"?"`` for a currency that does not exist."""
    text = column.astype("str").str.strip()
    codes = {cell: (iso_currency(cell[:40]) or "?") if cell else "" for cell in text.dropna().unique()}
    return text.map(codes).astype("str").fillna("")
