"""Companies House as a source: by number where there is one, else by name."""

import asyncio

from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.sources.companies_house import CustomerSearch
from payseg_widgets.enrichment.testing import register_server
from payseg_widgets.enrichment.testing.companies import simulate_customers
from tests.enrichment.conftest import client_of, look_up


def find(server, *customers):
    async def story():
        async with CustomerSearch(client_of(server)) as source:
            return [await source.look_up(customer) for customer in customers]

    return asyncio.run(story())


def test_a_number_in_the_ledger_decides(register, companies):
    with register_server(register) as server:
        found = find(
            server, CustomerRecord("C1", companies[9].name, company_number=f" {int(companies[4].number)} ")
        )
        assert len(server.requests) == 1
    assert found == [[companies[4]]]


def test_a_number_that_is_none_or_unknown_is_passed_over_for_the_name(register, companies):
    with register_server(register) as server:
        junk, unknown = find(
            server,
            CustomerRecord("C1", companies[4].name, company_number="n/a"),
            CustomerRecord("C2", companies[4].name, company_number="87654321"),
        )
        assert len(server.requests) == 3
    assert junk[0].number == unknown[0].number == companies[4].number


def test_named_customers_cost_at_most_1_3_requests_each(register, companies):
    """15 % of the names have an error that no search for all words survives, and 5 % are previous ones."""
    results = []
    customers = simulate_customers(companies, seed=5)
    with register_server(register) as server:
        client = client_of(server)
        asyncio.run(look_up(client, customers, results))
        assert len(server.requests) <= 1.3 * len(customers)
    truth = {
        customer.customer_id: company.number for customer, company in zip(customers, companies, strict=True)
    }
    found = [
        result.found[0].number == truth[result.customer.customer_id] for result in results if result.found
    ]
    assert len(found) >= 0.99 * len(customers)
    assert sum(found) >= 0.97 * len(found)
