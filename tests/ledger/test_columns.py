import pandas as pd
import pytest

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.columns import choose_columns
from payseg_widgets.ledger.synonyms import ROLES, plain


def table(**columns):
    n = max(len(v) if isinstance(v, list) else 1 for v in columns.values())
    return pd.DataFrame(
        {k.replace("__", " "): v if isinstance(v, list) else [v] * n for k, v in columns.items()}, dtype="str"
    )


IDS = [f"INV{i:03d}" for i in range(20)]
OWNERS = [f"C{i % 4:03d}" for i in range(20)]
ISSUED = [f"2024-01-{i + 1:02d}" for i in range(20)]
DUE = [f"2024-02-{i + 1:02d}" for i in range(20)]
AMOUNTS = [f"{100 + i}.{10 + i}" for i in range(20)]

#: Headings as the programs write them, and what each role must be read from.
EXPORTS = {
    "ibm sample": (
        "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,SettledDate",
        {"invoice_id": "invoiceNumber", "customer_id": "customerID", "issued_on": "InvoiceDate", "due_on": "DueDate",
         "amount": "InvoiceAmount", "paid_on": "SettledDate", "country": "countryCode"},
    ),
    "sage 50": (
        "No,Type,Account Ref,Date,Due Date,Ref,Details,Net Amount,Tax Amount,Gross Amount,Amount "
        "Paid,Outstanding",
        {"invoice_id": "No", "customer_id": "Account Ref", "issued_on": "Date", "due_on": "Due Date",
         "amount": "Gross Amount", "paid_amount": "Amount Paid", "outstanding": "Outstanding", "doc_type": "Type"},
    ),
    "sap fbl5n": (
        "Customer,Assignment,Document Number,Document Type,Document Date,Posting Date,Net due date,Amount "
        "in local currency,"
        "Local Currency,Clearing date,Clearing Document,Arrears after net due date",
        {"invoice_id": "Document Number", "customer_id": "Customer", "issued_on":
            "Document "
            "Date", "due_on": "Net due date",
         "amount": "Amount in local currency", "paid_on": "Clearing date", "clearing_document":
             "Clearing "
             "Document",
         "doc_type": "Document Type", "currency": "Local Currency", "stated_days_late":
             "Arrears after net due "
             "date"},
    ),
    "sap german": (
        "Debitor,Zuordnung,Belegnummer,Belegart,Belegdatum,Buchungsdatum,Nettofälligkeit,Betrag in "
        "Hauswährung,Hauswährung,"
        "Ausgleichsdatum,Ausgleichsbeleg",
        {"invoice_id": "Belegnummer", "customer_id": "Debitor", "issued_on": "Belegdatum", "due_on": "Nettofälligkeit",
         "amount": "Betrag in Hauswährung", "paid_on": "Ausgleichsdatum", "doc_type": "Belegart"},
    ),
    "quickbooks": (
        "Type,Date,Num,Customer ID,Name,Terms,Due Date,Open Balance,Amount",
        {"invoice_id": "Num", "customer_id": "Customer ID", "name": "Name", "terms": "Terms", "issued_on": "Date",
         "due_on": "Due Date", "outstanding": "Open Balance", "amount": "Amount", "doc_type": "Type"},
    ),
    "xero": (
        "ContactName,AccountNumber,InvoiceNumber,InvoiceDate,DueDate,Total,TaxTotal,InvoiceAmountPaid,InvoiceAmountDue,"
        "Currency,Type,Status",
        {"invoice_id": "InvoiceNumber", "customer_id": "AccountNumber", "name": "ContactName", "issued_on": "InvoiceDate",
         "due_on": "DueDate", "amount": "Total", "paid_amount": "InvoiceAmountPaid", "outstanding": "InvoiceAmountDue",
         "currency": "Currency", "doc_type": "Type", "status": "Status"},
    ),
    "generic": (
        "Inv #,Client No.,Issued,Due,Amt,Paid,Date paid",
        {"invoice_id": "Inv #", "customer_id": "Client No.", "issued_on": "Issued", "due_on": "Due", "amount": "Amt",
         "paid_amount": "Paid", "paid_on": "Date paid"},
    ),
    "words": (
        "Sales invoice number,Buyer code,Date of sales invoice,Final due date,Gross value GBP",
        {"invoice_id": "Sales invoice number", "customer_id": "Buyer code", "issued_on":
            "Date of sales "
            "invoice",
         "due_on": "Final due date", "amount": "Gross value GBP"},
    ),
}  # fmt: skip


def filled(headings, roles):
    cells = {
        "date": ISSUED,
        "money": AMOUNTS,
        "id": IDS,
        "key": OWNERS,
        "number": ["3"] * 20,
        "name": ["Some Company Ltd"] * 20,
    }
    kinds = {r.name: r.kind for r in ROLES["invoices"]}
    special = {
        "currency": ["EUR"] * 20,
        "doc_type": ["Invoice"] * 20,
        "terms": ["Net 30"] * 20,
        "due_on": DUE,
        "country": ["391"] * 20,
    }
    of = {column: special.get(role, cells.get(kinds[role], ["text"] * 20)) for role, column in roles.items()}
    dates = [h for h in headings if "ate" in h or "datum" in h]
    return pd.DataFrame({h: of.get(h, ISSUED if h in dates else ["7"] * 20) for h in headings}, dtype="str")


@pytest.mark.parametrize("export", EXPORTS)
def test_headings_of_common_programs_are_understood(export):
    headings, expected = EXPORTS[export]
    chosen, findings = choose_columns("invoices", filled(headings.split(","), expected), {})
    assert expected.items() <= chosen.items()
    assert {f.column for f in findings} >= set(headings.split(","))


@pytest.mark.parametrize("tables", ROLES)
def test_no_heading_means_two_roles_of_one_table_but_by_its_cells(tables):
    seen = {}
    for role in ROLES[tables]:
        for heading in role.headings:
            if heading in role.vague:
                continue
            assert heading not in seen, f"{heading} is {seen.get(heading)} and {role.name}"
            seen[heading] = role.name


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("Amount in local currency", "Local Currency"), ("Amount in doc. curr.", "Document currency")],
)
def test_the_currency_is_that_of_the_amount(amount, currency):
    frame = table(Customer=OWNERS, Document__Number=IDS, Document__Date=ISSUED)
    frame = frame.assign(**{amount: AMOUNTS, "Document currency": "USD", "Local Currency": "GBP"})
    assert choose_columns("invoices", frame, {})[0]["currency"] == currency


def test_columns_with_unknown_headings_are_told_by_their_cells():
    frame = table(a=IDS, b=OWNERS, c=ISSUED, d=DUE, e=AMOUNTS)
    chosen, _ = choose_columns("invoices", frame, {})
    assert chosen == {"invoice_id": "a", "customer_id": "b", "issued_on": "c", "due_on": "d", "amount": "e"}


def test_two_columns_that_fit_equally_well_are_an_error_that_shows_the_mapping():
    frame = table(Invoice__No=IDS, Customer__ID=OWNERS, Invoice__Date=ISSUED, x=AMOUNTS, y=AMOUNTS[::-1])
    with pytest.raises(
        LedgerError, match=r"'x', 'y' fit amount equally well.*mapping=\{'invoices': \{'amount': 'x'\}\}"
    ):
        choose_columns("invoices", frame, {})


def test_equal_columns_under_one_meaning_are_no_conflict():
    frame = table(Invoice__No=IDS, Customer__ID=OWNERS, Invoice__Date=ISSUED, Amount=AMOUNTS)
    frame["Amount "] = frame["Amount"]
    chosen, findings = choose_columns("invoices", frame, {})
    assert chosen["amount"] == "Amount"
    assert any("same cells" in f.text for f in findings)


def test_a_missing_column_is_an_error_that_lists_the_columns():
    with pytest.raises(
        LedgerError, match=r"amount: no column found.*'Invoice No'.*mapping=\{'invoices': \{'amount'"
    ):
        choose_columns("invoices", table(Invoice__No=IDS, Customer__ID=OWNERS, Invoice__Date=ISSUED), {})


def test_a_column_mapped_elsewhere_is_named_where_it_is_missed():
    frame = table(Invoice__No=IDS, Customer__ID=OWNERS, Invoice__Date=ISSUED, Amount=AMOUNTS)
    with pytest.raises(LedgerError, match=r"customer_id: .*'Customer ID' was mapped to amount"):
        choose_columns("invoices", frame, {"amount": "Customer ID"})


def test_a_table_of_something_else_is_said_to_be_none_of_invoices_before_its_dates_are_doubted():
    frame = table(
        Supplier=[f"Firm {i} Ltd" for i in range(20)],
        founded=ISSUED,
        checked=DUE[::-1],
        SIC__code=["70229"] * 20,
    )
    with pytest.raises(
        LedgerError,
        match=r"not look like a table of invoices: no column for amount, invoice number\. .*'founded'",
    ):
        choose_columns("invoices", frame, {})


def test_a_table_without_amounts_is_an_error_before_its_dates_are_doubted():
    frame = table(Invoice__No=IDS, Customer__ID=OWNERS, x=ISSUED, y=DUE[::-1])
    with pytest.raises(LedgerError, match="amount: no column found"):
        choose_columns("invoices", frame, {})


def test_a_name_is_not_a_key():
    frame = table(
        Invoice__No=IDS,
        Customer=["Acme Trading Ltd", "Bolt and Sons"] * 10,
        Invoice__Date=ISSUED,
        Amount=AMOUNTS,
    )
    with pytest.raises(LedgerError, match=r"a name is not a key.*\{'customer_id': 'Customer'\}") as caught:
        choose_columns("invoices", frame, {})
    assert "Acme" not in str(caught.value)
    chosen, _ = choose_columns("invoices", frame, {"customer_id": "Customer"})
    assert chosen["customer_id"] == "Customer"


def test_a_column_called_customer_that_holds_numbers_is_the_key():
    frame = table(
        Invoice__No=IDS,
        Customer=[str(100200 + i % 3) for i in range(20)],
        Invoice__Date=ISSUED,
        Amount=AMOUNTS,
    )
    assert choose_columns("invoices", frame, {})[0]["customer_id"] == "Customer"


def test_mapping_overrides_and_none_leaves_a_role_out():
    frame = table(
        Invoice__No=IDS,
        Customer__ID=OWNERS,
        Invoice__Date=ISSUED,
        Due__Date=ISSUED,
        Amount=AMOUNTS,
        Net=AMOUNTS[::-1],
        Paid__On=DUE,
    )
    chosen, findings = choose_columns("invoices", frame, {"amount": "Net", "paid_on": None})
    assert chosen["amount"] == "Net"
    assert "paid_on" not in chosen
    assert any(f.column == "Paid On" and f.text == "not used" for f in findings)


def test_a_mapped_column_that_is_not_there_is_an_error_with_the_nearest():
    with pytest.raises(LedgerError, match=r"names the column 'Amont'\. Did you mean 'Amount'"):
        choose_columns("invoices", table(Amount=AMOUNTS), {"amount": "Amont"})


@pytest.mark.parametrize(
    ("heading", "expected"),
    [("InvoiceNo.", "invoiceno"), ("Überfällig am", "uberfalligam"), ("A/C Ref", "acref")],
)
def test_headings_are_compared_without_case_accents_and_punctuation(heading, expected):
    assert plain(heading) == expected
