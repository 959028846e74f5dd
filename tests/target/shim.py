"""InfluxDB 2's interface in front of a real InfluxDB 1.6.7, so that the path of 2.x is checked against stored data.

Status codes and messages are those of 2.7; tokens: `all` may do everything, `write` may only write and delete,
`no delete` may only write.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import urllib3
from typing_extensions import override

from target_influxdb.servers import influxql

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRECISIONS = {"ns": "n", "us": "u", "ms": "ms", "s": "s"}
_UNPARSABLE = re.compile(r"unable to parse '.*")


class _Shim(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    upstream: str
    pool: urllib3.PoolManager

    @override
    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _handle(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        token = self.headers.get("Authorization", "").removeprefix("Token ")
        if parts.path == "/ping":
            self._answer(204)
        elif token not in {"all", "write", "no delete"}:
            self._answer(401, {"code": "unauthorized", "message": "unauthorized access"})
        elif parts.path == "/api/v2/write":
            self._write(query, body)
        elif parts.path == "/api/v2/delete" and token == "no delete":
            self._answer(403, {"code": "forbidden", "message": "insufficient permissions to delete"})
        elif parts.path == "/api/v2/delete":
            self._delete(query, json.loads(body))
        elif parts.path == "/api/v2/orgs":
            self._answer(200, {"orgs": [{"id": "0123456789abcdef"}] if token == "all" else []})
        elif parts.path == "/api/v2/buckets" and body:
            self._create(json.loads(body))
        elif parts.path == "/api/v2/buckets":
            self._answer(200, {"buckets": [{"name": query["name"], "retentionRules": []}]})
        elif parts.path == "/query" and token == "all":
            answer = self._upstream("/query?" + parts.query, body, {"Content-Type": self.headers["Content-Type"]})
            self._raw(answer.status, answer.data)
        else:
            error = f"default retention policy not set for: {query.get('db')}"
            self._answer(200, {"results": [{"statement_id": 0, "error": error}]})

    def _write(self, query: dict[str, str], body: bytes) -> None:
        if query["precision"] not in _PRECISIONS:
            self._answer(400, {"code": "invalid", "message": "invalid precision"})
            return
        precision = _PRECISIONS[query["precision"]]
        encoding = self.headers.get("Content-Encoding", "identity")
        target = f"/write?db={query['bucket']}&precision={precision}"
        answer = self._upstream(target, body, {"Content-Encoding": encoding})
        text = json.loads(answer.data)["error"] if answer.data else ""
        if answer.status == 404:
            self._answer(404, {"code": "not found", "message": f'bucket "{query["bucket"]}" not found'})
        elif "unable to parse" in text:  # 1.x stored the rest, 2.x would not have: the repair is the same
            self._answer(400, {"code": "invalid", "message": "\n".join(_UNPARSABLE.findall(text))})
        elif "partial write" in text:
            message = f"failure writing points to database: {text}"
            self._answer(422, {"code": "unprocessable entity", "message": message})
        else:
            self._answer(answer.status, {"code": "invalid", "message": text} if text else None)

    def _delete(self, query: dict[str, str], request: dict[str, str]) -> None:
        pairs = re.findall(r'("?)([^="]+)\1="((?:[^"\\]|\\.)*)"(?: AND |$)', request["predicate"])
        values = {key: re.sub(r"\\(.)", r"\1", value) for _, key, value in pairs}
        if "" in values.values():  # no point has a tag with this value, and 2.x looks for one
            self._answer(204)
            return
        where = [f"time >= '{request['start']}'", f"time <= '{request['stop']}'"]
        where += [f'"{key}"::tag = {influxql.text(value)}' for key, value in values.items() if key != "_measurement"]
        statement = f'DELETE FROM "{values["_measurement"]}" WHERE {" AND ".join(where)}'
        url = f"{self.upstream}/query"
        answer = self.pool.request("POST", url, fields={"db": query["bucket"], "q": statement}, encode_multipart=False)
        assert answer.status == 200, answer.data
        self._answer(204)

    def _create(self, bucket: dict[str, Any]) -> None:
        seconds = bucket["retentionRules"][0]["shardGroupDurationSeconds"]
        statement = f'CREATE DATABASE "{bucket["name"]}" WITH SHARD DURATION {seconds}s'
        self.pool.request("POST", f"{self.upstream}/query", fields={"q": statement}, encode_multipart=False)
        self._answer(201, bucket)

    def _upstream(self, target: str, body: bytes, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        return self.pool.request("POST", self.upstream + target, body=body, headers=headers)

    def _answer(self, status: int, value: Any = None) -> None:
        self._raw(status, json.dumps(value).encode() if value is not None else b"")

    def _raw(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("X-Influxdb-Version", "v2.7.12")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free loopback port; yields the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def influxdb2_shim(upstream: str) -> Iterator[str]:
    """Address of an InfluxDB 2 that stores in the InfluxDB 1 at `upstream`."""
    with urllib3.PoolManager() as pool:
        handler = type("Shim", (_Shim,), {"upstream": upstream, "pool": pool})
        with serving(handler) as url:
            yield url
