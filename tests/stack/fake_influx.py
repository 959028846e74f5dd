"""Stands in for an InfluxDB 2, as far as sync/backup_influxdb2.py uses its API: a bucket is a file named by it."""

from __future__ import annotations

import contextlib
import gzip
import json
from http.server import BaseHTTPRequestHandler
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

from tests.target.shim import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

TOKEN = "secret-influxdb-token"
REFUSED = "refused"
"""A file beside the buckets, with the beginning of a request, such as `PATCH`, that is answered with 401."""
OLD, NEW = 7, 70
"""The shard of each bucket, and that of a restored one."""


@contextlib.contextmanager
def influxdb2(buckets: Path) -> Iterator[str]:
    """Serve the buckets in a folder; yield the address."""
    with serving(type("Server", (Handler,), {"buckets": buckets})) as url:
        yield url


class Handler(BaseHTTPRequestHandler):
    buckets: ClassVar[Path]
    restored: ClassVar[str] = ""

    def handle_one(self) -> None:
        address = urlsplit(self.path)
        path, asked = address.path.removeprefix("/api/v2/"), parse_qs(address.query)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = f"{self.command} {path}"
        refused = self.buckets.parent / REFUSED
        if refused.exists() and request.startswith(refused.read_text()):
            self.answer(401, b"unauthorized access")
            return
        assert self.headers["Authorization"] == f"Token {TOKEN}"
        known: dict[str, Callable[[], None]] = {
            "GET backup/metadata": self.tell_metadata,
            f"GET backup/shards/{OLD}": self.tell_shard,
            "GET backup/shards/8": lambda: self.answer(404, b"shard not found"),
            "GET buckets": lambda: self.find(asked["name"][0]),
            "GET orgs": lambda: self.answer(200, json.dumps({"orgs": [{"id": "org-id", "name": "org"}]}).encode()),
            "POST restore/bucketMetadata": lambda: self.make(json.loads(body)),
            f"POST restore/shards/{NEW}": lambda: self.fill(body),
        }
        named = self.buckets / path.removeprefix("buckets/id-of-")
        if request in known:
            known[request]()
        elif self.command == "DELETE":
            named.unlink()
            self.answer(204)
        else:
            assert self.command == "PATCH"
            target = named.with_name(json.loads(body)["name"])
            assert not target.exists()
            named.rename(target)
            self.answer(200)

    def tell_metadata(self) -> None:
        shards = [{"id": OLD}, {"id": 8}]  # the second is gone when it is asked for
        groups = [{"shards": shards}, {"shards": [{"id": 9}], "deletedAt": "2026-01-01T00:00:00Z"}]
        policies = [{"name": "autogen", "shardGroups": groups}, {"name": "empty", "shardGroups": None}]
        of_org = {"organizationName": "org", "organizationID": "old", "retentionPolicies": policies}
        manifests = [{"bucketName": bucket.name, **of_org} for bucket in sorted(self.buckets.iterdir())]
        parts = (("kv", b"--\r\n\r\n\x00"), ("buckets", json.dumps(manifests).encode()))
        whole = b"".join(
            f'\r\n--limit\r\nContent-Disposition: attachment; name="{name}"\r\n\r\n'.encode() + content
            for name, content in parts
        )
        self.answer(200, whole + b"\r\n--limit--\r\n", {"Content-Type": "multipart/mixed; boundary=limit"})

    def tell_shard(self) -> None:
        points = (self.buckets / "intervals_icu").read_bytes()
        self.answer(200, gzip.compress(points), {"Content-Encoding": "gzip"})

    def find(self, name: str) -> None:
        found = [{"id": f"id-of-{name}"}] if (self.buckets / name).exists() else []
        self.answer(200 if found else 404, json.dumps({"buckets": found}).encode())

    def make(self, manifest: dict[str, str]) -> None:
        name = type(self).restored = manifest["bucketName"]
        assert manifest["organizationID"] == "org-id"
        (self.buckets / name).touch(exist_ok=False)
        pairs = [{"oldId": OLD, "newId": NEW}, {"oldId": 8, "newId": 80}]
        self.answer(201, json.dumps({"id": f"id-of-{name}", "shardMappings": pairs}).encode())

    def fill(self, body: bytes) -> None:
        assert self.headers["Content-Encoding"] == "gzip"
        (self.buckets / self.restored).write_bytes(gzip.decompress(body))
        self.answer(204)

    def answer(self, status: int, content: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content)), **headers}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = do_PATCH = handle_one  # noqa: N815 - names of http.server

    @override
    def log_message(self, *_: object) -> None: ...
