# ruff: noqa: E501 - tables of cells read better unbroken
"""Whatever is thrown at the reader becomes a ledger that reconciles, or a `LedgerError` that says what to do.

``PAYSEG_FUZZ=5000 pytest tests/ledger/test_fuzz_reader.py`` runs that many examples of each test.
"""

import io
import os

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.read import read_ledger
from payseg_widgets.ledger.schema import check_invariants

fuzz = settings(
    max_examples=int(os.environ.get("PAYSEG_FUZZ", "50")), deadline=None, derandomize="PAYSEG_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes
)  # fmt: skip

HEADINGS = ["Invoice No", "Customer ID", "Invoice Date", "Due Date", "Amount", "Paid Date",
    "Amount "
    "Paid", "Outstanding", "Status",
            "Type", "Currency", "Terms", "Disputed", "Days Late", "Region", "Name", "x"]  # fmt: skip
CELLS = st.one_of(
    st.sampled_from([
        "", "2024-01-05", "2024-02-30", "05/01/2024", "13/01/2024", "1/13/24", "45000", "1900-01-01", "9999-12-31",
            "2024-01-05 "
            "10:11:12",
        "100", "100.00", "1,234.56", "1.234,56", "(5.00)", "5-", "5 CR", "0", "-0", "1e5", "1e300", "99999999999999999", "£12",
            "12 "
            "EUR",
        "NaN", "inf", "-", "C1", "C2", "c1", "001", "1", "1.0", "INV1", "INV2", "Net 30", "30", "paid",
            "written "
            "off", "Credit Note",
        "Payment", "SI", "yes", "no", "GBP", "EUR", "ZZZ", "\x00", "\ufeff", '"', "'", ";", "\n", "\r", "é", "Ω", "=1+1", "TRUE", "None",
    ]),
    st.text(max_size=8),
    st.integers(-(10**20), 10**20).map(str),
    st.dates().map(str),
)  # fmt: skip
PLAUSIBLE = {
    "Invoice No": st.sampled_from(["1", "2", "3", "4", "0005", "1.0", "A7", "A7 "]),
    "Customer ID": st.sampled_from(["C1", "C2", "c1", "0003", "3", ""]),
    "Invoice Date": st.dates(pd.Timestamp("2023-01-01").date(), pd.Timestamp("2024-06-30").date()).map(str),
    "Due Date": st.dates(pd.Timestamp("2023-02-01").date(), pd.Timestamp("2024-07-30").date()).map(str),
    "Amount": st.sampled_from(["10.00", "10", "-5", "0", "1,000.00", "7.5", "£3", "x"]),
    "Paid Date": st.sampled_from(["", "2024-01-05", "2024-05-06", "2022-12-31", "soon"]),
    "Amount Paid": st.sampled_from(["", "0", "10.00", "5", "-1", "?"]),
    "Outstanding": st.sampled_from(["", "0", "10.00", "5"]),
    "Status": st.sampled_from(
        ["", "Paid", "Open", "Partially paid", "Written off", "Cancelled", "Draft", "Hm", "Disputed"]
    ),
    "Type": st.sampled_from(["Invoice", "SI", "Credit Note", "Payment", "Bill", ""]),
    "Currency": st.sampled_from(["GBP", "GBP", "EUR", ""]),
    "Terms": st.sampled_from(["30", "Net 60", "30 days EOM", "whenever", ""]),
    "Disputed": st.sampled_from(["Yes", "No", ""]),
    "Days Late": st.sampled_from(["0", "5", "-3", "x", ""]),
    "Region": st.sampled_from(["North", "South", ""]),
    "Name": st.sampled_from(["Acme Ltd", "Bolt & Co", ""]),
    "x": st.just("x"),
}


def assert_ledger_or_error(read):
    """Return the ledger after checking that it reconciles, or None for a proper error."""
    try:
        ledger = read()
    except LedgerError as error:
        if len(str(error)) <= 20:
            pytest.fail(f"the error says nothing: {error}")
        return None
    check_invariants(ledger)
    for name, table in ledger.reconciliation.groupby("table"):
        totals = table.set_index("outcome")
        rest = totals.drop(index="read")
        assert totals.loc["read", "n_rows"] == rest["n_rows"].sum(), name
        assert (
            totals.loc["read"].isna()["amount_minor"]
            or totals.loc["read", "amount_minor"] == rest["amount_minor"].sum()
        ), name
        if name != "customers":
            accepted = getattr(ledger, name)
            assert len(accepted) == totals.loc["accepted", "n_rows"], name
            if "amount_minor" in accepted:
                assert int(accepted["amount_minor"].sum()) == totals.loc["accepted", "amount_minor"], name
    assert len(ledger.rejected) == ledger.reconciliation.query("outcome == 'rejected'")["n_rows"].sum()
    assert (ledger.rejected["reason"].str.len() > 5).all()
    return ledger


@st.composite
def tables(draw, cells=None, max_rows=12):
    headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=12))
    if draw(st.booleans()):
        headings = [*HEADINGS[:5], *[h for h in headings if h not in HEADINGS[:5]]]
    n = draw(st.integers(0, max_rows))
    wild = draw(st.booleans()) and cells is None
    columns = [draw(st.lists(CELLS if wild else PLAUSIBLE[h], min_size=n, max_size=n)) for h in headings]
    return headings, list(zip(*columns, strict=True)) if n else []


def as_frame(headings, rows):
    frame = (
        pd.DataFrame(rows, columns=range(len(headings)), dtype="str")
        if rows
        else pd.DataFrame(columns=range(len(headings)), dtype="str")
    )
    frame.columns = pd.Index(headings)
    return frame


@fuzz
@given(tables())
def test_any_table_becomes_a_ledger_or_an_error(table):
    assert_ledger_or_error(lambda: read_ledger(as_frame(*table)))


@fuzz
@given(tables(cells="plausible"), tables(cells="plausible"), tables(cells="plausible"), st.sampled_from([None, "2024-01-31", "2023-06-30"]),
       st.sampled_from([None, {"EUR": "0.86"}]), st.sampled_from(["payments", "credit_notes", "reminders", "disputes"]))  # fmt: skip
def test_several_tables_become_a_ledger_or_an_error(invoices, other, customers, as_of, rates, name):
    tables = {name: as_frame(*other), "customers": as_frame(*customers)}
    assert_ledger_or_error(
        lambda: read_ledger(
            as_frame(*invoices),
            **tables,
            as_of=as_of,
            rates=rates,
            currency="GBP" if rates else None,
            terms_days=30,
        )
    )


@fuzz
@given(st.data())
def test_mangled_bytes_become_a_ledger_or_an_error(tmp_path_factory, data):
    headings, rows = data.draw(tables())
    text = io.StringIO()
    as_frame(headings, rows).to_csv(text, index=False, sep=data.draw(st.sampled_from([",", ";", "\t", "|"])))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"]))
    raw = bytearray(text.getvalue().encode(encoding, errors="replace"))
    for position in data.draw(st.lists(st.integers(0, max(0, len(raw) - 1)), max_size=6)):
        if raw:
            raw[position] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    junk = data.draw(
        st.sampled_from([b"", b"\x00", b"\xff\xfe", b'"', b"\n\n,,,\n", b"\x1a", b"PK\x03\x04", b"PAR1"])
    )
    path = tmp_path_factory.mktemp("fuzz") / "export.csv"
    path.write_bytes(bytes(raw[:cut]) + junk + bytes(raw[cut:]))
    assert_ledger_or_error(lambda: read_ledger(path))


TYPED = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-5, 60000)), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)), min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2250-01-01"))), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.decimals(allow_nan=False, places=3)), min_size=4, max_size=4),
    st.lists(st.one_of(st.text(max_size=3), st.integers(), st.none(), st.tuples(st.integers()), st.binary(max_size=3)), min_size=4, max_size=4),
    st.lists(st.dates(), min_size=4, max_size=4),
)  # fmt: skip


@fuzz
@given(st.lists(TYPED, min_size=7, max_size=7), st.permutations(range(7)))
def test_wrongly_typed_frames_become_a_ledger_or_an_error(columns, order):
    names = HEADINGS[:7]
    frame = pd.DataFrame({names[o]: pd.Series(columns[o]) for o in order})
    assert_ledger_or_error(lambda: read_ledger(frame))


PLAIN = pd.DataFrame({
    "Invoice No": ["1", "2", "3", "4"], "Customer ID": ["A", "A", "B", "C"],
        "Invoice "
        "Date": ["2024-01-01", "2024-01-15", "2024-02-01", "2024-02-20"],
    "Due Date": ["2024-01-31", "2024-02-14", "2024-03-02", "2024-03-21"], "Amount": ["10.00", "20.00", "30.00", "40.00"],
    "Paid Date": ["2024-02-01", None, "2024-03-01", None],
})  # fmt: skip


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_rows_are_a_ledger(n):
    assert len(assert_ledger_or_error(lambda: read_ledger(PLAIN.head(n)))) == n


def test_no_rows_are_an_error_that_says_so():
    with pytest.raises(LedgerError, match=r"(?i)no|none"):
        read_ledger(PLAIN.head(0))


@pytest.mark.parametrize("paid", [None, "2024-03-25"])
def test_all_open_and_all_paid_are_ledgers(paid):
    ledger = assert_ledger_or_error(
        lambda: read_ledger(PLAIN.assign(**{"Paid Date": pd.Series([paid] * 4, dtype="str")}))
    )
    assert len(ledger.payments) == (4 if paid else 0)


def test_one_customer_is_a_ledger():
    assert (
        len(assert_ledger_or_error(lambda: read_ledger(PLAIN.assign(**{"Customer ID": "A"}))).customers) == 1
    )


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_byte_order_mark_changes_nothing(tmp_path, encoding):
    path = written(tmp_path, PLAIN.to_csv(index=False), encoding)
    assert len(assert_ledger_or_error(lambda: read_ledger(path))) == 4


def test_nul_bytes_end_in_a_ledger_or_an_error(tmp_path):
    path = written(tmp_path, PLAIN.to_csv(index=False).replace("20.00", "20\0.00") + "\0\0\0\n")
    assert_ledger_or_error(lambda: read_ledger(path))


@pytest.mark.parametrize("megabytes", [5, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("where", ["cell", "heading", "only line"])
def test_an_endless_line_ends_in_a_ledger_or_an_error(tmp_path, megabytes, where):
    line = "9" * (megabytes * 1_000_000)
    text = PLAIN.to_csv(index=False)
    text = {
        "cell": text.replace("30.00", line),
        "heading": text.replace("Paid Date", line),
        "only line": line,
    }[where]
    assert_ledger_or_error(lambda: read_ledger(written(tmp_path, text)))
