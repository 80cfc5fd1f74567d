"""Each reply is judged by its status, and its body only where that is 200."""

import pickle

import pytest

from payseg_widgets import errors
from payseg_widgets.enrichment.client.faults import RULES, Fault, Reply, Tries, read_reply


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"errors":[{"type":"ch:service"}]}', b"\xff"])
def test_404_is_nothing_there_whatever_its_body(body):
    assert read_reply(Reply(404, {}, body)) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_text_survives_whatever_the_label_says(encoding):
    reply = Reply(
        200,
        {"content-type": "application/json; charset=iso-8859-1"},
        '{"title": "CAFÉ LTD"}'.encode(encoding),
    )
    assert read_reply(reply) == {"title": "CAFÉ LTD"}


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"text"', b'{"items": [', b"<html></html>", b"[" * 100_000]
)
def test_a_200_that_is_no_object_is_unreadable(body):
    with pytest.raises(Fault, match="unreadable"):
        read_reply(Reply(200, {}, body))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, "redirect"),
        (429, "refused"),
        (500, "server error"),
        (502, "unavailable"),
        (503, "unavailable"),
        (504, "unavailable"),
        (416, "rejected"),
        (422, "rejected"),
        (400, "rejected"),
    ],
)
def test_other_statuses_are_faults_of_a_kind(status, kind):
    with pytest.raises(Fault) as caught:
        read_reply(Reply(status, {}, b"<html>"))
    assert (caught.value.kind, caught.value.status) == (kind, status)


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (401, errors.KeyRefusedError, "does not accept the key"),
        (403, errors.AccessRefusedError, "does not let this address"),
    ],
)
def test_a_refused_key_or_address_stops_everything_and_says_why(status, error, says):
    with pytest.raises(error, match=says):
        read_reply(Reply(status, {}, b""))


def test_a_request_fails_for_good_after_as_many_faults_as_the_table_says():
    for kind, rule in RULES.items():
        tries = Tries()
        for _ in range(rule.tries - 1):
            assert tries.count(Fault(kind), in_outage=False) > 0
        with pytest.raises(errors.RequestError, match=f"Asked {rule.tries} times") as caught:
            tries.count(Fault(kind), in_outage=False)
        assert caught.value.kind == kind


def test_faults_of_several_kinds_add_up():
    tries, kinds = Tries(), ["timeout", "redirect", "connection lost", "broken body"] * 2
    for kind in kinds[:-1]:
        tries.count(Fault(kind), in_outage=False)
    with pytest.raises(errors.RequestError):
        tries.count(Fault(kinds[-1]), in_outage=False)


def test_an_outage_is_not_held_against_a_customer_but_an_answer_that_fails_on_it_is():
    tries = Tries()
    for _ in range(50):
        tries.count(Fault("no connection"), in_outage=True)
    tries.count(Fault("server error", 500), in_outage=True)
    tries.count(Fault("server error", 500), in_outage=True)
    with pytest.raises(errors.RequestError, match="Status 500"):
        tries.count(Fault("server error", 500), in_outage=True)


def test_errors_are_values_that_survive_a_process_boundary():
    error = pickle.loads(pickle.dumps(errors.RequestError("why", "timeout")))
    assert str(error) == "why"
