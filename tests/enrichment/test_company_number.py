from __future__ import annotations

import doctest

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payseg_widgets.enrichment import company_number as module
from payseg_widgets.enrichment.company_number import clean_company_number, clean_vat_number

anything = st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans())
prefixed = st.builds(
    "{}{:06d}".format, st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2), st.integers(1, 999_998)
).filter(lambda number: not number.startswith("GB"))
numbers = st.one_of(st.integers(1_000, 99_999_998).map("{:08d}".format), prefixed)


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("00977250", "00977250"),
        ("977250", "00977250"),
        (977250, "00977250"),
        (977250.0, "00977250"),
        ("977250.0", "00977250"),
        (" 0097 7250 ", "00977250"),
        ("0000977250", "00977250"),  # an accounting system's ten digits
        ("1,234,567", "01234567"),
        ("sc123456", "SC123456"),
        ("S.C. 12345", "SC012345"),
        ("NI-12345", "NI012345"),
        ("oc300001", "OC300001"),
        ("SO300001", "SO300001"),
        ("NC000123", "NC000123"),
        ("R0000123", "R0000123"),
        ("IP1234R", "IP01234R"),
        ("IP30336R", "IP30336R"),
        ("SP1234RS", "SP1234RS"),
        ("RC000123", "RC000123"),
        ("BR012345", "BR012345"),
        ("FC012345", "FC012345"),
        ("RS007853", "RS007853"),
        ("OE012345", "OE012345"),
        ("QX000001", "QX000001"),  # a prefix nobody has seen yet
        ("NO000123", "NO000123"),  # a prefix, not the word
        ("No. 1234567", "01234567"),
        ("Company Number: 1234567", "01234567"),
        ("Registered in England and Wales No. 01234567", "01234567"),
        ("CRN01234567", "01234567"),
        ("0012\u00a03456", "00123456"),
        ("00000006", "00000006"),  # padded, hence meant
    ],
)
def test_a_number_comes_out_as_the_register_has_it(written, number):
    assert clean_company_number(written) == number


@pytest.mark.parametrize(
    "junk",
    [
        "", " ", "0", 0, 0.0, "00000000", "SC000000", "99999999", "N/A", "n/a", "none", "unknown", "-", "TBC", "12", 7,
        "123456789", "GB123456", "GB123456789", "SW1A 1AA", "020 7946 0958", 977250.5, "9.77E+05", None, float("nan"),
        pd.NA, "Acme Limited", "12345678X", "١٢٣٤٥٦٧٨",
    ],
)  # fmt: skip
def test_junk_is_no_number(junk):
    assert clean_company_number(junk) is None


@given(anything)
def test_any_cell_gives_eight_characters_or_nothing(cell):
    number = clean_company_number(cell)
    assert number is None or (len(number) == 8 and number.isascii() and number == number.upper())
    assert number is None or clean_company_number(number) == number


@given(
    numbers,
    st.sampled_from([str.lower, lambda n: f" {n} ", lambda n: f"{n[:2]} {n[2:]}", lambda n: f"{n}.0"]),
)
def test_a_register_s_number_survives_how_it_is_written(number, write):
    assume(
        number[:2] not in ("CO", "IN", "NO", "UK")
    )  # with a blank behind, words before a number: "No 123456"
    assert clean_company_number(write(number)) == number


@given(st.integers(1_000, 99_999_998))
def test_zeros_lost_by_a_spreadsheet_come_back(number):
    assert clean_company_number(number) == clean_company_number(float(number)) == f"{number:08d}"


def test_numbers_of_real_registers_stay_as_they_are(real_data):
    table = pd.read_csv(real_data / "uk_suppliers" / "suppliers_ch_enriched.csv", dtype="str")
    written = table["company_number"].dropna()
    assert written.map(clean_company_number).tolist() == written.tolist()


def check_digits(seven: int, offset: int) -> str:
    """Return nine digits whose last two are right: HMRC's weights 8 to 2, modulus 97, 55 more since 2009."""
    total = offset + sum((8 - i) * int(digit) for i, digit in enumerate(f"{seven:07d}"))
    return f"{seven:07d}{-total % 97:02d}"


@given(
    st.integers(1, 9_999_999),
    st.sampled_from([0, 55]),
    st.sampled_from(["", "GB", "gb ", "VAT No. GB", "XI"]),
)
def test_a_vat_number_with_right_check_digits_is_kept(seven, offset, prefix):
    digits = check_digits(seven, offset)
    assert clean_vat_number(prefix + digits) == f"GB{digits}"
    assert clean_vat_number(f"{prefix}{digits[:3]} {digits[3:7]} {digits[7:]} 001") == f"GB{digits}"


@given(st.integers(1, 9_999_999), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_of_a_vat_number_is_found(seven, at, by):
    digits = check_digits(seven, 0)
    wrong = digits[:at] + str((int(digits[at]) + by) % 10) + digits[at + 1 :]
    other = {check_digits(int(wrong[:7]), offset) for offset in (0, 55)}
    assert clean_vat_number(wrong) == (f"GB{wrong}" if wrong in other else None)


@given(anything)
def test_any_cell_gives_a_vat_number_or_nothing(cell):
    number = clean_vat_number(cell)
    assert number is None or clean_vat_number(number) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [("GBGD123", "GBGD123"), ("gb ha 599", "GBHA599"), ("DE123456789", None), ("000000000", None)],
)
def test_departments_have_their_own_and_other_countries_none(written, number):
    assert clean_vat_number(written) == number
