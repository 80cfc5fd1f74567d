"""Looking customers up: each ends in one state, nobody is asked for twice, and sources stand side by side."""

from __future__ import annotations

import threading
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.enrichment.answer import STATES, Answer, Candidate
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.enrich import enrich
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.records import customer_records
from payseg_widgets.errors import Cancelled, EnrichmentError, SourceError

OAK = Company(
    "00012345", "OAK LIMITED", "active", "ltd", date(2016, 11, 30), postcode="EC1A 1BB", sic_codes=("62020", "63120"),
)  # fmt: skip
CUSTOMERS = pd.DataFrame({
    "customer_id": ["C1", "C2", "C3", "C4", "C5"],
    "name": ["Oak Ltd", "Elm Ltd", "Ash Ltd", "J Smith", "=Fir Ltd"],
    "postcode": ["LS1 4AP", None, "EX1 1AA", None, None],
    "region": [None, "Scotland", None, None, None],
    "sector": ["Construction", None, "99999", None, None],
})  # fmt: skip


class ScriptedSource:
    """Answers from a script; fails for good where that says so."""

    name, label, batch, accept_from = "scripted", "A script", 2, 0.97

    def __init__(self, script=None, cancel_after=None, breaks_at=None):
        self.script = script or {}
        self.asked = []
        self.cancel_after, self.breaks_at = cancel_after, breaks_at
        self.stop = threading.Event()

    def look_up(self, customers, on_answer, *, tell, cancel, pause, n_after):
        for n, customer in enumerate(customers, 1):
            if cancel is not None and cancel.is_set():
                return
            if customer.customer_id == self.breaks_at:
                raise SourceError("The key was refused (401).")
            self.asked.append(customer.customer_id)
            state = self.script.get(customer.customer_id, "no match")
            found = (Candidate(OAK, 0.9, ("name the same",), ("other postcode",)),)
            on_answer(
                customer,
                Answer(
                    customer.customer_id,
                    state,
                    "As written.",
                    found if state in ("matched", "needs review") else (),
                    self.name,
                    date(2026, 11, 1),
                ),
            )
            tell("asking", n, len(customers))
            if len(self.asked) == self.cancel_after:
                self.stop.set()

    def company(self, number):
        return OAK if number == OAK.number else None


def test_what_the_register_says_stands_beside_what_the_ledger_says():
    made = enrich(CUSTOMERS, ScriptedSource({"C1": "matched", "C4": "not a company"}), as_of="2026-11-30")
    oak = made.table.loc["C1"]
    assert (oak["state"], oak["company_number"], oak["match_probability"]) == ("matched", "00012345", 0.9)
    assert (oak["region"], oak["region_basis"], oak["region_probability"]) == (
        "London",
        "registered office",
        0.9,
    )
    assert (oak["sector"], oak["section"]) == ("Information and communication", "J")
    assert oak["age_years"] == pytest.approx(10.0, abs=0.01)
    assert made.table.loc["C2", ["region", "region_basis"]].tolist() == ["Scotland", "ledger text"]
    assert made.table.loc["C3", ["region", "sector"]].tolist() == ["South West", "dormant"]
    assert pd.isna(made.table.loc["C3", "section"])
    assert made.table.loc["C4", ["state", "region", "sector"]].tolist() == [
        "not a company",
        "unknown",
        "unknown",
    ]
    assert made.disagreements["customer_id"].unique().tolist() == ["C1"]
    said = made.disagreements.query("field == 'region'").set_index("source")["value"].to_dict()
    assert said == {"registered office": "London", "ledger postcode": "Yorkshire and The Humber"}
    everywhere = made.fields[["source", "as_of"]]
    assert everywhere.notna().all(axis=None)
    assert (everywhere["source"] != "").all()


def test_the_ledger_s_region_can_be_the_one_used():
    made = enrich(CUSTOMERS, ScriptedSource({"C1": "matched"}), region_from="ledger", as_of="2026-11-30")
    assert made.table.loc["C1", ["region", "region_basis"]].tolist() == [
        "Yorkshire and The Humber",
        "ledger postcode",
    ]


def test_without_a_source_the_ledger_alone_speaks():
    made = enrich(CUSTOMERS, as_of="2026-11-30")
    assert (made.table["state"] == "pending").all()
    assert made.table["region"].tolist() == [
        "Yorkshire and The Humber",
        "Scotland",
        "South West",
        "unknown",
        "unknown",
    ]
    assert made.coverage("region").loc["unknown", ["n_customers", "nobody"]].tolist() == [2, 2]
    assert made.coverage("region")["share"].sum() == pytest.approx(1)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(STATES), min_size=5, max_size=5),
    st.integers(1, 6), st.sampled_from([None, *CUSTOMERS["customer_id"]]),
)  # fmt: skip
def test_a_run_that_was_stopped_or_broke_goes_on_and_asks_nobody_twice(states, after, breaks_at):
    script = dict(zip(CUSTOMERS["customer_id"], states, strict=True))
    with Journal() as journal:
        first, second = (
            ScriptedSource(script, cancel_after=after, breaks_at=breaks_at),
            ScriptedSource(script),
        )
        try:
            finished = enrich(CUSTOMERS, first, journal=journal, cancel=first.stop)
        except (Cancelled, SourceError) as error:
            finished = error.finished
        assert (finished.table["state"] != "pending").sum() == len(first.asked)
        made = enrich(CUSTOMERS, second, journal=journal)
    assert sorted(first.asked + second.asked) == CUSTOMERS["customer_id"].tolist()
    assert made.table["state"].tolist() == states


def test_what_a_reviewer_decided_goes_before_what_was_computed():
    people = customer_records(CUSTOMERS)
    with Journal() as journal:
        source = ScriptedSource({"C1": "needs review", "C2": "matched"})
        enrich(CUSTOMERS, source, journal=journal)
        journal.decide(people[0], "accepted", OAK, who="Kim")
        journal.decide(people[1], "no match", who="Kim")
        journal.decide(people[2], "skipped", who="Kim")
        made = enrich(CUSTOMERS, source, journal=journal).table
    assert made.loc["C1", ["state", "company_number", "match_probability", "decided_by"]].tolist() == [
        "matched", "00012345", 1.0, "Kim"
    ]  # fmt: skip
    assert made.loc["C2", ["state", "company_number", "decided_by"]].tolist() == ["no match", "", "Kim"]
    assert made.loc["C3", ["state", "decided_by"]].tolist() == ["no match", ""]


def test_an_export_names_nobody_unless_asked_and_runs_nothing(tmp_path):
    customers = CUSTOMERS.assign(customer_id=["=1+1", "C2", "C3", "C4", "C5"])
    made = enrich(customers, ScriptedSource({"=1+1": "matched"}))
    text = made.to_csv(tmp_path / "e.csv").read_text()
    assert "OAK" not in text
    assert "00012345" not in text
    assert "\n'=1+1,matched" in text
    assert "OAK LIMITED" in made.to_csv(tmp_path / "n.csv", names=True).read_text()
    assert "OAK" not in repr(made) + repr(customer_records(CUSTOMERS)[0])
    assert len(repr(made)) <= 110


def test_categories_go_into_segments_as_they_are():
    made = enrich(CUSTOMERS, ScriptedSource({"C1": "matched"}))
    assert made.categories.loc["C1"].tolist() == ["London", "Information and communication"]
    assert made.categories.loc["C5"].isna().all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.drop(columns="name"), "no column 'name'"),
        (lambda t: t.assign(customer_id="C1"), "4 occur twice"),
        (lambda t: t.assign(name=None), "under pseudonyms the names are gone"),
        (lambda t: "customers.csv", "not a str"),
    ],
)
def test_customers_that_cannot_be_looked_up_are_refused_with_a_next_step(change, says):
    with pytest.raises(EnrichmentError, match=says):
        enrich(change(CUSTOMERS), ScriptedSource())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"region_from": "moon"}, "region_from='moon'"),
        ({"max_age_days": 0}, "max_age_days=0"),
        ({"as_of": "someday"}, "as_of='someday' is no date"),
    ],
)
def test_options_that_make_no_sense_are_quoted(options, says):
    with pytest.raises(EnrichmentError, match=says):
        enrich(CUSTOMERS, ScriptedSource(), **options)


def test_a_ledger_s_customers_come_with_the_days_of_their_invoices(simulated):
    ledger, _ = simulated
    first = ledger.invoices.groupby("customer_id", observed=True)["issued_on"].min()
    records = {r.customer_id: r for r in customer_records(ledger)}
    assert len(records) == len(ledger.customers)
    for customer_id, day in first.items():
        assert records[customer_id].first_invoice_on == day.date()
    assert all(isinstance(r, CustomerRecord) for r in records.values())


def test_an_accepted_company_is_still_told_where_no_register_is_asked():
    people = customer_records(CUSTOMERS)
    with Journal() as journal:
        journal.decide(people[0], "accepted", OAK, who="Kim")
        made = enrich(CUSTOMERS, journal=journal)
    assert made.table.loc["C1", ["state", "region", "sector"]].tolist() == [
        "matched",
        "London",
        "Information and communication",
    ]
    assert made.table.loc["C1", "sector_basis"] == "review"
    assert (made.fields["source"] != "").all()


def test_each_answer_is_heard_once_it_is_kept():
    heard = []
    with Journal() as journal:
        enrich(
            CUSTOMERS,
            ScriptedSource(),
            journal=journal,
            on_answer=lambda a: heard.append((a.customer_id, a in journal.answers("scripted").values())),
        )
    assert sorted(heard) == [(name, True) for name in CUSTOMERS["customer_id"]]


def test_what_could_not_be_read_is_written_only_where_names_are(tmp_path):
    made = enrich(CUSTOMERS.assign(region="Jane Doe's office"))
    assert "Jane Doe" not in made.fields_to_csv(tmp_path / "a.csv").read_text()
    assert "Jane Doe" in made.fields_to_csv(tmp_path / "b.csv", names=True).read_text()


def test_customers_of_whom_there_are_none_are_refused():
    with pytest.raises(EnrichmentError, match="no customers to look up"):
        enrich(CUSTOMERS.head(0))
