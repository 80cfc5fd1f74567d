"""One request over HTTP: what is sent, and which fault is told for what comes back."""

import asyncio
import time

import pytest

from payseg_widgets.enrichment.client.faults import Fault
from payseg_widgets.enrichment.client.key import Key
from payseg_widgets.enrichment.client.transport import HttpTransport
from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.testing import FaultPlan, register_server
from payseg_widgets.enrichment.testing.server import TEST_KEY

ACORN = Company("01234567", "ACORN LTD")


def get(url, *, timeout_seconds=2.0, read_timeout_seconds=1.0):
    async def story():
        transport = HttpTransport(
            url,
            Key(TEST_KEY),
            concurrency=1,
            timeout_seconds=timeout_seconds,
            read_timeout_seconds=read_timeout_seconds,
        )
        async with transport:
            return await transport.get("/company/01234567", {})

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("reset", "connection lost"),
        ("close", "connection lost"),
        ("short_body", "broken body"),
        ("bad_gzip", "broken body"),
        ("refused_connection", "connection lost"),
    ],
)
def test_each_broken_reply_is_told_apart(fault, kind):
    with register_server([ACORN], plan=FaultPlan.exactly([fault]), slow_seconds=0.1) as server:
        with pytest.raises(Fault) as caught:
            get(server.url)
        assert len(server.requests) == 1
    assert (caught.value.kind, caught.value.__context__, caught.value.__cause__) == (kind, None, None)


@pytest.mark.parametrize(
    ("fault", "read_timeout_seconds", "at_most"), [("slow_headers", 0.2, 1.0), ("drip", 1.0, 1.5)]
)
def test_slow_replies_are_given_up(fault, read_timeout_seconds, at_most):
    """A body that drips never lets a read wait for long; the time for the whole request ends it."""
    with register_server([ACORN], plan=FaultPlan.exactly([fault]), slow_seconds=5.0) as server:
        began_at = time.monotonic()
        with pytest.raises(Fault, match="timeout"):
            get(server.url, timeout_seconds=0.5, read_timeout_seconds=read_timeout_seconds)
        assert (
            time.monotonic() - began_at < at_most + 1.0
        )  # the machine may be busy; without an end it would take 5


def test_nobody_there_is_told_apart():
    with register_server([ACORN]) as server:
        url = server.url
    with pytest.raises(Fault, match="no connection"):
        get(url)


def test_a_redirect_is_not_followed():
    with register_server([ACORN], plan=FaultPlan.exactly(["redirect"])) as server:
        reply = get(server.url)
    assert reply.status == 302


def test_no_cookie_is_kept_and_the_key_is_in_no_address():
    with register_server([ACORN]) as server:
        reply = get(server.url)
        assert [seen.target for seen in server.requests] == ["/company/01234567"]
    assert reply.status == 200
    assert reply.headers["x-ratelimit-remain"] == "599"
