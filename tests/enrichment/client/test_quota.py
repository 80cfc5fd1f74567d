"""The quota by the headers: no request that would be refused, whatever the headers say."""

import asyncio
import math
import random
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.enrichment.client.api import CompaniesHouse
from payseg_widgets.enrichment.client.faults import Fault
from payseg_widgets.enrichment.client.governor import Governor
from payseg_widgets.enrichment.client.quota import MARGIN_SECONDS, Quota, read_window
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.testing.served import ServedRegister
from payseg_widgets.enrichment.testing.virtual import SimulatedTransport, run_virtually
from payseg_widgets.enrichment.testing.window import FixedWindow
from tests.enrichment.conftest import look_up

EPOCH = 1_781_784_013


def headers(*, remain, reset_in=300, at=EPOCH, limit="", window="5m"):
    return {
        "date": formatdate(at, usegmt=True),
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remain": str(remain),
        "x-ratelimit-reset": str(at + reset_in),
        "x-ratelimit-window": window,
    }


def begun(**told):
    """A quota in a window that nobody else has begun, at time 0."""
    quota = Quota(limit=told["remain"] + 1)
    quota.heard(quota.take(0.0), headers(**told), 0.0)
    return quota


def test_headers_are_read_and_junk_is_none():
    report = read_window(headers(remain=12, window="15s", limit=600))
    assert (report.limit, report.remain, report.reset_in, report.seconds) == (600, 12, 300.0, 15.0)
    junk = read_window(
        {
            "x-ratelimit-remain": "many",
            "x-ratelimit-reset": "soon",
            "date": "today",
            "x-ratelimit-window": "5 moons",
        }
    )
    assert (junk.limit, junk.remain, junk.reset_in, junk.seconds) == (None,) * 4


def test_the_first_request_goes_alone():
    quota = Quota()
    first = quota.take(0.0)
    assert quota.wait(0.0) == math.inf  # for what the first one hears
    quota.heard(first, headers(remain=599), 0.1)
    assert (quota.wait(0.1), quota.left(0.1)) == (0, 599)


def test_requests_on_their_way_count_as_if_still_to_come():
    quota = begun(remain=2)
    quota.take(1.0)
    assert quota.wait(1.0) == 0
    quota.take(1.0)
    assert quota.left(1.0) == 0
    assert quota.wait(1.0) == 300 + MARGIN_SECONDS - 1.0  # the end as the headers say


def test_the_window_s_end_is_the_earliest_that_any_reply_allows():
    quota = begun(remain=3)  # Date may have been cut by almost a second
    ticket = quota.take(0.2)
    quota.heard(ticket, headers(remain=0, at=EPOCH + 1, reset_in=299), 0.2)
    assert quota.wait(0.2) == pytest.approx(299 + MARGIN_SECONDS)


def test_after_the_window_one_asks_again():
    quota = begun(remain=0)
    later = 300 + MARGIN_SECONDS
    assert quota.wait(later) == 0
    quota.take(later)
    assert quota.wait(later) == math.inf


def test_a_late_reply_of_the_window_before_changes_nothing():
    quota = begun(remain=5)
    late = quota.take(299.0)
    quota.heard(quota.take(302.0), headers(remain=598, at=EPOCH + 302), 302.0)
    quota.heard(late, headers(remain=4, at=EPOCH + 299, reset_in=1), 303.0)
    assert quota.left(303.0) == 598


def test_machines_whose_clocks_differ_by_minutes_tell_of_one_window():
    quota = begun(remain=5)
    quota.heard(quota.take(10.0), headers(remain=4, at=EPOCH + 610, reset_in=290), 10.0)
    quota.heard(quota.take(20.0), headers(remain=3, at=EPOCH + 20, reset_in=280), 20.0)
    assert quota.left(20.0) == 3
    assert not quota.is_shared


@pytest.mark.parametrize("reset_in", [-86_400, -1, 86_400, 10**12])
def test_an_end_in_the_past_or_far_future_is_replaced_by_a_whole_window(reset_in):
    quota = begun(remain=0, reset_in=reset_in)
    assert quota.wait(0.0) == 300 + MARGIN_SECONDS


def test_without_headers_the_documented_quota_is_counted_down():
    quota = Quota(limit=3)
    for k in range(3):
        quota.heard(quota.take(float(k)), {}, float(k))
    assert quota.wait(2.0) == pytest.approx(300 + MARGIN_SECONDS - 2.0)


def test_a_lost_request_counts_until_a_later_one_is_answered():
    quota = begun(remain=10)
    quota.lost(quota.take(1.0), 2.0)
    assert quota.left(2.0) == 9
    quota.heard(quota.take(3.0), headers(remain=9, at=EPOCH + 3, reset_in=297), 3.1)  # it had not arrived
    assert quota.left(3.1) == 9


def test_a_request_given_up_may_still_arrive_and_counts_until_the_window_ends():
    quota = begun(remain=10)
    quota.lost(quota.take(1.0), 31.0, may_come_late=True)
    quota.heard(quota.take(32.0), headers(remain=9, at=EPOCH + 32, reset_in=268), 32.1)
    assert quota.left(32.1) == 8
    quota.heard(quota.take(302.0), headers(remain=599, at=EPOCH + 302), 302.1)
    assert quota.left(302.1) == 599


def test_a_refusal_without_a_word_on_the_window_leaves_what_is_known():
    quota = begun(remain=10)
    assert quota.refused(quota.take(1.0), {}, 1.1) is False
    assert quota.left(1.1) == 9


def test_a_larger_quota_and_another_window_are_taken_from_the_headers():
    quota = begun(remain=1199, limit=1200, window="10m", reset_in=600)
    assert (quota.limit, quota.seconds, quota.left(0.0)) == (1200, 600.0, 1199)


def test_somebody_else_on_the_key_is_noticed_and_given_way():
    quota = begun(remain=100)
    quota.heard(quota.take(1.0), headers(remain=99, at=EPOCH + 1, reset_in=299), 1.1)
    assert not quota.is_shared
    quota.heard(quota.take(2.0), headers(remain=97, at=EPOCH + 2, reset_in=298), 2.1)
    assert quota.is_shared
    assert quota.left(2.1) == 97 - 16


def test_a_window_that_had_begun_already_is_somebody_else_s():
    quota = Quota()
    quota.heard(quota.take(0.0), headers(remain=400), 0.1)
    assert quota.is_shared
    assert quota.left(0.1) == 400 - 16


class Lossy(SimulatedTransport):
    """Loses some requests, on the way there (not counted) or on the way back (counted)."""

    def __init__(self, register, *, share, seed, **options):
        super().__init__(register, seed=seed, **options)
        self.draw, self.share = random.Random(seed), share

    async def get(self, path, parameters):
        chance = self.draw.random()
        if chance < self.share / 2:
            await asyncio.sleep(self.draw.choice((0.01, 10.0)))
            raise Fault("timeout")
        reply = await super().get(path, parameters)
        if chance < self.share:
            await asyncio.sleep(self.draw.choice((0.0, 10.0)))
            raise Fault("connection lost")
        return reply


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10**6),
    limit=st.integers(5, 40),
    concurrency=st.integers(1, 12),
    share=st.sampled_from((0.0, 0.2, 0.4)),
    latency=st.sampled_from((0.01, 0.3, 2.0)),
    offset=st.integers(-600, 600),
)
def test_no_request_is_ever_one_too_many(companies, seed, limit, concurrency, share, latency, offset):
    customers = [
        CustomerRecord(f"C{k}", each.name, company_number=each.number)
        for k, each in enumerate(companies[:60])
    ]
    window = FixedWindow(limit=limit)
    transport = Lossy(
        ServedRegister(companies[:60]),
        share=share,
        seed=seed,
        window=window,
        latency_seconds=latency,
        clock_offset_seconds=offset,
    )
    results = []
    client = CompaniesHouse("k", transport=transport, governor=Governor())
    run_virtually(look_up(client, customers, results, concurrency=concurrency))
    assert window.n_refused == 0
    assert sorted(result.customer.customer_id for result in results) == sorted(
        each.customer_id for each in customers
    )


@pytest.mark.parametrize(("n", "at_most"), [(2_000, 915.0), (600, 15.0)])
def test_so_many_requests_take_the_windows_and_little_more(register, numbered, n, at_most):
    transport = SimulatedTransport(register)
    client = CompaniesHouse("k", transport=transport)
    customers = [numbered[k % len(numbered)] for k in range(n)]
    _, seconds = run_virtually(look_up(client, customers, [], concurrency=8))
    assert transport.window.n_refused == 0
    assert seconds <= at_most
    assert transport.window.counts == [600] * (n // 600) + ([n % 600] if n % 600 else [])


def test_the_time_left_is_known_from_the_start(register, numbered):
    transport = SimulatedTransport(register)
    client = CompaniesHouse("k", transport=transport)
    told = []
    customers = [numbered[k % len(numbered)] for k in range(1_500)]
    _, seconds = run_virtually(look_up(client, customers, [], on_progress=told.append))
    early = next(progress for progress in told if progress.n_done == 100)
    assert early.seconds_left == pytest.approx(seconds, abs=10)
    assert (told[-1].n_done, told[-1].seconds_left) == (1_500, 0)


def test_two_notebooks_on_one_key_share_the_window(register, numbered):
    """Both see the count go down faster than by their own; at the edge neither is refused."""
    window = FixedWindow()
    clients = [
        CompaniesHouse("k", transport=SimulatedTransport(register, window=window, seed=seed))
        for seed in (1, 2)
    ]
    results = [[], []]

    async def both():
        runs = (
            look_up(client, numbered * 3, told, concurrency=8)
            for client, told in zip(clients, results, strict=True)
        )
        await asyncio.gather(*runs)

    _, seconds = run_virtually(both())
    assert [len(told) for told in results] == [900, 900]
    assert window.n_refused == 0
    assert seconds < 915
