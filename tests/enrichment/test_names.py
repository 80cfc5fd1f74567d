"""Names as ledgers and registers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.enrichment.names import parse_name, parse_registered_name

SAME = [
    ("A.B.C. Engineering Co. Ltd.", "ABC ENGINEERING COMPANY LIMITED"),
    ("Smith Bros & Sons", "SMITH BROTHERS AND SONS LIMITED"),
    ("Müller Intl", "MULLER INTERNATIONAL LIMITED"),
    ("Northern Mfg Svcs Lmtd", "NORTHERN MANUFACTURING SERVICES LTD"),
    ("Caffi Cymru Cyf", "CAFFI CYMRU CYFYNGEDIG"),
    ("Cwmni Da C.C.C.", "CWMNI DA CCC"),
    ("The O'Brien Company", "OBRIEN CO LTD"),
    ("Process Instruments U.K. Ltd", "PROCESS INSTRUMENTS (UK) LIMITED"),
    ("A G S Heating", "A.G.S. HEATING LIMITED"),
    ("M & M IT", "M&M IT LTD"),
    ("St. Mary Street Café", "SAINT MARY ST CAFE LIMITED"),
    ("Wool Company Limited", "WOOL COMPANY LIMITED(THE)"),
    ("Acorn Limmited", "ACORN LIMITED"),
]


@pytest.mark.parametrize(("written", "registered"), SAME, ids=[written for written, _ in SAME])
def test_two_spellings_of_one_name_have_one_core(written, registered):
    assert parse_name(written).core == parse_registered_name(registered).core


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Acorn Limited", "LTD"), ("Acorn P.L.C.", "PLC"), ("Acorn public limited company", "PLC"),
        ("Acorn LLP", "LLP"),
        ("Acorn Limited Liability Partnership", "LLP"), ("Acorn C.I.C.", "CIC"), ("Acorn L.P.", "LP"),
        ("Acorn Cyf.", "LTD"),
        ("Acorn CCC", "PLC"), ("Acorn PAC", "LLP"), ("Acorn Ltd Limited", "LTD"), ("Acorn", ""), ("Acorn GmbH",
        "OTHER"),
    ],
)  # fmt: skip
def test_the_legal_form_is_told_and_cut_off(name, form):
    parsed = parse_name(name)
    assert (parsed.core, parsed.suffix_class) == ("ACORN", form)


@pytest.mark.parametrize(
    "name",
    [
        "1044 Acorn Print Ltd", "A/C 77: Acorn Print Ltd", "Acorn Print Ltd - Head Office",
        "Acorn Print Ltd (Branch 2)",
        "Acorn Print Ltd, Accounts Payable", "Acorn Print Ltd c/o Beech Agents Ltd", "Acorn Print Limited-Elections",
        "Acorn Print Ltd Manchester", "FAO Acorn Print Ltd".replace("FAO ", ""),
    ],
)  # fmt: skip
def test_what_a_clerk_adds_is_left_out(name):
    parsed = parse_name(name)
    assert (parsed.core, parsed.several) == ("ACORN PRINT", False)


@pytest.mark.parametrize("name", ["1610 Limited", "118 Limited", "2010 Ltd"])
def test_a_number_that_is_the_whole_name_stays(name):
    assert parse_name(name).core == name.split()[0]


def test_a_leading_number_may_belong_to_the_name():
    assert parse_name("1879 Events Management Ltd").readings == (
        "EVENTS MANAGEMENT",
        "1879 EVENTS MANAGEMENT",
    )


def test_a_place_behind_the_name_may_or_may_not_belong_to_it():
    assert parse_name("Acorn Print (Leeds)").readings == ("ACORN PRINT LEEDS", "ACORN PRINT")


@pytest.mark.parametrize("mark", [" T/A ", " t/a ", " trading as ", " T.A. ", " (t/a ", " T/A: "])
def test_the_trading_name_is_split_off(mark):
    parsed = parse_name(f"Beech Holdings Ltd{mark}The Pie Shop")
    assert (parsed.core, parsed.suffix_class, parsed.trading_as, parsed.several) == (
        "BEECH HOLDINGS",
        "LTD",
        "PIE SHOP",
        False,
    )


@pytest.mark.parametrize(
    "name",
    [
        "Acorn Print Ltd / Beech Labels Ltd", "Acorn Ltd & Beech Ltd", "Acorn Ltd, Beech PLC",
        "Acorn Ltd and Beech LLP",
        "Acorn Print; Beech Labels", "Acorn Print / Beech Labels", "ACORN LIMITED/BEECH LIMITED",
        "Acorn Ltd & The Beech Company",
    ],
)  # fmt: skip
def test_several_companies_in_one_string_are_noticed(name):
    assert parse_name(name).several


@pytest.mark.parametrize(
    "name", ["Acorn Ltd Limited", "Smith & Sons Ltd", "Acorn Ltd t/a Beech Ltd", "Heating/Plumbing Ltd"]
)
def test_one_company_is_not_taken_for_several(name):
    assert not parse_name(name).several


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Mr J Smith", "individual"), ("Dr Anna Jones", "individual"), ("Executors of John Smith", "individual"),
        ("Mr J Smith t/a Acorn Plumbing", "individual"), ("Dr Sunil Chopra Limited", ""),
        ("Fylde Borough Council", "public body"),
        ("Leeds NHS Trust", "public body"), ("HM Revenue & Customs", "public body"),
        ("Department for Transport", "public body"),
        ("NHS Property Services Ltd", ""), ("Council Cleaning Ltd", ""), ("Acorn Print", ""),
    ],
)  # fmt: skip
def test_people_and_public_bodies_are_told_from_companies(name, kind):
    assert parse_name(name).kind == kind


@given(st.text(max_size=60))
def test_any_text_is_read_and_reading_its_core_again_changes_nothing(text):
    core = parse_registered_name(text).core
    assert parse_registered_name(f"{core} LIMITED").core == core or not core
    parse_name(text)


@given(
    st.lists(
        st.sampled_from(["Acorn", "Bros", "&", "Zephyr", "Intl", "42", "J", "P", "Café"]),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.sampled_from(["Ltd", "LIMITED", "Cyf", "ltd."]), min_size=1, max_size=2),
    st.sampled_from([" ", "  ", ", "]),
)
def test_legal_form_case_and_spaces_do_not_matter(words, forms, gap):
    plain = " ".join(["Start", *words])
    assert (
        parse_registered_name(gap.join([plain.upper(), *forms])).core
        == parse_registered_name(plain.lower()).core
    )


def test_neither_repr_shows_a_name():
    assert "ACORN" not in repr(parse_name("Acorn Print Ltd")).upper()
