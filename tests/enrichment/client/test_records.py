"""Records become companies; nothing that the register may send makes that fail."""

import dataclasses
import json
from datetime import date
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.enrichment.client.faults import Fault, Reply, read_reply
from payseg_widgets.enrichment.client.records import read_companies, read_company
from payseg_widgets.enrichment.company import Company, PreviousName

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = [
    "company_number",
    "company_name",
    "title",
    "company_status",
    "company_type",
    "type",
    "date_of_creation",
]
FIELDS += ["date_of_cessation", "registered_office_address", "sic_codes", "previous_company_names", "snippet"]


def reply_of(recording):
    content = recording["content"]
    body = json.dumps(content["json"]) if "json" in content else content["content"]
    return Reply(recording["status_code"], recording["headers"], body.encode())


def test_every_recorded_reply_is_read(recordings):
    n_companies = 0
    for name, recording in recordings.items():
        if recording["status_code"] == 416:
            with pytest.raises(Fault, match="rejected"):
                read_reply(reply_of(recording))
            continue
        answer = read_reply(reply_of(recording))
        assert (answer is None) == (recording["status_code"] == 404), name
        path = urlsplit(recording["url"]).path
        if answer is None:
            continue
        if path.endswith("/companies"):
            companies = read_companies(answer)
            assert len(companies) == len(answer["items"]), name
            assert all(len(company.number) == 8 and company.name for company in companies)
            n_companies += len(companies)
        elif path.count("/") == 2 and path.startswith("/company/"):
            assert read_company(answer).name == answer["company_name"]
            n_companies += 1
    assert n_companies > 1_400


def test_a_recorded_profile_is_read_in_full(recordings):
    answer = read_reply(reply_of(recordings["company_get_data_0_7ef9c0b7.json"]))
    assert dataclasses.asdict(read_company(answer)) == dataclasses.asdict(
        Company(
            number="14200734",
            name="RELEASE.ART LIMITED",
            status="active",
            company_type="ltd",
            incorporated_on=date(2022, 6, 28),
            address="124 City Road, London",
            postcode="EC1V 2NX",
            country="United Kingdom",
            sic_codes=("62090",),
            previous_names=(PreviousName("R5E ART LIMITED", date(2022, 6, 28), date(2026, 1, 27)),),
        )
    )


def test_an_advanced_hit_says_the_same_but_for_previous_names(recordings):
    name = "advanced-search_companies_get_data_0_company_name_includes_release_art_limited_start_index_0_45444972.json"
    hits = read_companies(read_reply(reply_of(recordings[name])))
    profile = read_company(read_reply(reply_of(recordings["company_get_data_0_7ef9c0b7.json"])))
    assert hits == [dataclasses.replace(profile, previous_names=())]


def test_the_search_by_relevance_shows_the_previous_name_it_found(recordings):
    answer = read_reply(
        reply_of(
            recordings[
                "search_companies_get_data_0_items_per_page_200_q_r5e_art_limited_start_index_0_02317c7a.json"
            ]
        )
    )
    first = read_companies(answer)[0]
    assert (first.number, first.address, first.previous_names) == (
        "14200734",
        "124 City Road, London",
        (PreviousName("R5E ART LIMITED"),),
    )
    unknown_end = next(each for each in read_companies(answer) if each.number == "CS001698")
    assert (unknown_end.status, unknown_end.dissolved_on, unknown_end.address) == (
        "converted-closed",
        None,
        "",
    )


def test_unknown_words_of_the_register_survive():
    company = read_company(
        {"company_number": "01234567", "company_status": "hibernating", "company_type": "moon-colony"}
    )
    assert (company.status, company.company_type) == ("hibernating", "moon-colony")


def test_each_number_comes_once_and_records_without_one_not_at_all():
    hits = [
        {"company_number": "01234567", "title": "A"},
        {"title": "B"},
        None,
        {"company_number": "01234567", "title": "C"},
    ]
    assert [(each.number, each.name) for each in read_companies({"items": hits})] == [("01234567", "A")]


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON)
def test_no_record_makes_reading_fail(record):
    company = read_company(record)
    assert company is None or (company.number and isinstance(company.sic_codes, tuple))
    read_companies({"items": record})
