from __future__ import annotations

from collections import Counter

from payseg_widgets.enrichment.facts.countries import COUNTRY_CODES, COUNTRY_NAMES
from payseg_widgets.enrichment.facts.places import CUT, PLACES, REGION_ALIASES, UK_ALONE


def test_no_place_is_given_to_two_regions():
    names = Counter(
        name for listed in (*PLACES.values(), *REGION_ALIASES.values()) for name in set(listed.split("|"))
    )
    assert [name for name, n in names.items() if n > 1] == []
    assert not set(names) & (UK_ALONE | COUNTRY_NAMES)


def test_what_is_said_to_be_cut_is_a_place_that_is_known():
    known = {name for listed in (*PLACES.values(), *REGION_ALIASES.values()) for name in listed.split("|")}
    assert known >= CUT


def test_iso_knows_249_codes_of_which_four_are_british_or_of_the_crown():
    assert len(COUNTRY_CODES) == 249 - len({"GB", "JE", "GG", "IM"})
