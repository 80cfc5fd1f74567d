"""What the tests of the client and of the local register share."""

from __future__ import annotations

import json

import pytest

from payseg_widgets.enrichment.client.api import CompaniesHouse
from payseg_widgets.enrichment.client.batch import look_up_all
from payseg_widgets.enrichment.client.clock import Clock
from payseg_widgets.enrichment.client.governor import Governor
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.sources.companies_house import CustomerSearch
from payseg_widgets.enrichment.testing import simulate_companies
from payseg_widgets.enrichment.testing.served import ServedRegister
from payseg_widgets.enrichment.testing.server import TEST_KEY

SPEED = 600  # a rate window of five minutes takes half a second


@pytest.fixture(scope="session")
def companies():
    return simulate_companies(300, seed=1)


@pytest.fixture(scope="session")
def register(companies):
    return ServedRegister(companies)


@pytest.fixture(scope="session")
def numbered(companies):
    """Customers of whom the ledger has the company number."""
    return [
        CustomerRecord(f"C{k}", company.name, company_number=company.number)
        for k, company in enumerate(companies)
    ]


@pytest.fixture(scope="session")
def recordings(real_data):
    """Replies of the real register by file name: status, headers in lower case, body, address."""
    files = sorted((real_data / "companies_house_recordings").glob("[!_]*.json"))
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in files}


def client_of(server, *, outage=None, **options):
    """A client of a local server that runs at `SPEED`."""
    return CompaniesHouse(
        TEST_KEY, base_url=server.url, governor=Governor(outage=outage, clock=Clock(speed=SPEED)), **options
    )


async def look_up(register, customers, results, **options):
    """Look all customers up on a register, collecting results as they come."""
    async with CustomerSearch(register) as source:
        await look_up_all(
            customers, source.look_up, on_result=results.append, governor=register.governor, **options
        )
