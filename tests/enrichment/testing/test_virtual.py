"""Time that jumps."""

import asyncio
import time

import pytest

from payseg_widgets.enrichment.client.api import CompaniesHouse
from payseg_widgets.enrichment.testing.virtual import SimulatedTransport, run_virtually
from tests.enrichment.conftest import look_up


def test_a_day_passes_at_once_and_in_order():
    order = []

    async def wait(seconds):
        await asyncio.sleep(seconds)
        order.append(seconds)

    async def story():
        await asyncio.gather(wait(86_400), wait(10), wait(3_600))
        return "done"

    began_at = time.monotonic()
    assert run_virtually(story()) == ("done", 86_400)
    assert order == [10, 3_600, 86_400]
    assert time.monotonic() - began_at < 60


def test_waiting_for_nothing_is_an_error_not_for_ever():
    async def story():
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        run_virtually(story())


@pytest.mark.slow
def test_ten_thousand_customers_take_sixteen_windows_and_a_burst(register, numbered):
    transport = SimulatedTransport(register)
    results = []
    customers = [numbered[k % len(numbered)] for k in range(10_000)]
    client = CompaniesHouse("k", transport=transport)
    _, seconds = run_virtually(look_up(client, customers, results))
    assert len(results) == 10_000
    assert transport.window.counts == [600] * 16 + [400]
    assert transport.window.n_refused == 0
    assert 16 * 300 <= seconds <= 16 * 302 + 10
