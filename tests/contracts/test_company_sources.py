"""What every source of company data keeps to, whether it reads a file or asks over a network."""

from __future__ import annotations

import threading

import pytest

from payseg_widgets.enrichment.answer import STATES
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.register import write_register
from payseg_widgets.enrichment.sources.companies_house import ApiRegister
from payseg_widgets.enrichment.sources.companies_house_bulk import BulkRegister
from payseg_widgets.enrichment.testing import register_server, simulate_companies
from payseg_widgets.enrichment.testing.server import TEST_KEY

COMPANIES = [c for c in simulate_companies(80, seed=5) if c.status == "active"]
CUSTOMERS = [
    CustomerRecord("by name", COMPANIES[0].name.title()),
    CustomerRecord("by number", COMPANIES[1].name, company_number=COMPANIES[1].number),
    CustomerRecord("wrong number", COMPANIES[2].name, company_number=COMPANIES[3].number),
    CustomerRecord("number of none", COMPANIES[4].name, company_number="09999999"),
    CustomerRecord("on no register", "Qwyxt Zzyzx Ltd"),
    CustomerRecord("a person", "Mr John Smith"),
    CustomerRecord("several", f"{COMPANIES[5].name} and {COMPANIES[6].name}"),
    CustomerRecord("empty", ""),
]


@pytest.fixture(scope="module", params=["companies_house", "companies_house_bulk"])
def source(request, tmp_path_factory):
    if request.param == "companies_house_bulk":
        yield BulkRegister(write_register(COMPANIES, tmp_path_factory.mktemp("register")))
        return
    with register_server(COMPANIES) as server:
        yield ApiRegister(TEST_KEY, base_url=server.url)


def answers_of(source, customers, *, cancel=None, pause=None, told=None):
    answers = []
    source.look_up(
        customers, lambda customer, answer: answers.append((customer, answer)),
        tell=lambda *at: told.append(at) if told is not None else None, cancel=cancel, pause=pause, n_after=0,
    )  # fmt: skip
    return answers


def test_a_source_says_what_it_is(source):
    assert source.name
    assert source.label
    assert source.batch >= 1
    assert 0.5 < source.accept_from < 1


def test_everybody_is_answered_once_in_a_known_state(source):
    told = []
    answers = answers_of(source, CUSTOMERS, told=told)
    assert sorted(customer.customer_id for customer, _ in answers) == sorted(c.customer_id for c in CUSTOMERS)
    for customer, answer in answers:
        assert (answer.customer_id, answer.source) == (customer.customer_id, source.name)
        assert answer.state in STATES
        assert answer.reason
        probabilities = [candidate.probability for candidate in answer.candidates]
        assert probabilities == sorted(probabilities, reverse=True)
        assert len(probabilities) <= 3
        assert all(0 <= p <= 1 for p in probabilities)
        is_sure = customer.own_postcode or probabilities[:1] >= [
            source.accept_from
        ]  # with a postcode less will do
        assert answer.state != "matched" or is_sure
        name = customer.name.strip()
        assert not name or name.casefold() not in f"{answer.reason} {answer!r} {source!r}".casefold()
    whats, dones, totals = zip(*told, strict=True)
    assert all(whats)
    assert list(dones) == sorted(dones)
    assert (dones[-1], set(totals)) == (len(CUSTOMERS), {len(CUSTOMERS)})


def test_what_is_decided_does_not_depend_on_the_source(source):
    state = {customer.customer_id: answer.state for customer, answer in answers_of(source, CUSTOMERS)}
    assert state["by number"] == "matched"
    assert state["wrong number"] == "needs review"
    assert state["number of none"] == "needs review"
    assert state["on no register"] == state["empty"] == "no match"
    assert state["a person"] == "not a company"
    assert state["several"] == "needs review"


def test_the_order_of_customers_changes_no_answer(source):
    told = {}
    for customers in (CUSTOMERS, CUSTOMERS[::-1]):
        for customer, answer in answers_of(source, customers):
            numbers = [candidate.company.number for candidate in answer.candidates]
            assert told.setdefault(customer.customer_id, (answer.state, numbers)) == (answer.state, numbers)


def test_a_cancelled_source_answers_nobody_more(source):
    cancel = threading.Event()
    cancel.set()
    assert answers_of(source, CUSTOMERS, cancel=cancel) == []


def test_a_paused_source_begins_nobody_and_goes_on(source):
    pause, answers = threading.Event(), []
    pause.set()
    run = threading.Thread(target=lambda: answers.extend(answers_of(source, CUSTOMERS, pause=pause)))
    run.start()
    run.join(0.3)
    assert run.is_alive()
    assert answers == []
    pause.clear()
    run.join(30)
    assert len(answers) == len(CUSTOMERS)


def test_a_company_is_given_by_its_number(source):
    company = COMPANIES[7]
    assert source.company(company.number).name == company.name
    assert source.company("09999999") is None


def test_nobody_to_ask_for_is_no_fault(source):
    assert answers_of(source, []) == []
