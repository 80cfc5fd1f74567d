from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.enrichment import regions as module
from payseg_widgets.enrichment.regions import REGION_CLASSES, REGIONS, region_of
from payseg_widgets.ledger.dirty_names import postcodes
from payseg_widgets.ledger.simulate_world import REGION_DAYS


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0


def test_regions_are_named_as_the_ledger_names_them():
    assert sorted(REGION_DAYS) == list(REGIONS)


@given(st.integers(0, 2**32 - 1), st.sampled_from(REGIONS))
def test_the_simulator_s_postcodes_lie_where_it_put_them(seed, region):
    (code,) = postcodes(np.random.default_rng(seed), np.array([region]))
    assert region_of(code).region == region


@pytest.mark.parametrize(
    ("postcode", "region"),
    [
        ("TD15 1AA", "North East"),  # Berwick, of an area named after a Scottish river
        ("DL10 4AA", "Yorkshire and The Humber"), ("OL14 5AA", "Yorkshire and The Humber"), ("CH7 1AA", "Wales"),
        ("SY23 1AA", "Wales"), ("DE14 1AA", "West Midlands"), ("S41 1AA", "East Midlands"), ("MK40 1AA", "East of England"),
        ("EN1 1AA", "London"), ("EN6 1AA", "East of England"), ("KT1 1AA", "London"), ("KT22 1AA", "South East"),
        ("BH24 1AA", "South East"), ("BT1 1AA", "Northern Ireland"), ("JE2 3AB", "Crown Dependencies"),
        ("BFPO 58", "non-geographic"),
        ("GIR 0AA", "non-geographic"), ("GX11 1AA", "foreign"), ("Paris", "unknown"), (None, "unknown"), ("ZE1", "Scotland"),
    ],
)  # fmt: skip
def test_every_postcode_has_a_class(postcode, region):
    place = region_of(postcode)
    assert place.region == region
    assert place.region in REGION_CLASSES
    assert (place.share == 0) == (region == "unknown")


def test_a_district_cut_by_a_border_says_so_with_its_share():
    place = region_of("SY13 1AA")
    assert (place.region, place.straddles, place.others) == ("West Midlands", True, ("North West", "Wales"))
    assert 0.5 <= place.share < 1
    assert not region_of("LS1 1AA").straddles


@given(st.text())
def test_any_text_has_a_class_and_a_share(text):
    place = region_of(text)
    assert place.region in REGION_CLASSES
    assert 0 <= place.share <= 1


def test_districts_agree_with_the_reference_and_straddling_ones_are_flagged(real_data):
    table = pd.read_csv(real_data / "regions" / "outcode_itl1_recommended.csv", keep_default_na=False)
    places = [region_of(outcode) for outcode in table["outcode"]]
    agree = [place.region == region for place, region in zip(places, table["region"], strict=True)]
    assert np.mean(agree) >= 0.99
    assert not any(place.region == "unknown" for place in places)
    codes = zip(places, table["itl1"], strict=True)
    assert all(place.itl1 == itl1 for place, itl1 in codes if place.region in REGIONS)
    share = pd.to_numeric(table["primary_share"])
    assert all(place.straddles for place in np.array(places, dtype=object)[share.between(0, 0.999)])
