"""Where the demo writes to: a given InfluxDB, one of its own, or files; each is cleaned up afterwards."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import requests

from demo.points import from_answer, from_lines, lines, measurement_in
from sandbox.databases import influxdb1

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from demo.points import Point

TIMEOUT = 60
NOT_FOUND = 404
MEASUREMENTS = ("wellness", "activities", "activity_streams")


@dataclass(slots=True)
class Arrived:
    """What is stored of one measurement; times in nanoseconds since 1970, wall clock read as UTC."""

    points: int = 0
    series: set[str | bytes] = field(default_factory=set)
    first: int = 2**63
    last: int = -(2**63)

    def add(self, series: str | bytes, moment: int) -> None:
        """Count one point."""
        self.points += 1
        self.series.add(series)
        self.first, self.last = min(self.first, moment), max(self.last, moment)


class Database(Protocol):
    """A place for points."""

    @property
    def name(self) -> str:
        """What it is, for people."""

    @property
    def settings(self) -> dict[str, str]:
        """Environment variables that lead the target there."""

    def arrived(self) -> dict[str, Arrived]:
        """Return what is stored, by measurement."""

    def points(self, measurement: str, ids: Collection[str] = ()) -> list[Point]:
        """Return the points of a measurement by time, of these activities if any are named."""


@contextlib.contextmanager
def choose(folder: Path) -> Iterator[Database]:
    """Yield the InfluxDB of INFLUXDB_URL, else an own one if `influxd` 1.x is installed, else a folder."""
    if url := os.environ.get("INFLUXDB_URL"):
        if url.startswith("file:"):
            yield Files(folder / "line-protocol")
            return
        credentials = ("INFLUXDB_TOKEN", "INFLUXDB_ORG", "INFLUXDB_USERNAME", "INFLUXDB_PASSWORD")
        with _bucket(
            Server(url.rstrip("/"), {name: os.environ[name] for name in credentials if name in os.environ})
        ) as server:
            yield server
    elif (influxd := shutil.which("influxd")) and _is_version_1(influxd):
        with influxdb1(folder=folder) as own, _bucket(Server(own.url, {})) as server:
            yield server
    else:
        yield Files(folder / "line-protocol")


@dataclass(frozen=True, slots=True)
class Server:
    """A bucket of its own (on 1.x: a database) in an InfluxDB."""

    url: str
    credentials: dict[str, str]
    bucket: str = field(default_factory=lambda: f"demo-{secrets.token_hex(4)}")

    @property
    def name(self) -> str:
        """What it is, for people."""
        return f"InfluxDB at {self.url}"

    @property
    def settings(self) -> dict[str, str]:
        """Environment variables that lead the target there."""
        return {"INFLUXDB_URL": self.url, "INFLUXDB_BUCKET": self.bucket, **self.credentials}

    def arrived(self) -> dict[str, Arrived]:
        """Return what is stored, by measurement."""
        result: dict[str, Arrived] = {}
        for measurement in MEASUREMENTS:
            statement = f'SELECT * FROM "{measurement}" GROUP BY *'  # noqa: S608 - our own name
            query = {"db": self.bucket, "q": statement}
            answer = self.request("GET", "/query", params=query, headers={"Accept": "application/csv"})
            answer.raise_for_status()
            for row in csv.reader(io.StringIO(answer.content.decode(), newline="")):
                if row and row[0] == measurement:  # not the header
                    result.setdefault(measurement, Arrived()).add(row[1], int(row[2]))
        return result

    def points(self, measurement: str, ids: Collection[str] = ()) -> list[Point]:
        """Return the points of a measurement by time, of these activities if any are named."""
        chosen = " OR ".join(f"\"activity_id\" = '{name}'" for name in ids)
        statement = f'SELECT * FROM "{measurement}"{" WHERE " if ids else ""}{chosen} GROUP BY *'  # noqa: S608 - our own names
        answer = self.request("GET", "/query", params={"db": self.bucket, "q": statement, "epoch": "s"})
        answer.raise_for_status()
        return from_answer(answer.json())

    def request(self, method: str, path: str, **arguments: object) -> requests.Response:
        """Ask the server, with the credentials."""
        with requests.Session() as session:
            if token := self.credentials.get("INFLUXDB_TOKEN"):
                session.headers["Authorization"] = f"Token {token}"
            elif user := self.credentials.get("INFLUXDB_USERNAME"):
                session.auth = (user, self.credentials.get("INFLUXDB_PASSWORD", ""))
            return session.request(method, self.url + path, timeout=TIMEOUT, **arguments)  # type: ignore[arg-type]  # passed on

    def remove(self) -> None:
        """Remove the bucket; 2.x does it by id, the others by name."""
        version = self.request("GET", "/ping").headers.get("X-Influxdb-Version", "")
        if version.startswith("1."):
            answer = self.request("POST", "/query", params={"q": f'DROP DATABASE "{self.bucket}"'})
        elif version.startswith("3."):
            answer = self.request("DELETE", "/api/v3/configure/database", params={"db": self.bucket})
        else:
            answer = self.request("GET", "/api/v2/buckets", params={"name": self.bucket})
            for bucket in answer.json().get("buckets", []) if answer.ok else []:
                answer = self.request("DELETE", f"/api/v2/buckets/{bucket['id']}")
        if not answer.ok and answer.status_code != NOT_FOUND:
            sys.stderr.write(f"{self.bucket!r} stays in {self.name} ({answer.status_code}): remove it yourself.\n")


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of gzipped line protocol."""

    folder: Path

    @property
    def name(self) -> str:
        """What it is, for people."""
        return "files of line protocol (no InfluxDB found)"

    @property
    def settings(self) -> dict[str, str]:
        """Environment variables that lead the target there."""
        return {"INFLUXDB_URL": self.folder.as_uri()}

    def arrived(self) -> dict[str, Arrived]:
        """Return what is stored, by measurement."""
        result: dict[str, Arrived] = {}
        for series, _, seconds in lines(self.folder):
            result.setdefault(measurement_in(series), Arrived()).add(series, seconds * 10**9)
        return result

    def points(self, measurement: str, ids: Collection[str] = ()) -> list[Point]:
        """Return the points of a measurement by time, of these activities if any are named."""
        return from_lines(lines(self.folder), measurement, ids)


@contextlib.contextmanager
def _bucket(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.remove()


def _is_version_1(influxd: str) -> bool:
    answer = subprocess.run(  # noqa: S603 - found on PATH
        [influxd, "version"], capture_output=True, text=True, check=False
    )
    return "v1." in answer.stdout or " 1." in answer.stdout
