from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.cut import KNOWN_ON, until
from payseg_widgets.ledger.schema import TABLES, assemble
from payseg_widgets.ledger.simulate import simulate_ledger

FIRST, LAST = date(2024, 1, 1), date(2024, 1, 31)


def same(left, right):
    assert left.as_of == right.as_of
    for table in ("customers", *KNOWN_ON):
        pd.testing.assert_frame_equal(getattr(left, table), getattr(right, table))


def day(text):
    return pd.NaT if text is None else pd.Timestamp(text).as_unit("s")


@pytest.fixture
def ledger():
    """A pays 1 late and prepays 3; 2 is written off; B appears on 20 January with a dispute."""
    return assemble(
        customers=pd.DataFrame({"customer_id": ["A", "B", "Z"], "name": ["Acorn", "Birch", "Zeal"]}),
        invoices=pd.DataFrame({
            "invoice_id": ["1", "2", "3", "4"], "customer_id": ["A", "A", "A", "B"],
            "issued_on": [day(f"2024-01-{d:02}") for d in (2, 3, 25, 20)], "due_on": [day("2024-02-01")] * 4,
            "amount_minor": [100, 200, 300, 400], "closed_on": [pd.NaT, day("2024-01-28"), pd.NaT, pd.NaT],
            "closed_reason": pd.Series([None, "written_off", None, None], dtype="str"),
        }).astype({"closed_on": "datetime64[s]"}),
        payments=pd.DataFrame({
            "invoice_id": pd.Series(["1", "3", None], dtype="str"), "customer_id": ["A", "A", "A"],
            "paid_on": [day("2024-01-15"), day("2024-01-10"), day("2024-01-10")],
            "amount_minor": [100, 300, 5],
        }),
        reminders=pd.DataFrame({"invoice_id": ["1"], "customer_id": ["A"], "sent_on": [day("2024-01-12")]}),
        disputes=pd.DataFrame({
            "invoice_id": ["4"], "customer_id": ["B"], "opened_on": [pd.NaT], "known_on": [day("2024-01-30")],
        }).astype({"opened_on": "datetime64[s]"}),
        as_of=day("2024-01-31"), currency="GBP",
    )  # fmt: skip


def test_an_invoice_paid_or_closed_later_is_open(ledger):
    cut = ledger.until("2024-01-14")
    assert cut.invoices["invoice_id"].tolist() == ["1", "2"]
    assert 0 not in cut.payments["invoice_row"].tolist()
    assert cut.invoices["closed_on"].isna().all()
    assert cut.invoices["closed_reason"].isna().all()
    assert len(cut.reminders) == 1
    assert ledger.until("2024-01-28").invoices["closed_reason"].dropna().tolist() == ["written_off"]


def test_a_payment_for_an_invoice_issued_later_is_on_account(ledger):
    cut = ledger.until("2024-01-15")
    assert cut.payments["invoice_row"].tolist() == [-1, -1, 0]
    assert cut.payments["amount_minor"].tolist() == [5, 300, 100]
    assert ledger.until("2024-01-25").payments["invoice_row"].tolist() == [-1, 2, 0]


def test_a_customer_without_any_fact_yet_is_not_known(ledger):
    assert ledger.until("2024-01-19").customers["customer_id"].tolist() == ["A"]
    assert ledger.until("2024-01-20").customers["customer_id"].tolist() == ["A", "B"]


def test_a_dispute_counts_from_the_day_it_was_known(ledger):
    assert len(ledger.until("2024-01-29").disputes) == 0
    assert len(ledger.until("2024-01-30").disputes) == 1


def test_a_closing_has_both_its_day_and_its_reason(ledger):
    tables = {t: getattr(ledger, t).astype({"customer_id": "str"}) for t in ("invoices", "payments")}
    tables["invoices"]["closed_on"] = pd.Series([pd.NaT] * 4, dtype="datetime64[s]")
    with pytest.raises(AssertionError, match="closing"):
        assemble(customers=ledger.customers, **tables, as_of=ledger.as_of, currency="GBP")


def test_the_whole_ledger_until_its_last_day_is_itself_but_for_customers_without_facts(ledger):
    whole = ledger.until(ledger.as_of)
    assert whole.customers["customer_id"].tolist() == ["A", "B"]
    for table in KNOWN_ON:
        left, right = (getattr(x, table).astype({"customer_id": "str"}) for x in (whole, ledger))
        pd.testing.assert_frame_equal(left, right)


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("2024-02-01", "2024-02-01 is after the ledger's as_of 2024-01-31"),
        ("2024-01-01", "nothing was known on 2024-01-01: give 2024-01-02"),
        ("whenever", "'whenever' is not a day"),
        ("01/06/2013", "'01/06/2013' is not a day: write it as YYYY-MM-DD"),
        (20130601, "20130601 is not a day"),
        (pd.NaT, "NaT is not a day"),
        (None, "None is not a day"),
    ],
)
def test_a_day_that_cannot_be_is_an_error_that_says_which_can(ledger, when, message):
    with pytest.raises(LedgerError, match=message):
        ledger.until(when)


@pytest.mark.parametrize(
    "when",
    [
        "2024-01-20",
        " 2024-01-20T23:30:00+02:00 ",
        date(2024, 1, 20),
        datetime(2024, 1, 20, 23, 30),
        pd.Timestamp("2024-01-20 12:00", tz="Europe/London"),
        np.datetime64("2024-01-20"),
    ],
)
def test_a_day_may_be_iso_text_or_any_typed_date(ledger, when):
    assert ledger.until(when).as_of == pd.Timestamp("2024-01-20")


days = st.dates(FIRST, LAST)
invoice = st.tuples(st.sampled_from("ABC"), days, st.integers(1, 9), st.none() | days)
fact = st.tuples(st.sampled_from("ABC"), days, st.integers(1, 3), st.none() | st.integers(0, 5))


def built(invoices, payments, disputes):
    """Build a ledger whose invoice ids are their numbers; facts name an invoice of the customer or none."""
    made = pd.DataFrame(
        [(f"{n:03}", who, day(on), day(on), amount, day(closed), "written_off" if closed else None)
         for n, (who, on, amount, closed) in enumerate(invoices)],
        columns=list(TABLES["invoices"]),
    )  # fmt: skip
    dates = dict.fromkeys(("issued_on", "due_on", "closed_on"), "datetime64[s]")

    def facts(rows, column):
        named = [(who, day(on), amount, _named(invoices, who, which)) for who, on, amount, which in rows]
        frame = pd.DataFrame(named, columns=["customer_id", column, "amount_minor", "invoice_id"])
        texts = {"customer_id": "str", "invoice_id": "str"}
        return frame.astype({**texts, column: "datetime64[s]", "amount_minor": "int64"})

    disputed = facts(disputes, "known_on").drop(columns="amount_minor")
    return assemble(
        customers=pd.DataFrame({"customer_id": ["A"]}),
        invoices=made.astype({**dates, "closed_reason": "str"}),
        payments=facts(payments, "paid_on"), disputes=disputed.assign(opened_on=disputed["known_on"]),
        as_of=day(LAST), currency="GBP",
    )  # fmt: skip


def _named(invoices, who, which):
    if which is None or which >= len(invoices) or invoices[which][0] != who:
        return None
    return f"{which:03}"


@given(
    st.lists(invoice, min_size=1, max_size=6),
    st.lists(fact, max_size=8),
    st.lists(fact, max_size=3),
    days,
    days,
)
@settings(max_examples=25, deadline=None)
def test_a_cut_of_a_cut_is_the_earlier_cut(invoices, payments, disputes, one, other):
    ledger, (early, late) = built(invoices, payments, disputes), sorted((one, other))
    try:
        expected = ledger.until(early)
    except LedgerError:  # before the first fact
        return
    same(ledger.until(late).until(early), expected)


@given(
    st.lists(invoice, min_size=1, max_size=6), st.lists(fact, max_size=8), st.lists(fact, max_size=4), days,
    st.lists(invoice, max_size=3), st.lists(fact, max_size=4), st.booleans(),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_nothing_after_the_day_changes_what_was_known_on_it(
    invoices, payments, disputes, cut, more, facts, drop
):
    """Facts after the day are deleted, invoices are closed on another later day, and new facts are added."""

    def later(row):
        return row[1] > cut

    try:
        before = built(invoices, payments, disputes).until(cut)
    except LedgerError:
        return
    other = [
        (w, on, amount, c if c and c <= cut else LAST if cut < LAST else None)
        for w, on, amount, c in invoices
    ]
    other = [row if row[1] <= cut else (row[0], row[1], row[2] + 1, None) for row in other] + [
        r for r in more if later(r)
    ]
    paid = [row for row in payments if not (drop and later(row))] + [row for row in facts if later(row)]
    disputed = [row for row in disputes if not (drop and later(row))]
    same(built(other, paid, disputed).until(cut), before)


def test_a_simulated_ledger_is_cut_to_what_the_truth_says_was_open():
    ledger, truth = simulate_ledger(60, seed=4, part_payments=0.0, credit_notes=0.0)
    cut = until(ledger, "2023-06-30")
    open_rows = set(range(len(cut))) - set(cut.payments["invoice_row"])
    known = truth.invoices[(ledger.invoices["issued_on"] <= "2023-06-30").to_numpy()].reset_index(drop=True)
    assert open_rows == set(known.index[~(known["settled_on"] <= "2023-06-30")])
