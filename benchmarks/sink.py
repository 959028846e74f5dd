"""A server that takes line protocol as InfluxDB 1.8 or 2.7 would, stores nothing and counts what comes in."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

VERSIONS = {1: "1.8.10", 2: "v2.7.12"}


@dataclass(frozen=True, slots=True)
class Received:
    """Points (lines), bytes on the wire and write requests since the last count."""

    points: int
    bytes: int
    writes: int


@dataclass(slots=True)
class Sink:
    """Bodies are only kept while the clock runs; they are inflated and counted when asked."""

    packed: list[bytes] = field(default_factory=list)
    plain_lines: int = 0
    plain_bytes: int = 0
    plain_writes: int = 0

    def take(self, body: bytes) -> None:
        """Note one write."""
        if body[:2] == b"\x1f\x8b":
            self.packed.append(body)
        else:
            self.plain_lines += body.count(b"\n") + (not body.endswith(b"\n"))
            self.plain_bytes += len(body)
            self.plain_writes += 1

    def count(self) -> Received:
        """Count what came in and begin again from zero."""
        lines, size, writes = self.plain_lines, self.plain_bytes, self.plain_writes
        for body in self.packed:
            text = gzip.decompress(body)
            lines += text.count(b"\n") + (not text.endswith(b"\n"))
            size += len(body)
        writes += len(self.packed)
        self.packed, self.plain_lines, self.plain_bytes, self.plain_writes = [], 0, 0, 0
        return Received(lines, size, writes)


def application(sink: Sink, version: int, latency: float = 0) -> web.Application:
    """Build the server; every database and bucket exists and is empty, and a write takes `latency` seconds."""

    async def write(request: web.Request) -> web.Response:
        sink.take(await request.read())
        await asyncio.sleep(latency)
        return web.Response(status=204)

    async def nothing(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=204, headers={"X-Influxdb-Version": VERSIONS[version]})

    async def buckets(request: web.Request) -> web.Response:
        bucket = {
            "id": "0" * 15 + "1",
            "orgID": "0" * 15 + "2",
            "name": request.query.get("name", "bucket"),
            "retentionRules": [],
        }
        return web.json_response({"buckets": [bucket]})

    async def organisations(_request: web.Request) -> web.Response:
        return web.json_response({"orgs": [{"id": "0" * 15 + "2", "name": "org"}]})

    async def influxql(_request: web.Request) -> web.Response:
        return web.json_response({"results": [{"statement_id": 0}]})

    async def flux(_request: web.Request) -> web.Response:
        return web.Response(text="\r\n", content_type="text/csv")

    routes: list[tuple[str, str, Callable[[web.Request], Awaitable[web.Response]]]] = [
        ("*", "/ping", nothing),
        ("POST", "/write", write),
        ("POST", "/api/v2/write", write),
        ("POST", "/api/v2/delete", nothing),
        ("POST", "/api/v2/query", flux),
        ("GET", "/api/v2/buckets", buckets),
        ("GET", "/api/v2/orgs", organisations),
        ("*", "/query", influxql),
    ]
    app = web.Application(client_max_size=2**31)
    for method, path, handler in routes:
        app.router.add_route(method, path, handler)
    return app
