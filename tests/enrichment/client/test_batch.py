"""A batch: bounded, told one by one, paused, cancelled at once, nobody twice."""

import asyncio
import time

import pytest

from payseg_widgets import errors
from payseg_widgets.enrichment.client.batch import BatchControl, LookUpResult, look_up_all
from payseg_widgets.enrichment.client.loop import submit
from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.testing import FaultPlan, register_server
from payseg_widgets.enrichment.testing.plan import HARMLESS, RETRIED
from payseg_widgets.enrichment.testing.virtual import run_virtually
from tests.enrichment.conftest import SPEED, client_of, look_up


class Source:
    """Answers after a second, counting how many are asked at a time."""

    def __init__(self, seconds=1.0):
        self.n_now = self.most = 0
        self.seconds = seconds

    async def look_up(self, customer):
        self.n_now += 1
        self.most = max(self.most, self.n_now)
        await asyncio.sleep(self.seconds)
        self.n_now -= 1
        if customer.customer_id == "C3":
            raise errors.RequestError("Asked 8 times.", "timeout")
        return [Company(customer.company_number, customer.name)]


def test_at_most_so_many_are_asked_at_a_time_and_each_is_told_as_it_comes(numbered):
    source, told_at = Source(), []

    async def story():
        loop = asyncio.get_running_loop()
        await look_up_all(
            numbered[:10], source.look_up, on_result=lambda _: told_at.append(loop.time()), concurrency=4
        )

    _, seconds = run_virtually(story())
    assert source.most == 4
    assert told_at == pytest.approx([1] * 4 + [2] * 4 + [3] * 2)
    assert seconds == pytest.approx(3)


def test_who_failed_is_told_with_the_reason_and_the_others_go_on(numbered):
    results = []
    run_virtually(look_up_all(numbered[:10], Source().look_up, on_result=results.append))
    assert [result.customer.customer_id for result in results if result.failure == "Asked 8 times."] == ["C3"]
    assert len(results) == 10


def test_a_result_shows_no_customer():
    result = LookUpResult(None, [Company("01234567", "ACORN LTD")])
    assert repr(result) == "LookUpResult(found)"


def test_an_error_of_ours_is_not_hidden(numbered):
    async def broken(customer):
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        run_virtually(look_up_all(numbered, broken, on_result=print))


def test_nobody_is_a_batch_too():
    run_virtually(look_up_all([], Source().look_up, on_result=print))
    with pytest.raises(errors.EnrichmentError, match="concurrency=0"):
        run_virtually(look_up_all([], Source().look_up, on_result=print, concurrency=0))


def test_a_pause_lets_those_begun_finish_and_begins_no_other(numbered):
    control, results, counts = BatchControl(), [], []

    async def story():
        batch = asyncio.create_task(
            look_up_all(
                numbered[:12], Source().look_up, on_result=results.append, concurrency=4, control=control
            )
        )
        await asyncio.sleep(0.5)
        control.pause()
        await asyncio.sleep(100)
        counts.append(len(results))
        control.resume()
        await batch

    _, seconds = run_virtually(story())
    assert counts == [4]
    assert len(results) == 12
    assert seconds == pytest.approx(102.5, abs=0.1)


def test_progress_tells_what_is_done_and_left(numbered):
    told = []
    run_virtually(
        look_up_all(
            numbered[:10], Source().look_up, on_result=[].append, on_progress=told.append, concurrency=5
        )
    )
    assert (told[0].n_done, told[0].n_total, told[0].seconds_left) == (0, 10, None)
    assert (told[-1].n_done, told[-1].n_failed) == (10, 1)
    assert told[-1].per_second == pytest.approx(5)


@pytest.mark.parametrize("where", ["in requests", "at the end of the quota", "in an outage"])
def test_cancelling_waits_for_nothing(register, numbered, where):
    """While replies are awaited, while the next window is, and while everybody pauses."""
    plan = FaultPlan.exactly(["html_502"] * 10_000) if where == "in an outage" else None
    latency = 5.0 if where == "in requests" else 0.0
    results = []
    with register_server(register, plan=plan, latency_seconds=latency) as server:
        client = client_of(server)
        client.governor.clock = type(client.governor.clock)()  # real time: the window lasts five minutes
        if where == "at the end of the quota":
            for _ in range(590):
                server._window.count(server.now())
        handle = submit(look_up(client, numbered[:100], results))
        time.sleep(0.5)
        began_at = time.monotonic()
        assert handle.cancel()
        assert time.monotonic() - began_at < 2.5  # the shortest wait that is cut short is one of five seconds
        n_told = len(results)
        time.sleep(0.05)
    assert len(results) == n_told < 100
    with pytest.raises(errors.Cancelled):
        handle.result()


def test_a_fifth_of_all_requests_failing_loses_nobody_and_costs_little(register, numbered):
    results = []
    kinds = [
        kind for kind in RETRIED if kind not in ("slow_headers", "drip")
    ]  # the same, but seconds of waiting
    with register_server(register, speed=SPEED, plan=FaultPlan(11, 0.2, [*kinds, *HARMLESS])) as server:
        asyncio.run(look_up(client_of(server), numbered, results, concurrency=16))
        assert server.n_refused == 0
        assert server.most_at_once <= 16
        assert len(server.requests) <= 1.3 * len(numbered)
    assert sorted(result.found[0].number for result in results) == [each.company_number for each in numbered]


def test_a_busy_main_thread_loses_nothing(register, numbered):
    """A cell that computes: replies are read and told meanwhile, in the loop's own thread."""
    results = []
    with register_server(register, latency_seconds=0.02) as server:
        handle = submit(look_up(client_of(server), numbered[:100], results))
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            sum(range(1_000))
        n_told = len(results)
        handle.result(timeout=20)
    assert n_told > 10
    assert sorted(result.found[0].number for result in results) == [
        each.company_number for each in numbered[:100]
    ]


@pytest.mark.slow
def test_a_main_thread_blocked_for_a_minute_loses_nothing(register, numbered):
    results = []
    with register_server(register, latency_seconds=0.1) as server:
        handle = submit(look_up(client_of(server), numbered, results, concurrency=2))
        until = time.monotonic() + 60
        while time.monotonic() < until:
            sum(range(1_000))
        assert handle.is_done
    assert len(results) == len(numbered)
    assert not any(result.failure for result in results)


@pytest.mark.slow
@pytest.mark.parametrize("offset", [-600, 0, 600])
def test_two_thousand_requests_with_the_clock_off_are_never_refused(register, numbered, offset):
    results = []
    customers = [numbered[k % len(numbered)] for k in range(2_000)]
    with register_server(register, speed=120, clock_offset_seconds=offset) as server:
        client = client_of(server)
        client.governor.clock = type(client.governor.clock)(speed=120)
        asyncio.run(look_up(client, customers, results))
    assert len(results) == 2_000
    assert server.n_refused == 0
    assert max(server.windows) <= 600
    assert client.governor.n_sent == 2_000


def test_the_time_left_counts_those_who_come_after(register, numbered):
    def told(n_after):
        seen = []
        with register_server(register, speed=SPEED) as server:
            asyncio.run(
                look_up(client_of(server), numbered[:5], [], on_progress=seen.append, n_after=n_after)
            )
        return [at.seconds_left for at in seen if at.n_done == 5][-1]

    assert told(0) < 60
    assert told(6_000) > 9 * 300  # ten windows, of which the first has begun
