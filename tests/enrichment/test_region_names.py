from __future__ import annotations

import doctest

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.enrichment import region_names as module
from payseg_widgets.enrichment.facts.places import PLACES
from payseg_widgets.enrichment.region_names import read_region
from payseg_widgets.enrichment.regions import REGION_CLASSES, REGIONS, region_of

NAMES = {name: region for region, listed in PLACES.items() for name in listed.split("|") if len(name) >= 6}


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_s_own_name_is_read_whatever_its_case(region):
    for text in (region, region.upper(), f" {region}. ", region.replace(" and ", " & ")):
        assert (read_region(text).region, read_region(text).how, read_region(text).is_uk) == (
            region,
            "region",
            True,
        )


@pytest.mark.parametrize(
    ("text", "region", "how"),
    [
        ("Yorks & Humber", "Yorkshire and The Humber", "region"), ("NW", "North West", "region"),
        ("Gtr London", "London", "region"),
        ("Lancs", "North West", "place"), ("Tyne & Wear", "North East", "place"), ("CO. DOWN", "Northern Ireland", "place"),
        ("Accrington, Lancs", "North West", "part"), ("Northwich  Cheshire", "North West", "part"),
        ("Preston Lancashire", "North West", "part"),
        ("NR CHORLEY LANCS", "North West", "part"), ("Leeds, England", "Yorkshire and The Humber", "part"),
        ("Surrey.", "South East", "place"),
        ("Sommerset", "South West", "spelling"), ("Meseyside", "North West", "spelling"),
        ("Sourth Yorkshire", "Yorkshire and The Humber", "spelling"),
        ("Tunbidge Wells", "South East", "spelling"), ("Isle of Man", "Crown Dependencies", "place"),
        ("Ireland", "foreign", "country"),
        ("London, Ontario", "foreign", "country"), ("Côte d'Ivoire", "foreign", "country"),
        ("New South Wales", "foreign", "country"),
        ("England", "unknown", "not said"), ("UK", "unknown", "not said"), ("Midlands", "unknown", "not said"),
        ("N/A", "unknown", "blank"),
        ("", "unknown", "blank"), (None, "unknown", "blank"), ("c/o Sarah Lawrence", "unknown", "unread"),
        ("Territory 7", "unknown", "unread"),
        ("Hexfordshire", "unknown", "unread"),  # one letter from Hertfordshire, one from Herefordshire
    ],
)  # fmt: skip
def test_free_text_is_read_and_how_is_said(text, region, how):
    found = read_region(text)
    assert (found.region, found.how, found.text) == (region, how, "" if text is None else text)


@pytest.mark.parametrize(
    ("text", "is_uk"),
    [("UK", True), ("England", True), ("France", False), ("Jersey", False), ("Zone 3", None)],
)
def test_whether_it_is_the_uk_is_said_where_the_text_says_it(text, is_uk):
    assert read_region(text).is_uk is is_uk


def test_in_a_column_of_countries_two_letters_are_a_country():
    assert (read_region("NE").region, read_region("NE", is_country=True).region) == ("North East", "foreign")
    assert read_region("NA", is_country=True).name == "Namibia"
    assert read_region("GB", is_country=True).how == "not said"
    assert read_region("Scotland", is_country=True).region == "Scotland"
    assert read_region("NI", is_country=True).how == "unread"  # Nicaragua or Northern Ireland


def test_a_county_that_has_lost_boroughs_to_london_is_marked():
    assert read_region("Surrey").is_cut
    assert not read_region("Cornwall").is_cut


@given(st.sampled_from(sorted(NAMES)), st.data())
def test_one_slip_of_the_pen_never_gives_another_region(name, data):
    at = data.draw(st.integers(0, len(name) - 2))
    slip = data.draw(
        st.sampled_from(
            [
                name[:at] + name[at + 1 :],
                name[: at + 1] + name[at:],
                name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            ]
        )
    )
    known = {key for key, region in NAMES.items() if key in slip.split() or key == slip}
    assert read_region(slip).region in {NAMES[name], "unknown", *(NAMES[key] for key in known)}


@given(st.text())
def test_any_text_has_a_class_and_is_kept(text):
    found = read_region(text)
    assert found.region in REGION_CLASSES
    assert found.text == text.strip()
    assert (found.region == "unknown") == (found.how in ("blank", "unread", "not said"))


def test_every_spelling_of_a_real_file_is_read_and_mostly_as_its_postcode_says(real_data):
    table = pd.read_csv(real_data / "uk_suppliers" / "suppliers_ch_enriched.csv", dtype="str")
    table = table.dropna(subset=["region", "postal_code"])
    texts = [read_region(text) for text in table["region"]]
    assert not any(text.how == "unread" for text in texts)
    pairs = [(t.region, region_of(code).region) for t, code in zip(texts, table["postal_code"], strict=True)]
    known = [(said, true) for said, true in pairs if said != "unknown"]
    assert sum(said == true for said, true in known) / len(known) > 0.97
