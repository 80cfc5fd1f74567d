from __future__ import annotations

import doctest

import pytest

from payseg_widgets.enrichment import sector_names as module
from payseg_widgets.enrichment.facts.sic_codes import DIVISIONS
from payseg_widgets.enrichment.sector_names import section_named


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0


def test_titles_of_divisions_lead_to_their_section():
    assert [title for section, title in DIVISIONS.values() if section_named(title) != section] == []


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("Wholesale & retail trade; repair of motor vehicles and motorcycles", "G"),
        ("Human health and social work activities", "Q"),
        ("Professional, scientific & technical activities", "M"), ("Transport and Logistics", "H"), ("Public Sector", "O"),
        ("Manufacturng", "C"), ("Energy", "D"), ("Charities", "S"),
    ],
)  # fmt: skip
def test_sectors_in_words_as_people_write_them(text, section):
    assert section_named(text) == section


@pytest.mark.parametrize("text", ["Other", "Misc", "Key accounts", "", "Retired", "X", "AA"])
def test_what_is_no_sector_is_none(text):
    assert section_named(text) == ""
