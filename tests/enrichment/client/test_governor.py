"""The gate: one shared pause, one who asks again, and a stop for all."""

import asyncio

import pytest

from payseg_widgets import errors
from payseg_widgets.enrichment.client.governor import Governor
from payseg_widgets.enrichment.client.outage import Outage
from payseg_widgets.enrichment.client.quota import Quota
from payseg_widgets.enrichment.testing.virtual import run_virtually
from tests.enrichment.client.test_quota import headers


def test_after_a_refusal_that_names_the_end_everybody_waits_for_it():
    async def story():
        governor = Governor()
        governor.heard(await governor.enter(), headers(remain=500), is_useful=True)
        governor.refused(await governor.enter(), headers(remain=0, reset_in=100))
        began_at = governor.clock.now()
        first, *others = [asyncio.create_task(governor.enter()) for _ in range(5)]
        ticket = await first
        assert not any(other.done() for other in others)  # one asks, the others wait for what it hears
        waited = governor.clock.now() - began_at
        governor.heard(ticket, headers(remain=599), is_useful=True)
        await asyncio.gather(*others)
        return waited

    assert run_virtually(story())[0] == pytest.approx(101.25)


def test_refusals_that_name_no_end_are_waited_for_longer_and_longer():
    async def story():
        governor = Governor(outage=Outage(seed=3))
        for _ in range(6):
            governor.refused(await governor.enter(), {})
        governor.heard(await governor.enter(), headers(remain=599), is_useful=True)
        return governor.n_refused, governor.is_paused

    (n_refused, is_paused), seconds = run_virtually(story())
    assert (n_refused, is_paused) == (6, False)
    assert 31.5 <= seconds <= 63.0  # 1 + 2 + ... + 32 seconds, each by half or less less


def test_an_outage_is_given_up_with_an_error_that_says_so_and_stops_everybody():
    async def story():
        governor = Governor(outage=Outage(patience_seconds=300, seed=1))

        async def worker():
            while True:
                governor.lost(await governor.enter())
                await asyncio.sleep(0.1)

        return await asyncio.gather(*(worker() for _ in range(8)), return_exceptions=True), governor.n_sent

    (ends, n_sent), seconds = run_virtually(story())
    assert all(isinstance(end, errors.RegisterUnavailableError) for end in ends)
    assert "5 minutes" in str(ends[0])
    assert 300 <= seconds <= 365
    assert n_sent <= 8 + 15  # a handful of questions, not a storm


def test_a_request_we_gave_up_ourselves_is_no_failure_of_the_register():
    async def story():
        governor = Governor(outage=Outage(threshold=1))
        governor.lost(await governor.enter(), is_fault=False)
        return governor.is_paused

    assert run_virtually(story())[0] is False


@pytest.mark.parametrize(
    ("n", "left", "seconds"),
    [
        (99, 99, 99 * 0.0125),
        (100, 99, 200 + 1.25 + 0.0125),
        (99 + 100 + 1, 99, 200 + 1.25 + 301.25 + 0.0125),
    ],
)
def test_the_time_left_is_whole_windows_and_the_last_burst(n, left, seconds):
    async def story():
        governor = Governor(quota=Quota(limit=left + 1))
        governor.heard(await governor.enter(), headers(remain=left, reset_in=200), is_useful=True)
        governor._reply_seconds = 0.1  # 0.0125 s for each of eight at a time
        return governor.estimate_seconds(n, concurrency=8)

    assert run_virtually(story())[0] == pytest.approx(seconds)
