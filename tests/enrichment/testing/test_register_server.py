"""The local server looks like the real one on the wire, key by key and header by header."""

import asyncio
import json
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from payseg_widgets import errors
from payseg_widgets.enrichment.client.key import Key
from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.testing import FaultPlan, register_server
from payseg_widgets.enrichment.testing.plan import KINDS
from payseg_widgets.enrichment.testing.server import TEST_KEY
from payseg_widgets.enrichment.testing.window import FixedWindow
from tests.enrichment.testing.test_served_companies import ACORN, ENDED


def ask(server, *targets, key=TEST_KEY):
    """Status, headers in lower case and body of each, one after another on one connection."""

    async def story():
        headers = {"Authorization": Key(key).authorization()} if key else {}
        replies = []
        async with aiohttp.ClientSession(headers=headers) as session:
            for target in targets:
                async with session.get(server.url + target) as reply:
                    replies.append(
                        (reply.status, {k.lower(): v for k, v in reply.headers.items()}, await reply.read())
                    )
        return replies

    return asyncio.run(story())


# what is asked here, and how the name of the recording of such a reply begins and ends
PAIRS = {
    "/company/01234567": "company_get_data_0_7ef9c0b7",
    "/company/00000000": "company_get_data_0_78e548b6",
    "/advanced-search/companies?company_name_includes=bakery": "advanced-search 45444972",
    "/advanced-search/companies?company_name_includes=zebra": "advanced-search d0679e99",
    "/search/companies?q=oak+mills": "search 02317c7a",
    "/search/companies?q=acorn&start_index=990": "search ef81d843",
    "/alphabetical-search/companies?q=acorn": "alphabetical-search 7492c371",
    "/dissolved-search/companies?q=acorn&search_type=best-match": "dissolved-search ef34428a",
    "/dissolved-search/companies?q=acorn": "dissolved-search 7d6a56cd",
}


def recording_of(recordings, name):
    first, last = name.split()[0], name.split()[-1]
    (found,) = (
        each
        for file, each in recordings.items()
        if file.startswith(first) and file.endswith(f"{last[-8:]}.json")
    )
    return found


def test_replies_have_the_recorded_status_headers_and_keys(recordings):
    with register_server([ACORN, ENDED]) as server:
        replies = ask(server, *PAIRS)
    for (target, name), (status, headers, body) in zip(PAIRS.items(), replies, strict=True):
        recorded = recording_of(recordings, name)
        assert status == recorded["status_code"], target
        assert set(headers) == set(recorded["headers"]), target
        changing = ("date", "x-ratelimit-remain", "x-ratelimit-reset")
        assert {k: v for k, v in headers.items() if k not in changing} == {
            k: v for k, v in recorded["headers"].items() if k not in changing
        }, target
        content = recorded["content"].get("json")
        if content is None:
            assert body == b"", target
            continue
        answer = json.loads(body)
        assert set(answer) == set(content), target
        for one, other in zip(answer.get("items", [])[:1], content.get("items", [])[:1], strict=True):
            optional = {"date_of_cessation", "registered_office_address"}
            assert set(one) - optional == set(other) - optional, target
            for part in ("address", "registered_office_address", "links", "matches"):
                if part in one and part in other:
                    assert set(one[part]) == set(other[part]), (target, part)


def test_remain_counts_down_and_reset_stays_from_the_first_request_on():
    with register_server([ACORN]) as server:
        replies = ask(server, *["/company/01234567", "/company/99999999"] * 3)
    assert [headers["x-ratelimit-remain"] for _, headers, _ in replies] == [
        "599",
        "598",
        "597",
        "596",
        "595",
        "594",
    ]
    assert len({headers["x-ratelimit-reset"] for _, headers, _ in replies}) == 1
    first = replies[0][1]
    assert int(first["x-ratelimit-reset"]) - parsedate_to_datetime(first["date"]).timestamp() == 300
    assert server.windows == [6]


def test_wrong_and_missing_keys_are_told_apart_and_cost_nothing():
    with register_server([ACORN]) as server:
        ((status, headers, wrong),) = ask(server, "/company/01234567", key="other")
        ((_, _, missing),) = ask(server, "/company/01234567", key=None)
    assert (status, headers.get("x-ratelimit-remain")) == (401, None)
    assert json.loads(wrong) == {"error": "Invalid Authorization", "type": "ch:service"}
    assert json.loads(missing) == {"error": "Empty Authorization header", "type": "ch:service"}
    assert server.windows == []


def test_what_is_one_too_many_is_refused():
    with register_server([ACORN], window=FixedWindow(limit=2)) as server:
        replies = ask(server, *["/company/01234567"] * 3)
    assert [status for status, _, _ in replies] == [200, 200, 429]
    assert (server.windows, server.n_refused) == ([2], 1)
    assert [seen.status for seen in server.requests] == [200, 200, 429]


def test_the_clock_may_be_off_and_run_fast():
    with (
        register_server([ACORN], clock_offset_seconds=-600) as slow,
        register_server([ACORN], speed=600) as fast,
    ):
        ((_, headers, _),) = ask(slow, "/company/01234567")
        assert slow.now() - fast.now() < -590
        assert parsedate_to_datetime(headers["date"]).timestamp() == pytest.approx(slow.now(), abs=30)
        ask(fast, "/company/01234567")
        began_at = fast.now()
        while fast.now() < began_at + 300:
            pass
        ask(fast, "/company/01234567")
        assert fast.windows == [1, 1]


def test_every_kind_of_fault_can_be_planned_and_is_noted():
    plan = FaultPlan.exactly(["latin1", None, "duplicates"])
    cafe = Company("01234567", "CAFÉ ACORN LTD")
    with register_server([cafe], plan=plan) as server:
        replies = ask(
            server, "/company/01234567", "/company/01234567", "/search/companies?q=acorn", "/company/01234567"
        )
    assert "CAFÉ".encode("latin-1") in replies[0][2]
    assert "CAFÉ".encode() in replies[1][2]
    assert len(json.loads(replies[2][2])["items"]) == 2
    assert [seen.fault for seen in server.requests] == ["latin1", None, "duplicates", None]


def test_a_seeded_plan_repeats_itself_and_keeps_its_share():
    draws = [[FaultPlan(seed, 0.2, KINDS).next() for _ in range(1)] for seed in (1, 1)]
    assert draws[0] == draws[1]
    plan = FaultPlan(7, 0.2)
    share = sum(plan.next() is not None for _ in range(10_000)) / 10_000
    assert share == pytest.approx(0.2, abs=0.016)  # four standard errors


def test_unknown_faults_are_refused():
    with pytest.raises(errors.EnrichmentError, match="'gremlins'"):
        FaultPlan(1, 0.5, ["gremlins"])
