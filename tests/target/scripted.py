"""A server that answers writes by a script, and remembers what it was asked and what it stored."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tests.target.shim import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True)
class Reply:
    """An answer to one write; `stores` is what a server does before it answers."""

    status: int = 204
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    stores: bool = False
    delay: float = 0
    #: Cut the connection instead of answering.
    reset: bool = False
    encoding: str = "utf-8"


@dataclass
class Scripted:
    """State of a scripted server. `script` is used up first, then `rule` decides."""

    version: str = "v2.7.12"
    ping: Reply = field(default_factory=Reply)
    #: Answers to the first pings.
    pings: list[Reply] = field(default_factory=list)
    #: Answers to what is no write, by method and path; some depend on the body.
    answers: Mapping[str, Reply | Callable[[bytes], Reply]] = field(default_factory=dict)
    script: list[Reply] = field(default_factory=list)
    rule: Callable[[list[bytes]], Reply] = lambda _: Reply()
    stored: set[bytes] = field(default_factory=set)
    writes: list[float] = field(default_factory=list)
    #: (method and path, Authorization, body) of every request.
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, body: bytes) -> Reply:
        lines = body.splitlines()
        with self.lock:
            self.writes.append(time.monotonic())
            answer = self.script.pop(0) if self.script else self.rule(lines)
        time.sleep(answer.delay)
        if answer.status == 204 or answer.stores:
            with self.lock:
                self.stored.update(lines)
        return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: Scripted

    @override
    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        self._note(b"")
        self._send(self._ping() if self.path == "/ping" else self._answer(b""))

    def do_DELETE(self) -> None:
        self._note(b"")
        self._send(self._answer(b""))

    def do_PATCH(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._note(body)
        reply = self.state.reply(body) if "write" in self.path else self._answer(body)
        if reply.reset:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        with contextlib.suppress(OSError):
            self._send(reply)

    def _note(self, body: bytes) -> None:
        self.state.requests.append((f"{self.command} {self.path}", self.headers.get("Authorization", ""), body))

    def _ping(self) -> Reply:
        return self.state.pings.pop(0) if self.state.pings else self.state.ping

    def _answer(self, body: bytes) -> Reply:
        answer = self.state.answers.get(f"{self.command} {self.path.partition('?')[0]}", Reply(404))
        return answer if isinstance(answer, Reply) else answer(body)

    def _send(self, reply: Reply) -> None:
        body = reply.body.encode(reply.encoding)
        self.send_response(reply.status)
        for name, value in {"X-Influxdb-Version": self.state.version, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def scripted(**options: Any) -> Iterator[Scripted]:
    """Run a scripted server."""
    state = Scripted(**options)
    with serving(type("Handler", (_Handler,), {"state": state, "finish": _finish})) as url:
        state.url = url
        yield state


def _finish(self: _Handler) -> None:
    """Let go of a connection, also of one that was cut."""
    with contextlib.suppress(OSError, ValueError):
        BaseHTTPRequestHandler.finish(self)
