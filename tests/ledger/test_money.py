from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.money import iso_currency, parse_money


def money(*values: object, dtype: str = "str", **options: object):
    return parse_money(pd.Series(list(values), dtype=dtype), column="Amount", **options)


def grouped(n: int, group: str, mark: str, digits: int = 2) -> str:
    whole, cents = divmod(abs(n), 10**digits)
    return f"{whole:,}".replace(",", group) + f"{mark}{cents:0{digits}}"


STYLES = {
    "plain": lambda n: ("-" if n < 0 else "") + grouped(n, "", "."),
    "English": lambda n: ("-" if n < 0 else "") + "£" + grouped(n, ",", "."),
    "German": lambda n: ("-" if n < 0 else "") + grouped(n, ".", ",") + " €",
    "French": lambda n: ("\u2212" if n < 0 else "") + grouped(n, "\u202f", ",") + "\u00a0EUR",
    "Swiss": lambda n: "CHF " + ("-" if n < 0 else "") + grouped(n, "'", "."),
    "brackets": lambda n: f"({grouped(n, ',', '.')})" if n < 0 else grouped(n, ",", "."),
    "behind": lambda n: grouped(n, ",", ".") + ("-" if n < 0 else ""),
    "CR": lambda n: grouped(n, ",", ".") + (" CR" if n < 0 else " DR"),
    "code": lambda n: f"GBP {'-' if n < 0 else ''}{grouped(n, '', '.')}",
}


@pytest.mark.parametrize("style", STYLES)
@settings(deadline=None, max_examples=25)
@given(amounts=st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=20))
def test_every_style_reads_back_exactly(style, amounts):
    read = money(*map(STYLES[style], amounts))
    assert read.minor.tolist() == amounts
    assert (read.problem == "").all()
    assert not [f for f in read.findings if "rounded" in f.text]


@settings(deadline=None, max_examples=25)
@given(values=st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_floats_round_as_their_decimal_text_does(values):
    read = money(*values, dtype="float64")
    assert read.minor.tolist() == [
        int(Decimal(repr(v)).scaleb(2).quantize(Decimal(1), ROUND_HALF_EVEN)) for v in values
    ]


@settings(deadline=None, max_examples=25)
@given(values=st.lists(st.text("0123456789.,'-+() CRDE£GBPxn", max_size=10)))
def test_any_text_is_an_amount_missing_or_a_problem(values):
    try:
        read = money(*values)
    except LedgerError:
        return
    text = pd.Series(values, dtype="str").str.strip()
    assert (
        read.minor.isna() == ((read.problem != "") | text.isin(["", *("-" * n for n in range(1, 11))]))
    ).all()


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("£1,234.56", 123456, "GBP"), ("1 234.56", 123456, ""), ("(123.45)", -12345, ""), ("123.45-", -12345, ""),
        ("123.45 CR", -12345, ""), ("123.45CR", -12345, ""), ("10.00 DR", 1000, ""), ("12.00 EUR", 1200, "EUR"),
        ("GBP 12.00 CR", -1200, "GBP"), ("1.2E+03", 120000, ""), ("$ 7.5", 750, "USD"), ("Rs. 1,23,456.00", 12345600, "INR"),
        ("(£5.00)", -500, "GBP"), ("-£5.00", -500, "GBP"), ("£-5.00", -500, "GBP"), (".5", 50, ""), ("+12.", 1200, ""),
        ("CRC 5.00", 500, "CRC"), ("12.-", 1200, ""), ("GBP £12.00", 1200, "GBP"), ("5.00 pounds", 500, "GBP"),
    ],
)  # fmt: skip
def test_one_cell(text, minor, currency):
    read = money(text)
    assert (read.minor.tolist(), read.currency.tolist(), read.problem.tolist()) == ([minor], [currency], [""])


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "5%",
        "12 EUR 50",
        "1.2.3",
        "--5",
        "-5 CR",
        "1,23.4",
        "inf",
        "5 6",
        "1e400",
        "9" * 30,
        "1..5",
        "(5",
    ],
)
def test_what_is_no_amount_is_a_problem_not_a_zero(text):
    read = money(text, "1.50")
    assert read.minor.isna().tolist() == [True, False]
    assert read.problem.iloc[0]


def test_the_column_decides_what_a_single_mark_is():
    assert money("1.234", "5.50").minor.tolist() == [123, 550]
    assert money("1.234", "5,50").minor.tolist() == [123400, 550]
    assert money("1,234", "1,234,567").minor.tolist() == [123400, 123456700]
    assert money("1,234", decimal=",").minor.tolist() == [123]


@pytest.mark.parametrize("values", [("1.234",), ("1,234", "7"), ("1.234", "1.500,00", "1,500.00")])
def test_an_undecided_mark_is_an_error_that_asks(values):
    with pytest.raises(LedgerError, match=r"Amount.*'1[.,]234'.*decimal='\.' or decimal=','"):
        money(*values)


def test_a_cell_against_the_decimal_mark_of_the_column_is_a_problem():
    read = money(*["1.50"] * 40, "1,5")
    assert read.minor.isna().sum() == 1
    assert "another decimal mark" in read.problem.iloc[-1]


def test_surplus_digits_are_rounded_half_to_even_and_told():
    read = money("5752.389895131571", "0.125", "0.135", "1.00", decimal=".")
    assert read.minor.tolist() == [575239, 12, 14, 100]
    (finding,) = read.findings
    assert finding.n_rows == 3
    assert "+0.0001" in finding.text  # 0.000104868429 - 0.005 + 0.005


def test_digits_of_the_currency_are_kept():
    assert money("1500", digits=0).minor.tolist() == [1500]
    assert money("1.5005", "1500", "2.50", digits=pd.Series([3, 0, 2])).minor.tolist() == [1500, 1500, 250]


def test_digits_row_by_row_go_by_position():
    values = pd.Series(["1.5005", "1500"], index=[7, 9], dtype="str")
    read = parse_money(values, column="x", digits=pd.Series([3, 0], index=[7, 9]))
    assert read.minor.to_dict() == {7: 1500, 9: 1500}


@settings(deadline=None, max_examples=50)
@given(
    cells=st.lists(
        st.tuples(
            st.booleans(), st.text("0123456789", min_size=1, max_size=15), st.text("0123456789", max_size=30)
        ),
        min_size=1,
    ),
    digits=st.sampled_from([0, 2, 3]),
)
def test_any_number_of_digits_is_rounded_once(cells, digits):
    texts = [f"{'-' if is_negative else ''}{whole}.{decimals}" for is_negative, whole, decimals in cells]
    read = money(*texts, digits=digits, decimal=".")
    exact = Context(prec=100)
    assert read.minor.tolist() == [
        int(Decimal(t).scaleb(digits, exact).quantize(Decimal(1), ROUND_HALF_EVEN, exact)) for t in texts
    ]
    moved = sum(Fraction(int(m), 10**digits) - Fraction(t) for m, t in zip(read.minor, texts, strict=True))
    assert sum(f.amount_minor for f in read.findings) == round(moved * 10**digits)


def test_a_cell_as_long_as_a_page_is_no_amount():
    read = money("9" * 5000, "1." + "1" * 5000, "1.5", decimal=".")
    assert (read.problem != "").tolist() == [True, True, False]


def test_missing_stays_missing_and_a_dash_is_missing():
    read = money(None, "-", "1.00")
    assert read.minor.isna().tolist() == [True, True, False]
    assert (read.problem == "").all()
    assert "lone dash" in read.findings[0].text


def test_typed_columns_are_exact():
    assert money(1, 2**53 // 10, dtype="int64").minor.tolist() == [100, 2**53 // 10 * 100]
    assert money(Decimal("1.10"), None, dtype="object").minor.tolist() == [110, pd.NA]
    assert money(1.5, float("nan"), float("inf"), 1e300, dtype="float64").minor.isna().tolist() == [
        False,
        True,
        True,
        True,
    ]


def test_the_index_is_kept():
    read = parse_money(pd.Series(["1.5", "£2"], index=[7, 9], dtype="str"), column="x")
    for part in (read.minor, read.currency, read.problem):
        assert part.index.tolist() == [7, 9]


def test_currencies_by_code_symbol_and_name():
    assert [iso_currency(t) for t in ("gbp", "£", " Euro ", "US$", "kr", "")] == [
        "GBP",
        "GBP",
        "EUR",
        "USD",
        None,
        None,
    ]


@pytest.mark.parametrize("kind", ["float64", "int64", "Int64", "object"])
def test_typed_amounts_keep_their_rows_whatever_the_index(kind):
    values = pd.Series([100, 101, 102], index=[1, 2, 7]).astype(kind)
    read = parse_money(values, column="Amount")
    assert read.minor.to_dict() == {1: 10000, 2: 10100, 7: 10200}
    assert (read.problem == "").all()
