"""What can be wrong with an answer, how often it is asked again, and what it means for the others.

Every fault ends in one of three ways: the request is sent again; this customer has failed, with a reason; or nobody
is asked any more. The table `RULES` says which.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from payseg_widgets.errors import AccessRefusedError, KeyRefusedError, RequestError


@dataclass(frozen=True)
class Reply:
    """What came back: the status, the headers with names in lower case, the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Rule:
    """How often a fault is met before its request has failed, and the sentence that then says so.

    `tries_in_outage` is false where the register does answer, though badly: such a try counts even when everybody
    pauses, else one customer the register chokes on would hold up the rest for ever.
    """

    tries: int
    sentence: str
    tries_in_outage: bool = False


RULES = {
    "no connection": Rule(8, "no connection could be made", tries_in_outage=True),
    "connection lost": Rule(8, "the connection broke before the answer was complete", tries_in_outage=True),
    "timeout": Rule(8, "no answer came in time", tries_in_outage=True),
    "broken body": Rule(8, "the answer was cut short or its compression is broken", tries_in_outage=True),
    "unreadable": Rule(
        8, "the answer is not what the register sends (cut, empty or another page)", tries_in_outage=True
    ),
    "redirect": Rule(
        8, "something on the network redirected to another page, such as a login", tries_in_outage=True
    ),
    "unavailable": Rule(8, "the register or its gateway said that it is unavailable", tries_in_outage=True),
    "refused": Rule(8, "the register refused it as one too many (429)", tries_in_outage=True),
    "server error": Rule(3, "the register failed on it (500)"),
    "wrong company": Rule(3, "the register answered with another company than was asked for"),
    "rejected": Rule(1, "the register does not accept such a request"),
}


class Fault(Exception):  # noqa: N818  one attempt, not yet an error of anybody's
    """One attempt did not give what was asked for.

    Attributes
    ----------
    kind : str
        A key of `RULES`.
    status : int or None
        Of the reply, if there was one.
    """

    def __init__(self, kind: str, status: int | None = None) -> None:
        super().__init__(kind if status is None else f"{kind} ({status})")
        self.kind, self.status = kind, status


class Tries:
    """Counts the faults of one request until they are too many."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def count(self, fault: Fault, *, in_outage: bool) -> float:
        """Count a fault. Seconds to wait before the next try, before jitter.

        Raises
        ------
        RequestError
            If the request has failed for good.
        """
        rule = RULES[fault.kind]
        if not (in_outage and rule.tries_in_outage):
            self._counts[fault.kind] = self._counts.get(fault.kind, 0) + 1
        n, total = self._counts.get(fault.kind, 0), sum(self._counts.values())
        if n >= rule.tries or total >= max(each.tries for each in RULES.values()):
            status = "" if fault.status is None else f" Status {fault.status}."
            raise RequestError(
                f"Asked {total} times, the last time {rule.sentence}.{status} Run again to retry it.",
                fault.kind,
            )
        return min(5.0, 0.1 * 2**total)


def read_reply(reply: Reply) -> dict[str, Any] | None:
    """Decide on a reply, by its status alone unless that is 200.

    Returns
    -------
    dict or None
        The object sent; ``None`` where the register has nothing (404, whose body has changed over the years).

    Raises
    ------
    Fault
        If this attempt failed.
    KeyRefusedError, AccessRefusedError
        If nobody need be asked any more.
    """
    status = reply.status
    if status == 200:
        return _read_object(reply.body)
    if status == 404:
        return None
    if status == 401:
        raise KeyRefusedError(
            "Companies House does not accept the key (401). Look whether it is a live REST key and not withdrawn at "
            "https://developer.company-information.service.gov.uk/manage-applications, then run again: what was found is kept."
        )
    if status == 403:
        raise AccessRefusedError(
            "Companies House does not let this address or application ask (403). Keys may be bound to addresses, and are "
            "blocked after abuse; look at the application's settings, then run again: what was found is kept."
        )
    raise Fault(_kind_of(status), status)


def _kind_of(status: int) -> str:
    if status == 429:
        return "refused"
    if 300 <= status < 400:
        return "redirect"
    if status == 500:
        return "server error"
    return "unavailable" if status > 500 else "rejected"


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode("utf-8-sig")  # whatever the label says
    except UnicodeDecodeError:
        text = body.decode("latin-1")  # names then keep their accents, and no byte is invalid
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Fault("unreadable", 200)
    return value
