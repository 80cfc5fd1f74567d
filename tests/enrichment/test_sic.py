from __future__ import annotations

import doctest

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.enrichment import sic as module
from payseg_widgets.enrichment.facts.sic_codes import DIVISIONS, SECTIONS
from payseg_widgets.enrichment.sic import sectors_of

KINDS = {
    "section", "dormant", "residents' property management", "non-trading", "public sector", "none supplied", "unknown",
}  # fmt: skip


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("cell", "section", "division", "codes"),
    [
        ("62020", "J", "62", ("62020",)),
        (62020, "J", "62", ("62020",)),
        (62020.0, "J", "62", ("62020",)),
        ("62020 - Information technology consultancy activities", "J", "62", ("62020",)),
        ("62020,\n84110", "J", "62", ("62020", "84110")),
        ("41100|68100|68209", "F", "41", ("41100", "68100", "68209")),
        ("58290; 59112", "J", "58", ("58290", "59112")),
        ("01110 - Growing of cereals (except rice), leguminous crops", "A", "01", ("01110",)),
        ("46900 - Non-specialised wholesale; 47110 - Retail, food", "G", "46", ("46900", "47110")),
        (1110, "A", "01", ("01110",)),
        ("9900", "B", "09", ("09900",)),
        ("62.02", "J", "62", ("6202",)),
        ("62.02/0", "J", "62", ("62020",)),
        ("01.11", "A", "", ("0111",)),  # a class of both: agriculture either way
        ("6202", "J", "62", ("6202",)),  # SIC 2003 had no group 62.0
        ("62", "J", "62", ("62",)),
        ("J62020", "J", "62", ("62020",)),
        ("SIC 2007: 62020", "J", "62", ("62020",)),
        (("62020", "70229"), "J", "62", ("62020", "70229")),
        ("1,\n84110", "O", "84", ("1", "84110")),
    ],
)
def test_codes_are_read_however_they_are_written(cell, section, division, codes):
    sector = sectors_of(cell)
    assert (sector.section, sector.division, sector.codes, sector.kind) == (
        section,
        division,
        codes,
        "section",
    )


@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("7222", "J"), ("7450", "N"), ("4521", "F"), ("5248", "G"), ("5271", "S"), ("8520", "M"), ("8511", "Q"), ("6330", "N"),
        ("6411", "H"), ("6420", "J"), ("7415", "K"), ("7411", "M"), ("2211", "J"), ("2222", "C"), ("3710", "E"), ("9211", "J"),
        ("9262", "R"), ("7481", "M"), ("7487", "N"), ("9001", "E"),
    ],
)  # fmt: skip
def test_four_digits_of_the_old_classification_go_where_most_of_them_went(code, section):
    sector = sectors_of(code)
    assert (sector.section, sector.scheme, sector.division) == (section, "SIC 2003", "")


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("99999", "dormant"), ("9999 - Dormant company", "dormant"), ("98000", "residents' property management"),
        ("9800", "residents' property management"), ("74990", "non-trading"), (7499, "non-trading"), ("1", "public sector"),
        ("None Supplied", "none supplied"), ("", "none supplied"), (None, "none supplied"), (float("nan"), "none supplied"),
        ((), "none supplied"), ("Retail, 24 hours", "unknown"), ("00000", "unknown"), ("34567", "unknown"), ("Blue", "unknown"),
    ],
)  # fmt: skip
def test_codes_that_name_no_activity_are_read_by_rule(cell, kind):
    sector = sectors_of(cell)
    assert (sector.kind, sector.section, sector.title, sector.is_informative) == (kind, "", kind, False)


@pytest.mark.parametrize("code", ["82990", "96090", "70229", "74909"])
def test_codes_for_whatever_fits_nowhere_else_are_flagged(code):
    assert sectors_of(code).section
    assert not sectors_of(code).is_informative
    assert sectors_of("70221").is_informative


def test_a_sector_in_words_is_read_by_section():
    for section, title in SECTIONS.items():
        assert (sectors_of(title).section, sectors_of(title.upper()).scheme) == (section, "words")
    assert [
        sectors_of(text).section
        for text in ("Hotels & Catering", "IT", "Farming", "Constrution", "F", "C - Manufacturing")
    ] == [*"IJAFFC"]


def test_what_cannot_be_read_is_kept():
    assert sectors_of("Blue chip").text == "Blue chip"


@given(
    st.lists(st.sampled_from(sorted(DIVISIONS)), min_size=1, max_size=4),
    st.sampled_from([",", ";", "\n", ", \n", "|"]),
    st.data(),
)
def test_the_first_of_several_codes_decides_and_all_are_kept(divisions, joint, data):
    codes = [d + data.draw(st.sampled_from(["110", "220", "311"])) for d in divisions]
    sector = sectors_of(joint.join(codes))
    assert (sector.codes, sector.division, sector.section) == (
        tuple(codes),
        divisions[0],
        DIVISIONS[divisions[0]][0],
    )
    assert sectors_of(joint.join(f"{code} - Some, text" for code in codes)).codes == sector.codes


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none()))
def test_any_cell_has_a_kind(cell):
    sector = sectors_of(cell)
    assert sector.kind in KINDS
    assert (sector.section in SECTIONS) == (sector.kind == "section")


def test_every_code_of_the_classification_goes_to_its_section(real_data):
    table = pd.read_csv(real_data / "sic" / "sic2007_codes.csv", dtype="str")
    by_rule = {"99999": "dormant", "98000": "residents' property management", "74990": "non-trading"}
    for code, section in zip(table["sic_code"], table["section"], strict=True):
        for cell in (code, code.zfill(5), int(code), float(code)):
            sector = sectors_of(cell)
            assert (sector.kind, sector.section) == (
                (by_rule[code], "") if code in by_rule else ("section", section)
            ), cell
