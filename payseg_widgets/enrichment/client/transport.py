"""Sends one request over HTTP and tells every way in which no reply comes apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp

from payseg_widgets.enrichment.client.faults import Fault, Reply
from payseg_widgets.enrichment.client.key import Key


class HttpTransport:
    """An HTTP session with the register; use ``async with``.

    Parameters
    ----------
    base_url : str
    key : Key
        Sent in a header, never in an address.
    concurrency : int
        So many connections are kept.
    timeout_seconds : float
        For a request as a whole.
    read_timeout_seconds : float
        For the next byte.
    """

    def __init__(
        self,
        base_url: str,
        key: Key,
        *,
        concurrency: int,
        timeout_seconds: float,
        read_timeout_seconds: float,
    ) -> None:
        self._base_url, self._key, self._concurrency = base_url.rstrip("/"), key, concurrency
        self._timeout = aiohttp.ClientTimeout(
            total=timeout_seconds, sock_connect=read_timeout_seconds, sock_read=read_timeout_seconds
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._concurrency),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": "payseg-widgets",
            },
            middlewares=(_send_once,),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str, parameters: Mapping[str, str]) -> Reply:
        """Ask once.

        Raises
        ------
        Fault
            If no complete reply came. It carries nothing of the request, whose headers hold the key.
        """
        if self._session is None:
            raise RuntimeError("the session is not open: use `async with`")
        kind = ""
        try:
            async with self._session.get(
                self._base_url + path,
                params=parameters,
                headers={"Authorization": self._key.authorization()},
                allow_redirects=False,
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, headers, await response.read())
        except Fault as fault:
            kind = fault.kind
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            kind = _kind_of(error)
        raise Fault(kind)  # outside of `except`: an error of aiohttp has the request, and so the key, in it


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a lost request again by itself: it would spend quota that nobody counts."""
    kind = ""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        kind = "no connection"
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        kind = "connection lost"
    raise Fault(kind)


def _kind_of(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "no connection"
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ClientResponseError | ValueError):
        return "broken body"
    return "connection lost"
