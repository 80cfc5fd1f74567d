"""The client against the local register over real sockets: every fault, every end."""

import asyncio
import dataclasses
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets import errors
from payseg_widgets.enrichment.client.api import CompaniesHouse
from payseg_widgets.enrichment.client.outage import Outage
from payseg_widgets.enrichment.company import Company, CustomerRecord, PreviousName
from payseg_widgets.enrichment.testing import FaultPlan, register_server
from payseg_widgets.enrichment.testing.plan import FINAL, HARMLESS, PAUSING, RETRIED
from payseg_widgets.enrichment.testing.server import TEST_KEY
from payseg_widgets.enrichment.testing.window import FixedWindow
from tests.enrichment.conftest import SPEED, client_of, look_up

CAFE = Company(
    "01234567",
    "CAFÉ ACORN LTD",
    "active",
    "ltd",
    sic_codes=("56102",),
    previous_names=(PreviousName("OAK LTD"),),
)


@pytest.fixture(scope="module")
def server(register):
    with register_server(register, speed=SPEED, slow_seconds=0.3) as server:
        yield server


def ask(server, story, **options):
    async def run():
        async with client_of(server, **options) as client:
            return await story(client)

    return asyncio.run(run())


def test_a_company_is_found_by_its_number(server, companies):
    assert ask(server, lambda client: client.company(companies[3].number)) == companies[3]
    assert ask(server, lambda client: client.company("87654321")) is None


def test_what_cannot_be_a_number_is_not_sent(server):
    n_before = len(server.requests)
    with pytest.raises(errors.EnrichmentError, match="no company number"):
        ask(server, lambda client: client.company("12/../x"))
    assert len(server.requests) == n_before


def test_a_name_whose_words_are_all_there_costs_one_request(server, companies):
    n_before = len(server.requests)
    written = companies[5].name.rsplit(" ", 1)[0].title() + " ltd T/A The Shop"
    assert ask(server, lambda client: client.search(written)) == [
        dataclasses.replace(companies[5], previous_names=())
    ]
    assert len(server.requests) == n_before + 1


@pytest.mark.parametrize("added", ["Northern", "Holdings", "(UK) Services"])
def test_a_word_of_a_family_too_many_costs_none_more(server, companies, added):
    plain = companies[5].name.rsplit(" ", 1)[0]
    assert len(plain.split()) >= 2
    n_before = len(server.requests)
    found = ask(server, lambda client: client.search(f"{plain} {added} Ltd"))
    assert companies[5].number in [company.number for company in found]
    assert found[0].sic_codes  # such hits say all there is
    assert len(server.requests) == n_before + 1


def test_a_previous_name_costs_two(server, companies):
    renamed = next(company for company in companies if company.previous_names)
    n_before = len(server.requests)
    found = ask(server, lambda client: client.search(renamed.previous_names[0].name))
    assert found[0].number == renamed.number
    assert found[0].previous_names[0].name == renamed.previous_names[0].name
    assert len(server.requests) == n_before + 2


def test_a_name_of_too_many_companies_is_looked_for_by_relevance_too():
    crowd = [Company(f"{k:08d}", f"ACORN {k} LTD", sic_codes=("10710",)) for k in range(1, 150)]
    with register_server([*crowd, Company("00000999", "ACORN LTD")]) as server:
        found = ask(server, lambda client: client.search("Acorn Ltd"))
        assert len(server.requests) == 2
    assert "00000999" in [company.number for company in found]
    assert len(found) == len({company.number for company in found}) > 100


def test_a_name_without_a_letter_is_not_sent(server):
    n_before = len(server.requests)
    assert ask(server, lambda client: client.search(" & ")) == []
    assert len(server.requests) == n_before


@pytest.mark.parametrize("fault", [*RETRIED, *PAUSING])
def test_a_fault_is_survived_by_asking_once_more(fault):
    is_slow = fault in ("slow_headers", "drip")
    times = {"timeout_seconds": 1.0, "read_timeout_seconds": 0.8} if is_slow else {}
    slow_seconds = 2.0 if is_slow else 0.2
    with register_server(
        [CAFE], speed=SPEED, slow_seconds=slow_seconds, plan=FaultPlan.exactly([fault])
    ) as server:
        company, n_sent = ask(server, _count, **times)
        assert company == CAFE
        assert len(server.requests) == 2
        assert n_sent == 2 or fault == "refused_connection"  # aiohttp sent none behind our back
    assert server.n_refused == 0


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_only_looks_like_a_fault_costs_nothing(fault):
    with register_server([CAFE], speed=SPEED, plan=FaultPlan.exactly([None, fault])) as server:
        hits = ask(server, lambda client: _twice(client, "Café Acorn"))
        assert hits == [dataclasses.replace(CAFE, previous_names=())]
        assert len(server.requests) == 2


async def _count(client):
    return await client.company("01234567"), client.governor.n_sent


async def _twice(client, name):
    assert await client.company("01234567") == CAFE
    return await client.search(name)


@pytest.mark.parametrize(
    ("fault", "n_asked", "says"),
    [
        ("out_of_range", 1, "does not accept such a request. Status 416"),
        ("server_error", 3, "failed on it (500)"),
        ("wrong_company", 3, "another company than was asked for"),
        ("html_200", 8, "not what the register sends"),
    ],
)
def test_a_fault_that_stays_is_final_for_the_customer(fault, n_asked, says):
    with register_server([CAFE], speed=SPEED, plan=FaultPlan.exactly([fault] * 20)) as server:
        with pytest.raises(errors.RequestError) as caught:
            ask(server, lambda client: client.company("01234567"), outage=Outage(threshold=100))
        assert len(server.requests) == n_asked
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "error"), [("unauthorised", errors.KeyRefusedError), ("forbidden", errors.AccessRefusedError)]
)
def test_a_refusal_half_way_stops_everything_and_keeps_what_was_found(register, numbered, fault, error):
    results = []
    with register_server(register, plan=FaultPlan.exactly([None] * 20 + [fault])) as server:
        with pytest.raises(error):
            asyncio.run(look_up(client_of(server), numbered, results, concurrency=4))
        assert len(server.requests) <= 21 + 3  # those on their way
    assert 17 <= len(results) <= 20 + 3
    assert not any(result.failure for result in results)


def test_a_register_that_is_not_there_is_given_up_and_the_rest_is_pending(numbered):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        server = type("Nobody", (), {"url": f"http://127.0.0.1:{free.getsockname()[1]}"})
        client, results = client_of(server, outage=Outage(patience_seconds=200, seed=1)), []
        with pytest.raises(errors.RegisterUnavailableError, match="gave no usable answer"):
            asyncio.run(look_up(client, numbered, results, concurrency=8))
    assert results == []
    assert client.governor.n_sent < 30


def test_an_outage_is_waited_for_and_nobody_is_lost(register, numbered):
    results = []
    plan = FaultPlan.exactly([None] * 5 + ["html_502"] * 16)
    with register_server(register, speed=SPEED, plan=plan) as server:
        client = client_of(server)
        asyncio.run(look_up(client, numbered[:20], results, concurrency=8))
        assert len(server.requests) == 20 + 16
    assert sorted(result.found[0].number for result in results) == [
        each.company_number for each in numbered[:20]
    ]


FAULTS = st.lists(st.none() | st.sampled_from((*RETRIED, *HARMLESS, *PAUSING, *FINAL)), max_size=14)


@pytest.fixture(scope="module")
def eleven(numbered):
    """Ten customers who are on the register, and one who is not."""
    return [*numbered[:10], CustomerRecord("nobody", "ZEBRA LTD", company_number="87654321")]


@settings(max_examples=5)
@given(faults=FAULTS)
def test_whatever_happens_each_customer_ends_once_and_no_window_is_overdrawn(register, eleven, faults):
    check_ends(register, eleven, faults)


@pytest.mark.slow
@settings(max_examples=100)
@given(faults=FAULTS)
def test_whatever_happens_at_length(register, eleven, faults):
    check_ends(register, eleven, faults)


def check_ends(register, customers, faults):
    """Eleven customers, four at a time, in windows of ten requests: faults meet the window's end."""
    window, results, was_stopped = FixedWindow(limit=10), [], False
    plan = FaultPlan.exactly(faults)
    with register_server(register, speed=SPEED, slow_seconds=0.2, plan=plan, window=window) as server:
        try:
            asyncio.run(look_up(client_of(server), customers, results, concurrency=4))
        except errors.SourceStoppedError:
            was_stopped = True
    ended = [result.customer.customer_id for result in results]
    assert len(ended) == len(set(ended))
    assert not was_stopped or any(seen.fault in ("unauthorised", "forbidden") for seen in server.requests)
    assert was_stopped or len(ended) == len(customers)
    for result in results:
        assert not (result.found and result.failure)
        assert result.failure or [each.number for each in result.found] in (
            [result.customer.company_number],
            [],
        )
    assert window.n_refused == 0
    assert max(server.windows, default=0) <= 10


@pytest.mark.parametrize(
    "address", ["http://example.org", "https://user@example.org", "ftp://127.0.0.1", "example.org"]
)
def test_the_key_is_not_sent_in_the_clear(address):
    with pytest.raises(errors.EnrichmentError, match="must begin with https://"):
        CompaniesHouse(TEST_KEY, base_url=address)


def test_outside_of_its_with_block_it_says_so(server):
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(client_of(server).company("01234567"))
