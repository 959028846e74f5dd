"""The two sides of a measurement, each in a process of its own: the sandbox and the sink."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from benchmarks.sink import Received, Sink, application
from sandbox import Account, AthleteParameters, RateLimit, Sandbox
from sandbox.__main__ import write_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Service:
    """A server in another process; what it counted since the last call is asked for over a pipe."""

    url: str
    pipe: Connection

    def count(self) -> Any:
        """Return the count and begin again from zero."""
        self.pipe.send("count")
        return self.pipe.recv()

    def size(self) -> int:
        """Return the bytes of the sandbox's answers since the last count, and begin again from zero."""
        self.pipe.send("size")
        return int(self.pipe.recv())


@contextlib.contextmanager
def sandbox(parameters: AthleteParameters, *, latency: float = 0) -> Iterator[Service]:
    """Serve a synthetic athlete whose answers were all asked for once, so that they lie ready."""
    with _service(_serve_sandbox, parameters, latency) as service:
        yield service


@contextlib.contextmanager
def team(
    athletes: Sequence[AthleteParameters], credentials: Path, *, latency: float, per_second: float = 0
) -> Iterator[Service]:
    """Serve athletes with a token each, which are written to a file; counts all requests, and those answered 429."""
    with _service(_serve_team, athletes, credentials, latency, per_second) as service:
        yield service


@contextlib.contextmanager
def sink(version: int, *, latency: float = 0) -> Iterator[Service]:
    """Serve a database of InfluxDB's major version that only counts; each write takes `latency` seconds."""
    with _service(_serve_sink, version, latency) as service:
        yield service


@contextlib.contextmanager
def _service(target: Any, *arguments: object) -> Iterator[Service]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Service(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()


def _serve_sandbox(pipe: Connection, parameters: AthleteParameters, latency: float) -> None:
    server = Sandbox(Account(parameters), latency=latency)
    server.warm()
    with server:
        pipe.send(server.url)
        while what := pipe.recv():
            pipe.send(sum(one.size for one in server.requests) if what == "size" else len(server.requests))
            server.clear()


def _serve_team(
    pipe: Connection, athletes: Sequence[AthleteParameters], credentials: Path, latency: float, per_second: float
) -> None:
    tokens = {athlete.athlete_id: f"token-of-{athlete.athlete_id}" for athlete in athletes}
    write_credentials(credentials, tokens)
    limit = RateLimit(per_second=per_second, per_day=0, per_window=0)
    server = Sandbox([Account(athlete) for athlete in athletes], latency=latency, tokens=tokens, rate_limit=limit)
    server.warm()
    with server:
        pipe.send(server.url)
        while pipe.recv():
            statuses = [request.status for request in server.requests]
            pipe.send((len(statuses), statuses.count(429)))
            server.clear()


def _serve_sink(pipe: Connection, version: int, latency: float) -> None:
    asyncio.run(_sink(pipe, version, latency))


async def _sink(pipe: Connection, version: int, latency: float) -> None:
    counter = Sink()
    runner = web.AppRunner(application(counter, version, latency), auto_decompress=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    pipe.send(f"http://127.0.0.1:{runner.addresses[0][1]}")
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, pipe.recv):
        answer: Received = counter.count()
        pipe.send(answer)
