from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.segmentation.readable import roundest, written

spans = st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2).map(sorted)


@given(spans)
def test_the_round_number_lies_between_the_ends(span):
    low, high = span
    assert low <= roundest(low, high) <= high


@given(st.integers(-9999, 9999).filter(bool), st.integers(-6, 6))
def test_no_number_of_fewer_digits_was_passed_over(digits, exponent):
    value = float(f"{digits}e{exponent}")
    found = roundest(value - abs(value) * 1e-9, value + abs(value) * 1e-9)
    assert found == value


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.29, "ratio", "29 %"), (-3.5, "days", "-3.5 days"), (1.0, "days_per_year", "1 day a year"),
        (1234567.5, "money", "GBP 1,234,567.5"), (3.0, "count", "3"), (-0.0, "index", "0"), (1e-7, "index", "0.0000001"),
        (2e15, "money", "GBP 2,000,000,000,000,000"),
    ],
)  # fmt: skip
def test_a_value_is_written_in_full_with_its_unit(value, unit, text):
    assert written(value, unit, "GBP") == text


def test_an_unnamed_currency_is_not_named():
    assert written(5.0, "money", "XXX") == "5"
