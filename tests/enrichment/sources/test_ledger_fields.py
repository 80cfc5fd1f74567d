from __future__ import annotations

import doctest
from datetime import date

import pandas as pd
import pytest

from payseg_widgets import EnrichmentError, simulate_ledger
from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory
from payseg_widgets.enrichment.sources import ledger as module
from payseg_widgets.enrichment.sources.ledger import ledger_fields

DAY = date(2026, 1, 31)


def fields_of(directory: PostcodeDirectory | None = None, **cells) -> dict[tuple[str, str], pd.Series]:
    """Fields of one customer by name and source."""
    customers = pd.DataFrame({"customer_id": ["C1"], **{name: [cell] for name, cell in cells.items()}})
    table = ledger_fields(customers, as_of=DAY, postcode_directory=directory)
    return {(row["field"], row["source"]): row for _, row in table.iterrows()}


def values(**cells) -> dict[tuple[str, str], str]:
    return {key: row["value"] for key, row in fields_of(**cells).items()}


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0


def test_every_field_says_where_it_comes_from_and_as_of_when():
    found = fields_of(
        region="Lancs", sector="62020", country="GB", postcode="bb113pr", company_number=977250.0
    )
    assert {key: row["value"] for key, row in found.items()} == {
        ("postcode", "ledger postcode"): "BB11 3PR",
        ("region", "ledger postcode"): "North West",
        ("region", "ledger text"): "North West",
        ("sector", "ledger text"): "Information and communication",
        ("company_number", "ledger number"): "00977250",
    }
    assert {row["as_of"] for row in found.values()} == {pd.Timestamp(DAY)}
    assert found["sector", "ledger text"]["note"] == "SIC 2007 62020"


def test_what_disagrees_is_shown_side_by_side():
    found = values(
        region="Surrey", postcode="CR0 1JB", address="1 High Street, Leeds LS1 4DL", country="Scotland"
    )
    assert {source: value for (name, source), value in found.items() if name == "region"} == {
        "ledger postcode": "London", "ledger address": "Yorkshire and The Humber", "ledger text": "South East",
        "ledger country": "Scotland",
    }  # fmt: skip


def test_an_address_s_postcode_fills_in_and_is_not_said_twice():
    assert (
        values(address="1 High Street\nLeeds\nLS1 4DL")["region", "ledger address"]
        == "Yorkshire and The Humber"
    )
    for address in ("1 High Street, Leeds ls14dl", "1 High Street, Leeds LS1"):
        assert ("region", "ledger address") not in values(postcode="LS1 4DL", address=address)
    assert values(postcode="LS11 4DL", address="Leeds LS1")["postcode", "ledger address"] == "LS1"


def test_a_straddling_district_has_its_share_and_a_directory_makes_it_sure(tmp_path):
    (tmp_path / "onspd.csv").write_text("pcds,ctry,rgn\nMK19 6AA,E92000001,E12000004\n")
    by_district = fields_of(postcode="MK19 6AA")["region", "ledger postcode"]
    exact = fields_of(PostcodeDirectory.read(tmp_path / "onspd.csv"), postcode="MK19 6AA")[
        "region", "ledger postcode"
    ]
    assert (by_district["value"], by_district["probability"]) == ("South East", pytest.approx(0.57))
    assert "East Midlands" in by_district["note"]
    assert (exact["value"], exact["probability"], exact["note"]) == ("East Midlands", 1, "")


def test_blank_cells_and_junk_numbers_have_no_row():
    assert values(region=None, sector="", country=" ", postcode="n/a", company_number="0", address=None) == {}
    assert values(region="England", country="UK") == {}


def test_what_cannot_be_read_is_unknown_and_quoted():
    found = fields_of(region="Territory 7", sector="Blue chip")
    for key in (("region", "ledger text"), ("sector", "ledger text")):
        assert found[key]["value"] == "unknown"
        assert pd.isna(found[key]["probability"])
    assert "'Territory 7'" in found["region", "ledger text"]["note"]


def test_abroad_half_a_postcode_is_none():
    assert values(country="US", postcode="DE1") == {("region", "ledger country"): "foreign"}
    assert ("region", "ledger postcode") in values(country="GB", postcode="DE1")


def test_names_that_a_border_cuts_are_less_sure():
    plain, cut = (
        fields_of(region=text)["region", "ledger text"]["probability"] for text in ("Cornwall", "Essex")
    )
    assert cut < plain < 1
    assert fields_of(region="London")["region", "ledger text"]["probability"] == 1


def test_mended_and_partial_postcodes_say_so():
    assert (
        fields_of(postcode="KT16 OPZ")["postcode", "ledger postcode"]["note"]
        == "a slip of the pen was mended"
    )
    assert fields_of(postcode="SW1A")["postcode", "ledger postcode"]["note"] == "district only"


def test_codes_that_name_no_activity_are_sectors_of_their_own_and_vague_ones_say_so():
    notes = {code: fields_of(sector=code)["sector", "ledger text"] for code in ("1", "99999", "82990")}
    assert [(row["value"], row["note"]) for row in notes.values()] == [
        ("public sector", "1"),
        ("dormant", "SIC 2007 99999"),
        ("Administrative and support service", "SIC 2007 82990; a code for whatever fits nowhere else"),
    ]


def test_a_table_without_customers_ids_is_refused_and_one_without_facts_is_empty():
    with pytest.raises(EnrichmentError, match="no column 'customer_id', only account"):
        ledger_fields(pd.DataFrame({"account": ["C1"]}), as_of=DAY)
    assert values() == {}


def test_in_a_simulated_ledger_postcodes_tell_the_true_region_where_the_text_is_another_s():
    ledger, truth = simulate_ledger(300, world="realistic", seed=3, wrong_enrichment=0.2, dirty_names=0.5)
    table = ledger_fields(ledger.customers, as_of=ledger.as_of)
    regions = table[table["field"] == "region"].pivot(index="customer_id", columns="source", values="value")
    true = truth.customers.set_index("customer_id")
    assert (regions["ledger postcode"] == true["region"].reindex(regions.index)).all()
    wrong = (regions["ledger text"] != regions["ledger postcode"]).reindex(true.index)
    assert wrong.tolist() == true["is_wrong_enrichment"].tolist()
    sectors = table[table["field"] == "sector"].set_index("customer_id")["value"]
    assert sectors.to_dict() == ledger.customers.set_index("customer_id")["sector"].to_dict()
    numbers = table[table["field"] == "company_number"].set_index("customer_id")["value"]
    assert numbers.to_dict() == ledger.customers.set_index("customer_id")["company_number"].dropna().to_dict()
