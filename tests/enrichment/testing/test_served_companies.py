"""The simulated register answers as the facts say, and what it sends is read back as what went in."""

import dataclasses
from datetime import date

import pytest

from payseg_widgets.enrichment.client.records import read_companies, read_company
from payseg_widgets.enrichment.company import Company, PreviousName
from payseg_widgets.enrichment.testing.served import ServedRegister

ACORN = Company(
    "01234567",
    "ACORN BAKERY LIMITED",
    "active",
    "ltd",
    date(2001, 2, 3),
    address="12 High Street, Leeds",
    postcode="LS1 4DY",
    country="England",
    sic_codes=("10710", "47240"),
    previous_names=(PreviousName("OAK MILLS LIMITED", date(2001, 2, 3), date(2010, 5, 6)),),
)
ENDED = Company(
    "SC000042",
    "ACORN TOWERS LTD",
    "dissolved",
    "ltd",
    date(1970, 1, 1),
    date(1999, 1, 1),
    "Castle Hill, Perth",
)


@pytest.fixture
def small():
    return ServedRegister([ACORN, ENDED], today=date(2026, 1, 1))


def test_a_profile_is_read_back_as_the_company(small):
    assert read_company(small.answer("/company/01234567", {}).content) == ACORN
    assert small.answer("/company/00000000", {}).status == 404


def test_the_advanced_search_wants_every_word_in_the_current_name(small):
    def found(**query):
        answer = small.answer("/advanced-search/companies", query)
        return (
            [each.number for each in read_companies(answer.content)]
            if answer.status == 200
            else answer.status
        )

    assert found(company_name_includes="bakery acorn") == ["01234567"]
    assert found(company_name_includes="ACORN") == ["01234567", "SC000042"]
    assert found(company_name_includes="ACORN MILLS") == 404
    assert found(company_name_includes="OAK") == 404  # a previous name
    assert found(company_name_includes="ACORNS") == 404  # no forgiveness
    assert found(company_name_includes="ACORN", company_name_excludes="towers") == ["01234567"]
    assert found(company_name_includes="ACORN", incorporated_from="2001-01-01") == ["01234567"]
    assert found(company_name_includes="ACORN", sic_codes="10710,99999", company_status="active") == [
        "01234567"
    ]
    assert found(company_name_includes="ACORN", dissolved_to="2000-01-01") == ["SC000042"]
    assert found(company_name_includes="ACORN", location="perth") == ["SC000042"]
    assert found(company_name_includes="ACORN", shoe_size="44") == ["01234567", "SC000042"]  # ignored
    assert found(incorporated_from="yesterday") == 400
    assert found(size="0") == found(size="5001") == 422


def test_no_hits_have_an_empty_body(small):
    answer = small.answer("/advanced-search/companies", {"company_name_includes": "ZEBRA"})
    assert (answer.status, answer.body()) == (404, b"")


def test_an_advanced_hit_holds_all_but_previous_names(small):
    answer = small.answer("/advanced-search/companies", {"company_name_includes": "BAKERY"})
    assert read_companies(answer.content) == [dataclasses.replace(ACORN, previous_names=())]


def test_the_search_by_relevance_forgives_and_knows_previous_names(small):
    for text in ("OAK MILLS", "OAK MILS"):
        hit = read_companies(small.answer("/search/companies", {"q": text}).content)[0]
        assert hit == dataclasses.replace(
            ACORN, sic_codes=(), previous_names=(PreviousName("OAK MILLS LIMITED"),)
        )
    assert small.answer("/search/companies", {"q": "ZEBRA"}).content["total_results"] == 0


def test_pages_are_of_100_at_most_and_end_at_1000(small):
    content = small.answer("/search/companies", {"q": "ACORN", "items_per_page": "200"}).content
    assert (content["items_per_page"], content["page_number"]) == (100, 1)
    beyond = small.answer("/search/companies", {"q": "ACORN", "items_per_page": "200", "start_index": "901"})
    assert (beyond.status, beyond.body()) == (416, b"")
    assert (
        small.answer(
            "/search/companies", {"q": "ACORN", "items_per_page": "200", "start_index": "900"}
        ).status
        == 200
    )


def test_totals_saturate():
    many = ServedRegister([Company(f"{k:08d}", f"ACORN {k}") for k in range(1, 10_102)])
    assert many.answer("/search/companies", {"q": "ACORN"}).content["total_results"] == 10_000
    assert (
        many.answer("/advanced-search/companies", {"company_name_includes": "ACORN"}).content["hits"]
        == 10_000
    )


def test_the_other_searches_answer_and_refuse_other_sizes(small):
    alphabetical = small.answer("/alphabetical-search/companies", {"q": "acorn t"}).content
    assert alphabetical["top_hit"]["company_name"] == "ACORN TOWERS LTD"
    assert [each["company_number"] for each in alphabetical["items"]] == ["01234567", "SC000042"]
    dissolved = small.answer(
        "/dissolved-search/companies", {"q": "acorn", "search_type": "best-match"}
    ).content
    assert [each["company_number"] for each in dissolved["items"]] == ["SC000042"]
    assert "registered_office_address" not in dissolved["items"][0]  # more than 20 years ago
    for path in ("/alphabetical-search/companies", "/dissolved-search/companies"):
        assert small.answer(path, {"q": "acorn", "size": "101"}).status == 422
    assert small.answer("/officers", {}).status == 404
