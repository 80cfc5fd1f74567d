"""Companies House over its API: a company by number, companies by name."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from payseg_widgets.enrichment.client.faults import Fault, Reply, Tries, read_reply
from payseg_widgets.enrichment.client.governor import Governor
from payseg_widgets.enrichment.client.key import Key, find_key
from payseg_widgets.enrichment.client.queries import telling_words, words_of
from payseg_widgets.enrichment.client.quota import Ticket
from payseg_widgets.enrichment.client.records import read_companies, read_company
from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.company_number import clean_company_number
from payseg_widgets.errors import EnrichmentError, SourceStoppedError

BASE_URL = "https://api.company-information.service.gov.uk"
MOST_HITS = 100  # a request costs the same however many hits it brings; of more the name says too little


class Transport(Protocol):
    """What sends a request: HTTP, or a simulated register."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    async def get(self, path: str, parameters: Mapping[str, str]) -> Reply:
        """One request; raises `Fault` if no complete reply came."""
        ...


class CompaniesHouse:
    """The register of companies; use ``async with``, one for all that is asked with a key.

    Parameters
    ----------
    key : str or Key, optional
        Else from the environment or the keyring: `payseg_widgets.enrichment.client.key.find_key`.
    base_url : str
        Another server, as one of `payseg_widgets.enrichment.testing`.
    concurrency : int, default 8
        The most requests on their way at a time that it is good for.
    governor : Governor, optional
    transport : Transport, optional
        In place of HTTP.
    timeout_seconds, read_timeout_seconds : float, default 30 and 10
        For a whole request, and for its next byte.

    Attributes
    ----------
    governor : Governor
        Knows the quota, and counts what was sent.

    Raises
    ------
    EnrichmentError
        If there is no key, or it would be sent in the clear over a network.

    Examples
    --------
    ::

        async with CompaniesHouse() as register:
            company = await register.company("14200734")
    """

    def __init__(
        self,
        key: str | Key | None = None,
        *,
        base_url: str = BASE_URL,
        concurrency: int = 8,
        governor: Governor | None = None,
        transport: Transport | None = None,
        timeout_seconds: float = 30.0,
        read_timeout_seconds: float = 10.0,
    ) -> None:
        _check_address(base_url)
        self.concurrency = concurrency
        self.governor = governor or Governor()
        self._base_url = base_url
        self._random = random.Random()  # noqa: S311  jitter, no secret
        self._exit = AsyncExitStack()
        if transport is None:
            from payseg_widgets.enrichment.client.transport import HttpTransport

            transport = HttpTransport(
                base_url,
                find_key(key),
                concurrency=concurrency,
                timeout_seconds=timeout_seconds,
                read_timeout_seconds=read_timeout_seconds,
            )
        self._transport = transport

    def __repr__(self) -> str:
        return f"CompaniesHouse({self._base_url}, sent={self.governor.n_sent})"

    async def __aenter__(self) -> Self:
        await self._exit.enter_async_context(self._transport)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    async def company(self, number: str) -> Company | None:
        """Ask for the company of that number; one request.

        Parameters
        ----------
        number : str
            Digits may lack their leading zeros.

        Returns
        -------
        Company or None
            ``None`` if the register has none.

        Raises
        ------
        EnrichmentError
            If it cannot be a company number; nothing is sent.
        RequestError
            If the request failed for good.
        SourceStoppedError
            If nobody need be asked any more.
        """
        clean = clean_company_number(number)
        if clean is None:  # others have made the register fail (500), and would cost a request
            raise EnrichmentError(
                f"{number[:40]!r} is no company number; those have eight characters: 01234567, SC123456."
            )
        number = clean
        answer = await self._ask(f"/company/{number}", {}, number=number)
        return None if answer is None else read_company(answer)

    async def search(self, name: str) -> list[Company]:
        """Companies that may be meant by a name; one request, or two.

        First those whose current name has all its telling words: such hits say all there is, at once. Only if there are none, or
        more than are sent, the search by relevance, which knows previous names and forgives errors, but not sectors:
        `company` completes the hit that was chosen.

        Parameters
        ----------
        name : str

        Returns
        -------
        list of Company
            In the register's order, each once; empty if it finds none, or the name has no letter.

        Raises
        ------
        RequestError, SourceStoppedError
            As `company`.
        """
        words = words_of(name)
        if not words:
            return []
        asked = {"company_name_includes": " ".join(telling_words(words)), "size": str(MOST_HITS)}
        exact = await self._ask("/advanced-search/companies", asked)
        companies = read_companies(exact) if exact is not None else []
        if companies and len(companies) < MOST_HITS:
            return companies
        near = await self._ask("/search/companies", {"q": " ".join(words), "items_per_page": "100"})
        known = {company.number: company for company in companies}
        for company in read_companies(near) if near is not None else []:
            other = known.get(company.number)
            known[company.number] = (
                company
                if other is None
                else dataclasses.replace(other, previous_names=company.previous_names)
            )
        return list(known.values())

    async def _ask(
        self, path: str, parameters: Mapping[str, str], *, number: str | None = None
    ) -> dict[str, Any] | None:
        tries = Tries()
        while True:
            try:
                return await self._ask_once(path, parameters, number)
            except SourceStoppedError as error:
                self.governor.stop(error)
                raise
            except Fault as fault:
                seconds = tries.count(fault, in_outage=self.governor.is_paused)
            await self.governor.clock.sleep(seconds * self._random.uniform(0.5, 1.0))

    async def _ask_once(
        self, path: str, parameters: Mapping[str, str], number: str | None
    ) -> dict[str, Any] | None:
        governor = self.governor
        ticket = await governor.enter()
        try:
            reply = await self._transport.get(path, parameters)
        except asyncio.CancelledError:
            governor.lost(ticket, is_fault=False, may_come_late=True)
            raise
        except Fault as fault:
            governor.lost(ticket, may_come_late=fault.kind == "timeout")
            raise
        return self._read(reply, ticket, number)

    def _read(self, reply: Reply, ticket: Ticket, number: str | None) -> dict[str, Any] | None:
        governor = self.governor
        if reply.status == 429:
            governor.refused(ticket, reply.headers)
            raise Fault("refused", 429)
        try:
            answer = read_reply(reply)
            if answer is not None:
                _check(answer, number)
        except (Fault, SourceStoppedError):
            governor.heard(ticket, reply.headers, is_useful=False)
            raise
        governor.heard(ticket, reply.headers, is_useful=True)
        return answer


def _check_address(base_url: str) -> None:
    parts = urlsplit(base_url)
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    )
    if not is_safe or parts.username is not None:
        raise EnrichmentError(
            f"The register's address ({parts.scheme}://{parts.hostname}) must begin with https:// and hold no user name, since "
            "the key is sent there; http:// is for servers on this machine."
        )


def _check(answer: Mapping[str, Any], number: str | None) -> None:
    if number is None:
        if not isinstance(answer.get("items"), list):
            raise Fault("unreadable", 200)
    elif "company_number" not in answer:
        raise Fault("unreadable", 200)
    elif str(answer["company_number"]).strip().upper() != number:
        raise Fault("wrong company", 200)
