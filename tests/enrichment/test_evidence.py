"""What speaks for and against a candidate: expected values from paper."""

from __future__ import annotations

from datetime import date

import pytest

from payseg_widgets.enrichment.company import Company, CustomerRecord, PreviousName
from payseg_widgets.enrichment.evidence import FEATURES, feature_rows, pairs_of
from payseg_widgets.enrichment.evidence_words import sentences
from payseg_widgets.enrichment.frequencies import Frequencies, count_words, typical_frequencies
from payseg_widgets.enrichment.names import parse_name

FREQUENCIES = Frequencies(1000, {"PRINT": 100, "LABELS": 50})


def compared(customer, *companies):
    return pairs_of(customer, parse_name(customer.name), companies, FREQUENCIES)


def said(customer, *companies):
    return sentences(customer, compared(customer, *companies)[0])


@pytest.mark.parametrize(
    ("mine", "theirs", "agreement"),
    [
        ("LS1 1AA", "LS1 1AA", 4), ("ls11aa", "LS1 1AA", 4), ("LS1 2AB", "LS1 1AA", 3), ("LS9 1AA", "LS1 1AA",
        2), ("", "LS1 1AA", 1),
        ("LS1 1AA", "", 1), ("M1 1AA", "LS1 1AA", 0), ("nonsense", "LS1 1AA", 1), ("EC1A 1BB", "EC1V 1BB", 2),
        ("S1 1AA", "SE1 1AA", 0),
    ],
)  # fmt: skip
def test_postcodes_agree_wholly_by_district_by_area_or_not(mine, theirs, agreement):
    customer = CustomerRecord("1", "Acorn Print", postcode=mine)
    assert (
        compared(customer, Company("00000001", "ACORN PRINT LTD", postcode=theirs))[0].postcode == agreement
    )


def test_a_postcode_in_the_address_stands_in():
    customer = CustomerRecord("1", "Acorn Print", address="1 High Street, Leeds ls1 1aa")
    assert compared(customer, Company("00000001", "ACORN PRINT LTD", postcode="LS1 1AA"))[0].postcode == 4


def test_a_shared_rare_word_says_more_than_a_shared_common_one():
    pairs = compared(
        CustomerRecord("1", "Acorn Print"),
        Company("00000001", "ACORN LABELS"),
        Company("00000002", "BEECH PRINT"),
    )
    # ln 1000 = 6.91 nats for a word seen once, ln 10 = 2.30 for PRINT
    assert pairs[0].values["shared_information"] == pytest.approx(6.908, abs=0.01)
    assert pairs[1].values["shared_information"] == pytest.approx(2.303, abs=0.01)
    assert pairs[1].values["overlap_of_customer"] == pytest.approx(2.303 / 9.21, abs=0.01)


def test_companies_of_the_same_name_are_counted():
    twins = [Company("00000001", "ACORN PRINT LTD"), Company("00000002", "ACORN PRINT PLC")]
    pairs = compared(CustomerRecord("1", "Acorn Print Ltd"), *twins)
    assert [pair.values["n_same_core"] for pair in pairs] == [1, 1]
    assert (
        "1 other company has the same name" in sentences(CustomerRecord("1", "Acorn Print Ltd"), pairs[0])[1]
    )


def test_a_company_younger_than_the_first_invoice_is_ruled_out_and_no_rival():
    customer = CustomerRecord("1", "Acorn Print Ltd", first_invoice_on=date(2020, 1, 1))
    young = Company("00000001", "ACORN PRINT LTD", incorporated_on=date(2021, 5, 4))
    old = Company("00000002", "ACORN PRINT LTD", incorporated_on=date(2001, 5, 4))
    pairs = compared(customer, young, old)
    assert [pair.is_ruled_out for pair in pairs] == [True, False]
    assert pairs[1].values["n_same_core"] == 0
    assert (
        "incorporated on 04 May 2021, after the first invoice: ruled out" in sentences(customer, pairs[0])[1]
    )


@pytest.mark.parametrize(("until", "former"), [(date(2022, 1, 1), 1), (date(2015, 1, 1), 2), (None, 1)])
def test_a_former_name_counts_by_whether_it_was_valid_at_the_first_invoice(until, former):
    customer = CustomerRecord("1", "Acorn Print Ltd", first_invoice_on=date(2020, 1, 1))
    company = Company(
        "00000001", "BEECH LABELS LTD", previous_names=(PreviousName("ACORN PRINT LTD", None, until),)
    )
    (pair,) = compared(customer, company)
    assert (pair.is_former, pair.values["is_former_name"], pair.values["same_core"]) == (True, former, 1)


def test_a_company_dissolved_before_the_last_invoice_speaks_against():
    customer = CustomerRecord(
        "1", "Acorn Print Ltd", first_invoice_on=date(2020, 1, 1), last_invoice_on=date(2023, 1, 1)
    )
    company = Company("00000001", "ACORN PRINT LTD", dissolved_on=date(2021, 1, 1))
    (pair,) = compared(customer, company)
    assert pair.values["years_dissolved"] == pytest.approx(2, abs=0.01)
    assert "dissolved on 01 January 2021, before the last invoice" in said(customer, company)[1]


def test_legal_forms_agree_or_not_or_are_unknown():
    company = Company("00000001", "ACORN PRINT PLC")
    forms = [
        compared(CustomerRecord("1", f"Acorn Print {form}"), company)[0].values["same_form"]
        for form in ("plc", "Ltd", "")
    ]
    assert forms == [1, -1, 0]


def test_the_margin_is_the_distance_to_the_best_other():
    near, far = compared(
        CustomerRecord("1", "Acorn Print"),
        Company("00000001", "ACORN PRINT"),
        Company("00000002", "BEECH LABELS"),
    )
    assert near.values["margin"] == pytest.approx(-far.values["margin"])
    assert near.values["margin"] > 0.5


def test_every_feature_is_a_number_even_for_an_empty_name():
    rows = feature_rows(compared(CustomerRecord("1", ""), Company("00000001", "")))
    assert rows.shape == (1, len(FEATURES))
    assert (rows == rows).all()


def test_words_left_out_of_a_count_are_rare():
    counted = count_words(["ACORN PRINT", "BEECH PRINT"], at_least=2)
    assert counted.counts == {"PRINT": 2}
    assert counted.weight("ACORN") > counted.weight("PRINT")
    assert typical_frequencies().weight("ZEPHYRINE") > 3 * typical_frequencies().weight("SERVICES")


def test_no_repr_shows_a_name():
    (pair,) = compared(CustomerRecord("1", "Acorn Print"), Company("00000001", "ACORN PRINT"))
    assert repr(pair) == "Pair(00000001)"
