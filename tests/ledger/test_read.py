# ruff: noqa: E501 - tables of cells read better unbroken
"""What becomes of each kind of row, on small tables whose answer is known on paper."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.read import read_ledger


def frame(text):
    """Write a table as lines of cells separated by ``|``; an empty cell is missing."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return pd.DataFrame(lines[1:], columns=lines[0], dtype="str").replace("", pd.NA)


INVOICES = """
Invoice No | Customer ID | Invoice Date | Due Date   | Amount
A1         | C1          | 2024-01-01   | 2024-01-31 | 100.00
A2         | C1          | 2024-02-01   | 2024-03-02 | 200.00
B1         | C2          | 2024-01-15   | 2024-02-14 | 300.00
"""


def invoices(extra=""):
    return frame(INVOICES + extra)


def said(ledger, words):
    return ledger.quality[ledger.quality["finding"].str.contains(words, case=False, regex=False)]


def outcome(ledger, table, what):
    rows = ledger.reconciliation.query("table == @table and outcome == @what")
    return (int(rows["n_rows"].sum()), int(rows["amount_minor"].sum()))


def paid(ledger):
    """Payments as (invoice, day, minor units)."""
    ids = ledger.invoices["invoice_id"]
    return [
        (ids[row] if row >= 0 else None, f"{day:%m-%d}", int(amount))
        for row, day, amount in zip(
            ledger.payments["invoice_row"],
            ledger.payments["paid_on"],
            ledger.payments["amount_minor"],
            strict=True,
        )
    ]


# One flat table


def test_a_settled_date_alone_is_paid_in_full_that_day():
    ledger = read_ledger(invoices().assign(**{"Settled Date": ["2024-02-05", None, "2024-02-01"]}))
    assert paid(ledger) == [("A1", "02-05", 10000), ("B1", "02-01", 30000)]


def test_a_paid_amount_with_a_date_is_one_payment():
    ledger = read_ledger(
        invoices().assign(
            **{"Paid Date": ["2024-02-05", None, "2024-02-01"], "Amount Paid": ["60", "0", None]}
        )
    )
    assert paid(ledger) == [("A1", "02-05", 6000), ("B1", "02-01", 30000)]


def test_a_paid_amount_without_a_date_is_rejected_and_the_invoice_kept():
    ledger = read_ledger(
        invoices().assign(**{"Paid Date": ["2024-02-05", None, None], "Amount Paid": ["60", "50", "0"]})
    )
    assert len(ledger.invoices) == 3
    assert outcome(ledger, "payments", "rejected") == (1, 5000)
    assert ledger.rejected["reason"].tolist() == ["a payment without a date"]


def test_an_outstanding_amount_tells_what_was_paid():
    ledger = read_ledger(
        invoices().assign(
            **{"Paid Date": ["2024-02-05", "2024-03-01", None], "Outstanding": ["40", "0", "100"]}
        )
    )
    assert paid(ledger) == [("A1", "02-05", 6000), ("A2", "03-01", 20000)]
    assert outcome(ledger, "payments", "rejected") == (1, 20000)


def test_an_unreadable_settled_date_is_quoted_and_its_money_listed():
    ledger = read_ledger(invoices().assign(**{"Settled Date": ["2024-02-05", "2024-02-31", "2024-02-01"]}))
    row = ledger.rejected.iloc[0]
    assert (row["table"], row["source_row"], row["column"], row["value"], row["amount_minor"]) == (
        "payments", 2, "Settled Date", "'2024-02-31'", 20000,
    )  # fmt: skip


def test_payment_lines_of_one_invoice_are_part_payments():
    table = invoices("A1 | C1 | 2024-01-01 | 2024-01-31 | 100.00").assign(
        **{"Paid Date": ["2024-02-05", None, None, "2024-02-20"], "Amount Paid": ["60", None, None, "40"]}
    )
    ledger = read_ledger(table)
    assert paid(ledger) == [("A1", "02-05", 6000), ("A1", "02-20", 4000)]
    assert len(ledger.invoices) == 3


def test_two_settled_dates_without_amounts_contradict_each_other():
    table = invoices("A1 | C1 | 2024-01-01 | 2024-01-31 | 100.00").assign(
        **{"Paid Date": ["2024-02-05", None, None, "2024-02-20"]}
    )
    ledger = read_ledger(table)
    assert set(ledger.invoices["invoice_id"]) == {"A2", "B1"}
    assert outcome(ledger, "invoices", "rejected") == (2, 20000)


def test_an_export_without_any_payment_is_said_to_have_none():
    assert len(said(read_ledger(invoices()), "no payment was found")) == 1


# Duplicates


def test_exact_repeats_collapse_and_conflicts_are_rejected():
    ledger = read_ledger(invoices("A1|C1|2024-01-01|2024-01-31|100.00\nB1|C2|2024-01-15|2024-02-14|301.00"))
    assert set(ledger.invoices["invoice_id"]) == {"A1", "A2"}
    assert outcome(ledger, "invoices", "duplicate") == (1, 10000)
    assert outcome(ledger, "invoices", "rejected") == (2, 60100)
    assert outcome(ledger, "invoices", "read") == (5, 100100)


def test_an_invoice_number_of_two_customers_is_two_invoices():
    ledger = read_ledger(
        invoices("A1|C2|2024-01-01|2024-01-31|50.00"),
        frame("Invoice No|Customer ID|Payment Date|Amount\nA1|C2|2024-02-01|50.00\nA1||2024-02-01|7.00"),
    )
    assert set(ledger.invoices["invoice_id"]) == {"C1/A1", "C2/A1", "A2", "B1"}
    assert paid(ledger) == [("C2/A1", "02-01", 5000)]
    assert outcome(ledger, "payments", "rejected") == (1, 700)


# Forms of one table


@pytest.mark.parametrize(
    "form", ["index from 1", "shuffled index", "repeated index", "xlsx", "parquet", "csv"]
)
def test_every_form_gives_each_invoice_its_own_amount_dates_and_customer(tmp_path, form):
    n = 30
    issued = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="D")
    paid_on = pd.Series(issued + pd.Timedelta(days=20)).where(np.arange(n) % 5 > 0)
    table = pd.DataFrame({
        "Invoice No": [f"I{i:02d}" for i in range(n)], "Customer ID": [f"C{i % 4}" for i in range(n)],
        "Invoice Date": issued, "Due Date": issued + pd.Timedelta(days=30),
        "Amount": 100.25 + np.arange(n), "Settled Date": paid_on, "Paid Amount": 100.25 + np.arange(n),
    })  # fmt: skip
    table.loc[paid_on.isna(), "Paid Amount"] = np.nan
    source = {
        "index from 1": lambda: table.set_axis(range(1, n + 1)),
        "shuffled index": lambda: table.set_axis(np.random.default_rng(0).permutation(n)).iloc[::-1],
        "repeated index": lambda: table.set_axis([0] * n),
    }.get(form, lambda: tmp_path / f"ar.{form}")()
    if not isinstance(source, pd.DataFrame):
        writer = {"xlsx": table.to_excel, "parquet": table.to_parquet, "csv": table.to_csv}[form]
        writer(source, index=False)
    ledger = read_ledger(source)
    rows = ledger.invoices.set_index("invoice_id").sort_index()
    assert rows.index.tolist() == table["Invoice No"].tolist()
    assert rows["customer_id"].tolist() == table["Customer ID"].tolist()
    assert rows["issued_on"].tolist() == issued.tolist()
    assert rows["due_on"].tolist() == table["Due Date"].tolist()
    assert rows["amount_minor"].tolist() == [10025 + 100 * i for i in range(n)]
    got = sorted(paid(ledger))
    assert got == [(f"I{i:02d}", f"{paid_on[i]:%m-%d}", 10025 + 100 * i) for i in range(n) if i % 5]


def test_payments_of_a_frame_with_an_index_of_its_own_keep_their_rows_beside_blank_ones():
    payments = frame(
        "Invoice No|Payment Date|Amount\nA1|2024-02-01|1.00\n||\nB1|2024-02-03|3.00\nA2|2024-02-02|oops"
    )
    ledger = read_ledger(invoices().set_axis([5, 3, 4]), payments.set_axis([3, 1, 2, 0]))
    assert paid(ledger) == [("A1", "02-01", 100), ("B1", "02-03", 300)]
    assert ledger.rejected[["source_row", "value"]].to_numpy().tolist() == [[3, "'oops'"]]


# Rows that cannot be used


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("|C1|2024-01-01|2024-01-31|5.00", "no invoice_id"),
        ("X||2024-01-01|2024-01-31|5.00", "no customer_id"),
        ("X|C1||2024-01-31|5.00", "no issued_on"),
        ("X|C1|2024-13-41|2024-01-31|5.00", "unreadable issued_on"),
        ("X|C1|2024-01-01|soon|5.00", "unreadable due_on"),
        ("X|C1|2024-01-01||5.00", "no due date"),
        ("X|C1|2024-01-01|2024-01-31|", "no amount"),
        ("X|C1|2024-01-01|2024-01-31|five", "unreadable amount"),
        ("X|C1|2024-01-01|2024-01-31|0.00", "an amount of zero"),
    ],
)
def test_a_row_that_lacks_what_is_needed_is_rejected_with_its_reason(row, reason):
    ledger = read_ledger(invoices(row))
    assert len(ledger.invoices) == 3
    assert ledger.rejected["reason"].str.startswith(reason).tolist() == [True]
    assert ledger.rejected["source_row"].tolist() == [4]


@pytest.mark.parametrize(("cell", "money"), [("600.00", 60000), ("", pd.NA), ("six hundred", pd.NA)])
def test_a_total_is_rejected_with_its_money_where_that_can_be_read(cell, money):
    ledger = read_ledger(invoices(f"Total||||{cell}"))
    assert ledger.rejected[["reason", "source_row"]].to_numpy().tolist() == [["a total, not a record", 4]]
    assert ledger.rejected["amount_minor"].tolist() == [money]
    rejected = 0 if money is pd.NA else money
    assert outcome(ledger, "invoices", "accepted") == (3, 60000)
    assert outcome(ledger, "invoices", "rejected") == (1, rejected)
    assert outcome(ledger, "invoices", "read") == (4, 60000 + rejected)


def test_a_total_over_several_currencies_is_no_money():
    table = invoices("Total||||600.00").assign(Currency=["GBP", "EUR", "GBP", None])
    ledger = read_ledger(table, currency="GBP", rates={"EUR": "0.86"})
    assert ledger.rejected["amount_minor"].tolist() == [pd.NA]


def test_a_total_of_typed_amounts_is_read_like_them():
    table = invoices("Total||||600.5").astype({"Amount": "float64"})
    assert read_ledger(table).rejected["amount_minor"].tolist() == [60050]


def test_an_invoice_due_before_its_issue_is_due_at_once():
    ledger = read_ledger(invoices("X|C1|2024-01-10|2024-01-01|5.00"))
    assert ledger.invoices.set_index("invoice_id").loc["X", "due_on"] == pd.Timestamp("2024-01-10")
    assert said(ledger, "due before the invoice was issued")["amount_minor"].tolist() == [500]


def test_swapped_date_columns_are_an_error():
    with pytest.raises(LedgerError, match="swapped"):
        read_ledger(invoices().rename(columns={"Invoice Date": "Due Date", "Due Date": "Invoice Date"}))


def test_a_file_without_one_usable_row_is_an_error_that_quotes_a_cell():
    with pytest.raises(LedgerError, match=r"none of 3 rows.*unreadable amount.*'\?\?'"):
        read_ledger(invoices().assign(Amount="??"))


# Terms


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("30", "2024-01-31"),
        ("Net 14", "2024-01-15"),
        ("30 days EOM", "2024-03-01"),
        ("Due on receipt", "2024-01-01"),
    ],
)
def test_a_due_date_comes_from_the_terms_of_the_row(terms, due):
    # 30 days after the end of January 2024, a leap year, are 1 March
    ledger = read_ledger(invoices().drop(columns="Due Date").assign(Terms=terms))
    assert ledger.invoices.set_index("invoice_id").loc["A1", "due_on"] == pd.Timestamp(due)


def test_terms_of_the_customer_and_the_option_fill_what_is_missing():
    ledger = read_ledger(
        invoices().drop(columns="Due Date"),
        customers=frame("Customer ID|Payment Terms\nC1|10\nC2|"),
        terms_days=20,
    )
    assert ledger.invoices["due_on"].dt.strftime("%m-%d").tolist() == ["01-11", "02-11", "02-04"]
    assert ledger.customers["terms_days"].tolist() == [10, pd.NA]


def test_no_due_date_and_no_terms_is_an_error():
    with pytest.raises(LedgerError, match="terms_days=30"):
        read_ledger(invoices().drop(columns="Due Date"))


# Closing reasons


@pytest.mark.parametrize(
    ("status", "reason"),
    [("Cancelled", "cancelled"), ("VOIDED", "cancelled"), ("protested", "protested"), ("Returned", "returned"),
     ("Written-off", "written_off"), ("Bad debt", "written_off")],
)  # fmt: skip
def test_a_closing_reason_that_is_not_a_payment_is_none_even_with_a_date(status, reason):
    ledger = read_ledger(
        invoices().assign(
            Status=[status, "Paid", "Open"], **{"Settled Date": ["2024-02-05", "2024-02-06", None]}
        )
    )
    assert paid(ledger) == [("A2", "02-06", 20000)]
    row = ledger.invoices.iloc[0]
    assert (row["closed_on"], row["closed_reason"]) == (pd.Timestamp("2024-02-05"), reason)
    assert ledger.invoices["closed_reason"].notna().sum() == 1


def test_money_received_before_a_write_off_is_kept():
    ledger = read_ledger(invoices().assign(
        Status=["Written off", "Open", "Open"], **{"Paid Date": ["2024-02-05", None, None],
            "Amount "
            "Paid": ["30", "0", "0"]}
    ))  # fmt: skip
    assert paid(ledger) == [("A1", "02-05", 3000)]
    assert ledger.invoices["closed_reason"].tolist()[0] == "written_off"


def test_paid_without_a_date_is_a_payment_nobody_can_place():
    ledger = read_ledger(invoices().assign(Status=["Paid", "Open", "Draft"]), undated_payments="open")
    assert outcome(ledger, "payments", "rejected") == (1, 10000)
    assert outcome(ledger, "invoices", "rejected") == (1, 30000)


def test_money_paid_without_a_date_beyond_half_is_an_error_that_says_how_much():
    table = invoices().assign(Status=["Paid", "Open", "Paid"])
    with pytest.raises(
        LedgerError, match=r"400\.00 of the 400\.00 paid \(2 payments of 2\) has no date.*payments="
    ):
        read_ledger(table)
    # A1 and A2 together are as much as B1: half is not most, and each payment without a date is rejected
    dated = table.assign(Status="Paid", **{"Paid Date": [None, None, "2024-02-20"]})
    assert outcome(read_ledger(dated), "payments", "rejected") == (2, 30000)
    with pytest.raises(
        LedgerError, match=r"300\.00 of the 400\.00 paid \(1 payment of 2\) has no readable date"
    ):
        read_ledger(table.assign(**{"Paid Date": ["2024-02-20", None, "31/31/2024"]}))
    assert (
        len(read_ledger(table, payments=frame("Invoice No|Payment Date|Amount\nA1|2024-02-01|100")).payments)
        == 1
    )


def test_an_unknown_word_for_undated_payments_is_an_error():
    with pytest.raises(LedgerError, match=r"undated_payments='keep'.*'refuse', 'open'"):
        read_ledger(invoices(), undated_payments="keep")


# Lists of documents


def test_negative_invoices_are_credit_notes():
    ledger = read_ledger(invoices("K1|C1|2024-02-10|2024-02-10|-25.00"))
    assert ledger.credit_notes[["invoice_row", "amount_minor"]].to_numpy().tolist() == [[-1, 2500]]
    assert outcome(ledger, "invoices", "moved to credit_notes") == (1, -2500)
    assert outcome(ledger, "credit_notes", "accepted") == (1, 2500)


SAP = """
Customer | Document Number | Document Type | Document Date | Net due date | Amount in local currency | Local Currency | Clearing date | Clearing Document
100200   | 9001            | RV            | 2024-01-01    | 2024-01-31   | 100.00                   | EUR            | 2024-02-05    | 1400
100200   | 9002            | RV            | 2024-01-10    | 2024-02-09   | 50.00                    | EUR            |               |
100200   | 9003            | DG            | 2024-01-12    | 2024-01-12   | 20.00-                   | EUR            | 2024-02-05    | 1400
100200   | 1400            | DZ            | 2024-02-05    | 2024-02-05   | 80.00-                   | EUR            | 2024-02-05    | 1400
100300   | 1500            | DZ            | 2024-02-07    | 2024-02-07   | 15.00-                   | EUR            |               |
100300   | 9004            | RV            | 2024-01-20    | 2024-02-19   | 70.00                    | EUR            |               |
"""


def test_a_sap_list_counts_cleared_cash_once_and_nets_the_credit():
    ledger = read_ledger(frame(SAP))
    assert ledger.currency == "EUR"
    assert ledger.invoices["invoice_id"].tolist() == ["9001", "9002", "9004"]
    # invoice 9001: 100 less the credit of 20 cleared with it, paid 80; the 15 on account names nothing
    assert paid(ledger) == [("9001", "02-05", 8000), (None, "02-07", 1500)]
    assert ledger.credit_notes[["invoice_row", "amount_minor"]].to_numpy().tolist() == [[0, 2000]]
    assert outcome(ledger, "invoices", "already counted") == (1, -8000)
    assert outcome(ledger, "invoices", "moved to payments") == (1, -1500)


def test_sage_types_sort_invoices_credits_and_receipts():
    ledger = read_ledger(frame("""
        Type | Account Ref | Ref | Date       | Due Date   | Gross
        SI   | ABC1        | 11  | 2024-01-01 | 2024-01-31 | 100.00
        SI   | ABC1        | 12  | 2024-01-05 | 2024-02-04 | 40.00
        SC   | ABC1        | 11  | 2024-01-09 | 2024-01-09 | 10.00
        SR   | ABC1        | 12  | 2024-02-01 | 2024-02-01 | 40.00
        SA   | ABC1        | 99  | 2024-02-03 | 2024-02-03 | 5.00
        PI   | SUP1        | 7   | 2024-02-03 | 2024-02-03 | 5.00
    """), mapping={"invoice_id": "Ref"})  # fmt: skip
    assert paid(ledger) == [("12", "02-01", 4000), (None, "02-03", 500)]
    assert ledger.credit_notes[["invoice_row", "amount_minor"]].to_numpy().tolist() == [[0, 1000]]
    assert ledger.rejected["reason"].tolist() == ["a supplier's document, not a receivable"]


SAGE_AUDIT_TRAIL = """
No | Type | Account | Date       | Ref | Gross  | Paid
1  | SI   | ABC1    | 2024-01-01 | 007 | 100.00 | 100.00
2  | SI   | ABC1    | 2024-01-05 | 008 | 40.00  | 40.00
3  | SR   | ABC1    | 2024-02-01 | 008 | 40.00  | 40.00
4  | SC   | ABC1    | 2024-02-02 | 007 | 10.00  | 10.00
5  | SR   | ABC1    | 2024-02-03 | 007 | 60.00  | 60.00
6  | SR   | ABC1    | 2024-02-09 | 007 | 30.00  | 30.00
7  | SA   | ABC1    | 2024-02-10 |     | 5.00   | 0.00
"""


def test_the_number_that_receipts_repeat_is_the_invoice_number():
    ledger = read_ledger(frame(SAGE_AUDIT_TRAIL), terms_days=30)
    assert ledger.invoices["invoice_id"].tolist() == ["007", "008"]
    assert sorted(paid(ledger), key=lambda p: p[1]) == [
        ("008", "02-01", 4000), ("007", "02-03", 6000), ("007", "02-09", 3000), (None, "02-10", 500),
    ]  # fmt: skip
    assert ledger.credit_notes["invoice_row"].tolist() == [0]
    assert len(said(ledger, "4 of 5 receipts and credit notes name an invoice by it; by 'No' 0 do")) == 1
    assert ledger.quality.query("column == 'No'")["finding"].tolist() == ["Not used."]


def test_a_reference_that_two_invoices_share_is_no_invoice_number():
    table = frame(SAGE_AUDIT_TRAIL).assign(Ref="PO 9")
    assert read_ledger(table, terms_days=30).invoices["invoice_id"].tolist() == ["1", "2"]


def test_mapping_decides_against_the_number_that_receipts_repeat():
    ledger = read_ledger(frame(SAGE_AUDIT_TRAIL), terms_days=30, mapping={"invoice_id": "No"})
    assert ledger.invoices["invoice_id"].tolist() == ["1", "2"]


def test_money_that_names_no_invoice_is_said_to_make_delays_estimates():
    none = read_ledger(frame(SAGE_AUDIT_TRAIL), terms_days=30, mapping={"invoice_id": "No"})
    # 40 + 60 + 30 + 5 received, all on account
    assert said(none, "No payment names an invoice: all 4 went on account")["amount_minor"].tolist() == [
        13500
    ]
    half = read_ledger(
        invoices(),
        frame("Invoice No|Customer ID|Payment Date|Amount\nA1|C1|2024-02-01|60.00\n|C1|2024-02-02|60.00"),
    )
    assert said(half, "1 of 2 payments went on account")["amount_minor"].tolist() == [6000]
    less = read_ledger(
        invoices(),
        frame("Invoice No|Customer ID|Payment Date|Amount\nA1|C1|2024-02-01|60.00\n|C1|2024-02-02|59.99"),
    )
    assert len(said(less, "delays are then estimates")) == 0


# Several tables


PAYMENTS = """
Invoice No | Customer ID | Payment Date | Amount
A1         | C1          | 2024-02-01   | 60.00
A1         | C1          | 2024-02-10   | 40.00
ZZ         | C2          | 2024-02-11   | 5.00
           | C2          | 2024-02-12   | 6.00
ZZ         | C9          | 2024-02-13   | 7.00
B1         | C2          | 2024-02-14   | -1.00
"""


def test_payments_find_their_invoice_their_account_or_a_reason():
    ledger = read_ledger(invoices(), frame(PAYMENTS))
    assert sorted(paid(ledger), key=lambda p: p[1]) == [
        ("A1", "02-01", 6000), ("A1", "02-10", 4000), (None, "02-11", 500), (None, "02-12", 600), ("B1", "02-14", -100),
    ]  # fmt: skip
    assert outcome(ledger, "payments", "rejected") == (1, 700)
    assert len(said(ledger, "kept on account")) == 1
    assert len(said(ledger, "negative payments are kept")) == 1


def test_payments_of_a_rejected_invoice_are_rejected_with_it():
    ledger = read_ledger(
        invoices("X|C1|2024-01-01|2024-01-31|oops"),
        frame("Invoice No|Payment Date|Amount\nX|2024-02-01|9.00"),
    )
    assert ledger.rejected.query("table == 'payments'")["reason"].tolist() == ["its invoice was rejected"]


def test_settled_dates_are_not_counted_beside_the_payments_themselves():
    table = invoices().assign(**{"Settled Date": ["2024-02-10", None, None]})
    ledger = read_ledger(table, frame(PAYMENTS))
    assert [p for p in paid(ledger) if p[0] == "A1"] == [("A1", "02-01", 6000), ("A1", "02-10", 4000)]
    assert len(said(ledger, "'Settled Date' say of payment is not used")) == 1


def test_a_dispute_told_twice_is_one():
    ledger = read_ledger(
        invoices().assign(Disputed=["Yes", "No", "No"]),
        disputes=frame("Invoice No|Dispute Date\nA1|2024-01-20"),
    )
    assert ledger.disputes["opened_on"].tolist() == [pd.Timestamp("2024-01-20")]


def test_payments_that_lost_leading_zeros_are_joined():
    table = invoices().replace({"Invoice No": {"A1": "00017"}})
    ledger = read_ledger(table, frame("Invoice No|Payment Date|Amount\n17|2024-02-01|9.00"))
    assert paid(ledger) == [("00017", "02-01", 900)]
    assert len(said(ledger, "leading zeros")) == 1


def test_prepayments_are_kept_or_rejected_as_asked():
    payments = frame("Invoice No|Payment Date|Amount\nA2|2024-01-20|9.00")
    assert paid(read_ledger(invoices(), payments)) == [("A2", "01-20", 900)]
    assert outcome(read_ledger(invoices(), payments, early_payments="reject"), "payments", "rejected") == (
        1,
        900,
    )


def test_reminders_credit_notes_and_disputes_are_linked():
    ledger = read_ledger(
        invoices(),
        credit_notes=frame("Credit Note No|Invoice No|Date|Amount\nK1|A1|2024-02-01|10.00"),
        reminders=frame("Customer ID|Sent On\nC2|2024-03-01"),
        disputes=frame("Invoice No|Dispute Date\nB1|2024-02-20\nA2|"),
    )
    assert ledger.credit_notes[["invoice_row", "amount_minor"]].to_numpy().tolist() == [[0, 1000]]
    assert ledger.reminders["invoice_row"].tolist() == [-1]
    assert ledger.disputes["invoice_row"].tolist() == [1, 2]
    assert ledger.disputes["known_on"].tolist() == [
        pd.Timestamp("2024-03-01"),
        pd.Timestamp("2024-02-20"),
    ]  # export, opened


def test_customer_facts_come_from_both_tables_and_conflicts_are_reported():
    table = invoices("B2|C2|2024-02-15|2024-03-14|1.00\nB3|C2|2024-02-16|2024-03-14|1.00").assign(
        Industry=["Retail", "Retail", "Steel", "Steel", "Tin"], **{"Customer Name": ["A Ltd"] * 5}
    )
    for n in range(3, 9):  # one customer in eight contradicts itself: still a fact of customers
        table.loc[len(table)] = [f"N{n}", f"C{n}", "2024-01-01", "2024-01-31", "1.00", "Retail", f"N{n} Ltd"]
    ledger = read_ledger(
        table, customers=frame("Customer ID|Region|Credit Limit\nC1|North|1,000.00\nC99|South|")
    )
    customers = ledger.customers.set_index("customer_id")
    assert customers.loc["C2", "sector"] == "Steel"
    assert customers.loc["C1", ["region", "credit_limit_minor"]].tolist() == ["North", 100000]
    assert "C99" in customers.index
    assert len(said(ledger, "sector differs within 1 customer")) == 1
    assert len(said(ledger, "2 customer ids share 1 name")) == 1


# Currencies


def test_several_currencies_without_rates_are_an_error_that_names_them():
    with pytest.raises(
        LedgerError, match=r"2 currencies \(GBP: 2 rows, EUR: 1 rows\).*rates=\{'EUR': 0.86\}"
    ):
        read_ledger(invoices().assign(Currency=["GBP", "EUR", "GBP"]))


@pytest.mark.parametrize("rate", ["0.8612345", 0.8612345, Decimal("0.8612345")])
def test_rates_convert_exactly_and_keep_what_was_written(rate):
    ledger = read_ledger(
        invoices().assign(Currency=["GBP", "EUR", "JPY"]),
        currency="GBP",
        rates={"EUR": rate, "JPY": "0.0053"},
    )
    rows = ledger.invoices.set_index("invoice_id")
    assert rows["amount_minor"].to_dict() == {"A1": 10000, "A2": 17225, "B1": 159}  # 172.2469, 1.59
    assert rows["amount_original_minor"].to_dict() == {
        "A1": 10000,
        "A2": 20000,
        "B1": 300,
    }  # the yen has no hundredths
    assert rows["currency_original"].to_dict() == {"A1": "GBP", "A2": "EUR", "B1": "JPY"}


def test_a_currency_in_the_cells_is_found():
    assert read_ledger(invoices().assign(Amount=["£1.00", "£2.00", "£3.00"])).currency == "GBP"


def test_a_currency_that_does_not_exist_is_a_reason():
    ledger = read_ledger(invoices().assign(Currency=["GBP", "QQQ", "GBP"]))
    assert ledger.rejected[["reason", "value"]].to_numpy().tolist() == [
        ["a currency that does not exist", "'QQQ'"]
    ]


# The day of the ledger


def test_as_of_is_the_last_day_on_which_something_happened_not_the_last_due_date():
    assert read_ledger(invoices()).as_of == pd.Timestamp("2024-02-01")


@pytest.mark.parametrize(
    "as_of", ["01/06/2024", 20240601, "20240601", 2024.5, "2024-06", "2024-02-30", pd.NaT]
)
def test_an_as_of_that_is_no_plain_day_is_quoted(as_of):
    with pytest.raises(LedgerError, match=rf"as_of={as_of!r} is not a day: write it as YYYY-MM-DD"):
        read_ledger(invoices(), as_of=as_of)


def test_what_happened_after_as_of_is_not_in_the_ledger():
    table = invoices().assign(
        **{"Settled Date": ["2024-01-20", None, "2024-02-05"]}, Disputed=["Yes", "No", "Yes"]
    )
    ledger = read_ledger(table, as_of="2024-01-31")
    assert ledger.invoices["invoice_id"].tolist() == ["A1", "B1"]
    assert paid(ledger) == [("A1", "01-20", 10000)]
    assert ledger.disputes["invoice_row"].tolist() == [0]
    assert outcome(ledger, "invoices", "after as_of") == (1, 20000)
    assert outcome(ledger, "payments", "after as_of") == (1, 30000)


def test_a_write_off_after_as_of_is_unknown():
    table = invoices().assign(
        **{"Settled Date": ["2024-02-20", None, None]}, Status=["Written off", "Open", "Open"]
    )
    assert read_ledger(table).invoices["closed_reason"].notna().sum() == 1
    assert read_ledger(table, as_of="2024-02-19").invoices["closed_reason"].notna().sum() == 0


def test_reading_as_of_a_day_is_reading_and_cutting():
    table = invoices().assign(
        **{"Settled Date": ["2024-01-20", None, "2024-02-05"]}, Disputed=["Yes", "No", "Yes"]
    )
    early, late = read_ledger(table, as_of="2024-01-31"), read_ledger(table).until("2024-01-31")
    for name in ("invoices", "payments", "disputes"):
        pd.testing.assert_frame_equal(getattr(early, name), getattr(late, name))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"as_of": "yesterday"}, "as_of='yesterday'"),
        ({"as_of": "2020-01-01"}, "before every invoice"),
        ({"late_rule": "eventually"}, "late_rule='eventually'"),
        ({"grace_days": -1}, "grace_days=-1"),
        ({"early_payments": "drop"}, "early_payments='drop'"),
        ({"currency": "pebbles"}, "currency='pebbles'"),
        ({"rates": {"EUR": "cheap"}}, "'cheap'"),
        ({"mapping": {"payments": {"amount": "x"}}}, "only invoices was given"),
    ],
)
def test_an_option_that_cannot_be_meant_is_an_error(option, message):
    with pytest.raises(LedgerError, match=message):
        read_ledger(invoices(), **option)


def test_day_and_month_of_payments_follow_the_invoices_where_nothing_else_decides():
    table = invoices().assign(
        **{
            "Invoice Date": ["13/01/2024", "14/01/2024", "15/01/2024"],
            "Due Date": ["13/02/2024", "14/02/2024", "15/02/2024"],
        }
    )
    ledger = read_ledger(table, frame("Invoice No|Payment Date|Amount\nA1|03/04/2024|9.00"))
    assert paid(ledger) == [("A1", "04-03", 900)]


def test_provenance_says_what_was_read_and_how():
    ledger = read_ledger(invoices(), terms_days=30)
    assert len(ledger.provenance["sources"]["invoices"]["sha256"]) == 64
    assert ledger.provenance["parameters"]["terms_days"] == 30
    assert ledger.provenance["versions"]["pandas"] == pd.__version__


def test_names_are_in_no_message(tmp_path):
    table = invoices().assign(
        **{"Customer Name": ["Secret Ltd", "Other Ltd", "Third Ltd"], "Amount": ["1.00", "x", "3.00"]}
    )
    ledger = read_ledger(table)
    everything = ledger.quality.to_string() + ledger.rejected.to_string() + repr(ledger)
    assert "Ltd" not in everything
