"""How each fault of a plan is done to a reply, down to the bytes on the socket."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

_HTML = b"<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n"


@dataclass(frozen=True)
class Outgoing:
    """A reply about to be sent; `headers` with the capitals in which they go out."""

    status: int
    headers: dict[str, str]
    body: bytes

    def response(self) -> web.Response:
        """As aiohttp sends it."""
        response = web.Response(status=self.status, headers=self.headers, body=self.body)
        if self.body:
            response.enable_chunked_encoding()
        return response

    def with_json(self, body: bytes, status: int = 200) -> Outgoing:
        """Another body, declared as JSON."""
        return replace(
            self, status=status, body=body, headers={**self.headers, "Content-Type": "application/json"}
        )

    def with_headers(self, **headers: str) -> Outgoing:
        """Other values of some headers, written with underscores."""
        return replace(
            self,
            headers={**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )


def changed(kind: str, reply: Outgoing) -> Outgoing | None:
    """Put a fault into a reply that is still proper HTTP; ``None`` if the fault is none of these."""
    content = json.loads(reply.body) if reply.status == 200 and reply.body else {}
    reset = int(reply.headers["X-Ratelimit-Reset"])
    shifted = reply.with_headers(
        X_Ratelimit_Reset=str(reset + 600), Date=shifted_date(reply.headers["Date"], 600)
    )
    bare = replace(
        reply, headers={name: v for name, v in reply.headers.items() if not name.startswith("X-Ratelimit")}
    )
    wrong = {**content, "company_number": "99999999"} if "company_number" in content else content
    html = {"Content-Type": "text/html", "Date": reply.headers["Date"]}
    replies: dict[str, Outgoing] = {
        "cut_json": reply.with_json((reply.body or b'{"items": []}')[:-1]),
        "html_200": replace(
            reply, status=200, body=_HTML, headers={**reply.headers, "Content-Type": "text/html"}
        ),
        "html_502": Outgoing(502, html, _HTML),
        "latin1": replace(reply, body=reply.body.decode().encode("latin-1", "replace")),
        "wrong_charset": reply.with_headers(Content_Type="application/json; charset=iso-8859-1"),
        "empty_200": reply.with_json(b""),
        "null": reply.with_json(b"null"),
        "list": reply.with_json(b"[]"),
        "redirect": Outgoing(302, {"Location": "https://login.example/", "Date": reply.headers["Date"]}, b""),
        "too_many": Outgoing(429, {"Date": reply.headers["Date"]}, b""),
        "too_many_reset": replace(reply.with_headers(X_Ratelimit_Remain="0"), status=429, body=b""),
        "reset_past": reply.with_headers(X_Ratelimit_Reset=str(reset - 86_400)),
        "reset_future": reply.with_headers(X_Ratelimit_Reset=str(reset + 86_400)),
        "no_headers": bare,
        "clock_off": shifted,
        "unauthorised": reply.with_json(b'{"error":"Invalid Authorization","type":"ch:service"}', 401),
        "forbidden": reply.with_json(b"", 403),
        "out_of_range": replace(reply, status=416, body=b""),
        "server_error": reply.with_json(b'{"error":"internal server error"}', 500),
        "wrong_company": replace(reply, body=dumps(wrong)) if content else reply,
        "duplicates": replace(reply, body=dumps({**content, "items": content["items"] * 2}))
        if "items" in content
        else reply,
        "saturated": replace(reply, body=dumps({**content, "hits": 10_000, "total_results": 10_000}))
        if content
        else reply,
    }
    return replies.get(kind)


async def slow_headers(request: web.Request, reply: Outgoing, seconds: float) -> web.StreamResponse:
    """Nothing for a while, then all."""
    await asyncio.sleep(seconds)
    return reply.response()


async def drip(request: web.Request, reply: Outgoing, seconds: float) -> web.StreamResponse:
    """Send a byte at a time, over that many seconds."""
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    await response.prepare(request)
    n_parts = 20
    for _ in range(n_parts):
        await response.write(b" ")
        await asyncio.sleep(seconds / n_parts)
    await response.write(reply.body)
    return response


async def reset(request: web.Request, reply: Outgoing, seconds: float) -> web.StreamResponse:
    """Reset the connection."""
    transport = _transport(request)
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()
    return web.Response()


async def close(request: web.Request, reply: Outgoing, seconds: float) -> web.StreamResponse:
    """Close the connection without a word."""
    _transport(request).close()
    return web.Response()


async def short_body(request: web.Request, reply: Outgoing, seconds: float) -> web.StreamResponse:
    """Fewer bytes than were announced."""
    return _raw(request, reply, reply.body, announced=len(reply.body) + 100)


async def bad_gzip(request: web.Request, reply: Outgoing, seconds: float) -> web.StreamResponse:
    """Compressed, but damaged."""
    packed = bytearray(gzip.compress(reply.body or b"{}"))
    packed[10:14] = b"\xff\xff\xff\xff"
    reply = reply.with_headers(Content_Encoding="gzip")
    return _raw(request, reply, bytes(packed), announced=len(packed))


BROKEN: dict[str, Callable[[web.Request, Outgoing, float], Awaitable[web.StreamResponse]]] = {
    "slow_headers": slow_headers,
    "drip": drip,
    "reset": reset,
    "close": close,
    "refused_connection": close,  # and then the server does not listen for a while
    "short_body": short_body,
    "bad_gzip": bad_gzip,
}


def dumps(content: object) -> bytes:
    """JSON in UTF-8, accents as they are."""
    return json.dumps(content, ensure_ascii=False).encode()


def shifted_date(text: str, seconds: float) -> str:
    """Move an HTTP date."""
    return format_datetime(parsedate_to_datetime(text) + timedelta(seconds=seconds), usegmt=True)


def _raw(request: web.Request, reply: Outgoing, body: bytes, *, announced: int) -> web.StreamResponse:
    lines = [f"HTTP/1.1 {reply.status} X", *(f"{name}: {value}" for name, value in reply.headers.items())]
    lines = [line for line in lines if not line.startswith(("Content-Length", "Transfer-Encoding"))]
    head = "\r\n".join([*lines, f"Content-Length: {announced}", "", ""]).encode()
    transport = _transport(request)
    transport.write(head + body)
    transport.close()
    return web.Response()


def _transport(request: web.Request) -> asyncio.Transport:
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError("the client has gone")
    return transport
