from __future__ import annotations

from payseg_widgets.enrichment.facts.sic_codes import DIVISIONS, OLD_GROUPS, OLD_SECTIONS, SECTIONS, ZERO_LOST
from payseg_widgets.ledger.simulate_world import SECTOR_DAYS


def test_there_are_21_sections_and_88_divisions():
    assert "".join(SECTIONS) == "ABCDEFGHIJKLMNOPQRSTU"
    assert len(DIVISIONS) == 88
    assert {section for section, _ in DIVISIONS.values()} == set(SECTIONS)


def test_sections_are_named_as_the_ledger_names_sectors():
    assert set(SECTOR_DAYS) <= set(SECTIONS.values())


def test_every_group_of_the_old_classification_went_somewhere():
    assert [group for group in OLD_GROUPS if not {group, group[:2]} & set(OLD_SECTIONS)] == []
    assert set(OLD_SECTIONS.values()) == set(SECTIONS)


def test_codes_that_lost_their_zero_are_of_divisions_1_to_9():
    assert all(f"0{code[0]}" in DIVISIONS and len(code) == 4 for code in ZERO_LOST)
