"""Faults that the server commits when told: what can go wrong between a client and the service."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import struct
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HTML = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
KINDS = [
    "status",
    "reset",
    "reset_body",
    "truncated",
    "empty",
    "html",
    "bad_gzip",
    "hang",
    "trickle",
    "redirect",
    "empty_list",
    "cut_list",
]


@dataclass
class Fault:
    """A fault for requests whose path and query match `pattern` (a regular expression, searched).

    The first `after` matching requests are answered well, the next `times` ones (None: all) are not.

    Kinds: `status` (with `body` and `headers`), `reset` (before the headers), `reset_body` (amid the
    body), `truncated` (half the JSON, status 200), `empty` (no body, status 200), `html` (status 200),
    `bad_gzip` (half a gzip body), `hang` (no answer for `seconds`), `trickle` (the body in pieces,
    `seconds` apart), `redirect` (to `location` and the same path), `empty_list` (`[]`), `cut_list`
    (the first `keep` elements, by default half of them).
    """

    pattern: str
    kind: str = "status"
    status: int = 500
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: int | str | datetime | None = None
    times: int | None = None
    after: int = 0
    seconds: float = 0.1
    location: str = "http://127.0.0.1:9"
    keep: int | None = None
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Unknown fault {self.kind!r}; known are {', '.join(KINDS)}.")
        re.compile(self.pattern)
        if isinstance(self.retry_after, datetime):  # the header's other form
            self.retry_after = format_datetime(self.retry_after, usegmt=True)
        if self.retry_after is not None:
            self.headers = {**self.headers, "Retry-After": str(self.retry_after)}

    def hits(self, path: str) -> bool:
        """Tell whether this request is one to spoil, and count it if it matches."""
        if not re.search(self.pattern, path):
            return False
        self.seen += 1
        return self.after < self.seen and (self.times is None or self.seen <= self.after + self.times)


def _reset(request: web.Request) -> web.Response:
    """Close the connection with RST instead of FIN."""
    transport = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)  # nobody sees it


async def _stream(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Send the headers of an answer alone."""
    body = _body(response)
    stream = web.StreamResponse(status=response.status, headers={"Content-Type": "application/json"})
    stream.content_length = len(body)
    await stream.prepare(request)
    return stream


def _body(response: web.Response) -> bytes:
    """JSON of an answer, not compressed."""
    body = response.body
    if not isinstance(body, bytes):
        raise TypeError("Only answers with a body can be spoilt.")
    return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body


def _at_once(fault: Fault, request: web.Request) -> web.Response:
    """Return the answers that need no right one."""
    if fault.kind == "html":
        return web.Response(text=HTML, content_type="text/html", headers=fault.headers)
    if fault.kind == "empty":
        return web.Response(body=b"", content_type="application/json", headers=fault.headers)
    if fault.kind == "redirect":
        return web.Response(status=302, headers={"Location": fault.location.rstrip("/") + request.path_qs})
    body = fault.body if fault.body is not None else json.dumps({"status": fault.status, "error": "Sandbox fault"})
    return web.Response(status=fault.status, text=body, content_type="application/json", headers=fault.headers)


def _spoilt(fault: Fault, body: bytes) -> web.Response:
    """Return a wrong answer made of the right one."""
    if fault.kind == "truncated":
        return web.Response(body=body[: len(body) // 2], content_type="application/json")
    if fault.kind == "bad_gzip":
        packed = gzip.compress(body)
        headers = {"Content-Encoding": "gzip"}
        return web.Response(body=packed[: len(packed) // 2], content_type="application/json", headers=headers)
    items = json.loads(body)
    keep = 0 if fault.kind == "empty_list" else len(items) // 2 if fault.keep is None else fault.keep
    return web.Response(body=json.dumps(items[:keep]).encode(), content_type="application/json")


async def commit(
    fault: Fault, request: web.Request, answer: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer a request wrongly; `answer` would answer it well."""
    if fault.kind in {"status", "html", "empty", "redirect"}:
        return _at_once(fault, request)
    if fault.kind == "reset":
        return _reset(request)
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    response = await answer()
    if fault.kind == "hang" or not isinstance(response, web.Response) or response.status != 200:
        return response
    body = _body(response)
    if fault.kind not in {"reset_body", "trickle"}:
        return _spoilt(fault, body)
    stream = await _stream(request, response)
    if fault.kind == "reset_body":
        await stream.write(body[: len(body) // 2])
        await asyncio.sleep(0.05)  # let the first half arrive
        _reset(request)
        return stream
    size = max(1, len(body) // 20)
    for start in range(0, len(body), size):
        await stream.write(body[start : start + size])
        await asyncio.sleep(fault.seconds)
    await stream.write_eof()
    return stream
