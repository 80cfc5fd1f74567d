# ruff: noqa: E501
"""What the columns of an export are called: one `Role` per meaning, its headings from best to vaguest.

Headings are those of the public sample data, Xero, Sage 50, QuickBooks and SAP's customer line items (English
and German), and of ordinary spreadsheets. They are compared without case, accents, spaces and punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """What a column can mean.

    Attributes
    ----------
    name : str
        The word used in ``mapping=``.
    kind : {"date", "money", "id", "key", "name", "text", "flag", "number", "type"}
        What its cells must look like; a ``key`` is an id whose vaguer headings may also hold names.
    headings : tuple of str
        Known headings in their compared form, best first.
    vague : frozenset of str
        Headings that count only if the cells look right.
    tokens : tuple of tuple of frozenset
        Fallback: a heading holds one word of each set of one alternative.
    excluded : frozenset of str
        Words that forbid the fallback.
    required : bool
    """

    name: str
    kind: str
    headings: tuple[str, ...]
    vague: frozenset[str] = frozenset()
    tokens: tuple[tuple[frozenset[str], ...], ...] = ()
    excluded: frozenset[str] = frozenset()
    required: bool = False


def words_of(heading: object) -> list[str]:
    """Split a heading into lower-case words without accents.

    >>> words_of("customerID"), words_of("Inv. #"), words_of("Fälligkeit_am")
    (['customer', 'id'], ['inv', 'no'], ['falligkeit', 'am'])
    """
    text = unicodedata.normalize("NFKD", str(heading).replace("ß", "ss").replace("#", " no "))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    return re.findall(r"[a-z]+|[0-9]+", text.lower())


def plain(heading: object) -> str:
    """Return the compared form of a heading.

    >>> plain("Invoice_No"), plain("InvoiceNo."), plain("invoice #")
    ('invoiceno', 'invoiceno', 'invoiceno')
    """
    return "".join(words_of(heading))


def _role(
    name: str,
    kind: str,
    headings: str,
    *,
    vague: str = "",
    tokens: str = "",
    excluded: str = "",
    required: bool = False,
) -> Role:
    """Write a role with ``|`` between headings and alternatives, ``+`` between sets, ``/`` between words."""
    alternatives = tuple(
        tuple(frozenset(words.split("/")) for words in alternative.split("+"))
        for alternative in tokens.split("|") if alternative
    )  # fmt: skip
    known = [plain(h) for h in f"{headings}|{vague}".split("|") if h]
    return Role(
        name, kind, tuple(dict.fromkeys(known)), frozenset(plain(h) for h in vague.split("|") if h), alternatives,
        frozenset(excluded.split()), required,
    )  # fmt: skip


_NOT_TOTALS = (
    "paid outstanding open balance tax vat net discount credit limit line unit remaining received due "
    "owing fee exchange rate"
)

_CURRENCY = _role(
    "currency", "text",
    "currency|currency code|invoice currency|ccy|curr|crcy|iso currency|document currency|doc currency|"
    "local currency|"
    "lcurr|waehrung|wahrung|belegwahrung|hauswahrung|amount currency",
)  # fmt: skip
_INVOICE_REF = (
    "invoice id|invoice number|invoice no|invoice num|invoice nr|invoice|invoice ref|invoice reference|inv "
    "no|inv number|"
    "inv id|inv num|inv ref|bill no|bill number|bill id|billing document|rechnungsnummer|rechnungsnr|rechnung"
)
_CUSTOMER = _role(
    "customer_id", "key",
    "customer id|customer number|customer no|customer num|customer nr|customer code|customer ref|customer "
    "reference|"
    "customer key|cust id|cust no|cust number|cust num|cust code|cust ref|client id|client number|client "
    "no|client code|"
    "debtor id|debtor number|debtor no|debtor code|debitorennummer|debitornr|debitorenkonto|kundennummer|"
    "kundennr|kunden id|"
    "account ref|account reference|account number|account no|account id|acct id|acct no|a c ref|acc no|acc "
    "ref|"
    "buyer id|contact id|payer id|business partner id|partner id|name customer",
    vague="customer|account|a c|debitor|debtor|client|kunde|konto|payer|sold to|sold to party|bill to|"
        "business partner|"
    "contact|buyer|company|company id",
    tokens="customer/cust/client/debtor/buyer/payer/account+id/no/number/num/code/ref/key/nr",
    excluded="bank tax vat phone company invoice credit parent group nominal postal post zip country",
    required=True,
)  # fmt: skip
_AMOUNT = _role(
    "amount", "money",
    "invoice amount|gross amount|invoice total|total amount|amount|gross|gross total|total gross|grand "
    "total|total|"
    "invoice value|inv amount|inv total|inv value|bill amount|original amount|amount in local currency|"
    "amount in loc curr|"
    "amount in lc|local currency amount|amount in document currency|amount in doc curr|document amount|"
    "amount in company code currency|"
    "amt|value|bruttobetrag|rechnungsbetrag|betrag in hauswahrung|betrag in hw|betrag in belegwahrung|betrag|"
    "open balance original|debit|net amount|net",
    tokens="amount/total/gross/value/amt/betrag", excluded=_NOT_TOTALS, required=True,
)  # fmt: skip

#: Facts of customers, in the customers table or repeated on each invoice.
FACTS = (
    _role("name", "name",
        "customer name|client name|debtor name|contact name|company name|account name|buyer name|legal "
        "name|cust name|"
          "name|organisation|organization|trading name|kundenname|name 1|canonical",
          vague="customer|client|debtor|contact|buyer|company|kunde"),
    _role("region", "text",
        "region|customer region|area|itl 1|nuts 1|bundesland|sales region|state "
        "province"),
    _role("sector", "text",
        "sector|industry|customer industry|customer sector|industry sector|business sector|line of "
        "business|"
          "client industry|branche|sic section|sic|sic code|sic codes"),
    _role("country", "text", "country|country code|customer country|land|nation|sa country|po country"),
    _role("postcode", "text",
        "postcode|post code|postal code|zip|zip code|plz|postleitzahl|sa postal code|po postal code|"
        "customer postcode"),
    _role("company_number", "text", "company number|company no|company registration number|registration number|reg no|crn|"
          "companies house number|company reg no|registered number"),
    _role("address", "text",
        "address|billing address|customer address|registered address|street address|anschrift|adresse|"
        "address line 1"),
    _role("size_band", "text",
        "size band|company size|customer size|employees|employee band|headcount|number of employees|"
        "size"),
    _role("credit_limit", "money", "credit limit|customer credit limit|credit line|kreditlimit|limit"),
)  # fmt: skip

_TERMS = _role(
    "terms", "text",
    "terms|payment terms|terms of payment|terms days|payment terms days|credit days|credit terms|net days|"
    "payt terms|pmt terms|"
    "zahlungsbedingung|zahlungsbedingungen|zahlungsziel",
    tokens="terms", excluded="accepted conditions agreed",
)  # fmt: skip

#: Roles of each table, in the order in which they choose their column.
ROLES: dict[str, tuple[Role, ...]] = {
    "invoices": (
        _role("invoice_id", "id",
              _INVOICE_REF + "|document number|document no|doc number|doc no|document|belegnummer|belegnr|"
              "transaction number|transaction no|transaction id|txn id|num|no|number|nr|reference|ref|id",
              tokens="invoice/inv/bill/document/doc+id/no/number/num/ref/nr", excluded="date customer clearing amount purchase order po "
                  "type"),
        _CUSTOMER,
        _role("issued_on", "date",
              "invoice date|issue date|issued on|issued|date issued|invoiced on|date of invoice|inv date|"
              "invoice dt|bill date|document date|"
              "doc date|belegdatum|rechnungsdatum|ausstellungsdatum|transaction date|trans date|txn date|"
              "tax date|posting date|pstng date|"
              "buchungsdatum|date|datum|created|created on|created at|entry date|create date|document "
              "create date",
              tokens="invoice/inv/bill/issue/issued/document/doc+date/dt/on", excluded="due paid payment settled settlement clearing "
                  "cleared",
              required=True),
        _role("due_on", "date",
              "due date|due on|net due date|net due dt|due|date due|payment due date|payment due|invoice "
              "due date|due dt|due in date|"
              "maturity date|maturity|net due|faelligkeit|falligkeit|falligkeitsdatum|faelligkeitsdatum|"
              "nettofalligkeit|nettofaelligkeit|"
              "fallig am|pay by|payable by",
              tokens="due/maturity", excluded="amount balance days"),
        _TERMS,
        _AMOUNT,
        _role("paid_on", "date",
              "settled date|settlement date|settled on|date settled|paid date|paid on|date paid|payment "
              "date|last payment date|"
              "date of payment|last payment|last paid|clearing date|cleared on|cleared date|clear date|"
              "clrng date|clearing|fully paid on|"
              "fully paid date|receipt date|received on|date received|collection date|ausgleichsdatum|"
              "ausgleich|zahlungsdatum|bezahlt am|"
              "closed date|close date|date closed|closed on",
              tokens="paid/payment/settled/settlement/clearing/cleared+date/dt/on", excluded="due planned expected "
                  "promised"),
        _role("paid_amount", "money",
              "amount paid|paid amount|invoice amount paid|total paid|amount received|received amount|"
              "amount settled|paid to date|"
              "payments received|payment amount|payments|paid|receipts|bezahlt|gezahlt",
              tokens="paid/received/settled+amount/total/value/amt", excluded="due date"),
        _role("outstanding", "money",
              "outstanding amount|amount outstanding|outstanding|open amount|open balance|balance due|"
              "invoice amount due|amount due|"
              "amount owing|remaining amount|amount remaining|unpaid amount|residual amount|balance "
              "outstanding|balance|remaining|"
              "due amount|offener betrag|offen",
              tokens="outstanding/open/remaining/unpaid+amount/balance/value", excluded="date"),
        _CURRENCY,
        _role("doc_type", "type",
            "document type|doc type|doc ty|transaction type|trans type|tran type|txn type|invoice type|"
            "record type|"
              "entry type|type|belegart|typ"),
        _role("status", "text",
            "status|invoice status|payment status|inv status|paid status|state|invoice state|status code|"
            "is open"),
        _role("closed_reason", "text", "closing code|closing reason|closed reason|close reason|closure code|cancellation reason|"
              "settlement type|reason code"),
        _role("closed_on", "date",
            "write off date|written off on|written off date|cancelled on|cancelled date|cancellation date|"
            "void date|"
              "voided on|closure date"),
        _role("disputed", "flag",
            "disputed|is disputed|dispute|dispute flag|in dispute|dispute status|queried|in "
            "query"),
        _role("dispute_date", "date",
            "dispute date|disputed on|dispute opened|date disputed|dispute raised on|dispute opened "
            "on"),
        _role("applied_to", "id",
            "applied to|applied invoice|applied to invoice|invoice applied|related invoice|original "
            "invoice|"
              "matched to|applies to|rebzg"),
        _role("clearing_document", "id", "clearing document|clearing doc|clrng doc|clearing doc no|clearing document number|"
              "ausgleichsbeleg|augbl"),
        _role("stated_days_late", "number", "days late|payment delay days|delay days|days overdue|days past due|overdue days|dpd|"
              "days delayed|payment delay|days delinquent|arrears after net due date|arrears by net due "
              "date|arrears|verzugstage"),
        _role("stated_days_to_settle", "number",
            "days to settle|days to pay|days to payment|payment days|collection days|"
            "dtp"),
        _role("stated_bucket", "text",
            "aging bucket|ageing bucket|bucket|aging|ageing|age band|ageing band|aging "
            "band"),
        *FACTS,
    ),
    "payments": (
        _role("invoice_id", "id", "applied to|applied to invoice|invoice applied|" + _INVOICE_REF +
            "|document number|document no|doc "
            "no",
              tokens="invoice/inv/bill+id/no/number/num/ref/nr", excluded="date amount"),
        _CUSTOMER,
        _role("paid_on", "date",
              "payment date|paid on|paid date|date paid|date of payment|value date|receipt date|received "
              "on|date received|settlement date|"
              "settled date|settled on|clearing date|posting date|booking date|transaction date|trans date|"
              "zahlungsdatum|valuta|"
              "buchungsdatum|document date|date|datum",
              tokens="paid/payment/receipt/received/value+date/dt/on", excluded="due invoice", required=True),
        _role("amount", "money",
              "payment amount|amount paid|paid amount|amount received|received amount|applied amount|"
              "amount applied|allocated amount|"
              "amount|paid|receipt amount|gross amount|gross|total|value|amount in local currency|amount "
              "in loc curr|amount in lc|"
              "amount in document currency|betrag in hauswahrung|betrag|zahlbetrag",
              tokens="amount/total/value/amt/betrag", excluded="invoice outstanding open balance tax vat net discount limit "
                  "fee", required=True),
        _CURRENCY,
    ),
    "credit_notes": (
        _role("credit_note_id", "id", "credit note id|credit note number|credit note no|credit note|credit memo|credit memo no|"
              "credit id|credit no|cn no|gutschrift"),
        _role("invoice_id", "id", "applied to|applied to invoice|original invoice|related invoice|" + _INVOICE_REF,
              tokens="invoice/inv/bill+id/no/number/num/ref/nr", excluded="date amount"),
        _CUSTOMER,
        _role("issued_on", "date",
            "credit note date|credit date|issue date|issued on|date issued|document date|doc date|posting "
            "date|"
              "transaction date|invoice date|belegdatum|buchungsdatum|date|datum", tokens="credit/issue/issued+date/dt/on", excluded="due",
              required=True),
        _role("amount", "money",
            "credit note amount|credit amount|amount credited|credited amount|credit total|gross amount|"
            "amount|gross|"
              "total|value|amount in local currency|betrag", tokens="amount/total/value/amt/betrag",
              excluded="invoice outstanding open balance tax vat net limit", required=True),
        _CURRENCY,
    ),
    "reminders": (
        _role("invoice_id", "id", _INVOICE_REF + "|document number|document no", tokens="invoice/inv/bill+id/no/number/num/ref/nr",
              excluded="date"),
        _CUSTOMER,
        _role("sent_on", "date",
            "reminder date|sent on|sent date|date sent|reminded on|dunning date|last dunned|letter date|"
            "mahndatum|"
              "contact date|date|datum", tokens="reminder/sent/dunning/dunned/reminded+date/dt/on", excluded="due", required=True),
    ),
    "disputes": (
        _role("invoice_id", "id", _INVOICE_REF + "|document number|document no", tokens="invoice/inv/bill+id/no/number/num/ref/nr",
              excluded="date"),
        _CUSTOMER,
        _role("opened_on", "date", "dispute date|opened on|opened|date opened|disputed on|raised on|dispute opened|created on|"
              "dispute opened on|date|datum", tokens="dispute/disputed/opened/raised+date/dt/on", excluded="due closed "
                  "resolved"),
    ),
    "customers": (_CUSTOMER, _TERMS, *FACTS),
}  # fmt: skip
