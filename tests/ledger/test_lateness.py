import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.lateness import effective_due, is_late, parse_late_rule
from payseg_widgets.ledger.schema import LateRule

NEXT = "next_business_day"


def due(day, country):
    return str(effective_due([day], LateRule(NEXT, country=country))[0])


def test_due_on_a_saturday_and_paid_on_monday_is_late_only_by_the_calendar():
    assert is_late(["2024-06-03"], ["2024-06-01"], LateRule()).tolist() == [True]
    assert is_late(["2024-06-03"], ["2024-06-01"], LateRule(NEXT)).tolist() == [False]
    assert is_late(["2024-06-04"], ["2024-06-01"], LateRule(NEXT)).tolist() == [True]


def test_easter_2024_ends_on_tuesday_in_england_and_on_monday_in_scotland():
    assert due("2024-03-29", "GB-ENG") == "2024-04-02"  # Good Friday; Easter Monday is a bank holiday
    assert due("2024-03-29", "GB-SCT") == "2024-04-01"  # Good Friday; Easter Monday is not
    assert (
        due("2024-11-30", "GB-SCT") == "2024-12-03"
    )  # a Saturday; St Andrew's Day is made up for on Monday 2
    assert due("2024-11-30", "GB-ENG") == "2024-12-02"


def test_a_new_year_due_date_needs_the_holidays_of_the_next_year():
    assert (
        due("2022-12-31", "GB-ENG") == "2023-01-03"
    )  # Saturday, Sunday, the bank holiday on Monday 2 January


def test_grace_days_are_calendar_days_after_the_day_that_counts():
    paid, agreed = ["2024-06-05", "2024-06-06", "2024-06-07"], ["2024-06-01"] * 3
    assert is_late(paid, agreed, LateRule(grace_days=5)).tolist() == [False, False, True]
    assert is_late(paid, agreed, LateRule(NEXT, grace_days=2)).tolist() == [False, True, True]


def test_a_missing_day_is_never_late_and_stays_missing():
    rule = LateRule(NEXT)
    assert is_late(["NaT", "2024-06-03"], ["2024-06-01", "NaT"], rule).tolist() == [False, False]
    assert np.isnat(effective_due(["NaT"], rule)).all()
    assert len(effective_due(np.array([], dtype="datetime64[s]"), rule)) == 0


@given(
    st.lists(
        st.dates(min_value=np.datetime64("1990-01-01").item(), max_value=np.datetime64("2050-12-31").item())
    )
)
def test_the_next_business_day_is_a_weekday_at_most_a_long_holiday_away(days):
    agreed = np.array(days, dtype="datetime64[D]")
    counted = effective_due(agreed, LateRule(NEXT, country="GB-ENG"))
    assert np.is_busday(counted).all()
    assert ((counted >= agreed) & (counted - agreed <= np.timedelta64(5, "D"))).all()


def test_a_rule_is_parsed_from_its_parts_or_taken_as_it_is():
    assert parse_late_rule("due_date") == LateRule()
    assert parse_late_rule(NEXT, 3, "DE-BY") == LateRule(NEXT, 3, "DE-BY")
    assert parse_late_rule(LateRule(NEXT, 1)) == LateRule(NEXT, 1)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("due", 0, "GB"), "late_rule='due' is not a rule. There are: 'due_date', 'next_business_day'"),
        ((NEXT, -1, "GB"), "grace_days=-1 is not a number of days"),
        ((NEXT, 2.5, "GB"), "grace_days=2.5 is not a number of days"),
        ((NEXT, 0, "gb"), "no holidays are known for country 'gb'. Did you mean 'GB'"),
        ((NEXT, 0, "Atlantis"), "no holidays are known for country 'Atlantis'"),
        ((NEXT, 0, "GB-ZZ"), "has no part 'ZZ'. There are: GB-ENG, GB-NIR, GB-SCT, GB-WLS"),
    ],
)
def test_what_is_not_a_rule_is_an_error_that_says_what_there_is(parts, message):
    with pytest.raises(LedgerError, match=message):
        parse_late_rule(*parts)
