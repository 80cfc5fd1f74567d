"""Customers matched to a register: each outcome, and the quality on simulated names."""

from __future__ import annotations

import threading
from datetime import date

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.enrichment import match as module
from payseg_widgets.enrichment.company import Company, CustomerRecord, PreviousName
from payseg_widgets.enrichment.match import OUTCOMES, Matches, match_names
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.ranking import rank
from payseg_widgets.enrichment.records import customer_records
from payseg_widgets.enrichment.register import write_register
from payseg_widgets.enrichment.testing.noisy_customers import noisy_customers
from payseg_widgets.enrichment.testing.simulated_register import simulate_register
from payseg_widgets.errors import Cancelled, EnrichmentError

ZEPHYRINE = Company(
    "00000001", "ZEPHYRINE BRASSWARE LIMITED", incorporated_on=date(2001, 1, 1), postcode="LS1 1AA",
    previous_names=(PreviousName("QUINTESSA MARQUETRY LIMITED", date(2001, 1, 1), date(2015, 1, 1)),),
)  # fmt: skip
HOLDINGS = Company(
    "00000002", "ZEPHYRINE HOLDINGS LIMITED", incorporated_on=date(2001, 1, 1), postcode="M1 1AA"
)
OBADIAH = Company(
    "SC000003", "OBADIAH THISTLEWOOD & SONS LTD", incorporated_on=date(2019, 6, 1), postcode="EH1 1AA"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """3,000 simulated companies and the three above."""
    table = simulate_register(3000, seed=31)
    folder = tmp_path_factory.mktemp("world")
    own = pd.read_parquet(write_register([ZEPHYRINE, HOLDINGS, OBADIAH], folder / "own").file)
    both = pd.concat([table, own.assign(previous_names=own["previous_names"].map(list))], ignore_index=True)
    return table, NameIndex(write_register(both, folder))


def outcome_of(world, name, **facts):
    matches = match_names([CustomerRecord("C1", name, **facts)], world[1])
    return matches.table.iloc[0]


@pytest.mark.parametrize(
    "name",
    [
        "Zephyrine Brassware Ltd", "ZEPHYRINE BRASSWARE", "Zephyrine Braswsare Limited", "Zephyrine Brassware Limted",
        "1044 Zephyrine Brassware Ltd - Head Office", "Zephyrine Brassware Ltd t/a The Pie Shop", "Zephyrine Brassware Cyf",
        "The Pie Shop t/a Zephyrine Brassware Ltd", "Brassware Zephyrine Ltd", "Zephyrine Brassware Ltd - Leeds",
    ],
)  # fmt: skip
def test_a_dirty_name_with_its_postcode_is_matched(world, name):
    row = outcome_of(world, name, postcode="LS1 1AA")
    assert (row["outcome"], row["company_number"]) == ("matched", "00000001")


def test_a_former_name_is_matched(world):
    row = outcome_of(world, "Quintessa Marquetry", postcode="LS1 1AA", first_invoice_on=date(2014, 1, 1))
    assert (row["outcome"], row["company_number"]) == ("matched", "00000001")


def test_an_unknown_name_is_no_match(world):
    row = outcome_of(world, "Vaxquibble Undertakings Ltd")
    assert row["outcome"] == "no match"
    assert pd.isna(row["company_number"])


def test_a_company_younger_than_the_first_invoice_is_ruled_out(world):
    old = {"postcode": "EH1 1AA", "first_invoice_on": date(2018, 1, 1)}
    assert outcome_of(world, "Obadiah Thistlewood & Sons", **old)["outcome"] != "matched"
    assert outcome_of(world, "Obadiah Thistlewood & Sons", postcode="EH1 1AA")["outcome"] == "matched"


def test_a_company_number_decides(world):
    row = outcome_of(world, "Zephyrine", company_number="0000001")
    assert (row["outcome"], row["company_number"]) == ("matched", "00000001")


def test_a_company_number_of_another_name_is_shown_not_believed(world):
    matches = match_names(
        [CustomerRecord("C1", "Zephyrine Brassware Ltd", company_number="SC000003")], world[1]
    )
    assert matches.table.loc[0, "outcome"] == "needs review"
    assert "another name" in matches.table.loc[0, "reason"]
    shown = matches.candidates.set_index("company_number")["evidence_against"]
    assert "its name is not the ledger's" in shown["SC000003"]


def test_a_company_number_that_is_not_on_the_register_goes_to_review(world):
    row = outcome_of(world, "Zephyrine Brassware Ltd", postcode="LS1 1AA", company_number="09999999")
    assert (row["outcome"], pd.isna(row["company_number"])) == ("needs review", True)


def test_several_companies_abstain(world):
    row = outcome_of(world, "Zephyrine Brassware Ltd / Obadiah Thistlewood Ltd", postcode="LS1 1AA")
    assert (row["outcome"], row["reason"]) == ("needs review", "The name tells of several companies.")


@pytest.mark.parametrize(
    "name", ["Mr J Smith", "Leeds City Council", "Harrogate NHS Foundation Trust", "HMRC"]
)
def test_people_and_public_bodies_are_no_companies(world, name):
    assert outcome_of(world, name)["outcome"] == "not a company"


@pytest.mark.parametrize("name", ["", "  ", "--"])
def test_an_empty_name_is_no_match(world, name):
    assert outcome_of(world, name)["reason"] == "The name is empty."


def test_noisy_names_are_matched_with_the_precision_asked_for(world):
    table, index = world
    customers, truth = noisy_customers(table, 500, seed=77)
    matches = match_names(customers, index)
    merged = matches.table.merge(truth, on="customer_id")
    accepted, there = merged[merged["outcome"] == "matched"], merged["number"] != ""
    assert (accepted["company_number"] == accepted["number"]).mean() >= 0.98
    assert (merged["outcome"] == "matched")[there].mean() >= 0.7
    best = matches.candidates.query("rank == 1").set_index("customer_id")["company_number"]
    assert (merged["customer_id"].map(best) == merged["number"])[there].mean() >= 0.97
    assert set(merged.loc[merged["kind"] == "several", "outcome"]) <= {"needs review"}


def test_each_customer_ends_in_one_row_and_the_order_of_customers_does_not_matter(world):
    table, index = world
    customers, _ = noisy_customers(table, 60, seed=78)
    once = match_names(customers, index)
    again = match_names(customers.iloc[::-1].reset_index(drop=True), index)
    assert set(once.table["outcome"]) <= set(OUTCOMES)
    pd.testing.assert_frame_equal(once.table, again.table.iloc[::-1].reset_index(drop=True))
    assert once.candidates.groupby("customer_id").size().max() <= 3


def test_a_stricter_precision_accepts_no_more(world):
    table, index = world
    customers, _ = noisy_customers(table, 80, seed=79)
    counts = [
        (match_names(customers, index, accept_precision=p).table["outcome"] == "matched").sum()
        for p in (0.95, 0.995, 0.996)
    ]
    assert counts == sorted(counts, reverse=True)


def test_ranking_search_hits_agrees_with_matching(world):
    customer = CustomerRecord("C1", "Zephyrine Brassware Ltd", postcode="LS1 1AA")
    ranked = rank(customer, [HOLDINGS, ZEPHYRINE, OBADIAH])
    assert ranked[0].company.number == "00000001"
    assert ranked[0].probability > 0.95 > ranked[1].probability
    assert rank(customer, []) == []


def test_cancelling_keeps_what_was_finished(world, monkeypatch):
    monkeypatch.setattr(module, "_BATCH", 2)
    stop, told = threading.Event(), []

    def progress(stage, done, total):
        told.append((stage, done, total))
        stop.set()

    customers = [CustomerRecord(f"C{k}", "Zephyrine Brassware Ltd") for k in range(5)]
    with pytest.raises(Cancelled, match="2 of 5") as caught:
        match_names(customers, world[1], progress=progress, cancel=stop)
    assert (told, len(caught.value.finished.table)) == ([("match", 2, 5)], 2)


def test_customers_may_be_a_table_with_missing_cells():
    table = pd.DataFrame({
        "customer_id": ["C1", "C2"], "name": ["Acorn", None], "postcode": [np.nan, "LS1 1AA"],
        "first_invoice_on": [pd.Timestamp(2020, 1, 2), pd.NaT], "other": [1, 2],
    })  # fmt: skip
    assert customer_records(table) == [
        CustomerRecord("C1", "Acorn", first_invoice_on=date(2020, 1, 2)),
        CustomerRecord("C2", "", postcode="LS1 1AA"),
    ]


@pytest.mark.parametrize(
    ("customers", "said"),
    [
        (pd.DataFrame({"customer_id": ["C1"]}), "have no column 'name'"),
        (
            pd.DataFrame({"customer_id": ["C1", "C1"], "name": ["Acorn", "Beech"]}),
            "1 occur twice",
        ),
    ],
)
def test_customers_that_cannot_be_matched_are_refused(world, customers, said):
    with pytest.raises(EnrichmentError, match=said):
        match_names(customers, world[1])


@pytest.mark.parametrize("options", [{"accept_precision": 1.0}, {"accept_precision": 0.2}, {"k": 0}])
def test_options_that_cannot_be_kept_are_refused(world, options):
    with pytest.raises(EnrichmentError):
        match_names([], world[1], **options)


def test_no_customers_give_empty_tables(world):
    matches = match_names([], world[1])
    assert (len(matches.table), len(matches.candidates), repr(matches)) == (0, 0, "Matches(no customers)")


def test_no_repr_shows_a_name(world):
    matches = match_names([CustomerRecord("C1", "Zephyrine Brassware Ltd", postcode="LS1 1AA")], world[1])
    assert isinstance(matches, Matches)
    assert repr(matches) == "Matches(1 matched)"
    assert "ZEPHYRINE" not in repr(rank(CustomerRecord("C1", "Zephyrine"), [ZEPHYRINE])).upper()
