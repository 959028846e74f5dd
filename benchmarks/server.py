"""The target into a real InfluxDB 1.x, beside what the same server takes from a client that only sends."""

from __future__ import annotations

import gzip
import time
from dataclasses import replace
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from benchmarks import goals, services
from benchmarks.programs import Pipe
from sandbox import databases

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox import AthleteParameters

LINES = 5000  # of a request, as the target's at most


def main(folder: Path, athlete: AthleteParameters, rounds: int) -> None:
    """Store the samples of an athlete by the bare sender and by the target, in turn, each into a new server."""
    messages = folder / "messages.singer"
    with services.sandbox(athlete) as api:
        pipe = Pipe(folder, api.url, f"file://{folder}/lines")
        pipe.record(messages)
    pipe.load(messages)
    files = sorted((folder / "lines").glob("*.s.lp.gz"))
    lines = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines(keepends=True)]
    bodies = [b"".join(lines[start : start + LINES]) for start in range(0, len(lines), LINES)]
    nothing = folder / "nothing.singer"
    nothing.touch()
    sent, loaded, started = [], [], []  # seconds
    for _ in range(rounds):
        with databases.influxdb1() as server:
            sent.append(_send(server.url, bodies))
            _check(server.url, len(lines))
        with databases.influxdb1() as server:
            target = replace(pipe, url=server.url)
            started.append(target.load(nothing).wall)
            loaded.append(target.load(messages).wall)
            _check(server.url, len(lines))
    print(
        f"\n{len(lines):,} points into a new influxd, best of {rounds} rounds\n"
        f"{'':<26}{'wall s':>8}{'points per s':>14}{'ratio':>8}"
    )
    for label, seconds in (
        ("ready lines, only sent", min(sent)),
        ("target", min(loaded)),
        ("target without its start", min(loaded) - min(started)),
    ):
        print(f"{label:<26}{seconds:>8.2f}{len(lines) / seconds:>14,.0f}{min(sent) / seconds:>8.2f}", flush=True)
    goals.note("End to end into influxd 1.x against ready lines", min(sent) / min(loaded), 0.85, at_least=True)


def _send(url: str, bodies: Sequence[bytes]) -> float:
    """Send ready bodies, one after the other as the target does; returns the seconds it took."""
    databases.influxql(url, "CREATE DATABASE bucket WITH SHARD DURATION 52w")
    connection = HTTPConnection(url.removeprefix("http://"))
    start = time.perf_counter()
    for body in bodies:
        connection.request("POST", "/write?db=bucket&precision=s", body)
        with connection.getresponse() as answer:
            if answer.status != 204:
                raise RuntimeError(f"{answer.status}: {answer.read()!r}")
    return time.perf_counter() - start


def _check(url: str, expected: int) -> None:
    """Raise unless the server has that many points."""
    (series,) = databases.influxql(url, "SELECT count(*) FROM activity_streams", "bucket")
    found = max(series["values"][0][1:])
    if found != expected:
        raise RuntimeError(f"{found} points were stored instead of {expected}")
