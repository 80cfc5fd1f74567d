from __future__ import annotations

from payseg_widgets.enrichment.facts.areas import (
    AREA_REGION,
    AREAS,
    DISTRICT_REGION,
    DISTRICTS,
    REGION_CODES,
    STRADDLING,
)


def area_of(district: str) -> str:
    return district.rstrip("0123456789")


def test_the_124_areas_stand_there_once_each():
    listed = [area for areas in AREAS.values() for area in areas.split()]
    assert len(listed) == len(AREA_REGION) == 124


def test_regions_have_the_codes_of_the_office_for_national_statistics():
    itl1 = [code for code, _ in REGION_CODES.values()]
    assert itl1 == [f"TL{letter}" for letter in "CDEFGHIJKLMN"]  # in the order of the codes, north to south
    assert [ons for _, ons in REGION_CODES.values()][:9] == [f"E1200000{i}" for i in range(1, 10)]


def test_a_district_is_an_exception_to_its_own_area_and_stands_there_once():
    listed = [district for districts in DISTRICTS.values() for district in districts.split()]
    assert len(listed) == len(DISTRICT_REGION)
    assert [d for d, region in DISTRICT_REGION.items() if AREA_REGION[area_of(d)] == region] == []


def test_a_straddling_district_names_other_regions_than_its_own():
    for district, (percent, others) in STRADDLING.items():
        own = DISTRICT_REGION.get(district, AREA_REGION[area_of(district)])
        assert own not in others, district
        assert set(others) <= set(REGION_CODES), district
        assert 50 <= percent < 100, district
