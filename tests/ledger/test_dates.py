from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.dates import parse_dates

DATA = Path(__file__).parents[3] / "shared" / "data"


def text(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def read(*values: str | None, **options: object):
    return parse_dates({"issued_on": text(*values)}, **options)["issued_on"]


def days(parsed) -> list[str | None]:
    return [None if pd.isna(v) else f"{v:%Y-%m-%d}" for v in parsed.values]


EXCEL_ZERO = date(1899, 12, 30)
LAYOUTS = {
    "iso": lambda d: f"{d:%Y-%m-%d}",
    "iso with time": lambda d: f"{d:%Y-%m-%d}T23:59:59.123Z",
    "iso with offset": lambda d: f"{d:%Y-%m-%d} 00:30:00+05:30",
    "y/m/d": lambda d: f"{d.year}/{d.month}/{d.day}",
    "d/m/y": lambda d: f"{d:%d/%m/%Y}",
    "d.m.y unpadded": lambda d: f"{d.day}.{d.month}.{d.year}",
    "m/d/y": lambda d: f"{d:%m/%d/%Y}",
    "m-d-y unpadded, time": lambda d: f"{d.month}-{d.day}-{d.year} 1:05 PM",
    "d m y": lambda d: f"{d:%d %m %Y}",
    "d/m/yy": lambda d: f"{d:%d/%m/%y}",
    "m/d/yy": lambda d: f"{d.month}/{d.day}/{d:%y}",
    "compact": lambda d: f"{d:%Y%m%d}",
    "name": lambda d: f"{d.day} {d:%b %Y}",
    "name first": lambda d: f"{d:%B} {d.day}, {d.year}",
    "oracle": lambda d: f"{d:%d-%b-%y}".upper(),
    "weekday": lambda d: f"{d:%a, %d %b %Y}",
    "serial": lambda d: str((d - EXCEL_ZERO).days),
    "serial with time": lambda d: f"{(d - EXCEL_ZERO).days}.75",
}
plausible = st.dates(date(1990, 1, 1), date(2070, 12, 31))


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(deadline=None, max_examples=20)
@given(
    dates=st.lists(plausible, min_size=1, max_size=30),
    deciding=st.dates(date(2024, 1, 13), date(2024, 1, 31)),
)
def test_every_layout_of_a_decidable_column_reads_back(layout, dates, deciding):
    written = [LAYOUTS[layout](d) for d in [*dates, deciding]]
    parsed = read(*written)
    assert days(parsed) == [str(d) for d in [*dates, deciding]]
    assert (parsed.problem == "").all()
    assert parsed.values.dtype == "datetime64[s]"


@settings(deadline=None, max_examples=25)
@given(cells=st.lists(st.text("0123456789/-. :TZJanfebAM,", max_size=20)))
def test_any_text_is_a_date_missing_or_a_problem(cells):
    parsed = read(*cells, dayfirst=True)
    told = "".join(f.text for f in parsed.findings)
    for value, problem, cell in zip(parsed.values, parsed.problem, cells, strict=True):
        assert pd.isna(value) or not problem
        if pd.isna(value) and not problem and cell.strip():
            assert "placeholder" in told


def test_two_swappable_dates_with_nothing_to_decide_are_an_error():
    with pytest.raises(LedgerError, match=r"'Invoice Date'.*'03/04/2024'.*dayfirst=True or dayfirst=False"):
        parse_dates(
            {"issued_on": text("05/05/2024", "03/04/2024")}, source_names={"issued_on": "Invoice Date"}
        )
    assert days(read("03/04/2024", dayfirst=True)) == ["2024-04-03"]
    assert days(read("03/04/2024", dayfirst=False)) == ["2024-03-04"]


def test_dates_that_are_the_same_either_way_need_no_decision():
    assert days(read("05/05/2024", "1/1/2024")) == ["2024-05-05", "2024-01-01"]


def test_the_layout_is_named():
    assert read("1/31/2024", "2/2/2024").layout == "month/day/year"
    assert read("31.1.2024", "2.2.2024", "3.2.2024").layout == "day.month.year"
    assert read("2024-01-31").layout == "year-month-day"


def test_the_order_of_dates_decides():
    columns = {"issued_on": text("01/02/2024", "03/04/2024"), "due_on": text("02/01/2024", "04/03/2024")}
    parsed = parse_dates(columns, order=[("issued_on", "due_on")])
    assert days(parsed["issued_on"]) == ["2024-01-02", "2024-03-04"]
    assert days(parsed["due_on"]) == ["2024-02-01", "2024-04-03"]


def test_a_typed_column_helps_to_decide():
    due = pd.Series(pd.to_datetime(["2024-02-20", "2024-03-20"]))
    parsed = parse_dates({"i": text("01/04/2024", "02/06/2024"), "d": due}, order=[("i", "d")])
    assert days(parsed["i"]) == ["2024-01-04", "2024-02-06"]


def test_implausibly_long_terms_count_against_an_order():
    due = text("2024-12-31", "2024-12-24")
    parsed = parse_dates({"i": text("01/12/2024", "02/12/2024"), "d": due}, order=[("i", "d")])
    assert days(parsed["i"]) == ["2024-12-01", "2024-12-02"]


def test_the_other_columns_decide():
    parsed = parse_dates({"issued_on": text("31/01/2024"), "due_on": text("01/02/2024")})
    assert days(parsed["due_on"]) == ["2024-02-01"]


def test_evidence_in_the_column_beats_dayfirst():
    assert days(read("1/31/2024", "1/2/2024", dayfirst=True)) == ["2024-01-31", "2024-01-02"]


def test_separators_are_decided_one_by_one():
    assert days(read("31/01/2024", "01/02/2024", "01-31-2024", "02-01-2024")) == [
        "2024-01-31", "2024-02-01", "2024-01-31", "2024-02-01",
    ]  # fmt: skip


def test_two_layouts_under_one_separator_are_each_read_their_own_way():
    mixed = ("31/01/2024", "01/31/2024")
    assert days(read(*mixed)) == ["2024-01-31", "2024-01-31"]
    with pytest.raises(LedgerError, match="both layouts"):
        read(*mixed, "03/04/2024")
    assert days(read(*mixed, "03/04/2024", dayfirst=True))[2] == "2024-04-03"
    columns = {"i": text(*mixed, "03/04/2024"), "d": text("2024-02-28", "2024-02-28", "2024-03-20")}
    assert days(parse_dates(columns, order=[("i", "d")])["i"])[2] == "2024-03-04"


@pytest.mark.parametrize(
    "cell",
    [
        "1900-01-01",
        "30/12/1899",
        "1970-01-01 00:00:00",
        "9999-12-31",
        "31.12.2999",
        "0000-00-00",
        "00/00/0000",
        "00/01/1900",
        "0",
    ],
)
def test_placeholders_are_missing_with_a_finding(cell):
    parsed = read(cell, "2024-01-31")
    assert days(parsed) == [None, "2024-01-31"]
    assert (parsed.problem == "").all()
    assert "placeholder" in parsed.findings[-1].text


@pytest.mark.parametrize(
    ("cell", "problem"),
    [("soon", "not a date"), ("31/02/2024", "no such day"), ("2024-02-30", "no such day"), ("0202-01-31", "a year before 1980"),
     ("2101-01-01", "after 2100"), ("1706659200", "not a date"), ("13/13/2024", "no such day"),
     ("31/01-2024", "not a date"), ("2024-01", "not a date")],
)  # fmt: skip
def test_what_cannot_be_a_date_is_a_problem(cell, problem):
    parsed = read(cell)
    assert problem in parsed.problem.iloc[0]
    assert parsed.values.isna().all()


def test_two_digit_years_may_come_first():
    assert days(read("22-01-31", "23-02-15", "22-11-30", "24-03-03", "22-05-01"))[:2] == [
        "2022-01-31",
        "2023-02-15",
    ]
    assert days(read("99-12-31")) == ["1999-12-31"]


def test_typed_columns_pass_through():
    moments = pd.Series(pd.to_datetime(["2024-01-31 23:00", "2024-02-01 00:00"]).tz_localize("Asia/Tokyo"))
    assert days(parse_dates({"a": moments})["a"]) == ["2024-01-31", "2024-02-01"]
    assert days(parse_dates({"a": pd.Series([45322, 45323])})["a"]) == ["2024-01-31", "2024-02-01"]
    assert days(parse_dates({"a": pd.Series([45322.5, np.nan])})["a"]) == ["2024-01-31", None]
    assert days(parse_dates({"a": pd.Series([20240131.0])})["a"]) == ["2024-01-31"]


def test_the_index_and_an_empty_column_are_kept():
    parsed = parse_dates(
        {"a": pd.Series([None, None], index=[4, 5], dtype="str"), "b": pd.Series([], dtype="str")}
    )
    assert parsed["a"].values.index.tolist() == [4, 5]
    assert parsed["a"].layout == "no dates"
    assert len(parsed["b"].values) == 0


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(st.dates(date(2015, 1, 1), date(2025, 1, 1)), st.integers(1, 90)), min_size=20, max_size=60
    ),
    st.booleans(),
)
def test_a_real_ledger_is_never_read_in_the_wrong_order(rows, dayfirst):
    layout = "%d/%m/%Y" if dayfirst else "%m/%d/%Y"
    issued, due = [i for i, _ in rows], [i + timedelta(n) for i, n in rows]
    columns = {
        "i": text(*(i.strftime(layout) for i in issued)),
        "d": text(*(d.strftime(layout) for d in due)),
    }
    try:
        parsed = parse_dates(columns, order=[("i", "d")])
    except LedgerError:
        return
    assert days(parsed["i"]) == [str(i) for i in issued]
    assert days(parsed["d"]) == [str(d) for d in due]


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is absent in a fresh clone")
def test_the_ibm_dates_are_month_first():
    frame = pd.read_csv(DATA / "ibm_ar" / "accounts_receivable.csv", dtype="str")
    parsed = parse_dates({c: frame[c] for c in ("InvoiceDate", "DueDate", "SettledDate")})
    assert {p.layout for p in parsed.values()} == {"month/day/year"}
    late = (parsed["SettledDate"].values - parsed["DueDate"].values).dt.days
    assert round(late.mean(), 2) == -3.56
    pd.testing.assert_series_equal(
        parsed["DueDate"].values,
        pd.to_datetime(frame["DueDate"], format="%m/%d/%Y").astype("datetime64[s]"),
        check_names=False,
    )
