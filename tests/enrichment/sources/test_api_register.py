"""Customers enriched over real sockets from a register on this machine."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

from payseg_widgets.enrichment.enrich import enrich
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.sources.companies_house import ApiRegister
from payseg_widgets.enrichment.testing import FaultPlan, register_server
from payseg_widgets.enrichment.testing.server import TEST_KEY
from payseg_widgets.errors import Cancelled, KeyRefusedError


@pytest.fixture(scope="module")
def customers(companies):
    """Every company as its own customer, by number."""
    return pd.DataFrame(
        {
            "customer_id": [f"C{k:03}" for k in range(len(companies))],
            "name": [company.name.title() for company in companies],
            "company_number": [company.number for company in companies],
        }
    )


def test_each_customer_gets_its_company_and_nobody_is_asked_for_twice(companies, customers):
    with register_server(companies) as server, Journal() as journal:
        source = ApiRegister(TEST_KEY, base_url=server.url)
        made = enrich(customers, source, journal=journal)
        n = len(server.requests)
        again = enrich(customers, source, journal=journal)
        assert len(server.requests) == n <= 1.3 * len(customers)
        assert server.n_refused == 0
    assert (made.table["state"] == "matched").all()
    assert made.table["company_number"].tolist() == customers["company_number"].tolist()
    pd.testing.assert_frame_equal(made.table, again.table)


def test_a_run_that_is_cancelled_stops_at_once_and_goes_on_later(companies, customers):
    cancel = threading.Event()
    with register_server(companies, latency_seconds=0.05) as server, Journal() as journal:
        source = ApiRegister(TEST_KEY, base_url=server.url, concurrency=2)
        with pytest.raises(Cancelled) as stopped:
            enrich(
                customers, source, journal=journal, cancel=cancel,
                progress=lambda _what, done, _total: cancel.set() if done >= 5 else None,
            )  # fmt: skip
        done = (stopped.value.finished.table["state"] != "pending").sum()
        assert 5 <= done < len(customers)
        n = len(server.requests)
        rest = enrich(customers.head(done + 20), source, journal=journal)
        assert (rest.table["state"] != "pending").all()
        assert len(server.requests) - n <= 22  # the twenty new ones and those in flight before


def test_a_refused_key_stops_everything_and_is_never_shown(companies, customers, caplog):
    caplog.set_level("DEBUG")
    with register_server(companies) as server, Journal() as journal:
        source = ApiRegister("a-key-nobody-knows", base_url=server.url)
        with pytest.raises(KeyRefusedError) as refused:
            enrich(customers, source, journal=journal)
        assert len(server.requests) <= 8
    assert (refused.value.finished.table["state"] == "pending").all()
    assert "a-key-nobody-knows" not in f"{refused.value} {source!r} {caplog.text}"


def test_under_faults_everybody_is_answered(companies, customers):
    with register_server(
        companies, plan=FaultPlan(seed=3, share=0.2, kinds=("reset", "cut_json", "html_502"))
    ) as server:
        made = enrich(customers.head(60), ApiRegister(TEST_KEY, base_url=server.url))
    assert (made.table["state"] == "matched").all()


def test_while_paused_no_further_customer_is_begun(companies, customers):
    pause, cancel = threading.Event(), threading.Event()
    pause.set()
    with register_server(companies) as server:
        threading.Timer(0.4, cancel.set).start()
        with pytest.raises(Cancelled):
            enrich(customers, ApiRegister(TEST_KEY, base_url=server.url), pause=pause, cancel=cancel)
        assert server.requests == []
