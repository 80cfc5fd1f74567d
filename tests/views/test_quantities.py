"""Values with their units."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.features.measure import UNITS
from payseg_widgets.ledger.amounts import amount
from payseg_widgets.ledger.schema import minor_digits
from payseg_widgets.views.quantities import quantity, shortened


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (12.34, "days", "12.3 days"), (-0.0, "days", "0 days"), (0.5, "ratio", "50%"), (1999.5, "money", "GBP 2,000"),
        (3, "count", "3"), (0.25, "per_year", "0.25 a year"), (math.nan, "money", "–"), (1e300, "count", "1e+300"),
    ],
)  # fmt: skip
def test_a_value_is_written_with_its_unit(value, unit, written):
    assert quantity(value, unit, "GBP") == written


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (9.32e-06, "GBP", "GBP 0"), (-0.3, "GBP", "GBP 0"), (14.9, "JPY", "JPY 15"), (64.2, "GBP", "GBP 0.64"),
        (1230, "GBP", "GBP 12.30"), (-1230, "GBP", "GBP -12.30"), (9999.7, "GBP", "GBP 100"), (12_345, "KWD", "KWD 12.345"),
        (10_050, "GBP", "GBP 100"), (math.nan, "GBP", "–"), (640, "XXX", "6.40"),
    ],
)  # fmt: skip
def test_an_amount_has_no_part_of_a_minor_unit(minor, currency, written):
    assert amount(minor, currency) == written


@given(st.integers(-(10**12), 10**12), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_an_amount_is_told_to_the_minor_unit_below_a_hundred_and_to_the_unit_above(minor, currency):
    unit = 10 ** minor_digits(currency)
    told = float(amount(minor, currency).removeprefix(f"{currency} ").replace(",", ""))
    assert abs(told * unit - minor) <= (unit / 2 if abs(minor) >= 100 * unit else 1e-6)


@given(st.floats(), st.sampled_from(UNITS))
def test_any_value_is_short(value, unit):
    assert 1 <= len(quantity(value, unit, "GBP")) <= 36


@given(st.text(), st.integers(2, 30))
def test_a_text_is_one_line_no_longer_than_asked(text, longest):
    short = shortened(text, longest)
    assert len(short) <= longest
    assert len(short.splitlines()) <= 1
    assert short == " ".join(text.split()) or short.endswith("…")


def test_a_text_of_a_million_characters_is_cut():
    assert shortened("x" * 1_000_000, 5) == "xxxx…"
    assert shortened(" " * 1_000_000 + "end", 5) == "…"
