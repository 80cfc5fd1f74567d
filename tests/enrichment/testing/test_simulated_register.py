"""The simulated register and its noisy customers: shares, truth, seeds."""

from __future__ import annotations

import pandas as pd
import pytest

from payseg_widgets.enrichment.register import SCHEMA
from payseg_widgets.enrichment.testing.noisy_customers import HELD_OUT_NOISE, TRAINING_NOISE, noisy_customers
from payseg_widgets.enrichment.testing.simulated_register import name_key, simulate_register
from payseg_widgets.errors import EnrichmentError


@pytest.fixture(scope="module")
def table():
    return simulate_register(20_000, seed=9)


def test_shares_are_those_of_the_register(table):
    first = table["sic_codes"].str[0]
    assert list(table) == SCHEMA.names
    assert (first == "None Supplied").mean() == pytest.approx(0.038, abs=0.005)
    assert (first == "99999").mean() == pytest.approx(0.029, abs=0.005)
    assert (table["postcode"] == "").mean() == pytest.approx(0.012, abs=0.004)
    assert (table["previous_names"].str.len() > 0).mean() == pytest.approx(0.109, abs=0.01)
    london = (
        table["postcode"].str.extract(r"^([A-Z]+)")[0].isin(["EC", "WC", "W", "SW", "SE", "E", "N", "NW"])
    )
    assert 0.25 < london.mean() < 0.40


def test_numbers_are_unique_and_live_companies_have_names_of_their_own(table):
    assert table["number"].is_unique
    assert table["number"].str.len().eq(8).all()
    live = table.loc[table["status"] == "active", "name"].map(name_key)
    assert live.duplicated().mean() < 0.002


def test_dissolved_namesakes_end_before_their_successor_begins(table):
    alike = table[table["name"].duplicated(keep=False)].sort_values("incorporated_on")
    assert len(alike) > 100
    for _, group in alike.groupby("name"):
        assert group["dissolved_on"].iloc[0] is not None


def test_a_seed_gives_one_register_and_one_ledger(table):
    pd.testing.assert_frame_equal(simulate_register(200, seed=4), simulate_register(200, seed=4))
    first, second = (noisy_customers(table, 50, seed=3)[0] for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_every_kind_of_slip_occurs_with_its_truth(table):
    _, truth = noisy_customers(table, 3000, seed=3, share_not_on_register=0.25)
    absent = truth["kind"].isin(["not on register", "namesake", "individual", "public body"])
    assert absent.mean() == pytest.approx(0.25, abs=0.001)
    assert set(HELD_OUT_NOISE.kinds) <= set(truth["kind"])
    assert (truth.loc[absent | (truth["kind"] == "several"), "number"] == "").all()
    assert truth.loc[~absent & (truth["kind"] != "several"), "number"].isin(table["number"]).all()


def test_the_first_invoice_never_precedes_the_company(table):
    customers, truth = noisy_customers(table, 500, seed=6)
    born = truth["number"].map(table.set_index("number")["incorporated_on"])
    there = born.notna()
    assert (customers.loc[there, "first_invoice_on"] >= born[there]).all()
    assert (customers["last_invoice_on"] >= customers["first_invoice_on"]).all()


def test_the_noise_judged_on_is_not_that_trained_on():
    assert {"two typos", "joined words"} <= set(HELD_OUT_NOISE.kinds) - set(TRAINING_NOISE.kinds)
    assert HELD_OUT_NOISE.known_abbreviations < TRAINING_NOISE.known_abbreviations


def test_impossible_sizes_and_shares_are_refused(table):
    with pytest.raises(EnrichmentError, match="0 companies"):
        simulate_register(0)
    with pytest.raises(EnrichmentError, match="share_not_on_register=2"):
        noisy_customers(table, 5, share_not_on_register=2)
